"""One article at several addresses is shown once; two articles never become one; nothing is lost by either."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from scraper.article import Provenance
from scraper.store import Archive, Retention
from scraper.urls import address_key

CLEAN = "https://www.example.com/politics/bridge-reopens-after-flood-48213"
WORDS = "harbour council ferry winter storm budget school bridge mayor vote island strike rescue police court".split()


def text(seed: int, paragraphs: int = 6) -> str:
    """A text of 40 words a paragraph that shares no run of five words with that of another seed."""
    chance = random.Random(seed)
    return "\n\n".join(
        " ".join(f"{chance.choice(WORDS)}{chance.randrange(99)}" for _ in range(40)) for _ in range(paragraphs)
    )


FLOOD, STRIKE = text(1), text(2)
STATED = {"canonical_url": Provenance(source="meta", confidence=0.7, selector="link[rel=canonical]")}


@pytest.fixture
def put(archive: Archive, make) -> Iterator[Callable[..., int]]:
    """Store an article at an address, with what it calls its own; the page's id."""

    def store(url: str, body: str | None = FLOOD, names: str | None = None, via: tuple[str, ...] = (), **more) -> int:
        answered = via[-1] if via else url
        stated = {"provenance": STATED} if names else {}
        article = make.article(body, **{"url": answered, "canonical_url": names, **stated, **more})
        return make.store(archive, article, url=url, via=via).article_id

    yield store
    check(archive)


def check(archive: Archive) -> None:
    """What always holds: a group has one first page, and the index and the views show that alone."""
    sql = sqlite3.connect(archive.path)  # as others read it: the archive trusts no functions in views
    assert not sql.execute(
        "SELECT 1 FROM pages AS page JOIN pages AS first ON first.id = page.same_as"
        " WHERE first.same_as IS NOT NULL OR first.id = page.id OR page.same_as_reason IS NULL"
        " OR (SELECT verdict FROM revisions WHERE id = first.newest_revision_id) NOT IN ('ok', 'paywall')"
    ).fetchall()
    shown = {row[0] for row in sql.execute("SELECT id FROM articles WHERE verdict IN ('ok', 'paywall')")}
    assert shown == {row[0] for row in sql.execute("SELECT id FROM searchable")}
    assert shown == {row[0] for row in sql.execute("SELECT id FROM articles_fts_docsize")}
    assert {article.id for article in archive.articles()} == shown
    assert archive.stats().articles == len(shown)
    sql.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    sql.close()


def shown(archive: Archive) -> list[str]:
    return sorted(article.url or "" for article in archive.articles())


ADDRESSES = {
    "https://www.example.com/politics/bridge-reopens-after-flood-48213?ref=home": "canonical",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213?src=rss&x=1": "canonical",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213/amp/": "amp",
    "https://www.example.com/amp/politics/bridge-reopens-after-flood-48213": "amp",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213?amp=1": "amp",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213?outputType=amp": "amp",
    "https://amp.example.com/politics/bridge-reopens-after-flood-48213": "amp",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213.amp": "amp",
    "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/politics/bridge-reopens-after-flood-48213": "amp",
    "https://www.example.com/print/politics/bridge-reopens-after-flood-48213": "print",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213?print=1": "print",
    "https://m.example.com/politics/bridge-reopens-after-flood-48213": "mobile",
    "https://mobile.example.com/politics/bridge-reopens-after-flood-48213": "mobile",
    "http://www.example.com/politics/bridge-reopens-after-flood-48213": "address",
    "https://example.com/politics/bridge-reopens-after-flood-48213": "address",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213/": "address",
    "https://www.example.com/politics/bridge-reopens-after-flood-48213/index.html": "address",
    "https://www.example.com/region/bridge-reopens-after-flood-48213": "canonical",
}


def variants() -> Iterator[tuple[str, str, str, str]]:
    """Of an article each: its clean address, another one, what says that they are one, and the text."""
    for number, (url, reason) in enumerate(ADDRESSES.items(), start=48300):
        yield CLEAN.replace("48213", f"{number}"), url.replace("48213", f"{number}"), reason, text(number)


