"""Drawings in the page (SVG): shapes, gradients and letters, and nothing that HTML can stand in.

Where a browser reads SVG within HTML, other rules of parsing hold until an element comes that holds HTML again. None of
those is written, so whatever the text of the drawing looks like, it stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from scraper.rewriting.tree import Node, words, written_attributes

_MOST_ELEMENTS = 4_000
_LONGEST_VALUE = 200_000
# Numbers, names and functions of them; of addresses only those of a part of the page.
_VALUE = re.compile(r"[\w\s#%.,+()-]*\Z", re.A)
_CALL = re.compile(r"([\w-]*)\s*\((#[\w-]{1,200}\))?", re.A)
_FUNCTIONS = frozenset("translate scale rotate matrix skewx skewy rgb rgba hsl hsla calc var".split())
_PART = re.compile(r"#[\w.:-]{1,200}\Z", re.A)


def drawing(root: Node, style: Callable[[str], str]) -> str:
    """The `svg` element `root` as markup. `style` rewrites a style attribute."""
    elements = words("vector", "elements")
    out: list[str] = []
    ends: list[tuple[Node, str]] = []
    node: Node | None = root
    left = _MOST_ELEMENTS
    while True:
        if node is None:
            if not ends:
                return "".join(out)
            node, end = ends.pop()
            out.append(end)
        elif node.tag == "-text":
            if any(owner.tag in ("text", "tspan") for owner, _ in ends[-1:]):
                out.append(escape(node.text_content or "", quote=False))
        elif (name := (node.tag or "").lower()) in elements and (name != "svg" or node is root) and left > 0:
            left -= 1
            out.append(f"<{name}{_attributes(node, name, style)}>")
            ends.append((node, f"</{name}>"))
            node = node.child
            continue
        if node is root:
            return "".join(out)
        node = node.next


def _attributes(node: Node, name: str, style: Callable[[str], str]) -> str:
    known = words("vector", "attributes")
    kept: dict[str, str] = {}
    for written, given in node.attributes.items():
        key, value = written.lower(), given or ""
        if len(value) > _LONGEST_VALUE:
            continue
        if key == "style":
            kept["style"] = style(value)
        elif key in ("href", "xlink:href") and name != "svg":
            if _PART.match(value.strip()):
                kept["href"] = value.strip()
        elif key in ("class", "id", "aria-label") or (key in known and _is_harmless(value)):
            kept[key] = value
    return written_attributes(kept)


def _is_harmless(value: str) -> bool:
    if "(" not in value:
        return _VALUE.match(value) is not None
    if _VALUE.match(value) is None:
        return False
    return all(
        call[1].lower() in _FUNCTIONS or (call[1].lower() == "url" and call[2]) for call in _CALL.finditer(value)
    )
