"""Feeds with what is wrong with real ones, and what they mean all the same."""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scraper.crawl.discovery.found import FoundLink

NOW = datetime(2024, 5, 3, 12, 0, tzinfo=UTC)
SITE = "https://news.example"
URL = f"{SITE}/feeds/all.xml"
RSS, ATOM, JSON = "application/rss+xml", "application/atom+xml", "application/feed+json"
TEN = "Fri, 03 May 2024 10:00:00 +0000"


@dataclass(frozen=True, kw_only=True)
class OddFeed:
    """A body, what is odd about it, and what is to be read out of it."""

    odd: str
    body: bytes
    links: tuple[FoundLink, ...] = ()
    content_type: str | None = RSS
    url: str = URL
    notes: tuple[str, ...] = ()
    """Parts of what has to be said; with none, nothing may be said."""
    about: dict[str, object] = field(default_factory=dict)
    """What else the feed has to say."""
    refused: str | None = None
    """What it is instead of a feed."""


FEEDS: dict[str, OddFeed] = {}


def case(builder: Callable[[], OddFeed]) -> Callable[[], OddFeed]:
    FEEDS[builder.__name__] = builder()
    return builder


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def link(path: str, title: str | None = None, published: str | None = None, **more: str | None) -> FoundLink:
    """An expected link; `path` below SITE, or a whole address."""
    return FoundLink(
        url=path if "//" in path else SITE + path,
        title=title,
        published_at=at(published),
        modified_at=at(more.get("modified")),
        language=more.get("language"),
    )


def rss(items: str, about: str = "<title>News</title><link>https://news.example/</link>", head: str = "") -> str:
    return f'{head}<rss version="2.0"><channel>{about}{items}</channel></rss>'


def item(path: str = "/a", title: str = "One", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{SITE}{path}</link>{more}</item>"


def atom(
    entries: str, attributes: str = 'xmlns="http://www.w3.org/2005/Atom"', about: str = "<title>News</title>"
) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><feed {attributes}>{about}{entries}</feed>'


def dated(date: str, element: str = "pubDate") -> str:
    return rss(item(more=f"<{element}>{date}</{element}>"))


A = link("/a", "One")
B = link("/b", "Two")
AT_TEN = link("/a", "One", "2024-05-03T10:00Z")


# Formats and versions.


@case
def rss_2() -> OddFeed:
    about = (
        "<title>News</title><link>https://news.example/</link><language>en-us</language><ttl>30</ttl>"
        '<atom:link href="https://news.example/feeds/all.xml" rel="self" type="application/rss+xml"/>'
        '<atom:link href="https://hub.example/" rel="hub"/><atom:link rel="next" href="?page=2"/>'
    )
    text = rss(item(more=f"<pubDate>{TEN}</pubDate>") + item("/b", "Two"), about)
    return OddFeed(
        odd="nothing: RSS 2.0 as it ought to be",
        body=text.replace("<rss", '<rss xmlns:atom="http://www.w3.org/2005/Atom"').encode(),
        links=(AT_TEN, B),
        about={
            "kind": "rss",
            "title": "News",
            "language": "en-US",
            "home_url": f"{SITE}/",
            "self_url": URL,
            "hubs": ("https://hub.example/",),
            "next_url": f"{URL}?page=2",
            "ttl": timedelta(minutes=30),
            "of_comments": False,
        },
    )


@case
def rss_091() -> OddFeed:
    head = (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    return OddFeed(
        odd="RSS 0.91 with a DTD elsewhere and an entity of it",
        body=rss(item(title="Caf&eacute;"), head=head).encode(),
        links=(link("/a", "Café"),),
    )


@case
def rss_090() -> OddFeed:
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>News</title>'
        f"<link>{SITE}/</link></channel>{item()}</rdf:RDF>"
    )
    return OddFeed(
        odd="RSS 0.90, items beside the channel", body=text.encode(), links=(A,), about={"kind": "rdf", "title": "News"}
    )


@case
def rss_10() -> OddFeed:
    text = (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel rdf:about="https://news.example/">'
        "<title>News</title><link>https://news.example/</link><sy:updatePeriod>hourly</sy:updatePeriod>"
        "<sy:updateFrequency>2</sy:updateFrequency><dc:language>de</dc:language>"
        '<items><rdf:Seq><rdf:li rdf:resource="https://news.example/a"/></rdf:Seq></items></channel>'
        '<item rdf:about="https://news.example/a"><title>One</title><link>https://news.example/a</link>'
        "<dc:date>2024-05-03T12:00:00+02:00</dc:date></item>"
        '<item rdf:about="https://news.example/b"><title>Two</title></item></rdf:RDF>'
    )
    return OddFeed(
        odd="RSS 1.0 with Dublin Core; one item has its address in rdf:about alone",
        body=text.encode(),
        links=(AT_TEN, B),
        about={"kind": "rdf", "language": "de", "ttl": timedelta(minutes=30)},
    )


@case
def atom_10() -> OddFeed:
    entries = (
        "<entry><title>One</title><id>tag:news.example,2024:1</id><published>2024-05-03T10:00:00Z</published>"
        '<updated>2024-05-03T11:00:00Z</updated><link rel="edit" href="/edit/1"/>'
        '<link rel="replies" href="/a/comments"/>'
        '<link rel="enclosure" type="audio/mpeg" href="/a.mp3"/>'
        '<link rel="alternate" type="application/json" href="/a.json"/>'
        '<link rel="alternate" type="text/html" href="/a"/></entry>'
    )
    about = (
        '<title>News</title><link href="/"/><link rel="self" href="/feeds/all.xml"/>'
        '<link rel="prev-archive" href="/feeds/2024-04.xml"/><link rel="hub" href="https://hub.example/"/>'
    )
    return OddFeed(
        odd="Atom with links of every relation",
        body=atom(entries, 'xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"', about).encode(),
        content_type=ATOM,
        links=(link("/a", "One", "2024-05-03T10:00Z", modified="2024-05-03T11:00Z"),),
        notes=("1 with a relative link",),
        about={"kind": "atom", "language": "fr", "next_url": f"{SITE}/feeds/2024-04.xml", "self_url": URL},
    )


@case
def atom_03() -> OddFeed:
    text = (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title mode="escaped">News</title><entry>'
        '<title type="text/html" mode="escaped">A &lt;em&gt;big&lt;/em&gt; day</title>'
        '<link rel="alternate" type="text/html" href="https://news.example/a"/>'
        "<issued>2024-05-03T10:00:00Z</issued><modified>2024-05-03T10:30:00Z</modified></entry></feed>"
    )
    return OddFeed(
        odd="Atom 0.3: issued and modified",
        body=text.encode(),
        links=(link("/a", "A big day", "2024-05-03T10:00Z", modified="2024-05-03T10:30Z"),),
    )


@case
def json_feed() -> OddFeed:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "language": "en",
        "home_page_url": f"{SITE}/",
        "feed_url": f"{SITE}/feed.json",
        "next_url": f"{SITE}/feed.json?page=2",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {"id": "1", "url": f"{SITE}/a", "title": "One", "date_published": "2024-05-03T12:00:00+02:00"},
            {"id": f"{SITE}/b", "title": "Two", "external_url": "https://other.example/x"},
        ],
    }
    return OddFeed(
        odd="JSON Feed 1.1; one item has its address in its id alone",
        body=json.dumps(feed).encode(),
        content_type=JSON,
        links=(AT_TEN, B),
        about={
            "kind": "json",
            "hubs": ("https://hub.example/",),
            "next_url": f"{SITE}/feed.json?page=2",
            "self_url": f"{SITE}/feed.json",
        },
    )


