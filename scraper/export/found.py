"""What an importer finds in a file: captures, and what it had to leave."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from scraper.capture import Capture, Rendering
from scraper.errors import NotInArchive
from scraper.store import Archive

Reason = Literal[
    "other_host",
    "other_date",
    "other_language",
    "not_html",
    "not_web",
    "status",
    "too_large",
    "segment",
    "redirect",
    "without_body",
]
"""Why a record is left out: an address, day or language that was not asked for; no page; no address of the web; a
status that is no answer's end, or of a part of a page; larger than the limit; one segment of several; a redirect that
leads to no page of the file; a body that is nowhere to be found."""


@dataclass(frozen=True, slots=True)
class BodyElsewhere:
    """A body that a file only points at: it was stored with an earlier capture, of this file or of another."""

    hashes: tuple[str, ...] = ()
    """What its SHA-256 may be, in hexadecimal."""
    url: str | None = None
    """The address that gave it, and when."""
    date: datetime | None = None

    def fetch(self, archive: Archive) -> bytes | None:
        """The body, if the archive has it. Raises BlobCorrupt."""
        shown = archive.body_shown_at(self.url, self.date) if self.url and self.date else None
        for sha256 in (*self.hashes, *([shown] if shown else [])):
            try:
                return archive.body(sha256)
            except NotInArchive:
                continue
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """A capture, and where in the file it stands."""

    capture: Capture
    record: str
    """The WARC-Record-ID, or the name of the file."""
    body: BodyElsewhere | None = None
    """Set when the capture has yet to be given its body."""
    rendering: Rendering | None = None
    remarks: tuple[str, ...] = field(default=())
    """What a user should know."""
    truncated: str | None = None
    """Why whoever recorded it cut it short; None when it is whole."""
    unsure: bool = False
    """Whether its language was asked for, and only reading it can tell."""

    @property
    def size(self) -> int:
        return len(self.capture.body or b"")

    def whole(self, archive: Archive) -> Capture | None:
        """The capture with its body; None if that is nowhere to be found. Raises BlobCorrupt."""
        if self.body is None:
            return self.capture
        body = self.body.fetch(archive)
        return None if body is None else replace(self.capture, body=body)


@dataclass(frozen=True, slots=True)
class Left:
    """A record that is none of a page, or cannot be made a capture, or was not asked for."""

    why: str
    record: str = ""
    reason: Reason = "not_html"
    worth_a_word: bool = False
    """Whether a user would miss it."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place in the file that could not be read."""

    why: str
    record: str = ""
    """What it was, where that much could be read."""


AssetName = tuple[str, datetime]
"""What tells an answer from others: the address that was asked, and when."""


@dataclass(frozen=True, slots=True)
class AssetPage:
    """The capture of a page that shows something."""

    url: str
    final_url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class FoundAsset:
    """A picture, style or font that a page shows, as one of our own files holds it; behind the page."""

    capture: Capture
    record: str
    page: AssetPage
    body: BodyElsewhere | None = None
    """Set when it has yet to be given its body."""
    validated: datetime | None = None
    """When that was fetched which it says is unchanged."""

    @property
    def size(self) -> int:
        return len(self.capture.body or b"")


@dataclass(frozen=True, slots=True)
class FoundAssets:
    """What a page shows, all of which stands before."""

    page: AssetPage
    names: tuple[AssetName, ...]
    record: str


Item = Found | FoundAsset | FoundAssets | Left | Damage
