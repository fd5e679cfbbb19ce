"""What is a URL, what two spellings share, and what is left out of what is stored."""

from __future__ import annotations

import pytest

from scraper.errors import NotAUrl, UnsupportedScheme, UsageError
from scraper.urls import (
    canonical,
    check_url,
    fit_to_show,
    host_of,
    path_of,
    resolve,
    site_of,
    without_credentials,
    without_credentials_in,
    without_queries,
)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("  HTTP://EXAMPLE.com:80  ", "http://example.com/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("http://example.com/a/../b?x=1#part", "http://example.com/b?x=1#part"),
    ],
)
def test_a_url(text: str, url: str) -> None:
    assert check_url(text) == url


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("example.com", "https://example.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("localhost:8000", "https://localhost:8000"),
        ("www.example.com/a?b=c", "https://www.example.com/a?b=c"),
        ("story", None),
        ("http://", None),
        ("http://a b/", None),
        ("", None),
    ],
)
def test_not_a_url(text: str, meant: str | None) -> None:
    with pytest.raises(NotAUrl) as caught:
        check_url(text)
    assert caught.value.next_step
    assert (f"did you mean {meant}" in caught.value.next_step) == (meant is not None)


@pytest.mark.parametrize("text", ["ftp://example.com/x", "file:///etc/passwd", "mailto:me@example.com", "javascript:1"])
def test_another_scheme(text: str) -> None:
    with pytest.raises(UnsupportedScheme, match="Only http and https"):
        check_url(text)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:secret@example.com/a", "https://example.com/a"),
        ("https://me@example.com/a@b", "https://example.com/a@b"),
        ("https://example.com/@me", "https://example.com/@me"),
        ("mailto:me@example.com", "mailto:me@example.com"),
        ("data:text/plain,a@b", "data:text/plain,a@b"),
        ("nonsense//me:secret@x", "nonsense//x"),
        ("http://me:se/cret@x/", "http://x/"),
        ("http://me:secret@x x/@y", "http://y"),
        ("http:me:secret@x x", "http:x x"),
        ("//me:se/cret@x", "//x"),
    ],
)
def test_credentials_are_left_out(url: str, clean: str) -> None:
    assert without_credentials(url) == clean
    assert fit_to_show(url) == clean or ":" in url.partition("@")[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("me:secret@example.com/x", "example.com/x"),
        ("medium.com/@me/story", "medium.com/@me/story"),
        ("mailto:me@example.com", "mailto:me@example.com"),
        ("http://me:secret@h h/", "http://h h/"),
        ("story", "story"),
    ],
)
def test_what_is_no_url_is_shown_without_credentials(text: str, shown: str) -> None:
    assert fit_to_show(text) == shown
    if text != shown or ":" in text:
        with pytest.raises(UsageError) as caught:
            check_url(text)
        assert "secret" not in str(caught.value)
        assert shown in str(caught.value)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("to http://me:secret@h/x, or //a:b@c", "to http://h/x, or //c"),
        ("no such file: http:/me:secret@h/x", "no such file: http:/h/x"),
        ("https://medium.com/@me, me@example.com", "https://medium.com/@me, me@example.com"),
        ("'http://a@b@c/'", "'http://c/'"),
    ],
)
def test_credentials_within_text(text: str, clean: str) -> None:
    assert without_credentials_in(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("see https://h/p?a=1&b=2#c, or (http://x/?q=3).", "see https://h/p?…, or (http://x/?…)."),
        ("'https://q/?a' and `scrape url http://h/?t=1`", "'https://q/?…' and `scrape url http://h/?…`"),
        ("h.example/x?y=1 or http://h h/?a='b", "h.example/x?… or http://h h/?…"),
        ("What? Is it?No! http://h/#a?b", "What? Is it?No! http://h/#a?b"),
    ],
)
def test_queries_within_text(text: str, clean: str) -> None:
    assert without_queries(text) == clean


@pytest.mark.parametrize(
    ("url", "shared"),
    [
        ("https://example.com/a?utm_source=x&id=7&fbclid=y#top", "https://example.com/a?id=7"),
        ("https://example.com/?utm_source=x", "https://example.com/"),
        ("https://me:secret@example.com:443/a", "https://example.com/a"),
        ("http://example.com/a?b=2&a=1", "http://example.com/a?b=2&a=1"),
        ("mailto:me@example.com", "mailto:me@example.com"),
        ("nonsense", "nonsense"),
    ],
)
def test_the_form_two_spellings_share(url: str, shared: str) -> None:
    assert canonical(url) == shared
    assert canonical(shared) == shared


@pytest.mark.parametrize(
    ("href", "base", "absolute"),
    [
        ("/b", "https://example.com/a/", "https://example.com/b"),
        ("//other.example/x", "https://example.com/", "https://other.example/x"),
        ("https://other.example/", None, "https://other.example/"),
        ("b", None, None),
        ("mailto:me@example.com", "https://example.com/", None),
        ("javascript:void(0)", "https://example.com/", None),
    ],
)
def test_links(href: str, base: str | None, absolute: str | None) -> None:
    assert resolve(href, base) == absolute


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://news.example/a", "news.example"),
        ("https://a.b.example/", "b.example"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://[::1]/", "[::1]"),
        ("http://localhost/", "localhost"),
        ("nonsense", ""),
    ],
)
def test_the_site(url: str, site: str) -> None:
    assert site_of(url) == site


def test_parts() -> None:
    assert (host_of("https://EXAMPLE.com:8443/x"), host_of("nonsense")) == ("example.com", "")
    assert (path_of("https://example.com"), path_of("https://example.com/a?b"), path_of("nonsense")) == ("/", "/a", "")
