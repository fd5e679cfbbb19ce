"""Templates filled in. Whatever they are given is escaped; text of the web besides loses its control characters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scraper.article import CaptureRef
from scraper.errors import (
    ArchiveBusy,
    ArchiveError,
    ExtractionFailed,
    NotInArchive,
    ScrapeError,
    TookTooLong,
    UsageError,
)
from scraper.settings import VERSION
from scraper.web.messages import LANGUAGES
from scraper.web.replay.addresses import Addresses
from scraper.web.visits import LANGUAGE, Answer, Visit

STATIC = "/-/web/"
"""What the addresses of our own files begin with; the version that follows makes them new when they change."""

STATIC_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

# What no page is to show: C0 and C1 controls, and the marks that reorder the text around them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_STATED = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::[\d.]+)? ?(Z|[+-]\d\d:?\d\d)?")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

NAVIGATION = (
    ("home", "/"),
    ("search", "/search"),
    ("outlets", "/outlets"),
    ("jobs", "/jobs"),
    ("dictionary", "/dictionary"),
    ("sql", "/archive"),
)
"""The links at the top of every page: a message `navigation.…` and an address."""


def page(template: str, visit: Visit, *, status: int = 200, **values: Any) -> Answer:
    """The page that a template makes of `values`, as the visitor's language has it."""
    words = visit.messages
    text = (
        _environment()
        .get_template(template)
        .render(
            visit=visit,
            t=words.say,
            has_message=words.has,
            number=words.number,
            to=visit.link,
            language=words.language,
            languages=[(one, visit.here(**{LANGUAGE: one.code})) for one in LANGUAGES.values()],
            navigation=NAVIGATION,
            static=static_files().address,
            version=VERSION,
            **values,
        )
    )
    return Answer(body=text.encode("utf-8", "replace"), status=status, headers={"Vary": "Accept-Language"})


def error_page(visit: Visit, error: ScrapeError) -> Answer:
    """What happened, why, and what to do next."""
    return page("error.html", visit, status=status_of(error), error=told(visit, error), kind=_kind_of(error))


def told(visit: Visit, error: ScrapeError) -> ScrapeError:
    """The error without the folder that the archive is in: that is nobody's business who reads it."""
    path = str(visit.archive_path)
    what, why, next_step = (text.replace(path, visit.archive_name) for text in (error.what, error.why, error.next_step))
    return ScrapeError(what, why=why, next_step=next_step)


def status_of(error: ScrapeError) -> int:
    if isinstance(error, NotInArchive):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, ArchiveBusy | TookTooLong) else 500


def _kind_of(error: ScrapeError) -> str:
    if isinstance(error, ExtractionFailed):
        return "unreadable"
    kinds = {404: "not_found", 400: "bad_request", 503: "too_long"}
    return kinds.get(status_of(error), "archive" if isinstance(error, ArchiveError) else "fault")


# --- Our own files ---------------------------------------------------------------------------------------------------


class StaticFiles:
    """The files of `static/`, kept in memory; each has an address that changes with it."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self.version = hashlib.sha256(b"".join(contents[name] for name in sorted(contents))).hexdigest()[:12]

    def address(self, name: str) -> str:
        if name not in self._contents:
            raise KeyError(name)
        return f"{STATIC}{self.version}/{name}"

    def read(self, name: str) -> tuple[bytes, str] | None:
        """A file and its type; None when there is none of this name."""
        content = self._contents.get(name)
        return None if content is None else (content, STATIC_TYPES[name[name.rindex(".") :]])


@cache
def static_files() -> StaticFiles:
    folder = files("scraper.web").joinpath("static")
    return StaticFiles(
        {
            file.name: file.read_bytes()
            for file in folder.iterdir()
            if file.is_file() and file.name[file.name.rfind(".") :] in STATIC_TYPES
        }
    )


# --- Templates -------------------------------------------------------------------------------------------------------


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scraper.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters |= {
        "day": day,
        "moment": moment,
        "stated": stated,
        "split_end": split_end,
        "sentence": sentence,
        "web_url": web_url,
        "host": host,
        "as_it_was": as_it_was,
        "tag": language_tag,
        "marked": marked,
        "paragraphs": paragraphs,
    }
    return environment


def _harmless(value: Any) -> Any:
    """Every value that a template puts out passes here."""
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def harmless(text: str) -> str:
    """Without control characters, and marks that reorder what stands around them."""
    return _CONTROL.sub("", text)


def day(stated: str | None) -> str:
    """The day of a time, as it is written."""
    return (stated or "")[:10]


def moment(text: str | None) -> str:
    """A time of ours (UTC, ISO 8601) to the minute: `2024-07-23 10:15 UTC`; of other times what is there."""
    if text is None:
        return ""
    return f"{text[:10]} {text[11:16]} UTC" if text.endswith("Z") and len(text) > 15 else text


def stated(text: str | None) -> str:
    """A time as a page states it, as people write it: `2024-07-23 10:15 +03:00`."""
    found = _STATED.fullmatch(text or "")
    return " ".join(filter(None, found.groups())) if found else text or ""


def sentence(text: str) -> str:
    """A part of an error as a sentence: with a capital at its beginning, and a stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", ")", "`")) else ".")


def split_end(text: str) -> tuple[str, str]:
    """A text, and the spaces that it ends with: they are no part of what is marked."""
    bare = text.rstrip()
    return bare, text[len(bare) :]


def web_url(url: str | None) -> str:
    """`url` if it leads to the web, else nothing: no page of ours links to anything else."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return url or "" if parts.scheme in ("http", "https") and parts.netloc else ""


def as_it_was(capture: CaptureRef | None, url: str | None, language: str = "") -> str:
    """Where the page is shown as it was captured; nothing where no body came, or its address is none of the web.

    `language` is the code of the one that was chosen, if any was.
    """
    if capture is None or capture.sha256 is None or not web_url(url):
        return ""
    return Addresses("", language).capture(capture.fetched_at, url or "")


def host(url: str | None) -> str:
    """The name of the host in an address; nothing where there is none."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def language_tag(language: str | None) -> str:
    """`language` if it can stand in an attribute lang, else `und`: pages state what they like."""
    return language if language and _TAG.fullmatch(language) else "und"


# Characters for private use, which no page of the web means anything by.
MARKS = ("\ue001", "\ue002")
"""What stands before and after the words that were searched for, until a template makes elements of them."""


def marked(text: str | None) -> list[tuple[str, bool]]:
    """Text with MARKS as pieces, each with whether it was marked."""
    pieces = []
    inside = False
    for piece in re.split(f"([{MARKS[0]}{MARKS[1]}])", text or ""):
        if piece in MARKS:
            inside = piece == MARKS[0]
        elif piece:
            pieces.append((piece, inside))
    return pieces


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a plain text."""
    return [part.strip() for part in (text or "").split("\n\n") if part.strip()]
