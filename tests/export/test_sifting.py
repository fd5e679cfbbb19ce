"""Which captures of a file are wanted, and why the others are not; and records as large crawlers write them."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import QueryError, UsageError
from scraper.export.found import Damage, Found, Item, Left
from scraper.export.importing import Imported, import_file, kind_of
from scraper.export.sifting import Sift, Wishes, stated_languages
from scraper.export.warc.pages import read_pages
from scraper.store import Archive
from tests.export.captures import page
from tests.export.warc_files import chunked, http, request, response

A, B = "https://a.example/a", "https://b.example/b"


def items_of(content: bytes, **wishes: Any) -> list[Item]:
    return list(read_pages(BytesIO(content), max_body=4 << 20, sift=Sift(Wishes(**wishes))))


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[..., Imported]]:
    """Import bytes as a file, with these wishes; `load.said` is what was remarked, `load.archive` where it is."""
    said: list[str] = []
    with Archive.open(tmp_path / "archive.db", write=True) as archive:

        def run(content: bytes, name: str = "file.warc", **wishes: Any) -> Imported:
            path = tmp_path / name
            path.write_bytes(content)
            wished = Wishes(**wishes)
            return import_file(archive, path, kind_of(path), wished, report=lambda done: None, remark=said.append)

        run.said = said
        run.archive = archive
        yield run


# Hosts and days


@pytest.mark.parametrize(
    ("pattern", "taken", "not_taken"),
    [
        ("example.com", ["example.com", "www.example.com", "a.b.example.com"], ["badexample.com", "example.com.ua"]),
        ("*.ua", ["pravda.com.ua", "x.ua"], ["ua", "example.com", "x.ua.example"]),
        ("news.*", ["news.example", "www.news.co.uk"], ["mynews.example", "news"]),
        ("*news*", ["mynews.example", "www.newspaper.co.uk"], ["example.com"]),
        (" WWW.Example.COM. ", ["www.example.com"], ["example.com"]),
        ("київ.example", ["київ.example", "www.xn--b1alf1j.example"], ["xn--b1alf1.example"]),
        ("*.укр", ["новини.укр"], ["новини.рф"]),
        ("a.b", ["a.b"], ["axb", "a.bc"]),
    ],
)
def test_hosts(pattern: str, taken: list[str], not_taken: list[str]) -> None:
    sift = Sift(Wishes(hosts=("other.example", pattern)))
    for host in taken:
        assert sift.takes_address(f"https://{host}:8443/x?y=https://nowhere/"), host
    for host in not_taken:
        assert not sift.takes_address(f"https://{host}/x?y=https://{taken[0]}/"), host


@pytest.mark.parametrize("host", ["", "https://example.com/", "example.com:80", "a b", "[::1]", "a/b"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(UsageError, match="is no host"):
        Sift(Wishes(hosts=(host,)))


def test_what_is_no_day_and_no_language() -> None:
    with pytest.raises(QueryError):
        Sift(Wishes(since="last week"))
    with pytest.raises(UsageError, match="is no language"):
        Sift(Wishes(languages=("Ukrainian, please",)))


def test_every_record_is_counted_by_why_it_is_left_out(load: Callable[..., Imported]) -> None:
    content = b"".join(
        [
            response(A, http(page("A"))),
            response(B, http(page("B"))),
            response("https://a.example/late", http(page("late")), date="2024-01-01T00:00:00Z"),
            response("https://a.example/p.png", http(b"\x89PNG", type="image/png")),
            response("https://a.example/part", http(page("part"), status="206 Partial Content")),
            response("https://a.example/early", http(page("early"), status="103 Early Hints")),
            response("https://a.example/old", http(b"", "Location: /gone", status="302 Found")),
            response("ftp://a.example/f", http(page("f"))),
            response("https://a.example/again", http(b""), ("WARC-Payload-Digest", "sha1:" + "A" * 32), kind="revisit"),
            response("https://a.example/seg", http(page("seg")), ("WARC-Segment-Number", "1")),
            response("https://a.example/huge", http(page("huge", filler=9_000))),
            response("https://a.example/missing", http(page("no such page"), status="404 Not Found")),
        ]
    )
    done = load(content, hosts=("a.example",), until="2023-12-31", max_body=400_000)
    assert done.counts.reasons == {
        "other_host": 1,
        "other_date": 1,
        "not_html": 1,
        "status": 2,
        "redirect": 1,
        "not_web": 1,
        "without_body": 1,
        "segment": 1,
        "too_large": 1,
    }
    assert (done.counts.captures, done.counts.skipped, done.read) == (2, 10, 12)
    [row] = load.archive.imports()
    assert row.reasons == done.counts.reasons
    # What is told in words is what a user would miss.
    assert sorted(text.rpartition(": ")[2] for text in load.said) == [
        "it is larger than a page may be",
        "it is one segment of several",
        "the body that it points at is neither in the file nor in the archive",
    ]


def test_a_redirect_of_another_host_leads_to_a_page_that_is_wanted() -> None:
    moved = response("https://short.example/1", http(b"", f"Location: {A}", status="301 Moved"))
    [found] = items_of(moved + response(A, http(page("A"))), hosts=("a.example",))
    assert isinstance(found, Found)
    assert (found.capture.url, found.capture.final_url) == ("https://short.example/1", A)
    # And one that leads away is no capture of its host.
    moved = response(A, http(b"", f"Location: {B}", status="301 Moved"))
    assert [
        getattr(item, "reason", None) for item in items_of(moved + response(B, http(page("B"))), hosts=("a.example",))
    ] == [
        "other_host",
        "redirect",
    ]


def test_what_is_not_wanted_is_not_looked_into(load: Callable[..., Imported]) -> None:
    """Its body is neither decoded nor held against its digest; a damaged member is damage all the same."""
    broken = response(
        B, http(b"\x1f\x8b\x08broken", "Content-Encoding: gzip"), ("WARC-Payload-Digest", "sha1:" + "A" * 32)
    )
    content = (
        gzip.compress(broken)
        + gzip.compress(response(B, http(page("B"))))[:-20]
        + gzip.compress(response(A, http(page("A"))))
    )
    counts = load(content, "file.warc.gz", hosts=("a.example",)).counts
    assert (counts.captures, counts.skipped, counts.damaged) == (1, 1, 1)


# Languages


def html(lang: str | None = None, *head: str, text: str = "Flood") -> bytes:
    attribute = "" if lang is None else f' lang="{lang}"'
    return f"<!DOCTYPE html><html{attribute}><head>{''.join(head)}</head><body><p>{text}</p></body></html>".encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (html("uk"), ["uk"]),
        (html("en-GB"), ["en-gb"]),
        (b"<HTML dir=ltr LANG=uk xmlns='x'>", ["uk"]),
        (b"<html xml:lang='de'>", ["de"]),
        (html(None, '<meta property="og:locale" content="uk_UA">'), ["uk_ua"]),
        (html(None, "<meta content=en http-equiv=Content-Language>"), ["en"]),
        (html("en", '<script>{"inLanguage":"uk","inLanguage" : "ru"}</script>'), ["en", "uk", "ru"]),
        (html(None, '<script>{"inLanguage": {"name": "Ukrainian"}}</script>'), [None]),
        (html(None, '<meta itemprop="inLanguage" content="uk">'), ["uk"]),
        (html("uk", "<span itemprop=inLanguage>en</span>"), ["uk", None]),
        (html("Ukrainian (Ukraine)"), [None]),
        (html(""), []),
        (html(None, '<link hreflang="de"><div lang="fr">'), []),
    ],
)
def test_what_a_page_states(body: bytes, expected: list[str | None]) -> None:
    assert stated_languages(body) == expected


@pytest.mark.parametrize(
    ("body", "fields", "outcome"),
    [
        (html("uk"), (), "taken"),
        (html("uk-UA", '<meta property="og:locale" content="uk_UA">'), (), "taken"),
        (html("en"), (), "left"),
        (html("en", '<meta property="og:locale" content="en_US">'), (), "left"),
        (html("en", '<meta property="og:locale" content="uk_UA">'), (), "unsure"),
        (html(), (), "unsure"),
        (html(), ("Content-Language: en",), "left"),
        (html(), ("Content-Language: uk",), "taken"),
        (html(), ("Content-Language: en, uk",), "unsure"),
        (html("uk"), ("Content-Language: en",), "taken"),  # the page knows better
        (html("ukr"), (), "left"),
    ],
)
def test_which_pages_are_in_a_language(body: bytes, fields: tuple[str, ...], outcome: str) -> None:
    [item] = items_of(response(A, http(body, *fields)), languages=("uk", "cs"))
    if outcome == "left":
        assert isinstance(item, Left)
        assert item.reason == "other_language"
    else:
        assert isinstance(item, Found)
        assert item.unsure == (outcome == "unsure")


def test_no_article_in_another_language_comes_in(load: Callable[..., Imported]) -> None:
    """Where only reading tells, that is done before anything is stored; what says nothing is taken."""
    linked = '<script type="application/ld+json">{{"@type":"NewsArticle",{}}}</script>'
    both = '<meta property="og:locale" content="uk_UA">' + linked
    german, ukrainian = (both.format(f'"inLanguage":"{tag}"') for tag in ("de", "uk"))
    pages = (html("uk"), html("en"), html(), html("uk", german), html(None, ukrainian))
    content = b"".join(response(f"https://a.example/{number}", http(body)) for number, body in enumerate(pages))
    counts = load(content, languages=("uk",)).counts
    assert (counts.captures, counts.reasons) == (3, {"other_language": 2})
    urls = {load.archive.stored_capture(number).url[-1] for number in load.archive.capture_ids()}
    assert urls == {"0", "2", "4"}
    saved = load(html("en"), "page.html", languages=("uk",), url=A).counts
    assert (saved.captures, saved.reasons) == (0, {"other_language": 1})


# As crawlers write them


def test_a_record_of_a_news_crawler() -> None:
    """The request first, encodings undone and renamed, a protocol that no HTTP/1.1 parser knows."""
    crawled = http(
        page("A"), "X-Crawl-Content-Encoding: gzip", "X-Crawl-Transfer-Encoding: chunked", "Content-Length: 5"
    )
    for first_line, version in (("HTTP/1.1 200 OK", "HTTP/1.1"), ("h2 200 ", "HTTP/2"), ("HTTP/2 200", "HTTP/2")):
        block = crawled.replace(b"HTTP/1.1 200 OK", first_line.encode())
        named = [("WARC-Identified-Payload-Type", "text/html"), ("WARC-Concurrent-To", "<urn:uuid:x>")]
        [item] = items_of(request(A, "User-Agent: CCBot/2.0") + response(A, block, *named))
        assert isinstance(item, Found)
        assert (item.capture.body, item.capture.status, item.capture.http_version) == (page("A"), 200, version)
        assert ("X-Crawl-Content-Encoding", "gzip") in item.capture.headers


@pytest.mark.parametrize(
    ("stated", "identified", "is_page"),
    [
        ("text/html; charset=utf-8", "application/pdf", True),
        ("application/octet-stream", "text/html", True),
        ("text/plain", "application/xhtml+xml", True),
        (None, "text/html", True),
        (None, "image/png", False),
        ("text/plain", None, False),
        ("application/json", "text/html", False),
    ],
)
def test_types_that_servers_get_wrong(stated: str | None, identified: str | None, is_page: bool) -> None:
    fields = [("WARC-Identified-Payload-Type", identified)] if identified else []
    [item] = items_of(response(A, http(page("A"), type=stated), *fields))
    assert isinstance(item, Found) == is_page


def test_what_was_cut_short_is_kept_as_far_as_it_goes(load: Callable[..., Imported]) -> None:
    whole = page("A", filler=4_000)
    packed = gzip.compress(whole)
    content = b"".join(
        [
            response(f"{A}/1", http(whole[:1_000]), ("WARC-Truncated", "length")),
            response(f"{A}/2", http(packed[:-500], "Content-Encoding: gzip"), ("WARC-Truncated", "length")),
            response(f"{A}/3", http(chunked(whole)[:20_500], "Transfer-Encoding: chunked"), ("WARC-Truncated", "time")),
            response(f"{A}/4", http(packed[:-500], "Content-Encoding: gzip")),
        ]
    )
    counts = load(content).counts
    assert (counts.captures, counts.truncated, counts.damaged) == (3, 3, 1)
    bodies = [load.archive.capture(number).body for number in (1, 2, 3)]
    assert bodies[0] == whole[:1_000]
    assert all(body and whole.startswith(body) for body in bodies)
    assert len(bodies[1]) > len(whole) // 2
    assert len(bodies[2]) > 20_000
    assert (load.archive.stored_capture(3).import_record or "").endswith("> (cut short: time)")


def test_a_bomb_that_is_said_to_be_cut_short_is_left_out() -> None:
    bomb = gzip.compress(b"<html>" + bytes(5 << 20))
    item, found = items_of(
        response(A, http(bomb, "Content-Encoding: gzip"), ("WARC-Truncated", "length")) + response(B, http(page("B")))
    )
    assert isinstance(item, Left)
    assert item.reason == "too_large"
    assert not isinstance(found, Damage)
