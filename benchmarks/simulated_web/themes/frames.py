"""What a theme is: a frame for all pages of an outlet, and three kinds of things to put into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from html import escape as e
from typing import ClassVar

from benchmarks.simulated_web.themes.parts import (
    Link,
    Listing,
    Plain,
    Site,
    Story,
    Teaser,
    a,
    charset,
    feed_links,
    form,
    numbers,
    relations,
)


class Theme(ABC):
    """Turns what is to be shown into HTML."""

    selectors: ClassVar[dict[str, str]]
    """Where the fields of an article are: headline, body, authors, published. CSS."""

    def story(self, story: Story) -> str:
        title = f"{story.headline} - {story.site.name}"
        head = relations(story) + self.story_head(story)
        return self.frame(story.site, title, head, self.story_main(story), "story")

    def listing(self, listing: Listing) -> str:
        title = f"{listing.title} - {listing.site.name}" if listing.kind != "home" else listing.site.name
        head = feed_links((*listing.site.feeds, *listing.feeds)) + self.list_head(listing)
        return self.frame(listing.site, title, head, self.list_main(listing), listing.kind)

    def plain(self, plain: Plain) -> str:
        head = feed_links(plain.site.feeds) + plain.head
        return self.frame(plain.site, f"{plain.title} - {plain.site.name}", head, self.plain_main(plain), "page")

    @abstractmethod
    def frame(self, site: Site, title: str, head: str, main: str, kind: str) -> str:
        """The whole page. `kind` is story, page, or the kind of a list."""

    @abstractmethod
    def story_head(self, story: Story) -> str:
        """The metadata of an article."""

    @abstractmethod
    def story_main(self, story: Story) -> str:
        """An article, with what stands around it."""

    @abstractmethod
    def teaser(self, teaser: Teaser, site: Site) -> str:
        """An article on a page of links."""

    def list_head(self, listing: Listing) -> str:
        return ""

    def list_main(self, listing: Listing) -> str:
        items = "\n".join(self.teaser(teaser, listing.site) for teaser in listing.teasers)
        boxes = "".join(self._box(link, teasers, listing.site) for link, teasers in listing.boxes)
        return f"<h1>{e(listing.title)}</h1>\n{items}\n{boxes}{numbers(listing)}"

    def _box(self, link: Link, teasers: Iterable[Teaser], site: Site) -> str:
        items = "".join(self.teaser(teaser, site) for teaser in teasers)
        return f'<section class="box"><h2>{a(link)}</h2>{items}</section>'

    def plain_main(self, plain: Plain) -> str:
        text = "".join(f"<p>{e(paragraph)}</p>" for paragraph in plain.paragraphs)
        links = "".join(f"<p>{a(link)}</p>" for link in plain.links)
        return f"<h1>{e(plain.title)}</h1>\n{text}{links}{form(plain)}"


def html(site: Site, head: str, body: str, *, names: str = "", doctype: str = "<!DOCTYPE html>") -> str:
    """A document of the present day."""
    direction = ' dir="rtl"' if site.words.direction == "rtl" else ""
    return (
        f'{doctype}\n<html lang="{site.words.code}"{direction}>\n<head>\n{charset(site)}\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{head}</head>\n'
        f'<body class="{names}">\n{body}\n</body>\n</html>\n'
    )


def titled(title: str) -> str:
    return f"<title>{e(title)}</title>\n"
