"""The next page of a list, the pages of an article and its other editions are found, and nothing else."""

import pytest

from scraper.crawl.discovery.pagination import Editions, editions_of, next_of_list, pages_of_article, view_all_of
from scraper.extract.page import Page

HOST = "https://gazette.example"


def next_url(here: str, body: str, head: str = "") -> str | None:
    found = next_of_list(Page.read(f"<html><head>{head}</head><body>{body}</body></html>", url=HOST + here))
    return found.removeprefix(HOST) if found else None


def link(href: str, text: str, attributes: str = "") -> str:
    return f'<a href="{href}" {attributes}>{text}</a> '


NUMBERS = '<div class="pagination">' + "".join(link(f"/news/page/{n}/", str(n)) for n in range(1, 6)) + "</div>"


@pytest.mark.parametrize(
    ("here", "body", "expected"),
    [
        ("/news/", NUMBERS, "/news/page/2/"),
        ("/news/page/2/", NUMBERS, "/news/page/3/"),
        ("/news/page/5/", NUMBERS, None),
        ("/", link("/page/2/", "Older posts"), "/page/2/"),
        ("/page/2/", link("/page/3/", "« Older posts") + link("/", "Newer posts »"), "/page/3/"),
        ("/page/2/", link("/", "Newer posts »") + link("/page/3/", "« Older posts"), "/page/3/"),
        ("/news?page=7", link("/news?page=6", "«") + link("/news?page=8", "»"), "/news?page=8"),
        ("/news?page=119", link("/news?page=118", "118") + link("/news?page=120", "120"), "/news?page=120"),
        ("/?cat=3", link("/?cat=3&paged=2", "&rsaquo;", 'class="next"'), "/?cat=3&paged=2"),
        ("/news", link("/news?start=20", "Next") + link("/news?start=400", "Last"), "/news?start=20"),
        ("/news?start=20", link("/news?start=0", "1") + link("/news?start=40", "Next"), "/news?start=40"),
        ("/latest/", link("/latest/?offset=1762241520670", "Load more"), "/latest/?offset=1762241520670"),
        (
            "/news",
            link("/news?page=1", "2") + link("/news?page=2", "3") + link("/news?page=1", "Next page"),
            "/news?page=1",
        ),
        ("/новини/", link("/новини/page/2/", "Наступна сторінка"), "/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/page/2/"),
        ("/news/", link("/news/?PAGEN=2&amp;page=2", "Следующая →"), "/news/?PAGEN=2&page=2"),
        ("/news/", link("/news/?page=2", "التالي"), "/news/?page=2"),
        ("/news/", link("/news/?page=2", "下一页 >"), "/news/?page=2"),
        ("/news/", link("/news/?page=2", "次のページ"), "/news/?page=2"),
        ("/news/", link("/news/seite/2/", "Ältere Beiträge"), "/news/seite/2/"),
        ("/gaming/", '<div class="load-more">' + link("/gaming/2/", "See More") + "</div>", "/gaming/2/"),
        ("/news/", link("/news/page/2/", "", 'aria-label="Next page"'), "/news/page/2/"),
    ],
)
def test_the_next_page_of_a_list(here: str, body: str, expected: str | None) -> None:
    assert next_url(here, body) == expected


@pytest.mark.parametrize(
    ("here", "body"),
    [
        ("/news/page/3/", link("/news/page/2/", "Next")),
        ("/news/page/3/", link("/news/page/2/", "« Previous") + link("/news/page/1/", "1")),
        ("/news/page/3/", link("/news/", "Back")),
        ("/news/", link("/news/", "Next") + link("/news/#top", "More") + link("#", "»")),
        ("/news/", link("https://other.example/news/page/2/", "Next page")),
        ("/news/", link("/news/2024", "2024") + link("/sport", "More")),
        ("/news/", link("/2", "2") + link("/sport/page/2/", "2")),
        ("/news/", link("/mill-opens-its-doors-again", "Next")),
        ("/news?start=40", link("/news?start=20", "Next")),
        (
            "/story",
            '<div class="comments">' + link("/story?page=2", "Older comments") + link("/story?page=2", "2") + "</div>",
        ),
        ("/news/", link("javascript:more()", "Load more") + "<a>Next</a>" + '<a href="">Next</a>'),
    ],
)
def test_no_other_page_is_taken_for_the_next_one(here: str, body: str) -> None:
    assert next_url(here, body) is None


def test_rel_next_is_believed_on_lists() -> None:
    assert (
        next_url("/list/1-10/all.html", "", '<link rel="next" href="/list/11-20/all.html">') == "/list/11-20/all.html"
    )
    assert next_url("/news/", '<a rel="nofollow next" href="/news/page/2/">2</a>') == "/news/page/2/"
    assert next_url("/news/page/2/", "", '<link rel="next" href="/news/page/1/">') is None
    assert next_url("/news/", "", '<link rel="next" href="https://other.example/news/page/2/">') is None
    assert next_url("/news/", "", '<link rel="next" href="/2024/05/mill-opens-its-doors-again/">') is None


