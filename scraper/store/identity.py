"""When two pages of the archive are one: one of them is the article then, and the others are the same as it.

A page is an address that answered, and one article may answer at several: with parameters that nobody knows, for AMP,
for print, with and without `www.`, before and after it was moved. That two pages may be one is said by what a page
calls its own address (if that is believed: `scraper.urls.trusted_canonical`), by a redirect, by the two addresses, or
by texts that are equal. That they are one is decided by their texts; of an article that was moved also by its name and
the minute of its publication, for it may have been edited, too. Nothing is lost by it: captures and revisions stay
where they are, and when the texts part, so do the pages.

Pages that are one form a group. One is its first (`pages.same_as` is null), and all others point to that one and to no
other, in whatever order they came.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from scraper.article import READABLE, Article
from scraper.diff.noise import same_moment
from scraper.store.connection import Connection
from scraper.store.likeness import share
from scraper.store.search import index_page, unindex_page
from scraper.urls import address_key, bears_same_name, canonical, edition_of, same_article_named, trusted_canonical

Reason = Literal["amp", "print", "mobile", "address", "canonical", "redirect", "further_page", "same_text"]

_MOST = 60
"""Pages compared with one that is stored; a site may give one article thousands of addresses."""
_EQUAL = 0.9
"""Estimated likeness above which it is looked whether two texts of a site are equal."""
_SAME = 0.6
"""Share of the shorter text above which two pages that are said to be one are."""
_REWRITTEN = 0.3
"""The same, where headline and day are equal, too."""
_ANOTHER_DAY = 0.9
"""The same, where the days differ: a column that appears daily repeats its own words."""
_SAME_TEXT = 0.9
"""The same, where nothing else but their name and the minute of their publication tells."""
_PARTED = 0.5
"""Share below which two pages that were one for their equal texts alone are two again."""

_PAGE = """
    SELECT pages.id, pages.url, pages.site, pages.same_as, pages.same_as_reason, pages.named_url, pages.address_key,
        pages.first_seen_at, pages.last_seen_at, revisions.id AS revision_id, revisions.verdict, revisions.published_at,
        revisions.text_hashes, revisions.word_count
    FROM pages LEFT JOIN revisions ON revisions.id = pages.newest_revision_id
"""
# Everything that may be another address of a page: by its address, by what one names or is redirected to, by its text.
_CANDIDATES = """
    SELECT id FROM pages WHERE address_key = :key
    UNION ALL SELECT id FROM pages WHERE url = :named
    UNION ALL SELECT page_id FROM page_urls WHERE url IN (:named, :url)
    UNION ALL SELECT id FROM pages WHERE named_url IN (:named, :url)
    UNION ALL SELECT pages.id FROM page_urls JOIN pages ON pages.named_url = page_urls.url WHERE page_urls.page_id = :id
    UNION ALL SELECT pages.id FROM page_urls JOIN pages ON pages.url = page_urls.url WHERE page_urls.page_id = :id
    UNION ALL SELECT part.page_id FROM captures JOIN capture_parts ON capture_id = captures.id
        JOIN captures AS part ON part.id = part_id WHERE captures.page_id = :id
    UNION ALL SELECT whole.page_id FROM captures JOIN capture_parts ON part_id = captures.id
        JOIN captures AS whole ON whole.id = capture_id WHERE captures.page_id = :id
    UNION ALL SELECT other_page_id FROM similar_pages WHERE page_id = :id AND similarity >= :equal
    UNION ALL SELECT page_id FROM similar_pages WHERE other_page_id = :id AND similarity >= :equal
    LIMIT :most
"""


@dataclass(frozen=True)
class _Page:
    """A page and its newest text, as far as they are needed here."""

    row: sqlite3.Row

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def url(self) -> str:
        return str(self.row["url"])

    @property
    def root(self) -> int:
        """The id of the first page of its group, which may be its own."""
        return self.id if self.row["same_as"] is None else int(self.row["same_as"])

    @property
    def is_readable(self) -> bool:
        return self.row["verdict"] in READABLE

    @property
    def day(self) -> str | None:
        return None if self.row["published_at"] is None else str(self.row["published_at"])[:10]

    @cached_property
    def hashes(self) -> tuple[str, str]:
        """Of headline and text, as they are compared."""
        headline, _, body = json.loads(self.row["text_hashes"])
        return headline, body

    @cached_property
    def edition(self) -> Reason | None:
        found = edition_of(self.url)
        return None if found is None else found.kind


def note_named(db: Connection, page_id: int, page_url: str, article: Article) -> bool:
    """Keep which other address the page calls its own, if that is believed; True if it is news. In a transaction."""
    named = trusted_canonical(page_url, article.canonical_url).address
    changed = db.execute("UPDATE pages SET named_url = ?1 WHERE id = ?2 AND named_url IS NOT ?1", (named, page_id))
    return changed.rowcount > 0


def settle(db: Connection, page_id: int) -> None:
    """Bring the page's group in line with its newest text, addresses and redirects; call inside a transaction."""
    page = _load(db, page_id)
    if page is None:
        return
    if _part(db, page):
        page = _load(db, page_id) or page
    if not page.is_readable:
        return
    group = {page.id: page}
    for candidate in _candidates(db, page):
        first = candidate if candidate.root == candidate.id else _load(db, candidate.root)
        if first is None or _claim(db, candidate, page) is None:
            continue
        if first.id == page.root or (
            _are_one(db, page, candidate) and (first is candidate or _are_one(db, page, first))
        ):
            group |= {candidate.id: candidate, first.id: first}
    if page.root not in group and (first := _load(db, page.root)) is not None:
        group[first.id] = first
    if len(group) > 1:
        _join(db, list(group.values()))


