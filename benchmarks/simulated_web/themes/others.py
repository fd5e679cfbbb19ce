# ruff: noqa: E501 - markup is broken where its own lines end
"""Tables of the 2000s, a static site, headlines and nothing else; portals in other scripts; and AMP."""

from __future__ import annotations

from html import escape as e
from typing import ClassVar

from benchmarks.simulated_web.themes.frames import Theme, html, titled
from benchmarks.simulated_web.themes.parts import (
    ADS,
    Listing,
    Plain,
    Site,
    Story,
    Teaser,
    a,
    ago,
    charset,
    comment_form,
    cookies,
    form,
    news_article,
    newsletter,
    numbers,
    part_links,
    paywall,
    popular,
    related,
    script,
    share,
    text_of,
    tools,
    ul,
)


class Tables(Theme):
    """Written by hand in 2003 and never touched again."""

    selectors: ClassVar = {"headline": "font.title", "body": "td.text", "authors": "i.author", "published": "i.date"}

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        menu = "<br>".join(f"<a href='{e(link.url)}'>{e(link.text)}</a>" for link in site.sections)
        foot = " | ".join(a(link) for link in site.pages)
        return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">
<HTML><HEAD>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={site.encoding}">
{titled(title)}{head}</HEAD>
<BODY BGCOLOR="#FFFFFF" LINK="#000080">
<TABLE WIDTH="760" BORDER="0" CELLPADDING="4" ALIGN="center">
<TR><TD COLSPAN="2" BGCOLOR="#000080"><FONT FACE="Verdana" SIZE="5" COLOR="#FFFFFF"><B><a href="{e(site.home)}">{e(site.name)}</a></B></FONT></TD></TR>
<TR><TD WIDTH="140" VALIGN="top" BGCOLOR="#EEEEEE"><FONT SIZE="2">{menu}</FONT></TD>
<TD VALIGN="top">
{main}
</TD></TR>
<TR><TD COLSPAN="2" ALIGN="center"><FONT SIZE="1">{foot}<BR>&copy; {e(site.name)}</FONT></TD></TR>
</TABLE></BODY></HTML>
"""

    def story_head(self, story: Story) -> str:
        return ""

    def story_main(self, story: Story) -> str:
        author = f'<i class="author">{story.site.say("by")} {e(story.byline)}</i><BR>' if story.authors else ""
        text = "\n".join(
            f"<P>{'<B>' if block.kind == 'h2' else ''}{e(block.text)}{'</B>' if block.kind == 'h2' else ''}"
            for block in story.blocks
        )
        links = "<BR>".join(f"<a href='{e(one.url)}'>{e(one.headline)}</a>" for one in story.related)
        return f"""<FONT FACE="Georgia" SIZE="5" class="title"><B>{e(story.headline)}</B></FONT><BR>
{author}<i class="date">{e(story.date)}</i>
<TABLE><TR><TD class="text"><FONT FACE="Georgia" SIZE="3">
{text}
</FONT></TD></TR></TABLE>{paywall(story)}{part_links(story)}{tools(story)}
<HR><FONT SIZE="2"><B>{story.site.say("related")}</B><BR>{links}</FONT>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return f'<P><B><a href="{e(teaser.url)}">{e(teaser.headline)}</a></B> <FONT SIZE="1">({e(teaser.date)})</FONT><BR>{e(teaser.brief)}'

    def list_main(self, listing: Listing) -> str:
        items = "\n".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        boxes = "".join(f"<P><B>{a(link)}</B>" for link, _ in listing.boxes)
        return f'<FONT SIZE="5"><B>{e(listing.title)}</B></FONT>\n{items}\n{boxes}{numbers(listing)}'

    def plain_main(self, plain: Plain) -> str:
        text = "".join(f"<P>{e(paragraph)}" for paragraph in plain.paragraphs)
        return f'<FONT SIZE="5"><B>{e(plain.title)}</B></FONT>{text}{"".join(f"<P>{a(link)}" for link in plain.links)}{form(plain)}'


