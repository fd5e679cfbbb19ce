"""What pages say about themselves: JSON-LD in all its nestings and mistakes, meta elements, microdata."""

from __future__ import annotations

import pytest

from scraper.extract.candidates import Evidence
from scraper.extract.metadata import read_metadata
from scraper.extract.page import Page
from tests.extract.pages import HEADLINE, URL, ld, page, read

NEWS = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": HEADLINE,
    "datePublished": "2024-05-03T08:00:00+02:00",
    "dateModified": "2024-05-04T08:00:00+02:00",
    "author": {"@type": "Person", "name": "Ann Lee"},
    "publisher": {"@type": "Organization", "name": "The Gazette"},
    "articleSection": "Harbour",
    "keywords": ["ferry", "islands"],
    "inLanguage": "en-GB",
    "description": "The evening boat is back.",
    "image": {"@type": "ImageObject", "url": "/boat.jpg"},
}


def evidence(html: str, url: str | None = URL) -> Evidence:
    out = Evidence()
    read_metadata(Page.read(html, url=url), out)
    return out


def values(found: Evidence, field: str, source: str | None = None) -> list[object]:
    return [c.value for c in found.of(field) if source is None or c.source == source]


def with_ld(value: object) -> Evidence:
    return evidence(page(head=ld(value)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrapped",
    [
        NEWS,
        [NEWS],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebPage", "name": "x"}, NEWS]},
        {"@type": "WebPage", "mainEntity": NEWS},
        {"@type": "ItemPage", "mainEntity": [{"mainEntity": {"@graph": [NEWS]}}]},
        [[[NEWS]]],
        {**NEWS, "@type": ["NewsArticle", "Article"]},
        {**NEWS, "@type": "https://schema.org/NewsArticle"},
        {**NEWS, "@type": "schema:ReportageNewsArticle"},
    ],
    ids=["single", "list", "graph", "main-entity", "deep", "lists", "types", "address", "prefix"],
)
def test_json_ld_however_it_is_nested(wrapped: object) -> None:
    found = with_ld(wrapped)
    assert values(found, "headline", "json_ld") == [HEADLINE]
    assert values(found, "published_at") == ["2024-05-03T08:00:00+02:00"]
    assert values(found, "modified_at") == ["2024-05-04T08:00:00+02:00"]
    assert values(found, "authors") == [("Ann Lee",)]
    assert values(found, "section") == ["Harbour"]
    assert values(found, "tags") == [("ferry", "islands")]
    assert values(found, "language") == ["en-GB"]
    assert values(found, "lead") == ["The evening boat is back."]
    assert values(found, "image") == ["https://www.gazette.example/boat.jpg"]
    assert "The Gazette" in found.site_names


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Lee", ("Ann Lee",)),
        (["Ann Lee", "Bo Ek"], ("Ann Lee", "Bo Ek")),
        ([{"name": "Ann Lee"}, {"name": "Bo Ek"}], ("Ann Lee", "Bo Ek")),
        ({"name": ["Ann Lee", "Bo Ek"]}, ("Ann Lee", "Bo Ek")),
        ({"@id": "#ann"}, ("Ann Lee",)),
        ([{"@id": "#ann"}, {"@id": "#nobody"}], ("Ann Lee",)),
        ({"name": "Ann &amp; Co."}, ("Ann & Co.",)),
        ({"name": {"@value": "Ann Lee"}}, ("Ann Lee",)),
    ],
)
def test_json_ld_authors(author: object, expected: tuple[str, ...]) -> None:
    graph = {"@graph": [{**NEWS, "author": author}, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}]}
    assert values(with_ld(graph), "authors") == [expected]


@pytest.mark.parametrize(
    "author", [None, [], {}, 5, "https://site.example/ann", {"@id": "#nobody"}, [[[]]], {"name": None}, True]
)
def test_json_ld_authors_that_are_none(author: object) -> None:
    assert values(with_ld({**NEWS, "author": author}), "authors") == []


def test_publisher_by_reference_names_the_site() -> None:
    graph = {
        "@graph": [
            {**NEWS, "publisher": {"@id": "#org"}},
            {"@type": "Organization", "@id": "#org", "name": "Daily Sea"},
        ]
    }
    assert "Daily Sea" in with_ld(graph).site_names


def test_image_by_reference() -> None:
    graph = {"@graph": [{**NEWS, "image": {"@id": "#i"}}, {"@type": "ImageObject", "@id": "#i", "url": "/b.jpg"}]}
    assert values(with_ld(graph), "image") == ["https://www.gazette.example/b.jpg"]