# JSON that is not quite.


@case
def json_mark_and_commas() -> OddFeed:
    text = '{"version":"https://jsonfeed.org/version/1","items":[{"url":"/a","title":"One, ]",},],}'
    return OddFeed(
        odd="JSON Feed with a byte order mark and a comma before every closing bracket",
        body=codecs.BOM_UTF8 + text.encode(),
        content_type="application/json",
        links=(link("/a", "One, ]"),),
        notes=("commas too many",),
    )


@case
def json_wrong_types() -> OddFeed:
    items: list[object] = [
        {"url": [f"{SITE}/a"], "title": "One", "date_published": 1714730400},
        {"url": 17, "id": None, "title": ["Two"]},
        "https://news.example/no",
        {"url": f"{SITE}/b", "title": {"rendered": "Two"}, "date_published": "soon"},
    ]
    feed = {"version": 1, "title": 5, "language": ["en"], "hubs": "none", "next_url": {}, "items": items}
    return OddFeed(
        odd="JSON Feed whose values are of every type but the right one",
        body=json.dumps(feed).encode(),
        content_type=JSON,
        links=(AT_TEN, link("/b")),
        notes=("does not say that it is", "1 without a link", "“soon”"),
    )


@case
def json_cut_short() -> OddFeed:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "items": [{"url": f"{SITE}/a", "title": "One"}] * 2,
    }
    return OddFeed(
        odd="JSON Feed that breaks off in its second item",
        body=json.dumps(feed).encode()[:-30],
        content_type=JSON,
        links=(A,),
        notes=("broken or cut short",),
        about={"title": "News"},
    )


@case
def json_of_an_error() -> OddFeed:
    return OddFeed(
        odd="JSON that says that there is an error", body=b'{"error": "not found"}', content_type=JSON, refused="json"
    )


@case
def json_nested() -> OddFeed:
    return OddFeed(odd="JSON of 100,000 brackets", body=b"[" * 100_000, content_type=JSON, refused="json")