@pytest.mark.parametrize("clean_first", [True, False])
def test_another_address_is_no_other_article(archive: Archive, put, clean_first: bool) -> None:
    """In either order; what says so is rel=canonical."""
    for clean, url, reason, body in variants():
        addresses = (clean, url) if clean_first else (url, clean)
        ids = {address: put(address, body, names=clean) for address in addresses}
        page = archive.page(ids[url])
        assert (page.same_as, page.same_as_reason) == (ids[clean], reason)
        assert archive.article(url).id == archive.article(f"{url}#part").id == ids[clean]
        assert archive.article(ids[url]).url == url
        assert [capture.url for capture in archive.captures(ids[url])] == [url]
    assert shown(archive) == sorted(clean for clean, *_ in variants())
    assert not list(archive.duplicates())


def test_editions_and_spellings_need_no_canonical(archive: Archive, put) -> None:
    for _, url, reason, body in variants():
        if reason != "canonical":
            put(url, body)
    for clean, _, reason, body in variants():
        if reason != "canonical":
            put(clean, body)
    told = [(clean, url) for clean, url, reason, _ in variants() if reason != "canonical"]
    # Which of the two stands for the article is open where neither bears a mark: the shorter one does.
    wanted = [url if "//example.com" in url else clean for clean, url in told]
    assert shown(archive) == sorted(wanted)


@pytest.mark.parametrize(
    "url",
    [
        f"{CLEAN}?utm_source=x&fbclid=y#top",
        f"{CLEAN};jsessionid=0A1B",
        f"{CLEAN}?PHPSESSID=0a1b2c3d",
        CLEAN.replace("www.", "WWW.").replace("bridge", "%62ridge").replace("example.com", "example.com:443"),
    ],
)
def test_what_is_one_address_is_one_page(archive: Archive, put, url: str) -> None:
    assert put(CLEAN) == put(url)
    assert archive.stats().pages == 1


def test_a_group_is_the_same_in_every_order(archive: Archive, put) -> None:
    for number, order in enumerate(permutations(range(4)), start=48300):
        clean = CLEAN.replace("48213", f"{number}")
        urls = [clean, f"{clean}?ref=a", f"{clean}/amp/", clean.replace("politics", "region")]
        ids = {urls[at]: put(urls[at], text(number), names=clean) for at in order}
        assert {archive.page(ids[url]).same_as for url in urls} == {None, ids[clean]}
        assert archive.page(ids[clean]).same_as is None
        assert [archive.page(ids[url]).same_as_reason for url in urls[1:]] == ["canonical", "amp", "canonical"]


def test_two_addresses_with_one_canonical_that_never_came(archive: Archive, put) -> None:
    first = put(f"{CLEAN}?ref=a", names=CLEAN)
    second = put("https://www.example.com/region/bridge-reopens-after-flood-48213", names=CLEAN)
    assert len(shown(archive)) == 1
    clean = put(CLEAN)
    assert shown(archive) == [CLEAN]
    assert {archive.page(first).same_as, archive.page(second).same_as} == {clean}


def test_an_alias_is_shown_until_its_original_can_be_read(archive: Archive, put, make) -> None:
    alias = put(f"{CLEAN}?ref=a", names=CLEAN)
    wall = make.store(archive, make.article(None, verdict="consent", url=CLEAN), url=CLEAN)
    assert [article.id for article in archive.articles()] == [alias]
    assert archive.article(CLEAN).verdict == "consent"
    assert put(CLEAN) == wall.article_id
    assert shown(archive) == [CLEAN]


def test_canonical_addresses_that_point_at_each_other(archive: Archive, put) -> None:
    other = f"{CLEAN}?ref=a"
    put(CLEAN, names="https://www.example.com/region/bridge-reopens-after-flood-48213")
    put("https://www.example.com/region/bridge-reopens-after-flood-48213", names=CLEAN)
    put(other, names=CLEAN)
    assert len(shown(archive)) == 1


