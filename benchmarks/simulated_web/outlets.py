"""An outlet: its profile, its articles, its addresses, and what of all that is to be seen at a given time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from functools import cached_property

from benchmarks.simulated_web.addresses import Addresses
from benchmarks.simulated_web.articles import Article
from benchmarks.simulated_web.life import TAGS, Incident, IncidentKind, Life, staff_of, write_articles
from benchmarks.simulated_web.places import ArticleAt, ListAt
from benchmarks.simulated_web.profiles import Profile
from benchmarks.simulated_web.prose import Language, language

_STRICT = ("/search", "/private/", "/login/", "/*?replytocom=")


class Outlet:
    """One outlet of the web. All it says is a function of the seed and the time."""

    def __init__(self, profile: Profile, number: int, count: int, life: Life) -> None:
        self.profile = profile
        self.number = number
        self.life = life
        self.articles: list[Article] = write_articles(profile, number, count, life)
        self.addresses = Addresses(profile, self.articles)
        self._listed: OrderedDict[int, list[Article]] = OrderedDict()

    @property
    def words(self) -> Language:
        return language(self.profile.language)

    @cached_property
    def staff(self) -> list[str]:
        """Its authors, as they are numbered in addresses."""
        return staff_of(self.profile, self.number, self.life.seed)

    @cached_property
    def tags(self) -> list[str]:
        return list(self.words.table["places"][:TAGS])

    @cached_property
    def zone(self) -> timezone:
        return timezone(timedelta(hours=self.profile.offset))

    def has(self, habit: str) -> bool:
        return habit in self.profile.habits

    def incident(self, kind: IncidentKind, now: datetime) -> Incident | None:
        """The incident of that kind which is on at `now`."""
        return next((one for one in self.life.incidents if one.kind == kind and one.is_on(now)), None)

    # What is there

    @cached_property
    def _changes(self) -> list[datetime]:
        return sorted(moment for article in self.articles for moment in article.changes_at)

    def version(self, now: datetime) -> int:
        """How many changes there were until `now`: by this it is known whether anything written before still holds."""
        return bisect_right(self._changes, now)

    def changed_at(self, now: datetime) -> datetime:
        """When the last change was."""
        return self._changes[max(0, self.version(now) - 1)]

    def listed(self, now: datetime) -> list[Article]:
        """The articles that pages of links name at `now`, newest first."""
        version = self.version(now)
        if version not in self._listed:
            out = [article for article in self.articles if article.is_out(now) and article.hidden != "orphan"]
            self._listed[version] = out[::-1]
            while len(self._listed) > 4:
                self._listed.popitem(last=False)
        return self._listed[version]

    def on_list(self, at: ListAt, now: datetime) -> list[Article]:
        """The articles that a list names, on all its pages."""
        listed = self.listed(now)
        match at.kind:
            case "section":
                return [one for one in listed if at.of in (one.section, one.second_section)]
            case "tag":
                return [one for one in listed if at.of in one.tags][:15]
            case "author":
                return [one for one in listed if self.staff[int(at.of)] in one.editions[one.edition_at(now)].authors][
                    :15
                ]
            case "month":
                return [one for one in listed if self.addresses.month_of(one) == at.of]
            case "search":
                return listed[:10]
            case "home":
                return listed

    # What may be asked for

    @property
    def forbidden(self) -> tuple[str, ...]:
        """What its robots.txt disallows, as it is written there."""
        match self.profile.robots:
            case "broken":
                return ("/",)
            case "missing":
                return ()
            case "strict":
                return _STRICT
            case _:
                return ("/search", "/private/")

    def allows(self, target: str) -> bool:
        """Whether robots.txt permits a path with its query. (None of these outlets has Allow lines.)"""
        return target == "/robots.txt" or not any(_matches(pattern, target) for pattern in self.forbidden)

    # What can be known of it

    def why_not_findable(self, article: Article) -> str | None:
        """Why nobody who keeps to the rules can archive it; None when one can."""
        if self.profile.robots == "broken":
            return "robots.txt answers 500"
        if article.hidden == "private":
            return "robots.txt forbids it"
        if article.hidden == "orphan":
            return "nothing links to it"
        if article.wall not in (None, "paywall"):
            return f"a wall stands before it: {article.wall}"
        return None

    def urls_of(self, article: Article) -> list[str]:
        """All addresses of an article in the end: the canonical one first. Parameters nobody knows are left out."""
        addresses = self.addresses
        end = max(article.changes_at)
        forms = [addresses.form(article, form, end) for form in ("amp", "print", "mobile", "node", "short", "second")]
        parts = [addresses.form(article, "part", end, part) for part in range(2, article.parts + 1)]
        found = (addresses.article(article), addresses.article(article, article.published), *forms, *parts)
        return list(dict.fromkeys(url for url in found if url is not None))

    def article_at(self, url: str) -> Article | None:
        """The article that an address belongs to, in whatever form; None when it belongs to none."""
        found = self.addresses.find(url)
        return found.article if isinstance(found, ArticleAt) else None


def _matches(pattern: str, target: str) -> bool:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    return re.match(expression, target) is not None
