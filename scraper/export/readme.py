"""The README of a folder that an export makes: what it holds and what its fields mean."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.export.about import About
from scraper.export.atomic import MARK
from scraper.export.fields import Field


def readme(about: About, *, count: int, contents: str, fields: Sequence[Field], what: str = "articles") -> str:
    """Markdown. `contents` says which files there are."""
    lines = [
        MARK,
        "",
        "# News articles, exported",
        "",
        f"- {count} {what}: {_cell(about.selection.in_words())}",
        f"- from the archive `{about.archive.replace('`', '')}`",
        f"- by {about.program}, {about.made_at_text}",
        "",
        contents,
        "",
        "The texts are their publishers'. What a field holds is what the page said when it was captured;",
        "an empty field is one that the page did not give.",
        "",
    ]
    if fields:
        lines += ["| field | type | unit | meaning |", "| --- | --- | --- | --- |"]
        lines += [f"| `{one.name}` | {one.kind} | {one.unit} | {_cell(one.description)} |" for one in fields]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<").replace("\n", " ")
