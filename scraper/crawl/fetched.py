"""What fetching hands over to reading."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import CaptureRef
from scraper.capture import Capture
from scraper.store import Validators


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that was fetched and kept, and is not yet read."""

    capture: Capture
    ref: CaptureRef
    known: Validators | None
    """What the server was told that is known of the page."""
    is_conditional: bool
