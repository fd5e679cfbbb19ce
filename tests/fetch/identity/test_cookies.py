"""The jar by itself."""

from __future__ import annotations

import random

import pytest

from scraper.fetch.identity.cookies import MAX_COOKIES, MAX_SITES, CookieJars

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("set_cookie", "set_by", "asked", "sent"),
    [
        ("a=1", "https://news.example/x/y", "https://news.example/x/z", "a=1"),
        ("a=1", "https://news.example/x/y", "https://news.example/other", None),  # the default path is /x
        ("a=1; Path=/", "https://news.example/x/y", "https://news.example/other", "a=1"),
        ("a=1; Path=/x", "https://news.example/", "https://news.example/xy", None),
        ("a=1; Path=/x", "https://news.example/", "https://news.example/x", "a=1"),
        ("a=1", "https://news.example/", "https://www.news.example/", None),
        ("a=1; Domain=.Example.COM", "https://www.example.com/", "https://m.example.com/", "a=1"),
        ("a=1; Domain=other.example", "https://news.example/", "https://other.example/", None),
        ("a=1; Domain=www.news.example", "https://news.example/", "https://www.news.example/", None),
        ("a=1; Domain=co.uk", "https://news.co.uk/", "https://news.co.uk/", None),  # a public suffix
        ("a=1; Domain=github.io", "https://news.github.io/", "https://news.github.io/", None),
        ("a=1; Domain=0.1", "http://127.0.0.1/", "http://127.0.0.1/", None),
        ("a=1; Domain=127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", "a=1"),
        ("a=1; Domain=localhost", "http://localhost/", "http://localhost/", "a=1"),
        ("a=1; Secure", "https://news.example/", "https://news.example/", "a=1"),
        ("a=1; Secure", "https://news.example/", "http://news.example/", None),
        ("a=1; Secure", "http://news.example/", "https://news.example/", None),  # plain http may not set one
        ("a=1; Max-Age=0", "https://news.example/", "https://news.example/", None),
        ("a=1; Max-Age=60", "https://news.example/", "https://news.example/", "a=1"),
        ("a=1; Max-Age=soon", "https://news.example/", "https://news.example/", "a=1"),
        ("a=1; Max-Age=9999999999999999999", "https://news.example/", "https://news.example/", "a=1"),
        ("a=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT", "https://news.example/", "https://news.example/", None),
        ("a=1; Expires=Wed, 09-Jun-2041 10:18:14 GMT", "https://news.example/", "https://news.example/", "a=1"),
        ("a=1; Expires=never", "https://news.example/", "https://news.example/", "a=1"),
        (
            "a=1; Max-Age=60; Expires=Wed, 09 Jun 2021 10:18:14 GMT",
            "https://news.example/",
            "https://news.example/",
            "a=1",
        ),
        ("a=b=c; HttpOnly; SameSite=Lax", "https://news.example/", "https://news.example/", "a=b=c"),
        ("a=", "https://news.example/", "https://news.example/", "a="),
        ("novalue", "https://news.example/", "https://news.example/", None),
        ("=value", "https://news.example/", "https://news.example/", None),
    ],
)
def test_one_cookie(set_cookie: str, set_by: str, asked: str, sent: str | None) -> None:
    jars = CookieJars()
    jars.store(set_by, [set_cookie], NOW)
    assert jars.header(asked, NOW) == sent


def test_it_expires() -> None:
    jars = CookieJars()
    jars.store("https://news.example/", ["a=1; Max-Age=60", "b=2"], NOW)
    assert jars.header("https://news.example/", NOW + 59) == "a=1; b=2"
    assert jars.header("https://news.example/", NOW + 61) == "b=2"


def test_it_is_replaced_and_deleted() -> None:
    jars = CookieJars()
    jars.store("https://news.example/", ["a=1", "a=2"], NOW)
    assert jars.header("https://news.example/", NOW) == "a=2"
    jars.store("https://news.example/", ["a=; Max-Age=-1"], NOW)
    assert jars.header("https://news.example/", NOW) is None


def test_longer_paths_first() -> None:
    jars = CookieJars()
    jars.store("https://news.example/a/b", ["short=1; Path=/", "long=2; Path=/a"], NOW)
    assert jars.header("https://news.example/a/c", NOW) == "long=2; short=1"


def test_a_jar_and_the_jars_are_bounded() -> None:
    jars = CookieJars()
    jars.store("https://news.example/", [f"c{number}=1" for number in range(MAX_COOKIES + 10)], NOW)
    header = jars.header("https://news.example/", NOW)
    assert header is not None
    assert len(header.split("; ")) == MAX_COOKIES
    assert "c0=" not in header
    for number in range(MAX_SITES):
        jars.store(f"https://site{number}.example/", ["a=1"], NOW)
    assert jars.header("https://news.example/", NOW) is None
    assert jars.header("https://site1.example/", NOW) == "a=1"


def test_no_text_makes_it_raise() -> None:
    dice = random.Random(4)
    words = [
        "Expires=",
        "Max-Age=",
        "Domain=",
        "Path=",
        "Secure",
        ";",
        "=",
        ",",
        " ",
        "-",
        "Wed",
        "99999999",
        "Jun",
        "GMT",
        "\x00",
        "ї",
    ]
    jars = CookieJars()
    for _ in range(5000):
        text = "a=1;" + "".join(dice.choices(words, k=dice.randrange(12)))
        jars.store("https://news.example/", [text], NOW)
        header = jars.header("https://news.example/", NOW)
        assert header is None or header.isascii()