def test_the_whole_text_is_shown_rather_than_a_teaser(archive: Archive, put) -> None:
    teaser = put(CLEAN, FLOOD[:400], verdict="paywall")
    amp = put(f"{CLEAN}/amp", names=CLEAN)
    assert [article.id for article in archive.articles()] == [amp]
    assert archive.article(CLEAN).body == FLOOD
    put(CLEAN)
    assert [article.id for article in archive.articles()] == [teaser]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # All pages of a site name one address: theirs differ, and their texts do.
        ((f"{CLEAN}?ref=a", CLEAN), (f"{CLEAN}?ref=b", CLEAN)),
        (("https://example.com/article?id=1", "https://example.com/article"), ("https://example.com/article", None)),
        (("https://example.com/a-b-c-1000", "https://example.com/"), ("https://example.com/", None)),
        (("https://example.com/print?id=7", None), ("https://example.com/print?id=8", None)),
        (("https://example.com/story?p=7", None), ("https://example.com/story?p=8", None)),
    ],
)
def test_different_texts_are_different_articles(archive: Archive, put, one, other) -> None:
    put(one[0], FLOOD, one[1], headline="Flood")
    put(other[0], STRIKE, other[1], headline="Strike")
    assert len(shown(archive)) == 2


def test_a_column_that_appears_daily_is_several_articles(archive: Archive, put) -> None:
    """Its headline stays, and so does most of its text; and it says that its address is that of today's."""
    shared = text(3, paragraphs=5)
    address = "https://example.com/horoscope-for-all-signs"
    for day in range(20, 23):
        named = f"{address}?date=2024-07-{day}"
        put(named, f"{shared}\n\n{text(day, 2)}", address, headline="Your day", published_at=f"2024-07-{day}")
    assert len(shown(archive)) == 3


def test_equal_texts_of_one_site_and_day_are_one_article(archive: Archive, put) -> None:
    first = put("https://example.com/politics/flood")
    second = put("https://example.com/region/lower-town/flood")
    assert archive.page(second).same_as == first
    assert archive.page(second).same_as_reason == "same_text"
    put("https://other.example/flood", site="other.example")
    put("https://example.com/region/next-day", published_at="2024-07-23T09:00:00+03:00")
    put("https://example.com/region/other-headline", headline="Another")
    assert len(shown(archive)) == 4


@pytest.mark.parametrize(
    ("urls", "articles"),
    [
        (("https://example.com/flood-in-town-1001", "https://example.com/flood-in-town-1002"), 2),
        (("https://example.com/politics/flood-1001", "https://example.com/region/flood-1001"), 1),
        (("https://example.com/story?id=1001", "https://example.com/story?id=1002"), 2),
    ],
)
def test_pages_that_each_name_themselves_are_believed(archive: Archive, put, urls, articles: int) -> None:
    for url in urls:
        put(url, names=url)
    assert len(shown(archive)) == articles


def test_pages_part_when_their_texts_do(archive: Archive, put) -> None:
    """An address that shows another article every day was equal to that article's own for a day."""
    today = "https://example.com/today"
    own = "https://example.com/2024/07/22/flood-in-the-lower-town"
    put(today)
    put(own)
    assert shown(archive) == [today]
    put(today, STRIKE, published_at="2024-07-23")
    assert shown(archive) == [own, today]
    assert archive.article(own).body == FLOOD


def test_an_edit_seen_at_one_address_does_not_part_them(archive: Archive, put) -> None:
    put(f"{CLEAN}?ref=a", names=CLEAN)
    put(CLEAN)
    put(CLEAN, STRIKE, headline="What we know")
    assert shown(archive) == [CLEAN]
    assert archive.stats().revisions == 3
    assert [edit.to_revision for edit in archive.changes()] == [2]


def test_edits_of_what_is_shown_elsewhere_are_not_listed(archive: Archive, put) -> None:
    put(CLEAN)
    alias = put(f"{CLEAN}?ref=a", names=CLEAN)
    put(f"{CLEAN}?ref=a", FLOOD + "\n\nOne more.", names=CLEAN)
    assert not list(archive.changes())
    assert len(list(archive.revisions(alias))) == 2


