"""What is a URL, what two spellings share, and what is left out of what is stored."""

from __future__ import annotations

import random

import pytest

from scraper.errors import NotAUrl, UnsupportedScheme, UsageError
from scraper.urls import (
    address_key,
    bears_same_name,
    canonical,
    check_url,
    earlier_forms,
    edition_of,
    fit_to_show,
    host_of,
    is_home_page,
    is_section_front,
    leads_home,
    path_of,
    resolve,
    same_article_named,
    site_of,
    trusted_canonical,
    without_credentials,
    without_credentials_in,
    without_queries,
)
from scraper.urls.tracking import read_rules, tracking


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
        ("https://example.com/a;jsessionid=0A1B;b=2?c", "https://example.com/a;b=2?c"),
        ("https://example.com/(S(abc123))/a.aspx", "https://example.com/a.aspx"),
        ("https://example.com/a/..;jsessionid=1/b", "https://example.com/b"),
        ("https://example.com/%7Ea%2fb/%c3%bc?q=%41%2B%2b+x", "https://example.com/~a%2Fb/%C3%BC?q=A%2B%2B+x"),
        ("https://example.com/?%75tm_source=x&PHPSESSID=0&a=1", "https://example.com/?a=1"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a?&b=1&&c=2&", "https://example.com/a?b=1&c=2"),
        ("https://example.com/a??b=1&fbclid=2", "https://example.com/a??b=1"),
        ("https://example.com/a?id=1&amp;utm_source=x", "https://example.com/a?id=1"),
        ("https://example.com/%2%35%41", "https://example.com/%2%35A"),
    ],
)
def test_the_form_two_spellings_share(url: str, shared: str) -> None:
    assert canonical(url) == shared
    assert canonical(shared) == shared


def test_the_form_is_that_of_itself() -> None:
    chance = random.Random(7)
    parts = "% 2 5 %41 %7e / // /.. ? & = ; jsessionid= (S(a)) utm_x a ü # +".split()
    for _ in range(5000):
        url = "https://example.com/" + "".join(chance.choices(parts, k=chance.randrange(1, 14)))
        assert canonical(canonical(url)) == canonical(url), url


NAMES_OF_ARTICLES = """
    id cid eid uid pid aid nid sid oid tid vid rid gid mid did p page page_id pg paged pagina seite story story_id
    storyid article article_id articleid art artid a n news newsid news_id idnews item itemid item_id post post_id t v q
    s c d k key no num lang language hl l ref src source from doc docid document content content_id node object slug
    title topic thread tag cat category section date day year month view mode print type path url u r m code file name
"""


@pytest.mark.parametrize("value", ["7", "48213", "flood-in-the-lower-town", "0a1b2c3d" * 4, "", "a_b", "A1.2"])
def test_no_parameter_that_names_an_article_is_dropped(value: str) -> None:
    for name in (*NAMES_OF_ARTICLES.split(), *tracking().kept):
        for written in (name, name.upper()):
            url = f"https://news.example/a?{written}={value}"
            assert canonical(url) == url


@pytest.mark.parametrize(
    "query",
    """
    utm_source=x utm_anything=y fbclid=x gclid=x gclsrc=aw.ds gad_source=1 dclid=x msclkid=x mc_cid=x mc_eid=x yclid=1
    ysclid=x _openstat=x igshid=x twclid=x ttclid=x wt_mc=x at_medium=RSS at_campaign=64 at_custom1=x ns_mchannel=social
    cmpid=x icid=nav_promo guccounter=1 guce_referrer=x smid=tw smtyp=cur xtor=RSS-1 s_cid=x spm=a2.b3.c4 mtm_campaign=x
    pk_kwd=x sf12345678=1 share=jetpack-facebook replytocom=7 _=1721728512345 PHPSESSID=x ASPSESSIONIDQQCBTSTD=x
    sessionid=0a1b2c3d4e5f6a7b _ga=2.1.2.3 srsltid=x from=timeline
    """.split(),
)
def test_what_only_says_where_a_reader_came_from_is_dropped(query: str) -> None:
    assert canonical(f"https://news.example/a?{query}") == "https://news.example/a"
    assert canonical(f"https://news.example/a?id=1&{query}&b=2") == "https://news.example/a?id=1&b=2"