# Encodings.


@case
def declared_utf8_but_cp1251() -> OddFeed:
    title = "В Україні сьогодні очікується сонячна погода без опадів"
    return OddFeed(
        odd="declared as UTF-8, written in Windows-1251",
        body=rss(item(title=title), head='<?xml version="1.0" encoding="UTF-8"?>').encode("cp1251"),
        links=(link("/a", title),),
        notes=("declared as utf-8, but read as cp1251",),
    )


@case
def declared_latin1_but_utf8() -> OddFeed:
    return OddFeed(
        odd="declared as Latin-1 by header and declaration, written in UTF-8",
        body=rss(item(title="Čeština"), head='<?xml version="1.0" encoding="iso-8859-1"?>').encode(),
        content_type="text/xml; charset=ISO-8859-1",
        links=(link("/a", "Čeština"),),
    )


@case
def header_default_over_declaration() -> OddFeed:
    return OddFeed(
        odd="declared as Windows-1251; the header says Latin-1, as servers do unasked",
        body=rss(item(title="Новини"), head='<?xml version="1.0" encoding="windows-1251"?>').encode("cp1251"),
        content_type="text/xml; charset=ISO-8859-1",
        links=(link("/a", "Новини"),),
    )


@case
def utf16_with_mark() -> OddFeed:
    text = rss(item(title="Žluťoučký"), head='<?xml version="1.0" encoding="utf-16"?>')
    return OddFeed(odd="UTF-16 with a mark", body=text.encode("utf-16"), links=(link("/a", "Žluťoučký"),))


@case
def utf16_without_mark() -> OddFeed:
    text = rss(item(title="Žluťoučký"), head='<?xml version="1.0" encoding="utf-16"?>')
    return OddFeed(odd="UTF-16 without a mark", body=text.encode("utf-16-be"), links=(link("/a", "Žluťoučký"),))


@case
def declared_utf16_but_utf8() -> OddFeed:
    text = rss(item(title="Zürich"), head='<?xml version="1.0" encoding="utf-16"?>')
    return OddFeed(odd="declared as UTF-16, written in UTF-8", body=text.encode(), links=(link("/a", "Zürich"),))


@case
def shift_jis_undeclared() -> OddFeed:
    title = "東京の天気は晴れのち曇り、ところにより雨が降るでしょう"
    return OddFeed(
        odd="Shift JIS that nobody declares", body=rss(item(title=title)).encode("cp932"), links=(link("/a", title),)
    )


@case
def stray_byte() -> OddFeed:
    body = (
        rss(item(title="Ž" * 40 + "?"), head='<?xml version="1.0" encoding="utf-8"?>')
        .encode()
        .replace(b"?</t", b"\x92</t")
    )
    return OddFeed(
        odd="UTF-8 with one byte that is not",
        body=body,
        links=(link("/a", "Ž" * 40 + "\ufffd"),),
        notes=("1 characters were not valid",),
    )


@case
def control_characters() -> OddFeed:
    return OddFeed(
        odd="control characters and NULs in titles",
        body=rss(item(title="O\x0bn\x08e\x00")).encode(),
        links=(link("/a", "O ne"),),
    )


@case
def packed() -> OddFeed:
    return OddFeed(
        odd="a .gz file", body=gzip.compress(rss(item()).encode()), content_type="application/gzip", links=(A,)
    )


# What stands around.


@case
def white_space_first() -> OddFeed:
    return OddFeed(
        odd="empty lines and a mark before the declaration",
        body=b"\n\n \xef\xbb\xbf" + rss(item(), head='<?xml version="1.0"?>').encode(),
        links=(A,),
    )


@case
def php_warning() -> OddFeed:
    warning = "<br />\n<b>Warning</b>:  Undefined variable in <b>/var/www/feed.php</b> on line <b>3</b><br />\n"
    return OddFeed(
        odd="a warning of PHP in HTML before the declaration",
        body=(warning + rss(item(), head='<?xml version="1.0" encoding="utf-8"?>')).encode(),
        links=(A,),
    )


@case
def text_before() -> OddFeed:
    return OddFeed(
        odd="a line of a log before the declaration",
        body=b"Notice: cache miss (0.3s)\n" + rss(item(), head='<?xml version="1.0"?>').encode(),
        links=(A,),
        notes=("26 characters stand before",),
    )


@case
def html_after() -> OddFeed:
    return OddFeed(
        odd="HTML of a statistics service after the end",
        body=(rss(item()) + '<script src="/stats.js"></script><!-- 0.12 s --><a href="/x">x</a>').encode(),
        links=(A,),
    )


@case
def two_documents() -> OddFeed:
    return OddFeed(
        odd="two feeds one after the other", body=(rss(item()) + rss(item("/b", "Two"))).encode(), links=(A, B)
    )


