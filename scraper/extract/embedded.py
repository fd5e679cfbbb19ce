"""Text that is not in the page's elements but in the data a script would show: `__NEXT_DATA__` and its kin.

Used only when the page itself shows no article. The strings of such data are grouped by their place, list positions
aside; the place that holds the most prose is the article.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from scraper.extract.outline import outline
from scraper.extract.page import Page
from scraper.extract.wording import count_words

_LEAST_SCRIPT = 400
"""Characters; a shorter script holds no article."""
_MOST_VALUES = 200_000
_TEXTS = (str, dict, list)
_NO_TEXT = ("", None)
_ASSIGNED = re.compile(r"(?:=|\()\s*(?=[{\[])")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…。！？؟।][\"'»”’)\]]*(?:\s|$)")


@dataclass(slots=True)
class EmbeddedText:
    """Paragraphs separated by blank lines, and where in the data they stood ("[]" for any place of a list)."""

    text: str
    path: str


@dataclass(slots=True)
class _Place:
    texts: list[str] = field(default_factory=list)
    prose: int = 0
    """Words in sentences."""


def embedded_text(page: Page) -> EmbeddedText | None:
    """The longest prose in the page's data scripts; None when there is none of at least 60 words."""
    places: dict[str, _Place] = {}
    for script in page.sought("script"):
        source = script.text() or ""
        kind = (script.attributes.get("type") or "").lower()
        if len(source) < _LEAST_SCRIPT or kind == "application/ld+json":
            continue
        for document in _documents(source, is_json="json" in kind):
            _collect(document, places)
    best = max(places.items(), key=lambda one: one[1].prose, default=None)
    if best is None or best[1].prose < 60:
        return None
    paragraphs = [paragraph for text in best[1].texts for paragraph in _paragraphs(text)]
    return EmbeddedText("\n\n".join(dict.fromkeys(paragraphs)), best[0])


def _documents(source: str, *, is_json: bool) -> Iterator[Any]:
    """The JSON values in a script: all of it, or what it assigns and passes on."""
    decoder = json.JSONDecoder()
    starts = [0] if is_json else [match.end() for match in _ASSIGNED.finditer(source, 0, 20_000)][:8]
    end = 0
    for start in starts:
        if start < end:
            continue
        try:
            value, end = decoder.raw_decode(source, start + len(source[start:]) - len(source[start:].lstrip()))
        except (ValueError, RecursionError):
            continue
        yield value


def _collect(document: Any, places: dict[str, _Place]) -> None:
    stack: list[tuple[str, Any]] = [("", document)]
    for _ in range(_MOST_VALUES):
        if not stack:
            return
        path, value = stack.pop()
        # Most of such data are numbers and flags; they count as values looked at, but their paths are not written.
        if isinstance(value, dict):
            stack += [
                (f"{path}.{key}" if path else str(key), inner) if isinstance(inner, _TEXTS) else _NO_TEXT
                for key, inner in reversed(value.items())
            ]
        elif isinstance(value, list):
            inside = f"{path}[]"
            stack += [(inside, inner) for inner in reversed(value)]
        elif isinstance(value, str) and len(value) > 1 and len(path) < 300:
            place = places.setdefault(path, _Place())
            place.texts.append(value)
            if (len(value) > 60 and " " in value.strip()) or not value.isascii():
                plain = _TAG.sub(" ", value)
                place.prose += count_words(plain) if _SENTENCE.search(plain) else 0


def _paragraphs(text: str) -> list[str]:
    if "&lt;" in text and "<" not in text:
        text = html.unescape(text)
    if _TAG.search(text):
        blocks = outline(LexborHTMLParser(text).body, None).blocks
        return [block.text for block in blocks if block.kind != "caption" and not block.hidden]
    return [" ".join(line.split()) for line in html.unescape(text).splitlines() if line.strip()]
