"""One article out of the pages that it was split over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scraper.article import READABLE, Article, Link
from scraper.extract.wording import count_words

_REPEATED = 40
"""Characters of a paragraph from which it is one that a later page repeats, not a line that occurs twice."""


def joined(pages: Sequence[Article]) -> Article:
    """The article that begins on the first of `pages`, with the text of all of them in their order.

    What is known of it is what the first page says. Pages without a readable text add nothing.
    """
    first, *others = pages
    further = [page for page in others if page.verdict in READABLE and page.body]
    if first.verdict not in READABLE or not further:
        return first
    seen = {first.headline, first.lead, *_paragraphs(first.body)}
    text = [first.body or ""]
    for page in further:
        new = [part for part in _paragraphs(page.body) if not (part in seen and _is_repeated(part, first))]
        seen.update(new)
        text += new
    body = "\n\n".join(part for part in text if part)
    provenance = dict(first.provenance)
    if (origin := provenance.get("body")) is not None:
        provenance["body"] = replace(origin, reason=f"the article is on {1 + len(further)} pages")
    return replace(
        first,
        body=body,
        body_html="\n".join(page.body_html for page in (first, *further) if page.body_html) or None,
        links=_links((first, *further)),
        word_count=count_words(body),
        verdict="paywall" if any(page.verdict == "paywall" for page in further) else first.verdict,
        provenance=provenance,
    )


def _paragraphs(body: str | None) -> list[str]:
    return (body or "").split("\n\n")


def _is_repeated(paragraph: str, first: Article) -> bool:
    return len(paragraph) >= _REPEATED or paragraph in (first.headline, first.lead)


def _links(pages: Sequence[Article]) -> tuple[Link, ...]:
    """Each address once: inline where it is that on any page."""
    kinds = {"inline": 0, "related": 1, "popular": 2}
    found: dict[str, Link] = {}
    for link in (link for page in pages for link in page.links):
        if link.url not in found or kinds[link.kind] < kinds[found[link.url].kind]:
            found[link.url] = link
    return tuple(found.values())
