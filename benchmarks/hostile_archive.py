"""An archive in which every text is an attempt: stored through the public API, as a crawl or an import would store it.

Each string has a page of its own, where it is headline, outlet, author, lead, text, tag, section, link and what was
captured; and stands on a page of a pack, which was edited from one string of the pack to the next. The strings are the
names of runs, jobs, alarms and failures as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.injections import Injection
from scraper.article import Article, Link, Provenance
from scraper.capture import Capture, Failure, Hop
from scraper.store import Archive, Trouble

PACK = 25
SHELF = 20
"""Pages of single strings that have a word in common: what a page of the search shows at once."""
_BEGIN = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
_HTML = ("Content-Type", "text/html; charset=utf-8")
_SWALLOWING = "title textarea style script noscript noembed xmp iframe select template".split()
_WALL = "".join(f"</{tag}>" for tag in _SWALLOWING)
"""What ends whatever a string may have begun, so that the next one has its chance."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page with one string, or a pack of them."""

    page: int
    """The article's id."""
    capture: int
    url: str
    at: datetime
    """When it was captured."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is in the archive."""

    path: Path
    singles: list[Kept] = field(default_factory=list)
    packs: list[Kept] = field(default_factory=list)
    """The last capture of each."""
    words: list[str] = field(default_factory=list)
    """Each finds SHELF singles."""
    outlets: list[str] = field(default_factory=list)
    """Names of outlets as they are stored; those of packs come last."""
    runs: list[int] = field(default_factory=list)


def hostile_archive(path: Path, strings: Sequence[Injection]) -> Shelf:
    """Write it to `path`."""
    shelf = Shelf(path)
    moments = (_BEGIN + timedelta(seconds=20 * number) for number in count())
    with Archive.open(path, write=True, clock=lambda: _BEGIN + timedelta(days=30)) as archive:
        with archive.batch():
            _add_work(archive, strings, shelf)
        for start in range(0, len(strings), PACK):
            pack = strings[start : start + PACK]
            with archive.batch():
                for one in pack:
                    shelf.singles.append(_add_single(archive, one, next(moments), shelf.runs[0]))
                shelf.packs.append(_add_pack(archive, start // PACK, pack, moments))
        for start in range(0, len(strings), SHELF):
            shelf.words.append(_word(strings[start].number))
        known = {site for kept in shelf.singles for site in [archive.article(kept.page).site] if site}
        shelf.outlets.extend(sorted(known))
        shelf.outlets.extend(_pack_site(number) for number in range(len(shelf.packs)))
    return shelf


def captured_page(strings: Sequence[Injection]) -> bytes:
    """A page with all of them in its text, in attributes and in its head; what swallows the rest comes last."""
    ordered = sorted(strings, key=lambda one: not one.is_self_contained)
    parts = [f"{one.text}{_WALL}</svg></math></table>-->\"'>\n" for one in ordered]
    quoted = [f"<p title=\"{one.text}\">x</p><a href='{one.text}'>x</a>{_WALL}\"'>" for one in ordered[:3]]
    story = "".join(f"<p>The council met for the {number}th time, and decided nothing.</p>" for number in range(4))
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{strings[0].text}</title>"
        f"<meta name=description content='{strings[0].text}'></head><body><article><h1>{strings[-1].text}</h1>{_WALL}"
        f"{story}{''.join(quoted)}{''.join(parts)}</article></body></html>"
    ).encode("utf-8", "replace")


def _add_single(archive: Archive, one: Injection, at: datetime, run_id: int) -> Kept:
    url = f"https://news{one.number % 50}.example/single/{one.number}"
    body = f"<!doctype html><title>{one.text}</title><h1>x</h1>{one.text}".encode("utf-8", "replace")
    hop = Hop(url=url, status=200, headers=(_HTML, ("X-Said", one.text), (one.text[:60], "x")), peer=one.text[:80])
    sent = (("User-Agent", one.text),)
    capture = Capture(url=url, fetched_at=at, hops=(hop,), body=body, request_headers=sent)
    stored = archive.add_capture(capture, run_id)
    text = one.text
    archive.add_article(
        stored.id,
        _article(
            url,
            site=text,
            headline=text,
            body=f"{_word(one.number)} {text}\n\n{text}",
            authors=(text, "Ann Bell"),
            tags=(text,),
            links=(Link(text, text, "inline"), Link(f"https://{text}", text, "related")),
        ),
    )
    return Kept(archive.page(url).id, stored.id, url, at)


def _add_pack(archive: Archive, number: int, pack: Sequence[Injection], moments: Iterator[datetime]) -> Kept:
    """A page whose headline was another string of the pack at each visit, and whose text was all of them."""
    url, body = f"https://pack.example/{number}", captured_page(pack)
    texts = [one.text for one in pack]
    for step, one in enumerate(pack):
        at = next(moments)
        hop = Hop(url=url, status=200, headers=(_HTML, ("Last-Modified", one.text)))
        capture = archive.add_capture(Capture(url=url, fetched_at=at, hops=(hop,), body=body))
        last = step == len(pack) - 1
        article = _article(
            url,
            site=_pack_site(number),
            headline=one.text,
            # Few words at first, so that what became of them in the end is all an edit.
            body="\n\n".join(reversed(texts)) if last else "It was a quiet day.\n\nNobody said a word.",
            authors=tuple(texts),
            tags=tuple(texts),
            links=tuple(Link(text, text, kind) for text in texts for kind in ("inline", "related", "popular")),
        )
        archive.add_article(capture.id, article)
    failed = Failure(code="timeout", message=pack[0].text)
    archive.add_capture(Capture(url=url, fetched_at=next(moments), failure=failed))
    return Kept(archive.page(url).id, capture.id, url, at)


def _article(url: str, *, headline: str, body: str, **fields: Any) -> Article:
    text = headline
    source = Provenance(source=text, confidence=0.5, selector=text, reason=text)
    return Article(
        url=url,
        canonical_url=text,
        headline=headline,
        lead=text,
        body=body,
        body_html=f"<p>{text}</p><h2 title='{text}'>x</h2><p><a href='{text}'>x</a><img src='{text}' alt='{text}'></p>",
        section=text,
        image=text,
        published_at="2024-05-01T06:00:00Z",
        modified_at=text,
        language=text,
        word_count=9,
        page_type="article",
        verdict="ok",
        verdict_reason=text,
        provenance=dict.fromkeys(("headline", "authors", "published_at", "body"), source),
        extractor=text,
        **fields,
    )


def _add_work(archive: Archive, strings: Sequence[Injection], shelf: Shelf) -> None:
    """Runs, jobs and alarms: a few hundred of the strings stand in each."""
    some = [one.text for one in strings[:: max(1, len(strings) // 200)]]
    shelf.runs.append(archive.begin_run("url", some))
    for number, text in enumerate(some[:40]):
        archive.add_job(
            name=text,
            origin="command",
            starts=[{"kind": "site", "url": text}],
            options={"languages": [text], "limit": 5},
            schedule=None,
            time_zone=None,
            next_at=None,
        )
        if number < 12:
            shelf.runs.append(archive.begin_run(text, [text]))
    for text in some:
        trouble = Trouble(
            site=text,
            kind="layout",
            subject=text,
            severity="warning",
            since=_BEGIN,
            since_run_id=None,
            message=text,
            detail={"baseline": text, "now": text, "selectors": [text]},
        )
        archive.health().raise_alarm(trouble, None)


def _word(number: int) -> str:
    return f"shelf{number // SHELF}q"


def _pack_site(number: int) -> str:
    return f"pack{number}.example"
