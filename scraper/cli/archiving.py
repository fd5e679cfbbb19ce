"""`scrape url`: fetch, extract, store and print."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli.conventions import Conventions, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.fetch_options import FetchOptions, ReachOptions
from scraper.cli.messages import say, say_error
from scraper.cli.outcomes import OutcomePrinter, say_summary
from scraper.cli.urls_in import read_urls
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.crawl import Outcome, Summary
    from scraper.settings import FetchSettings
    from scraper.store import Archive
    from scraper.store.runs import RunState

_RESUME_WITHIN = timedelta(hours=24)
_KEPT = "what was committed is kept; the same command again does the rest"

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
        list[str] | None, typer.Argument(metavar="URL", help="Pages to archive.", show_default=False)
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "-i", "--input", metavar="FILE", help="File of URLs: a line each, or a CSV with a url column; - for stdin."
        ),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Fetch every URL of a list again, even if a run of it was interrupted.")
    ] = False,
    *,
    fetching: FetchOptions,
    screenshot: Annotated[
        bool | None,
        typer.Option("--screenshot", help="Keep a picture of each page, drawn by a browser.", show_default=False),
    ] = None,
    reach: ReachOptions,
) -> int:
    """Archive pages: fetch, extract, store, print.

    A page seen before makes a new capture; its card says whether its article is unchanged or revision N. A failed fetch
    is kept as a capture too. Exit code 0: all done; 3: some failed; 4: all failed.
    """
    wanted = [*(urls or []), *(read_urls(input_file) if input_file else [])]
    if not wanted:
        raise UsageError("No URL given", next_step="scrape url https://example.com/story, or scrape url -i FILE")
    if _say_if_none_is_a_url(wanted):
        return UsageError.exit_code
    settings = conventions.fetch_settings(fetching, reach, screenshot=screenshot)
    printer = OutcomePrinter(conventions, total=len(wanted))
    is_closed = False

    def close(*, complete: bool) -> None:
        nonlocal is_closed
        if not is_closed:
            is_closed = True
            printer.close(complete=complete)
            sys.stdout.flush()

    try:
        summary = archive_list(
            conventions,
            wanted,
            settings,
            restart=restart,
            report=printer.show,
            finish=lambda: close(complete=True),
        )
    finally:
        close(complete=False)
    say_summary(summary, conventions)
    return 0 if not summary.failed else 3 if summary.succeeded else 4


def _say_if_none_is_a_url(texts: Sequence[str]) -> bool:
    """Say what is wrong with each of `texts` when none of them is a URL: then there is nothing to begin with."""
    from scraper.urls import check_url

    errors: list[UsageError] = []
    for text in texts:
        try:
            check_url(text)
        except UsageError as error:
            errors.append(error)
        else:
            return False
    for wrong in errors:
        say_error(wrong.what, wrong.why, wrong.next_step)
    return True


def check_settings(conventions: Conventions, settings: FetchSettings) -> None:
    """Say what is wrong with options and site files before anything is fetched or written. Raises UsageError."""
    from scraper.extract import load_site_files
    from scraper.fetch.browser import find_program
    from scraper.fetch.identity.subscriptions import Subscriptions
    from scraper.fetch.proxy import Proxy
    from scraper.fetch.resolve import ConnectTo, system_resolver

    load_site_files(conventions.site_files)
    ConnectTo(settings.connect_to, otherwise=system_resolver)
    Subscriptions(settings.hosts, over_http=settings.allow_private)
    if settings.proxy:
        Proxy.parse(settings.proxy)
    if settings.render == "always" or settings.screenshot:
        find_program(settings)
    if settings.ignore_robots:
        say("warning: robots.txt is ignored: what sites ask not to be fetched is fetched, and each capture says so")


def archive_list(
    conventions: Conventions,
    urls: Sequence[str],
    settings: FetchSettings,
    *,
    restart: bool,
    report: Callable[[Outcome], None],
    finish: Callable[[], None] = lambda: None,
) -> Summary:
    """Archive `urls`, going on where an interrupted run of the same list stopped.

    `finish` is called when all of them are archived, before the run counts as done: who stops it there and gives the
    same command again has nothing fetched again.
    """
    from scraper.store import Archive
    from scraper.urls import fit_to_show

    check_settings(conventions, settings)
    clean = [fit_to_show(text.strip()) for text in urls]
    with Archive.open(conventions.archive, write=True) as archive:
        resumed = None if restart or len(urls) < 2 else archive.resumable_run("url", clean, _RESUME_WITHIN)
        run_id, seen = resumed or (archive.begin_run("url", clean), frozenset())
        rest = [text for text in urls if _as_stored(text) not in seen]
        done = len(urls) - len(rest)
        if done:
            say(
                f"going on with an interrupted run: {done} of {len(urls)} pages are done already"
                " (--restart fetches all again)",
                quiet=conventions.quiet,
            )
        state: RunState = "interrupted"
        try:
            summary = _archive_rest(conventions, rest, settings, archive, run_id, report)
            finish()
            state = "done"
        except KeyboardInterrupt:
            raise KeyboardInterrupt("" if len(urls) < 2 else _KEPT) from None
        except BrokenPipeError:
            raise KeyboardInterrupt(f"nobody reads the output any more; {_KEPT}") from None
        finally:
            archive.end_run(run_id, state)
    summary.succeeded += done
    return summary


def _archive_rest(
    conventions: Conventions,
    urls: Sequence[str],
    settings: FetchSettings,
    archive: Archive,
    run_id: int,
    report: Callable[[Outcome], None],
) -> Summary:
    from scraper.crawl import ExtractionPool, archive_pages
    from scraper.crawl.unread import read_unread

    async def work(pool: ExtractionPool) -> Summary:
        pending = await read_unread(archive, pool)
        if pending:
            say(f"read {pending} pages that an interrupted run had fetched", quiet=conventions.quiet)
        return await archive_pages(urls, archive=archive, settings=settings, pool=pool, run_id=run_id, report=report)

    workers = 1 if len(urls) < 2 else None
    with ExtractionPool(workers=workers, selectors=conventions.site_files) as pool:
        return run_until_ended(work(pool))


def _as_stored(text: str) -> str:
    """A URL as `captures.url` holds it; text that is no URL as it is."""
    from scraper.urls import check_url, without_credentials

    try:
        return without_credentials(check_url(text))
    except UsageError:
        return text
