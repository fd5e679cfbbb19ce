"""Text that stands on two pages alike was not edited, though a reader of pages took it for the article's only once.

What an extractor takes for the text depends on all that surrounds it: a new advertisement may tip a paragraph in or
out. An edit changes the page.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from operator import itemgetter

from scraper.diff.noise import essential_lines, folded

_MOST_LINES = 400
"""Lines of a text, and a tenth of it of lines that differ, beyond which it counts as edited without a look."""
_TAG = re.compile(r"<(?:!--|([a-z]+)|/[a-z]|[!?])", re.IGNORECASE)
_UNSEEN = frozenset(("head", "script", "style", "svg", "template"))
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


def same_on_both(body_before: str | None, body_after: str | None, page_before: bytes, page_after: bytes) -> bool:
    """True when all that differs between two texts stands as often, and in the same order, on both HTML pages.

    A removed paragraph stands once less on the page after, an edited one not at all: then this is false.
    """
    before, after = list(essential_lines(body_before)), list(essential_lines(body_after))
    different = set((Counter(before) - Counter(after)) + (Counter(after) - Counter(before)))
    if len(before) + len(after) > 2 * _MOST_LINES or len(different) > _MOST_LINES // 10:
        return False
    one, other = _visible(page_before), _visible(page_after)
    common = set(before) & set(after)
    reordered = [line for line in before if line in common] != [line for line in after if line in common]
    places = []
    for line in dict.fromkeys(before + after):
        text = "".join(line.split())
        counts = one.count(text), other.count(text)
        if counts == (1, 1):
            places.append((one.find(text), other.find(text)))
        elif (reordered and line in common) or (line in different and (counts[0] != counts[1] or counts[0] == 0)):
            return False
    return sorted(places, key=itemgetter(1)) == sorted(places)


def _visible(page: bytes) -> str:
    """What a page says, folded, without tags and spaces: they are not to matter."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        text = page.decode(_charset(page), errors="replace")
    return "".join(folded(unescape(" ".join(_between_tags(text)))).split())


def _between_tags(text: str) -> Iterator[str]:
    # No single pattern: a page may open a thousand scripts and end none.
    lowered = text.lower()
    endless = set()
    at = 0
    while match := _TAG.search(text, at):
        yield text[at : match.start()]
        name = (match[1] or "").lower()
        end = "-->" if match[0] == "<!--" else f"</{name}" if name in _UNSEEN else ">"
        found = -1 if end in endless else lowered.find(end, match.end())
        if found < 0:
            endless.add(end)
            end = ">"
            found = text.find(end, match.end())
        if found < 0:
            return
        # The end tag of a script is a tag of its own.
        at = found if end[0] == "<" else found + len(end)
    yield text[at:]


def _charset(page: bytes) -> str:
    match = _CHARSET.search(page[:4096])
    try:
        return codecs.lookup(match[1].decode("ascii") if match else "cp1252").name
    except LookupError:
        return "cp1252"
