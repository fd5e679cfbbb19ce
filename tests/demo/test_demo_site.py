"""The demo's web as its clients see it, over the loopback interface, and the truth that goes with its pages."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

import scraper
from scraper.demo import PAGES, DemoSite, Page
from scraper.demo.pages import HOSTS, SOURCES, find, read

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
SELECTORS = ROOT / "selectors"
SITE = ROOT / "scraper" / "demo" / "site"


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


def ask(
    site: DemoSite, host: str, target: str, *, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields (lower-case names) and body of one request, sent to 127.0.0.1 whatever the host."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"Host": host, **fields})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# The server


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.shows)
def test_each_page_answers_as_declared(site: DemoSite, page: Page) -> None:
    status, headers, body = ask(site, page.host, page.path)
    assert status == page.status
    for name, value in page.headers:
        assert headers[name.lower()] == value
    assert headers.get("location") == page.redirect
    assert int(headers["content-length"]) == len(body)
    if page.file:
        assert headers["content-type"] == page.content_type
        assert body == read(page.file)


def test_edit_changes_only_the_edited_pages(site: DemoSite) -> None:
    before = {page.url: ask(site, page.host, page.path)[2] for page in PAGES}
    changed = site.edit()
    after = {page.url: ask(site, page.host, page.path)[2] for page in PAGES}
    assert changed
    assert {url for url in before if before[url] != after[url]} == set(changed)
    with DemoSite() as another:
        assert all(ask(another, page.host, page.path)[2] == before[page.url] for page in PAGES)


def test_urls_are_in_order_and_without_port(site: DemoSite) -> None:
    assert site.urls == tuple(page.url for page in PAGES)
    assert len(set(site.urls)) == len(site.urls)
    for url in site.urls:
        parts = urlsplit(url)
        assert parts.scheme == "http"
        assert parts.port is None
        assert (parts.hostname or "").endswith(".example")


def test_connect_to_leads_any_host_to_the_loopback_port(site: DemoSite) -> None:
    assert site.connect_to == (f"::127.0.0.1:{site.port}",)


def test_robots_txt_allows_all_on_each_host(site: DemoSite) -> None:
    for host in HOSTS:
        status, headers, body = ask(site, host, "/robots.txt")
        assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
        assert body == b"User-agent: *\nAllow: /\n"


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("harbour-courier.example", "/no/such/page/"),
        ("harbour-courier.example", "/?p=1"),
        ("unknown.example", "/"),
        ("unknown.example", "/robots.txt"),
        ("metropost.example", "/../pages.py"),
        ("", "/"),
    ],
)
def test_unknown_addresses_are_404(site: DemoSite, host: str, target: str) -> None:
    assert ask(site, host, target)[0] == 404


def test_host_is_matched_without_port_and_case_and_the_query_may_track(site: DemoSite) -> None:
    page = PAGES[0]
    assert page.file
    for host in (page.host.upper(), f"{page.host}:80", f"{page.host}."):
        assert ask(site, host, f"{page.path}?utm_source=demo")[2] == read(page.file)


def test_a_target_in_absolute_form_wins_over_the_host_header(site: DemoSite) -> None:
    page = next(page for page in PAGES if page.redirect)
    assert ask(site, "unknown.example", page.url)[1]["location"] == page.redirect


def test_the_redirect_leads_to_a_page(site: DemoSite) -> None:
    for page in PAGES:
        if page.redirect:
            parts = urlsplit(page.redirect)
            assert ask(site, parts.netloc, parts.path)[0] == 200


def test_gzip_when_asked_for(site: DemoSite) -> None:
    page = PAGES[0]
    assert page.file
    _, headers, body = ask(site, page.host, page.path, Accept_Encoding="br;q=1.0, gzip;q=0.8")
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert int(headers["content-length"]) == len(body)
    assert gzip.decompress(body) == read(page.file)
    for refused in ("identity", "gzip;q=0", "br"):
        assert "content-encoding" not in ask(site, page.host, page.path, Accept_Encoding=refused)[1]


def test_head_has_the_fields_and_no_body(site: DemoSite) -> None:
    page = PAGES[0]
    full = ask(site, page.host, page.path)
    status, headers, body = ask(site, page.host, page.path, method="HEAD")
    assert (status, headers["content-length"], body) == (200, full[1]["content-length"], b"")


def test_one_connection_serves_many_requests(site: DemoSite) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.connect()
        first = connection.sock
        for page in PAGES:
            connection.request("GET", page.path, headers={"Host": page.host})
            answer = connection.getresponse()
            assert answer.version == 11
            answer.read()
        assert connection.sock is first
    finally:
        connection.close()


def test_it_listens_on_the_loopback_interface_only(site: DemoSite) -> None:
    server = site._server
    assert server is not None
    assert server.server_address[0] == "127.0.0.1"


def test_it_stops_cleanly_with_a_connection_still_open(capfd: pytest.CaptureFixture[str]) -> None:
    threads = threading.active_count()
    with DemoSite() as site:
        port = site.port
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        kept.request("GET", PAGES[0].path, headers={"Host": PAGES[0].host})
        kept.getresponse().read()
        began = time.monotonic()
    with idle:
        assert idle.recv(1) == b""
    kept.close()
    assert time.monotonic() - began < 2
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
    deadline = time.monotonic() + 2
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == threads
    assert capfd.readouterr() == ("", "")


def test_a_client_that_hangs_up_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with DemoSite() as site:
        page = PAGES[0]
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", site.port), timeout=10) as client:
                # SO_LINGER of zero: close with a reset instead of a goodbye.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.sendall(f"GET {page.path} HTTP/1.1\r\nHost: {page.host}\r\n\r\n".encode())
        assert ask(site, page.host, page.path)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_an_exception_inside_the_block_stops_it_too() -> None:
    site = DemoSite()
    with pytest.raises(KeyError), site:
        raise KeyError
    with pytest.raises(RuntimeError, match="not running"):
        _ = site.port


def test_pages_are_read_from_an_archive_as_from_a_checkout(tmp_path: Path) -> None:
    package = Path(scraper.__file__).parent
    archive = tmp_path / "wheel.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in [path for folder in ("", "urls/", "demo/", "demo/site/") for path in package.glob(f"{folder}*.*")]:
            packed.write(path, f"scraper/{path.relative_to(package).as_posix()}")
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import scraper, scraper.demo.pages as pages\n"
        f"assert scraper.__file__.startswith({str(archive)!r}), scraper.__file__\n"
        "sizes = [len(pages.read(f)) for p in pages.PAGES for f in (p.file, p.edited_file) if f]\n"
        "assert min(sizes) > 1000, sizes\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, check=True, timeout=60)


# The pages


def demo_files() -> list[str]:
    return sorted({file for page in (*PAGES, *SOURCES) for file in (page.file, page.edited_file) if file})


def test_every_file_is_declared_and_small() -> None:
    assert demo_files() == sorted(path.name for path in SITE.iterdir())
    assert all(len(read(file)) < 40_000 for file in demo_files())


def test_pages_name_no_host_outside_example() -> None:
    vocabularies = {"schema.org", "ogp.me", "gmpg.org", "api.w.org", "www.w3.org"}
    for file in demo_files():
        for host in re.findall(rb"https?:\\?/\\?/([\w.-]+)", read(file)):
            assert host.decode() in vocabularies or host.endswith(b".example"), (file, host)


def test_find_prefers_the_address_with_its_query() -> None:
    short = find("harbour-courier.example", "/?p=2187")
    assert short is not None
    assert short.redirect is not None
    home = find("harbour-courier.example", "/")
    assert home is not None
    assert home.file == "home.html"
    assert find("harbour-courier.example", "/?p=1") is None


def test_selectors_are_data_only() -> None:
    # A Python file there would make the folder a package that shadows the standard library's module.
    names = [path.name for path in SELECTORS.iterdir()]
    assert len(names) >= 3
    assert all(name.endswith(".toml") for name in names)


# The truth about them


class _Text(HTMLParser):
    """Visible text and the targets of links, with the standard library only."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._hidden = 0
        self._parts: list[str] = []
        self.hrefs: list[str] = []
        self.base: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style", "title"):
            self._hidden += 1
        elif tag == "a" and given.get("href"):
            self.hrefs.append(given["href"] or "")
        elif tag == "base":
            self.base = given.get("href")
        if tag in ("p", "br", "li", "td", "div", "h1", "h2", "h3", "h4"):
            self._parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)

    @property
    def text(self) -> str:
        return folded("".join(self._parts))


