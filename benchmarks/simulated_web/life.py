"""What happens to the articles of an outlet: when they come out, are edited, moved and taken down. All of it is drawn
once, from the seed, before anything begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from benchmarks.simulated_web.articles import (
    TOKENS_OF_ARTICLE,
    TOKENS_OF_OUTLET,
    Article,
    Deletion,
    Edition,
    EditKind,
    Hidden,
    Mark,
    WallKind,
)
from benchmarks.simulated_web.profiles import Profile
from benchmarks.simulated_web.prose import language

IncidentKind = Literal["layout_break", "new_layout", "dead_feed", "consent_wall", "quiet_day", "no_dates"]

NEW_SHARE = 0.3
"""Part of the articles that comes out while the simulation runs; the rest is there at its beginning."""
EDITED_YOUNG, EDITED_OLD = 0.4, 0.05
"""Part of the articles that is edited: of those that are young at the beginning or come later, and of the others."""
DELETED_SHARE, MOVED_SHARE = 0.025, 0.025
STAFF, TAGS = 6, 8
"""Authors of an outlet, and tags."""
_HOURS = (5, *range(6, 13), 9, 10, 11, 12, *range(13, 22), 15, 16, 17, 18)
_WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.3)
_EDITS: tuple[EditKind, ...] = ("headline", "paragraph", "paragraph", "correction", "number", "rewritten", "byline")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is scripted to happen at one outlet, from `at` until `until` (None: for good).

    `layout_break` leaves pages whose text only scripts would put there, `new_layout` is another theme with the same
    text, `dead_feed` has the outlet's feeds answer 404, `consent_wall` puts one before every article, on a `quiet_day`
    nothing comes out (a day if `until` is None), with `no_dates` pages say no more when they were published.
    """

    kind: IncidentKind
    host: str
    at: datetime
    until: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        return self.at <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Life:
    """How long and when the simulation runs; `incidents` are those of the outlet in question."""

    seed: int
    epoch: datetime
    days: int
    incidents: tuple[Incident, ...] = ()


def write_articles(profile: Profile, number: int, count: int, life: Life) -> list[Article]:
    """The `count` articles of outlet `number`, oldest first."""
    desk = _Desk(profile, number, life)
    times = sorted(_times(desk.chance, count, life))
    return [desk.write(place, moment) for place, moment in enumerate(times)]


def staff_of(profile: Profile, number: int, seed: int) -> list[str]:
    """Those who write for outlet `number`."""
    chance, words = Random(f"{seed}/{number}/staff"), language(profile.language)
    found: list[str] = []
    while len(found) < STAFF:
        person = words.person(chance)
        if person not in found:
            found.append(person)
    return found


def _times(chance: Random, count: int, life: Life) -> Iterator[datetime]:
    new = round(count * NEW_SHARE)
    weights = [_WEEKDAYS[(life.epoch + timedelta(days=day)).weekday()] for day in range(life.days)]
    for _ in range(new):
        day = chance.choices(range(life.days), weights)[0]
        yield _not_quiet(_moment(chance, life.epoch + timedelta(days=day), not_before=life.epoch), life)
    for _ in range(count - new):
        # A quarter is of the last days, the rest goes back a year.
        age = chance.uniform(0.1, 4) if chance.random() < 0.25 else min(400.0, 4 + chance.expovariate(1 / 70))
        yield min(_moment(chance, life.epoch - timedelta(days=age)), life.epoch - timedelta(minutes=5))


def _moment(chance: Random, day: datetime, *, not_before: datetime | None = None) -> datetime:
    moment = day.replace(hour=chance.choice(_HOURS), minute=chance.randrange(60), second=0, microsecond=0)
    return (
        moment if not_before is None or moment > not_before else not_before + timedelta(minutes=chance.randint(2, 90))
    )


def _not_quiet(moment: datetime, life: Life) -> datetime:
    for incident in life.incidents:
        if incident.kind == "quiet_day":
            until = incident.until or incident.at + timedelta(days=1)
            if incident.at <= moment < until:
                return moment + (until - incident.at)
    return moment


