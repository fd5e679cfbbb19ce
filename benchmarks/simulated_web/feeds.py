"""The feeds of an outlet, with what real ones get wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape as e

from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.pages import Pages
from benchmarks.simulated_web.places import ListAt
from benchmarks.simulated_web.profiles import FeedProfile

_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}
_CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_DUBLIN = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


@dataclass(frozen=True, slots=True)
class _Item:
    headline: str
    url: str
    id: str
    published: datetime
    modified: datetime
    lead: str
    text: str
    """HTML; "" in a feed of leads."""
    author: str
    section: str


def feed(pages: Pages, section: int | None, now: datetime) -> tuple[bytes, str]:
    """A feed as bytes, and its Content-Type."""
    outlet = pages.outlet
    profile = outlet.profile.feed
    if profile is None:
        raise ValueError(f"{outlet.profile.host} has no feed")
    on_it = outlet.listed(now) if section is None else outlet.on_list(ListAt("section", section), now)
    items = [_item(pages, profile, number, now) for number in (one.number for one in on_it[: profile.items])]
    write = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json}[profile.format]
    encoding = outlet.profile.encoding if "encoding" in profile.quirks else "utf-8"
    text = write(outlet, profile, items, outlet.changed_at(now), encoding)
    if "leading_space" in profile.quirks:
        text = f"\n\n{text}"
    kind = f"{_TYPES[profile.format]}; charset={encoding}" if outlet.number % 2 else "text/xml"
    return text.encode(encoding, "xmlcharrefreplace"), kind if profile.format != "json" else _TYPES["json"]


def _item(pages: Pages, profile: FeedProfile, number: int, now: datetime) -> _Item:
    article = pages.outlet.articles[number]
    edition = article.editions[article.edition_at(now)]
    zone = pages.outlet.zone
    text = ""
    if profile.text == "full" and article.wall != "paywall":
        text = "".join(f"<p>{e(block.text)}</p>" for block in article.blocks(article.edition_at(now)))
    url = pages.link(article, now, "feed")
    if "relative" in profile.quirks:
        url = url.removeprefix(f"http://{pages.outlet.profile.host}")
    return _Item(
        edition.headline,
        url,
        f"{pages.outlet.profile.host}-{article.id}",
        article.published.astimezone(zone),
        edition.at.astimezone(zone),
        article.lead,
        text,
        edition.authors[0] if edition.authors else "",
        pages.words.sections[article.section][1],
    )


def _rss(outlet: Outlet, profile: FeedProfile, items: Iterable[_Item], changed: datetime, encoding: str) -> str:
    quirks = profile.quirks
    spaces = "" if "undeclared" in quirks else f" {_CONTENT} {_DUBLIN}"
    lines = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        f'<rss version="2.0"{spaces}><channel>',
        f"<title>{e(outlet.profile.name)}</title><link>{e(outlet.addresses.home())}</link>",
        f"<description>{e(outlet.words.label('about_text'))}</description>",
        f"<lastBuildDate>{format_datetime(changed)}</lastBuildDate>",
    ]
    for item in items:
        title = e(item.headline)
        if "html_titles" in quirks:
            title = f"<![CDATA[<b>{e(item.headline)}</b>]]>"
        elif "ampersand" in quirks:
            title = f"{title} Q&A"
        date = format_datetime(item.published)
        if "bad_dates" in quirks:
            date = f"{item.published:%d.%m.%Y, %H:%M} Uhr"
        body = f"<content:encoded><![CDATA[{item.text}]]></content:encoded>" if item.text else ""
        lines.append(
            f"<item><title>{title}</title><link>{e(item.url)}</link>"
            f'<guid isPermaLink="false">{e(item.id)}</guid>'
            + (f"<pubDate>{date}</pubDate>" if "no_dates" not in quirks else "")
            + (f"<dc:creator>{e(item.author)}</dc:creator>" if item.author else "")
            + f"<category>{e(item.section)}</category><description>{e(item.lead)}</description>{body}</item>"
        )
    return "\n".join([*lines, "</channel></rss>\n"])


def _atom(outlet: Outlet, profile: FeedProfile, items: Iterable[_Item], changed: datetime, encoding: str) -> str:
    lines = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{e(outlet.profile.name)}</title><id>tag:{outlet.profile.host},2024:feed</id>",
        f"<updated>{changed.isoformat()}</updated>",
        f'<link href="{e(outlet.addresses.home())}"/><link rel="self" href="{e(outlet.addresses.feed() or "")}"/>',
    ]
    for item in items:
        author = f"<author><name>{e(item.author)}</name></author>" if item.author else ""
        body = f'<content type="html">{e(item.text)}</content>' if item.text else ""
        lines.append(
            f'<entry><title>{e(item.headline)}</title><link rel="alternate" href="{e(item.url)}"/>'
            f"<id>tag:{e(item.id)}</id>"
            f"<published>{item.published.isoformat()}</published><updated>{item.modified.isoformat()}</updated>"
            f'{author}<summary>{e(item.lead)}</summary>{body}<category term="{e(item.section)}"/></entry>'
        )
    return "\n".join([*lines, "</feed>\n"])


def _rdf(outlet: Outlet, profile: FeedProfile, items: Iterable[_Item], changed: datetime, encoding: str) -> str:
    items = list(items)
    places = "".join(f'<rdf:li rdf:resource="{e(item.url)}"/>' for item in items)
    home = e(outlet.addresses.home())
    lines = [
        f'<?xml version="1.0" encoding="{encoding}"?>',
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {_DUBLIN}>',
        f'<channel rdf:about="{home}"><title>{e(outlet.profile.name)}</title><link>{home}</link>',
        f"<dc:date>{changed.isoformat()}</dc:date><items><rdf:Seq>{places}</rdf:Seq></items></channel>",
    ]
    lines += [
        f'<item rdf:about="{e(item.url)}"><title>{e(item.headline)}</title><link>{e(item.url)}</link>'
        f"<description>{e(item.lead)}</description><dc:date>{item.published.isoformat()}</dc:date></item>"
        for item in items
    ]
    return "\n".join([*lines, "</rdf:RDF>\n"])


def _json(outlet: Outlet, profile: FeedProfile, items: Iterable[_Item], changed: datetime, encoding: str) -> str:
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.profile.name,
        "home_page_url": outlet.addresses.home(),
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.headline,
                "summary": item.lead,
                "date_published": item.published.isoformat(),
                "date_modified": item.modified.isoformat(),
                **({"content_html": item.text} if item.text else {"content_text": item.lead}),
                **({"authors": [{"name": item.author}]} if item.author else {}),
            }
            for item in items
        ],
    }
    return json.dumps(found, ensure_ascii=False)
