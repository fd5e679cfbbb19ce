"""What an address says about the page behind it: its shape, and signs that speak for an article or against one.

Addresses of one outlet's articles are made by one pattern (`/{section}/{yyyy}/{mm}/{slug}`); so are those of its tag
pages. The words that software and editors put into addresses are in `url_words.toml`, by purpose and language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from urllib.parse import unquote

from scraper.extract.wording import count_words

LONGEST_URL = 2_000
"""Characters; nothing longer is the address of an article."""
_MOST_SEGMENTS = 12
_LONGEST_SEGMENT = 300
"""Characters of a segment that are looked at."""
_OPAQUE = 8
"""Characters of a segment without words, from which letters mixed with digits are a key."""

_YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d")
_MONTH = re.compile(r"0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)
_DAY = re.compile(r"0?[1-9]|[12]\d|3[01]")
_MONTH_AND_DAY = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WHOLE_DATE = re.compile(r"(?<!\d)(?:(?:19[5-9]|20[0-4])\d)[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{4,}(?!\d)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_HEX = re.compile(r"(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f-]{10,}(?![0-9a-z])")
_KEY = re.compile(rf"(?=[^\d]*\d)(?=\d*[A-Za-z])[0-9A-Za-z]{{{_OPAQUE},}}")
_SEPARATORS = re.compile(r"[-_+.,~ ]+")
_EXTENSION = re.compile(r"\.([a-z0-9]{1,5})$", re.IGNORECASE)

# Purposes in the order in which they decide what a page is when it is no article.
PURPOSES = ("login", "search", "comments", "print", "share", "feed", "tag", "author", "legal", "service", "list")
"""The purposes of `url_words.toml` that speak against an article."""


@dataclass(frozen=True, slots=True)
class UrlSigns:
    """What can be read from an address alone."""

    shape: str
    """The path's pattern; the same for all pages that one rule made. "/" for a home page."""
    signs: frozenset[str]
    """Names of what was found; `section_weights.toml` has what each is worth."""
    purpose: str | None
    """What its words say the page is for, of PURPOSES; None when they say nothing."""
    file: str | None
    """What its ending says it is when it is no page: `media` or `feed`."""
    depth: int
    """Parts between slashes."""

    @property
    def specific(self) -> bool:
        """Whether the shape holds what an article's address has: words of a title, a number or a day."""
        return any(mark in self.shape for mark in ("{slug}", "{id}", "{date}", "{yyyy}"))


