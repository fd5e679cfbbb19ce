"""What lies between two texts of a page, by field, paragraph and word: in one column, or side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.article import Article
from scraper.diff import Differences, Paragraph
from scraper.diff.differences import differences, with_context
from scraper.errors import NotInArchive, UsageError
from scraper.store import Archive
from scraper.store.browsing import TextSeen
from scraper.web.rendering import page
from scraper.web.visits import Answer, Route, Visit

View = Literal["inline", "side"]
_CONTEXT = 1
"""Unchanged paragraphs that are shown around a changed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesShown:
    page_id: int
    found: Differences
    parts: tuple[Paragraph | int, ...]
    """The text, with a number for so many paragraphs that are left out."""
    texts: tuple[TextSeen, ...]
    view: View
    whole: bool
    """Whether what did not change is shown, too."""


def read_differences(archive: Archive, visit: Visit) -> DifferencesShown:
    """Between the last two texts where the visit names none. Raises NotInArchive and UsageError."""
    page_id = int(visit.parts["id"])
    browsing = archive.browsing()
    texts = browsing.texts(page_id)
    if not texts:
        archive.article(page_id)  # which says why there is none
    before, after = _named(visit, [text.number for text in texts if not text.superseded], page_id)
    found = differences(_read(archive, page_id, before), _read(archive, page_id, after))
    whole = visit.asked("whole") == "1"
    return DifferencesShown(
        page_id=page_id,
        found=found,
        parts=tuple(with_context(found.paragraphs, None if whole else _CONTEXT)),
        texts=tuple(texts),
        view=_view(visit),
        whole=whole,
    )


def _named(visit: Visit, numbers: list[int], page_id: int) -> tuple[int, int]:
    """The two revisions that are compared: `to` alone with the one before it, `from` alone with the newest."""
    before, after = visit.number("from"), visit.number("to")
    if after is None:
        after = numbers[-1]
    if before is None:
        at = numbers.index(after) if after in numbers else 0
        if at == 0:
            raise NotInArchive(
                f"There is nothing before revision {after} of article {page_id}",
                why="it is the first text seen of this page",
            )
        before = numbers[at - 1]
    return before, after


def _read(archive: Archive, page_id: int, revision: int) -> Article:
    return archive.browsing().article(page_id, revision)


def _view(visit: Visit) -> View:
    asked = visit.asked("view") or "inline"
    if asked not in ("inline", "side"):
        raise UsageError(f"There is no view {asked[:40]}", next_step="view=inline and view=side are the two there are")
    return "side" if asked == "side" else "inline"


def _show(archive: Archive, visit: Visit) -> Answer:
    return page("diff.html", visit, shown=read_differences(archive, visit))


ROUTES = (Route(r"/article/(?P<id>\d{1,15})/diff", _show),)