def identify_all(db: Connection) -> None:
    """The same for every page of an archive in which nobody looked for that yet; call inside a transaction."""
    for row in db.sql.execute("SELECT id, url FROM pages").fetchall():
        db.execute("UPDATE pages SET address_key = ? WHERE id = ?", (address_key(row["url"]), row["id"]))
    for row in db.sql.execute(
        "SELECT pages.id, pages.url, revisions.canonical_url FROM pages"
        " JOIN revisions ON revisions.id = pages.newest_revision_id WHERE verdict IN ('ok', 'paywall')"
    ).fetchall():
        note_named(db, row["id"], row["url"], Article(canonical_url=row["canonical_url"]))
    for row in db.sql.execute("SELECT id FROM pages WHERE newest_revision_id IS NOT NULL ORDER BY id").fetchall():
        settle(db, row["id"])


# --- Who may belong together ---------------------------------------------------------------------------------------


def _load(db: Connection, page_id: int) -> _Page | None:
    row = db.row(f"{_PAGE} WHERE pages.id = ?", (page_id,))
    return None if row is None else _Page(row)


def _candidates(db: Connection, page: _Page) -> Iterator[_Page]:
    values = {
        "id": page.id,
        "url": page.url,
        "key": page.row["address_key"],
        "named": page.row["named_url"],
        "equal": _EQUAL,
        "most": _MOST,
    }
    for other in dict.fromkeys(row[0] for row in db.sql.execute(_CANDIDATES, values)):
        found = _load(db, other) if other != page.id else None
        if found is not None and found.is_readable:
            yield found


def _claim(db: Connection, page: _Page, first: _Page) -> Reason | None:
    """What says that `page` is another address of `first`, or the other way round; None if nothing does."""
    edition = page.edition if page.edition != first.edition else None
    if page.row["address_key"] == first.row["address_key"]:
        return edition or "address"
    if page.row["site"] == first.row["site"] or edition == "amp":
        if _names(db, page, first) or _names(db, first, page):
            return edition or "canonical"
        if page.row["named_url"] is not None and page.row["named_url"] == first.row["named_url"]:
            return "canonical"
    if _leads(db, page.url, first) or _leads(db, first.url, page):
        return "redirect"
    if _goes_on_at(db, page, first) or _goes_on_at(db, first, page):
        return "further_page"
    return "same_text" if _same_text(db, page, first) else None


def _goes_on_at(db: Connection, page: _Page, other: _Page) -> bool:
    """True when the other page is a further page of the article that begins on this one."""
    row = db.row(
        "SELECT 1 FROM captures JOIN capture_parts ON capture_id = captures.id"
        " JOIN captures AS part ON part.id = part_id WHERE captures.page_id = ? AND part.page_id = ? LIMIT 1",
        (page.id, other.id),
    )
    return row is not None


def _names(db: Connection, page: _Page, other: _Page) -> bool:
    """True when the page calls the other one's address its own."""
    named = page.row["named_url"]
    return named is not None and (named in (other.url, canonical(other.url)) or _leads(db, named, other))


def _leads(db: Connection, url: str, page: _Page) -> bool:
    """True when `url` was redirected to the page the last time that it was."""
    return db.row("SELECT 1 FROM page_urls WHERE url = ? AND page_id = ?", (url, page.id)) is not None


def _same_text(db: Connection, page: _Page, other: _Page) -> bool:
    """True when headline, day and text are equal, on one site, and neither page says that it is another article.

    Where the headline was edited: when both bear one name, and are of the same minute.
    """
    if page.row["site"] != other.row["site"] or page.day != other.day:
        return False
    if page.hashes != other.hashes:
        same = _same_name_and_minute(page, other)
        return same and (page.hashes[1] == other.hashes[1] or share(_body(db, page), _body(db, other)) >= _SAME_TEXT)
    both = _names_itself(db, page) and _names_itself(db, other)
    return not both or same_article_named(page.url, other.url)


def _names_itself(db: Connection, page: _Page) -> bool:
    """True when the page itself says that its address is the proper one."""
    row = db.row("SELECT canonical_url, provenance FROM revisions WHERE id = ?", (page.row["revision_id"],))
    if row is None or row["canonical_url"] is None:
        return False
    stated = json.loads(row["provenance"]).get("canonical_url", {}).get("source", "none") != "none"
    return stated and trusted_canonical(page.url, row["canonical_url"]).reason in ("itself", "spelling")


# --- Whether they do -----------------------------------------------------------------------------------------------