@pytest.mark.parametrize(
    "text",
    [
        '{"@type":"NewsArticle","headline":"The boat is back",}',
        '{"@type":"NewsArticle","headline":"The boat is back","keywords":["a",],}',
        '<!-- {"@type":"NewsArticle","headline":"The boat is back"} -->',
        '<![CDATA[ {"@type":"NewsArticle","headline":"The boat is back"} ]]>',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"The boat is back"}\n//]]>',
        '/*<![CDATA[*/{"@type":"NewsArticle","headline":"The boat is back"}/*]]>*/',
        '{"@type":"NewsArticle","headline":"The boat\n is\tback"}',
        '{"@type":"NewsArticle","headline":"The boat\x01 is back"}',
        '{"@type":"NewsArticle","headline":"The boat is back"};',
        '\ufeff{"@type":"NewsArticle","headline":"The boat is back"}',
        '{\n// the article\n"@type":"NewsArticle",\n/* its title */ "headline":"The boat is back"}',
        '{"@type":"NewsArticle","url":"https://x.example/a","headline":"The boat is back",\n}',
    ],
    ids=["comma", "commas", "comment", "cdata", "cdata-js", "cdata-css", "newline", "control", "semicolon", "bom",
         "comments", "slashes"],
)  # fmt: skip
def test_json_ld_with_the_usual_mistakes(text: str) -> None:
    found = [str(value).replace("\x01", "") for value in values(with_ld(text), "headline", "json_ld")]
    assert found == ["The boat is back"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "5",
        '"x"',
        "[[[",
        "{" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "<p>",
        '{"@type":5}',
        '{"@type":["NewsArticle",5],"headline":[{"x":1}]}',
    ],
)
def test_broken_json_ld_is_passed_over(text: str) -> None:
    assert values(with_ld(text), "headline", "json_ld") == []
    assert values(with_ld(text), "headline", "meta") == [HEADLINE]


def test_a_list_of_teasers_describes_no_article() -> None:
    teasers = [
        {"@type": "NewsArticle", "headline": f"Teaser {i}", "url": f"https://www.gazette.example/t{i}"}
        for i in range(9)
    ]
    assert values(with_ld(teasers), "headline", "json_ld") == []


@pytest.mark.parametrize("key", ["url", "mainEntityOfPage", "@id"])
def test_of_several_articles_the_page_s_own_wins(key: str) -> None:
    teasers = [{**NEWS, "headline": f"Teaser {i}", "url": f"/t{i}"} for i in range(5)]
    own = {"@type": "NewsArticle", "headline": "Another title altogether", key: URL + "?utm_source=x#top"}
    assert values(with_ld([*teasers[:3], own, *teasers[3:]]), "headline", "json_ld") == ["Another title altogether"]


def test_of_several_articles_the_one_in_the_title_wins() -> None:
    teasers = [{**NEWS, "headline": f"Teaser number {i}"} for i in range(5)]
    assert values(with_ld([*teasers, NEWS]), "headline", "json_ld") == [HEADLINE]


@pytest.mark.parametrize(
    ("value", "free"),
    [
        (True, True),
        (False, False),
        ("True", True),
        ("false", False),
        (" FALSE ", False),
        ("maybe", None),
        (None, None),
        ([], None),
    ],
)
def test_is_accessible_for_free(value: object, free: bool | None) -> None:
    assert with_ld({**NEWS, "isAccessibleForFree": value}).free is free


def test_article_body_keeps_its_paragraphs() -> None:
    found = with_ld({**NEWS, "articleBody": "<p>One &amp; two</p><p>Three<br>four</p>\n\nFive"})
    assert values(found, "body") == ["One & two\n\nThree\n\nfour\n\nFive"]


@pytest.mark.parametrize(
    "hostile",
    [
        {"headline": "<" * 100_000},
        {"articleBody": "<!--" * 50_000},
        {"description": " " * 200_000},
        {"keywords": ["x,"] * 20_000},
    ],
)
def test_json_ld_made_to_be_slow_is_read_at_once(hostile: dict[str, object]) -> None:
    assert values(with_ld({**NEWS, **hostile}), "published_at") == ["2024-05-03T08:00:00+02:00"]


@pytest.mark.parametrize(
    ("meta", "field", "value", "source"),
    [
        ('<meta property="og:title" content=" The  boat ">', "headline", "The boat", "opengraph"),
        ('<meta name="og:title" content="The boat">', "headline", "The boat", "opengraph"),
        ('<meta name="twitter:title" content="The boat">', "headline", "The boat", "meta"),
        ('<meta name="DC.title" content="The boat">', "headline", "The boat", "meta"),
        ('<meta name="parsely-title" content="The boat">', "headline", "The boat", "meta"),
        ('<meta property="article:published_time" content="2024-05-03">', "published_at", "2024-05-03", "opengraph"),
        ('<meta name="parsely-pub-date" '
            'content="2024-05-03T10:00:00Z">', "published_at", "2024-05-03T10:00:00Z", "meta"),
        ('<meta name="DC.date.issued" content="2024-05-03">', "published_at", "2024-05-03", "meta"),
        ('<meta itemprop=x name="pubdate" content="20240503">', "published_at", "20240503", "meta"),
        ('<meta property="article:modified_time" content="2024-05-04">', "modified_at", "2024-05-04", "opengraph"),
        ('<meta property="og:updated_time" content="1714723200">', "modified_at", "1714723200", "opengraph"),
        ('<meta property="article:section" content="Harbour">', "section", "Harbour", "opengraph"),
        ('<meta name="description" content="A lead.">', "lead", "A lead.", "meta"),
        ('<meta property="og:description" content="A lead.">', "lead", "A lead.", "opengraph"),
        ('<meta property="og:locale" content="uk_UA">', "language", "uk_UA", "opengraph"),
        ('<meta http-equiv="content-language" content="uk">', "language", "uk", "meta"),
        ('<meta property="og:image" content="/b.jpg">', "image", "https://www.gazette.example/b.jpg", "opengraph"),
        ('<meta name="news_keywords" content="ferry, islands; boats">', "tags", ("ferry", "islands", "boats"), "meta"),
        ('<meta property="og:url" content="/a">', "canonical_url", "https://www.gazette.example/a", "opengraph"),
        ('<link rel="canonical" href="/a">', "canonical_url", "https://www.gazette.example/a", "meta"),
        ('<meta name="author" content="Ann Lee">', "authors", ("Ann Lee",), "meta"),
        ('<meta name="DC.creator" content="Ann Lee">', "authors", ("Ann Lee",), "meta"),
        ('<meta name="parsely-author" content="Ann Lee">', "authors", ("Ann Lee",), "meta"),
    ],
)  # fmt: skip
def test_meta_elements(meta: str, field: str, value: object, source: str) -> None:
    assert value in values(evidence(page(head=meta)), field, source)


