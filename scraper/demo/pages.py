"""What the demo's web consists of: hosts, paths, files, answers. Data and look-up only; `server` does the talking."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

HTML = "text/html; charset=UTF-8"
ROBOTS = b"User-agent: *\nAllow: /\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One address of the demo's web and how it answers."""

    host: str
    path: str
    """With its query, as it stands in the request line."""
    shows: str
    """What the page is there to show, in a few words."""
    file: str | None = None
    """Its HTML, in the folder `site`; None for a redirect."""
    edited_file: str | None = None
    """What it is after `DemoSite.edit()`; None for a page that stays as it is."""
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    """More header fields, as that outlet's server sends them."""
    redirect: str | None = None
    """Absolute URL for `Location`."""

    @property
    def url(self) -> str:
        """Without port: with `DemoSite.connect_to` every host leads to the demo's server."""
        return f"http://{self.host}{self.path}"


_WORDPRESS = (("X-Powered-By", "PHP/8.2.25"), ("Cache-Control", "max-age=300"))

PAGES: tuple[Page, ...] = (
    Page(
        host="harbour-courier.example",
        path="/2024/11/18/inchmara-ferry-winter-timetable/",
        file="ferry.html",
        edited_file="ferry-edited.html",
        headers=_WORDPRESS,
        shows="WordPress magazine article, corrected on the second day",
    ),
    Page(
        host="harbour-courier.example",
        path="/2024/11/15/sea-wall-survey-eleven-weak-points/",
        file="sea-wall.html",
        headers=_WORDPRESS,
        shows="long article with subheadings, a list and two authors",
    ),
    Page(
        host="fenwick-gazette.example",
        path="/news/library-keeps-saturday-hours/",
        file="library.html",
        headers=_WORDPRESS,
        shows="WordPress block theme whose metadata names the wrong author",
    ),
    Page(
        host="visti-stepu.example",
        path="/news/suspilstvo/vodohin-u-balci-chumackij.html",
        file="vodohin.html",
        headers=(("Set-Cookie", "6f0c2=demo; path=/; HttpOnly"),),
        shows="Ukrainian, the date only in words",
    ),
    Page(
        host="sada-almina.example",
        path="/local/4471/",
        file="souq.html",
        shows="Arabic, right to left, microdata",
    ),
    Page(
        host="millbrook-bugle.example",
        path="/archive/pond.htm",
        file="pond.html",
        content_type="text/html",  # its charset (windows-1252) stands only in the page
        shows="hand-made HTML without any metadata",
    ),
    Page(
        host="metropost.example",
        path="/city/tram-line-nine-opens-1187.html",
        file="consent.html",
        headers=(("Cache-Control", "no-store"), ("Set-Cookie", "cw=pending; path=/")),
        shows="consent wall instead of the article",
    ),
    Page(
        host="harbour-courier.example",
        path="/category/harbour/",
        file="section.html",
        headers=_WORDPRESS,
        shows="section page: a list of articles",
    ),
    Page(
        host="harbour-courier.example",
        path="/2019/03/02/bridge-toll-vote/",
        file="not-found.html",
        status=404,
        headers=_WORDPRESS,
        shows="404 with an error page",
    ),
    Page(
        host="harbour-courier.example",
        path="/?p=2187",
        status=301,
        redirect="http://harbour-courier.example/2024/11/15/sea-wall-survey-eleven-weak-points/",
        headers=(("X-Redirect-By", "WordPress"),),
        shows="short link that redirects to an article",
    ),
)

SOURCES: tuple[Page, ...] = (
    Page(
        host="harbour-courier.example",
        path="/",
        file="home.html",
        headers=_WORDPRESS,
        shows="home page, with a feed",
    ),
    Page(
        host="harbour-courier.example",
        path="/feed/",
        file="feed.xml",
        content_type="application/rss+xml; charset=UTF-8",
        headers=_WORDPRESS,
        shows="the feed",
    ),
)
"""Where a crawl finds pages; they are none of those that the demo archives."""

HOSTS: frozenset[str] = frozenset(page.host for page in PAGES)

_BY_ADDRESS = {(page.host, page.path): page for page in (*PAGES, *SOURCES)}
_BY_PATH = {(page.host, page.path): page for page in PAGES}


def find(host: str, target: str) -> Page | None:
    """The page at `target` (path and query) of `host`; a query nobody knows, such as a tracking one, is ignored."""
    return _BY_ADDRESS.get((host, target)) or _BY_PATH.get((host, target.partition("?")[0]))


@lru_cache(maxsize=32)
def read(file: str) -> bytes:
    """The bytes of a page's `file`, from the checkout or from an installed wheel, zipped or not."""
    return resources.files("scraper.demo").joinpath("site", file).read_bytes()
