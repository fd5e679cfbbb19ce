# ruff: noqa: E501 - markup is broken where its own lines end
"""WordPress: a theme of blocks, as they are today, and one of posts and widgets, as they were; and Blogger's."""

from __future__ import annotations

from html import escape as e
from typing import ClassVar

from benchmarks.simulated_web.themes.frames import Theme, html, titled
from benchmarks.simulated_web.themes.parts import (
    ADS,
    Listing,
    Site,
    Story,
    Teaser,
    a,
    ago,
    collection,
    comment_form,
    cookies,
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

_BODY = {
    "story": "single single-post postid-1",
    "page": "page page-template-default",
    "home": "home blog",
    "section": "archive category",
    "tag": "archive tag",
    "author": "archive author",
    "month": "archive date",
    "search": "search search-results",
}
"""What WordPress calls the body of each kind of page."""


class WpBlocks(Theme):
    """Full-site editing: everything is a block."""

    selectors: ClassVar = {
        "headline": "h1.wp-block-post-title",
        "body": "div.entry-content.wp-block-post-content",
        "authors": "div.wp-block-post-author-name a",
        "published": "div.wp-block-post-date time",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        navigation = ul(site.sections, "wp-block-navigation__container", "wp-block-navigation-item")
        head = f'{titled(title)}<meta name="generator" content="WordPress 6.7">\n<meta name="robots" content="max-image-preview:large">\n{head}'
        body = f"""<a class="skip-link screen-reader-text" href="#wp--skip-link--target">{site.say("home")}</a>
<div class="wp-site-blocks">
<header class="wp-block-template-part"><p class="wp-block-site-title"><a href="{e(site.home)}" rel="home">{e(site.name)}</a></p>
<nav class="wp-block-navigation">{navigation}</nav></header>
<main class="wp-block-group" id="wp--skip-link--target">
{main}
</main>
<footer class="wp-block-template-part site-footer">{newsletter(site)}{popular(site, "wp-block-latest-posts widget")}
<nav>{ul(site.pages)}</nav><p>© {e(site.name)}. {site.say("rights")}</p></footer>
</div>
{cookies(site)}"""
        return html(site, head, body, names=f"{_BODY[kind]} wp-embed-responsive")

    def story_head(self, story: Story) -> str:
        return f'<meta name="description" content="{e(story.lead)}">\n' + open_graph(story) + self._graph(story)

    def _graph(self, story: Story) -> str:
        page = {"@type": "WebPage", "@id": story.canonical or story.url, "url": story.url, "name": story.headline}
        crumbs = {
            "@type": "BreadcrumbList",
            "itemListElement": [{"@type": "ListItem", "position": 1, "name": story.section.text}],
        }
        return script({"@graph": [news_article(story, "Article"), page, crumbs]})

    def story_main(self, story: Story) -> str:
        site = story.site
        moment = story.published.isoformat() if story.published else ""
        date = (
            f'<div class="wp-block-post-date"><time datetime="{moment}">{e(story.date)}</time></div>' if moment else ""
        )
        names = " ".join(a(author, "wp-block-post-author-name__link") for author in story.authors)
        byline = f'<div class="wp-block-post-author-name">{names}</div>' if names else ""
        tags = ", ".join(a(tag) for tag in story.tags)
        return f"""<h1 class="wp-block-post-title">{e(story.headline)}</h1>
<div class="wp-block-group entry-meta">{date}{byline}<div class="taxonomy-category wp-block-post-terms">{a(story.section)}</div>{ago(site)}</div>
<figure class="wp-block-post-featured-image"><img src="{e(story.image)}" alt=""><figcaption>{site.say("photo")}</figcaption></figure>
<div class="entry-content wp-block-post-content is-layout-flow">
{text_of(story, p="wp-block-paragraph", h2="wp-block-heading", quote="wp-block-quote")}
{paywall(story)}{part_links(story, "post-nav-links")}
</div>
{share(site, story.url, "sharedaddy sd-sharing")}{tools(story)}
<div class="taxonomy-post_tag wp-block-post-terms">{site.say("tags")}: {tags}</div>
{related(story, "jp-relatedposts")}
<div class="wp-block-comments">{comment_form(site)}</div>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<li class="wp-block-post post type-post"><figure class="wp-block-post-featured-image"><a href="{e(teaser.url)}"><img src="{e(teaser.image)}" alt=""></a></figure>'
            f'<h2 class="wp-block-post-title"><a href="{e(teaser.url)}">{e(teaser.headline)}</a></h2>'
            f'<div class="taxonomy-category wp-block-post-terms">{a(teaser.section)}</div>'
            f'<div class="wp-block-post-excerpt"><p class="wp-block-post-excerpt__excerpt">{e(teaser.brief)}</p></div>'
            f'<div class="wp-block-post-date"><time datetime="{teaser.when.isoformat()}"><a href="{e(teaser.url)}">{e(teaser.date)}</a></time></div></li>'
        )

    def list_head(self, listing: Listing) -> str:
        return script({"@graph": [collection(listing)]})

    def list_main(self, listing: Listing) -> str:
        items = "\n".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        boxes = "".join(
            f'<h2 class="wp-block-heading">{a(link)}</h2><ul class="wp-block-latest-posts">{"".join(self.teaser(one, listing.site) for one in found)}</ul>'
            for link, found in listing.boxes
        )
        return f"""<h1 class="wp-block-query-title">{e(listing.title)}</h1>
<div class="wp-block-query"><ul class="wp-block-post-template">{items}</ul>
{numbers(listing, "wp-block-query-pagination")}</div>{boxes}"""


class WpClassic(Theme):
    """Posts and a sidebar of widgets, with microformats and no metadata to speak of."""

    selectors: ClassVar = {
        "headline": "h1.entry-title",
        "body": "article.hentry div.entry-content",
        "authors": "span.author.vcard a",
        "published": "time.entry-date",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        widgets = [
            f'<aside class="widget widget_search"><form action="/search" role="search"><input name="s"><button>{site.say("search")}</button></form></aside>',
            popular(site, "widget widget_popular"),
            f'<aside class="widget widget_archive"><h3>{site.say("archive")}</h3>{ul(site.archives)}</aside>' if site.archives else "",
            f'<aside class="widget widget_tag_cloud"><h3>{site.say("tags")}</h3>{" ".join(a(tag) for tag in site.tags)}</aside>',
            newsletter(site),
        ]  # fmt: skip
        head = f'{titled(title)}<link rel="pingback" href="http://{site.host}/xmlrpc.php">\n{head}'
        body = f"""<div id="page" class="hfeed site">
<header id="masthead" class="site-header"><p class="site-title"><a href="{e(site.home)}">{e(site.name)}</a></p>
<nav id="site-navigation" class="main-navigation">{ul(site.sections, "menu", "menu-item")}</nav></header>
<div id="content" class="site-content"><div id="primary" class="content-area"><main id="main" class="site-main">
{main}
</main></div>
<div id="secondary" class="widget-area sidebar">{"".join(widgets)}</div></div>
<footer id="colophon" class="site-footer">{ul(site.pages, "footer-menu")}<div class="site-info">© {e(site.name)}</div></footer>
</div>{cookies(site)}"""
        return html(site, head, body, names=f"{_BODY[kind]} group-blog")

    def story_head(self, story: Story) -> str:
        return ""

    def story_main(self, story: Story) -> str:
        site = story.site
        moment = story.published.isoformat() if story.published else ""
        date = f'<span class="posted-on">{site.say("published")} <time class="entry-date published" datetime="{moment}">{e(story.date)}</time></span>'
        names = site.say("and").join(a(author, "url fn n") for author in story.authors)
        byline = (
            f'<span class="byline"> {site.say("by")} <span class="author vcard">{names}</span></span>' if names else ""
        )
        return f"""<article id="post-1" class="post type-post status-publish hentry">
<header class="entry-header"><h1 class="entry-title">{e(story.headline)}</h1>
<div class="entry-meta">{date if moment else ""}{byline} {ago(site)}</div></header>
<div class="post-thumbnail"><img src="{e(story.image)}" class="wp-post-image" alt=""></div>
<div class="entry-content">
{text_of(story)}
{paywall(story)}{part_links(story)}
{share(site, story.url, "sharedaddy")}
</div>
<footer class="entry-footer"><span class="cat-links">{a(story.section)}</span> <span class="tags-links">{", ".join(a(tag) for tag in story.tags)}</span>{tools(story)}</footer>
</article>
{related(story, "yarpp-related")}
<div id="comments" class="comments-area">{comment_form(site)}</div>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        author = f'<span class="author vcard">{e(teaser.author)}</span>' if teaser.author else ""
        return (
            f'<article class="post type-post hentry"><a class="post-thumbnail" href="{e(teaser.url)}"><img src="{e(teaser.image)}" alt=""></a><header class="entry-header"><h2 class="entry-title"><a href="{e(teaser.url)}" rel="bookmark">{e(teaser.headline)}</a></h2>'
            f'<div class="entry-meta"><time class="entry-date" datetime="{teaser.when.isoformat()}">{e(teaser.date)}</time> {author}</div></header>'
            f'<div class="entry-summary"><p>{e(teaser.brief)} <a class="more-link" href="{e(teaser.url)}">{site.say("more")}</a></p></div>'
            f'<footer class="entry-footer"><span class="cat-links">{a(teaser.section)}</span> <span class="comments-link"><a href="{e(teaser.url)}#respond">{site.say("comments")}</a></span></footer></article>'
        )

    def list_main(self, listing: Listing) -> str:
        items = "\n".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        title = f'<header class="page-header"><h1 class="page-title">{e(listing.title)}</h1></header>'
        return f"{title if listing.kind != 'home' else ''}{items}{numbers(listing, 'navigation posts-navigation')}"


class Blogger(Theme):
    """Posts of a weblog: line breaks instead of paragraphs, the day as a headline above."""

    selectors: ClassVar = {
        "headline": "h3.post-title",
        "body": "div.post-body",
        "authors": "span.post-author span.fn",
        "published": "abbr.published",
    }

    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        archive = f'<div class="widget BlogArchive"><h2>{site.say("archive")}</h2>{ul(site.archives)}</div>'
        labels = f'<div class="widget Label"><h2>{site.say("tags")}</h2>{ul(site.sections)}</div>'
        head = f"{titled(title)}<meta content='blogger' name='generator'>\n{head}"
        body = f"""<div class="content-outer"><header><div id="Header1" class="widget Header"><h1 class="title"><a href="{e(site.home)}">{e(site.name)}</a></h1></div></header>
<div class="main-outer"><div class="main" id="main"><div class="widget Blog" id="Blog1">
{main}
</div></div>
<div class="sidebar" id="sidebar-right">{archive}{labels}{popular(site, "widget PopularPosts", "h2")}<div class="widget PageList">{ul(site.pages)}</div></div></div>
<footer>{e(site.name)}. Powered by Blogger.</footer></div>{cookies(site)}"""
        return html(site, head, body, names="loading" if kind != "story" else "item-view")

    def story_head(self, story: Story) -> str:
        return f"<meta content='{e(story.headline)}' property='og:title'>\n<meta content='{e(story.url)}' property='og:url'>\n"

    def story_main(self, story: Story) -> str:
        site = story.site
        moment = story.published.isoformat() if story.published else ""
        names = site.say("and").join(f'<span class="fn">{e(author.text)}</span>' for author in story.authors)
        author = f'<span class="post-author vcard">{site.say("by")} {names}</span>' if names else ""
        day = f'<h2 class="date-header"><span>{e(story.date)}</span></h2>' if moment else ""
        date = f'<span class="post-timestamp"><a class="timestamp-link" href="{e(story.url)}"><abbr class="published" title="{moment}">{e(story.date)}</abbr></a></span>'
        text = "<br><br>\n".join(e(block.text) for block in story.blocks)
        return f"""<div class="date-outer">{day}
<div class="post hentry"><h3 class="post-title entry-title">{e(story.headline)}</h3>
<div class="post-body entry-content">{ADS if site.is_noisy else ""}
{text}
</div>
<div class="post-footer">{author} {date if moment else ""} <span class="post-labels">{site.say("tags")}: {a(story.section)}</span>{share(site, story.url, "post-share-buttons")}{tools(story)}</div></div></div>
{related(story, "related-posts", "h4")}
<div class="comments" id="comments"><h4>{site.say("comments")}</h4></div>"""

    def teaser(self, teaser: Teaser, site: Site) -> str:
        return (
            f'<div class="post"><h2 class="date-header"><span>{e(teaser.date)}</span></h2>'
            f'<h3 class="post-title entry-title"><a href="{e(teaser.url)}">{e(teaser.headline)}</a></h3>'
            f'<div class="post-body"><a href="{e(teaser.url)}"><img src="{e(teaser.image)}" alt=""></a>{e(teaser.brief)}<div class="jump-link"><a href="{e(teaser.url)}#more">{site.say("more")} »</a></div></div>'
            f'<div class="post-footer"><span class="post-labels">{a(teaser.section)}</span> <span class="post-comment-link"><a href="{e(teaser.url)}#comments">{site.say("comments")}</a></span></div></div>'
        )

    def list_main(self, listing: Listing) -> str:
        older = ""
        if listing.next:
            older = f'<a class="blog-pager-older-link" href="{e(listing.next)}">{listing.site.say("older")}</a>'
        items = "\n".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        return f'{items}<div class="blog-pager" id="blog-pager">{older}</div>{numbers(listing) if not older else ""}'
