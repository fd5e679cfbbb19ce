"""Publication and modification dates: ISO 8601, with the offset the page gives and no precision it does not give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.dates.address import day_in_url
from scraper.extract.dates.features import Member, days_of
from scraper.extract.dates.model import DateModel
from scraper.extract.dates.shown import ShownDate
from scraper.extract.dates.values import read_value
from scraper.extract.dates.written import Reading, find_dates
from scraper.extract.fields.choice import Choice, Considered, absent, best_of
from scraper.urls import host_of

_MOST_ALIKE = 2
"""Dates in elements of the same make from which on they are a list, of comments or of articles."""
_EARLIEST = "1991"
"""Before the web there were no web pages; digitised older articles state their own date in site files."""


def choose_dates(
    evidence: Evidence,
    shown: Sequence[ShownDate],
    *,
    url: str | None,
    language: str | None,
    captured_at: datetime | None,
    model: DateModel,
) -> tuple[Choice, Choice]:
    """(published, modified), from what the sources state and what the page shows."""
    reading = reading_of(language, host_of(url) if url else None)
    members, refused = read_members(evidence, shown, url=url, reading=reading, captured_at=captured_at)
    published = _published(members, refused, url, model)
    changes = [m for m in members if m.candidate.field == "modified_at" and (m.shown is None or _of_article(m.shown))]
    considered = [Considered(m.candidate, m.value, TRUST[m.candidate.source], "") for m in changes]
    considered += [one for one in refused if one.candidate.field == "modified_at"]
    modified = best_of("modified_at", _agreeing(considered), missing="the page states no date of a change")
    return published, _not_before(modified, published)


def read_members(
    evidence: Evidence,
    shown: Sequence[ShownDate],
    *,
    url: str | None,
    reading: Reading,
    captured_at: datetime | None,
) -> tuple[list[Member], list[Considered]]:
    """Every statement of a day the page could be from, and those that are none, each with the reason."""
    latest = ((captured_at or datetime.now(UTC)) + timedelta(days=1)).date().isoformat()
    read: list[tuple[Candidate, str | None, str | None, ShownDate | None]] = []
    for candidate in (*evidence.of("published_at"), *evidence.of("modified_at")):
        value, swapped = read_value(str(candidate.value), reading) or (None, None)
        read.append((candidate, value, swapped, None))
    if named := day_in_url(url):
        read.append((Candidate("published_at", named, "url", "path"), named, None, None))
    for one in shown:
        name = "modified_at" if (one.label or one.named) == "modified" else "published_at"
        read.append((Candidate(name, one.text, "page", one.selector, (one.block,)), one.value, one.swapped, one))
    certain = {value[:10] for _, value, swapped, _ in read if value and not swapped}
    members: list[Member] = []
    refused: list[Considered] = []
    for candidate, value, swapped, place in read:
        agreed = swapped is not None and swapped in certain and value is not None and value[:10] not in certain
        meant = f"{swapped}{value[10:]}" if agreed and value else value
        why = _refusal(meant, latest) or (_not_its_own(place, meant or "", captured_at) if place else "")
        if why or meant is None:
            refused.append(Considered(candidate, None, 0.0, why))
        else:
            members.append(Member(candidate, meant, place))
    return members, refused


def _refusal(value: str | None, latest: str) -> str:
    """Why a value is no date an article can have; "" when it is one."""
    if value is None:
        return "not a date"
    if value < _EARLIEST:
        return "before there was a web"
    return "after the page was fetched" if value[:10] > latest else ""


def _not_its_own(shown: ShownDate, value: str, captured_at: datetime | None) -> str:
    """Why a date on the page cannot be the article's own, whatever else is known; "" when it can."""
    at_headline = shown.place in ("above", "head")
    if shown.foreign and not at_headline:
        return "the date of a comment or of another article"
    if shown.repeats > _MOST_ALIKE and not at_headline:
        return "one of a list of dates"
    if shown.place == "top":
        if shown.aside or not (shown.label or shown.named or shown.carried):
            return "nothing ties it to the article below"
        if captured_at and abs((datetime.fromisoformat(value[:10]).date() - captured_at.date()).days) <= 1:
            return "the day the page was fetched, above the article"
    if not (at_headline or shown.alone or shown.label or shown.named or shown.carried):
        return "part of a sentence"
    if shown.label == "other" and not at_headline:
        return "labelled as something else"
    if shown.place == "end" and shown.aside and not (shown.label or shown.carried):
        return "nothing ties it to the article above"
    if shown.place == "below" and not (shown.label or shown.named):
        return "nothing ties it to the article above"
    return ""


