"""What today's extractor makes of a captured page, and why: read in a process that can be killed, kept for a while.

The reasons are the extractor's own, those of `scrape explain`. Blocks are found again in the page as it is shown by
their nodes in its tree, which is parsed from the same bytes by the same rules.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.article import PageType, Verdict
from scraper.crawl.workers import PageToRead, explained, read_with_reasons
from scraper.errors import NotInArchive, ScrapeError
from scraper.rewriting.marks import Marks
from scraper.rewriting.pages import Rewritten
from scraper.store import Archive
from scraper.store.captures import StoredCapture
from scraper.web.replay.serving import SECONDS, Ask, Call, Replay, Worker

MOST_BLOCKS = 2_000
"""Blocks that are listed and marked; of 1,600 real pages, few had as many."""
_LONGEST = 600
"""Characters of a value that are shown."""
_MOST_VALUES = 60
_MOST_NOTES = 20
_KEPT = 32
"""Explanations that are kept: of a large page it is some hundred kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source offered for a field."""

    outcome: str
    """`won` or `lost`."""
    source: str
    selector: str | None
    score: float | None
    values: tuple[str, ...]
    reason: str
    blocks: tuple[int, ...]
    """The blocks that it stands in, of those that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    chosen: Found | None
    absent: str
    """Why there is no value; empty when there is one."""
    others: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedBlock:
    index: int
    """Its place on the page, from 0."""
    kept: bool
    probability: float | None
    text: str
    """Its first words."""
    reason: str
    fields: tuple[str, ...]
    """The fields whose values stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Plain values, cheap to pickle."""

    verdict: Verdict
    page_type: PageType
    reason: str | None
    """Why the verdict is not `ok`."""
    headline: str | None
    language: str | None
    extractor: str
    encoding: str
    site_file: str | None
    missed: tuple[str, ...]
    """Fields that the site file has rules for which found nothing."""
    notes: tuple[str, ...]
    next_page: str | None
    has_text: bool
    """Whether the article has a text: what was kept is none where the verdict says so."""
    fields: tuple[Field, ...]
    """The text (`body`) is the first."""
    blocks: tuple[ExplainedBlock, ...]
    more_kept: int
    more_dropped: int
    """Blocks beyond those that are listed."""


def explain(page: PageToRead, selectors: Path | None) -> Explanation:
    """Runs in a worker process. Raises nothing for bad pages."""
    # What the server itself does not need: models, and what reads them.
    from scraper.extract.explanation import explanation_rows
    from scraper.extract.page import Page

    extraction = read_with_reasons(page, selectors)
    again = Page.read(page.html, url=page.url, content_type=page.content_type, captured_at=page.captured_at)
    rows = explanation_rows(extraction, again.outline.blocks if again.is_html else ())
    blocks = [row for row in rows if "block" in row]
    fields = _fields([row for row in rows if "block" not in row], shown=len(blocks[:MOST_BLOCKS]))
    article = extraction.article
    return Explanation(
        verdict=article.verdict,
        page_type=article.page_type,
        reason=article.verdict_reason,
        headline=article.headline,
        language=article.language,
        extractor=article.extractor,
        encoding=extraction.encoding,
        site_file=None if extraction.site_file is None else extraction.site_file.name,
        missed=extraction.missed,
        notes=extraction.notes[:_MOST_NOTES],
        next_page=extraction.next_page,
        has_text=article.body is not None,
        fields=fields,
        blocks=tuple(_block(row, fields) for row in blocks[:MOST_BLOCKS]),
        more_kept=sum(row["outcome"] == "kept" for row in blocks[MOST_BLOCKS:]),
        more_dropped=sum(row["outcome"] == "dropped" for row in blocks[MOST_BLOCKS:]),
    )


def _fields(rows: Sequence[dict[str, Any]], *, shown: int) -> tuple[Field, ...]:
    names = sorted(dict.fromkeys(row["field"] for row in rows if row["field"] != "next_page"), key="body".__ne__)
    fields = []
    for name in names:
        own = [row for row in rows if row["field"] == name]
        found = [_found(row, shown) for row in own if row["outcome"] != "absent"]
        chosen = next((one for one in found if one.outcome == "won"), None)
        absent = next((row["reason"] or "" for row in own if row["outcome"] == "absent"), "")
        others = tuple(one for one in found if one is not chosen)
        fields.append(Field(name=name, chosen=chosen, absent=absent, others=others))
    return tuple(fields)


