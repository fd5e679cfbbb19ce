"""Blocks as plain text and as clean HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby

from scraper.extract.outline import Block, Mark, Run

_SPACE = re.compile(r"\s+")


def as_text(blocks: Iterable[Block]) -> str:
    """Paragraphs separated by a blank line, in reading order; the cells of a table's row share a line."""
    parts: list[str] = []
    row: int | None = None
    for block in blocks:
        if block.kind == "cell" and row is not None and row == block.row:
            parts[-1] += " | " + block.text
        else:
            parts.append(_preformatted(block) if block.kind == "preformatted" else block.text)
        row = block.row if block.kind == "cell" else None
    return "\n\n".join(part for part in parts if part)


def _preformatted(block: Block) -> str:
    return "".join(run.text for run in block.runs).strip("\n").rstrip()


def text_as_html(text: str) -> str:
    """Plain paragraphs as HTML."""
    return "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n") if part.strip())


def as_html(blocks: Iterable[Block]) -> str:
    """The same content as HTML made only of text and a fixed set of elements: nothing of the page's markup is copied.

    Links keep their absolute http(s) address; there is no other attribute.
    """
    out: list[str] = []
    for (kind, row), group in groupby(blocks, key=lambda b: (b.kind, b.row if b.kind == "cell" else None)):
        members = list(group)
        if kind == "heading":
            out += [f"<h{max(2, b.level)}>{_inline(b.runs)}</h{max(2, b.level)}>" for b in members]
        elif kind == "item":
            out.append("<ul>" + "".join(f"<li>{_inline(b.runs)}</li>" for b in members) + "</ul>")
        elif kind == "quote":
            out.append("<blockquote>" + "".join(f"<p>{_inline(b.runs)}</p>" for b in members) + "</blockquote>")
        elif kind == "preformatted":
            out += [f"<pre>{escape(_preformatted(b), quote=False)}</pre>" for b in members]
        elif kind == "cell" and row is not None:
            out.append("<tr>" + "".join(f"<td>{_inline(b.runs)}</td>" for b in members) + "</tr>")
        else:
            out += [f"<p>{_inline(b.runs)}</p>" for b in members]
    return _tables("\n".join(out))


def _tables(markup: str) -> str:
    return re.sub(r"(?:<tr>.*</tr>\n?)+", lambda m: f"<table>{m.group().strip()}</table>\n", markup).strip()


def _inline(runs: list[Run]) -> str:
    """The runs with their marks opened and closed as they change; white space folded as in the plain text."""
    text: list[str] = []
    open_marks: list[Mark] = []
    ended_in_space = True
    for run in runs:
        folded = _SPACE.sub(" ", run.text)
        if ended_in_space:
            folded = folded.lstrip(" ")
        if not folded:
            continue
        ended_in_space = folded.endswith(" ")
        same = 0
        while same < min(len(open_marks), len(run.marks)) and open_marks[same] == run.marks[same]:
            same += 1
        text += [_close(mark) for mark in reversed(open_marks[same:])]
        text += [_open(mark) for mark in run.marks[same:]]
        open_marks = list(run.marks)
        text.append(escape(folded, quote=False))
    text += [_close(mark) for mark in reversed(open_marks)]
    return "".join(text).strip()


def _open(mark: Mark) -> str:
    name, value = mark
    return f'<a href="{escape(value)}">' if name == "a" else f"<{name}>"


def _close(mark: Mark) -> str:
    return f"</{mark[0]}>"