def pages(here: str, *links: tuple[str, str], head: str = "", wrap: str = "<div class='pages'>{}</div>") -> list[str]:
    body = wrap.format("".join(link(href, text) for href, text in links))
    html = f"<html><head>{head}</head><body><p>Text of the story.</p>{body}</body></html>".encode()
    return [one.removeprefix(HOST) for one in pages_of_article(html, url=HOST + here, content_type="text/html")]


def test_all_pages_of_an_article_in_order() -> None:
    numbers = [("/story?page=3", "3"), ("/story?page=2", "2"), ("/story", "1"), ("/story?page=2", "Next")]
    assert pages("/story", *numbers) == ["/story?page=2", "/story?page=3"]
    assert pages("/story?page=2", *numbers) == ["/story", "/story?page=3"]
    assert pages("/story?page=3", *numbers) == ["/story", "/story?page=2"]


@pytest.mark.parametrize(
    ("here", "other"),
    [
        ("/mill/", "/mill/2/"),
        ("/mill.html", "/mill-2.html"),
        ("/mill", "/mill/page/2"),
        ("/mill.html", "/mill,seite-2.html"),
    ],
)
def test_the_ways_pages_are_numbered(here: str, other: str) -> None:
    assert pages(here, (other, "2")) == [other]
    assert pages(other, (here, "1")) == [here]
    assert pages(here, (other, "次ページ→ 続き"), wrap="<p>{}</p>") == [other]


def test_links_in_the_head_are_enough() -> None:
    head = '<link rel="prev" href="/mill/2/"><link rel="next" href="/mill/4/">'
    assert pages("/mill/3/", ("/other", "Other"), head=head) == ["/mill/2/", "/mill/4/"]


@pytest.mark.parametrize(
    ("here", "links"),
    [
        ("/mill", [("/bridge", "2"), ("/mill#2", "2"), ("/", "1")]),
        ("/mill", [("/mill?page=3", "3")]),
        ("/news/41", [("/news/42", "The mill opens its doors again"), ("/news/40", "The bridge is closed")]),
        ("/2024/05/12/", [("/2024/05/13/", "The mill opens")]),
    ],
)
def test_an_article_of_one_page_has_no_others(here: str, links: list[tuple[str, str]]) -> None:
    assert pages(here, *links, wrap="<div>{}</div>") == []


def test_pages_of_comments_are_no_pages_of_the_article() -> None:
    assert pages("/mill", ("/mill?page=2", "2"), wrap="<section class='comments'><div>{}</div></section>") == []


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/mill?page=all", "View all"),
        ("/mill?seite=all", "Auf einer Seite lesen"),
        ("/mill/komplettansicht", "Auf einer Seite"),
        ("/mill?singlepage=1", "Single page"),
        ("/mill?full=true", "全文表示"),
        ("/mill?whole", "На одной странице"),
    ],
)
def test_the_version_on_one_page(href: str, text: str) -> None:
    html = f"<body><p>Text</p>{link(href, text)}</body>".encode()
    assert view_all_of(html, url=f"{HOST}/mill?page=2") == HOST + href


@pytest.mark.parametrize(
    ("href", "text"), [("/news/all", "View all"), ("/mill?page=3", "3"), ("/mill", "1"), ("/?page=all", "All")]
)
def test_other_links_lead_to_no_such_version(href: str, text: str) -> None:
    assert view_all_of(link(href, text).encode(), url=f"{HOST}/mill?page=2") is None


def test_editions() -> None:
    html = f"""<head><link rel="amphtml" href="/mill/amp/"><link rel=canonical href="">
      <LINK REL="Canonical" HREF="https://www.gazette.example/mill#top"></head><body>
      {link("/mill", "Print")}{link("javascript:print()", "Print")}{link("/mill?print=1", "Друк")}""".encode()
    assert editions_of(html, url=f"{HOST}/mill", content_type="text/html; charset=utf-8") == Editions(
        amp=f"{HOST}/mill/amp/", canonical="https://www.gazette.example/mill", print=f"{HOST}/mill?print=1"
    )
    assert editions_of(b"<p>Text</p>", url=HOST) == Editions(amp=None, canonical=None, print=None)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"<a href='http://[broken'>Next</a>", b"<a href=//:0>2</a>" * 100])
def test_bad_pages_have_no_other_pages(body: bytes) -> None:
    assert next_of_list(Page.read(body, url=f"{HOST}/news/")) is None
    assert pages_of_article(body, url=f"{HOST}/news/") == ()
    assert view_all_of(body, url=f"{HOST}/news/") is None
    assert editions_of(body, url=f"{HOST}/news/") == Editions(amp=None, canonical=None, print=None)