@case
def cut_in_a_link() -> OddFeed:
    text = rss(item() + "<item><title>Two</title><link>https://news.example/b")
    return OddFeed(
        odd="breaks off in the address of the second item",
        body=text[: text.index("/b") + 1].encode(),
        links=(A,),
        notes=("cut short", "1 without a link"),
    )


@case
def cut_in_a_text() -> OddFeed:
    text = rss(item() + item("/b", "Two", "<description><![CDATA[It was a"))
    return OddFeed(
        odd="breaks off in the CDATA of the second item", body=text.encode(), links=(A, B), notes=("cut short",)
    )


@case
def no_channel() -> OddFeed:
    return OddFeed(
        odd="RSS without a channel",
        body=f'<rss version="2.0">{item()}</rss>'.encode(),
        links=(A,),
        notes=("no channel",),
    )


@case
def items_after_channel() -> OddFeed:
    return OddFeed(
        odd="items after the end of the channel",
        body=f"<rss><channel><title>News</title></channel>{item()}</rss>".encode(),
        links=(A,),
        about={"title": "News"},
    )


@case
def items_alone() -> OddFeed:
    return OddFeed(
        odd="nothing but items", body=(item() + item("/b", "Two")).encode(), links=(A, B), notes=("no channel",)
    )


@case
def no_items() -> OddFeed:
    return OddFeed(odd="no items", body=rss("").encode(), notes=("no items",), about={"title": "News"})


# What is not a feed.


@case
def empty() -> OddFeed:
    return OddFeed(odd="an empty body", body=b" \r\n", refused="empty")


@case
def error_page() -> OddFeed:
    page = "<!DOCTYPE html><html><head><title>404</title><link rel='alternate' href='/feed'></head><item></html>"
    return OddFeed(odd="an HTML error page sent as RSS", body=page.encode(), refused="html")


@case
def page_without_html() -> OddFeed:
    return OddFeed(odd="a piece of HTML", body=b"<div><h1>Oops</h1><p>Try again</p></div>", refused="html")


@case
def sitemap_as_feed() -> OddFeed:
    text = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://news.example/a</loc></url></urlset>'
    return OddFeed(odd="a sitemap", body=text.encode(), refused="sitemap")


@case
def opml() -> OddFeed:
    return OddFeed(odd="a list of feeds", body=b'<?xml version="1.0"?><opml><body/></opml>', refused="xml")


@case
def plain_words() -> OddFeed:
    return OddFeed(odd="words", body=b"Service unavailable", content_type="text/plain", refused="text")


@case
def a_path() -> OddFeed:
    return OddFeed(odd="the path of a file on this machine", body=b"/etc/passwd", refused="text")


@case
def an_address() -> OddFeed:
    return OddFeed(odd="an address instead of a feed", body=b"http://127.0.0.1:1/feed", refused="text")


@case
def picture() -> OddFeed:
    return OddFeed(odd="a picture", body=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), refused="binary")


# Attacks.


@case
def billion_laughs() -> OddFeed:
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]>'
    return OddFeed(
        odd="entities that would grow to a billion",
        body=rss(item(title="&l9;"), head=head).encode(),
        links=(link("/a", "&l9;"),),
    )


@case
def external_entity() -> OddFeed:
    head = (
        '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY f SYSTEM "file:///etc/passwd">'
        '<!ENTITY % p SYSTEM "http://127.0.0.1:1/p.dtd"> %p;]>'
    )
    return OddFeed(
        odd="entities that name a file and an address",
        body=rss(item(title="&f; here"), head=head).encode(),
        links=(link("/a", "&f; here"),),
    )


@case
def gzip_bomb() -> OddFeed:
    body = gzip.compress(gzip.compress(b"\0" * 10_000_000) * 10)
    return OddFeed(odd="100 MB of nothing in 250 bytes", body=body, refused="empty")


@case
def deep_nesting() -> OddFeed:
    text = rss(item() + "<item>" + "<b>" * 50_000 + "</b>" * 50_000 + "</item>" + item("/b", "Two"))
    return OddFeed(odd="50,000 elements inside each other", body=text.encode(), links=(A, B), notes=("without a link",))


# Markup.


@case
def upper_case() -> OddFeed:
    one = f"<ITEM><TITLE>One</TITLE><LINK>{SITE}/a</LINK><PUBDATE>{TEN}</PUBDATE></ITEM>"
    text = f"<RSS><CHANNEL><TITLE>News</TITLE>{one}</CHANNEL></RSS>"
    return OddFeed(odd="tags in upper case", body=text.encode(), links=(AT_TEN,), about={"title": "News"})


@case
def undeclared_prefixes() -> OddFeed:
    more = "<dc:date>2024-05-03T10:00:00Z</dc:date><media:title>Photo</media:title><media:content url='/p.jpg'/>"
    return OddFeed(odd="prefixes that nobody declares", body=rss(item(more=more)).encode(), links=(AT_TEN,))


