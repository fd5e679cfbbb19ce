"""One archive, one server and one browser for all journeys; a visitor a test, who asks nobody else for anything."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from scraper.fetch.browser import find_program
from scraper.settings import FetchSettings
from tests.web.journeys.archived import Known, archive_of_everything
from tests.web.journeys.visitor import Visitor
from tests.web.replay.conftest import on_a_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)


@dataclass(frozen=True, slots=True)
class Site:
    """The web interface on a port, over an archive of which is known what is in it."""

    url: str
    known: Known


# Of the package, not of the session: while the browser lives, nothing else in this process can run a loop.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("needs the extra browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_program(FetchSettings()), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from scraper.web.server import web

    path = tmp_path_factory.mktemp("journeys") / "archive.db"
    known = archive_of_everything(path)
    pages = web(path)
    try:
        with on_a_port(pages.app) as port:
            yield Site(port.url, known)
    finally:
        pages.close()


@pytest.fixture
def a_visitor(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, with the options of a browser's context. Who asked anybody else, or met an error, fails."""
    made: list[Visitor] = []

    def make(**options: object) -> Visitor:
        made.append(Visitor(chromium, site.url, **options))
        return made[-1]

    yield make
    for one in made:
        one.leave()
        is_quiet(one)


@pytest.fixture(scope="package")
def regular(chromium: Browser, site: Site) -> Iterator[Visitor]:
    # A window takes longer to open than most pages do.
    visitor = Visitor(chromium, site.url)
    yield visitor
    visitor.leave()


@pytest.fixture
def visitor(regular: Visitor) -> Iterator[Visitor]:
    """Somebody with scripts and a wide window, the same for all tests; fails as those of `a_visitor` do."""
    regular.start()
    yield regular
    is_quiet(regular)


def is_quiet(visitor: Visitor) -> None:
    assert visitor.asked_elsewhere == []
    assert visitor.errors == []


@pytest.fixture
def known(site: Site) -> Known:
    return site.known
