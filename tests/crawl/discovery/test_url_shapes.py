"""Addresses of one make have one shape, and their words say what a page is for, in any script."""

import pytest

from scraper.crawl.discovery.sections import score_address
from scraper.crawl.discovery.url_shapes import read_url, shape_of

HOST = "https://gazette.example"


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "/"),
        ("/2024/05/12/mill-opens-its-doors-again/", "/{yyyy}/{mm}/{dd}/{slug}"),
        ("/a/2024/05/mill-opens-its-doors-again", "/a/{yyyy}/{mm}/{slug}"),
        ("/politics/europe/mill-opens-its-doors-again-104857.html", "/{section}/{slug}-{id}.html"),
        ("/politics/mill-opens-its-doors-again-104857.html", "/{section}/{slug}-{id}.html"),
        ("/world/2024/mar/08/mill-opens-its-doors", "/{section}/{yyyy}/{mm}/{dd}/{slug}"),
        ("/n1/2024/0424/c1001-40223222.html", "/{section}/{yyyy}/{mm}{dd}/{id}.html"),
        ("/news/articles/c9wnex8g5dyo", "/news/articles/{id}"),
        ("/article/20250121-QBJP5I25BBIG5IZ76XZNDHDB5Q/", "/article/{date}-{id}"),
        ("/doc/7715044", "/doc/{id}"),
        ("/?p=4711", "/?p={id}"),
        ("/index.php?id=4711&lang=uk", "/{word}?id={id}&lang"),
        ("/tag/mills/", "/tag/{word}"),
        ("/новини/млин-знову-відчинив-двері-4711.html", "/новини/{slug}-{id}.html"),
        (
            "/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/%D0%BC%D0%BB%D0%B8%D0%BD-%D0%B7%D0%BD%D0%BE%D0%B2%D1%83"
            "-%D0%B2%D1%96%D0%B4%D1%87%D0%B8%D0%BD%D0%B8%D0%B2-%D0%B4%D0%B2%D0%B5%D1%80%D1%96",
            "/новини/{slug}",
        ),
        ("/الطاحونة-تفتح-أبوابها-من-جديد", "/{slug}"),
        ("/磨坊重新开放迎接市民参观", "/{slug}"),
    ],
)
def test_the_shape_of_a_path(path: str, shape: str) -> None:
    assert shape_of(HOST + path) == shape


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/tag/mills/", "tag"),
        ("/теги/млини", "tag"),
        ("/%D8%A7%D9%84%D9%83%D8%A7%D8%AA%D8%A8/salim", "author"),
        ("/autoren/anna-beispiel", "author"),
        ("/category/world/page/3", "list"),
        ("/rubrik/politik", "list"),
        ("/suche?q=a", "search"),
        ("/?s=mill", "search"),
        ("/wp-login.php", "login"),
        ("/impressum.html", "legal"),
        ("/om-oss/", "legal"),
        ("/feed/", "feed"),
        ("/wp-json/wp/v2/posts", "feed"),
        ("/story/mill/print", "print"),
        ("/story/mill/amp/", "print"),
        ("/wetter", "service"),
        ("/mill-opens-its-doors-again", None),
        ("/politics", None),
    ],
)
def test_what_the_words_of_an_address_say_it_is_for(path: str, purpose: str | None) -> None:
    assert read_url(HOST + path).purpose == purpose


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/photos/mill.JPG", "media"),
        ("/report.pdf", "media"),
        ("/rss.xml", "feed"),
        ("/mill.html", None),
        ("/v1.5", None),
    ],
)
def test_files_that_are_no_pages(path: str, file: str | None) -> None:
    assert read_url(HOST + path).file == file


@pytest.mark.parametrize(
    "path",
    [
        "/2024/05/12/mill-opens-its-doors-again/",
        "/politik/die-muehle-oeffnet-wieder-ihre-tore-110485721.html",
        "/news/articles/c9wnex8g5dyo",
        "/новини/млин-знову-відчинив-двері-після-ремонту-4711123.html",
        "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/2024/5/12/%D8%A7%D9%84%D8%B7%D8%A7%D8%AD%D9%88%D9%86%D8%A9-%D8%AA%D9%81%D8%AA%D8%AD"
        "-%D8%A3%D8%A8%D9%88%D8%A7%D8%A8%D9%87%D8%A7-%D9%85%D9%86-%D8%AC%D8%AF%D9%8A%D8%AF",
        "/article/1011185",
    ],
)
def test_addresses_of_articles_are_likely_articles(path: str) -> None:
    assert score_address(HOST + path) > 0.5


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/politics",
        "/tag/mills",
        "/author/anna-example",
        "/category/world/",
        "/about-us",
        "/login",
        "/page/2",
        "/теги/млин",
    ],
)
def test_addresses_of_other_pages_are_not(path: str) -> None:
    assert score_address(HOST + path) < 0.2


def test_known_articles_speak_for_others_of_their_make() -> None:
    known = tuple(f"{HOST}/p/mill-{word}-k{number}" for number, word in enumerate(("opens", "closes", "burns"), 10_000))
    asked = f"{HOST}/p/mill-floats-k20000"
    assert score_address(asked, known_articles=known) > score_address(asked) + 0.2


@pytest.mark.parametrize(
    "text", ["", "not a url", "https://", "https://x", "https://x/%ff%fe", "https://x/" + "a-" * 100_000]
)
def test_text_that_is_no_url_is_read_all_the_same(text: str) -> None:
    assert read_url(text).shape.startswith("/")