class Static(Theme):
    """Made by a generator of static sites: clean elements, no scripts, nothing that changes by itself."""

    selectors: ClassVar = {
        "headline": "article > h1",
        "body": "article div.prose",
        "authors": "p.meta .author",
        "published": "p.meta time",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<header><a href="{e(site.home)}">{e(site.name)}</a><nav>{ul(site.sections)}</nav></header>
<main>
{main}
</main>
<footer>{ul(site.pages)}<p>{e(site.name)}</p></footer>"""
        return html(site, f'{titled(title)}<meta name="generator" content="Hugo 0.139.0">\n{head}', body, names=kind)

    def story_head(self, story: Story) -> str:
        return f'<meta name="author" content="{e(story.byline)}">\n' if story.authors else ""

    def story_main(self, story: Story) -> str:
        site = story.site
        date = f'<time datetime="{story.published:%Y-%m-%d}">{e(story.date)}</time>' if story.published else ""
        author = f' · <span class="author">{e(story.byline)}</span>' if story.authors else ""
        return f"""<article><h1>{e(story.headline)}</h1>
<p class="meta">{date}{author}</p>
<div class="prose">
{text_of(story)}
</div>{paywall(story)}{part_links(story)}
<p class="tags">{site.say("tags")}: {", ".join(a(tag) for tag in story.tags)}</p></article>
{related(story)}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return f'<article class="summary"><h2><a href="{e(teaser.url)}">{e(teaser.headline)}</a></h2><time datetime="{teaser.when:%Y-%m-%d}">{e(teaser.date)}</time><p>{e(teaser.brief)}</p></article>'


class Headlines(Static):
    """A home page of headlines and nothing else, with a button for more."""

    selectors: ClassVar = {
        "headline": "h1.title",
        "body": "div.story-text",
        "authors": "div.info b",
        "published": "div.info time",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<div class="top"><a class="logo" href="{e(site.home)}">{e(site.name)}</a><div class="cats">{" ".join(a(link) for link in site.sections)}</div></div>
<div class="wrap">
{main}
</div>
<div class="bottom">{" · ".join(a(link) for link in site.pages)}</div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names=kind)

    def story_main(self, story: Story) -> str:
        site = story.site
        author = f"<b>{e(story.byline)}</b>" if story.authors else ""
        date = f'<time datetime="{story.published.isoformat()}">{e(story.date)}</time>' if story.published else ""
        return f"""<div class="story"><h1 class="title">{e(story.headline)}</h1><div class="info">{date} {author} {ago(site)}</div>
<div class="story-text">
{text_of(story)}
</div>{paywall(story)}{share(site, story.url)}{tools(story)}</div>{related(story)}{popular(site)}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return f'<li class="line"><span class="time">{teaser.when:%H:%M}</span> <a href="{e(teaser.url)}">{e(teaser.headline)}</a></li>'

    def list_main(self, listing: Listing) -> str:
        lines = "".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        more = (
            f'<a class="load-more" role="button" href="{e(listing.next)}">{listing.site.say("load_more")}</a>'
            if listing.next
            else ""
        )
        return f'<h2>{e(listing.title)}</h2><ul class="lines">{lines}</ul>{more}'


class WordsPortal(Theme):
    """A portal of Eastern Europe: the date only in words, a ribbon of news beside the text."""

    selectors: ClassVar = {
        "headline": "h1.news-title",
        "body": "div.news-text",
        "authors": "div.news-author a",
        "published": "div.news-date",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<div class="wrapper"><div class="header"><a class="logo" href="{e(site.home)}">{e(site.name)}</a><div class="menu">{ul(site.sections)}</div></div>
<div class="columns"><div class="col-main">
{main}
</div><div class="col-side">{popular(site, "popular-block")}{newsletter(site)}{ADS if site.is_noisy else ""}</div></div>
<div class="footer">{ul(site.pages)}<p>© {e(site.name)}. {site.say("rights")}</p></div></div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names=f"page-{kind}")

    def story_head(self, story: Story) -> str:
        return (
            f'<meta property="og:title" content="{e(story.headline)}">\n<meta property="og:type" content="article">\n'
            f'<meta property="og:description" content="{e(story.lead)}">\n'
        )

    def story_main(self, story: Story) -> str:
        site = story.site
        time = f", {story.published:%H:%M}" if story.published else ""
        names = site.say("and").join(a(author) for author in story.authors)
        author = f'<div class="news-author">{site.say("by")} {names}</div>' if names else ""
        return f"""<div class="news-full"><div class="news-date">{e(story.date)}{time}</div><h1 class="news-title">{e(story.headline)}</h1>{author}
<div class="news-image"><img src="{e(story.image)}" alt=""><span class="credit">{site.say("photo")}</span></div>
<div class="news-text">
{text_of(story)}
</div>{paywall(story)}{part_links(story)}{tools(story)}{share(site, story.url, "social-share")}{ago(site)}
<div class="news-tags tags">{site.say("tags")}: {", ".join(a(tag) for tag in story.tags)}</div></div>
{related(story, "read-also")}{comment_form(site)}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<div class="news-item"><div class="news-item-date">{e(teaser.date)}, {teaser.when:%H:%M}</div>'
            f'<a class="news-item-title" href="{e(teaser.url)}">{e(teaser.headline)}</a><div class="news-item-text">{e(teaser.brief)}</div></div>'
        )


