"""A captured page as one file, with all that is held of it and where it came from: to be saved, cited, printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from scraper.rewriting.elements import Slot
from scraper.rewriting.tree import written_attributes
from scraper.web.replay.addresses import Addresses
from scraper.web.replay.headers import IN_FILE
from scraper.web.replay.wording import Say

# Marks what leads to no capture, as far as the page's own styles let it.
HEAD = (
    '<meta name="referrer" content="no-referrer">'
    "<style>a[data-archive=none]{cursor:help!important;text-decoration-style:dotted!important}</style>"
)
"""What stands first in the head of a page whose links were written by `link_within`."""
_LINE = "display:block!important;margin:0!important"
_BOX = (
    "all:initial!important;display:block!important;position:relative!important;z-index:2147483647!important;"
    "padding:8px 12px!important;border-bottom:3px solid #1f5a7a!important;background:#fcfbf9!important;"
    "color:#1d1d1b!important;font:14px/1.4 system-ui,sans-serif!important;overflow-wrap:anywhere!important"
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the file says of itself."""

    url: str
    captured_at: datetime
    sha256: str | None

    @property
    def captured(self) -> str:
        return shown_time(self.captured_at)


def shown_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def head_of_file(about: Provenance, *, policy: bool = True) -> str:
    """What stands first in the file's head. A page that is sent with the policy need not state it."""
    facts = {
        "archive-url": about.url,
        "archive-captured-at": about.captured_at.astimezone(UTC).isoformat(timespec="seconds"),
        "archive-sha256": about.sha256 or "",
    }
    stated = "".join(f"<meta{written_attributes({'name': name, 'content': value})}>" for name, value in facts.items())
    refusal = f'<meta http-equiv="Content-Security-Policy" content="{escape(IN_FILE)}">' if policy else ""
    return f'{refusal}<meta name="referrer" content="no-referrer">{stated}{_comment(about)}'


def top_of_file(about: Provenance, say: Say, *, leads_out: bool) -> str:
    """What stands above the page. Styles of the page could hide it; the head says the same."""
    said = [say("replay.file_copy", url=about.url, when=about.captured)]
    if about.sha256 is not None:
        said.append(say("replay.file_hash", sha256=about.sha256))
    if leads_out:
        said.append(say("replay.file_links"))
    lines = "".join(f'<span style="{_LINE}">{escape(line)}</span>' for line in said)
    return f'<div role="note" style="{_BOX}">{lines}</div>'


def notes_on(notes: tuple[str, ...], say: Say) -> str:
    """What was lost of the page, above it; nothing where nothing was."""
    if not notes:
        return ""
    said = escape(say("replay.lost", notes="; ".join(notes)))
    return f'<div role="note" style="{_BOX}"><span style="{_LINE}">{said}</span></div>'


def link_within(addresses: Addresses, moment: datetime, held: Collection[str], say: Say) -> Callable[[Slot], str]:
    """What writes the links of a page that is shown as it was at `moment`: to captures, in place of the whole window.

    `held` are the addresses that there are captures of; others lead to where that is said.
    """

    def link(slot: Slot) -> str:
        href = addresses.capture(moment, slot.url) + slot.fragment
        if slot.url in held:
            return slot.attributes(href, target="_top")
        title = say("replay.not_held", url=slot.url)
        return slot.attributes(href, title=title, target="_top", data_archive="none")

    return link


def link_out(slot: Slot) -> str:
    """A link of the file: to where it led, which is told before it is followed."""
    return slot.attributes(slot.address, title=slot.address, rel="noopener noreferrer nofollow")


def _comment(about: Provenance) -> str:
    # Nothing in an address may end the comment.
    url = re.sub(r"[<>]", "", about.url).replace("--", "-%2D")
    return f"<!-- copy of {url} captured {about.captured} sha256 {about.sha256 or 'unknown'} -->"
