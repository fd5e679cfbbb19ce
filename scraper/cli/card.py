"""The card of one article on a terminal: what was found, where from, and where it is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.cli.conventions import color_wanted
from scraper.cli.messages import harmless

if TYPE_CHECKING:
    from rich.text import Text

    from scraper.article import Article

_STATES = {
    "new": "new",
    "unchanged": "unchanged",
    "changed": "changed: the headline, byline, date or text differs from the revision before",
    "labelled": "none: not an article, kept as a capture only",
    "failed": "none",
}
_FIELDS = ("headline", "authors", "published_at", "modified_at", "language", "section", "tags", "image", "body")


def print_card(
    article: Article,
    *,
    state: str | None = None,
    archive: Path | None = None,
    next_command: str = "",
    whole: bool = False,
) -> None:
    """Print one article; `state` is what became of its revision; `whole` prints the full text."""
    from rich.console import Console
    from rich.text import Text

    console = Console(no_color=not color_wanted(), highlight=False, soft_wrap=False)
    width = min(console.width, 100)
    console.rule(style="dim") if console.is_terminal else console.print("-" * 72)
    console.print(Text(harmless(article.headline or "(no headline)"), style="bold"))
    byline = " · ".join(
        part for part in (", ".join(article.authors), article.published_at or "no date", article.site) if part
    )
    console.print(Text(harmless(byline), style="cyan"))
    if article.verdict != "ok":
        console.print(Text(harmless(f"{article.verdict}: {article.verdict_reason}"), style="bold yellow"))
    console.print()
    for line in _body_lines(article, width, whole):
        console.print(Text(harmless(line)))
    for line in _facts(article, state, archive):
        console.print(line)
    if next_command:
        console.print(Text(f"next      {next_command}", style="green"))


def _body_lines(article: Article, width: int, whole: bool) -> Iterator[str]:
    if not article.body:
        return
    paragraphs = article.body.split("\n\n")
    shown = paragraphs if whole else paragraphs[:2]
    for paragraph in shown:
        lines = textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False) or [""]
        yield from lines if whole else lines[:4]
        if not whole and len(lines) > 4:
            yield "…"
            break
        yield ""
    if not whole and len(paragraphs) > len(shown):
        yield f"… {len(paragraphs) - len(shown)} more paragraphs"
    yield ""


def _facts(article: Article, state: str | None, archive: Path | None) -> Iterator[Text]:
    from rich.text import Text

    def fact(name: str, value: str) -> Text:
        return Text.assemble((f"{name:<10}", "dim"), harmless(value))

    yield fact("url", article.url or "")
    yield fact(
        "language", f"{article.language or 'not stated'}    words  {article.word_count}    type  {article.page_type}"
    )
    yield fact("sources", "  ".join(_sources(article)))
    related = [link for link in article.links if link.kind == "related"]
    if related:
        yield fact(
            "related", f"{related[0].text or related[0].url}" + (f"  (+{len(related) - 1} more)" if related[1:] else "")
        )
    if article.capture is not None:
        capture = article.capture
        revision = f"revision {article.revision}, " if article.revision else "revision "
        yield fact("capture", f"{capture.id}    {revision}{_STATES.get(state or '', state or 'stored')}")
        yield fact("sha256", f"{capture.sha256}  ({capture.size or 0:,} bytes)")
        yield fact("fetched", capture.fetched_at.isoformat(timespec="seconds"))
    if archive is not None:
        yield fact("archive", str(archive))


def _sources(article: Article) -> Iterator[str]:
    for name in _FIELDS:
        provenance = article.provenance.get(name)
        if provenance is not None and provenance.source != "none":
            yield f"{name} {provenance.source}"
