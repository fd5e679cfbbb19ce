"""`scrape history`, `scrape diff`: what became of a page."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.messages import harmless, say
from scraper.cli.reading import open_archive
from scraper.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from scraper.article import Article
    from scraper.diff import Change, Differences, Paragraph, Run
    from scraper.store import Archive, Seen

Page = Annotated[str, typer.Argument(metavar="ID|URL", help="The number scrape list shows, or a URL.")]

_HISTORY_TABLE = ("capture", "fetched", "status", "verdict", "revision", "what")
_HISTORY_CSV = (
    "capture",
    "fetched_at",
    "status",
    "error",
    "verdict",
    "revision",
    "edited",
    "words_added",
    "words_removed",
    "modified_at",
    "extractor",
    "imported",
    "sha256",
)
_DIFF_CSV = ("field", "op", "paragraph", "before", "after", "minor")

_SAME_RUN = 40
"""Words of an unchanged run inside a changed paragraph that are shown whole."""
_STYLES = {"removed": "red", "added": "green", "same": ""}
_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}


def register(app: typer.Typer) -> None:
    ferry = "harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/"
    app.command("history", epilog=examples("scrape history 1", f"scrape history {ferry} -f csv"))(conventional(history))
    app.command(
        "diff",
        epilog=examples(
            f"scrape diff {ferry}",
            f"scrape diff {ferry} 1 2 --full -f table",
            f"scrape diff {ferry} --html > changes.html",
        ),
    )(conventional(diff))


def history(conventions: Conventions, page: Page) -> int:
    """Every capture of one page, in the order of time, and what was new in it.

    A table says in one line how often in a row nothing changed; other formats have a row for every capture.
    """
    from scraper.cli.card import page_notes
    from scraper.cli.rows import print_rows

    form = conventions.rows_as
    with open_archive(conventions) as archive:
        about = archive.page(page)
        shown = archive.page(about.same_as) if about.same_as is not None and not page.strip().isdigit() else about
        for note in dict.fromkeys((*page_notes(about), *page_notes(shown))):
            say(note, quiet=conventions.quiet)
        seen = archive.history(page)
        if form is Format.table:
            print_rows(_collapsed(seen), _HISTORY_TABLE, form)
        else:
            print_rows((one.as_dict() for one in seen), _HISTORY_CSV, form)
    return 0


def _collapsed(captures: Iterable[Seen]) -> Iterator[dict[str, Any]]:
    """Rows of the table; captures in a row that show the same again become one."""
    waiting: list[Seen] = []
    for seen in captures:
        if waiting and (_what(seen) != "unchanged" or seen.revision != waiting[0].revision):
            yield _unchanged(waiting)
            waiting = []
        if _what(seen) == "unchanged":
            waiting.append(seen)
        else:
            yield {
                "capture": seen.capture,
                "fetched": _minute(seen),
                "status": seen.error or seen.status,
                "verdict": seen.verdict,
                "revision": seen.revision,
                "what": _what(seen) + (", imported" if seen.imported else ""),
            }
    if waiting:
        yield _unchanged(waiting)


def _unchanged(captures: list[Seen]) -> dict[str, Any]:
    first, last = captures[0], captures[-1]
    several = len(captures) > 1
    return {
        "capture": f"{first.capture}–{last.capture}" if several else first.capture,
        "fetched": _minute(first),
        "status": last.status,
        "verdict": last.verdict,
        "revision": first.revision,
        "what": f"unchanged × {len(captures)}, until {_minute(last)}" if several else "unchanged",
    }


def _minute(seen: Seen) -> str:
    return f"{seen.fetched_at:%Y-%m-%d %H:%M}"


def _what(seen: Seen) -> str:
    if seen.error is not None:
        return "failed"
    if seen.revision is None:
        return "no article" if seen.verdict else "not read yet" if (seen.status or 0) < 400 else "refused"
    if seen.first:
        return "first text"
    words = f" (+{seen.words_added} −{seen.words_removed} words)" if "body" in seen.edited else ""
    return ", ".join(seen.edited).replace("published_at", "date") + words if seen.edited else "unchanged"


def diff(
    conventions: Conventions,
    page: Page,
    from_revision: Annotated[
        int | None, typer.Argument(metavar="FROM", min=1, show_default=False, help="A revision's number.")
    ] = None,
    to_revision: Annotated[
        int | None, typer.Argument(metavar="TO", min=1, show_default=False, help="Another one's.")
    ] = None,
    context: Annotated[
        int, typer.Option("--context", min=0, help="Unchanged paragraphs shown around a changed one.")
    ] = 1,
    full: Annotated[bool, typer.Option("--full", help="The whole text, with what did not change.")] = False,
    html: Annotated[bool, typer.Option("--html", help="As an HTML page, on stdout.")] = False,
) -> int:
    """What was edited between two revisions of a page: by field, by paragraph and by word.

    Without FROM and TO, between the last two. [-Removed-] and {+added+} words are marked so, and in colours
    on a terminal. With -f ndjson, one change a line.
    """
    from scraper.cli.rows import print_rows

    if html and conventions.format is not None:
        raise UsageError("--html and --format exclude each other", next_step="leave one of them out")
    with open_archive(conventions) as archive:
        if from_revision is None and _only_one(archive, page, conventions):
            if not html and conventions.rows_as is not Format.table:
                print_rows([], _DIFF_CSV, conventions.rows_as)
            return 0
        found = archive.diff(page, from_revision, to_revision)
    shown = None if full else context
    if html:
        from scraper.diff.page import html_page

        sys.stdout.buffer.write(html_page(found, context=shown).encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    elif conventions.rows_as is Format.table:
        _print_differences(found, shown)
    else:
        print_rows((change.as_dict() for change in found.changes), _DIFF_CSV, conventions.rows_as)
    if not found.changes:
        say("no difference but typography and counters", quiet=conventions.quiet)
    return 0


def _only_one(archive: Archive, page: str, conventions: Conventions) -> bool:
    """Say so, and why, when there is nothing to compare."""
    numbers = [article.revision for article in archive.revisions(page)]
    if len(numbers) != 1:
        return False
    captures = list(archive.captures(page))
    same = sum(capture.revision == numbers[0] for capture in captures)
    others = len(captures) - same
    why = "it was captured once" if same == 1 else f"it was captured {same} times, and its text was always the same"
    if others:
        why += f"; {others} more capture{'s' if others > 1 else ''} failed or showed no article"
    say(f"one revision only: {why}", quiet=conventions.quiet)
    return True


def _print_differences(found: Differences, context: int | None) -> None:
    from rich.text import Text

    from scraper.cli import terminal
    from scraper.diff.differences import with_context

    out = terminal.console()
    _print(out, Text(f"{found.after.url}"))
    for mark, article in (("-", found.before), ("+", found.after)):
        _print(out, Text(f"{mark} revision {article.revision}{_captured(article)}", style="bold"))
    for change in found.fields:
        _print(
            out,
            Text.assemble(("minor: " if change.minor else "", "dim"), (f"{change.field}: ", "bold"), _value(change)),
        )
    if any(part.op != "same" for part in found.paragraphs):
        _print(out, Text(f"body: +{found.words_added} −{found.words_removed} words", style="bold"))
    elif context is not None:
        return
    for part in with_context(found.paragraphs, context):
        _print(out, Text())
        _print(out, _left_out(part) if isinstance(part, int) else _paragraph(part, whole=context is None))


def _print(out: Console, text: Text) -> None:
    # Not wrapped in a pipe: there a paragraph is a line.
    out.print(text, soft_wrap=not sys.stdout.isatty())


def _captured(article: Article) -> str:
    return f", captured {article.capture.fetched_at:%Y-%m-%d %H:%M} UTC" if article.capture else ""


def _left_out(number: int) -> Text:
    from rich.text import Text

    return Text(f"… {number} unchanged paragraph{'s' if number > 1 else ''} …", style="dim")


def _paragraph(part: Paragraph, *, whole: bool) -> Text:
    from rich.text import Text

    notes = []
    if part.op == "moved":
        notes.append(f"moved, was paragraph {part.number_before}")
    if part.noise and part.op != "same":
        notes.append("minor")
    text = Text(f"({', '.join(notes)}) " if notes else "", style="dim")
    if part.runs:
        return Text.assemble(text, *_marked(part.runs, whole=whole))
    return Text.assemble(text, Text(harmless(part.after or ""), style="cyan" if part.op == "moved" else ""))


def _value(change: Change) -> Text:
    from rich.text import Text

    if change.runs:
        return Text.assemble(*_marked(change.runs, whole=True))
    parts = []
    for op, value in (("removed", change.before), ("added", change.after)):
        if value:
            parts += [_mark(op, value if isinstance(value, str) else "; ".join(value)), (" ", "")]
    return Text.assemble(*parts)


def _marked(runs: Iterable[Run], *, whole: bool) -> Iterator[tuple[str, str]]:
    for run in runs:
        text = run.text
        if run.op == "same" and run.words > _SAME_RUN and not whole:
            text = _shortened(text)
        yield _mark(run.op, text)


def _mark(op: str, text: str) -> tuple[str, str]:
    # Spaces stand outside of the marks. And not by colour alone: not everybody sees colours, nor does every file.
    words = harmless(text)
    bare = words.rstrip()
    opening, closing = _MARKS[op]
    return f"{opening}{bare}{closing}{words[len(bare) :]}", _STYLES[op]


def _shortened(text: str) -> str:
    words = text.split(" ")
    half = _SAME_RUN // 3
    return " ".join([*words[:half], "…", *words[-half:]]) if len(words) > 2 * half + 1 else text