@case
def odd_prefixes() -> OddFeed:
    text = (
        '<x:feed xmlns:x="http://www.w3.org/2005/Atom/"><x:title>News</x:title><x:entry><x:title>One</x:title>'
        '<x:link href="https://news.example/a"/><x:published>2024-05-03T10:00:00Z</x:published></x:entry></x:feed>'
    )
    return OddFeed(
        odd="Atom with a prefix of its own, its namespace misspelt",
        body=text.encode(),
        content_type=ATOM,
        links=(AT_TEN,),
        about={"title": "News"},
    )


@case
def wrong_namespace() -> OddFeed:
    return OddFeed(
        odd="Atom in the namespace of nobody",
        body=atom(
            f'<entry><title>One</title><link href="{SITE}/a"/></entry>', 'xmlns="http://example.org/atom"'
        ).encode(),
        content_type=ATOM,
        links=(A,),
    )


@case
def media_before_title() -> OddFeed:
    text = (
        '<rss xmlns:m="http://search.yahoo.com/mrss/"><channel><title>News</title><image><title>Logo</title>'
        f"<url>{SITE}/logo.png</url><link>{SITE}/logo</link></image><item><m:group><m:title>Photo</m:title></m:group>"
        f"<source><title>Agency</title><link>https://other.example/</link></source>{item()[6:]}</channel></rss>"
    )
    return OddFeed(
        odd="titles and links of pictures and sources before the item's own",
        body=text.encode(),
        links=(A,),
        about={"title": "News"},
    )


@case
def bare_ampersands() -> OddFeed:
    text = rss("<item><title>Q&A: R&D</title><link>https://news.example/?a=1&section=2&copy=3&amp;b=4</link></item>")
    return OddFeed(
        odd="ampersands that are not escaped, before the names of entities",
        body=text.encode(),
        links=(link("/?a=1&section=2&copy=3&b=4", "Q&A: R&D"),),
    )


@case
def escaped_twice() -> OddFeed:
    text = rss(
        "<item><title>AT&amp;amp;T &amp;#8211; &amp;lt;b&amp;gt;up&amp;lt;/b&amp;gt;</title><link>https://news.example/?a=1&amp;amp;b=2</link></item>"
    )
    return OddFeed(odd="escaped twice", body=text.encode(), links=(link("/?a=1&b=2", "AT&T – up"),))


@case
def html_entities() -> OddFeed:
    return OddFeed(
        odd="entities of HTML that XML does not know",
        body=rss(item(title="Pok&eacute;mon&nbsp;&mdash; l&rsquo;&Eacute;t&eacute; &#150; &bogus;")).encode(),
        links=(link("/a", "Pokémon — l’Été – &bogus;"),),
    )


@case
def own_entities() -> OddFeed:
    head = "<!DOCTYPE rss [<!ENTITY paper \"The &#8220;Daily&#8221;\"><!ENTITY who 'Ann'>]>"
    return OddFeed(
        odd="entities that the feed defines itself",
        body=rss(item(title="&who; of &paper;"), head=head).encode(),
        links=(link("/a", "Ann of The “Daily”"),),
    )


@case
def html_in_titles() -> OddFeed:
    items = (
        item("/a", "<![CDATA[<p>A <b>bold</b>&nbsp;move<br/>today</p>]]>")
        + item("/b", "An <i>open</i> tag<br>here")
        + item("/c", "vector&lt;int&gt; &amp; 5 &lt; 6")
        + item("/d", "<![CDATA[<script>alert(1)</script>Safe]]>")
    )
    return OddFeed(
        odd="HTML in titles: in CDATA, as elements, escaped; and what only looks like it",
        body=rss(items).encode(),
        links=(
            link("/a", "A bold move today"),
            link("/b", "An open tag here"),
            link("/c", "vector<int> & 5 < 6"),
            link("/d", "Safe"),
        ),
    )


@case
def atom_title_types() -> OddFeed:
    entries = (
        f'<entry><title type="text">The &lt;b&gt; tag</title><link href="{SITE}/a"/></entry>'
        f'<entry><title type="html">A &lt;b&gt;bold&lt;/b&gt; move</title><link href="{SITE}/b"/></entry>'
        '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>real</em> one</div></title>'
        f'<link href="{SITE}/c"/></entry>'
    )
    return OddFeed(
        odd="Atom titles as text, HTML and XHTML",
        body=atom(entries).encode(),
        content_type=ATOM,
        links=(link("/a", "The <b> tag"), link("/b", "A bold move"), link("/c", "A real one")),
    )


@case
def cdata_links() -> OddFeed:
    text = rss("<item><title><![CDATA[One]]></title><link>\n  <![CDATA[ https://news.example/a ]]>\n</link></item>")
    return OddFeed(odd="addresses in CDATA, on lines of their own", body=text.encode(), links=(A,))


