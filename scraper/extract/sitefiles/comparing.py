"""What a site file changes: an article read with it, and the same one read without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.article import Article
from scraper.extract.wording import folded, similarity

FIELDS = (
    "headline",
    "authors",
    "published_at",
    "modified_at",
    "lead",
    "body",
    "section",
    "tags",
    "image",
    "related",
    "popular",
)
_SAME_BODY = 0.995
"""Word F1 from which two texts count as the same: a stray word is no difference that a reader would notice."""


def value_of(article: Article, field: str) -> Any:
    """A field of FIELDS: `related` and `popular` are the addresses of such links."""
    if field in ("related", "popular"):
        return tuple(link.url for link in article.links if link.kind == field)
    return getattr(article, field)


def alike(field: str, one: Any, other: Any) -> bool:
    """Whether two values say the same: case and punctuation, and the order of names, make no difference."""
    if not one or not other:
        return not one and not other
    if field == "body":
        return similarity(one, other) >= _SAME_BODY
    if field.endswith("_at"):
        return bool(one == other)
    if isinstance(one, tuple | list):
        return {folded(v) for v in one} == {folded(v) for v in other}
    return folded(one) == folded(other)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field of one fixture."""

    field: str
    state: str
    """`right` with and without the file; `mended` by it; `broken` by it; `wrong` either way; `unjudged` but changed."""
    generic: Any
    with_file: Any
    expected: Any = None

    @property
    def failed(self) -> bool:
        return self.state in ("broken", "wrong")


def outcomes(expected: Mapping[str, Any], generic: Article, with_file: Article) -> Iterator[Outcome]:
    """A row a field that is judged, or that the file changes. `expected` is a fixture's expected.json."""
    wanted = {**expected, **expected.get("links", {})}
    for field in FIELDS:
        without, using = value_of(generic, field), value_of(with_file, field)
        if field not in wanted:
            if not alike(field, without, using):
                yield Outcome(field, "unjudged", without, using)
            continue
        right = _is(field, using, wanted[field])
        was_right = _is(field, without, wanted[field])
        state = "right" if right and was_right else "mended" if right else "broken" if was_right else "wrong"
        yield Outcome(field, state, without, using, wanted[field])


def _is(field: str, found: Any, wanted: Any) -> bool:
    """Whether a value is exactly what a fixture says, white space and the order of links aside."""
    if field in ("related", "popular"):
        return set(found) == set(wanted)
    if isinstance(found, str) and isinstance(wanted, str):
        return [p.split() for p in found.split("\n\n")] == [p.split() for p in wanted.split("\n\n")]
    return bool((list(found) if isinstance(found, tuple) else found) == wanted)