class _Desk:
    """Writes the articles of one outlet, one after the other."""

    def __init__(self, profile: Profile, number: int, life: Life) -> None:
        self.chance = Random(f"{life.seed}/{number}")
        self._profile = profile
        self._number = number
        self._life = life
        self._words = language(profile.language)
        self._staff = staff_of(profile, number, life.seed)
        self._first_id = self.chance.randrange(1_000, 90_000)
        self._slugs: set[str] = set()

    def write(self, number: int, published: datetime) -> Article:
        chance, words, profile = self.chance, self._words, self._profile
        headline, slug = self._headline()
        token = self._number * TOKENS_OF_OUTLET + number * TOKENS_OF_ARTICLE
        authors = tuple(chance.sample(self._staff, chance.choices((0, 1, 2), (0.12, 0.7, 0.18))[0]))
        sections = len(words.sections)
        # The first two sections have twice as many as the others.
        section = chance.randrange(sections + 2) % sections
        length = int(min(900, max(150, chance.lognormvariate(5.8, 0.45))))
        hidden, wall = self._hidden(), self._wall()
        first = Edition(published, "first", headline, authors)
        editions = (first, *self._edits(first, token + 3))
        deleted_at, deletion, moved_at = self._end(published) if hidden is None else (None, None, None)
        has_second = "two_sections" in profile.habits and chance.random() < 0.1
        return Article(
            outlet=self._number,
            number=number,
            id=self._first_id + 7 * number,
            seed=f"{self._life.seed}/{self._number}/{number}",
            language=words,
            section=section,
            second_section=(section + 1) % sections if has_second else None,
            tags=tuple(sorted(chance.sample(range(TAGS), 2))),
            slug=slug,
            new_slug=f"{slug}-updated" if moved_at else None,
            published=published,
            length=length,
            parts=3 if profile.parts and wall is None and length > 350 and chance.random() < 0.3 else 1,
            editions=tuple(edition for edition in editions if deleted_at is None or edition.at < deleted_at),
            tokens=(words.token(token), words.token(token + 1), words.token(token + 2)),
            deleted_at=deleted_at,
            deletion=deletion,
            moved_at=moved_at,
            wall=wall,
            hidden=hidden,
        )

    def _headline(self) -> tuple[str, str]:
        """A headline, and a slug that no other article of the outlet has."""
        is_unicode = self._profile.slugs == "unicode"
        headline = self._words.headline(self.chance)
        slug = self._words.slug(headline, is_unicode=is_unicode) or "story"
        if slug in self._slugs:
            headline = self._words.headline(self.chance)
            slug = self._words.slug(headline, is_unicode=is_unicode) or "story"
        if slug in self._slugs:
            slug = f"{slug}-{len(self._slugs)}"
        self._slugs.add(slug)
        return headline, slug

    def _hidden(self) -> Hidden | None:
        if "private" in self._profile.habits and self.chance.random() < 0.06:
            return "private"
        return "orphan" if "orphans" in self._profile.habits and self.chance.random() < 0.08 else None

    def _wall(self) -> WallKind | None:
        wall = self._profile.wall
        return wall.kind if wall is not None and self.chance.random() < wall.share else None

    def _end(self, published: datetime) -> tuple[datetime | None, Deletion | None, datetime | None]:
        """When and how it is taken down, and when it is moved: most articles are neither."""
        fate = self.chance.random()
        moment = max(published, self._life.epoch) + timedelta(hours=self.chance.uniform(2, 24 * 6))
        if fate < DELETED_SHARE:
            kinds: tuple[Deletion, ...] = ("404", "410", "home")
            return moment, "soft_404" if "soft_404" in self._profile.habits else self.chance.choice(kinds), None
        if fate < DELETED_SHARE + MOVED_SHARE and "{slug}" in self._profile.path:
            return None, None, moment
        return None, None, None

    def _edits(self, first: Edition, token: int) -> Iterator[Edition]:
        """The later editions of an article, oldest first: most within hours, some after days, one to three of them."""
        chance, words, epoch = self.chance, self._words, self._life.epoch
        is_young = first.at > epoch - timedelta(days=2)
        if chance.random() >= (EDITED_YOUNG if is_young else EDITED_OLD):
            return
        count = chance.choices((1, 2, 3), (0.65, 0.25, 0.1))[0]
        begin = first.at if is_young else epoch
        ages = [_age(chance) if is_young else chance.uniform(3, 24 * 8) for _ in range(count)]
        now, headline, authors = first.at, first.headline, first.authors
        for place, age in enumerate(sorted(ages)):
            now = max(begin + timedelta(hours=age), now + timedelta(minutes=20))
            kind = chance.choice(_EDITS)
            if kind == "byline" and len(authors) > 1:
                kind = "paragraph"  # nobody has three authors
            name = words.token(token + place)
            match kind:
                case "headline":
                    headline = words.say("headline_edit", headline=first.headline, token=name)
                    mark = Mark("headline", name)
                case "byline":
                    authors = (*authors, next(person for person in self._staff if person not in authors))
                    mark = Mark("authors", authors[-1])
                case "number":
                    mark = Mark("body", str(100_000 + (token * 37 + place * 7_919) % 800_000))
                case _:
                    mark = Mark("body", name)
            yield Edition(now, kind, headline, authors, mark)


def _age(chance: Random) -> float:
    """Hours from publication to an edit."""
    kind = chance.random()
    if kind < 0.6:
        return min(6.0, 0.2 + chance.expovariate(1 / 1.6))
    if kind < 0.82:
        return chance.uniform(6, 30)
    return chance.uniform(30, 24 * 8)
