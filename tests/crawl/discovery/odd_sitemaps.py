"""Sitemaps with what is wrong with real ones, and what they list all the same."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scraper.crawl.discovery.found import FoundLink
from tests.crawl.discovery.odd_feeds import SITE, link

URL = f"{SITE}/sitemap.xml"
XML = "application/xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


@dataclass(frozen=True, kw_only=True)
class OddSitemap:
    """A body, what is odd about it, and what is to be read out of it."""

    odd: str
    body: bytes
    links: tuple[FoundLink, ...] = ()
    children: tuple[FoundLink, ...] = ()
    kind: str = "urlset"
    total: int | None = None
    """As many as are expected, unless said."""
    content_type: str | None = XML
    url: str = URL
    since: datetime | None = None
    most: int = 50_000
    notes: tuple[str, ...] = ()
    """Parts of what has to be said; with none, nothing may be said."""
    refused: str | None = None
    """What it is instead of a sitemap."""


SITEMAPS: dict[str, OddSitemap] = {}


def case(builder: Callable[[], OddSitemap]) -> Callable[[], OddSitemap]:
    SITEMAPS[builder.__name__] = builder()
    return builder


def urlset(entries: str, attributes: str = f'xmlns="{NAMESPACE}"') -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {attributes}>{entries}</urlset>'


def index(entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">{entries}</sitemapindex>'


def page(path: str = "/a", more: str = "") -> str:
    return f"<url><loc>{SITE}{path}</loc>{more}</url>"


def child(path: str, more: str = "") -> str:
    return f"<sitemap><loc>{SITE}{path}</loc>{more}</sitemap>"


def modified(path: str, text: str) -> FoundLink:
    return link(path, modified=text)


A, B = link("/a"), link("/b")
AB = page() + page("/b")
TEN = "2024-05-03T10:00Z"


# Formats.


@case
def pages() -> OddSitemap:
    more = "<lastmod>2024-05-03T12:00:00+02:00</lastmod><changefreq>daily</changefreq><priority>0.5</priority>"
    return OddSitemap(
        odd="nothing: a sitemap as it ought to be",
        body=urlset(page(more=more) + page("/b", "<lastmod>2024-05-02</lastmod>")).encode(),
        links=(modified("/a", TEN), modified("/b", "2024-05-02T00:00Z")),
    )


@case
def an_index() -> OddSitemap:
    entries = child("/1.xml", "<lastmod>2024-05-03T10:00:00Z</lastmod>") + child("/2.xml.gz")
    return OddSitemap(
        odd="an index",
        body=index(entries).encode(),
        kind="index",
        children=(modified("/1.xml", TEN), link("/2.xml.gz")),
    )


@case
def news() -> OddSitemap:
    entry = (
        "<news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2024-05-03T10:00:00Z</news:publication_date><news:title>One &amp;amp; two</news:title>"
        "<news:keywords>a, b</news:keywords></news:news>"
    )
    return OddSitemap(
        odd="the News extension",
        body=urlset(page(more=entry), f'xmlns="{NAMESPACE}" {NEWS}').encode(),
        links=(link("/a", "One & two", TEN, language="en"),),
    )


@case
def news_odd_prefix() -> OddSitemap:
    entry = (
        "<n:news><n:publication><n:language>zh-cn</n:language></n:publication><n:title><![CDATA[<b>One</b>]]></n:title>"
        "<n:publication_date>2024-05-03</n:publication_date></n:news><lastmod>2024-05-03T10:00:00Z</lastmod>"
    )
    attributes = f'xmlns="{NAMESPACE}" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    return OddSitemap(
        odd="the News extension under another prefix, HTML in its title",
        body=urlset(page(more=entry), attributes).encode(),
        links=(link("/a", "One", "2024-05-03T00:00Z", modified=TEN, language="zh-CN"),),
    )


@case
def news_undeclared() -> OddSitemap:
    entry = "<news:news><news:publication_date>Fri, 03 May 2024 10:00:00 GMT</news:publication_date></news:news>"
    return OddSitemap(
        odd="the News extension undeclared, its date as mail writes it",
        body=urlset(page(more=entry), "").encode(),
        links=(link("/a", published=TEN),),
    )


@case
def media_extensions() -> OddSitemap:
    entry = (
        "<image:image><image:loc>https://news.example/a.jpg</image:loc><image:title>Photo</image:title></image:image>"
        "<video:video><video:player_loc>https://news.example/p</video:player_loc><video:title>Film</video:title>"
        "<video:publication_date>2020-01-01</video:publication_date></video:video><mobile:mobile/>"
    )
    text = urlset(f"<url>{entry}<loc>{SITE}/a</loc></url>" + page("/b", entry))
    return OddSitemap(odd="pictures and films before the page's own address", body=text.encode(), links=(A, B))


@case
def image_without_prefix() -> OddSitemap:
    entry = "<url><image><loc>https://news.example/a.jpg</loc></image><loc>https://news.example/a</loc></url>"
    return OddSitemap(odd="a picture's address in elements without prefix", body=urlset(entry).encode(), links=(A,))


@case
def alternates() -> OddSitemap:
    entry = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{SITE}/{code}/a"/>' for code in ("de", "fr"))
    text = urlset(page(more=entry), f'xmlns="{NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml"')
    return OddSitemap(
        odd="alternates in other languages", body=text.encode(), links=(A,), notes=("2 in other languages",)
    )


@case
def plain_text() -> OddSitemap:
    return OddSitemap(
        odd="plain text",
        body=f"{SITE}/a\r\n\r\n{SITE}/b\n".encode(),
        content_type="text/plain",
        kind="text",
        url=f"{SITE}/sitemap.txt",
        links=(A, B),
    )


@case
def plain_text_with_mark() -> OddSitemap:
    body = codecs.BOM_UTF8 + f"# pages\n{SITE}/a\t2024-05-03\nhome\n{SITE}/b".encode()
    return OddSitemap(
        odd="plain text with a mark, a comment, a second column and a word",
        body=body,
        content_type="text/plain",
        kind="text",
        url=f"{SITE}/sitemap.txt",
        links=(A, B),
        total=3,
        notes=("1 without an address, such as “home”",),
    )


@case
def plain_text_in_utf16() -> OddSitemap:
    return OddSitemap(
        odd="plain text in UTF-16",
        body=f"{SITE}/a\n{SITE}/b\n".encode("utf-16"),
        kind="text",
        url=f"{SITE}/sitemap.txt",
        links=(A, B),
    )


@case
def packed() -> OddSitemap:
    return OddSitemap(
        odd="packed, whatever its name and type say", body=gzip.compress(urlset(AB).encode()), links=(A, B)
    )


@case
def packed_twice() -> OddSitemap:
    return OddSitemap(
        odd="packed twice, by the site and by its server",
        body=gzip.compress(gzip.compress(urlset(AB).encode())),
        content_type="application/x-gzip",
        links=(A, B),
    )


@case
def packed_in_parts() -> OddSitemap:
    text = urlset(AB).encode()
    return OddSitemap(
        odd="packed in two members, with something behind them",
        body=gzip.compress(text[:90]) + gzip.compress(text[90:]) + b"\0\0trailer",
        links=(A, B),
    )


@case
def named_gz_but_not_packed() -> OddSitemap:
    return OddSitemap(
        odd="called .gz and sent as gzip, but not packed",
        body=urlset(AB).encode(),
        url=f"{URL}.gz",
        content_type="application/gzip",
        links=(A, B),
    )


@case
def packed_cut_short() -> OddSitemap:
    text = urlset("".join(page(f"/{zlib.crc32(bytes([n])):x}") for n in range(200))).encode()
    whole = [link(f"/{zlib.crc32(bytes([n])):x}") for n in range(200)]
    packed = gzip.compress(text)
    body = packed[: len(packed) // 2]
    read = zlib.decompressobj(31).decompress(body).decode().count("</loc>")
    return OddSitemap(
        odd="packed, and the file breaks off",
        body=body,
        links=tuple(whole[:read]),
        notes=("gzip file is cut short", "document is cut short"),
    )


# Indexes.


@case
def index_of_itself() -> OddSitemap:
    entries = child("/sitemap.xml") + child("/1.xml") + child("/sitemap.xml#top")
    return OddSitemap(
        odd="an index that names itself",
        body=index(entries).encode(),
        kind="index",
        children=(link("/1.xml"),),
        total=3,
        notes=("2 that are the index itself",),
    )


@case
def index_called_urlset() -> OddSitemap:
    return OddSitemap(
        odd="an index whose root says that it is none",
        body=urlset(child("/1.xml")).encode(),
        kind="index",
        children=(link("/1.xml"),),
    )


@case
def both_at_once() -> OddSitemap:
    return OddSitemap(
        odd="an index with pages in it",
        body=index(child("/1.xml") + page()).encode(),
        kind="index",
        links=(A,),
        children=(link("/1.xml"),),
    )


@case
def index_repeats() -> OddSitemap:
    return OddSitemap(
        odd="an index that names a sitemap twice, with and without its date",
        body=index(child("/1.xml") + child("/1.xml", "<lastmod>2024-05-03T10:00:00Z</lastmod>")).encode(),
        kind="index",
        children=(modified("/1.xml", TEN),),
        total=2,
        notes=("1 listed again",),
    )


@case
def empty_index() -> OddSitemap:
    return OddSitemap(odd="an index of nothing", body=index("").encode(), kind="index", notes=("lists nothing",))


# Encodings and what stands around.


@case
def no_declaration_no_namespace() -> OddSitemap:
    return OddSitemap(odd="no declaration, no namespace", body=f"<urlset>{AB}</urlset>".encode(), links=(A, B))


@case
def wrong_namespace() -> OddSitemap:
    return OddSitemap(
        odd="the namespace of an older format",
        body=urlset(AB, 'xmlns="http://www.google.com/schemas/sitemap/0.84"').encode(),
        links=(A, B),
    )


@case
def own_prefix() -> OddSitemap:
    one = f"<s:url><s:loc>{SITE}/a</s:loc><s:lastmod>2024-05-03T10:00:00Z</s:lastmod></s:url>"
    text = f'<s:urlset xmlns:s="{NAMESPACE}">{one}</s:urlset>'
    return OddSitemap(odd="every element with a prefix", body=text.encode(), links=(modified("/a", TEN),))


@case
def undeclared_prefix() -> OddSitemap:
    text = f"<ns0:urlset><ns0:url><ns0:loc>{SITE}/a</ns0:loc></ns0:url></ns0:urlset>"
    return OddSitemap(odd="every element with a prefix that nobody declares", body=text.encode(), links=(A,))


@case
def upper_case() -> OddSitemap:
    return OddSitemap(
        odd="tags in upper case", body=f"<URLSET><URL><LOC>{SITE}/a</LOC></URL></URLSET>".encode(), links=(A,)
    )


@case
def white_space_and_mark() -> OddSitemap:
    return OddSitemap(
        odd="empty lines and two marks before the declaration",
        body=b"\r\n" + codecs.BOM_UTF8 * 2 + urlset(AB).encode(),
        links=(A, B),
    )


@case
def php_warning() -> OddSitemap:
    warning = b"<br />\n<b>Deprecated</b>: Function is deprecated in <b>/var/www/map.php</b> on line <b>7</b><br />\n"
    return OddSitemap(odd="a warning of PHP before the declaration", body=warning + urlset(AB).encode(), links=(A, B))


@case
def style_sheet() -> OddSitemap:
    text = '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="//news.example/x.xsl"?><!-- by a plugin -->'
    return OddSitemap(
        odd="a style sheet and comments",
        body=(text + urlset(f"<!-- {page('/no')} -->" + AB)[38:]).encode(),
        links=(A, B),
    )


@case
def utf16() -> OddSitemap:
    return OddSitemap(
        odd="UTF-16, declared as UTF-8",
        body=urlset(page("/новини")).encode("utf-16"),
        links=(link("/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8"),),
    )


@case
def cyrillic_in_cp1251() -> OddSitemap:
    text = '<?xml version="1.0" encoding="windows-1251"?><urlset>' + page("/новини") + "</urlset>"
    return OddSitemap(
        odd="addresses in Windows-1251",
        body=text.encode("cp1251"),
        links=(link("/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8"),),
    )


# Addresses.


@case
def white_space_and_cdata() -> OddSitemap:
    text = urlset(f"<url>\n<loc>\n    {SITE}/a\n  </loc></url><url><loc><![CDATA[{SITE}/b?x=1&y=2]]></loc></url>")
    return OddSitemap(
        odd="addresses on lines of their own, and in CDATA", body=text.encode(), links=(A, link("/b?x=1&y=2"))
    )


@case
def ampersands() -> OddSitemap:
    text = urlset(page("/?a=1&sect=2") + page("/?a=1&amp;b=2") + page("/?a=1&amp;amp;c=3") + page("/?q=&#x442;"))
    return OddSitemap(
        odd="ampersands escaped once, twice and not at all",
        body=text.encode(),
        links=(link("/?a=1&sect=2"), link("/?a=1&b=2"), link("/?a=1&c=3"), link("/?q=%D1%82")),
    )


@case
def relative() -> OddSitemap:
    text = urlset(
        "<url><loc>/a</loc></url><url><loc>b</loc></url><url><loc>c/d.html</loc></url><url><loc>//news.example/e</loc></url>"
    )
    return OddSitemap(
        odd="relative addresses, and a word",
        body=text.encode(),
        links=(A, link("/c/d.html"), link("/e")),
        total=4,
        notes=("1 without an address, such as “b”", "2 with a relative address"),
    )


@case
def no_addresses() -> OddSitemap:
    text = urlset(
        "<url><loc></loc></url><url><lastmod>2024-05-03</lastmod></url><url><loc>mailto:a@b.example</loc></url>"
        + page()
    )
    return OddSitemap(
        odd="entries without an address",
        body=text.encode(),
        links=(A,),
        total=4,
        notes=("3 without an address, such as “mailto:",),
    )


@case
def repeated() -> OddSitemap:
    text = urlset(page() + page("/a#comments") + page("/a", "<lastmod>2024-05-03T10:00:00Z</lastmod>"))
    return OddSitemap(
        odd="one page three times", body=text.encode(), links=(modified("/a", TEN),), total=3, notes=("2 listed again",)
    )


@case
def addresses_without_entries() -> OddSitemap:
    return OddSitemap(
        odd="addresses that stand in no <url>",
        body=urlset(f"<loc>{SITE}/a</loc><loc>{SITE}/b</loc>").encode(),
        links=(A, B),
    )


@case
def entries_without_root() -> OddSitemap:
    return OddSitemap(odd="entries without a root", body=AB.encode(), links=(A, B))


@case
def unclosed_entries() -> OddSitemap:
    text = urlset(f"<url><loc>{SITE}/a<lastmod>2024-05-03T10:00:00Z</lastmod><url><loc>{SITE}/b</loc>")
    return OddSitemap(odd="entries that are not closed", body=text.encode(), links=(modified("/a", TEN), B))


@case
def cut_in_an_address() -> OddSitemap:
    text = urlset(page() + f"<url><loc>{SITE}/b</loc></url>")
    return OddSitemap(
        odd="breaks off in an address",
        body=text[: text.index("/b</") + 1].encode(),
        links=(A,),
        notes=("cut short",),
    )


@case
def cut_after_an_address() -> OddSitemap:
    text = urlset(page() + page("/b"))
    return OddSitemap(
        odd="breaks off after an address",
        body=text[: text.index("/b") + 9].encode(),
        links=(A, B),
        notes=("cut short",),
    )


# Dates and bounds.


@case
def odd_dates() -> OddSitemap:
    dates = (
        "2024-05-03T10:00:00.000+0000",
        "03.05.2024 10:00",
        "1714730400",
        "2024-05",
        "never",
        "0000-00-00",
        "2031-01-01",
        "",
    )
    expected = (TEN, TEN, TEN, None, None, None, None, None)
    return OddSitemap(
        odd="dates of every kind",
        body=urlset("".join(page(f"/{n}", f"<lastmod>{date}</lastmod>") for n, date in enumerate(dates))).encode(),
        links=tuple(link(f"/{n}", modified=date) for n, date in enumerate(expected)),
        notes=("4 dates say nothing, such as “2024-05”",),
    )


@case
def since() -> OddSitemap:
    entries = (
        page("/old", "<lastmod>2024-04-01</lastmod>")
        + page("/new", "<lastmod>2024-05-02</lastmod>")
        + page("/undated")
        + page(
            "/edited",
            "<lastmod>2024-05-03</lastmod><news:news><news:publication_date>2024-01-01</news:publication_date></news:news>",
        )
    )
    return OddSitemap(
        odd="pages from before the date asked for",
        body=urlset(entries).encode(),
        since=datetime.fromisoformat("2024-05-01T00:00Z"),
        links=(
            modified("/new", "2024-05-02T00:00Z"),
            link("/undated"),
            link("/edited", published="2024-01-01T00:00Z", modified="2024-05-03T00:00Z"),
        ),
        total=4,
        notes=("1 pages from before",),
    )


@case
def more_than_asked_for() -> OddSitemap:
    entries = page("/undated") + "".join(
        page(f"/{day}", f"<lastmod>2024-04-{day:02}</lastmod>") for day in (3, 9, 1, 7, 5)
    )
    return OddSitemap(
        odd="more pages than are asked for: the newest count",
        body=urlset(entries).encode(),
        most=3,
        links=tuple(modified(f"/{day}", f"2024-04-{day:02}T00:00Z") for day in (9, 7, 5)),
        total=6,
        notes=("3 addresses are left out",),
    )


@case
def fifty_thousand() -> OddSitemap:
    paths = [f"/news/2024/05/03/a-story-with-some-words-{n}.html" for n in range(50_000)]
    return OddSitemap(
        odd="50,000 pages", body=urlset("\n".join(map(page, paths))).encode(), links=tuple(map(link, paths))
    )


@case
def sixty_thousand() -> OddSitemap:
    paths = [f"/{n}" for n in range(60_000)]
    return OddSitemap(
        odd="60,000 pages, more than is allowed",
        body="\n".join(SITE + path for path in paths).encode(),
        kind="text",
        url=f"{SITE}/sitemap.txt",
        links=tuple(map(link, paths[:50_000])),
        total=60_000,
        notes=("10,000 addresses are left out",),
    )


# Attacks.


@case
def billion_laughs() -> OddSitemap:
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY l0 "lol">{entities}]><urlset>{page("/&l9;")}{page()}</urlset>'
    )
    return OddSitemap(odd="entities that would grow to a billion", body=text.encode(), links=(link("/&l9;"), A))


@case
def external_entity() -> OddSitemap:
    text = (
        f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url>{page()}</urlset>'
    )
    return OddSitemap(
        odd="an address that is a file",
        body=text.encode(),
        links=(A,),
        total=2,
        notes=("1 without an address, such as “&x;”",),
    )


@case
def bomb_of_pages() -> OddSitemap:
    blanks = gzip.compress(b" " * 10_000_000) * 10
    body = gzip.compress(urlset(AB).removesuffix("</urlset>").encode()) + blanks + gzip.compress(page("/c").encode())
    return OddSitemap(
        odd="100 MB of blanks packed to 100 kB",
        body=body,
        links=(A, B),
        notes=("only the first 64 MiB", "document is cut short"),
    )


@case
def bomb_of_nothing() -> OddSitemap:
    return OddSitemap(odd="100 MB of NULs, packed", body=gzip.compress(b"\0" * 10_000_000) * 10, refused="empty")


@case
def broken_gzip() -> OddSitemap:
    return OddSitemap(odd="gzip that is none", body=b"\x1f\x8b\x08\x00garbage all over", refused="empty")


# What is not a sitemap.


@case
def empty() -> OddSitemap:
    return OddSitemap(odd="an empty body", body=b"", refused="empty")


@case
def error_page() -> OddSitemap:
    body = b"<!doctype html><html lang=en><body><h1>Not found</h1><url><loc>https://news.example/a</loc></url></body></html>"
    return OddSitemap(odd="an HTML error page sent as XML", body=body, refused="html")


@case
def a_feed() -> OddSitemap:
    body = f"<rss><channel><item><link>{SITE}/a</link></item></channel></rss>".encode()
    return OddSitemap(odd="an RSS feed", body=body, refused="feed")


@case
def an_atom_feed() -> OddSitemap:
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{SITE}/a"/></entry></feed>'.encode()
    return OddSitemap(odd="an Atom feed", body=body, refused="feed")


@case
def soap() -> OddSitemap:
    return OddSitemap(
        odd="XML of another kind", body=b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', refused="xml"
    )


@case
def json() -> OddSitemap:
    return OddSitemap(odd="JSON", body=b'{"loc": "https://news.example/a"}', refused="json")


@case
def words() -> OddSitemap:
    body = b"Please see https://news.example/ for our pages\nor write to us\nor call\n"
    return OddSitemap(odd="words with an address among them", body=body, content_type="text/plain", refused="text")


@case
def robots() -> OddSitemap:
    body = f"User-agent: *\nDisallow: /x\nSitemap: {SITE}/sitemap.xml\n".encode()
    return OddSitemap(odd="a robots.txt", body=body, content_type="text/plain", refused="text")


@case
def picture() -> OddSitemap:
    return OddSitemap(odd="a picture", body=b"GIF89a" + bytes(200), refused="binary")