def test_repeated_authors_and_tags_are_lists() -> None:
    head = "".join(
        f'<meta property="{name}" content="{value}">'
        for name, value in [
            ("article:author", "Ann Lee"),
            ("article:author", "Bo Ek"),
            ("article:tag", "ferry"),
            ("article:tag", "Ann, the boat"),
        ]
    )
    found = evidence(page(head=head))
    assert values(found, "authors") == [("Ann Lee", "Bo Ek")]
    assert values(found, "tags") == [("ferry", "Ann, the boat")]


@pytest.mark.parametrize(
    "meta",
    [
        "<meta name=author>",
        '<meta name=author content="">',
        '<meta content="x">',
        '<meta name="" content="x">',
        "<meta property=og:image content='javascript:1'>",
    ],
)
def test_empty_meta_elements_say_nothing(meta: str) -> None:
    found = evidence(page(head=meta))
    assert values(found, "authors") == values(found, "image") == []


def test_site_names_and_types() -> None:
    found = evidence(
        page(head='<meta property="og:site_name" content="The Gazette"><meta property="og:type" content="Article">')
    )
    assert found.site_names == {"The Gazette"}
    assert found.types == {"og:article"}


def test_a_field_s_candidates_are_bounded() -> None:
    found = evidence(page(head='<meta property="og:title" content="The boat">' * 5_000))
    assert len(list(found.of("headline"))) <= 50


MICRODATA = """<div itemscope itemtype="https://schema.org/NewsArticle"><h2 itemprop="headline">The boat is back</h2>
<span itemprop="author" itemscope itemtype="https://schema.org/Person"><img itemprop="image" src="/ann.jpg">
<a itemprop="url" href="/ann"><b itemprop="name">Ann Lee</b></a></span>
<time itemprop="datePublished" datetime="2024-05-03T08:00">3 May</time>
<meta itemprop="dateModified" content="2024-05-04">
<div itemprop="publisher" itemscope itemtype="https://schema.org/Organization">
<meta itemprop="name" content="The Gazette"></div>
<div itemprop="articleBody"><p>Text.</p></div><span itemprop="keywords"><a>ferry</a> <a>islands</a></span>
<img itemprop="image" src="/boat.jpg"></div>"""


def test_microdata_with_a_nested_author() -> None:
    found = evidence(MICRODATA)
    assert values(found, "headline", "microdata") == ["The boat is back"]
    assert values(found, "authors") == [("Ann Lee",)]
    assert values(found, "published_at") == ["2024-05-03T08:00"]
    assert values(found, "modified_at") == ["2024-05-04"]
    assert values(found, "image") == ["https://www.gazette.example/boat.jpg"]
    assert values(found, "tags") == [("ferry", "islands")]
    assert "newsarticle" in found.types


def test_microdata_of_teasers_is_not_the_page_s() -> None:
    teaser = '<div itemscope itemtype="http://schema.org/Article"><span itemprop="headline">Teaser</span></div>'
    assert values(evidence(teaser * 4), "headline", "microdata") == []
    assert values(evidence(teaser * 4 + MICRODATA), "headline", "microdata") == ["The boat is back"]


def test_microdata_nested_without_end_is_read_at_once() -> None:
    found = evidence(
        '<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop=headline>Boat</h1>'
        + "<div itemprop=x>" * 8_000
    )
    assert values(found, "headline", "microdata") == ["Boat"]


def test_every_field_of_an_article_tells_its_source() -> None:
    article = read(page(head=ld(NEWS), lang="en")).article
    assert article.provenance["published_at"].source == "json_ld"
    assert article.provenance["published_at"].selector == "datePublished"
    assert article.provenance["headline"].source == "page"
    assert article.language == "en-GB"
    assert article.section == "Harbour"
