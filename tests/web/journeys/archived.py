"""An archive with something of everything that pages show: weeks of runs, edits, walls, scripts, endless words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.article import Link, Provenance
from scraper.capture import Capture, Hop
from scraper.demo.pages import PAGES, Page, read
from scraper.extract import extract
from scraper.store import Archive
from tests.web.browser import START, store
from tests.web.crawled import COURIER, MERCURY, crawled_archive

FIRST_DAY = datetime(2024, 11, 19, 9, 30, tzinfo=UTC)
"""When the demo's pages were captured; a second time `LATER` after that, when the ferry's had been edited."""
LATER = timedelta(days=2)
FERRY = next(page for page in PAGES if page.edited_file)

CHINESE_URL = "https://linjiang.example/2024/11/laodukou"
CHINESE = """<!DOCTYPE html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>临江老渡口恢复通航</title>
<meta property="og:type" content="article"><meta property="og:title" content="临江老渡口恢复通航">
<meta property="article:published_time" content="2024-11-18T08:00:00+08:00"></head>
<body><nav><a href="/">首页</a><a href="/news">新闻</a></nav><article><h1>临江老渡口恢复通航</h1><p>记者 陈思远</p>
<p>停航三年的临江老渡口昨天清晨恢复通航，第一班渡轮载着四十多名乘客驶向对岸，其中一半是赶早市的菜农。</p>
<p>渡口管理处负责人说，新船长二十八米，可以同时搭载六十人和二十辆自行车，每天往返十二班，票价仍然是两元。</p>
<p>住在对岸的老人告诉记者，这三年里他进城要绕行十七公里，如今只要八分钟，孙子上学也方便多了。</p>
<p>镇政府表示，码头两侧的候船亭将在年底以前修好，冬季水位下降时，渡轮会改在下游的浮码头停靠。</p></article>
</body></html>"""

LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
LONG_URL = f"https://endless.example/{'unbroken' * 40}?{'parameter' * 20}=1"
LONG_CHINESE = "临江老渡口恢复通航后第一个周末客流超过预期" * 8
LONG_ARABIC = "سوقالسمكفيمرسىالنخيل" * 12
TABLE = (
    "<table>"
    + "".join(f"<tr>{''.join(f'<td>{1_000_000 * row + column}</td>' for column in range(16))}</tr>" for row in range(3))
    + "</table>"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is in it: numbers of pages, captures and runs."""

    ferry: int
    arabic: int
    ukrainian: int
    chinese: int
    wall: int
    gone: int
    endless: int
    """Words, names, addresses and a table that no phone is wide enough for."""
    endless_arabic: int
    endless_chinese: int
    capture: int
    """The first of the ferry's page."""
    refused: int
    """A capture of a page that was gone."""
    run: int
    captured: str = f"{FIRST_DAY:%Y%m%d%H%M%S}"
    """When the ferry's page was captured first, as addresses of replay say it; `edited`: when it had been edited."""
    edited: str = f"{FIRST_DAY + LATER:%Y%m%d%H%M%S}"
    ferry_url: str = FERRY.url
    outlet: str = MERCURY
    other_outlet: str = COURIER


def archive_of_everything(path: Path) -> Known:
    """Write it to `path`."""
    crawled = crawled_archive(path)
    with Archive.open(path, write=True) as archive:
        for round_, start in enumerate((FIRST_DAY, FIRST_DAY + LATER)):
            for number, page in enumerate(PAGES):
                keep(archive, captured(page, start + timedelta(minutes=number), edited=round_ == 1))
        keep(archive, fetched(CHINESE_URL, CHINESE.encode(), FIRST_DAY))
        of_late(archive)
        endless = endless_stories(archive)

        def page(url: str) -> int:
            return archive.page(url).id

        def host(name: str) -> int:
            return page(next(one.url for one in PAGES if one.host == name))

        gone = f"https://{MERCURY}/5/1"
        return Known(
            ferry=page(FERRY.url),
            arabic=host("sada-almina.example"),
            ukrainian=host("visti-stepu.example"),
            chinese=page(CHINESE_URL),
            wall=host("metropost.example"),
            gone=page(gone),
            endless=endless[0],
            endless_arabic=endless[1],
            endless_chinese=endless[2],
            capture=next(iter(archive.captures(FERRY.url))).id,
            refused=list(archive.captures(gone))[-1].id,
            run=crawled.runs[-1],
        )