@cache
def _words() -> dict[str, frozenset[str]]:
    text = (resources.files("scraper.crawl.discovery") / "url_words.toml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    out = {f"{table}.{key}": frozenset(words) for table, keys in tables.items() for key, words in keys.items()}
    for table, keys in tables.items():
        out[table] = frozenset(word for words in keys.values() for word in words)
    return out


@cache
def _purposes_by_word() -> dict[str, tuple[str, ...]]:
    words = _words()
    known = sorted({word for purpose in (*PURPOSES, "article") for word in words[purpose]})
    return {word: tuple(p for p in ("article", *PURPOSES) if word in words[p]) for word in known}


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of a path between two slashes."""

    text: str
    """Decoded, without extension, in lower case."""
    words: int
    """As a reader counts them; numbers are none."""
    number: bool
    """A number or key stands in it, with or without words."""
    long_number: bool
    """One of five digits or more, or a key."""
    date: bool
    purposes: tuple[str, ...]

    @property
    def pattern(self) -> str:
        if self.purposes and self.words < 3:
            return self.text
        marks = []
        if self.words >= 3:
            marks.append("{slug}")
        if self.date:
            marks.append("{date}")
        if self.number:
            marks.append("{id}")
        return "-".join(marks) or ("{word}" if len(self.text) > 1 else self.text)


@lru_cache(maxsize=16_384)
def _segment(raw: str) -> _Segment:
    text = unquote(raw[:_LONGEST_SEGMENT]).strip().lower()
    stem = _EXTENSION.sub("", text) if _is_file_ending(text) else text
    spaced = _SEPARATORS.sub(" ", stem)
    date = bool(_WHOLE_DATE.search(stem))
    without = _WHOLE_DATE.sub(" ", stem)
    key = bool(_KEY.fullmatch(stem)) and "-" not in stem
    parts = spaced.split()
    long_number = any(_KEY.fullmatch(part) for part in parts) or bool(_LONG_NUMBER.search(without))
    number = long_number or bool(_NUMBER.search(without) or _HEX.search(without)) or stem.isdigit()
    lettered = " ".join(part for part in parts if not part.isdigit() and not _HEX.fullmatch(part))
    words = 1 if key else count_words(lettered)
    return _Segment(stem, words, number, long_number, date, _purposes_by_word().get(stem, ()))


def _is_file_ending(text: str) -> bool:
    match = _EXTENSION.search(text)
    return match is not None and match[1].lower() in _words()["files"]


def split_url(url: str) -> tuple[str, str, str]:
    """Host, path and query of an absolute URL in WHATWG serialisation; parsing is done, so cutting suffices."""
    address, _, query = url.partition("#")[0].partition("?")
    start = address.find("/", address.find("//") + 2)
    if start < 0:
        return address[address.find("//") + 2 :], "/", query
    return address[address.find("//") + 2 : start], address[start:], query


@lru_cache(maxsize=16_384)
def read_url(url: str) -> UrlSigns:
    """The shape and signs of an absolute http(s) URL. Never raises: of text that is no URL it reads what it can."""
    host, path, query = split_url(url[:LONGEST_URL])
    raw = [part for part in path.split("/") if part][:_MOST_SEGMENTS]
    segments = [_segment(part) for part in raw]
    signs = {f"depth_{min(len(segments), 4)}"}
    file = _read_ending(raw[-1] if raw else "", signs)
    pattern = _read_dates(segments, signs)
    purpose = _read_purposes(segments, host, signs)
    shape = "/" + "/".join(_joined(pattern))
    if file is None and "ends_in_page" in signs:
        shape += ".html"
    purpose, shape = _read_query(query, signs, shape, purpose)
    if segments:
        _read_last(segments, pattern, signs)
        if path.endswith("/"):
            signs.add("ends_in_slash")
    return UrlSigns(shape, frozenset(signs), purpose, file, len(segments))


def shape_of(url: str) -> str:
    """The generalised shape of a URL's path: `/a/{yyyy}/{mm}/{slug}`, `/{section}/{slug}-{id}.html`, `/?p={id}`."""
    return read_url(url).shape


def _read_ending(last: str, signs: set[str]) -> str | None:
    match = _EXTENSION.search(last.lower())
    if not match:
        return None
    words = _words()
    if match[1] in words["files.media"]:
        return "media"
    if match[1] in words["files.feed"]:
        return "feed"
    if match[1] in words["files.page"]:
        signs.add("ends_in_page")
    elif match[1] in words["files.script"]:
        signs.add("ends_in_script")
    return None


def _read_dates(segments: list[_Segment], signs: set[str]) -> list[str]:
    """The pattern of each segment; years, months and days only where they follow each other."""
    out: list[str] = []
    expected = "year"
    for at, segment in enumerate(segments):
        if expected == "year" and _YEAR.fullmatch(segment.text):
            out.append("{yyyy}")
            expected = "month"
            signs.add("year_at_end" if at == len(segments) - 1 else "year")
        elif expected == "month" and _MONTH.fullmatch(segment.text):
            out.append("{mm}")
            expected = "day"
            signs.add("month_at_end" if at == len(segments) - 1 else "month")
        elif expected == "month" and _MONTH_AND_DAY.fullmatch(segment.text):
            out.append("{mm}{dd}")
            expected = ""
            signs.add("day_at_end" if at == len(segments) - 1 else "day")
        elif expected == "day" and _DAY.fullmatch(segment.text):
            out.append("{dd}")
            expected = ""
            signs.add("day_at_end" if at == len(segments) - 1 else "day")
        else:
            expected = "year" if expected == "year" else ""
            if segment.date:
                signs.add("date")
            out.append(segment.pattern)
    return out


def _read_purposes(segments: list[_Segment], host: str, signs: set[str]) -> str | None:
    found: set[str] = set()
    for at, segment in enumerate(segments):
        last = at == len(segments) - 1
        for purpose in segment.purposes:
            signs.add(f"{'ends' if last else 'begins' if at == 0 else 'passes'}_{purpose}")
            if purpose != "article":
                found.add(purpose)
    if len(segments) > 1 and _is_page_number(segments[-2].text, segments[-1].text):
        signs.add("page_number")
        found.add("list")
    if any(label in _words()["hosts"] for label in host.partition(":")[0].split(".")[:-2]):
        signs.add("host_without_articles")
        found.add("service")
    if found - {"list"}:
        signs.add("for_something_else")
        if segments and segments[-1].words < 4:
            signs.add("for_something_else_named_short")
    if segments and "login" in segments[0].purposes and segments[-1].words < 4:
        signs.add("of_account")
    if len(segments) > 1 and len(segments[-2].text) > 2 and segments[-1].words < 6:
        before = segments[-2].purposes
        if "article" not in before and ("tag" in before or "author" in before):
            signs.add("of_tag_or_author")
    return next((purpose for purpose in PURPOSES if purpose in found), None)


def _is_page_number(before: str, last: str) -> bool:
    return last.isdigit() and len(last) <= (3 if before == "p" else 5) and before in _words()["pages"]


def _read_last(segments: list[_Segment], pattern: list[str], signs: set[str]) -> None:
    """What stands at the end, where the words of a title and the number of an article are."""
    last = segments[-1]
    longest = max(segments[-2:], key=lambda segment: segment.words)
    if "query_article" in signs and longest.words < 3:
        signs.update(("number_alone", "evidence_1"))  # the end is a program's name, and the article has its number
        if "article" in last.purposes:
            signs.add("named_article_with_evidence")
        return
    for name, words in (("last_words", last.words), ("most_words", longest.words)):
        signs.add(f"{name}_{_bucket(words, (1, 2, 3, 4, 6))}")
    if "{id}" in pattern[-1]:
        signs.add("number_alone" if last.words <= 1 else "number_and_words")
        signs.add("number_long" if last.long_number else "number_short")
    elif len(segments) > 1 and "{id}" in pattern[-2]:
        signs.add("number_before_last")
    _read_evidence(longest.words, segments, signs)


def _read_evidence(most_words: int, segments: list[_Segment], signs: set[str]) -> None:
    """How many of an article's three marks an address has: one that lacks the words of a title may have the others."""
    dated = not signs.isdisjoint(("date", "day", "month", "day_at_end"))
    numbered = not signs.isdisjoint(("number_long", "query_article"))
    numbered = numbered or any(segment.long_number for segment in segments[-3:-1])
    marks = dated + numbered + (most_words >= 4)
    signs.update(f"evidence_{least}" for least in (1, 2, 3) if marks >= least)
    if marks and not signs.isdisjoint(("begins_article", "passes_article")):
        signs.add("named_article_with_evidence")


def _bucket(value: float, borders: tuple[int, ...]) -> str:
    """The name of the range a value is in: the greatest border it reaches, "0" below all."""
    return str(max((border for border in borders if value >= border), default=0))


def _joined(pattern: list[str]) -> Iterable[str]:
    """A pattern with words that are folders as one `{section}`, however many: sections have sections."""
    before = ""
    for at, part in enumerate(pattern):
        folder = part == "{word}" and at < len(pattern) - 1
        here = "{section}" if folder else part
        if not (folder and before == here):
            yield here
        before = here


def _read_query(query: str, signs: set[str], shape: str, purpose: str | None) -> tuple[str | None, str]:
    if not query:
        return purpose, shape
    words = _words()
    keys: list[str] = []
    for pair in query.split("&")[:20]:
        name, _, value = pair.partition("=")
        name = name.lower()
        if name in words["query.article"] and any(character.isdigit() for character in value):
            signs.add("query_article")
            keys.append(f"{name}={{id}}")
        elif name in words["query.list"]:
            signs.add("query_list")
            keys.append(name)
            purpose = purpose or ("search" if name in ("q", "s", "search", "query") else "list")
        else:
            signs.add("query_other")
    return purpose, f"{shape}?{'&'.join(sorted(keys))}" if keys else shape
