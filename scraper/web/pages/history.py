"""What became of a page: its captures, the newest first, and what each text changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scraper.store import Archive, StoredPage
from scraper.store.browsing import CaptureSeen, TextEdit, TextSeen
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

_CAPTURES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A capture, or several in a row that show the same again."""

    first: CaptureSeen
    """The earliest of them."""
    last: CaptureSeen
    captures: int
    outcome: str
    """A message `history.outcome.…`."""
    text: TextSeen | None
    """The text that it shows, where that was not shown by the capture before."""
    edit: TextEdit | None
    """What that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    page: StoredPage
    headline: str | None
    language: str | None
    seen: tuple[Seen, ...]
    """The newest first."""
    texts: tuple[TextSeen, ...]
    """Those that stand, in the order of time."""
    more: bool
    """Whether there are earlier captures."""


def read_history(archive: Archive, visit: Visit) -> History:
    """Raises NotInArchive."""
    page_id = int(visit.parts["id"])
    about = archive.page(page_id)
    browsing = archive.browsing()
    captures = browsing.captures(page_id, limit=_CAPTURES + 1)
    more = len(captures) > _CAPTURES
    texts = browsing.texts(page_id)
    edits = {edit.to_revision: edit for edit in browsing.edits(page_id)}
    rows = _rows(captures[:_CAPTURES][::-1], {text.number: text for text in texts}, edits, whole=not more)
    return History(
        page=about,
        headline=texts[-1].headline if texts else None,
        language=texts[-1].language if texts else None,
        seen=tuple(_collapsed(rows))[::-1],
        texts=tuple(text for text in texts if not text.superseded),
        more=more,
    )


def _rows(
    captures: Iterable[CaptureSeen], texts: dict[int, TextSeen], edits: dict[int, TextEdit], *, whole: bool
) -> Iterator[Seen]:
    """A row a capture, in the order of time; `whole` when the first one is the page's first."""
    shown: int | None = None
    for capture in captures:
        new = capture.revision is not None and capture.revision != shown
        text = texts.get(capture.revision) if new and capture.revision is not None else None
        edit = edits.get(capture.revision) if new and capture.revision is not None else None
        first = shown is None and whole
        outcome = _outcome(capture, new=new, first=first)
        yield Seen(first=capture, last=capture, captures=1, outcome=outcome, text=text, edit=edit)
        shown = capture.revision if capture.revision is not None else shown


def _outcome(capture: CaptureSeen, *, new: bool, first: bool) -> str:
    if capture.error is not None:
        return "failed"
    if capture.revision is None:
        return "refused" if (capture.status or 0) >= 400 else "no_article" if capture.verdict else "unread"
    return ("first" if first else "changed") if new else "unchanged"


def _collapsed(rows: Iterable[Seen]) -> Iterator[Seen]:
    """Captures in a row that show the same again as one."""
    waiting: Seen | None = None
    for row in rows:
        same = waiting is not None and waiting.last.revision == row.last.revision
        if waiting is not None and same and row.outcome == waiting.outcome == "unchanged":
            waiting = replace(waiting, last=row.last, captures=waiting.captures + 1)
            continue
        if waiting is not None:
            yield waiting
        waiting = row
    if waiting is not None:
        yield waiting


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("history.html", visit, history=read_history(archive, visit))


ROUTES = (Route(r"/article/(?P<id>\d{1,15})/history", _show),)