@case
def long_title() -> OddFeed:
    return OddFeed(
        odd="a title of 40,000 characters",
        body=rss(item(title="word " * 8000)).encode(),
        links=(link("/a", ("word " * 100)[:499].strip() + "…"),),
    )


@case
def unclosed() -> OddFeed:
    text = rss(f"<item><title>One<link>{SITE}/a<pubDate>{TEN}</pubDate><item><title>Two</title><link>{SITE}/b</link>")
    return OddFeed(odd="titles, links and items that are not closed", body=text.encode(), links=(AT_TEN, B))


@case
def wrong_end_tags() -> OddFeed:
    text = rss("".join(f"<item><headline>{n}</title><link>{SITE}/{n}</link></item>" for n in range(3)))
    return OddFeed(
        odd="end tags of other elements than were begun",
        body=text.encode(),
        links=tuple(link(f"/{n}") for n in range(3)),
    )


@case
def unknown_unclosed() -> OddFeed:
    text = rss("".join(f"<item><badge><title>{n}</title><link>{SITE}/{n}</link></item>" for n in range(3)))
    return OddFeed(
        odd="an element that nobody closes around the link of every item",
        body=text.encode(),
        links=tuple(link(f"/{n}", f"{n}") for n in range(3)),
        notes=("3 without", "second time, which found 3 items for 0"),
    )


@case
def stray_tags() -> OddFeed:
    text = rss(
        item(more="</p></div><description><p>It <img src='x'> rained</description>") + "</item>" + item("/b", "Two")
    )
    return OddFeed(odd="HTML that is not escaped, end tags of nothing", body=text.encode(), links=(A, B))


@case
def unquoted_attributes() -> OddFeed:
    text = "<feed><entry><title type=html>One</title><link rel=alternate href=https://news.example/a></entry></feed>"
    return OddFeed(odd="attributes without quotes", body=text.encode(), content_type=ATOM, links=(A,))


@case
def html_parsers_link() -> OddFeed:
    text = rss(f"<item><title>One</title><link/>{SITE}/a\n<guid isPermaLink='false'>7</guid></item>")
    return OddFeed(odd="an empty link with its address behind it", body=text.encode(), links=(A,))


# Links.


@case
def relative_links() -> OddFeed:
    text = rss("<item><title>One</title><link>/a</link></item><item><title>Two</title><link>../b</link></item>")
    return OddFeed(odd="relative links", body=text.encode(), links=(A, B), notes=("2 with a relative link",))


@case
def relative_on_another_host() -> OddFeed:
    return OddFeed(
        odd="relative links in a feed that another site keeps",
        body=rss("<item><title>One</title><link>/a</link></item>").encode(),
        url="https://feeds.keeper.example/news",
        links=(A,),
        notes=("1 with a relative link",),
    )


@case
def xml_base() -> OddFeed:
    entries = (
        '<entry xml:base="/2024/"><title>One</title><link href="a"/></entry>'
        '<entry><title>Two</title><link xml:base="https://other.example/x/" href="b"/></entry>'
    )
    return OddFeed(
        odd="xml:base at three levels",
        body=atom(entries, 'xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/"')
        .replace('href="a"', 'href="a/"')
        .replace('href="b"', 'href="b/"')
        .encode(),
        content_type=ATOM,
        links=(link("https://base.example/2024/a/", "One"), link("https://other.example/x/b/", "Two")),
        notes=("2 with a relative link",),
    )


@case
def guid_alone() -> OddFeed:
    items = (
        "<item><title>One</title><guid>https://news.example/a</guid></item>"
        '<item><title>Two</title><guid isPermaLink="true">https://news.example/b</guid></item>'
        '<item><title>Three</title><guid isPermaLink="false">https://news.example/c</guid></item>'
        "<item><title>Four</title><guid>4711</guid></item>"
    )
    return OddFeed(
        odd="addresses in guid alone, where it is one",
        body=rss(items).encode(),
        links=(A, B),
        notes=("2 without a link",),
    )


@case
def original_links() -> OddFeed:
    text = (
        '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item><title>One</title>'
        "<link>https://feedproxy.example/~r/news/~3/x/</link>"
        "<feedburner:origLink>https://news.example/a</feedburner:origLink></item></channel></rss>"
    )
    return OddFeed(odd="links through a service that counts readers", body=text.encode(), links=(A,))


@case
def home_page_links() -> OddFeed:
    text = rss(f"<item><title>One</title><link>{SITE}/</link><guid>{SITE}/a</guid></item>")
    return OddFeed(odd="every link leads home; the guid does not", body=text.encode(), links=(A,))


