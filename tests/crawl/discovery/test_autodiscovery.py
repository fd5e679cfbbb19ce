"""Where feeds and sitemaps are: what pages and robots.txt files name, and where to look when they name nothing."""

from __future__ import annotations

import pickle

import pytest

from scraper.crawl.discovery.autodiscovery import (
    discover,
    feeds_of_page,
    feeds_of_section,
    likely_feeds,
    likely_sitemaps,
    sitemaps_of_robots,
)
from tests.crawl.discovery.odd_feeds import SITE

HOME = f"{SITE}/"
RSS = "application/rss+xml"


def head(*elements: str) -> bytes:
    return f"<!doctype html><html><head>{''.join(elements)}</head><body><p>News</p></body></html>".encode()


def alternate(href: str, kind: str = RSS, more: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" {more}>'


def feeds(html: bytes, url: str = HOME) -> list[str]:
    return [link.url.removeprefix(SITE) for link in feeds_of_page(html, url=url, content_type="text/html")]


@pytest.mark.parametrize(
    "element",
    [
        alternate("/news"),
        alternate("https://news.example/news#top"),
        alternate("//news.example/news"),
        alternate(" /news "),
        alternate("feed://news.example/news").replace("feed:", "feed:https:"),
        alternate("/news", "application/atom+xml"),
        alternate("/news", "application/rdf+xml"),
        alternate("/news", "application/feed+json"),
        alternate("/news", "application/rss+xml; charset=utf-8"),
        alternate("/news", "APPLICATION/RSS+XML").replace("alternate", "Alternate"),
        alternate("/news", "application/x-rss+xml"),
        alternate("/news", "text/rss"),
        alternate("/news", "application/rss"),
        alternate("/news", "rss"),
        '<LINK HREF=/news TYPE=application/rss+xml REL="home alternate">',
        '<link rel="feed" href="/news">',
        '<link rel="feed alternate" type="text/html" href="/news">',
    ],
)
def test_a_named_feed_is_found(element: str) -> None:
    assert feeds(head(element)) == ["/news"]


SECTION = f"{SITE}/category/politics/"


def of_section(*elements: str, url: str = SECTION) -> list[str]:
    found = feeds_of_section(head(*elements), url=url, content_type="text/html")
    return [link.url.removeprefix(SITE) for link in found]


def test_feeds_that_a_section_announces() -> None:
    own, main = alternate("/category/politics/feed/"), alternate("/feed/")
    assert of_section(main, own, main) == ["/feed/", "/category/politics/feed/"]
    assert of_section("<body><a href='/feed.xml'>RSS</a>") == []  # its menu is on every page
    assert of_section('<link rel="alternate" hreflang="de" href="/de/politics/">') == []


@pytest.mark.parametrize(
    "element",
    [
        alternate("/comments/feed/"),
        alternate("/category/politics/feed/", more='title="The Outlet » Politics Comments Feed"'),
        alternate("/crss/node/17"),
        alternate("/feeds/7/comments/default"),
    ],
)
def test_feeds_of_comments_are_none_of_a_section(element: str) -> None:
    assert of_section(element) == []


def test_an_article_that_was_taken_for_a_section_announces_nothing() -> None:
    own = alternate("/story/feed/")
    assert of_section(own, url=f"{SITE}/story/") == ["/story/feed/"]
    published = '<meta property="article:published_time" content="2024-05-03T12:00:00Z">'
    assert of_section(published, own, url=f"{SITE}/story/") == []
    assert of_section(alternate("/2024/05/story/feed/"), url=f"{SITE}/2024/05/story/") == []


@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "application/json", ""])
@pytest.mark.parametrize("href", ["/rss.xml", "/feed/", "/atom", "/?feed=rss2", "/index.xml", "/feeds/posts/default"])
def test_of_a_vague_type_the_address_decides(kind: str, href: str) -> None:
    assert feeds(head(alternate(href, kind))) == [href]
    assert feeds(head(alternate("/2024/05/story", kind))) == []


@pytest.mark.parametrize(
    "element",
    [
        alternate("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed"),
        alternate("/wp-json/oembed/1.0/embed?format=xml", "text/xml+oembed"),
        alternate("/wp-json/wp/v2/pages/7", "application/json"),
        '<link rel="alternate" hreflang="de" href="https://news.example/de/">',
        '<link rel="alternate" hreflang="de" href="https://news.example/de/feed">',
        '<link rel="alternate" media="handheld" href="/m/">',
        '<link rel="alternate" type="application/rss+xml">',
        alternate(""),
        alternate("#feed"),
        alternate("javascript:void(0)"),
        alternate(HOME),
        '<link rel="stylesheet" type="text/css" href="/rss.css">',
        '<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml">',
        '<link rel="EditURI" type="application/rsd+xml" href="/xmlrpc.php?rsd">',
        '<link rel="amphtml" href="/amp/">',
        f"<!-- {alternate('/old')} -->",
        f"<script>var a = '{alternate('/old')}'</script>",
    ],
)
def test_what_is_no_feed(element: str) -> None:
    assert feeds(head(element)) == []


def test_titles_and_languages_come_along() -> None:
    html = head(alternate("/feed", more='title="News &amp;amp; <b>more</b>" hreflang="en_gb"'))
    (feed,) = feeds_of_page(html, url=HOME, content_type=None)
    assert (feed.title, feed.language) == ("News & more", "en-GB")


