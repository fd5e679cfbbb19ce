"""Language, canonical address, tags, section, lead and image."""

from __future__ import annotations

import pytest

from scraper.extract.fields.simple import language_tag
from tests.extract.pages import ld, page, read


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("en", "en"), ("EN", "en"), ("en-gb", "en-GB"), ("en_US", "en-US"), ("uk-UA", "uk-UA"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("zh-Hans", "zh-Hans"), ("es-419", "es-419"), ("en_US.UTF-8", "en-US"), ("en-us@euro", "en-US"), ("fil", "fil"),
        (" de ", "de"), ("sr-Latn-RS", "sr-Latn-RS"),
    ],
)  # fmt: skip
def test_language_tags(given: str, expected: str) -> None:
    assert language_tag(given) == expected


@pytest.mark.parametrize("given", ["", "English", "e", "en--", "12", "en, fr", "{{lang}}", "-", "x" * 50])
def test_what_is_no_language_tag(given: str) -> None:
    assert language_tag(given) in (None, "en")  # "en--" still says English
    assert language_tag("English") is None


def test_language_comes_from_where_it_is_stated() -> None:
    assert read(page(lang="uk")).article.language == "uk"
    assert read(page(head=ld({"@type": "NewsArticle", "inLanguage": "en-GB"}), lang="en")).article.language == "en-GB"
    article = read(page()).article
    assert article.language is None
    assert article.provenance["language"].reason == "the page does not state its language"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://www.gazette.example/news/ferry", "https://www.gazette.example/news/ferry"),
        ("/news/ferry", "https://www.gazette.example/news/ferry"),
        ("https://m.gazette.example/news/ferry", "https://m.gazette.example/news/ferry"),
        ("https://elsewhere.example/news/ferry", None),
        ("https://www.gazette.example/", None),
        ("/", None),
        ("javascript:void(0)", None),
        ("", None),
    ],
)
def test_canonical_addresses_are_distrusted(href: str, expected: str | None) -> None:
    article = read(page(head=f'<link rel="canonical" href="{href}">')).article
    # What cannot be the page's own address is passed over for the page's own.
    assert article.canonical_url == (expected or "https://www.gazette.example/news/ferry-returns")
    assert (article.provenance["canonical_url"].source == "none") == (expected is None)


def test_the_link_element_beats_the_share_address() -> None:
    head = '<meta property="og:url" content="/share"><link rel=canonical href="/own">'
    assert read(page(head=head)).article.canonical_url == "https://www.gazette.example/own"


@pytest.mark.parametrize(
    "statement",
    [
        '<meta property="og:url" content="https://www.gazette.example/news/ferry-returns">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry returns",'
        ' "mainEntityOfPage": {"@id": "/news/ferry-returns"}}</script>',
    ],
)
def test_another_article_is_not_canonical_when_the_page_contradicts_itself(statement: str) -> None:
    other = "https://www.gazette.example/archive/ferry-returns"
    link = f'<link rel="canonical" href="{other}">'
    assert read(page(head=link)).article.canonical_url == other
    assert read(page(head=link + statement)).article.canonical_url == "https://www.gazette.example/news/ferry-returns"


def test_canonical_without_a_url_is_taken() -> None:
    head = '<link rel=canonical href="https://x.example/own">'
    assert read(page(head=head), url=None).article.canonical_url == "https://x.example/own"


def test_url_without_credentials_and_tracking() -> None:
    article = read(page(), url="https://user:secret@www.gazette.example/a?cid=1&utm_source=x#top").article
    assert article.canonical_url == "https://www.gazette.example/a?cid=1"
    assert "secret" not in (article.url or "")


def test_tags_that_the_article_mentions() -> None:
    head = '<meta name="keywords" content="ferry, harbour, islands, Ferry">'
    assert read(page(head=head)).article.tags == ("ferry", "harbour", "islands")


def test_keywords_of_the_whole_site_are_no_tags() -> None:
    head = '<meta name="keywords" content="news, sport, weather, horoscope, radio">'
    article = read(page(head=head)).article
    assert article.tags == ()
    assert article.provenance["tags"].reason


def test_article_tags_need_no_mention() -> None:
    head = '<meta property="article:tag" content="Transport"><meta property="article:tag" content="Isles">'
    assert read(page(head=head)).article.tags == ("Transport", "Isles")


def test_tags_linked_under_the_text() -> None:
    below = "<div class=post-tags><a href=/tag/ferry>Ferry</a><a href=/tag/isles>Isles</a></div>"
    article = read(page(below=below)).article
    assert article.tags == ("Ferry", "Isles")
    assert "Isles" not in (article.body or "")


def test_a_tag_cloud_is_no_article_s() -> None:
    below = "<div class=tag-cloud>" + "".join(f"<a href=/tag/{i}>Word {i}</a>" for i in range(9)) + "</div>"
    assert read(page(below=below)).article.tags == ()


def test_section_linked_as_category() -> None:
    assert read(page(byline="<a rel='category tag' href=/c/sea>Sea</a>")).article.section == "Sea"


def test_lead_is_the_stated_summary() -> None:
    article = read(page(head='<meta name="description" content="The evening boat is back.">')).article
    assert article.lead == "The evening boat is back."
    assert article.provenance["lead"].selector == "description"


def test_a_site_s_name_is_no_lead() -> None:
    head = '<meta property="og:site_name" content="The Gazette"><meta name="description" content="The Gazette">'
    assert read(page(head=head)).article.lead is None


def test_first_picture_of_the_text_when_none_is_stated() -> None:
    text_with = "<figure><img src=/i/boat.jpg width=800></figure>"
    html = page(byline="<img src=/i/ann.jpg width=48 height=48>" + text_with)
    assert read(html).article.image == "https://www.gazette.example/i/boat.jpg"


def test_lazy_pictures() -> None:
    html = page(byline="<img src='data:image/gif;base64,R0' data-src='/i/boat.jpg'>")
    assert read(html).article.image == "https://www.gazette.example/i/boat.jpg"


def test_every_absent_field_says_why() -> None:
    article = read(page(title="", h1="")).article
    for name in (
        "authors",
        "published_at",
        "modified_at",
        "section",
        "tags",
        "image",
        "language",
        "canonical_url",
        "lead",
    ):
        assert article.provenance[name].source == "none"
        assert article.provenance[name].reason, name
