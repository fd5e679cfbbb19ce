"""The next page of an article is found by its address, and nothing else is taken for it."""

import pytest

from scraper.extract.page import Page
from scraper.extract.pagination import next_page

HOST = "https://gazette.example"


def page(url: str, *links: str, head: str = "") -> Page:
    anchors = " ".join(f'<a href="{link}">a link</a>' for link in links)
    return Page.read(f"<html><head>{head}</head><body><p>Text</p>{anchors}</body></html>", url=url)


@pytest.mark.parametrize(
    ("here", "link"),
    [
        ("/story", "/story?page=2"),
        ("/story?page=2", "/story?page=3"),
        ("/story?id=7&page=2", "/story?id=7&page=3"),
        ("/story?page=2&id=7", "/story?page=3&id=7"),
        ("/story/", "/story/2/"),
        ("/story", "/story/2"),
        ("/story/2", "/story/3"),
        ("/story/page/2", "/story/page/3"),
        ("/story.html", "/story-2.html"),
        ("/story-2.html", "/story-3.html"),
        ("/story.html", "/story,2.html"),
        ("/story.html", "/story-seite-2.html"),
        ("/story.html", "/story-page-2.html"),
    ],
)
def test_the_same_address_with_the_next_number(here: str, link: str) -> None:
    links = ["/", "/other-story", link, "/story/9"]
    assert next_page(page(HOST + here, *links)) == HOST + link


@pytest.mark.parametrize(
    ("here", "links"),
    [
        ("/story", ["/other?page=2", "/story", "/story?page=3", "/story#comments"]),
        ("/story/3", ["/story/2", "/story/1", "/story", "/story/3"]),
        ("/2024/05/12/story", ["/2024/05/13/story", "/2024/05/12"]),
        ("/news/123456", ["/news/123457"]),
        ("/story-2023.html", ["/story-2024.html"]),
    ],
)
def test_no_other_page_is_taken_for_it(here: str, links: list[str]) -> None:
    assert next_page(page(HOST + here, *links)) is None


def test_rel_next_counts_only_when_it_is_this_article() -> None:
    following = f'<link rel="next" href="{HOST}/the-next-story">'
    assert next_page(page(f"{HOST}/story", head=following)) is None
    second = f'<link rel="next" href="{HOST}/story/2">'
    assert next_page(page(f"{HOST}/story", head=second)) == f"{HOST}/story/2"


def test_without_an_address_there_is_no_next_page() -> None:
    assert next_page(Page.read('<p>Text <a href="https://gazette.example/story?page=2">2</a></p>')) is None
