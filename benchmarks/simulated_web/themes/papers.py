# ruff: noqa: E501 - markup is broken where its own lines end
"""Papers with a desk of developers: a grid of cards, elements without meaning, a magazine, Drupal."""

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
    collection,
    comment_form,
    cookies,
    form,
    news_article,
    newsletter,
    numbers,
    open_graph,
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


class PaperGrid(Theme):
    """A big paper: a grid of cards, metadata in every dialect."""

    selectors: ClassVar = {
        "headline": "h1.article__headline",
        "body": "div.article__body",
        "authors": "div.article__byline a",
        "published": "time.article__date",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<div class="page-wrapper" data-page-type="{kind}">
<header class="masthead"><div class="masthead__logo"><a href="{e(site.home)}">{e(site.name)}</a></div>
<nav class="masthead__nav" aria-label="main">{ul(site.sections, "nav-list", "nav-list__item")}</nav>
<div class="masthead__user"><a href="/login/">{site.say("login")}</a> <a class="button" href="/subscribe/">{site.say("subscribe")}</a></div></header>
<div class="layout layout--{kind}">
{main}
<aside class="layout__rail">{ADS if site.is_noisy else ""}{popular(site, "most-read", "h2")}{newsletter(site)}</aside>
</div>
<footer class="footer"><div class="footer__links">{ul(site.pages)}</div><div class="footer__tags">{" ".join(a(tag) for tag in site.tags)}</div><small>© {e(site.name)}. {site.say("rights")}.</small></footer>
</div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names=f"template-{kind}")

    def story_head(self, story: Story) -> str:
        return f'<meta name="description" content="{e(story.lead)}">\n{open_graph(story)}{script(news_article(story))}'

    def story_main(self, story: Story) -> str:
        site = story.site
        moment = story.published.isoformat() if story.published else ""
        date = f'<time class="article__date" datetime="{moment}">{e(story.date)}</time>' if moment else ""
        names = site.say("and").join(a(author, "article__author") for author in story.authors)
        byline = f'<div class="article__byline">{site.say("by")} {names}</div>' if names else ""
        return f"""<main class="layout__main"><article class="article" data-component="article">
<nav class="breadcrumbs"><a href="{e(site.home)}">{site.say("home")}</a> › {a(story.section)}</nav>
<header class="article__header"><h1 class="article__headline">{e(story.headline)}</h1>
{byline}<div class="article__meta">{date} {ago(site)}</div>{share(site, story.url, "article__share social")}{tools(story)}</header>
<figure class="article__lead-image"><img src="{e(story.image)}" alt=""><figcaption class="caption">{site.say("photo")}</figcaption></figure>
<div class="article__body">
{text_of(story, p="paragraph", h2="subheading", quote="pullquote")}
{paywall(story)}{part_links(story, "pager")}
</div>
<footer class="article__footer"><ul class="tags-list">{"".join(f"<li>{a(tag)}</li>" for tag in story.tags)}</ul></footer>
</article>
{self._cards(story)}
<section class="comments">{comment_form(site)}</section></main>"""

    def _cards(self, story: Story) -> str:
        cards = "".join(self.teaser(teaser, story.site) for teaser in story.related)
        return f'<section class="related-stories"><h2>{story.site.say("related")}</h2><div class="grid">{cards}</div></section>'

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<div class="card" data-component="card"><a class="card__image" href="{e(teaser.url)}"><img src="{e(teaser.image)}" alt=""></a>'
            f'<a class="card__section" href="{e(teaser.section.url)}">{e(teaser.section.text)}</a><h3 class="card__headline"><a class="card__link" href="{e(teaser.url)}">{e(teaser.headline)}</a></h3>'
            f'<p class="card__lead">{e(teaser.brief)}</p><time class="card__date" datetime="{teaser.when.isoformat()}">{e(teaser.date)}</time></div>'
        )

    def list_main(self, listing: Listing) -> str:
        cards = "".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        boxes = "".join(
            f'<section class="zone"><h2 class="zone__title">{a(link)}</h2><div class="grid">{"".join(self.teaser(one, listing.site) for one in found)}</div></section>'
            for link, found in listing.boxes
        )
        return f'<main class="layout__main"><h1 class="page-title">{e(listing.title)}</h1><div class="grid">{cards}</div>{boxes}{numbers(listing)}</main>'

    def list_head(self, listing: Listing) -> str:
        title = (
            f'<meta property="og:title" content="{e(listing.title)}">\n<meta property="og:type" content="website">\n'
        )
        return title + script(collection(listing))

    def plain_main(self, plain: Plain) -> str:
        return f'<main class="layout__main">{super().plain_main(plain)}</main>'


