"""Site files as TOML text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

Rule = dict[str, str | bool | list[str]]
"""A field's rule as its TOML table has it: css, attr, many …"""


@dataclass(slots=True)
class Draft:
    """A site file with one layout, as it will be written."""

    name: str
    hosts: list[str]
    language: str | None = None
    remarks: list[str] = field(default_factory=list)
    """Lines of comment at the top."""
    layout: dict[str, list[str]] = field(default_factory=dict)
    """Keys of the layout itself: next_page, single_page."""
    fields: dict[str, list[Rule]] = field(default_factory=dict)

    def as_toml(self) -> str:
        lines = [f"# {' '.join(remark.split())}" for remark in self.remarks]
        lines += [f"name = {_value(self.name)}", f"hosts = {_value(self.hosts)}"]
        if self.language:
            lines.append(f"language = {_value(self.language)}")
        lines += ["", "[[layout]]"]
        lines += [f"{key} = {_value(value)}" for key, value in self.layout.items()]
        for name, rules in self.fields.items():
            header = f"[layout.fields.{name}]" if len(rules) == 1 else f"[[layout.fields.{name}]]"
            for rule in rules:
                lines += ["", header, *(f"{key} = {_value(value)}" for key, value in rule.items())]
        return "\n".join(lines) + "\n"


def _value(value: str | bool | list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if len(value) == 1:
        return f"[{_value(value[0])}]"
    written = [_value(one) for one in value]
    line = f"[{', '.join(written)}]"
    return line if len(line) <= 100 else "[\n" + "".join(f"  {one},\n" for one in written) + "]"
