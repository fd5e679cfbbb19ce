"""Publication and modification dates: ISO 8601, with the offset the page gives and no precision it does not give."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.fields.choice import Choice, Considered, absent, best_of

_ISO = re.compile(
    r"(?P<y>(?:19|20)\d\d)[-/.]?(?P<m>\d\d)[-/.]?(?P<d>\d\d)"
    r"(?:(?:T|\s+|,\s*)(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,]\d+)?)?\s*(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_IN_URL = re.compile(r"/(?P<y>(?:19|20)\d\d)[/-](?P<m>0?[1-9]|1[0-2])[/-](?P<d>0?[1-9]|[12]\d|3[01])(?:[/_-]|$)")
_EARLIEST = date(1991, 1, 1)
"""Before the web there were no web pages; digitised older articles state their own date in site files."""

# Dates as people write them. Letters cover month names of any script; the year is what makes it a date worth trusting.
_WRITTEN = re.compile(
    r"""(?:
      (?:19|20)\d\d\s*[年년.\-/]\s*\d{1,2}\s*[月월.\-/]\s*\d{1,2}\s*[日일]?      # 2024年5月3日, 2024-05-03
    | \d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*(?:19|20)\d\d                           # 3.5.2024, 03/05/2024
    | \d{1,2}(?:st|nd|rd|th|er|º|ª|\.)?\s+(?:de\s+|d['’])?[^\W\d_]{3,14}\.?,?\s+(?:de\s+|del\s+)?
      (?:19|20)\d\d                                                                # 3 May 2024, 3 de mayo de 2024
    | \d{1,2}\s+[\u0900-\u0dff]{2,14},?\s+(?:19|20)\d\d                                # 3 मई 2024: vowel signs
    | (?:19|20)\d\d(?:\.|\s+m\.)\s*[^\W\d_]{3,14}\s+\d{1,2}(?:\.|\s+d\.)?              # 2024. május 3.
    | [^\W\d_]{3,14}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d               # May 3, 2024
    )
    (?:[\s,·|@–-]*(?:at|um|à|о|в|kl\.?|à|الساعة)?\s*\d{1,2}[:.h]\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?)?""",
    re.IGNORECASE | re.VERBOSE,
)


def choose_dates(
    evidence: Evidence,
    visible: list[tuple[str, str]],
    *,
    url: str | None,
    language: str | None,
    captured_at: datetime | None,
) -> tuple[Choice, Choice]:
    """(published, modified). `visible` holds dates written near the headline as (text, selector)."""
    latest = (captured_at or datetime.now(UTC)) + timedelta(days=1)
    stated = list(evidence.of("published_at"))
    stated += [Candidate("published_at", text, "page", selector) for text, selector in visible]
    in_url = _IN_URL.search(url or "")
    if in_url:
        iso = f"{in_url['y']}-{int(in_url['m']):02}-{int(in_url['d']):02}"
        stated.append(Candidate("published_at", iso, "url", "path"))
    published = best_of(
        "published_at",
        _agreeing([_considered(c, language, latest) for c in stated]),
        missing="the page states no date of its own",
    )
    changes = [_considered(c, language, latest) for c in evidence.of("modified_at")]
    modified = best_of("modified_at", _agreeing(changes), missing="the page states no date of a change")
    return published, _not_before(modified, published)


def _considered(candidate: Candidate, language: str | None, latest: datetime) -> Considered:
    value = parse_date(str(candidate.value), language=language)
    if value is None:
        return Considered(candidate, None, 0.0, "not a date")
    day = date.fromisoformat(value[:10])
    if day < _EARLIEST:
        return Considered(candidate, None, 0.0, "before there was a web")
    if day > latest.date():
        return Considered(candidate, None, 0.0, "after the page was fetched")
    return Considered(candidate, value, TRUST[candidate.source], "")


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
    text = " ".join(text.split())
    if not text or len(text) > 200:
        return None
    if _EPOCH.fullmatch(text):
        seconds = int(text[:10])
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    match = _ISO.search(text)
    if match and (iso := _from_iso(match)):
        return iso
    try:
        return parsedate_to_datetime(text).isoformat(timespec="seconds")
    except (ValueError, TypeError, IndexError):
        pass
    written = _WRITTEN.search(text)
    return _from_words(written.group(), (language or "").split("-")[0].lower(), language or "") if written else None


def _from_iso(match: re.Match[str]) -> str | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        if match["H"] is None:
            return day.isoformat()
        moment = datetime(day.year, day.month, day.day, int(match["H"]), int(match["M"]), int(match["S"] or 0))  # noqa: DTZ001 - a page's time without offset has none
    except ValueError:
        return None
    zone = (match["z"] or "").upper()
    if not zone:
        return moment.isoformat()
    if zone in ("Z", "UTC", "GMT"):
        return moment.isoformat() + "+00:00"
    return f"{moment.isoformat()}{zone[:3]}:{zone[-2:]}"


@lru_cache(maxsize=2048)
def _from_words(text: str, language: str, locale: str) -> str | None:
    import dateparser

    text = re.sub(r"(?<=\d)\s+[md]\.(?=\s|$)", "", text)  # Lithuanian marks year and day: 2024 m. gegužės 3 d.
    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "RETURN_AS_TIMEZONE_AWARE": False}
    if language == "en" and locale.lower() not in ("en", "en-us", "en_us", "en-ph"):
        settings["DATE_ORDER"] = "DMY"
    languages = [language] if language in _languages() else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateparser warns about its own use of ambiguous formats
        moment = dateparser.parse(text, languages=languages, settings=settings)
        if moment is None and languages:
            moment = dateparser.parse(text, settings=settings)
    if moment is None:
        return None
    timed = re.search(r"\d{1,2}[:.h]\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?$", text, re.IGNORECASE)
    dotted = re.fullmatch(r"[\d./\s-]+", text)
    return str(moment.isoformat(timespec="seconds") if timed and not dotted else moment.date().isoformat())


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    from dateparser.data.languages_info import language_order

    return frozenset(language_order)


def written_dates(text: str) -> list[str]:
    """The dates written in `text`, as written."""
    return [match.group() for match in _WRITTEN.finditer(text)]