@case
def no_page() -> OddFeed:
    items = "".join(
        f"<item><title>One</title><link>{href}</link></item>"
        for href in ("mailto:a@b.example", "javascript:void(0)", "none", "#", "", "ftp://news.example/a")
    )
    return OddFeed(
        odd="links to no page: mail, scripts, words",
        body=rss(items).encode(),
        notes=("6 without a link to a page, such as one with “mailto:",),
    )


@case
def no_link_at_all() -> OddFeed:
    text = rss(
        '<item><title>One</title><enclosure url="https://news.example/a.mp3" type="audio/mpeg"/></item>' + item()
    )
    return OddFeed(odd="an item with a sound but without a link", body=text.encode(), links=(A,), notes=("1 without",))


@case
def odd_addresses() -> OddFeed:
    hrefs = (
        "www.news.example/a",
        "//news.example/b",
        "HTTPS://NEWS.example:443/c/../d",
        "http://https://news.example/e",
        "https://news.example/f g",
        "https://news.exa\nmple/h",
        "https://user:pass@news.example/i#top",
        "https://новини.example/ж?ї=1",
    )
    paths = ("https://www.news.example/a", "/b", "/d", "/e", "/f%20g", "/h", "/i")
    last = "https://xn--b1amarcd.example/%D0%B6?%D1%97=1"
    return OddFeed(
        odd="addresses as people type them",
        body=rss("".join(f"<item><link>{href}</link></item>" for href in hrefs)).encode(),
        links=tuple(link(path) for path in (*paths, last)),
        notes=("1 with a relative link",),
    )


@case
def tracking_parameters() -> OddFeed:
    text = rss(f"<item><title>One</title><link>{SITE}/a?id=7&amp;utm_source=rss#comments</link></item>")
    return OddFeed(
        odd="tracking parameters, which stay, and a fragment, which does not",
        body=text.encode(),
        links=(link("/a?id=7&utm_source=rss", "One"),),
        notes=("comments",),
        about={"of_comments": True},
    )


@case
def repeated_items() -> OddFeed:
    text = rss("<item><link>https://news.example/a</link></item>" + item(more=f"<pubDate>{TEN}</pubDate>") * 2)
    return OddFeed(
        odd="one item three times, the first without title and date",
        body=text.encode(),
        links=(AT_TEN,),
        notes=("2 listed again",),
    )


@case
def comments() -> OddFeed:
    items = "".join(item(f"/a#comment-{n}", f"By: {n}") for n in range(3)) + item("/b#comment-9", "By: 9")
    return OddFeed(
        odd="a feed of comments",
        body=rss(items).encode(),
        url=f"{SITE}/comments/feed/",
        links=(link("/a", "By: 0"), link("/b", "By: 9")),
        notes=("2 listed again", "comments"),
        about={"of_comments": True},
    )


@case
def next_is_itself() -> OddFeed:
    about = f'<title>News</title><link rel="self" href="{URL}"/><link rel="next" href="{URL}"/>'
    return OddFeed(
        odd="the next page is this one",
        body=atom(f'<entry><title>One</title><link href="{SITE}/a"/></entry>', about=about).encode(),
        content_type=ATOM,
        links=(A,),
        about={"next_url": None},
    )


# Dates.


def _dates(odd: str, *dates: tuple[str, str | None], refused: int = 0, about: str = "") -> OddFeed:
    items = "".join(item(f"/{n}", f"{n}", f"<pubDate>{date}</pubDate>") for n, (date, _) in enumerate(dates))
    notes = (f"{refused} date",) if refused else ()
    links = tuple(link(f"/{n}", f"{n}", expected) for n, (_, expected) in enumerate(dates))
    return OddFeed(odd=odd, body=rss(items, about).encode(), links=links, notes=notes)


@case
def dates_of_rfc_822() -> OddFeed:
    return _dates(
        "RFC 822 with every kind of zone, and nearly RFC 822",
        ("Fri, 03 May 2024 06:00:00 EDT", "2024-05-03T10:00Z"),
        ("Fri, 3 May 24 12:00 CEST", "2024-05-03T10:00Z"),
        ("Friday, 03 May 2024 13:00:00 MSK", "2024-05-03T10:00Z"),
        ("03 May 2024 10:00:00 Z", "2024-05-03T10:00Z"),
        ("Fri, 03 May 2024 04:00:00 CST", "2024-05-03T10:00Z"),
        ("Fri, 03 May 2024 15:30:00 IST", "2024-05-03T10:00Z"),
        ("Thu, 03 May 2024 10:00:00 UT", "2024-05-03T10:00Z"),
        ("Fri, 03 May 2024 13:00:00 GMT+3", "2024-05-03T10:00Z"),
        ("Fri, 03 May 2024 13:00:00 +03:00", "2024-05-03T10:00Z"),
        ("Fri, 03 May 2024 13:00:00 +0300 (MSK)", "2024-05-03T10:00Z"),
        ("Fri, 03-May-2024 10:00:00 GMT", "2024-05-03T10:00Z"),
        ("Fri,03 May 2024 10.00.00 GMT", "2024-05-03T10:00Z"),
        ("Thu, 02 May 2024 24:00:00 GMT", "2024-05-03T00:00Z"),
        ("Fri, 03 May 2024", "2024-05-03T00:00Z"),
        ("May 3, 2024 10:00 AM", "2024-05-03T10:00Z"),
        ("Fri May  3 10:00:00 2024", "2024-05-03T10:00Z"),
    )


