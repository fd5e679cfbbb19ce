"""Names for an element: the selectors a person would write for it, the plainest and most lasting first."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

# What tools put there anew with each build: hashes, numbers, the prefixes of CSS-in-JS libraries.
_MADE = re.compile(
    r"""\d{2}|\d$|^(?:css|sc|jsx|jss|emotion|svelte|styled|data-v|ember|astro)-|^[a-z]{0,2}[A-Z0-9_-]*\d
    |__[\w-]{5,}$(?<=[A-Z0-9])|^[A-Za-z]{1,2}$|^[bcdfghjklmnpqrstvwxz]{5,}$""",
    re.VERBOSE,
)
# What says how a thing looks or that it is open just now, not what it is.
_LOOKS = re.compile(
    r"""^(?:is|has|js|u|no)-|^(?:active|open|hidden|visible|show|clear\w*|container|wrapper|row|inner|outer|left|right|first|last
    |flex|grid|block|inline|relative|absolute|bold|italic|uppercase|underline|text|content|title|link|item)$
    |^-?(?:m|p|mt|mb|ml|mr|mx|my|pt|pb|pl|pr|px|py|w|h|text|bg|font|flex|grid|col|row|gap|order|leading|tracking|max|min
    |border|rounded|d|justify|items|align|space|md|sm|lg|xl)-|[:/\[\]!]""",
    re.VERBOSE,
)
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
_STABLE = ("itemprop", "property", "name", "data-testid", "data-test", "data-qa", "data-component", "rel", "role")
_SECTIONS = ("article", "main", "header", "section")
_TAGS = {"h1": 0, "article": 2, "main": 2, "time": 3, "h2": 4}
"""What it costs to say no more of an element than its name; others say too little alone."""
_TAGS_BELOW = ("h1", "h2", "h3", "a", "b", "strong", "em", "span", "address", "time", "article", "main")
"""Elements whose name is enough below one that has a name of its own."""
_MOST_ABOVE = 6


def names_for(node: LexborNode, *, alone: bool = False) -> list[tuple[str, int]]:
    """(selector, cost) for an element, cheapest first. `alone`: without those that lean on an element above it."""
    own = _own_names(node)
    out = dict(own)
    if not alone:
        tag = node.tag or ""
        if tag in _TAGS:
            out.setdefault(tag, _TAGS[tag])
        below = [*([(tag, 2)] if tag in _TAGS_BELOW else []), *own]
        for distance, above in enumerate(_above(node)):
            over = _own_names(above) + ([(above.tag or "", 2)] if above.tag in _SECTIONS else [])
            for name, cost in over:
                for inner, inner_cost in below:
                    out.setdefault(f"{name} {inner}", 3 + cost + inner_cost + distance)
    return sorted(out.items(), key=lambda one: (one[1], len(one[0])))


def _above(node: LexborNode) -> list[LexborNode]:
    out: list[LexborNode] = []
    above = node.parent
    while above is not None and above.tag not in (None, "body", "html") and len(out) < _MOST_ABOVE:
        out.append(above)
        above = above.parent
    return out


def _own_names(node: LexborNode) -> list[tuple[str, int]]:
    attributes = node.attributes
    tag = node.tag or ""
    out: list[tuple[str, int]] = []
    for key in _STABLE:
        value = attributes.get(key)
        if value and not re.search(r"['\\\s]", value) and not re.search(r"\d{2}", value):
            out.append(
                (f"{tag if tag in ('meta', 'a', 'time') else ''}[{key}='{value}']", 0 if key == "itemprop" else 1)
            )
    identity = attributes.get("id")
    if identity and _lasting(identity):
        out.append((f"#{identity}", 1))
    for name in (attributes.get("class") or "").split():
        if _lasting(name):
            out += [(f".{name}", 1 + bool("-" not in name and "_" not in name)), (f"{tag}.{name}", 2)]
    return out


def _lasting(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _MADE.search(name) and not _LOOKS.search(name)