def folded(text: str) -> str:
    return " ".join(text.split())


def fixture_folders() -> list[Path]:
    return sorted(path.parent for path in FIXTURES.glob("*/*/expected.json"))


def of_an_invented_site(folder: Path) -> bool:
    """Whether the fixture is of a site of the demo, not one for the site file of an outlet that exists."""
    return str(urlsplit(load(folder)[0]["url"]).hostname).endswith(".example")


def load(folder: Path) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """meta.json, expected.json and the page of a fixture."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    if "page" in meta:
        return meta, expected, read(meta["page"].removeprefix("demo:"))
    (page,) = folder.glob("page.*")
    return meta, expected, page.read_bytes()


def text_of(meta: dict[str, Any], page: bytes) -> _Text:
    charset = "windows-1252" if b"charset=windows-1252" in page else "utf-8"
    text = page.decode(charset)
    if meta["content_type"].startswith("text/plain"):
        text = text.replace("&", "&amp;").replace("<", "&lt;")
    return _Text(text)


def without_tracking(url: str) -> str:
    url = re.sub(r"(?<=[?&])utm_\w+=[^&]*&?", "", urldefrag(url).url)
    return url.rstrip("?&")


each_fixture = pytest.mark.parametrize(
    "folder",
    [folder for folder in fixture_folders() if of_an_invented_site(folder)],
    ids=lambda folder: str(folder.relative_to(FIXTURES).as_posix()),
)


def test_every_page_of_the_demo_has_a_fixture() -> None:
    urls: dict[str, str] = {}
    for folder in fixture_folders():
        meta = load(folder)[0]
        if "page" in meta:
            urls[meta["page"].removeprefix("demo:")] = meta["url"]
    for page in PAGES:
        for file in (page.file, page.edited_file):
            assert file is None or urls[file] == page.url
    assert set(urls) == set(demo_files()) - {source.file for source in SOURCES}


@each_fixture
def test_every_paragraph_stands_in_the_page_in_this_order(folder: Path) -> None:
    meta, expected, page = load(folder)
    text, at = text_of(meta, page).text, 0
    for paragraph in (expected["body"] or "").split("\n\n"):
        assert paragraph == folded(paragraph)
        at = text.find(paragraph, at)
        assert at >= 0, paragraph
        at += len(paragraph)


@each_fixture
def test_headline_and_byline_stand_in_the_page(folder: Path) -> None:
    meta, expected, page = load(folder)
    parsed = text_of(meta, page)
    assert (expected.get("headline") or "") in parsed.text
    for name in expected["authors"]:
        assert name in parsed.text or name.encode() in page


@each_fixture
def test_every_labelled_link_is_in_the_page_once(folder: Path) -> None:
    meta, expected, page = load(folder)
    parsed = text_of(meta, page)
    base = urljoin(meta["url"], parsed.base or "")
    present = {without_tracking(urljoin(base, href)) for href in parsed.hrefs}
    labelled = [url for kind in expected.get("links", {}).values() for url in kind]
    assert set(labelled) <= present
    assert len(labelled) == len(set(labelled))
    assert meta["url"] not in labelled


@each_fixture
def test_site_file_says_whether_one_covers_the_host(folder: Path) -> None:
    covered = {
        host for path in SELECTORS.glob("*.toml") for host in tomllib.loads(path.read_text(encoding="utf-8"))["hosts"]
    }
    meta = load(folder)[0]
    assert (urlsplit(meta["url"]).hostname in covered) is meta["site_file"]


def test_each_site_file_has_a_fixture_for_each_of_its_layouts() -> None:
    metas = [load(folder)[0] for folder in fixture_folders()]
    for path in SELECTORS.glob("*.toml"):
        site_file = tomllib.loads(path.read_text(encoding="utf-8"))
        domains = tuple(f".{host}" for host in site_file["hosts"])
        days = [m["fetched_at"][:10] for m in metas if f".{urlsplit(m['url']).hostname}".endswith(domains)]
        since = ""
        for layout in site_file["layout"]:
            until = str(layout.get("until", "9999-12-31"))
            assert any(since < day <= until for day in days), (path.name, until)
            since = until


def test_the_seed_text_and_both_its_pages_have_one_body() -> None:
    seeds = [folder for folder in fixture_folders() if folder.name.startswith("seed-")]
    truths = [load(folder)[1] for folder in seeds]
    assert len(seeds) == 3
    assert len({(truth["headline"], truth["body"]) for truth in truths}) == 1
    assert len(truths[0]["body"].split("\n\n")) == 9
    bare = (FIXTURES / "dnipro-dispatch" / "seed-without-metadata" / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"<meta|<time|ld\+json|itemprop|itemscope", bare)