def test_an_article_that_moved(archive: Archive, put) -> None:
    old, new = "https://example.com/old/flood-in-town-1001", "https://example.com/news/2024/flood-in-town"
    moved = put(old)
    put(old, via=(new,))
    assert shown(archive) == [new]
    assert archive.page(moved).same_as_reason == "redirect"
    assert archive.article(old).url == new


@pytest.mark.parametrize(
    "new",
    [
        "https://example.com/news/flood-in-the-lower-town-48213",
        "https://example.com/old/what-we-know-of-the-water-48213",
    ],
)
def test_an_article_that_moved_and_was_edited(archive: Archive, put, new: str) -> None:
    """Between two visits: nothing of its text is as it was, nor is its headline."""
    old = "https://example.com/old/flood-in-the-lower-town-48213"
    moved = put(old)
    put(old, STRIKE, via=(new,), headline="What we know")
    assert shown(archive) == [new]
    assert archive.page(moved).same_as_reason == "redirect"
    assert archive.article(old).body == STRIKE
    assert [revision.body for revision in archive.revisions(moved)] == [FLOOD]
    put(new, text(9), headline="What we know by now")
    assert shown(archive) == [new]


@pytest.mark.parametrize(
    ("old", "new", "published_at"),
    [
        # A redirect from what is out of date to what is newer is no move.
        ("old/flood-in-the-lower-town-48213", "news/flood-in-the-lower-town-48214", "2024-07-22T09:00:00+03:00"),
        ("old/flood-in-the-lower-town-48213", "old/48213/strike-at-the-harbour", "2024-07-22T09:00:00+03:00"),
        ("old/flood-in-the-lower-town", "old/flood-at-the-upper-mill", "2024-07-22T09:00:00+03:00"),
        ("live/flood-in-the-lower-town-1", "live/flood-in-the-lower-town-2", "2024-07-22T09:00:00+03:00"),
        ("old/flood-in-the-lower-town", "news/flood-in-the-lower-town", "2024-07-22T09:30:00+03:00"),
        ("old/flood-in-the-lower-town", "news/flood-in-the-lower-town", "2024-07-22"),
        ("old/flood-in-the-lower-town", "news/flood-in-the-lower-town", None),
        ("old/today", "news/today", "2024-07-22T09:00:00+03:00"),
    ],
)
def test_a_redirect_to_what_may_be_another_article(archive: Archive, put, old: str, new: str, published_at) -> None:
    put(f"https://example.com/{old}")
    put(
        f"https://example.com/{old}",
        STRIKE,
        via=(f"https://example.com/{new}",),
        headline="What we know",
        published_at=published_at,
    )
    assert len(shown(archive)) == 2


@pytest.mark.parametrize(
    ("other", "more", "articles"),
    [
        ("flood-in-the-lower-town-updated", {}, 1),
        ("flood-in-the-lower-town-updated", {"body": f"{FLOOD}\n\nOne more line was added at the end."}, 1),
        ("flood-in-the-lower-town-updated", {"body": f"{FLOOD}\n\n{text(9, 3)}"}, 2),
        ("flood-in-the-upper-town", {}, 2),
        ("flood-in-the-lower-town-updated", {"published_at": "2024-07-22T09:01:00+03:00"}, 2),
        ("flood-in-the-lower-town-updated", {"site": "other.example"}, 2),
    ],
)
def test_an_article_that_moved_and_got_another_headline(archive: Archive, put, other: str, more, articles: int) -> None:
    """And nobody has asked at the old address since: all that tells is the new page, which names itself."""
    old = "https://example.com/2024/07/flood-in-the-lower-town"
    new = f"https://{more.get('site', 'example.com')}/2024/07/{other}"
    put(old, names=old)
    put(new, **{"body": FLOOD, "names": new, "headline": "Flood: what we know", **more})
    assert len(shown(archive)) == articles


def test_an_address_that_led_elsewhere_before_it_showed_an_article(archive: Archive, put) -> None:
    old, new = "https://example.com/old/flood-in-the-lower-town", "https://example.com/news/flood-in-the-lower-town"
    put(old, STRIKE, via=(new,), headline="What we know")
    put(old)
    assert len(shown(archive)) == 2