class DivSoup(Theme):
    """Elements without meaning, classes made by a machine."""

    selectors: ClassVar = {
        "headline": "div.x7f2h",
        "body": "div.q1z9b",
        "authors": "span.b8k2a",
        "published": "span.d4m1t",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        menu = "".join(f'<div class="m3k9s">{a(link)}</div>' for link in site.sections)
        foot = "".join(f'<div class="f1a8p">{a(link)}</div>' for link in site.pages)
        body = f"""<div class="r0t"><div class="h9d1"><div class="l5g"><a href="{e(site.home)}">{e(site.name)}</a></div><div class="n7v">{menu}</div></div>
<div class="c2c"><div class="c2l">
{main}
</div><div class="c2r">{popular(site, "z8p", "div")}{newsletter(site)}</div></div>
<div class="f6t">{foot}<div class="cp1">© {e(site.name)}</div></div></div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names="_b")

    def story_head(self, story: Story) -> str:
        return (
            f'<meta property="og:title" content="{e(story.headline)}">\n<meta property="og:type" content="article">\n'
        )

    def story_main(self, story: Story) -> str:
        site = story.site
        names = site.words.label("and").join(author.text for author in story.authors)
        byline = f'<span class="b8k2a">{site.say("by")} {e(names)}</span>' if names else ""
        text = "\n".join(
            f'<div class="{"s2h" if block.kind == "h2" else "p0p"}">{e(block.text)}</div>' for block in story.blocks
        )
        noise = ADS if site.is_noisy else ""
        return f"""<div class="a1w"><div class="k3c">{a(story.section)}</div><div class="x7f2h">{e(story.headline)}</div>
<div class="i5n">{byline} <span class="d4m1t">{e(story.date)}</span> {ago(site)}</div>
<div class="im9"><img src="{e(story.image)}" alt=""></div>
<div class="q1z9b">
{text}
</div>{noise}{paywall(story)}{part_links(story)}{share(site, story.url, "s4h")}{tools(story)}</div>
{related(story, "r3l", "div")}"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<div class="t6z"><div class="t6h"><a href="{e(teaser.url)}">{e(teaser.headline)}</a></div>'
            f'<div class="t6d">{e(teaser.date)}</div><div class="t6l">{e(teaser.brief)}</div></div>'
        )

    def plain_main(self, plain: Plain) -> str:
        text = "".join(f'<div class="p0p">{e(paragraph)}</div>' for paragraph in plain.paragraphs)
        links = "".join(f"<div>{a(link)}</div>" for link in plain.links)
        return f'<div class="x7f2h">{e(plain.title)}</div>{text}{links}{form(plain)}'


