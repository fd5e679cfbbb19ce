"""Which addresses belong to a job."""

from __future__ import annotations

import pytest

from scraper.crawl.jobs import JobOptions, Scope, Start
from scraper.crawl.jobs.options import ScopeKind
from scraper.crawl.jobs.scope import matches


def scope(
    *starts: str, kind: ScopeKind = "site", include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
) -> Scope:
    options = JobOptions(scope=kind, include=include, exclude=exclude)
    return Scope.of([Start("site", url) for url in starts], options)


@pytest.mark.parametrize(
    ("kind", "start", "url", "within"),
    [
        ("site", "https://www.bbc.co.uk/news", "https://bbc.co.uk/sport", True),
        ("site", "https://www.bbc.co.uk/news", "http://feeds.bbc.co.uk:8080/x", True),
        ("site", "https://www.bbc.co.uk/news", "https://itv.co.uk/news", False),
        ("site", "https://a.blogspot.com/", "https://b.blogspot.com/", False),
        ("site", "http://127.0.0.1:8000/", "http://127.0.0.1:9000/x", True),
        ("host", "https://www.example.com/", "https://www.example.com/x", True),
        ("host", "https://www.example.com/", "https://example.com/x", False),
        ("path", "https://example.com/news/", "https://example.com/news/2024/a", True),
        ("path", "https://example.com/news", "https://example.com/news/2024/a", True),
        ("path", "https://example.com/news", "https://example.com/news", True),
        ("path", "https://example.com/news", "https://example.com/newsletter", False),
        ("path", "https://example.com/news/index.html", "https://example.com/news/a", True),
        ("path", "https://example.com/news/index.html", "https://example.com/sport/a", False),
        ("path", "https://example.com/", "https://example.com/anything", True),
        ("path", "https://example.com/news/", "https://www.example.com/news/a", False),
    ],
)
def test_how_far(kind: ScopeKind, start: str, url: str, within: bool) -> None:
    asked = scope(start, kind=kind)
    assert asked.why_not(url) == (None if within else "out_of_scope")
    assert asked.why_not(url, listed=True) is None


def test_any_start_counts() -> None:
    asked = scope("https://a.example/x/", "https://b.example/y/", kind="path")
    assert asked.why_not("https://b.example/y/1") is None
    assert asked.why_not("https://b.example/x/1") == "out_of_scope"


def test_patterns_hold_for_what_is_listed_too() -> None:
    asked = scope("https://a.example/", include=("/news/*", "/sport/*"), exclude=("*/live/*",))
    assert asked.why_not("https://a.example/sport/1") is None
    assert asked.why_not("https://a.example/weather") == "not_included"
    assert asked.why_not("https://b.example/news/live/1", listed=True) == "excluded"


@pytest.mark.parametrize(
    ("pattern", "url", "found"),
    [
        ("/news/*", "https://a.example/news/1", True),
        ("/news/*", "https://a.example/news", False),
        ("/news/*", "https://a.example/old/news/1", False),
        ("*/news/*", "https://a.example/old/news/1", True),
        ("*.html", "https://a.example/1.html", True),
        ("*.html", "https://a.example/1.html?x=1", False),
        ("*?page=*", "https://a.example/list?page=2", True),
        ("*?page=*", "https://a.example/list/page=2", False),
        ("/a*b*c", "https://a.example/a-b-b-c", True),
        ("/a*bc", "https://a.example/abc", True),
        ("/ab*bc", "https://a.example/abc", False),
        ("/*x*", "https://a.example/", False),
        ("/", "https://a.example", True),
        ("*", "https://a.example/anything", True),
        ("/[ab](.+)", "https://a.example/[ab](.+)", True),
        ("https://a.example/*", "https://a.example/1", True),
        ("https://a.example/*", "https://b.example/1", False),
        ("https://*.a.example/*", "https://www.a.example/1", True),
    ],
)
def test_patterns(pattern: str, url: str, found: bool) -> None:
    assert matches(pattern, url) is found


def test_a_pattern_made_to_be_slow() -> None:
    assert not matches("/" + "*a" * 400 + "b", "https://a.example/" + "a" * 200_000)
