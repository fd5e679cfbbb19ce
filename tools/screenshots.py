"""Make the pictures of the web interface in docs/images/: pages over the demo's archive, as Chromium shows them.

python -m tools.screenshots [NAME…]

The archive is what `scrape demo` makes, on two days that are always the same, so that the pictures change only when
pages do (or fonts: they are this machine's).
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scraper.crawl import ExtractionPool, archive_pages
from scraper.demo import DemoSite
from scraper.extract.sitefiles import packaged_folder
from scraper.fetch import Fetcher
from scraper.fetch.browser import find_program
from scraper.settings import FetchSettings
from scraper.store import Archive
from scraper.web.server import web

FOLDER = Path(__file__).parents[1] / "docs" / "images"
DAYS = (datetime(2024, 11, 22, 17, 40, tzinfo=UTC), datetime(2024, 11, 23, 8, 5, tzinfo=UTC))
"""When the demo's pages are visited: the second time, one of them is another."""
MOST_BYTES = 150_000
FERRY = "http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    name: str
    path: str
    """Of the page; `{ferry}` stands for the id of the article that the demo edits, `{then}` for its first capture."""
    width: int = 1100
    height: int = 780
    dark: bool = False


PICTURES = (
    Picture(name="home", path="/"),
    Picture(name="search", path="/search?q=ferry+OR+library+OR+council"),
    Picture(name="article", path="/article/{ferry}"),
    Picture(name="diff", path="/article/{ferry}/diff?view=side"),
    Picture(name="replay", path=f"/web/{{then}}/{FERRY}"),
    Picture(name="outlet", path="/outlets/harbour-courier.example"),
    Picture(name="article-dark", path="/article/{ferry}", dark=True),
    Picture(name="search-phone", path="/search?q=ferry", width=390, height=780),
)


class _Clock:
    """Begins at a moment, and goes on a little whenever it is looked at, so that whoever waits for a moment sees it."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def __call__(self) -> datetime:
        self._moment += timedelta(milliseconds=1)
        return self._moment


def demo_archive(path: Path) -> None:
    """What `scrape demo --keep` leaves behind, with the times of DAYS."""
    with DemoSite() as site, ExtractionPool(workers=1, selectors=packaged_folder()) as pool:
        settings = FetchSettings(allow_private=True, connect_to=site.connect_to, delay=0.0, timeout=10.0)
        for day in DAYS:
            if day is not DAYS[0]:
                site.edit()
            clock = _Clock(day)
            with Archive.open(path, write=True, clock=clock) as archive:
                run_id = archive.begin_run("url", site.urls)
                fetcher = Fetcher(settings, clock=clock)
                work = archive_pages(
                    site.urls, archive=archive, settings=settings, pool=pool, run_id=run_id, fetcher=fetcher
                )
                asyncio.run(work)
                archive.end_run(run_id, "done")


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of the web interface over an archive, for which it is the evening of the last of DAYS."""
    import uvicorn

    pages = web(path, clock=lambda: DAYS[-1].replace(hour=20))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(pages.app, lifespan="off", ws="none", log_level="error", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            pages.close()


def take(browser: Browser, picture: Picture, address: str) -> bytes:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.set_default_timeout(120_000)  # the first page that is replayed waits for a process to start
    page.goto(address, wait_until="load")
    shown = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return shown


def main(names: list[str]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    too_big = []
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        archive = Path(folder, "demo.db")
        demo_archive(archive)
        with Archive.open(archive) as reader:
            known = {
                "ferry": reader.article(FERRY).id,
                "then": f"{next(iter(reader.captures(FERRY))).fetched_at:%Y%m%d%H%M%S}",
            }
        with served(archive) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_program(FetchSettings()))
            for picture in PICTURES:
                if names and picture.name not in names:
                    continue
                png = take(browser, picture, origin + picture.path.format(**known))
                (FOLDER / f"{picture.name}.png").write_bytes(png)
                print(f"{picture.name}.png: {len(png):,} bytes")
                if len(png) > MOST_BYTES:
                    too_big.append(picture.name)
            browser.close()
    if too_big:
        print(f"larger than {MOST_BYTES:,} bytes: {', '.join(too_big)}", file=sys.stderr)
    return 1 if too_big else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
