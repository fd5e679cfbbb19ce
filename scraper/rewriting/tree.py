"""The parsed page as it is walked here, and the lists of what may be written of it.

A page is parsed by `scraper.extract`, by the rules that browsers follow; what is used of its tree is named below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any, Protocol


class Node(Protocol):
    """An element, or a text (`tag` is `-text`)."""

    @property
    def tag(self) -> str | None: ...
    @property
    def child(self) -> Node | None: ...
    @property
    def next(self) -> Node | None: ...
    @property
    def attributes(self) -> Mapping[str, str | None]: ...
    @property
    def text_content(self) -> str | None: ...
    @property
    def mem_id(self) -> int: ...


@cache
def words(*keys: str) -> frozenset[str]:
    """A list of `markup.toml`; empty for one that is not there."""
    found: Any = _lists()
    for key in keys:
        found = found.get(key, {})
    return frozenset(found.split()) if isinstance(found, str) else frozenset()


def text_of(node: Node) -> str:
    """All text in an element."""
    out: list[str] = []
    above: list[Node] = []
    inner = node.child
    while True:
        if inner is None:
            if not above:
                return "".join(out)
            inner = above.pop().next
        elif inner.tag == "-text":
            out.append(inner.text_content or "")
            inner = inner.next
        elif inner.child is not None:
            above.append(inner)
            inner = inner.child
        else:
            inner = inner.next


def written_attributes(attributes: Mapping[str, str]) -> str:
    """Attributes as they stand in a start tag, by name, with the space before them."""
    return "".join(f' {name}="{escape(value)}"' for name, value in sorted(attributes.items()))


@cache
def _lists() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("markup.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))
