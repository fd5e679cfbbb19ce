"""Paths into the JSON that pages carry in scripts: JSON-LD, `__NEXT_DATA__` and their kin.

author.name              the name of the author, or of each author of a list
images[0].url            the first item; [-1] the last, [*] every one
["article body"]         a name that is no plain word
..byline                 `byline` at any depth
@graph[@type=Person]     the objects of a list whose value under a name is this
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from scraper.extract.page import Page

JSON_SCRIPTS = 'script[type*="json" i]'
_STEP = re.compile(
    r"""(?P<deep>\.\.)(?P<anywhere>[\w@$:-]+)
    | \.?(?P<name>[\w@$:-]+)
    | \[\s*(?P<index>-?\d+)\s*\]
    | \[\s*(?P<every>\*)\s*\]
    | \[\s*"(?P<quoted>[^"]+)"\s*\]
    | \[\s*(?P<key>[\w@$:-]+)\s*=\s*(?P<value>[^\]]+?)\s*\]""",
    re.VERBOSE,
)
# `window.__STATE__ = {…};` and `JSON.parse`-free kin: a script that begins by giving a name an object.
_ASSIGNMENT = re.compile(r"\s*(?:(?:var|let|const)\s+)?[\w.$\[\]\"']+\s*=\s*(?=[{\[])")
_MOST_NODES = 50_000
"""Values looked at for one path on one page."""

Kind = Literal["name", "anywhere", "index", "every", "where"]


@dataclass(frozen=True, slots=True)
class _Step:
    kind: Kind
    key: str = ""
    index: int = 0
    value: str = ""

    def of(self, item: Any) -> Iterator[Any]:
        match self.kind:
            case "name":
                # JSON-LD writes one of a thing as an object and several as a list; a name is asked of each.
                for one in item if isinstance(item, list) else (item,):
                    if isinstance(one, dict) and self.key in one:
                        yield one[self.key]
            case "anywhere":
                yield from (one[self.key] for one in _objects(item) if self.key in one)
            case "index":
                if isinstance(item, list) and -len(item) <= self.index < len(item):
                    yield item[self.index]
            case "every":
                if isinstance(item, list | dict):
                    yield from item if isinstance(item, list) else item.values()
            case "where":
                for one in item if isinstance(item, list) else (item,):
                    if isinstance(one, dict) and self.value in _texts(one.get(self.key)):
                        yield one


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path; `text` as it was written."""

    text: str
    steps: tuple[_Step, ...]

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """Raises ValueError, saying where the path cannot be understood."""
        steps: list[_Step] = []
        at = 0
        while at < len(text):
            match = _STEP.match(text, at)
            if match is None or (at == 0 and text.startswith(".") and not match["deep"]):
                raise ValueError(f"cannot be understood from {text[at:]!r} on")
            steps.append(_step(match))
            at = match.end()
        if not steps:
            raise ValueError("is empty")
        return cls(text, tuple(steps))

    def find(self, document: Any) -> list[Any]:
        """What the path leads to, in document order, lists spread out."""
        items = [document]
        for step in self.steps:
            items = [found for item in items for found in step.of(item)][:_MOST_NODES]
        return [one for item in items for one in (item if isinstance(item, list) else [item])]


def _step(match: re.Match[str]) -> _Step:
    if match["anywhere"]:
        return _Step("anywhere", match["anywhere"])
    if match["index"]:
        return _Step("index", index=int(match["index"]))
    if match["every"]:
        return _Step("every")
    if match["key"]:
        return _Step("where", match["key"], value=match["value"].strip("'\""))
    return _Step("name", match["name"] or match["quoted"])


def _objects(item: Any) -> Iterator[dict[str, Any]]:
    """Every object in `item`, outer before inner."""
    stack, seen = [item], 0
    while stack and seen < _MOST_NODES:
        one = stack.pop()
        seen += 1
        if isinstance(one, dict):
            yield one
            stack.extend(reversed(one.values()))
        elif isinstance(one, list):
            stack.extend(reversed(one))


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def documents(page: Page, script: str | None) -> list[Any]:
    """The JSON in the scripts that `script` selects (None: those whose type says JSON); broken ones are left out."""
    found = (_load(node.text() or "", assigned=script is not None) for node in page.tree.css(script or JSON_SCRIPTS))
    return [document for document in found if document is not None]


def _load(text: str, *, assigned: bool) -> Any:
    start = _ASSIGNMENT.match(text) if assigned else None
    decoder = json.JSONDecoder(strict=False)
    try:
        return decoder.raw_decode(text, start.end())[0] if start else json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