def _are_one(db: Connection, page: _Page, other: _Page) -> bool:
    return _alike(db, page, other) or _was_moved(db, page, other) or _was_moved(db, other, page)


def _was_moved(db: Connection, page: _Page, to: _Page) -> bool:
    """True when the article that was at `page` is at `to` now, whatever was made of its text since.

    The old address leads to the new one, and has shown nothing itself since; both bear one name; and both say that they
    were published in the same minute. A redirect alone is no proof: what is out of date is led to what is newer.
    """
    if page.row["site"] != to.row["site"] or not _same_name_and_minute(page, to):
        return False
    led = db.row("SELECT last_seen_at FROM page_urls WHERE url = ? AND page_id = ?", (page.url, to.id))
    return led is not None and bool(led["last_seen_at"] >= page.row["last_seen_at"])


def _same_name_and_minute(page: _Page, other: _Page) -> bool:
    one, two = page.row["published_at"], other.row["published_at"]
    return _has_minute(one) and _has_minute(two) and same_moment(one, two) and bears_same_name(page.url, other.url)


def _has_minute(published_at: str | None) -> bool:
    """True for a date with a time of day; not for midnight, which stands for none."""
    return published_at is not None and published_at[10:11] == "T" and published_at[11:16] != "00:00"


def _alike(db: Connection, page: _Page, other: _Page) -> bool:
    """True when the two texts are those of one article."""
    if page.hashes[1] == other.hashes[1] and page.row["word_count"]:
        return True
    part = share(_body(db, page), _body(db, other))
    if page.day is not None and other.day is not None and page.day != other.day:
        return part >= _ANOTHER_DAY
    return part >= (_REWRITTEN if page.hashes[0] == other.hashes[0] else _SAME)


def _body(db: Connection, page: _Page) -> str | None:
    row = db.row("SELECT body FROM revisions WHERE id = ?", (page.row["revision_id"],))
    return None if row is None else row["body"]


def _still(db: Connection, page: _Page, first: _Page) -> bool:
    """True when a page that was the same as `first` still is: an edit that was seen of one alone does not part them."""
    if not page.is_readable or not first.is_readable:
        return False
    if page.day == first.day and page.row["same_as_reason"] != "same_text":
        return True
    if page.day == first.day:
        return share(_body(db, page), _body(db, first)) >= _PARTED
    return _alike(db, page, first)


# --- Joining and parting -------------------------------------------------------------------------------------------


def _part(db: Connection, page: _Page) -> bool:
    """Let go of those whose text has become another one since; True if the page itself is let go."""
    if page.root != page.id:
        first = _load(db, page.root)
        if first is not None and _still(db, page, first):
            return False
        _release(db, page.id)
        return True
    for row in db.sql.execute("SELECT id FROM pages WHERE same_as = ? LIMIT ?", (page.id, _MOST)).fetchall():
        member = _load(db, row["id"])
        if member is not None and not _still(db, member, page):
            _release(db, member.id)
            settle(db, member.id)
    return False


def _release(db: Connection, page_id: int) -> None:
    db.execute("UPDATE pages SET same_as = NULL, same_as_reason = NULL WHERE id = ?", (page_id,))
    index_page(db, page_id)


def _join(db: Connection, pages: list[_Page]) -> None:
    """Make one group of those that these pages are in."""
    first = _first_of(db, pages)
    roots = {page.root for page in pages}
    for root in roots - {first.id}:
        unindex_page(db, root)
    if roots != {first.id}:
        db.execute(
            "UPDATE pages SET same_as = ?1 WHERE id <> ?1 AND (id IN (SELECT value FROM json_each(?2))"
            " OR same_as IN (SELECT value FROM json_each(?2)))",
            (first.id, json.dumps(sorted(roots))),
        )
    for page in pages:
        if page is not first:
            # One may be joined by way of another: then it is that one's word that counts.
            others = (first, *(other for other in pages if other not in (first, page)))
            reason = next((said for other in others if (said := _claim(db, page, other))), None)
            db.execute("UPDATE pages SET same_as_reason = coalesce(?, same_as_reason) WHERE id = ?", (reason, page.id))
    if first.root != first.id:
        db.execute("UPDATE pages SET same_as = NULL, same_as_reason = NULL WHERE id = ?", (first.id,))
        index_page(db, first.id)


def _first_of(db: Connection, pages: Iterable[_Page]) -> _Page:
    """The page that the article is shown at: whole rather than a teaser, then the one that is named by the others."""
    pages = list(pages)

    def rank(page: _Page) -> tuple[object, ...]:
        others = [other for other in pages if other is not page]
        named = any(_names(db, other, page) or _leads(db, other.url, page) for other in others)
        names = any(_names(db, page, other) or _leads(db, page.url, other) for other in others)
        path, _, query = page.url.partition("?")
        return (
            any(_goes_on_at(db, other, page) for other in others),
            page.row["verdict"] != "ok",
            names - named,
            page.edition is not None,
            not page.url.startswith("https:"),
            query.count("&") + bool(query),
            path.count("/"),
            len(page.url),
            page.row["first_seen_at"],
            page.id,
        )

    return min(pages, key=rank)