def test_feeds_of_comments_are_told_apart() -> None:
    html = head(
        alternate("/comments/feed/", more='title="News &raquo; Comments Feed"'),
        alternate("/a/x/", more='title="News &raquo; Kommentar-Feed"'),
        alternate("/feed/", more='title="News &raquo; Feed"'),
        alternate("/2024/05/story/feed/", more='title="News &raquo; Story"'),
    )
    found = discover(html, url=f"{SITE}/2024/05/story/", content_type="text/html")
    assert [link.url for link in found.feeds] == [f"{SITE}/feed/"]
    assert [link.url.removeprefix(SITE) for link in found.comment_feeds] == [
        "/comments/feed/",
        "/a/x/",
        "/2024/05/story/feed/",
    ]
    # The feed of a section is no feed of comments.
    assert feeds(head(alternate("/sport/feed/")), url=f"{SITE}/sport/") == ["/sport/feed/"]


def test_links_that_look_like_feeds_come_last() -> None:
    body = (
        '<a href="/rss/sport.xml">Sport</a> <a href="/services/17">RSS</a> '
        '<a href="/x" type="application/atom+xml">x</a>'
        '<a href="https://feeds.keeper.example/news">Subscribe</a> <a href="/about/our-feed-policy">Policy</a>'
        '<a href="https://other.example/feed">Friends</a> <a href="/2024/the-rss-story.html">The story of RSS, told</a>'
        '<a href="https://reader.example/subscribe?url=https://news.example/feed">Read</a> <a href="/feed">again</a>'
        '<a href="mailto:feed@news.example">feed</a>'
    )
    html = head(alternate("/feed")).replace(b"<p>News</p>", body.encode())
    assert feeds(html) == ["/feed", "/rss/sport.xml", "/services/17", "/x", "https://feeds.keeper.example/news"]


def test_relative_to_the_base_of_the_page() -> None:
    assert feeds(head('<base href="https://cdn.example/x/">', alternate("rss.xml"))) == [
        "https://cdn.example/x/rss.xml"
    ]


def test_a_link_element_in_the_body_counts() -> None:
    assert feeds(f"<html><body><p>x</p>{alternate('/feed')}".encode()) == ["/feed"]


def test_each_feed_once() -> None:
    assert feeds(head(alternate("/feed"), alternate("https://NEWS.example/feed#x"))) == ["/feed"]


def test_what_else_a_page_says() -> None:
    html = (
        b'<html lang="pt-br"><head><link rel=canonical href=/home><link rel=canonical href=/other>'
        b'<link rel=next href="?p=2"><link rel="sitemap" type="application/xml" href="/map.xml"></head>'
        b'<body><a href="/sitemap_news.xml">Sitemap</a>'
        b'<a href="/sitemap/">Sitemap</a></body>'
    )
    found = discover(html, url=HOME, content_type=None)
    assert (found.canonical, found.next_url, found.language) == (f"{SITE}/home", f"{SITE}/?p=2", "pt-BR")
    assert [link.url for link in found.sitemaps] == [f"{SITE}/map.xml", f"{SITE}/sitemap_news.xml"]
    assert found.feeds == ()
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize("html", [b"", b"\0\xff" * 50, b"%PDF-1.7", b"<link" * 5000, b'{"a": 1}', b"<a href=" * 5000])
def test_nothing_is_found_in_what_is_no_page(html: bytes) -> None:
    found = discover(html, url=HOME, content_type=None)
    assert (found.feeds, found.sitemaps, found.canonical) == ((), (), None)


def test_no_more_feeds_than_a_page_can_mean() -> None:
    html = head(*(alternate(f"/{n}/feed") for n in range(3000)))
    assert len(feeds(html)) == 100


def test_sitemaps_of_robots() -> None:
    text = (
        "\ufeffSITEMAP: https://news.example/1.xml\r\nUser-agent: *\rDisallow: /\n  sitemap :/2.xml # the news\n"
        "Sitemap: https://news.example/1.xml\nSite-map: //news.example/3.xml\nSitemap https://news.example/4.xml\n"
        "#Sitemap: https://news.example/no.xml\nSitemap:\nSitemap: none\nDisallow: /sitemap: x\n" + "\n" * 100_000
    )
    assert sitemaps_of_robots(text, url=f"{SITE}/robots.txt") == tuple(f"{SITE}/{n}.xml" for n in (1, 2, 3, 4))


def test_sitemaps_of_a_large_robots() -> None:
    text = "User-agent: *\n" + "".join(f"Disallow: /{n}/\n" for n in range(20_000)) + "Sitemap: /s.xml\n"
    assert sitemaps_of_robots(text, url=f"{SITE}/robots.txt") == (f"{SITE}/s.xml",)
    assert len(sitemaps_of_robots("".join(f"Sitemap: /{n}\n" for n in range(5000)), url=HOME)) == 1000


def test_where_feeds_and_sitemaps_usually_are() -> None:
    assert likely_feeds(HOME)[:3] == (f"{SITE}/feed", f"{SITE}/rss", f"{SITE}/rss.xml")
    assert likely_feeds(SITE) == likely_feeds(HOME) == likely_feeds(f"{HOME}?a=1#b")
    assert likely_feeds(f"{SITE}/sport")[:4] == (
        f"{SITE}/sport/feed",
        f"{SITE}/sport/rss",
        f"{SITE}/sport/rss.xml",
        f"{SITE}/feed",
    )
    assert likely_feeds(f"{SITE}/sport/index.html")[0] == f"{SITE}/sport/feed"
    assert likely_sitemaps(f"{SITE}/sport/")[0] == f"{SITE}/sitemap.xml"
    assert len(likely_feeds(f"{SITE}/sport/")) <= 12
    assert len(likely_sitemaps(HOME)) <= 10
