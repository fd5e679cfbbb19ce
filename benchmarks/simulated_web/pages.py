"""What an outlet's pages show at a given time: articles, lists, and the rest. Themes turn it into HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Literal
from urllib.parse import urlencode

from benchmarks.simulated_web.articles import Article
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.places import ArticleAt, ListAt
from benchmarks.simulated_web.themes import THEMES, Theme, amp_page, print_page
from benchmarks.simulated_web.themes.parts import Link, Listing, Plain, Site, Story, Teaser

Via = Literal["home", "list", "page", "feed"]
_ON_HOME, _IN_BOX, _RELATED, _POPULAR = 20, 4, 4, 5
_SLOT = timedelta(hours=6)
"""How long lists that change by themselves stay as they are."""
_OTHER_THEME = {"static": "wp_blocks"}


class Pages:
    """The pages of one outlet."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.addresses = outlet.addresses
        self.words = outlet.words
        self._site: tuple[object, Site] | None = None

    # Addresses as pages write them

    def link(self, article: Article, now: datetime, via: Via, section: int | None = None) -> str:
        """The address of an article where it is linked from a page or a feed: not always the canonical one."""
        outlet, url = self.outlet, self.addresses.article(article, now)
        if via in ("home", "list"):
            if section is not None and section == article.second_section:
                url = self.addresses.form(article, "second", now) or url
            elif article.number % 3 == 0:
                url = self.addresses.form(article, "node", now) or url
        added: dict[str, str] = {}
        if via == "home" and outlet.has("ref_home"):
            added = {"ref": "home"}
        elif via in ("home", "list") and outlet.has("tracking_links"):
            added = {"utm_source": via, "utm_campaign": "front", "fbclid": f"IwAR{article.id:x}"}
        elif via in ("home", "list") and outlet.has("unknown_links"):
            added = {"from": via, "pos": str(article.number % 20)}
        elif via != "feed" and outlet.has("sessions"):
            hour = int(now.timestamp() // 3600)
            added = {"PHPSESSID": f"{Random(f'{outlet.life.seed}/{outlet.number}/{hour}').getrandbits(64):016x}"}
        elif via == "feed" and outlet.profile.feed:
            quirks = outlet.profile.feed.quirks
            if "tracking" in quirks:
                added = {"utm_source": "rss", "utm_medium": "feed", "utm_campaign": "news"}
            elif "unknown_source" in quirks:
                added = {"src": "rss"}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(added)}" if added else url

    def teaser(self, article: Article, now: datetime, via: Via, section: int | None = None) -> Teaser:
        edition = article.editions[article.edition_at(now)]
        local = article.published.astimezone(self.outlet.zone)
        return Teaser(
            headline=edition.headline,
            url=self.link(article, now, via, section),
            lead=article.lead,
            date=self.words.date(local),
            when=local,
            section=self._sections[article.section],
            image=f"http://{self.outlet.profile.host}/media/{article.id}-small.jpg",
            author=edition.authors[0] if edition.authors else "",
        )

    # What is on every page

    def site(self, now: datetime) -> Site:
        """The same one for as long as nothing changes that every page shows."""
        key = (self.outlet.version(now), self.slot(now), f"{now:%Y-%m}")
        if self._site is None or self._site[0] != key:
            self._site = (key, self._new_site(now))
        return self._site[1]

    def _new_site(self, now: datetime) -> Site:
        outlet, words = self.outlet, self.words
        return Site(
            name=outlet.profile.name,
            host=outlet.profile.host,
            home=self.addresses.home(),
            words=words,
            encoding=outlet.profile.encoding,
            sections=self._sections,
            pages=self._pages(now),
            feeds=self._feeds(None),
            popular=self._popular(now),
            archives=self._archives(now),
            tags=self._tags,
            is_noisy=outlet.has("noise"),
        )

    @cached_property
    def _sections(self) -> tuple[Link, ...]:
        return tuple(
            Link(name, self.addresses.listing(ListAt("section", number)) or "")
            for number, (_, name) in enumerate(self.words.sections)
        )

    @cached_property
    def _tags(self) -> tuple[Link, ...]:
        return tuple(
            Link(name, self.addresses.listing(ListAt("tag", number)) or "")
            for number, name in enumerate(self.outlet.tags)
        )

    def _pages(self, now: datetime) -> tuple[Link, ...]:
        labels = {
            name: self.words.label(name) for name in ("about", "contact", "privacy", "terms", "login", "subscribe")
        }
        links = [Link(label, self.addresses.page(name)) for name, label in labels.items()]
        links.append(Link(self.words.label("search"), self.addresses.listing(ListAt("search")) or ""))
        if self.outlet.has("calendar"):
            links.append(Link(self.words.label("calendar"), self.addresses.page("calendar", f"{now:%Y-%m}")))
        if self.outlet.has("redirect_loop"):
            links.append(Link("Partner", self.addresses.page("loop1")))
        return tuple(links)

    def _feeds(self, section: int | None) -> tuple[tuple[str, str, str], ...]:
        """Those that pages announce."""
        feed, url = self.outlet.profile.feed, self.addresses.feed(section)
        if feed is None or url is None or feed.shown == "silent":
            return ()
        kind = {"atom": "application/atom+xml", "json": "application/feed+json"}.get(feed.format, "application/rss+xml")
        # Some write the address without host.
        url = url.removeprefix(f"http://{self.outlet.profile.host}") if self.outlet.number % 2 else url
        return ((url, kind, f"{self.outlet.profile.name} RSS"),)

    def _archives(self, now: datetime) -> tuple[Link, ...]:
        months = [month for month in self.addresses.months if month <= f"{now:%Y-%m}"]
        found = [(month, self.addresses.listing(ListAt("month", month))) for month in months]
        return tuple(Link(month, url) for month, url in found if url)

    def slot(self, now: datetime) -> int:
        """Counts up whenever something changes by itself on the pages of this outlet."""
        if self.outlet.has("sessions"):
            return int(now.timestamp() // 3600)
        return int(now.timestamp() // _SLOT.total_seconds()) if self.outlet.has("noise") else 0

    def _popular(self, now: datetime) -> tuple[Teaser, ...]:
        if not self.outlet.has("noise"):
            return ()
        slot = int(now.timestamp() // _SLOT.total_seconds())
        # As of the beginning of the slot: what came out since changes nothing.
        out = self.outlet.listed(max(self.outlet.life.epoch, datetime.fromtimestamp(slot * 21_600, now.tzinfo)))[:40]
        chance = Random(f"{self.outlet.number}/{slot}/popular")
        chosen = chance.sample(out, min(_POPULAR, len(out)))
        return tuple(self.teaser(one, now, "page") for one in chosen if one.is_out(now))

    # An article

    def theme(self, now: datetime) -> Theme:
        name = self.outlet.profile.theme
        return THEMES[_OTHER_THEME.get(name, "static") if self.outlet.incident("new_layout", now) else name]

    def article(self, at: ArticleAt, now: datetime) -> str:
        """The page of an article in one of its forms."""
        story = self.story(at, now)
        if at.form == "amp":
            return amp_page(story)
        if at.form == "print":
            return print_page(story)
        if self.outlet.incident("layout_break", now):
            head = f'<script src="/assets/app.js" defer></script>\n<meta name="story" content="{at.article.id}">\n'
            return self.theme(now).frame(story.site, story.site.name, head, '<div id="app"></div>', "story")
        return self.theme(now).story(story)

    def story(self, at: ArticleAt, now: datetime) -> Story:
        """What the page of an article shows."""
        outlet, addresses, article = self.outlet, self.addresses, at.article
        edition = article.editions[article.edition_at(now)]
        local, modified = article.published.astimezone(outlet.zone), article.modified(now)
        url = addresses.form(article, at.form, now, at.part) or addresses.article(article, now)
        blocks = article.blocks(article.edition_at(now))
        parts: tuple[str, ...] = ()
        if article.wall == "paywall":
            blocks = blocks[:1]
        elif article.parts > 1 and at.form in ("plain", "old", "new", "part", "second"):
            size = -(-len(blocks) // article.parts)
            blocks = blocks[(at.part - 1) * size : at.part * size]
            numbers = range(1, article.parts + 1)
            parts = tuple(addresses.form(article, "part", now, number) or url for number in numbers)
        is_main = at.form not in ("amp", "print", "mobile")
        return Story(
            site=self.site(now),
            url=url,
            canonical=self._canonical(at, now, url),
            headline=edition.headline,
            authors=tuple(self._author(name) for name in edition.authors),
            published=None if outlet.incident("no_dates", now) else local,
            modified=modified.astimezone(outlet.zone) if modified else None,
            lead=article.lead,
            blocks=blocks,
            section=self._sections[article.section],
            tags=tuple(self._tags[number] for number in article.tags),
            image=f"http://{outlet.profile.host}/media/{article.id}.jpg",
            related=self._related(article, now),
            amp=addresses.form(article, "amp", now) if is_main else None,
            mobile=addresses.form(article, "mobile", now) if is_main else None,
            prints=addresses.form(article, "print", now) if is_main else None,
            short=addresses.form(article, "short", now) if is_main else None,
            part=at.part,
            parts=parts,
            is_teaser=article.wall == "paywall",
            feeds=self._feeds(article.section),
        )

    def _canonical(self, at: ArticleAt, now: datetime, url: str) -> str | None:
        if self.outlet.profile.theme == "tables":
            return None  # nobody had thought of it then
        if self.outlet.has("canonical_home"):
            return self.addresses.home()
        if self.outlet.has("canonical_first"):
            return self.addresses.article(self.outlet.articles[0], now)
        return url if at.form == "part" else self.addresses.article(at.article, now)

    def _author(self, name: str) -> Link:
        return Link(name, self.addresses.listing(ListAt("author", self.outlet.staff.index(name))) or "")

    def _related(self, article: Article, now: datetime) -> tuple[Teaser, ...]:
        """Older ones, of which some may have been taken down since; where pages are noisy, others every few hours."""
        chance = Random(f"{article.seed}/{self.slot(now) if self.outlet.has('noise') else 0}/related")
        older = self.outlet.articles[max(0, article.number - 40) : article.number]
        chosen = [one for one in chance.sample(older, min(_RELATED, len(older))) if one.hidden != "orphan"]
        return tuple(self.teaser(one, now, "page") for one in chosen)

    # Lists and other pages

    def has(self, at: ListAt, now: datetime) -> bool:
        """Whether there is anything on a page of links. The first one is always there."""
        return at.page == 1 or len(self.outlet.on_list(at, now)) > (at.page - 1) * self._size(at)

    def listing(self, at: ListAt, now: datetime) -> Listing:
        """A page of links."""
        found, size = self.outlet.on_list(at, now), self._size(at)
        start = (at.page - 1) * size
        shown = found[start : start + size]
        pages = max(1, -(-len(found) // size))
        near = range(max(1, at.page - 3), min(pages, at.page + 3) + 1)
        numbers = [(number, self._page_of(at, number)) for number in near]
        following = self._page_of(at, at.page + 1) if at.page < pages else None
        before = self._page_of(at, at.page - 1) if at.page > 1 else None
        via: Via = "home" if at.kind == "home" else "list"
        section = int(at.of) if at.kind == "section" else None
        is_numbered = following is not None or before is not None
        return Listing(
            site=self.site(now),
            kind=at.kind,
            title=self._title(at),
            url=self._page_of(at, at.page) or "",
            teasers=[self.teaser(one, now, via, section) for one in shown],
            previous=before,
            next=following,
            numbers=tuple((number, url) for number, url in numbers if url) if is_numbered else (),
            page=at.page,
            boxes=self._boxes(now) if at.kind == "home" and at.page == 1 else (),
            feeds=self._feeds(section) if section is not None else (),
        )

    def _size(self, at: ListAt) -> int:
        if at.kind == "home" and self.addresses.style.home_page is None:
            return _ON_HOME
        return 1000 if at.kind == "month" else self.addresses.style.size

    def _page_of(self, at: ListAt, page: int) -> str | None:
        return (
            self.addresses.listing(ListAt(at.kind, at.of, page))
            if page == 1 or at.kind in ("home", "section")
            else None
        )

    def _title(self, at: ListAt) -> str:
        match at.kind:
            case "section":
                return self.words.sections[int(at.of)][1]
            case "tag":
                return f"{self.words.label('tags')}: {self.outlet.tags[int(at.of)]}"
            case "author":
                return f"{self.words.label('by')} {self.outlet.staff[int(at.of)]}"
            case "month":
                return f"{self.words.label('archive')} {at.of}"
            case "search":
                return self.words.label("search")
            case "home":
                return self.words.label("latest")

    def _boxes(self, now: datetime) -> tuple[tuple[Link, tuple[Teaser, ...]], ...]:
        found: list[tuple[Link, tuple[Teaser, ...]]] = []
        for number, link in enumerate(self._sections):
            shown = self.outlet.on_list(ListAt("section", number), now)[:_IN_BOX]
            found.append((link, tuple(self.teaser(one, now, "home", number) for one in shown)))
        return tuple(found)

    def plain(self, name: str, now: datetime, month: str = "") -> Plain:
        """One of the pages that hold no article."""
        words, labels = self.words, self.words.labels
        paragraphs: Sequence[str] = (labels["about_text"], labels["privacy_text"])
        fields: tuple[str, ...] = ()
        links: tuple[Link, ...] = ()
        title = labels.get(name, name)
        match name:
            case "contact" | "newsletter" | "subscribe":
                paragraphs, fields = (labels["newsletter_text"],), (labels["name"], labels["email"])
            case "login":
                paragraphs, fields = (labels["login_text"],), (labels["email"], "•••")
            case "privacy" | "terms":
                paragraphs = (labels["privacy_text"], labels["cookies"])
            case "calendar":
                first = datetime.strptime(month, "%Y-%m").replace(tzinfo=now.tzinfo)
                around = ((first - timedelta(days=1), "previous"), (first + timedelta(days=32), "next"))
                links = tuple(Link(labels[key], self.addresses.page("calendar", f"{day:%Y-%m}")) for day, key in around)
                paragraphs, title = (month,), f"{labels['calendar']} {month}"
            case "not_found":
                paragraphs = (labels["not_found_text"],)
            case "blocked":
                paragraphs, title = (labels["blocked"],), "Just a moment…"
            case "consent":
                paragraphs, fields = (labels["consent"], labels["accept_all"], labels["manage"]), ()
                title = words.label("privacy")
            case _:
                pass
        return Plain(site=self.site(now), title=title, url="", paragraphs=paragraphs, fields=fields, links=links)

    def bare(self, name: str, now: datetime) -> str:
        """A page that stands in place of another, without anything around it: a consent dialog, a bot check."""
        plain = self.plain(name, now)
        text = "".join(f"<p>{paragraph}</p>" for paragraph in plain.paragraphs)
        code, encoding = self.words.code, self.outlet.profile.encoding
        head = f'<head><meta charset="{encoding}"><title>{plain.title}</title></head>'
        body = f'<body><div class="{name}">{text}</div></body>'
        return f'<!DOCTYPE html>\n<html lang="{code}">{head}{body}</html>\n'
