"""`scrape crawl`: find what is new, and come back for edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli import health
from scraper.cli.archiving import check_settings
from scraper.cli.conventions import Conventions, conventional, examples
from scraper.cli.crawl_options import LimitOptions, StartOptions, job_as_typed
from scraper.cli.crawl_progress import CrawlPrinter
from scraper.cli.ending import run_until_ended
from scraper.cli.fetch_options import FetchOptions, ReachOptions
from scraper.cli.messages import say_error
from scraper.errors import ScrapeError, UsageError

if TYPE_CHECKING:
    from scraper.crawl import CrawlSummary
    from scraper.crawl.jobs import Job
    from scraper.settings import FetchSettings
    from scraper.store import Archive

_KEPT = "what was committed is kept; the same command again goes on"

_EXAMPLES = examples(
    "scrape crawl http://harbour-courier.example/ --limit 5",
    "scrape crawl --feed http://harbour-courier.example/feed/ --archive war.db",
    "scrape crawl --due",
)


def register(app: typer.Typer) -> None:
    app.command("crawl", epilog=_EXAMPLES)(conventional(crawl))


def crawl(
    conventions: Conventions,
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB|URL", help="Jobs by name, or home pages of sites.", show_default=False),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Run every job whose time has come; silent when all is well.")] = (
        False
    ),
    *,
    starts: StartOptions,
    limits: LimitOptions,
    fetching: FetchOptions,
    reach: ReachOptions,
) -> int:
    """Find articles and archive them: of sites, of feeds, of sitemaps, or of jobs.

    From a home page its feeds, sitemaps and sections are found. The same command again fetches what is new, comes back
    to young articles for edits, and goes on where it was stopped. Exit code 0: done; 3: a feed, sitemap or page that
    was named could not be read; 4: none could; 5: another run is at it; 6: a new alarm, see scrape health.
    """
    from scraper.crawl import jobs
    from scraper.store import Archive

    words = what or []
    urls = [word for word in words if "://" in word or (("." in word or "/" in word) and not _is_job_name(word))]
    names = [word for word in words if word not in urls]
    typed = bool(urls or starts.given())
    _check_use(typed=typed, names=names, due=due, limits=limits)
    settings = conventions.fetch_settings(fetching, reach)
    check_settings(conventions, settings)
    health.check(conventions)
    wanted = job_as_typed("typed", starts, limits, origin="typed", site=urls) if typed else None
    from_file = jobs.file_jobs(conventions.settings_file)
    with Archive.open(conventions.archive, write=True) as archive:
        jobs.synchronise(archive, from_file)
        if due:
            with jobs.due_lock(archive):
                return _run_all(conventions, archive, settings, jobs.due_jobs(archive), quiet=True)
        chosen = [jobs.load_job(archive, name) for name in names]
        if wanted is not None:
            chosen.append(jobs.keep_typed(archive, wanted.starts, wanted.options))
        return _run_all(conventions, archive, settings, chosen, quiet=False)


def _is_job_name(word: str) -> bool:
    return not ("/" in word or ":" in word) and "." not in word


def _check_use(*, typed: bool, names: Sequence[str], due: bool, limits: LimitOptions) -> None:
    if not (typed or names or due):
        raise UsageError(
            "Nothing to crawl was given",
            next_step="scrape crawl https://example.com/, or scrape crawl JOB, or scrape crawl --due",
        )
    if due and (typed or names):
        raise UsageError("--due runs the jobs that are due", next_step="leave out what else was named, or --due")
    given = list(limits.given())
    if given and not typed:
        raise UsageError(
            f"--{given[0]} is for what is named on the command line",
            why="a job has limits of its own",
            next_step=f"scrape jobs add NAME … --{given[0]} …, or give a URL",
        )


def _run_all(
    conventions: Conventions, archive: Archive, settings: FetchSettings, chosen: Sequence[Job], *, quiet: bool
) -> int:
    """Run jobs one after another; one that cannot be run stops none of the others."""
    codes = []
    for job in chosen:
        try:
            codes.append(_run(conventions, archive, settings, job, quiet=quiet))
        except ScrapeError as error:
            if len(chosen) == 1:
                raise
            say_error(f"{job.name}: {error.what}", error.why, error.next_step)
            codes.append(error.exit_code)
    is_new = health.look_after_jobs(conventions, archive)
    health.send(conventions, archive, settings)
    return health.CROSSED if is_new else _code(codes)


def _code(codes: Sequence[int]) -> int:
    """That something broke is said once, in the run in which it did, whatever else failed as in every run before."""
    if health.CROSSED in codes:
        return health.CROSSED
    if not any(codes):
        return 0
    if len(set(codes)) == 1:
        return codes[0]
    return 3


def _run(conventions: Conventions, archive: Archive, settings: FetchSettings, job: Job, *, quiet: bool) -> int:
    from scraper.crawl import ExtractionPool, Progress, crawl, jobs
    from scraper.crawl.health import Findings, judge_run
    from scraper.store import RunState

    options = job.options
    if options.render is not None:
        settings = replace(settings, render=options.render)
    if options.delay is not None:
        settings = replace(settings, delay=options.delay)
    if options.assets is not None:
        settings = replace(settings, assets=options.assets)
    run_id = jobs.claim_job(archive, job)
    progress = Progress()
    printer = CrawlPrinter(conventions, job, progress, quiet=quiet)
    state: RunState = "interrupted"
    findings = Findings()
    try:
        with ExtractionPool(selectors=conventions.site_files) as pool, printer:
            summary = run_until_ended(
                crawl(
                    job,
                    archive=archive,
                    settings=settings,
                    pool=pool,
                    run_id=run_id,
                    report=printer.show,
                    progress=progress,
                )
            )
            state = "done"
            findings = run_until_ended(judge_run(archive, run_id, pool=pool, selectors=conventions.site_files))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_KEPT) from None
    except BrokenPipeError:
        raise KeyboardInterrupt(f"nobody reads the output any more; {_KEPT}") from None
    finally:
        jobs.finish_job_run(archive, run_id, state, progress.summary.as_dict())
    printer.close(summary)
    health.tell(conventions, findings)
    return health.CROSSED if findings.raised else _exit_code(job, summary)


def _exit_code(job: Job, summary: CrawlSummary) -> int:
    if not summary.starts_failed:
        return 0
    return 4 if summary.starts_failed >= len(job.starts) else 3
