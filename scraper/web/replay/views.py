"""The pages around captured ones: the frame, the list of captures, and what is said when there is nothing to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scraper.store.captures import StoredCapture
from scraper.urls import host_of
from scraper.web.messages import Messages
from scraper.web.replay.addresses import Addresses, stamp_of
from scraper.web.replay.files import shown_time
from scraper.web.replay.serving import Shown
from scraper.web.replay.wording import Say

# What no page is to show: controls, and the marks that reorder the text around them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Step:
    """A link to the capture before or after."""

    href: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameView:
    """What the frame says of a capture."""

    id: int
    url: str
    final_url: str
    captured: str
    captured_iso: str
    answer: str
    sha256: str | None
    size: int | None
    has_body: bool
    said: tuple[str, ...]
    missing: tuple[str, ...]
    previous: Step | None
    next: Step | None
    all: str
    article: str | None
    capture: str
    frame: str
    file: str
    bytes: str
    alone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A capture in the list."""

    href: str
    when: str
    when_iso: str
    answer: str
    content: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Captures of an address, the last one first."""

    url: str
    rows: tuple[Row, ...]
    is_cut: bool
    timemap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why there is nothing to show, and what can be done."""

    said: tuple[str, ...]
    url: str = ""
    command: str = ""
    save: str = ""
    all: str = ""


def frame(words: Messages, addresses: Addresses, url: str, shown: Shown) -> bytes:
    view = _frame_view(words.say, addresses, url, shown)
    title = words.say("replay.title", host=host_of(url), when=view.captured)
    return _page("frame.html", words, addresses, kind="framed", title=title, view=view)


def problem(words: Messages, addresses: Addresses, what: Problem, *, style: str = "") -> bytes:
    """`style` is our style sheet, where the page cannot load it."""
    title = words.say("replay.problem_title")
    return _page("problem.html", words, addresses, kind="ours", title=title, problem=what, style=style)


def captures(words: Messages, addresses: Addresses, url: str, mementos: list[StoredCapture]) -> bytes:
    """`mementos` are oldest first; the last `MOST_ROWS` are listed."""
    rows = []
    before: str | None = None
    for memento in mementos[-MOST_ROWS:]:
        rows.append(_row(words, addresses, url, memento, before))
        before = memento.sha256 or before
    listing = Listing(
        url=url,
        rows=tuple(reversed(rows)),
        is_cut=len(mementos) > MOST_ROWS,
        timemap=addresses.timemap(url),
    )
    title = words.say("replay.list_title", url=url)
    return _page("captures.html", words, addresses, kind="ours", title=title, listing=listing)


def status_line(status: int | None) -> str:
    """`404 Not Found`; the number alone for one that has no name, nothing without one."""
    if status is None:
        return ""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _frame_view(say: Say, addresses: Addresses, url: str, shown: Shown) -> FrameView:
    this, around = shown.around.this, shown.around
    moment = this.fetched_at
    said = []
    if this.is_answer and (this.status or 0) >= 400:
        said.append(say("replay.not_ok", status=status_line(this.status)))
    if shown.content.id != this.id:
        said.append(say("replay.unchanged", when=shown_time(shown.content.fetched_at)))
    if shown.drawn_at is not None:
        said.append(say("replay.drawn", when=shown_time(shown.drawn_at)))
    missing: tuple[str, ...] = ()
    if not this.is_answer:
        missing = (say("replay.failed"), this.error_message or this.error or "")
    elif shown.content.sha256 is None:
        missing = (say("replay.no_body"),)
    return FrameView(
        id=this.id,
        url=url,
        final_url=this.final_url,
        captured=shown_time(moment),
        captured_iso=moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        answer=status_line(this.status),
        sha256=shown.content.sha256,
        size=shown.content.size,
        has_body=not missing,
        said=tuple(said),
        missing=missing,
        previous=_step(addresses, url, around.previous),
        next=_step(addresses, url, around.next),
        all=addresses.all(url),
        article=None if this.revision is None else addresses.article(this.page_id),
        capture=addresses.capture_page(this.id),
        frame=addresses.capture(moment, url, "mp_"),
        file=addresses.capture(moment, url, "sf_"),
        bytes=addresses.capture(moment, url, "id_"),
        alone=addresses.capture(moment, url, "pr_"),
    )


def _step(addresses: Addresses, url: str, memento: StoredCapture | None) -> Step | None:
    if memento is None:
        return None
    return Step(addresses.capture(memento.fetched_at, url), shown_time(memento.fetched_at))


def _row(words: Messages, addresses: Addresses, url: str, memento: StoredCapture, before: str | None) -> Row:
    if memento.is_check:
        content = words.say("replay.list_unchanged")
    elif memento.sha256 is None:
        content = ""
    else:
        content = words.say("replay.list_same" if memento.sha256 == before else "replay.list_new")
    answer = status_line(memento.status)
    if not memento.is_answer:
        answer = words.say("replay.list_failed", why=(memento.error_message or memento.error or "")[:200])
    stamp = stamp_of(memento.fetched_at)
    return Row(
        href=addresses.capture(memento.fetched_at, url),
        when=shown_time(memento.fetched_at).removesuffix(" UTC"),
        when_iso=f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}Z",
        answer=answer,
        content=content,
        size="" if memento.size is None else words.number(memento.size),
    )


def _page(template: str, words: Messages, addresses: Addresses, **values: Any) -> bytes:
    shown = {"style": "", **values, "t": words.say, "language": words.language.code, "addresses": addresses}
    return _environment().get_template(template).render(shown).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("scraper.web.replay", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _CONTROL.sub("", value) if type(value) is str else value,
    )
