"""The forms of a page: their fields, what these hold, and what filling them in sends.

Only the tags that forms are made of are read. Python's html.parser would take minutes for half a megabyte of unclosed
comments or tags; what stands here takes time in proportion to the page, whatever it holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from scraper.capture import Capture
from scraper.urls import resolve

_TAG = re.compile(
    r"<(?:(?P<comment>!--)"
    r"|(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9-]*)(?P<attributes>(?:[\s/](?:=\s*\"[^\"]*\"|=\s*'[^']*'|[^<>])*+)?)>)"
)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?")
# Inside these, what looks like a tag is none.
_RAW = frozenset({"script", "style", "textarea", "title", "iframe", "noframes", "noembed", "xmp"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# They are sent when they are pressed, or cannot be filled in.
_SILENT = frozenset({"button", "reset", "file", "image"})


@dataclass(slots=True)
class Control:
    """A field of a form."""

    name: str
    kind: str
    """The type of an input, in lower case; `select`, `textarea`; `submit` also for buttons."""
    value: str | None
    """What is sent when nobody touches it; None for nothing, as for a box that is not ticked."""


@dataclass(slots=True)
class Form:
    action: str = ""
    """As written; empty for the page itself."""
    controls: list[Control] = field(default_factory=list)

    def has(self, names: Mapping[str, str]) -> bool:
        return names.keys() <= {control.name for control in self.controls}

    def filled_in(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is sent with `values` in the fields of these names: they, and the defaults of all others."""
        left = dict(values)
        pairs: list[tuple[str, str]] = []
        pressed = False
        for control in self.controls:
            if control.name in values:
                if control.name in left:
                    pairs.append((control.name, left.pop(control.name)))
            elif control.kind == "submit":
                # As when one presses Enter: the first button counts, and no other.
                if not pressed and control.name:
                    pairs.append((control.name, control.value or ""))
                pressed = True
            elif control.value is not None and control.name:
                pairs.append((control.name, control.value))
        return pairs


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a page. `all` begins with what stands in no form, as if it were one."""

    base: str
    """What an action is relative to."""
    all: list[Form]

    @classmethod
    def of(cls, page: Capture) -> Self:
        said = _CHARSET.search(page.content_type or "")
        try:
            text = (page.body or b"").decode(said[1] if said else "utf-8", errors="replace")
        except LookupError:
            text = (page.body or b"").decode("utf-8", errors="replace")
        reader = _Reader()
        for name, is_end, attributes, content in _tags(text):
            reader.read(name, is_end, attributes, content)
        base = resolve(reader.base, page.final_url) if reader.base else None
        return cls(base or page.final_url, reader.forms)

    def with_fields(self, names: Mapping[str, str]) -> Form | None:
        """The form that has all these fields. Of several, that which asks for the fewest other passwords: forms to
        register, or to change a password, ask for it twice."""
        found = [form for form in self.all[1:] if form.has(names)]
        return min(found, key=lambda form: sum(control.kind == "password" for control in form.controls), default=None)


class _Reader:
    """Puts tags together to forms."""

    def __init__(self) -> None:
        self.base = ""
        self.forms = [Form()]
        self._open: Form = self.forms[0]
        self._by_id: dict[str, Form] = {}
        self._select: Control | None = None
        self._has_option = False

    def read(self, name: str, is_end: bool, attributes: dict[str, str], content: str) -> None:
        if name == "form":
            self._form(is_end, attributes)
        elif name == "select":
            self._select = None if is_end else self._add(attributes, "select", None)
            self._has_option = False
        elif is_end:
            return
        elif name == "base":
            self.base = self.base or attributes.get("href", "")
        elif name == "option":
            self._option(attributes, content)
        elif name == "textarea":
            self._add(attributes, "textarea", content.removeprefix("\n"))
        elif name == "button":
            kind = attributes.get("type", "submit").lower()
            if kind not in _SILENT:
                self._add(attributes, "submit", attributes.get("value", ""))
        elif name == "input":
            self._input(attributes)

    def _form(self, is_end: bool, attributes: dict[str, str]) -> None:
        if is_end:
            self._open = self.forms[0]
        elif self._open is self.forms[0]:  # a form cannot stand in another one
            self._open = Form(attributes.get("action", "").strip())
            self.forms.append(self._open)
            if attributes.get("id"):
                self._by_id.setdefault(attributes["id"], self._open)

    def _add(self, attributes: dict[str, str], kind: str, value: str | None) -> Control | None:
        if "disabled" in attributes:
            return None
        form = self._by_id.get(attributes["form"], self.forms[0]) if "form" in attributes else self._open
        control = Control(attributes.get("name", ""), kind, value)
        form.controls.append(control)
        return control

    def _input(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "text").strip().lower()
        if kind in ("checkbox", "radio"):
            self._add(attributes, kind, attributes.get("value", "on") if "checked" in attributes else None)
        elif kind not in _SILENT:
            self._add(attributes, kind, attributes.get("value", ""))

    def _option(self, attributes: dict[str, str], content: str) -> None:
        if self._select is not None and ("selected" in attributes or not self._has_option):
            self._has_option = True
            self._select.value = attributes.get("value", content.strip())


def _tags(text: str) -> Iterator[tuple[str, bool, dict[str, str], str]]:
    """Each tag: its name, whether it ends an element, its attributes, and the text up to the next tag."""
    position = 0
    while (match := _TAG.search(text, position)) is not None:
        position = match.end()
        if match["comment"]:
            end = text.find("-->", match.start() + 2)
            if end < 0:
                return
            position = end + 3
            continue
        name = match["name"].lower()
        end = text.find("<", position)
        if name in _RAW and not match["end"]:
            closing = re.compile(rf"</{name}(?![a-zA-Z0-9-])", re.IGNORECASE).search(text, position)
            if closing is None:
                return
            end = closing.start()
        content = html.unescape(text[position : end if end >= 0 else None]) if name in ("option", "textarea") else ""
        if name in _RAW and not match["end"]:
            position = end
        yield name, bool(match["end"]), _attributes(match["attributes"]), content


def _attributes(text: str) -> dict[str, str]:
    """The first of each name counts, as in browsers; one without a value is empty."""
    found: dict[str, str] = {}
    for name, *quoted in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), html.unescape("".join(quoted)))
    return found
