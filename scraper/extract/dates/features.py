"""What speaks for and against each day a page names: the features the weights of `weights.toml` are for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from scraper.extract.candidates import Candidate
from scraper.extract.dates.address import month_in_url
from scraper.extract.dates.shown import ShownDate
from scraper.extract.metadata.meta_tags import META_NAMES

Features = dict[str, float]

STATEMENTS = frozenset(("json_ld", "opengraph", "microdata", "meta", "meta_unknown", "json_ld_page"))
"""Sources that say “published” for machines."""
STATED = (*sorted(STATEMENTS), "meta_unspecific")
"""Sources that tell a day whether it is shown or not."""
_POSITIVE = ("url", "meta_unspecific", "json_ld_other")
_ANEW = 30
"""Days after publication from which a change that the page shows as its date may be a new text."""
_NAMED_PUBLISHED = re.compile(r"publi|issued|pub_?date|release")
_PAGE_TYPES = frozenset(
    ("webpage", "medicalwebpage", "aboutpage", "itempage", "creativework", "blog", "hentry", "broken")
)
_NEAR = frozenset(("above", "head", "opening", "end"))


@dataclass(frozen=True, slots=True)
class Member:
    """One statement of a date."""

    candidate: Candidate
    value: str
    """ISO 8601."""
    shown: ShownDate | None = None


@dataclass(slots=True)
class Day:
    """A day and everything on the page that names it."""

    day: str
    members: list[Member] = field(default_factory=list)
    stated: Features = field(default_factory=dict)
    """What metadata and address say."""
    shown: list[tuple[Member, Features]] = field(default_factory=list)
    """What speaks for and against each place where it is shown; the best of them counts."""
    of_change: bool = False
    """The page says of it only that something was changed then."""

    def has(self, *names: str) -> bool:
        return any(name in self.stated for name in names)


def role_of(candidate: Candidate) -> str:
    """What a candidate from metadata or the address is called among the features."""
    source, selector = candidate.source, candidate.selector or ""
    if candidate.field == "modified_at":
        return "changed"
    if source == "embedded":
        return "json_ld_page"
    if source == "json_ld" and selector != "datePublished":
        kind, _, key = selector.rpartition(".")
        return "json_ld_page" if kind in _PAGE_TYPES and key == "datePublished" else "json_ld_other"
    if source == "meta" and not _NAMED_PUBLISHED.search(selector):
        return "meta_unspecific"
    if source == "meta" and selector not in META_NAMES:
        return "meta_unknown"
    return source


def days_of(members: Iterable[Member], *, url: str | None) -> list[Day]:
    """The days named, in the order they were found, with their features."""
    days: dict[str, Day] = {}
    for member in members:
        key = member.value[:10]
        day = days.setdefault(key, Day(key))
        day.members.append(member)
        if member.shown is None:
            day.stated[role_of(member.candidate)] = 1.0
    _share_changes(days)
    _compare(list(days.values()), url)
    first = min((day.day for day in days.values() if STATEMENTS & day.stated.keys()), default="")
    for day in days.values():
        day.shown = [(m, _of_shown(m.shown, day)) for m in day.members if m.shown]
        day.of_change = day.day != first and _is_of_change(day, first)
    _share_moments(days)
    return list(days.values())


def _is_of_change(day: Day, first: str) -> bool:
    """A change is not publication, unless the page shows it as its date and either states no publication at all, or
    one so long before that the text was made anew."""
    if STATEMENTS & day.stated.keys():  # some templates state the moment of the last change as publication too
        stated = [member for member in day.members if role_of(member.candidate) in STATEMENTS and member.shown is None]
        changes = {member.value for member in day.members if role_of(member.candidate) == "changed"}
        return day.day > first and all(len(one.value) > 10 and one.value in changes for one in stated)
    shown = [member.shown for member in day.members if member.shown is not None]
    changed = day.has("changed") or all((one.label or one.named) == "modified" for one in shown)
    if not changed or day.has(*_POSITIVE):
        return False
    if not any(not (one.foreign or one.hidden) and one.repeats < 3 for one in shown):
        return True
    return bool(first) and (date.fromisoformat(day.day) - date.fromisoformat(first)).days < _ANEW


def _of_shown(shown: ShownDate, day: Day) -> Features:
    near = shown.place in _NEAR
    out = {f"shown_{shown.place}": 1.0, "distance": math.log1p(shown.distance)}
    label = shown.label or "none"
    if near:
        out[f"label_{label}"] = 1.0
        if day.has("other_stated") and not shown.label:
            out["unlabelled_though_stated"] = 1.0
    elif label != "none":
        out[f"far_label_{label}"] = 1.0
    flags = {
        "alone": shown.alone,
        "foreign": shown.foreign,
        "aside": shown.aside,
        "linked": shown.linked,
        "hidden": shown.hidden,
    }
    out |= {name: 1.0 for name, flag in flags.items() if flag}
    out["repeated"] = min(shown.repeats - 1, 4) / 4
    return out


def _compare(days: list[Day], url: str | None) -> None:
    """Features that need the other days or the address."""
    stated = any(STATEMENTS & day.stated.keys() for day in days)
    month = month_in_url(url)
    for day in days:
        mine = day.stated
        if stated and not STATEMENTS & mine.keys():
            mine["other_stated"] = 1.0
        if month:
            mine["month_in_url" if day.day[:7] == month else "other_month_in_url"] = 1.0


def _share_moments(days: dict[str, Day]) -> None:
    """A moment stated for machines is on the day before or after in some time zones, and shown as that day there."""
    for day in list(days.values()):
        for member in day.members:
            if member.shown is not None or role_of(member.candidate) not in STATEMENTS:
                continue
            for other in _days_elsewhere(member.value):
                if other in days and not STATEMENTS & days[other].stated.keys():
                    days[other].stated["beside_stated"] = 1.0
                    day.shown += days[other].shown


def _share_changes(days: dict[str, Day]) -> None:
    """The same of the moment of a change."""
    for member in [member for day in days.values() for member in day.members]:
        if member.shown is None and role_of(member.candidate) == "changed":
            for other in _days_elsewhere(member.value):
                if other in days and not STATEMENTS & days[other].stated.keys():
                    days[other].stated["changed"] = 1.0


def _days_elsewhere(value: str) -> list[str]:
    """The other days on which a moment with an offset falls somewhere on earth."""
    if len(value) <= 19:
        return []
    moment = datetime.fromisoformat(value).astimezone(UTC)
    around = {(moment + timedelta(hours=hours)).date().isoformat() for hours in (-12, 14)}
    return sorted(around - {value[:10]})