@case
def dates_of_iso() -> OddFeed:
    return _dates(
        "ISO 8601, more or less",
        ("2024-05-03T12:00:00+02:00", "2024-05-03T10:00Z"),
        ("2024-05-03T10:00:00.123456789Z", "2024-05-03T10:00:00.123456Z"),
        ("2024-05-03T10:00:00", "2024-05-03T10:00Z"),
        ("2024-05-03 10:00:00 +0000", "2024-05-03T10:00Z"),
        ("2024-05-03T10:00Z", "2024-05-03T10:00Z"),
        ("2024-05-03", "2024-05-03T00:00Z"),
        ("20240503T100000Z", "2024-05-03T10:00Z"),
        ("2024-5-3", "2024-05-03T00:00Z"),
        ("2024/05/03 10:00", "2024-05-03T10:00Z"),
        ("1714730400", "2024-05-03T10:00Z"),
        ("1714730400000", "2024-05-03T10:00Z"),
        ("20240503100000", "2024-05-03T10:00Z"),
    )


@case
def dates_in_languages() -> OddFeed:
    return _dates(
        "names of days and months in other languages",
        ("Пт, 03 Мая 2024 13:00:00 +0300", "2024-05-03T10:00Z"),
        ("ven., 3 mai 2024 12:00:00 +0200", "2024-05-03T10:00Z"),
        ("vie, 03 abr 2024 10:00:00 GMT", "2024-04-03T10:00Z"),
        ("3 травня 2024, 10:00", "2024-05-03T10:00Z"),
        ("2024年5月3日 10:00", "2024-05-03T10:00Z"),
        ("03.05.2024 10:00", "2024-05-03T10:00Z"),
    )


@case
def dates_that_say_nothing() -> OddFeed:
    return _dates(
        "dates that are none, or that cannot be",
        ("Yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("2034-05-03T10:00:00Z", None),
        ("Fri, 32 May 2024 10:00:00 GMT", None),
        ("%a, %d %b %Y", None),
        ("9" * 300, None),
        ("9999-12-31T23:59:59-12:00", None),
        refused=8,
    )


@case
def month_first() -> OddFeed:
    return _dates(
        "month first, in a feed from the United States",
        ("05/03/2024 10:00 AM", "2024-05-03T10:00Z"),
        about="<language>en-us</language>",
    )


@case
def dates_elsewhere() -> OddFeed:
    more = (
        "<dc:date>2024-05-03T10:00:00Z</dc:date>",
        "<pubDate>soon</pubDate><dc:date>2024-05-03T10:00:00Z</dc:date>",
        "<dcterms:issued>2024-05-03T10:00:00Z</dcterms:issued><dcterms:modified>2024-05-03T11:00:00Z</dcterms:modified>",
        "<a10:updated>2024-05-03T11:00:00Z</a10:updated>",
    )
    ten, eleven = "2024-05-03T10:00Z", "2024-05-03T11:00Z"
    return OddFeed(
        odd="dates in elements of other vocabularies",
        body=rss("".join(item(f"/{n}", more=one) for n, one in enumerate(more))).encode(),
        links=(
            link("/0", "One", ten),
            link("/1", "One", ten),
            link("/2", "One", ten, modified=eleven),
            link("/3", "One", modified=eleven),
        ),
        notes=("“soon”",),
    )


@case
def languages() -> OddFeed:
    entries = (
        f'<entry xml:lang="uk_UA"><title>One</title><link href="{SITE}/a"/></entry>'
        f'<entry><title>Two</title><link href="{SITE}/b"/><dc:language>English please</dc:language></entry>'
    )
    return OddFeed(
        odd="languages an item, and one that is none",
        body=atom(entries).encode(),
        content_type=ATOM,
        links=(link("/a", "One", language="uk-UA"), B),
    )


# Sizes.


@case
def a_thousand_items() -> OddFeed:
    text = "<p>Lorem ipsum <a href='/x'>dolor</a> sit amet.</p>" * 60
    items = "".join(item(f"/{n}", f"Story {n}", f"<description><![CDATA[{text}]]></description>") for n in range(1000))
    return OddFeed(
        odd="1,000 items with their whole text",
        body=rss(items).encode(),
        links=tuple(link(f"/{n}", f"Story {n}") for n in range(1000)),
    )
