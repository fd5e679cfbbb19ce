"""Where everything of an outlet is, and what stands at an address: the two ways of one table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from benchmarks.simulated_web.articles import Article
from benchmarks.simulated_web.life import STAFF, TAGS
from benchmarks.simulated_web.places import (
    LISTINGS,
    PAGES,
    ArticleAt,
    At,
    Elsewhere,
    FeedAt,
    Form,
    ListAt,
    PageAt,
    SitemapAt,
)
from benchmarks.simulated_web.profiles import Profile
from benchmarks.simulated_web.prose import language

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


class Addresses:
    """The addresses of one outlet."""

    def __init__(self, profile: Profile, articles: list[Article]) -> None:
        self.profile = profile
        self.articles = articles
        self.style = LISTINGS[profile.listing]
        self.sections = language(profile.language).sections
        bare = profile.host.removeprefix("www.")
        self.mobile_host = f"m.{bare}" if "mobile" in profile.habits else None
        self.sub_host = f"{profile.sub}.{bare}" if profile.sub else None
        self.bare_host = bare if "bare" in profile.habits else None
        self._local = timedelta(hours=profile.offset)
        self._urls: dict[tuple[int, bool], str] = {}

    @property
    def hosts(self) -> list[str]:
        """All that the outlet answers at, the main one first."""
        others = (self.bare_host, self.mobile_host, self.sub_host)
        return [self.profile.host, *(host for host in others if host)]

    # What is where

    def home(self) -> str:
        return f"http://{self.profile.host}/"

    def article(self, article: Article, now: datetime | None = None) -> str:
        """Its canonical URL at `now`; the one that it has in the end when no time is given."""
        moved = article.new_slug if article.moved_at is not None and (now is None or article.is_moved(now)) else None
        key = (article.number, moved is not None)
        url = self._urls.get(key)
        if url is None:
            path = self._path(article, article.section, moved or article.slug)
            url = self._urls[key] = self._url(self._host_of(article.section), path)
        return url

    def form(self, article: Article, form: Form, now: datetime, part: int = 1) -> str | None:
        """Another address of an article at `now`; None where the outlet has no such form."""
        url, habits = self.article(article, now), self.profile.habits
        mark = "&" if "?" in url else "?"
        match form:
            case "plain":
                return url
            case "amp" if "amp" in habits:
                return f"{url}amp/" if url.endswith("/") else f"{url}/amp"
            case "amp" if "amp_query" in habits:
                return f"{url}{mark}amp=1"
            case "print" if "print" in habits:
                return f"{url}{mark}print=1"
            case "mobile" if self.mobile_host:
                return url.replace(f"//{self.profile.host}/", f"//{self.mobile_host}/")
            case "mobile" if "mobile_query" in habits:
                return f"{url}{mark}m=1"
            case "node" if "node" in habits:
                return self._url(self.profile.host, f"/node/{article.id}")
            case "short" if "shortlink" in habits:
                return self._url(self.profile.host, f"/?p={article.id}")
            case "second" if article.second_section is not None:
                host = self._host_of(article.second_section)
                slug = (article.new_slug or "") if article.is_moved(now) else article.slug
                return self._url(host, self._path(article, article.second_section, slug))
            case "part" if 1 < part <= article.parts:
                return f"{url}{mark}page={part}" if "parts_query" in habits else f"{url}{part}/"
            case "part" if part == 1:
                return url
            case _:
                return None

    def listing(self, at: ListAt) -> str | None:
        """The URL of a page of links; None where the outlet has no such pages."""
        style, host = self.style, self.profile.host
        count = {"page": at.page, "before": at.page - 1, "offset": (at.page - 1) * style.size}
        match at.kind:
            case "home":
                if at.page == 1:
                    return self.home()
                return self._url(host, style.home_page.format(**count)) if style.home_page else None
            case "section":
                section = int(at.of)
                if self._host_of(section) != host:
                    return self._url(self._host_of(section), "/" if at.page == 1 else f"/?page={at.page}")
                names = {"section": self.sections[section][0], "number": section + 1}
                template = style.section if at.page == 1 else style.section_page
                return self._url(host, template.format(**names, **count))
            case "tag":
                return self._url(host, f"/tag/{at.of}/")
            case "author":
                return self._url(host, f"/author/{at.of}/")
            case "month":
                return self._url(host, f"/{str(at.of).replace('-', '/')}/") if style.by_month else None
            case "search":
                return self._url(host, "/search")

    def feed(self, section: int | None = None) -> str | None:
        feed = self.profile.feed
        if feed is None or (feed.shown == "sections") != (section is not None):
            return None
        return self._url(self.profile.host, feed.at.format(section=self.sections[section or 0][0]))

    def sitemap(self, part: str = "") -> str | None:
        sitemap = self.profile.sitemap
        if sitemap is None:
            return None
        folder = sitemap.at.rpartition("/")[0]
        ending = "xml.gz" if sitemap.form == "months_gz" else "xml"
        if sitemap.form == "wordpress" and part:
            name = {"posts": "posts-post-1", "pages": "posts-page-1", "lists": "taxonomies-category-1"}[part]
            return self._url(self.profile.host, f"{folder}/wp-sitemap-{name}.xml")
        return self._url(self.profile.host, f"{folder}/sitemap-{part}.{ending}" if part else sitemap.at)

    def page(self, name: str, month: str = "") -> str:
        if name == "calendar":
            return self._url(self.profile.host, f"/events/{month.replace('-', '/')}/")
        return self._url(self.profile.host, f"/go/{name}" if name.startswith("loop") else f"/{name}/")

    # What stands at an address

    def find(self, url: str) -> At | None:
        """What an http URL means here, whatever parameters nobody knows it carries; None when it means nothing."""
        parts = urlsplit(url)
        host, path = parts.hostname or "", unquote(parts.path or "/")
        if path == "/robots.txt":
            return PageAt("robots")
        if host == self.bare_host:
            return Elsewhere(self.profile.host)
        is_mobile = host == self.mobile_host
        if is_mobile:
            host = self.profile.host
        given = dict(parse_qsl(parts.query))
        found = self._look_up(host, path, {name: text for name, text in given.items() if name in self._names})
        if found is None:
            found = self._other_form(host, path, given)
        if is_mobile:
            return ArticleAt(found.article, "mobile") if isinstance(found, ArticleAt) else Elsewhere(self.profile.host)
        return found

    def _look_up(self, host: str, path: str, given: dict[str, str]) -> At | None:
        return self._table.get((host, _target(path, given)))

    def _other_form(self, host: str, path: str, given: dict[str, str]) -> At | None:
        """What is told by an ending or a parameter: AMP, print, a part of an article; and the calendar."""
        habits = self.profile.habits
        known = {name: text for name, text in given.items() if name in self._names}
        forms: dict[str, tuple[str, Form]] = {
            "amp": ("amp_query", "amp"),
            "print": ("print", "print"),
            "m": ("mobile_query", "mobile"),
        }
        for name, (habit, form) in forms.items():
            if name in known and habit in habits:
                found = self._look_up(host, path, {key: text for key, text in known.items() if key != name})
                return ArticleAt(found.article, form) if isinstance(found, ArticleAt) else None
        if "amp" in habits and (match := re.match(r"(.+/)amp/?$", path)):
            found = self._look_up(host, match[1], known) or self._look_up(host, match[1][:-1], known)
            return ArticleAt(found.article, "amp") if isinstance(found, ArticleAt) else None
        part, base = 0, path
        if "parts_query" in habits and known.get("page") in ("2", "3"):
            part = int(known.pop("page"))
        elif "parts" in habits and (match := re.match(r"(.+/)([23])/$", path)):
            base, part = match[1], int(match[2])
        if part:
            found = self._look_up(host, base, known)
            if isinstance(found, ArticleAt) and part <= found.article.parts:
                return ArticleAt(found.article, "part", part)
            return None
        if "calendar" in habits and (match := re.match(r"/events/(\d{4})/(\d\d)/$", path)):
            return PageAt("calendar", f"{match[1]}-{match[2]}") if 1 <= int(match[2]) <= 12 else None
        # Parameters that mean something elsewhere mean nothing here.
        return self._look_up(host, path, {}) if known and path != "/" else None

    @cached_property
    def _names(self) -> frozenset[str]:
        """The query parameters that mean something at this outlet."""
        style, profile = self.style, self.profile
        templates = [profile.path, style.section, style.section_page, style.home_page or ""]
        templates += [profile.feed.at if profile.feed else ""]
        names = {name for template in templates for name in re.findall(r"[?&](\w+)=", template)}
        extra = {"amp_query": "amp", "print": "print", "mobile_query": "m", "parts_query": "page", "shortlink": "p"}
        return frozenset(names | {name for habit, name in extra.items() if habit in profile.habits} | {"page"})

    @cached_property
    def _table(self) -> dict[tuple[str, str], At]:
        table: dict[tuple[str, str], At] = {}
        for url, at in self._everything():
            if url is not None:
                parts = urlsplit(url)
                key = (parts.hostname or "", _target(unquote(parts.path), dict(parse_qsl(parts.query))))
                table.setdefault(key, at)
        return table

    def _everything(self) -> Iterator[tuple[str | None, At]]:
        yield self.home(), ListAt("home")
        for article in self.articles:
            yield from self._of_article(article)
        for at in self._lists():
            yield self.listing(at), at
        for section in (None, *range(len(self.sections))):
            yield self.feed(section), FeedAt(section)
        if self.profile.sitemap is not None:
            form = self.profile.sitemap.form
            parts = ("posts", "pages", "lists") if form == "wordpress" else self.months if "months" in form else []
            for part in ("", *parts):
                yield self.sitemap(part), SitemapAt(part)
        for name in (*PAGES, *(("loop1", "loop2") if "redirect_loop" in self.profile.habits else ())):
            yield self.page(name), PageAt(name)

    def _of_article(self, article: Article) -> Iterator[tuple[str | None, At]]:
        host = self._host_of(article.section)
        before = self._url(host, self._path(article, article.section, article.slug))
        yield before, ArticleAt(article, "old" if article.new_slug else "plain")
        if article.new_slug:
            yield self._url(host, self._path(article, article.section, article.new_slug)), ArticleAt(article, "new")
        if article.second_section is not None:
            for slug in filter(None, (article.slug, article.new_slug)):
                other = self._path(article, article.second_section, slug)
                yield self._url(self._host_of(article.second_section), other), ArticleAt(article, "second")
        yield self.form(article, "node", article.published), ArticleAt(article, "node")
        yield self.form(article, "short", article.published), ArticleAt(article, "short")

    def _lists(self) -> Iterator[ListAt]:
        most = len(self.articles) // self.style.size + 2
        for page in range(1, most + 1):
            yield from (ListAt("section", section, page) for section in range(len(self.sections)))
            yield ListAt("home", page=page)
        yield from (ListAt("tag", number) for number in range(TAGS))
        yield from (ListAt("author", number) for number in range(STAFF))
        yield from (ListAt("month", month) for month in self.months)
        yield ListAt("search")

    @cached_property
    def months(self) -> list[str]:
        """In which articles come out, by the outlet's clock, latest first."""
        return sorted({self.month_of(article) for article in self.articles}, reverse=True)

    def month_of(self, article: Article) -> str:
        return (article.published + self._local).strftime("%Y-%m")

    def _host_of(self, section: int) -> str:
        return self.sub_host if self.sub_host and self.sections[section][0] == self.profile.sub else self.profile.host

    def _path(self, article: Article, section: int, slug: str) -> str:
        day = article.published + self._local
        path = self.profile.path.format(
            section=self.sections[section][0],
            section_number=section + 1,
            slug=slug,
            id=article.id,
            year=f"{day:%Y}",
            month=f"{day:%m}",
            mon=_MONTHS[day.month - 1],
            day=f"{day:%d}",
        )
        return f"/private{path}" if article.hidden == "private" else path

    def _url(self, host: str, target: str) -> str:
        path, mark, query = target.partition("?")
        return f"http://{host}{quote(path)}{mark}{query}"


def _target(path: str, given: dict[str, str]) -> str:
    query = "&".join(f"{name}={text}" for name, text in sorted(given.items()))
    return f"{path}?{query}" if query else path
