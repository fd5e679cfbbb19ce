"""A page to change, two versions of it, and what both edits and noise are made with.

What is edited is taken from what a careful reader says the article is, not from what the extractor finds.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


class Pair(NamedTuple):
    """The page before and after."""

    before: str
    after: str
    at: str = ""
    """What of the page before was edited, or stands beside it: who does not read that cannot see the edit."""


Change = Callable[["Page"], Pair | None]


@dataclass(frozen=True)
class Page:
    """A page, what is known about it, and chances that repeat."""

    url: str
    html: str
    headline: str
    authors: tuple[str, ...]
    date: str | None
    body: str
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    @cached_property
    def paragraphs(self) -> list[str]:
        """Those of the text that are prose."""
        return [part.strip() for part in re.split(r"\n+", self.body) if len(part.split()) >= 12 or len(part) > 60]

    @cached_property
    def language(self) -> str:
        match = re.search(r"<html[^>]*\blang=[\"']?([a-zA-Z]{2})", self.html)
        return match[1].lower() if match else "en"

    @cached_property
    def elements(self) -> list[re.Match[str]]:
        """The <p> elements that hold a paragraph of the text, in order."""
        texts = {key(part)[:40] for part in self.paragraphs if len(key(part)) >= 40}
        found = re.finditer(r"<p(?:\s[^>]*)?>(?P<inner>.*?)</p>", self.html, re.DOTALL | re.IGNORECASE)
        return [match for match in found if key(text_of(match["inner"]))[:40] in texts]

    def words(self, least: int = 5) -> list[str]:
        return [word for word in re.findall(r"[^\W\d_]+", self.body) if len(word) >= least] or ["another"]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def key(text: str) -> str:
    """Letters and digits alone, case aside."""
    return "".join(character for character in text.casefold() if character.isalnum())


def swap(page: Page, old: str, new: str) -> str | None:
    """The page with `old` replaced wherever it stands, also where it is escaped; None where it does not."""
    forms = {old: new, html.escape(old): html.escape(new), json.dumps(old)[1:-1]: json.dumps(new)[1:-1]}
    forms |= {html.escape(old, quote=False): html.escape(new, quote=False)}
    text = page.html
    for form, other in sorted(forms.items(), key=lambda item: -len(item[0])):
        text = text.replace(form, other)
    return None if text == page.html else text


def edited(page: Page, old: str, new: str) -> Pair | None:
    changed = swap(page, old, new) if old and old != new else None
    return Pair(page.html, changed, old) if changed else None


def chunks(page: Page, pattern: str) -> Iterable[re.Match[str]]:
    """Places in the paragraphs, in a repeatable disorder, whose text stands in the page as it is."""
    found = [match for part in page.paragraphs for match in re.finditer(pattern, part)]
    page.chance.shuffle(found)
    visible = "\0".join(element["inner"] for element in page.elements)
    return (match for match in found if match[0] in visible)


def _inserted(page: Page, markup: str, *, after: int) -> str | None:
    """The page with `markup` behind the paragraph of this number."""
    if not page.elements:
        return None
    end = page.elements[after].end()
    return page.html[:end] + markup + page.html[end:]


def in_text(page: Page, *markups: str, after: int = -1) -> Pair | None:
    versions = [_inserted(page, markup, after=after) for markup in markups]
    if versions[0] is None:
        return None
    at = text_of(page.elements[after]["inner"])
    return Pair(page.html if len(versions) == 1 else versions[0], versions[-1] or "", at)


def beside_headline(page: Page, *markups: str) -> Pair | None:
    match = re.search(r"</h1>", page.html, re.IGNORECASE)
    if match is None:
        return None
    versions = [page.html[: match.end()] + markup + page.html[match.end() :] for markup in markups]
    return Pair(page.html if len(versions) == 1 else versions[0], versions[-1])