@pytest.mark.parametrize(
    ("url", "dropped"),
    [
        ("https://www.dailymail.co.uk/a?ito=x", True),
        ("https://news.example/a?ito=x", False),
        ("https://www.washingtonpost.com/a?tid=ss_tw", True),
        ("https://www.washingtonpost.com/a?tid=17", False),
        ("https://notwsj.com/a?mod=x", False),
        ("https://news.example/a?icid=12345", False),
        ("https://news.example/a?spm=12345", False),
        ("https://news.example/a?share=12345", False),
        ("https://news.example/a?_=7", False),
        ("https://news.example/a?sf12345678=2", False),
    ],
)
def test_what_is_dropped_under_conditions(url: str, dropped: bool) -> None:
    assert (canonical(url) == url.partition("?")[0]) == dropped


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ('names = ["ID"]', "'id' may name an article"),
        ('prefixes = ["stor"]', "a prefix stands before"),
        ('prefixes = ["x_"]\nvalues = "1"', "without a condition"),
        ('name = ["x"]', "there is no key 'name'"),
    ],
)
def test_rules_that_would_drop_an_article(group: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_rules(f'may_name_an_article = ["id", "story"]\n[[group]]\nabout = "x"\n{group}')


def test_every_group_says_what_it_is_of() -> None:
    import tomllib
    from importlib import resources

    groups = tomllib.loads((resources.files("scraper.urls") / "tracking_parameters.toml").read_text("utf-8"))["group"]
    assert all(group["about"].strip() for group in groups)


@pytest.mark.parametrize(
    ("url", "before"),
    [
        ("https://example.com/a?smid=x&utm_source=y&id=1#b", ("https://example.com/a?smid=x&id=1",)),
        ("https://example.com/a%7e", ("https://example.com/a%7e",)),
        ("https://example.com/a?utm_source=y#b", ()),
        ("https://example.com/a", ()),
        ("nonsense", ()),
        ("mailto:a@b", ()),
    ],
)
def test_forms_of_earlier_releases(url: str, before: tuple[str, ...]) -> None:
    assert earlier_forms(url) == before


STORY = "https://www.example.com/politics/bridge-reopens-48213"


@pytest.mark.parametrize(
    ("url", "kind", "original"),
    [
        (f"{STORY}/amp/", "amp", f"{STORY}/"),
        (f"{STORY}/amp", "amp", STORY),
        (f"{STORY}?amp", "amp", STORY),
        (f"{STORY}?amp=1&id=7", "amp", f"{STORY}?id=7"),
        (f"{STORY}?outputType=amp", "amp", STORY),
        (f"{STORY}.amp.html", "amp", f"{STORY}.html"),
        ("https://amp.example.com/a", "amp", "https://example.com/a"),
        ("https://www.example.com/amp/a", "amp", "https://www.example.com/a"),
        ("https://www-example-com.cdn.ampproject.org/v/s/www.example.com/a?usqp=x", "amp", "https://www.example.com/a"),
        ("https://www.google.co.uk/amp/s/www.example.com/a/amp/", "amp", "https://www.example.com/a/"),
        (f"{STORY}/print/", "print", f"{STORY}/"),
        (f"{STORY}?view=print", "print", STORY),
        (f"{STORY},print.html", "print", f"{STORY}.html"),
        ("https://www.example.com/a/print.php?id=7", "print", "https://www.example.com/a?id=7"),
        ("https://m.example.com/a", "mobile", "https://example.com/a"),
        ("https://de.m.example.com/a", "mobile", "https://de.example.com/a"),
        ("https://mobile.example.co.uk/a", "mobile", "https://example.co.uk/a"),
    ],
)
def test_editions(url: str, kind: str, original: str) -> None:
    found = edition_of(url)
    assert found is not None
    assert (found.kind, found.original) == (kind, original)
    assert address_key(url) == address_key(original)


@pytest.mark.parametrize(
    "url",
    [
        STORY,
        "https://www.example.com/amp",
        "https://m.com/",
        "https://www.example.com/a?print=48213",
        "https://www.example.com/news/print-is-not-dead",
        "https://www.example.com/guitar-amp",
        "https://www.example.com/a?view=12",
        "https://www.ampproject.org/about/",
        "nonsense",
    ],
)
def test_no_editions(url: str) -> None:
    assert edition_of(url) is None


@pytest.mark.parametrize(
    "other",
    [
        "http://www.example.com/politics/bridge-reopens-48213",
        "https://example.com/politics/bridge-reopens-48213/",
        "https://WWW.example.com:443/politics/bridge-reopens-48213/index.html?",
        "https://www.example.com//politics/bridge%2dreopens-48213",
    ],
)
def test_spellings_share_a_key(other: str) -> None:
    assert address_key(other) == address_key(STORY)
    assert edition_of(other) is None


def test_a_key_fits_a_column() -> None:
    assert all(-(2**63) <= address_key(f"https://example.com/{number}") < 2**63 for number in range(100))
    assert len({address_key(f"https://example.com/?id={number}") for number in range(100)}) == 100
    assert address_key("https://example.com/?a=1&b=2") == address_key("https://example.com/?b=2&a=1")


@pytest.mark.parametrize(
    ("url", "named", "reason"),
    [
        (f"{STORY}?ref=home", STORY, "parameters"),
        (f"{STORY}?ref=home&src=rss", "/politics/bridge-reopens-48213", "parameters"),
        (f"{STORY}?page=2", STORY, "parameters"),
        (f"{STORY}/amp/", STORY, "amp"),
        (f"{STORY}?print=1&ref=x", STORY, "print"),
        ("https://m.example.com/politics/bridge-reopens-48213", STORY, "mobile"),
        ("http://example.com/politics/bridge-reopens-48213/", STORY, "spelling"),
        ("https://www.example.com/region/lower-town/bridge-reopens-48213", STORY, "path"),
        ("https://www.example.com/region/bridge-reopens", "https://www.example.com/a/bridge-reopens", "path"),
        ("https://www.example.com/?p=48213", STORY, "path"),
        ("https://www.example.com/article?id=48213", STORY, "path"),
        ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/politics/bridge-reopens-48213", STORY, "amp"),
    ],
)
def test_a_canonical_address_is_believed(url: str, named: str, reason: str) -> None:
    assert trusted_canonical(url, named) == (STORY if "48213" in named else named, reason)


@pytest.mark.parametrize(
    ("url", "named", "reason"),
    [
        (STORY, None, "invalid"),
        (STORY, "mailto:me@example.com", "invalid"),
        (STORY, "https://", "invalid"),
        (STORY, "https://www.example.com/undefined", "invalid"),
        (STORY, "https://www.example.com/{{ canonical }}", "invalid"),
        (STORY, "https://www.example.com/" + "a" * 3000, "invalid"),
        ("nonsense", STORY, "invalid"),
        (STORY, f"{STORY}?utm_source=x#top", "itself"),
        (STORY, "https://agency.example/politics/bridge-reopens-48213", "other_site"),
        (STORY, "https://www.example.com/", "home_page"),
        (STORY, "https://www.example.com/en", "home_page"),
        (STORY, "https://www.example.com/index.html", "home_page"),
        (STORY, "https://www.example.com/politics/", "section_front"),
        (STORY, "https://www.example.com/politics/bridge-reopens-48214", "other_article"),
        (STORY, "https://www.example.com/politics/strike-at-harbour", "other_article"),
        (STORY, f"{STORY}?id=7", "other_article"),
        (STORY, f"{STORY}/amp/", "edition"),
        ("https://www.example.com/article?id=7", "https://www.example.com/article", "other_article"),
        ("https://www.example.com/article?id=7", "https://www.example.com/article?id=8", "other_article"),
        ("https://www.example.com/article?nr=48213", "https://www.example.com/article", "other_article"),
        ("https://www.example.com/?48213", "https://www.example.com/", "home_page"),
        ("https://www.example.com/", STORY, "other_article"),
    ],
)
def test_a_canonical_address_is_not_believed(url: str, named: str | None, reason: str) -> None:
    assert trusted_canonical(url, named) == (None, reason)


def test_what_a_page_says_elsewhere_counts_where_paths_differ() -> None:
    region = "https://www.example.com/region/bridge-reopens-48213"
    assert trusted_canonical(region, STORY, stated=[region]) == (None, "contradicted")
    assert trusted_canonical(region, STORY, stated=[region, STORY]).address == STORY
    assert trusted_canonical(f"{STORY}?ref=x", STORY, stated=[f"{STORY}?ref=x"]).address == STORY


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://example.com/a/flood-1001", "https://example.com/b/flood-1001", True),
        ("https://example.com/a/flood-1001", "https://example.com/a/flood-1002", False),
        ("https://example.com/a/flood-in-town", "https://example.com/b/flood-in-town", True),
        ("https://example.com/story?id=1001", "https://example.com/story?id=1002", False),
        ("https://example.com/1001", "https://example.com/flood", False),
        ("https://example.com/a", "http://www.example.com/a/", True),
    ],
)
def test_addresses_of_one_article(url: str, other: str, same: bool) -> None:
    assert same_article_named(url, other) == same_article_named(other, url) == same


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://example.com/old/flood-in-town", "https://example.com/2024/flood-in-town", True),
        ("https://example.com/old/flood-in-town", "https://example.com/2024/flood-in-town-updated.html", True),
        ("https://example.com/old/flood-48213", "https://example.com/region/what-we-know-48213.html", True),
        ("https://example.com/48213", "https://example.com/region/48213/", True),
        (
            "https://example.com/%D0%BF%D0%BE%D0%B2%D1%96%D0%BD%D1%8C-%D1%83-%D0%BC%D1%96%D1%81%D1%82%D1%96",
            "https://example.com/news/повінь-у-місті",
            True,
        ),
        # Short numbers, days, few words, and what stands in a folder name no article.
        ("https://example.com/old/flood-in-town-1", "https://example.com/old/flood-in-town-2", False),
        ("https://example.com/old/flood-2024", "https://example.com/old/strike-2024", False),
        ("https://example.com/a/signs-of-the-day-20240722", "https://example.com/b/signs-of-the-day-20240723", False),
        ("https://example.com/old/today", "https://example.com/new/today", False),
        ("https://example.com/48213/flood", "https://example.com/48213/strike", False),
        ("https://example.com/flood-in-the-lower-town", "https://example.com/strike-in-the-lower-town", False),
        (
            "https://example.com/a-storm-is-coming-to-the-north",
            "https://example.com/a-storm-is-coming-to-the-south",
            False,
        ),
        ("https://example.com/flood-in-town", "https://example.com/flood-in-town-and-what-became-of-the-mill", False),
        ("https://example.com/", "https://example.com/", False),
        ("no address", "https://example.com/", False),
    ],
)
def test_addresses_that_bear_one_name(url: str, other: str, same: bool) -> None:
    assert bears_same_name(url, other) == bears_same_name(other, url) == same


