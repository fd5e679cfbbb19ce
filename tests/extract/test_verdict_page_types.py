"""What a page that is no article is said to be, and that a text by somebody is kept whatever its page is called."""

from __future__ import annotations

import pytest

from scraper.extract.candidates import Evidence
from scraper.extract.outline import Outline
from scraper.extract.page_signs import Facts, read_signs, read_words
from scraper.extract.page_type import packaged_page_type_model
from tests.extract.pages import PARAGRAPHS, ld, page, read

GOODS = "".join(
    f"<div class=product-card><a href=/products/{i}><h3>Oak table {i}</h3></a><span class=price>$1{i}.00</span>"
    f"<button>Add to cart</button></div>"
    for i in range(24)
)
SHOP = (
    "<html><head><title>Tables</title><meta property=og:type content=product.group></head><body class=collection>"
    f"<nav><a href=/cart>Cart</a></nav><main><h1>Tables</h1><p>Made by hand of oak.</p>{GOODS}</main></body></html>"
)
THREAD = (
    "<html><head><title>Which lathe? | Forum</title></head><body class=forum><h1>Which lathe?</h1>"
    + "".join(
        f"<div class='post reply'><a class=username href=/members/{i}>turner{i}</a><span>{i} posts</span>"
        f"<div class=message>I had one of these for {i + 2} years and would buy it again, with a bigger motor.</div>"
        "<a href=#>Reply</a> <a href=#>Quote</a></div>"
        for i in range(12)
    )
    + "</body></html>"
)


def test_a_shop_window_is_no_article() -> None:
    article = read(SHOP, url="https://tables.example/collections/oak").article
    assert article.verdict == "not_article"
    assert article.verdict_reason == "the page describes products for sale"


def test_a_thread_is_no_article() -> None:
    article = read(THREAD, url="https://forum.lathes.example/threads/which-lathe.77/").article
    assert article.verdict == "not_article"
    assert article.verdict_reason == "the page stands where a site has its discussions"


def test_the_front_page_says_so() -> None:
    article = read(page(), url="https://www.gazette.example/").article
    assert article.verdict == "not_article"
    assert article.verdict_reason == "it is the front page of a site"


def test_a_text_in_a_manual_is_kept() -> None:
    article = read(page(), url="https://docs.gazette.example/guide").article
    assert article.verdict == "not_article"
    assert PARAGRAPHS[0] in (article.body or "")


@pytest.mark.parametrize("url", [None, "https://www.gazette.example/docs/tag/boats", "https://shop.gazette.example/a"])
def test_a_stated_news_article_is_one_wherever_it_stands(url: str | None) -> None:
    article = read(page(head=ld({"@type": "NewsArticle", "headline": "Ferries are back"})), url=url).article
    assert (article.verdict, article.page_type) == ("ok", "article")


def test_a_page_with_hardly_more_than_a_text_is_an_article() -> None:
    article = read(page()).article
    assert (article.verdict, article.page_type) == ("ok", "article")


def test_a_short_article_with_two_paragraphs_is_not_empty() -> None:
    head = "<meta property=og:type content=article><meta property=og:title content='Ferries are back'>"
    article = read(page(head=head, text="".join(f"<p>{p}</p>" for p in PARAGRAPHS[:2]))).article
    assert article.verdict in ("ok", "not_article")
    assert PARAGRAPHS[0] in (article.body or "")
    assert PARAGRAPHS[1] in (article.body or "")


def test_signs_of_a_page_without_anything() -> None:
    facts = Facts(None, [], 0, 0.0, "none", "none", None, 0)
    signs = read_signs(Outline(), Evidence(), facts)
    assert set(packaged_page_type_model().forest.columns) - {"words"} <= set(signs)
    assert all(isinstance(value, float) for value in signs.values())
    assert 0 <= packaged_page_type_model().probability(signs, read_words(Outline(), Evidence(), None)) <= 1


@pytest.mark.parametrize(
    ("url", "sign", "value"),
    [
        ("https://forum.x.example/a", "host_forum", 1.0),
        ("https://x.example/collections/oak", "path_list", 1.0),
        ("https://x.example/blog", "path_blog", 0.5),
        ("https://x.example/2024/05/03/ferries-are-back", "url_date", 1.0),
        ("https://x.example/ferries-are-back", "url_last_slug", 2.0),
        ("https://x.example/?p=1", "url_home", 0.0),
        ("https://x.example", "url_home", 1.0),
    ],
)
def test_signs_of_an_address(url: str, sign: str, value: float) -> None:
    facts = Facts(url, [], 0, 0.0, "none", "none", None, 0)
    assert read_signs(Outline(), Evidence(), facts)[sign] == value