class Rtl(Theme):
    """Right to left, with microdata."""

    selectors: ClassVar = {
        "headline": "h1[itemprop=headline]",
        "body": "div[itemprop=articleBody]",
        "authors": "span[itemprop=author]",
        "published": "time[itemprop=datePublished]",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<header class="top-bar"><a href="{e(site.home)}">{e(site.name)}</a><nav>{ul(site.sections)}</nav></header>
<div class="container"><div class="content">
{main}
</div><aside class="sidebar">{popular(site)}{newsletter(site)}</aside></div>
<footer>{ul(site.pages)}<p>{site.say("rights")} © {e(site.name)}</p></footer>{cookies(site)}"""
        return html(site, titled(title) + head, body, names=kind)

    def story_head(self, story: Story) -> str:
        return f'<meta name="description" content="{e(story.lead)}">\n'

    def story_main(self, story: Story) -> str:
        site = story.site
        date = (
            f'<time itemprop="datePublished" datetime="{story.published.isoformat()}">{e(story.date)}</time>'
            if story.published
            else ""
        )
        names = site.say("and").join(f'<span itemprop="author">{e(author.text)}</span>' for author in story.authors)
        author = f'<div class="author">{site.say("by")} {names}</div>' if names else ""
        return f"""<article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{e(story.headline)}</h1>
<div class="info">{date} {author} {ago(site)}</div><img itemprop="image" src="{e(story.image)}" alt="">
<div itemprop="articleBody">
{text_of(story)}
</div>{paywall(story)}{part_links(story)}{tools(story)}</article>
{share(site, story.url)}{related(story)}{comment_form(site)}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return f'<div class="item"><h3><a href="{e(teaser.url)}">{e(teaser.headline)}</a></h3><p>{e(teaser.lead)}</p><small>{e(teaser.date)}</small></div>'


class Cjk(Theme):
    """A portal of East Asia: a bar of facts under the headline, columns of links everywhere."""

    selectors: ClassVar = {
        "headline": "h1.main-title",
        "body": "div#artibody",
        "authors": "span.author",
        "published": "span.date",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<div class="top-nav">{" ".join(a(link) for link in site.sections)}</div><div class="logo"><a href="{e(site.home)}">{e(site.name)}</a></div>
<div class="main-content"><div class="left">
{main}
</div><div class="right">{popular(site, "hot-rank", "h2")}</div></div>
<div class="foot">{" | ".join(a(link) for link in site.pages)}<br>{e(site.name)} {site.say("rights")}</div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names=kind)

    def story_head(self, story: Story) -> str:
        found = f'<meta name="description" content="{e(story.lead)}">\n<meta property="og:type" content="news">\n'
        return found + (script(news_article(story)) if story.site.words.code == "ja" else "")

    def story_main(self, story: Story) -> str:
        site = story.site
        date = f'<span class="date">{e(story.date)} {story.published:%H:%M}</span>' if story.published else ""
        author = f'<span class="author">{site.say("by")}：{e(story.byline)}</span>' if story.authors else ""
        return f"""<div class="path">{a(story.section)}</div><h1 class="main-title">{e(story.headline)}</h1>
<div class="date-source">{date} <span class="source">{e(site.name)}</span> {author} {ago(site)}</div>
<div class="article" id="artibody">
{text_of(story)}
</div>{paywall(story)}{part_links(story)}{tools(story)}{share(site, story.url)}
<div class="keywords">{site.say("tags")}：{" ".join(a(tag) for tag in story.tags)}</div>{related(story, "related-news")}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return f'<li><a href="{e(teaser.url)}">{e(teaser.headline)}</a> <span>{teaser.when:%m-%d %H:%M}</span></li>'

    def list_main(self, listing: Listing) -> str:
        items = "".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        boxes = "".join(
            f'<div class="blk"><h2>{a(link)}</h2><ul>{"".join(self.teaser(one, listing.site) for one in found)}</ul></div>'
            for link, found in listing.boxes
        )
        return f'<h1>{e(listing.title)}</h1><ul class="list">{items}</ul>{boxes}{numbers(listing)}'


def amp_page(story: Story) -> str:
    """The AMP edition of an article, whatever the theme."""
    site = story.site
    text = "\n".join(f"<p>{e(block.text)}</p>" for block in story.blocks)
    canonical = e(story.canonical or story.url)
    return f"""<!doctype html>
<html ⚡ lang="{site.words.code}"><head>{charset(site)}
<script async src="https://cdn.example/v0.js"></script>{titled(story.headline)}
<link rel="canonical" href="{canonical}">{script(news_article(story))}<style amp-custom>body{{margin:0}}</style></head>
<body><header><a href="{e(site.home)}">{e(site.name)}</a></header>
<article><h1>{e(story.headline)}</h1><p class="byline">{e(story.byline)} {e(story.date)}</p>
{text}
</article><footer>{" ".join(a(link) for link in site.pages)}</footer></body></html>
"""


def print_page(story: Story) -> str:
    """The print edition: the text and nothing else."""
    site = story.site
    text = "\n".join(f"<p>{e(block.text)}</p>" for block in story.blocks)
    canonical = f'<link rel="canonical" href="{e(story.canonical)}">' if story.canonical else ""
    return f"""<!DOCTYPE html>
<html lang="{site.words.code}"><head>{charset(site)}{titled(story.headline)}{canonical}<meta name="robots" content="noindex"></head>
<body><h1>{e(story.headline)}</h1><p>{e(story.byline)}, {e(story.date)}</p>
{text}
<hr><p>{e(site.name)}: {e(story.url)}</p></body></html>
"""