@pytest.mark.parametrize(
    ("asked", "answered", "home"),
    [
        (STORY, "https://www.example.com/", True),
        (STORY, "http://example.com/index.html", True),
        (STORY, "https://www.example.com/?ref=gone", True),
        (STORY, "https://www.example.com/politics", True),
        ("https://politics.example.com/a", "https://www.example.com/", True),
        ("https://www.example.com/news", "https://www.example.com/", True),
        ("https://www.example.com/2024/07/23/flood", "https://www.example.com/en/", True),
        (STORY, STORY, False),
        (STORY, f"{STORY}/amp", False),
        (STORY, "https://www.example.com/?p=48213", False),
        (STORY, "https://www.example.com/consent?return=x", False),
        (STORY, "https://consent.example.com/?return=x", False),
        (STORY, "https://other.example/", False),
        (STORY, "https://www.example.com/region/bridge-reopens-48213", False),
        (STORY, "https://www.example.com/login", False),
        ("https://www.example.com/", "https://www.example.com/en/", False),
        ("https://www.example.com/en", "https://www.example.com/", False),
        ("https://www.example.com/blog/a", "https://www.example.com/blog/", False),
        ("https://example.com/2024/07/flood/comments-page-1", "https://example.com/2024/07/flood", False),
        ("https://t.example/x", "nonsense", False),
    ],
)
def test_who_is_sent_home(asked: str, answered: str, home: bool) -> None:
    assert leads_home(asked, answered) == home


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://www.example.com/", "home"),
        ("https://www.example.com/de-at/", "home"),
        ("https://www.example.com/startseite", "home"),
        ("https://www.example.com/sport/football/", "section"),
        ("https://www.example.com/us-news", "section"),
        ("https://www.example.com/%D1%81%D0%BF%D0%BE%D1%80%D1%82/", "section"),
        (STORY, ""),
        ("https://www.example.com/2024/07/", ""),
        ("https://www.example.com/story?id=7", ""),
    ],
)
def test_home_pages_and_section_fronts(url: str, what: str) -> None:
    assert is_home_page(url) == (what == "home")
    assert is_section_front(url) == (what == "section") or what == "home"


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