class Magazine(Theme):
    """A magazine run by few: large letters, little around them."""

    selectors: ClassVar = {
        "headline": "h1.gh-article-title",
        "body": "section.gh-content",
        "authors": "h4.gh-author-name a",
        "published": "time.gh-article-meta-date",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        body = f"""<div class="gh-viewport"><header id="gh-navigation" class="gh-navigation"><a class="gh-navigation-logo" href="{e(site.home)}">{e(site.name)}</a>
<nav class="gh-navigation-menu">{ul(site.sections, "nav")}</nav></header>
{main}
<section class="gh-footer-signup">{newsletter(site)}</section>
<footer class="gh-footer">{ul(site.pages, "nav")}<div>{e(site.name)} © · Ghost</div></footer></div>{cookies(site)}"""
        return html(site, titled(title) + head, body, names="post-template" if kind == "story" else "home-template")

    def story_head(self, story: Story) -> str:
        return open_graph(story) + script(news_article(story, "Article"))

    def story_main(self, story: Story) -> str:
        moment = story.published.isoformat() if story.published else ""
        date = f'<time class="gh-article-meta-date" datetime="{moment}">{e(story.date)}</time>' if moment else ""
        names = "".join(f'<h4 class="gh-author-name">{a(author)}</h4>' for author in story.authors)
        return f"""<main id="site-main" class="gh-main"><article class="gh-article post">
<header class="gh-article-header gh-canvas"><a class="gh-article-tag" href="{e(story.section.url)}">{e(story.section.text)}</a>
<h1 class="gh-article-title">{e(story.headline)}</h1>
<div class="gh-article-meta">{names}{date}</div></header>
<section class="gh-content gh-canvas">
{text_of(story)}
{paywall(story)}{part_links(story)}
</section>{tools(story)}</article>
<section class="gh-read-more">{related(story, "gh-related")}</section></main>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<article class="gh-card post"><a class="gh-card-link" href="{e(teaser.url)}"><div class="gh-card-wrapper"><p class="gh-card-tag">{e(teaser.section.text)}</p>'
            f'<h3 class="gh-card-title">{e(teaser.headline)}</h3><p class="gh-card-excerpt">{e(teaser.brief)}</p><footer class="gh-card-meta"><time datetime="{teaser.when:%Y-%m-%d}">{e(teaser.date)}</time></footer></div></a></article>'
        )


class Drupal(Theme):
    """Nodes and fields."""

    selectors: ClassVar = {
        "headline": "h1.page-title span.field--name-title",
        "body": "div.field--name-body",
        "authors": "span.field--name-uid",
        "published": "span.field--name-created",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        head = f'<meta name="Generator" content="Drupal 10 (https://www.drupal.org)">\n{titled(title)}{head}'
        search = f'<div class="block block-search"><form action="/search" role="search"><input name="keys"><button>{site.say("search")}</button></form></div>'
        body = f"""<div class="dialog-off-canvas-main-canvas"><div class="layout-container">
<header role="banner"><div class="region region-header"><div class="block block-system-branding-block"><a href="{e(site.home)}" rel="home">{e(site.name)}</a></div>
<nav role="navigation" class="block block-menu menu--main">{ul(site.sections, "menu", "menu-item")}</nav></div></header>
<main role="main"><a id="main-content"></a><div class="layout-content"><div class="region region-content">
{main}
</div></div>
<aside class="layout-sidebar-first" role="complementary"><div class="region region-sidebar-first">{search}{popular(site, "block block-views", "h2")}</div></aside></main>
<footer role="contentinfo"><div class="region region-footer"><nav class="menu--footer">{ul(site.pages, "menu")}</nav>{newsletter(site)}</div></footer></div></div>{cookies(site)}"""
        return html(
            site, head, body, names="path-node page-node-type-article" if kind == "story" else f"path-taxonomy {kind}"
        )

    def story_head(self, story: Story) -> str:
        fields = [
            ("dcterms.title", story.headline),
            ("dcterms.creator", story.byline),
            ("dcterms.description", story.lead),
        ]
        if story.published:
            fields.append(("dcterms.date", story.published.isoformat()))
        return "".join(f'<meta name="{name}" content="{e(text)}">\n' for name, text in fields if text)

    def story_main(self, story: Story) -> str:
        site = story.site
        author = (
            f'{site.say("by")} <span class="field field--name-uid">{e(story.byline)}</span>' if story.authors else ""
        )
        date = f'<span class="field field--name-created">{e(story.date)}</span>' if story.published else ""
        return f"""<div class="block block-page-title-block"><h1 class="page-title"><span class="field field--name-title">{e(story.headline)}</span></h1></div>
<article role="article" class="node node--type-article node--view-mode-full">
<footer class="node__meta"><div class="node__submitted">{author} {date} {ago(site)}</div></footer>
<div class="node__content"><div class="field field--name-field-image"><img src="{e(story.image)}" alt=""></div>
<div class="clearfix text-formatted field field--name-body field--type-text-with-summary">
{text_of(story)}
</div>{paywall(story)}{part_links(story)}
<div class="field field--name-field-tags"><div class="field__label">{site.say("tags")}</div>{"".join(f'<div class="field__item">{a(tag)}</div>' for tag in story.tags)}</div>
<ul class="links inline"><li>{tools(story)}</li></ul>{share(site, story.url, "block block-social share")}</div></article>
{related(story, "views-element-container block-views-related", "h2")}
<section class="field--name-comment">{comment_form(site)}</section>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<div class="views-row"><article class="node node--type-article node--view-mode-teaser"><h2 class="node__title"><a href="{e(teaser.url)}" rel="bookmark">{e(teaser.headline)}</a></h2>'
            f'<div class="node__content"><div class="field field--name-field-image"><a href="{e(teaser.url)}"><img src="{e(teaser.image)}" alt=""></a></div><p>{e(teaser.brief)}</p><ul class="links inline"><li class="node-readmore"><a href="{e(teaser.url)}">{site.say("more")}</a></li><li class="comment-add"><a href="{e(teaser.url)}#comment-form">{site.say("comments")}</a></li></ul></div></article></div>'
        )