def _published(members: list[Member], refused: list[Considered], url: str | None, model: DateModel) -> Choice:
    days = days_of(members, url=url)
    chances, none = model.probabilities(days)
    for number, day in enumerate(days):
        if any(m.candidate.source == "site_file" and m.candidate.field == "published_at" for m in day.members):
            chances[number], none = 1.0, 0.0  # whoever wrote the site file has looked
    best = max(chances, default=0.0)
    considered: list[Considered] = []
    for day, chance in sorted(zip(days, chances, strict=True), key=lambda pair: -pair[1]):
        won = chance == best and best > none
        for member in sorted(day.members, key=_precision):
            if member.candidate.field == "published_at" or won:
                others = sorted({m.candidate.source for m in day.members} - {member.candidate.source})
                agrees = [f"agrees with {', '.join(others)}"] if others and won else []
                why = "; ".join([*agrees, model.reason(day, won=won)]).strip("; ")
                considered.append(Considered(member.candidate, member.value, chance if best > none else 0.0, why))
    considered += [one for one in refused if one.candidate.field == "published_at"]
    missing = "the page states no date of its own"
    if considered and best <= none and members:
        return absent("published_at", missing, considered)
    return best_of("published_at", considered, missing=missing)


def _precision(member: Member) -> tuple[bool, int, float]:
    """Statements of publication first, then those with a time of day and its offset, then the better source."""
    return member.candidate.field != "published_at", -len(member.value), -TRUST[member.candidate.source]


def _of_article(shown: ShownDate) -> bool:
    return shown.place in ("above", "head", "opening", "end") and not (
        shown.foreign or shown.hidden or shown.repeats > 2
    )


def _agreeing(considered: list[Considered]) -> list[Considered]:
    """Sources that name the same day reinforce each other; of those, a time of day is worth a little more."""
    out = []
    for one in considered:
        if not isinstance(one.value, str):
            out.append(one)
            continue
        day = one.value[:10]
        others = {c.candidate.source for c in considered if c is not one and str(c.value or "")[:10] == day}
        score = one.score + 0.08 * min(len(others - {one.candidate.source}), 3)
        score += 0.02 if len(one.value) > 10 else 0.0
        reason = f"agrees with {', '.join(sorted(others))}" if others else ""
        out.append(Considered(one.candidate, one.value, score, reason))
    return out


def _not_before(modified: Choice, published: Choice) -> Choice:
    if not (isinstance(modified.value, str) and isinstance(published.value, str)):
        return modified
    if modified.value[:10] < published.value[:10]:
        return absent("modified_at", "the stated change is before publication", list(modified.considered))
    return modified


def parse_date(text: str, *, language: str | None = None) -> str | None:
    """A date in ISO 8601, as precise as `text` is; None when `text` holds none with day, month and year.

    ISO 8601 itself, RFC 2822, Unix time and dates written in the page's language are read.
    """
    found = read_value(text, reading_of(language, None))
    return found[0] if found else None


def written_dates(text: str) -> list[str]:
    """The dates written in `text`, as written."""
    return [text[found.start : found.end] for found in find_dates(text)]


_MONTH_FIRST = frozenset(("us", "ph", "fm", "gu", "mh", "mp", "pr", "pw"))
_ANYONES = frozenset(
    "ai app biz cc co com dev edu eu fm gov info io me ly net news online org site tv us ws xyz".split()
)
"""Top-level domains that tell no country."""


@lru_cache(maxsize=1024)
def reading_of(language: str | None, host: str | None) -> Reading:
    """How dates are read on a page in `language` (BCP 47, as the page says) of `host`.

    The month is written first in the United States and few other countries; a page that says it is in plain English,
    or in none at all, is taken to be from there unless its top-level domain is another country's.
    """
    primary, _, region = (language or "").replace("_", "-").lower().partition("-")
    country = (host or "").rpartition(".")[2]
    abroad = len(country) == 2 and country not in _ANYONES
    month_first = primary in ("", "en") and not abroad and (not region or region in _MONTH_FIRST)
    return Reading(primary, month_first)
