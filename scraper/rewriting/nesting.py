"""Which open element a parser closes before it takes a start tag (HTML standard, 13.2.6.4.7).

A tree may hold what no markup gives: where text stands in a table but in no cell, parsers put it before the table, and
with it a paragraph into a paragraph. Written down, such a tree would be read as another one.
"""

from __future__ import annotations

from collections.abc import Sequence

_CLOSE_P = frozenset(
    """address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary ul""".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_IMPLIED = frozenset("dd dt li option p rb rp rt rtc".split())
_RUBY = frozenset("rb rp rt rtc".split())
SCOPES = frozenset("button caption marquee table td th".split())
"""What is outside of one of these is not closed by what is inside."""
_NOT_SPECIAL = frozenset(
    """a abbr acronym b bdi bdo big cite code data datalist del dfn em font i ins kbd label map mark meter nobr optgroup
    option output picture progress q rb rp rt rtc ruby s samp slot small span strike strong sub sup time tt u
    var""".split()
)


def closed_by(tag: str, names: Sequence[str], *, quirks: bool) -> int | None:
    """The index in `names` (open elements, the outermost first; "" for what is not written) of the one that is closed.

    Everything inside it is closed with it. None when the start tag closes nothing.
    """
    last = next((at for at in range(len(names) - 1, -1, -1) if names[at]), None)
    if last is None:
        return None
    if tag in _HEADINGS and names[last] in _HEADINGS:
        return last
    if tag in ("option", "optgroup") and names[last] == "option":
        return last
    if (tag in ("option", "optgroup", "hr") and "select" in names) or (tag in _RUBY and "ruby" in names):
        implied = _implied(names)
        if implied is not None:
            return implied
    if tag in ("li", "dd", "dt"):
        item = _item(("li",) if tag == "li" else ("dd", "dt"), names)
        if item is not None:
            return item
    if tag == "button":
        return _in_scope("button", names, SCOPES - {"button"})
    if tag in _CLOSE_P or (tag == "table" and not quirks):
        return _in_scope("p", names, SCOPES)
    return None


def _implied(names: Sequence[str]) -> int | None:
    """Where the innermost elements begin whose end tags may be left out."""
    found = None
    for at in range(len(names) - 1, -1, -1):
        if names[at] in _IMPLIED:
            found = at
        elif names[at]:
            break
    return found


def _item(tags: tuple[str, ...], names: Sequence[str]) -> int | None:
    for at in range(len(names) - 1, -1, -1):
        name = names[at]
        if name in tags:
            return at
        if name and "-" not in name and name not in _NOT_SPECIAL and name not in ("address", "div", "p"):
            return None
    return None


def _in_scope(tag: str, names: Sequence[str], scopes: frozenset[str]) -> int | None:
    for at in range(len(names) - 1, -1, -1):
        if names[at] == tag:
            return at
        if names[at] in scopes:
            return None
    return None
