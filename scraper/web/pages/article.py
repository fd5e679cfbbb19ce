"""An article: its text, where each field came from, what became of its headline, and how to cite it."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import LINK_KINDS, Article, Link, LinkKind, Provenance
from scraper.export.body import Block, blocks_of
from scraper.store import Archive, StoredPage
from scraper.store.browsing import TextSeen
from scraper.web.pages.citing import Citations, citations
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

_LINKS = 300
"""Links that are listed, of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShown:
    link: Link
    page_id: int | None
    """The article of this archive that it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineSeen:
    """A headline, and the first text that had it."""

    headline: str | None
    text: TextSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleShown:
    article: Article
    page: StoredPage
    blocks: tuple[Block, ...]
    texts: tuple[TextSeen, ...]
    """Those that stand, in the order of time."""
    newest: int
    """The revision that is shown when none is named."""
    previous: int | None
    following: int | None
    """The revisions before and after the one that is shown."""
    headlines: tuple[HeadlineSeen, ...]
    sources: tuple[tuple[str, Provenance], ...]
    links: dict[LinkKind, tuple[LinkShown, ...]]
    more_links: dict[LinkKind, int]
    citations: Citations


def read_article(archive: Archive, visit: Visit) -> ArticleShown:
    """One revision of a page, the newest where the visit names none. Raises NotInArchive, and UsageError."""
    page_id = int(visit.parts["id"])
    named = visit.number("revision")
    browsing = archive.browsing()
    about = archive.page(page_id)
    # The newest also says why there is none to read.
    newest = archive.article(page_id)
    article = newest if named in (None, newest.revision) else browsing.article(page_id, named or 1)
    texts = tuple(text for text in browsing.texts(page_id) if not text.superseded)
    numbers = [text.number for text in texts]
    at = numbers.index(article.revision) if article.revision in numbers else None
    by_kind = {kind: [link for link in article.links if link.kind == kind] for kind in LINK_KINDS}
    shown = {kind: links[:_LINKS] for kind, links in by_kind.items()}
    known = browsing.known([link.url for links in shown.values() for link in links])
    return ArticleShown(
        article=article,
        page=about,
        blocks=blocks_of(article),
        texts=texts,
        newest=newest.revision or 1,
        previous=numbers[at - 1] if at else None,
        following=numbers[at + 1] if at is not None and at + 1 < len(numbers) else None,
        headlines=tuple(_headlines(texts)),
        sources=tuple(article.provenance.items()),
        links={
            kind: tuple(LinkShown(link=link, page_id=known.get(link.url)) for link in links)
            for kind, links in shown.items()
        },
        more_links={kind: len(by_kind[kind]) - len(shown[kind]) for kind in LINK_KINDS},
        citations=citations(article, archive, of_revision=named is not None),
    )


def _headlines(texts: tuple[TextSeen, ...]) -> list[HeadlineSeen]:
    seen: list[HeadlineSeen] = []
    for text in texts:
        if not seen or seen[-1].headline != text.headline:
            seen.append(HeadlineSeen(headline=text.headline, text=text))
    return seen


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("article.html", visit, shown=read_article(archive, visit))


ROUTES = (Route(r"/article/(?P<id>\d{1,15})", _show),)
