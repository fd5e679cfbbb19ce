"""Which addresses a page may take a picture from, the best first.

Pages name several: sizes to choose from, formats, and those that a script puts in place when the reader gets near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

LAZY = tuple(f"data-{name}" for name in "src original lazy-src lazy url image img-url hi-res-src".split())
"""Attributes that scripts of pages read the address from, when the picture comes into sight."""
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
_MOST = 24
"""Addresses looked at for one picture."""
_WIDEST = 1_600
"""Pixels; of larger pictures the smallest is preferred."""
# A candidate of `srcset`: an address, which may hold commas, and descriptors.
_CANDIDATE = re.compile(r"[\s,]*([^\s,](?:[^\s]*[^\s,])?)(,|\s+([^,()]*(?:\([^)]*\)[^,()]*)*)(?:,|\Z)|\Z)")


def candidates(attributes: Mapping[str, str | None], sources: list[str]) -> list[str]:
    """Addresses as the page writes them. `sources` are the sets of the `source` elements of a `picture` around it."""
    found: list[str] = []
    stated = (attributes.get("src") or "").strip()
    lazy = [address for name in LAZY if (address := (attributes.get(name) or "").strip())]
    sets = [text for name in LAZY_SETS if (text := attributes.get(name))]
    # Where there is something to be put in place, what stands there is a small preview, or a grey box written out.
    waits = bool(lazy or sets)
    is_written_out = stated[:5].lower() == "data:"
    if stated and not waits:
        found.append(stated)
    found += lazy
    for text in (*sets, attributes.get("srcset") or "", *sources):
        found += from_set(text)
    if stated and waits and not is_written_out:
        found.append(stated)
    return list(dict.fromkeys(found))[:_MOST]


def from_set(text: str) -> list[str]:
    """The addresses in a `srcset`, the one that suits a usual screen first."""
    named = []
    for address, descriptor in _parts(text[:50_000]):
        width = re.search(r"([\d.]{1,8})([wx])", descriptor)
        size = 0.0
        if width is not None and re.fullmatch(r"\d+(?:\.\d+)?", width[1]):
            size = float(width[1]) * (1 if width[2] == "w" else 800)
        named.append((size > _WIDEST, size if size > _WIDEST else -size, address))
    return [address for _, _, address in sorted(named, key=lambda one: one[:2])]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(_MOST):
        match = _CANDIDATE.match(text, at)
        if match is None:
            return
        yield match[1], match[3] or ""
        at = match.end()
