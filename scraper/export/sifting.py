"""Which captures of a file are wanted: by host, day and language, as cheaply as each can be told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scraper.capture import Capture
from scraper.errors import UsageError
from scraper.export.found import Found, Left, Reason
from scraper.fetch.headers import values
from scraper.settings import VERSION
from scraper.store import Day
from scraper.store.filters import Filters
from scraper.urls import host_of, site_of

_MOST_HOSTS = 100_000
"""Names whose answer is remembered."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PATTERN = re.compile(r"[^\s/:?#@\[\]]+")

# Where a page says its language, as `scraper.extract.metadata` finds it in the tree; here in the raw bytes. A statement
# that is not understood here leaves the question to that.
_HTML_TAG = re.compile(rb"<html\b[^>]{0,4000}", re.IGNORECASE)
_LANG = re.compile(rb"\blang\s*=\s*[\"']?\s*([\w-]*)", re.IGNORECASE)
_META_TAG = re.compile(rb"<meta\b[^>]{0,4000}", re.IGNORECASE)
_META_NAME = re.compile(rb"[\"'\s=](?:og:locale|content-language|(?:dc|dcterms)\.language|inlanguage)\b", re.IGNORECASE)
_CONTENT = re.compile(rb"\bcontent\s*=\s*[\"']?\s*([\w-]*)", re.IGNORECASE)
_IN_JSON = re.compile(rb"inLanguage\\?[\"']\s*:\s*(?:\\?[\"']([\w-]*))?")
_IN_LANGUAGE = re.compile(rb"inLanguage", re.IGNORECASE)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What of a file is wanted."""

    site: str | None = None
    hosts: tuple[str, ...] = ()
    """Names; each takes its sub-domains too, and `*` in it stands for anything. Any host when empty."""
    languages: tuple[str, ...] = ()
    """BCP 47; `en` is also en-GB. A page that states no language is wanted whatever these are."""
    since: Day | None = None
    """Of captures, unlike elsewhere: when a page was published is not known before it is read."""
    until: Day | None = None
    url: str | None = None
    """Of a saved page that does not say where it is from."""
    note: str = ""
    """For the addresses of a list."""
    max_body: int = 32 << 20

    def as_text(self) -> str:
        """What decides which records of a WARC become captures, and which program reads them."""
        days = [None if day is None else str(day) for day in (self.since, self.until)]
        asked = {"site": self.site, "hosts": sorted(self.hosts), "languages": sorted(self.languages), "days": days}
        return json.dumps({**asked, "max_body": self.max_body, "version": VERSION}, ensure_ascii=False)


class Sift:
    """Answers for one set of wishes. Raises QueryError, and UsageError, for what is no day, host or language."""

    def __init__(self, wishes: Wishes) -> None:
        Filters.of(site=wishes.site, since=wishes.since, until=wishes.until)
        for language in wishes.languages:
            if not _LANGUAGE.fullmatch(language):
                raise UsageError(f"{language!r} is no language", next_step="write its BCP 47 code: uk, en or en-GB")
        self._site = None if wishes.site is None else wishes.site.strip().lower().removeprefix("www.")
        self._hosts = _expression(wishes.hosts)
        self._known: dict[str, bool] = {}
        self._languages = tuple(f"{language.lower()}-" for language in wishes.languages)
        days = (wishes.since, wishes.until)
        self._since, self._until = (None if day is None else str(day).strip()[:10] for day in days)

    def why_not(self, url: str, moment: datetime | None) -> Reason | None:
        """Why the capture of an address at a time is not wanted; None when it may be."""
        if not self.takes_address(url):
            return "other_host"
        return None if moment is None or self._takes_day(moment.date().isoformat()) else "other_date"

    def sifted(self, found: Found) -> Found | Left:
        """What is left of a capture when host, day and language are looked at."""
        reason = self.why_not(found.capture.final_url, found.capture.fetched_at)
        if reason is not None:
            return Left("it was not asked for", found.record, reason)
        speaks = self._speaks(found.capture)
        if speaks is False:
            return Left("it was not asked for", found.record, "other_language")
        return found if speaks else replace(found, unsure=True)

    def takes_address(self, url: str) -> bool:
        if self._site is not None and site_of(url) != self._site:
            return False
        if self._hosts is None:
            return True
        host = host_of(url)
        known = self._known.get(host)
        if known is None:
            known = self._hosts.fullmatch(host) is not None
            if len(self._known) < _MOST_HOSTS:
                self._known[host] = known
        return known

    def takes_language(self, tag: str | None) -> bool:
        """Whether an article in this language is wanted; one whose language nobody knows is."""
        return not self._languages or not tag or f"{tag.lower().replace('_', '-')}-".startswith(self._languages)

    def _speaks(self, capture: Capture) -> bool | None:
        """Whether a page is in a language that is wanted, as it says itself; None when only reading it can tell."""
        if not self._languages:
            return True
        if capture.body is None:
            # A failure or "unchanged" has no language; whatever else has its body elsewhere is looked at there.
            return True if capture.failure is not None or capture.status == 304 else None
        tags = stated_languages(capture.body)
        header = [tag.strip() for value in values(capture.headers, "content-language") for tag in value.split(",")]
        if not tags and len(header) == 1 and _TAG.fullmatch(header[0].lower()):
            return self.takes_language(header[0])
        answers = {None if tag is None else self.takes_language(tag) for tag in tags}
        return answers.pop() if len(answers) == 1 else None

    def _takes_day(self, day: str) -> bool:
        return (self._since is None or day >= self._since) and (
            self._until is None or day[: len(self._until)] <= self._until
        )


def stated_languages(body: bytes) -> list[str | None]:
    """Every language that a page states in its markup; None for a statement that is not understood."""
    found = [match[1] for tag in _HTML_TAG.finditer(body) for match in _LANG.finditer(tag[0])]
    in_markup = 0
    for meta in _META_TAG.finditer(body):
        name = _META_NAME.search(meta[0])
        if name is not None:
            content = _CONTENT.search(meta[0])
            found.append(content[1] if content else b"?")
            in_markup += b"inlanguage" in name[0].lower()
    in_json = [match[1] or b"?" for match in _IN_JSON.finditer(body)]
    elsewhere = len(_IN_LANGUAGE.findall(body)) > in_markup + len(in_json)
    found += [*in_json, *([b"?"] if elsewhere else [])]
    texts = [value.decode("ascii", "replace").lower() for value in found if value]
    return [text if _TAG.fullmatch(text) else None for text in texts]


def _expression(hosts: Iterable[str]) -> re.Pattern[str] | None:
    """What matches the hosts that are meant, and their sub-domains."""
    patterns = []
    for host in hosts:
        name = host.strip().lower().rstrip(".").removeprefix(".")
        if not _PATTERN.fullmatch(name):
            raise UsageError(
                f"{host!r} is no host", next_step="write a name such as news.example, or a pattern such as *.ua"
            )
        labels = [label if label.isascii() else host_of(f"http://{label}/") or label for label in name.split(".")]
        patterns.append(re.escape(".".join(labels)).replace(r"\*", ".*"))
    return re.compile(rf"(?:.*\.)?(?:{'|'.join(patterns)})", re.DOTALL) if patterns else None
