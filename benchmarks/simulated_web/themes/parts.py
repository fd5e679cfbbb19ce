"""What all themes are given to show, and the pieces of pages that many of them share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape as e
from typing import Any

from benchmarks.simulated_web.prose import Block, Language

ADS, VIEWS, AGO = "@@ads@@", "@@views@@", "@@ago@@"
"""Stand in pages where something changes with every visit; the server fills them in."""


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Teaser:
    """An article as pages of links show it."""

    headline: str
    url: str
    lead: str
    date: str
    when: datetime
    section: Link
    author: str
    image: str

    @property
    def brief(self) -> str:
        """The lead cut in the middle of its sentence, as lists do."""
        words = self.lead.split(" ")
        return f"{' '.join(words[:12])}…" if len(words) > 4 else f"{self.lead[:30]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is on every page of an outlet."""

    name: str
    host: str
    home: str
    words: Language
    encoding: str
    sections: tuple[Link, ...]
    pages: tuple[Link, ...]
    """About, contact, privacy …"""
    feeds: tuple[tuple[str, str, str], ...] = ()
    """Address, media type and title of those that are announced."""
    popular: tuple[Teaser, ...] = ()
    archives: tuple[Link, ...] = ()
    tags: tuple[Link, ...] = ()
    is_noisy: bool = False

    def say(self, key: str, **given: object) -> str:
        return e(self.words.label(key, **given))


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as a page is to show it."""

    site: Site
    url: str
    canonical: str | None
    headline: str
    authors: tuple[Link, ...]
    published: datetime | None
    """By the outlet's clock; None where pages say no more when they were published."""
    modified: datetime | None
    lead: str
    blocks: Sequence[Block]
    section: Link
    tags: tuple[Link, ...]
    image: str
    related: tuple[Teaser, ...]
    amp: str | None = None
    mobile: str | None = None
    prints: str | None = None
    short: str | None = None
    part: int = 1
    parts: tuple[str, ...] = ()
    """URLs of the pages that it is spread over; empty for one page."""
    is_teaser: bool = False
    """Whether there is a paywall after these blocks."""
    feeds: tuple[tuple[str, str, str], ...] = ()

    @property
    def date(self) -> str:
        """The day in words; "" where it is not said."""
        return self.site.words.date(self.published) if self.published else ""

    @property
    def byline(self) -> str:
        return self.site.words.label("and").join(link.text for link in self.authors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of links to articles."""

    site: Site
    kind: str
    title: str
    url: str
    teasers: Sequence[Teaser]
    previous: str | None = None
    next: str | None = None
    numbers: tuple[tuple[int, str], ...] = ()
    """Pages near this one, with their URLs."""
    page: int = 1
    boxes: tuple[tuple[Link, tuple[Teaser, ...]], ...] = ()
    """On the home page: sections and their newest articles."""
    feeds: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Any other page: paragraphs, then a form if `fields` are given."""

    site: Site
    title: str
    url: str
    paragraphs: Sequence[str]
    fields: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    head: str = field(default="")


def a(link: Link, names: str = "") -> str:
    return f'<a href="{e(link.url)}"{_class(names)}>{e(link.text)}</a>'


def ul(links: Iterable[Link], names: str = "", item: str = "") -> str:
    items = "".join(f"<li{_class(item)}>{a(link)}</li>" for link in links)
    return f"<ul{_class(names)}>{items}</ul>"


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""


def charset(site: Site) -> str:
    return f'<meta charset="{site.encoding}">'


def feed_links(feeds: Iterable[tuple[str, str, str]]) -> str:
    return "".join(
        f'<link rel="alternate" type="{kind}" title="{e(title)}" href="{e(url)}">\n' for url, kind, title in feeds
    )


def relations(story: Story) -> str:
    """The <link>s by which an article names its other addresses."""
    found = [("canonical", story.canonical), ("amphtml", story.amp), ("shortlink", story.short)]
    lines = [f'<link rel="{rel}" href="{e(url)}">\n' for rel, url in found if url]
    if story.mobile:
        only = 'media="only screen and (max-width: 640px)"'
        lines.append(f'<link rel="alternate" {only} href="{e(story.mobile)}">\n')
    if story.part > 1:
        lines.append(f'<link rel="prev" href="{e(story.parts[story.part - 2])}">\n')
    if story.part < len(story.parts):
        lines.append(f'<link rel="next" href="{e(story.parts[story.part])}">\n')
    return "".join(lines) + feed_links((*story.site.feeds, *story.feeds))


def open_graph(story: Story) -> str:
    fields = [
        ("og:type", "article"),
        ("og:title", story.headline),
        ("og:description", story.lead),
        ("og:url", story.canonical or story.url),
        ("og:site_name", story.site.name),
        ("og:image", story.image),
        ("article:section", story.section.text),
    ]
    if story.published:
        fields.append(("article:published_time", story.published.isoformat()))
    if story.modified and story.published:
        fields.append(("article:modified_time", story.modified.isoformat()))
    return "".join(f'<meta property="{name}" content="{e(text)}">\n' for name, text in fields)


def news_article(story: Story, kind: str = "NewsArticle") -> dict[str, Any]:
    """The article in schema.org's words."""
    found: dict[str, Any] = {
        "@type": kind,
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.canonical or story.url},
        "headline": story.headline,
        "description": story.lead,
        "image": [story.image],
        "articleSection": story.section.text,
        "inLanguage": story.site.words.code,
        "author": [{"@type": "Person", "name": author.text, "url": author.url} for author in story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": story.site.name},
    }
    if story.published:
        found["datePublished"] = story.published.isoformat()
        found["dateModified"] = (story.modified or story.published).isoformat()
    if story.is_teaser:
        found["isAccessibleForFree"] = False
    return found


def collection(listing: Listing) -> dict[str, Any]:
    """A page of links in schema.org's words."""
    items = [{"@type": "ListItem", "position": n, "url": one.url} for n, one in enumerate(listing.teasers, start=1)]
    return {
        "@type": "CollectionPage",
        "name": listing.title,
        "url": listing.url,
        "mainEntity": {"@type": "ItemList", "itemListElement": items},
    }


def script(found: dict[str, Any]) -> str:
    text = json.dumps({"@context": "https://schema.org", **found}, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>\n'


def text_of(story: Story, *, p: str = "", h2: str = "", quote: str = "", ads_after: int = 2) -> str:
    """The blocks as elements whose classes are given; with the site's advertisement among them."""
    lines = []
    for place, block in enumerate(story.blocks):
        match block.kind:
            case "h2":
                lines.append(f"<h2{_class(h2)}>{e(block.text)}</h2>")
            case "quote":
                lines.append(f"<blockquote{_class(quote)}><p>{e(block.text)}</p></blockquote>")
            case "correction":
                lines.append(f"<p{_class(p)}><em>{e(block.text)}</em></p>")
            case _:
                lines.append(f"<p{_class(p)}>{e(block.text)}</p>")
        if place == ads_after and story.site.is_noisy:
            lines.append(ADS)
    return "\n".join(lines)


def paywall(story: Story) -> str:
    if not story.is_teaser:
        return ""
    site = story.site
    page = next(link.url for link in site.pages if "subscribe" in link.url)
    return f'<div class="paywall"><p>{site.say("paywall")}</p><a href="{e(page)}">{site.say("subscribe")}</a></div>'


def part_links(story: Story, names: str = "page-links") -> str:
    """Where an article that is spread over several pages goes on."""
    if len(story.parts) < 2:
        return ""
    links = [
        f"<span>{number}</span>" if number == story.part else f'<a href="{e(url)}">{number}</a>'
        for number, url in enumerate(story.parts, start=1)
    ]
    return f'<div class="{names}">{story.site.say("page")}: {" ".join(links)}</div>'


def share(site: Site, url: str, names: str = "share") -> str:
    networks = (("Facebook", "facebook.example/sharer?u="), ("Telegram", "telegram.example/share?url="))
    links = " ".join(f'<a href="https://{where}{e(url)}" rel="nofollow">{name}</a>' for name, where in networks)
    count = f'<span class="count">{site.say("views", n=VIEWS)}</span>' if site.is_noisy else ""
    return f'<div class="{names}">{site.say("share")}: {links} {count}</div>'


def tools(story: Story) -> str:
    """Links to the other editions, as people click them."""
    found = [(story.prints, "print"), (story.mobile, "mobile")]
    links = [f'<a href="{e(url)}" rel="nofollow">{story.site.say(key)}</a>' for url, key in found if url]
    return f'<div class="tools toolbar">{" | ".join(links)}</div>' if links else ""


def cookies(site: Site) -> str:
    """A notice at the edge, which hides nothing."""
    return f'<div id="cookie-notice" role="dialog">{site.say("cookies")} <button>{site.say("accept")}</button></div>'


def newsletter(site: Site) -> str:
    return (
        f'<form class="newsletter" action="/newsletter/" method="post"><h3>{site.say("newsletter")}</h3>'
        f'<p>{site.say("newsletter_text")}</p><input type="email" name="mail" placeholder="{site.say("email")}">'
        f"<button>{site.say('send')}</button></form>"
    )


def comment_form(site: Site) -> str:
    fields = "".join(f'<label>{site.say(name)} <input name="{name}"></label> ' for name in ("name", "email"))
    return (
        f'<div id="respond" class="comment-respond"><h3>{site.say("comments")}</h3>'
        f'<form method="post" action="/comments">{fields}<textarea name="comment"></textarea>'
        f"<button>{site.say('send')}</button></form></div>"
    )


def popular(site: Site, names: str = "popular widget", heading: str = "h3") -> str:
    if not site.popular:
        return ""
    items = "".join(f'<li><a href="{e(one.url)}">{e(one.headline)}</a></li>' for one in site.popular)
    return f'<div class="{names}"><{heading}>{site.say("popular")}</{heading}><ol>{items}</ol></div>'


def related(story: Story, names: str = "related", heading: str = "h3") -> str:
    items = "".join(f'<li><a href="{e(one.url)}">{e(one.headline)}</a></li>' for one in story.related)
    return f'<div class="{names}"><{heading}>{story.site.say("related")}</{heading}><ul>{items}</ul></div>'


def ago(site: Site) -> str:
    return (
        f'<span class="updated-ago">{site.say("updated")} {site.say("minutes_ago", n=AGO)}</span>'
        if site.is_noisy
        else ""
    )


def form(plain: Plain) -> str:
    if not plain.fields:
        return ""
    fields = "".join(f'<p><label>{e(name)}<br><input name="f{n}"></label></p>' for n, name in enumerate(plain.fields))
    return f'<form method="post" action="">{fields}<button>{plain.site.say("send")}</button></form>'


def numbers(listing: Listing, names: str = "pagination") -> str:
    """Links to the pages before and after, with numbers between."""
    site, links = listing.site, []
    if listing.previous:
        links.append(f'<a class="prev" rel="prev" href="{e(listing.previous)}">{site.say("previous")}</a>')
    for number, url in listing.numbers:
        mark = (
            f'<span class="current">{number}</span>' if number == listing.page else f'<a href="{e(url)}">{number}</a>'
        )
        links.append(mark)
    if listing.next:
        links.append(f'<a class="next" rel="next" href="{e(listing.next)}">{site.say("next")}</a>')
    return f'<nav class="{names}">{" ".join(links)}</nav>' if links else ""
