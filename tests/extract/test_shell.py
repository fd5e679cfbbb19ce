"""Pages that scripts fill are told from those that have their text, or have none to show."""

from __future__ import annotations

import pytest

from scraper.extract.extraction import extract_with_reasons
from tests.fixtures import FIXTURES, Fixture

SCRIPT = "<script src=/app.js></script>"
MENU = "<nav>" + "".join(f"<a href=/{n}>Section number {n}</a> " for n in range(40)) + "</nav>"
HEADLINES = "".join(
    f"<h2><a href=/2026/05/0{n}/story>The harbour office closes pier number {n} for repairs</a></h2>"
    for n in range(1, 10)
)
ARTICLE_DATA = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Piers closed"}</script>'


@pytest.mark.parametrize(
    "page",
    [
        f"<body><div id=root></div>{SCRIPT}",
        f"<title>News</title><body><noscript>You need to enable JavaScript to run this app.</noscript>{SCRIPT}",
        f"<body>{MENU}<div id=app></div>{SCRIPT}",
        f"<body>{MENU}<app-root></app-root><footer>All rights reserved</footer>{SCRIPT}",
        f"<body>{MENU}<main></main><noscript>Bitte aktivieren Sie JavaScript.</noscript>{SCRIPT}",
        f"<body>{MENU}<noscript>Увімкніть JavaScript, щоб читати</noscript>{SCRIPT}",
        f"<head>{ARTICLE_DATA}</head><body>{MENU}<main></main>{SCRIPT}",
        "<body><script>document.title = 'x'</script>",
    ],
)
def test_a_shell(page: str) -> None:
    found = extract_with_reasons(page, url="http://news.example/story-one-two")
    assert found.is_shell
    assert (found.article.verdict, found.article.body) == ("empty", None)


@pytest.mark.parametrize(
    "page",
    [
        "<body></body>",
        "<body><p>Nothing here.</p></body>",
        f"<body><div id=root></div>{ARTICLE_DATA}",
        f"<title>Just a moment...</title><body>Checking your browser before accessing news.example{SCRIPT}",
        f"<body><div id=root></div><h1>Log in</h1><title>Log in</title>{SCRIPT}",
        f"<body>{MENU}<p>Section page</p>{SCRIPT}",
        f"<body>{HEADLINES}<div id=app></div><noscript>JavaScript</noscript>{SCRIPT}",
        f"<body><p>We value your privacy. Accept all cookies. Manage preferences. Reject all.</p>{SCRIPT}",
    ],
    ids=["empty", "static", "no scripts", "bot check", "login", "menus", "headlines", "consent"],
)
def test_no_shell(page: str) -> None:
    assert not extract_with_reasons(page, url="http://news.example/story-one-two").is_shell


@pytest.mark.parametrize("fixture", [one for one in FIXTURES if b"<html" in one.page.lower()], ids=lambda one: one.name)
def test_pages_with_text_are_none_whatever_scripts_they_have(fixture: Fixture) -> None:
    page = fixture.page + f"<div id=root></div><noscript>JavaScript</noscript>{SCRIPT}".encode()
    assert not extract_with_reasons(page, url=fixture.url).is_shell