def _found(row: dict[str, Any], shown: int) -> Found:
    value = row.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    return Found(
        outcome=row["outcome"],
        source=row["source"],
        selector=_cut(row.get("selector") or "") or None,
        score=row.get("score"),
        values=tuple(_cut(str(one)) for one in values[:_MOST_VALUES]),
        reason=_cut(row.get("reason") or ""),
        blocks=tuple(block for block in row.get("blocks", ())[:_MOST_VALUES] if block < shown),
    )


def _block(row: dict[str, Any], fields: Sequence[Field]) -> ExplainedBlock:
    index = row["block"]
    named = tuple(field.name for field in fields if field.chosen is not None and index in field.chosen.blocks)
    return ExplainedBlock(
        index=index,
        kept=row["outcome"] == "kept",
        probability=row.get("score"),
        text=_cut(row["value"]),
        reason=_cut(row["reason"]),
        fields=named,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A capture explained, with the page as it is shown."""

    explanation: Explanation
    document: Rewritten | None
    """The page with its blocks marked; None for what is no page, and where `problem` says why there is none."""
    problem: ScrapeError | None
    mark: str
    """The name of the elements that mark texts, and what the ids of blocks begin with."""

    def id_of(self, block: int) -> str:
        """The id of a block's label in the page."""
        return f"{self.mark}-{block + 1}"


class Explainer:
    """Captured pages explained, for whoever asks."""

    def __init__(self, ask: Ask, replay: Replay, *, selectors: Path | None = None, call: Call | None = None) -> None:
        """`call` runs what reads pages; by default in a process of this object's own, which `close` ends.

        `selectors` is the folder of site files (None: the packaged ones); a worker reads it once.
        """
        self._ask = ask
        self._replay = replay
        self._selectors = selectors
        self._own: Worker | None = None
        if call is None:
            call = self._own = Worker()
        self._call = call
        # No page can know it, so that none can show marks of its own.
        self._mark = f"archive-{secrets.token_hex(4)}"
        self._kept: OrderedDict[int, Explanation] = OrderedDict()
        self._at_work: dict[int, asyncio.Task[Explanation]] = {}

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    async def explained(self, capture: StoredCapture) -> Explained:
        """The page of a capture that has a body. Raises NotInArchive, BlobCorrupt, ExtractionFailed."""
        explanation = await self._explanation(capture)
        classes = {block.index: "kept" if block.kept else "dropped" for block in explanation.blocks}
        document, problem = None, None
        try:
            document = await self._replay.document(capture, Marks(self._mark, classes))
        except ScrapeError as error:
            problem = error
        return Explained(explanation=explanation, document=document, problem=problem, mark=self._mark)

    async def held(self, explained: Explained) -> set[str]:
        """Those of the page's links that lead to something in the archive as it is now."""
        return set() if explained.document is None else await self._replay.held(explained.document)

    async def _explanation(self, capture: StoredCapture) -> Explanation:
        if capture.id in self._kept:
            self._kept.move_to_end(capture.id)
            return self._kept[capture.id]
        # Whoever asks for the same page meanwhile waits for the same work, which goes on if one of them goes away.
        task = self._at_work.get(capture.id)
        if task is None:
            task = asyncio.create_task(self._made(capture.id))
            self._at_work[capture.id] = task
            task.add_done_callback(lambda done: self._finished(capture.id, done))
        return await asyncio.shield(task)

    async def _made(self, capture_id: int) -> Explanation:
        page = await self._ask(lambda archive: page_of(archive, capture_id))
        try:
            return await self._call(explain, page, self._selectors)
        except Exception as error:
            raise explained(error, SECONDS) from error

    def _finished(self, capture_id: int, task: asyncio.Task[Explanation]) -> None:
        self._at_work.pop(capture_id, None)
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[capture_id] = task.result()
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def page_of(archive: Archive, capture_id: int) -> PageToRead:
    """What the extractor is given of a capture. Raises NotInArchive where there is nothing to read, BlobCorrupt."""
    capture = archive.capture(capture_id)
    if capture.body is None:
        raise NotInArchive(f"Capture {capture_id} has no body to explain")
    return PageToRead.of(capture, archive.rendering(capture_id))
