"""The card of one article on a terminal: what was found, where from, and where it is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.cli import terminal
from scraper.cli.messages import harmless

if TYPE_CHECKING:
    from rich.text import Text

    from scraper.article import Article
    from scraper.store import StoredPage

_STATES = {
    "new": "new",
    "unchanged": "unchanged",
    "changed": "changed: its headline, byline, date or text differs from the revision before",
    "labelled": "none: not an article, kept as a capture only",
}
_FIELDS = ("headline", "authors", "published_at", "modified_at", "language", "section", "tags", "image", "body")
_WIDEST = 100
"""Columns: longer lines are hard to read."""
_LABEL = 10


def print_card(
    article: Article,
    *,
    state: str | None = None,
    archive: Path | None = None,
    next_command: str = "",
    whole: bool = False,
    page: StoredPage | None = None,
    assets: str | None = None,
) -> None:
    """Print one article; `state` is what became of its revision; `whole` prints the full text.

    `page` is what is known of its page besides, `assets` what came of its pictures and styles.
    """
    from rich.text import Text

    console = terminal.console()
    width = min(console.width, _WIDEST)
    console.print(Text("─" * width, style="dim"))
    console.print(Text(harmless(article.headline or "(no headline)"), style="bold"))
    byline = " · ".join(
        part for part in (", ".join(article.authors), article.published_at or "no date", article.site) if part
    )
    console.print(Text(harmless(byline), style="cyan"))
    if article.verdict != "ok":
        console.print(Text(harmless(f"{article.verdict}: {article.verdict_reason}"), style="bold yellow"))
    for note in () if page is None else page_notes(page):
        console.print(Text(harmless(note), style="bold yellow"))
    console.print()
    for line in _body_lines(article, width, whole):
        console.print(Text(harmless(line)))
    for name, value in _facts(article, state, archive, assets):
        console.print(_fact(name, value, width))
    if next_command:
        # On one line, however long: it is there to be copied.
        console.print(Text(f"{'next':<{_LABEL}}{next_command}", style="green"), soft_wrap=True)


def page_notes(page: StoredPage) -> Iterator[str]:
    """Lines that say that a page is gone, or shown elsewhere."""
    if page.gone_at is not None:
        yield f"gone since {page.gone_at[:10]}: {page.gone_reason}"
    if page.same_as is not None:
        yield f"shown at {page.same_as}, which it is the same as: {page.same_as_reason}"


def _body_lines(article: Article, width: int, whole: bool) -> Iterator[str]:
    if not article.body:
        return
    paragraphs = article.body.split("\n\n")
    shown = paragraphs if whole else paragraphs[:2]
    for paragraph in shown:
        lines = wrapped(paragraph, width)
        yield from lines if whole else lines[:4]
        if not whole and len(lines) > 4:
            yield "…"
        yield ""
    rest = len(paragraphs) - len(shown)
    if rest:
        yield f"… {rest} more paragraph{'s' if rest > 1 else ''}"
        yield ""


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` characters, broken between words; line feeds are kept."""
    return [
        line
        for part in text.splitlines() or [""]
        for line in textwrap.wrap(part, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _fact(name: str, value: str, width: int) -> Text:
    from rich.text import Text

    first, *more = wrapped(harmless(value), max(20, width - _LABEL))
    lines = [first, *(" " * _LABEL + line for line in more)]
    return Text.assemble((f"{name:<{_LABEL}}", "dim"), "\n".join(lines))


def _facts(article: Article, state: str | None, archive: Path | None, assets: str | None) -> Iterator[tuple[str, str]]:
    yield "url", article.url or "not given (--url tells it)"
    yield "language", article.language or "not stated"
    yield "words", f"{article.word_count}, {article.page_type}"
    sources = "; ".join(_sources(article))
    if sources:
        yield "sources", sources
    related = [link for link in article.links if link.kind == "related"]
    for number, link in enumerate(related[:3]):
        more = f"  (and {len(related) - 3} more)" if number == 2 and len(related) > 3 else ""
        yield "" if number else "related", f"{link.text or link.url}{more}"
    if article.capture is not None:
        capture = article.capture
        if article.revision is not None:
            yield "revision", f"{article.revision}, {_STATES[state]}" if state in _STATES else str(article.revision)
        elif state in _STATES:
            yield "revision", _STATES[state]
        when = capture.fetched_at.isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
        yield "capture", f"{capture.id}, {when}, {capture.size or 0:,} bytes"
        yield "sha256", f"{capture.sha256}"
        if capture.rendered_sha256 is not None:
            yield "drawn", f"by a browser, and read as drawn: sha256 {capture.rendered_sha256}"
    if assets is not None:
        yield "assets", assets
    if archive is not None:
        yield "archive", str(archive)


def _sources(article: Article) -> Iterator[str]:
    """`json_ld: authors, language`: which source the fields came from, the most frequent first."""
    by_source: dict[str, list[str]] = {}
    for name in _FIELDS:
        provenance = article.provenance.get(name)
        if provenance is not None and provenance.source != "none":
            by_source.setdefault(provenance.source, []).append(name)
    for source, names in sorted(by_source.items(), key=lambda item: -len(item[1])):
        yield f"{source}: {', '.join(names)}"