def test_an_article_that_moved_to_where_it_is_known(archive: Archive, put, make) -> None:
    """The capture that tells need not be read for it."""
    old, new = "https://example.com/old/flood-in-town-1001", "https://example.com/news/2024/flood-in-town"
    put(old, headline="Flood in town")
    put(new)
    assert len(shown(archive)) == 2
    archive.add_capture(make.capture(old, via=(new,)))
    assert shown(archive) == [new]


def test_a_canonical_that_comes_later(archive: Archive, put) -> None:
    """The text is the same, so there is no revision, and yet the site now says what the page is called."""
    region = "https://www.example.com/region/bridge-reopens-after-flood-48213"
    put(CLEAN, headline="Bridge", published_at="2024-07-22T09:30:00+03:00")
    put(region)
    assert len(shown(archive)) == 2
    put(region, names=CLEAN)
    assert shown(archive) == [CLEAN]


def test_a_reading_that_finds_no_text_any_more_parts_them(archive: Archive, put, make) -> None:
    alias = put(f"{CLEAN}?ref=a", names=CLEAN)
    clean = put(CLEAN)
    (capture,) = archive.captures(clean)
    archive.store_reading(capture.id, make.article(None, verdict="not_article", url=CLEAN, extractor="test 2"))
    assert [article.id for article in archive.articles()] == [alias]


def test_other_sites_are_not_believed(archive: Archive, put) -> None:
    put("https://example.com/flood-in-town-1001", names="https://agency.example/flood-in-town-1001")
    put("https://agency.example/flood-in-town-1001", site="agency.example")
    assert len(shown(archive)) == 2
    assert len(list(archive.duplicates())) == 1


def test_captures_and_the_chain_of_custody_stay_as_they_were(archive: Archive, put) -> None:
    alias = put(f"{CLEAN}?ref=a", names=CLEAN)
    head = archive.head()
    put(CLEAN)
    assert archive.position_of(head.head) == 1
    assert {checked.result for checked in archive.check()} == {"ok"}
    assert [capture.page_id for capture in archive.captures(alias)] == [alias]
    assert archive.stats().captures == archive.stats().pages == 2


def as_stored_before(path: Path, url: str, today: str) -> None:
    """Let the page bear the address that an earlier release gave it."""
    connection = sqlite3.connect(path)
    assert connection.execute("UPDATE pages SET url = ? WHERE url = ?", (url, today)).rowcount == 1
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("given", "before"),
    [
        (f"{CLEAN}?smid=tw-share&utm_source=x", f"{CLEAN}?smid=tw-share"),
        (f"{CLEAN}%7ea", f"{CLEAN}%7ea"),
        (f"{CLEAN};jsessionid=1", f"{CLEAN};jsessionid=1"),
    ],
)
def test_pages_of_older_archives_are_found_and_gone_on_with(
    archive: Archive, put, make, given: str, before: str
) -> None:
    path = archive.path
    page = put(given)
    today = archive.page(page).url
    as_stored_before(path, before, today)
    assert archive.article(given).id == archive.article(before).id == page
    assert put(given, FLOOD + "\n\nMore.") == page
    archive.add_capture(make.failed(given))
    assert archive.stats().pages == 1
    # The address in today's form is a page of its own when it comes, and the article is still shown once.
    assert put(today, FLOOD + "\n\nMore.") != page
    assert shown(archive) == [today] or archive.stats().articles == 1
    assert archive.article(given).body == FLOOD + "\n\nMore."


