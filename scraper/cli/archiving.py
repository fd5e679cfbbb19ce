"""`scrape url`: fetch, extract, store and print."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, Log, conventional, examples
from scraper.cli.messages import harmless, say, say_error
from scraper.cli.urls_in import read_urls

if TYPE_CHECKING:
    from scraper.crawl import Outcome, Summary
    from scraper.settings import FetchSettings

_RESUME_WITHIN = timedelta(hours=24)
_COLUMNS = ("state", "id", "revision", "verdict", "published_at", "headline", "url", "error")

_EXAMPLES = examples(
    "scrape url http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/",
    "scrape url -i urls.txt --delay 2 -f csv > done.csv",
    "cat urls.txt | scrape url -i - --archive war.db",
)


def register(app: typer.Typer) -> None:
    app.command("url", epilog=_EXAMPLES)(conventional(url))


def url(
    conventions: Conventions,
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL...", help="Pages to archive.", show_default=False)
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option("-i", "--input", help="File of URLs: a line each, or a CSV with a url column; - for stdin."),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Fetch every URL of a list again, even if a run of it was interrupted.")
    ] = False,
    user_agent: Annotated[str | None, typer.Option(help="User-Agent header.")] = None,
    contact: Annotated[
        str | None, typer.Option(help="Your address or page, added to the User-Agent for sites' owners.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds for one page, redirects included.")] = None,
    delay: Annotated[float | None, typer.Option(help="Seconds between two pages of one host.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Hosts fetched from at the same time.")] = None,
    allow_private: Annotated[
        bool | None,
        typer.Option(
            "--allow-private",
            envvar="SCRAPE_ALLOW_PRIVATE",
            help="Admit loopback and private addresses.",
            show_default=False,
        ),
    ] = None,
    connect_to: Annotated[
        list[str] | None,
        typer.Option(
            envvar="SCRAPE_CONNECT_TO", metavar="HOST1:PORT1:HOST2:PORT2", help="As curl's option of that name."
        ),
    ] = None,
) -> int:
    """Archive pages: fetch, extract, store, print.

    A page seen before makes a new capture; its card says whether its article is unchanged or revision N. A failed fetch
    is kept as a capture too. Exit code 0: all done; 3: some failed; 4: all failed.
    """
    from scraper.errors import UsageError

    wanted = [*(urls or []), *(read_urls(input_file) if input_file else [])]
    if not wanted:
        raise UsageError("No URL given", next_step="scrape url https://example.com/story, or scrape url -i FILE")
    settings = conventions.fetch_settings(
        user_agent=user_agent,
        contact=contact,
        timeout=timeout,
        delay=delay,
        concurrency=concurrency,
        allow_private=allow_private,
        connect_to=connect_to or None,
    )
    printer = _Printer(conventions, single=len(wanted) == 1)
    summary = archive_list(conventions, wanted, settings, restart=restart, report=printer.show)
    printer.close()
    _say_summary(summary, conventions)
    if summary.unusable and summary.unusable == summary.failed and not summary.succeeded:
        return 2
    return 0 if not summary.failed else 3 if summary.succeeded else 4


def archive_list(
    conventions: Conventions,
    urls: Sequence[str],
    settings: FetchSettings,
    *,
    restart: bool,
    report: Callable[[Outcome], None],
) -> Summary:
    """Archive `urls`, going on where an interrupted run of the same list stopped."""
    from scraper.crawl import ExtractionPool, archive_pages
    from scraper.crawl.pipeline import read_pending
    from scraper.extract import load_site_files
    from scraper.store import Archive
    from scraper.urls import without_credentials

    load_site_files(conventions.site_files)  # a broken site file is said before anything is fetched
    clean = [without_credentials(text.strip()) for text in urls]
    with Archive.open(conventions.archive, write=True) as archive:
        resumed = None if restart or len(urls) < 2 else archive.resumable_run("url", clean, _RESUME_WITHIN)
        run_id, seen = resumed or (archive.begin_run("url", clean), frozenset())
        rest = [text for text in urls if _as_stored(text) not in seen]
        if seen:
            done = len(urls) - len(rest)
            say(
                f"going on with an interrupted run: {done} of {len(urls)} already archived (--restart fetches all again)",
                quiet=conventions.quiet,
            )
        state: str = "interrupted"
        workers = min(2, len(rest)) or 1
        try:
            with ExtractionPool(workers=None if len(rest) > 2 else workers, selectors=conventions.site_files) as pool:

                async def work() -> Summary:
                    pending = await read_pending(archive, pool)
                    if pending:
                        say(f"read {pending} captures that an interrupted run had fetched", quiet=conventions.quiet)
                    return await archive_pages(
                        rest, archive=archive, settings=settings, pool=pool, run_id=run_id, report=report
                    )

                summary = asyncio.run(work())
            state = "done"
        except KeyboardInterrupt:
            if len(urls) > 1:
                say("stopped; what was committed is kept. The same command again does the rest.")
            raise
        finally:
            archive.end_run(run_id, "done" if state == "done" else "interrupted")
        summary.succeeded += len(urls) - len(rest) if seen else 0
        return summary


def _as_stored(text: str) -> str:
    """A URL as `captures.url` holds it; text that is no URL as it is."""
    from scraper.errors import UsageError
    from scraper.urls import check_url, without_credentials

    try:
        return without_credentials(check_url(text))
    except UsageError:
        return text


class _Printer:
    """Prints outcomes as they come: cards, or rows."""

    def __init__(self, conventions: Conventions, *, single: bool) -> None:
        self._conventions = conventions
        self._single = single
        self._rows: list[dict[str, Any]] = []

    def show(self, outcome: Outcome) -> None:
        form = self._conventions.rows_as
        if outcome.failure is not None:
            self._say_failure(outcome)
        if form is Format.ndjson:
            print(json.dumps(outcome_dict(outcome), ensure_ascii=False), flush=True)
        elif form is Format.table:
            self._show_card(outcome)
        else:
            self._rows.append(outcome_dict(outcome))

    def close(self) -> None:
        form = self._conventions.rows_as
        if form not in (Format.ndjson, Format.table):
            from scraper.cli.rows import print_rows

            rows = self._rows if form is Format.json else [_flat(row) for row in self._rows]
            print_rows(rows, _COLUMNS, form)

    def _say_failure(self, outcome: Outcome) -> None:
        assert outcome.failure is not None  # noqa: S101 - the caller looked
        if outcome.usage is not None:
            say_error(outcome.usage.what, outcome.usage.why, outcome.usage.next_step)
            return
        kept = f"kept as capture {outcome.capture.id}" if outcome.capture else ""
        say_error(
            f"{outcome.url}: {outcome.failure.code}",
            harmless(outcome.failure.message),
            kept and f"{kept}; nothing else stopped",
        )

    def _show_card(self, outcome: Outcome) -> None:
        from scraper.cli.card import print_card

        if outcome.article is None:
            return
        options = "" if str(self._conventions.archive) == "archive.db" else f" --archive {self._conventions.archive}"
        target = outcome.article.id if outcome.article.revision else outcome.capture.id if outcome.capture else ""
        follow = (
            f"scrape show {target}{options}" if outcome.article.revision else f"scrape explain {outcome.url}{options}"
        )
        print_card(outcome.article, state=outcome.state, archive=self._conventions.archive, next_command=follow)


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON-ready values: the article, with `state`, and `error` for a failure."""
    out: dict[str, Any] = {"state": outcome.state}
    if outcome.article is not None:
        out |= outcome.article.as_dict()
    else:
        out["url"] = outcome.url
        if outcome.capture is not None:
            out["capture"] = {"id": outcome.capture.id, "status": outcome.capture.status}
    if outcome.failure is not None:
        out["error"] = {"code": outcome.failure.code, "message": outcome.failure.message}
    return out


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    error = row.get("error")
    return row | {"error": error["code"] if error else None}


def _say_summary(summary: Summary, conventions: Conventions) -> None:
    if conventions.log is Log.json:
        print(json.dumps({"event": "done", "failed": summary.failed, **summary.outcomes}), file=sys.stderr)
        return
    total = summary.succeeded + summary.failed
    if total > 1:
        parts = ", ".join(f"{count} {state}" for state, count in sorted(summary.outcomes.items()))
        say(f"{total} pages: {parts}. Archive: {conventions.archive}", quiet=conventions.quiet)