def captured(page: Page, at: datetime, *, edited: bool) -> Capture:
    """A page of the demo as it was fetched."""
    hops = [Hop(url=page.url, status=page.status, headers=(("Content-Type", page.content_type), *page.headers))]
    while page.redirect is not None:
        hops[-1] = replace(hops[-1], headers=(("Location", page.redirect),))
        page = next(one for one in PAGES if one.url == page.redirect)
        hops.append(Hop(url=page.url, status=page.status, headers=(("Content-Type", page.content_type),)))
    file = page.edited_file if edited and page.edited_file else page.file
    assert file is not None
    return Capture(url=hops[0].url, fetched_at=at, hops=tuple(hops), body=read(file))


def fetched(url: str, body: bytes, at: datetime) -> Capture:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Capture(url=url, fetched_at=at, hops=(Hop(url=url, status=200, headers=headers),), body=body)


def keep(archive: Archive, capture: Capture) -> None:
    """Store it and what is read in it, as `scrape url` does."""
    stored = archive.add_capture(capture)
    if (capture.hops[-1].status or 0) < 400:
        content_type = dict(capture.hops[-1].headers).get("Content-Type")
        archive.add_article(
            stored.id,
            extract(
                capture.body or b"", url=capture.hops[-1].url, content_type=content_type, captured_at=capture.fetched_at
            ),
        )


def of_late(archive: Archive) -> None:
    """Stories of the last weeks, for the home page's chart."""
    today = datetime.now(UTC)
    for number in range(60):
        at = today - timedelta(days=29 - number // 2, minutes=number)
        site = ("evening-lantern.example", COURIER, "visti-stepu.example")[number % 3]
        fields = {"site": site, "headline": f"The weekly market moves to the quay, part {number + 1}"}
        minutes = round((at - START) / timedelta(minutes=1))
        store(archive, f"https://{site}/late/{number}", minutes=minutes, published_at=f"{at:%Y-%m-%d}", **fields)


def endless_stories(archive: Archive) -> list[int]:
    return [store(archive, url, **fields) for url, fields in _endless()]


def _endless() -> Iterator[tuple[str, dict[str, object]]]:
    common = {
        "site": "endless.example",
        "canonical_url": f"{LONG_URL}&canonical=1",
        "image": f"{LONG_URL}.jpg",
        "section": LONGEST,
        "tags": (LONGEST, *(f"tag {number}" for number in range(80))),
        "links": (Link(LONG_URL, LONGEST, "inline"), Link(f"{LONG_URL}2", LONG_URL, "related")),
        "provenance": {
            "headline": Provenance(source="page", confidence=0.5, selector="div>" * 60 + "h1", reason=LONGEST)
        },
    }
    body = f"<p>{LONGEST}</p><p><a href='{LONG_URL}'>{LONG_URL}</a></p><pre>{LONGEST}</pre>{TABLE}<h2>{LONGEST}</h2>"
    yield (
        LONG_URL,
        {**common, "headline": LONGEST, "authors": (LONGEST,) * 3, "lead": LONGEST, "body": LONGEST, "body_html": body},
    )
    for language, text in (("ar", LONG_ARABIC), ("zh-Hans", LONG_CHINESE)):
        fields = {"headline": text, "authors": (text,), "lead": text, "body": text, "language": language}
        yield (
            f"{LONG_URL}&{language}",
            {**common, **fields, "body_html": f"<p>{text}</p><blockquote><p>{text}</p></blockquote>{TABLE}"},
        )