def test_an_older_archive_is_looked_through_once(archive: Archive, make, path: Path) -> None:
    from scraper.store.identity import identify_all

    for url in (CLEAN, f"{CLEAN}?ref=a", "https://www.example.com/politics/strike-at-the-harbour-48214"):
        body = STRIKE if "strike" in url else FLOOD
        make.store(archive, make.article(body, url=url, canonical_url=url.partition("?")[0]), url=url)
    archive._db.sql.execute(
        "UPDATE pages SET address_key = NULL, named_url = NULL, same_as = NULL, same_as_reason = NULL"
    )
    archive._db.sql.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    with archive._db.transaction():
        identify_all(archive._db)
    assert shown(archive) == [CLEAN, "https://www.example.com/politics/strike-at-the-harbour-48214"]
    check(archive)
    assert {row[0] for row in archive._db.sql.execute("SELECT address_key FROM pages WHERE url = ?", (CLEAN,))} == {
        address_key(CLEAN)
    }


# --- Pages that are gone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_keeps_its_text(archive: Archive, put, make, status: int) -> None:
    page = put(CLEAN)
    for _ in range(2):
        gone = make.capture(CLEAN, status=status)
        archive.add_article(archive.add_capture(gone).id, make.article(None, verdict="not_article"))
    row = archive.page(CLEAN)
    assert (row.gone_at, row.gone_reason) == ("2024-07-23T10:17:00.000Z", f"http_{status}")
    assert archive.article(CLEAN).body == FLOOD
    archive.add_capture(make.capture(CLEAN, status=503))
    archive.add_capture(make.failed(CLEAN))
    assert archive.page(page).gone_at == "2024-07-23T10:17:00.000Z"
    archive.add_capture(make.capture(CLEAN))
    assert (archive.page(page).gone_at, archive.page(page).gone_reason) == (None, None)


def test_a_page_that_never_was_there_is_not_gone(archive: Archive, make) -> None:
    archive.add_capture(make.capture(CLEAN, status=404))
    assert archive.page(CLEAN).gone_at is None
    early = make.capture(CLEAN, fetched_at=make.start - timedelta(days=1))
    archive.add_capture(early)
    assert archive.page(CLEAN).gone_reason == "http_404"
    archive.add_capture(make.capture(CLEAN, status=304, body=None, fetched_at=make.start + timedelta(days=1)))
    assert archive.page(CLEAN).gone_at is None


@pytest.mark.parametrize(
    "home", ["https://www.example.com/", "https://www.example.com/politics/", "https://example.com/?ref=404"]
)
def test_a_page_that_leads_home_is_gone(archive: Archive, put, make, home: str) -> None:
    """The home page that came instead counts for the article, and is none; the home page is a page of its own."""
    page = put(CLEAN)
    ref = archive.add_capture(make.capture(CLEAN, via=(home,)))
    stored = archive.add_article(ref.id, make.article(STRIKE, url=home, headline="All the news"))
    assert (stored.article_id, stored.state, stored.revision) == (page, "labelled", None)
    assert archive.page(CLEAN).gone_reason == "redirected_home"
    assert archive.article(CLEAN).body == FLOOD
    assert shown(archive) == [CLEAN]
    assert not archive.store_reading(ref.id, make.article(STRIKE, url=home, extractor="test 2")).changed
    body = next(archive.captures(CLEAN)).sha256
    assert body not in {gone.sha256 for gone in archive.removable(Retention(keep=1))}
    own = put(home, "The home page.")
    assert own != page
    assert archive.article(home).id == own
    assert archive.article(CLEAN).id == page


def test_a_page_that_only_ever_led_home(archive: Archive, make) -> None:
    from scraper.errors import NotInArchive

    home = make.store(archive, make.article("Home.", url="https://www.example.com/"), url="https://www.example.com/")
    ref = archive.add_capture(make.capture(CLEAN, via=("https://www.example.com/",)))
    assert archive.add_article(ref.id, make.article("Home.")).state == "labelled"
    assert archive.page(CLEAN).id != home.article_id
    assert archive.page(CLEAN).gone_at is None
    with pytest.raises(NotInArchive, match="leads to"):
        archive.article(CLEAN)


def test_a_redirect_to_another_article_is_none_home(archive: Archive, put) -> None:
    put(CLEAN)
    put(CLEAN, STRIKE, via=("https://www.example.com/politics/strike-at-the-harbour-48214",))
    assert archive.page(CLEAN).gone_at is None
    assert len(shown(archive)) == 2
