"""Sitemaps: lists of pages and lists of such lists, in XML or plain text, packed or not, with the dates of news."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from scraper.crawl.discovery.addresses import is_absolute, language_tag, usable_url
from scraper.crawl.discovery.bodies import read_body
from scraper.crawl.discovery.found import FoundLink, FoundLinks, Sitemap, SitemapKind
from scraper.crawl.discovery.markup import Element, Markup, Vocabulary
from scraper.crawl.discovery.moments import Moments
from scraper.crawl.discovery.refusals import kind_of_root, refusal
from scraper.crawl.discovery.titles import plain_title
from scraper.errors import NotASitemap

VOCABULARY = Vocabulary(
    records=frozenset(("url", "sitemap")),
    fields=frozenset(("loc", "lastmod", "news:news", "news", "xhtml:link")),
    leaves=frozenset(("loc", "lastmod", "changefreq", "priority")),
    lone=frozenset(("loc",)),
)
_MOST_READ = 500_000
"""Entries of one sitemap; the protocol allows 50,000."""
_MOST_CHILDREN = 50_000
_ENOUGH_ADDRESSES = 0.5
"""Share of a text's lines that must be addresses for it to be a list of them."""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def read_sitemap(
    body: bytes,
    *,
    url: str,
    content_type: str | None,
    now: datetime,
    since: datetime | None = None,
    most: int = 50_000,
) -> Sitemap:
    """Read a sitemap that was fetched from `url` at `now` (aware).

    Pages whose later date is before `since` are left out; those without a date are not. Of more than `most` pages, the
    newest are kept. Nothing is fetched. Raises NotASitemap, which says what it is instead.
    """
    source = read_body(body, content_type)
    listing = _Listing(url, now, since, most, source.notes)
    if source.form == "text":
        return _read_text(source.text, listing)
    if source.form != "markup":
        raise refusal(NotASitemap, url, source.form)
    markup = Markup(source.text)
    root = markup.root()
    kind = kind_of_root(root)
    if kind != "sitemap":
        raise refusal(NotASitemap, url, kind, detail=f"<{root[:40]}>" if kind == "xml" and root else "")
    with closing(markup.records(VOCABULARY, url)) as records:
        for record in islice(records, _MOST_READ):
            listing.add(record, is_index=record.name == "sitemap" or (record.name == "loc" and root == "sitemapindex"))
        if next(records, None) is not None:
            listing.notes.append(f"only its first {_MOST_READ:,} entries were read")
    if markup.cut_short:
        listing.notes.append("the document is cut short")
    is_index = bool(listing.children) or (root == "sitemapindex" and not listing.links)
    return listing.as_sitemap("index" if is_index else "urlset")


def _read_text(text: str, listing: _Listing) -> Sitemap:
    lines = [line.split(None, 1)[0] for line in text.splitlines() if line.strip() and not line.startswith("#")]
    addresses = sum(map(is_absolute, lines))
    if not addresses or addresses < _ENOUGH_ADDRESSES * len(lines):
        raise refusal(NotASitemap, listing.url, "text")
    for line in lines[:_MOST_READ]:
        listing.add_address(line)
    if len(lines) > _MOST_READ:
        listing.notes.append(f"only its first {_MOST_READ:,} entries were read")
    return listing.as_sitemap("text")


class _Listing:
    """What one sitemap lists, within bounds."""

    def __init__(self, url: str, now: datetime, since: datetime | None, most: int, notes: Iterable[str]) -> None:
        self.url = url
        self.links = FoundLinks()
        self.children = FoundLinks()
        self.notes = list(notes)
        self._moments = Moments(now)
        self._since = since
        self._most = most
        self._total = self._old = self._unusable = self._relative = self._alternates = self._itself = 0
        self._example = ""

    def add(self, record: Element, *, is_index: bool) -> None:
        """Take a `<url>`, a `<sitemap>`, or an address that stands in neither."""
        locs = [record] if record.name == "loc" else record.all("loc")
        address = next((text for loc in locs if (text := loc.whole_text.strip())), "")
        self._alternates += len(record.all("xhtml:link"))
        modified = self._moments.first([element.text for element in record.all("lastmod")])
        if is_index:
            self._add_child(address, modified)
        else:
            self.add_address(address, modified, next(iter(record.all("news:news", "news")), None))

    def add_address(self, address: str, modified: datetime | None = None, news: Element | None = None) -> None:
        url = self._usable(address)
        if url is None:
            return
        link = FoundLink(url=url, modified_at=modified)
        if news is not None:
            link = self._with_news(link, news)
        if self._since and link.newest_at and link.newest_at < self._since:
            self._old += 1
            return
        self.links.add(link)
        if len(self.links) >= 2 * self._most + 1000:
            self._keep_newest()

    def as_sitemap(self, kind: SitemapKind) -> Sitemap:
        found = len(self.links)
        if found > self._most:
            self._keep_newest()
        return Sitemap(
            kind=kind,
            links=tuple(self.links),
            children=tuple(self.children),
            total=self._total,
            notes=(*self.notes, *self._said()),
        )

    def _usable(self, address: str) -> str | None:
        self._total += 1
        url = usable_url(address, self.url)
        if url is None:
            self._unusable += 1
            self._example = self._example or " ".join(address.split())[:80]
        elif not is_absolute(address):
            self._relative += 1
        return url

    def _add_child(self, address: str, modified: datetime | None) -> None:
        url = self._usable(address)
        if url is None:
            return
        if url == self.url:
            self._itself += 1
        elif len(self.children) < _MOST_CHILDREN:
            self.children.add(FoundLink(url=url, modified_at=modified))

    def _with_news(self, link: FoundLink, news: Element) -> FoundLink:
        parts: dict[str, str] = {}
        for element in (*news.children, *(inner for child in news.children for inner in child.children)):
            parts.setdefault(element.name.rpartition(":")[2], element.whole_text)
        return replace(
            link,
            published_at=self._moments.read(parts.get("publication_date")),
            title=plain_title(parts.get("title", "")),
            language=language_tag(parts.get("language")),
        )

    def _keep_newest(self) -> None:
        """Keep as many as are asked for: dated ones before others, the newest first, the first listed among equals."""
        links = list(self.links)
        ranks = sorted(range(len(links)), key=lambda at: links[at].newest_at or _LONG_AGO, reverse=True)
        self.links.keep([links[at] for at in sorted(ranks[: self._most])])

    def _said(self) -> list[str]:
        kept, notes = len(self.links), []
        if self._old:
            notes.append(f"{self._old:,} pages from before the date asked for are left out")
        left_out = self._total - self._old - self._unusable - self.links.repeated - self.children.repeated
        left_out -= self._itself + kept + len(self.children)
        if left_out > 0:
            notes.append(f"{left_out:,} addresses are left out: more than are read")
        if self._unusable:
            example = f", such as “{self._example}”" if self._example else ""
            notes.append(f"{self._unusable:,} without an address{example}")
        for count, what in (
            (self._relative, "with a relative address"),
            (self.links.repeated + self.children.repeated, "listed again"),
            (self._itself, "that are the index itself"),
            (self._alternates, "in other languages are named as alternates only"),
        ):
            if count:
                notes.append(f"{count:,} {what}")
        if not self._total:
            notes.append("it lists nothing")
        return notes + self._moments.notes
