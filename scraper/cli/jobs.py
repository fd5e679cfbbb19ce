"""`scrape jobs`: crawls with a name and a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli import job_installation, listening
from scraper.cli.conventions import Conventions, Format, conventional, examples
from scraper.cli.crawl_options import LimitOptions, StartOptions, job_as_typed
from scraper.cli.messages import harmless, say
from scraper.cli.outcomes import archive_option
from scraper.errors import ArchiveMissing, NotInArchive
from scraper.settings import RENDER, Render

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.crawl.jobs import FileJobs, Job, JobRun

_COLUMNS = ("name", "starts", "schedule", "next", "last_run", "paused")
_TABLE_COLUMNS = ("name", "starts", "schedule", "next")
_SHOWN_RUNS = 10

Name = Annotated[str, typer.Argument(metavar="NAME", help="The job's name.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        name="jobs",
        help="Crawls with a name and a schedule; scrape crawl --due runs those that are due.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(
        "add",
        epilog=examples(
            "scrape jobs add courier --site http://harbour-courier.example/ --every 1h",
            'scrape jobs add mornings --feed http://harbour-courier.example/feed --cron "0 6 * * *" --tz Europe/Kyiv',
        ),
    )(conventional(add))
    group.command("list", epilog=examples("scrape jobs list", "scrape jobs list -f json"))(conventional(list_jobs))
    group.command("show", epilog=examples("scrape jobs show harbour"))(conventional(show))
    group.command("pause", epilog=examples("scrape jobs pause harbour"))(conventional(pause))
    group.command("resume", epilog=examples("scrape jobs resume harbour"))(conventional(resume))
    group.command("remove", epilog=examples("scrape jobs remove harbour"))(conventional(remove))
    job_installation.register(group)
    listening.register(group)
    app.add_typer(group)


def add(
    conventions: Conventions,
    name: Name,
    site: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A home page: its feeds, sitemaps and sections are found from there."),
    ] = None,
    *,
    starts: StartOptions,
    every: Annotated[str | None, typer.Option(metavar="SPAN", help="How often: 30m, 1h, 1d.")] = None,
    cron: Annotated[
        str | None, typer.Option(metavar="FIELDS", help='When, as a crontab says it: "0 6 * * *" is 06:00 each day.')
    ] = None,
    tz: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Time zone of --cron.  [default: this machine's]")
    ] = None,
    limits: LimitOptions,
    render: Annotated[
        Render | None, typer.Option(metavar="|".join(RENDER), help="Have a browser draw pages, as in scrape url.")
    ] = None,
    assets: Annotated[
        bool | None,
        typer.Option("--assets", help="Also keep pictures and styles, as in scrape url.", show_default=False),
    ] = None,
    delay: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Pause between two pages of one host.  [default: 1]")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the job of this name; what that found stays.")
    ] = False,
) -> int:
    """Add a job: where a crawl begins, what it fetches, and when.

    Without --every and --cron it runs only when scrape crawl names it. Jobs may also stand in scrape.toml, a table
    [jobs.NAME] each, with the same words as keys.
    """
    from scraper.crawl.jobs import add_job, synchronise
    from scraper.store import Archive

    others: dict[str, Any] = {"site": site, "every": every, "cron": cron, "tz": tz, "render": render}
    others |= {"assets": assets, "delay": delay}
    job = job_as_typed(name, starts, limits, origin="command", **others)
    found = _in_file(conventions)
    with Archive.open(conventions.archive, write=True) as archive:
        synchronise(archive, found)
        job = add_job(archive, job, found, replace_it=replace)
    _print([job], conventions)
    if job.schedule is None:
        say(f"it has no schedule: scrape crawl {name}{archive_option(conventions)} runs it", quiet=conventions.quiet)
    return 0


def list_jobs(
    conventions: Conventions,
    every_one: Annotated[
        bool, typer.Option("--all", help="Also crawls that were typed, under the names they are kept by.")
    ] = False,
) -> int:
    """List the jobs: where they begin, when they are due, how the last run ended. Times are UTC.

    Those that stand in scrape.toml are listed as they stand there now.
    """
    jobs = [job for job in _all(conventions) if every_one or job.origin != "typed"]
    _print(jobs, conventions)
    if not jobs:
        say("there is no job; scrape jobs add makes one", quiet=conventions.quiet)
    return 0


def show(conventions: Conventions, name: Name) -> int:
    """Show one job: all that it was told, and its last runs. Times are UTC."""
    from scraper.cli.rows import print_rows
    from scraper.store import Archive

    jobs = _all(conventions)
    job = next((job for job in jobs if job.name == name), None)
    if job is None:
        names = ", ".join(job.name for job in jobs if job.origin != "typed")
        raise NotInArchive(
            f"No job {name}", why=f"there are: {names}" if names else "there is none", next_step="scrape jobs list"
        )
    runs: list[JobRun] = []
    if job.id is not None:
        with Archive.open(conventions.archive) as archive:
            runs = archive.job_runs(job.id, limit=_SHOWN_RUNS)
    row = _row(job) | {"runs": [_run_row(run) for run in runs]}
    if conventions.rows_as is not Format.table:
        print_rows([row], tuple(row), conventions.rows_as)
        return 0
    facts = _flat(job) | _written(row["options"])
    width = max(map(len, facts))
    for key, value in facts.items():
        print(harmless(f"{key.replace('_', ' '):{width}}  {value or '-'}"))
    for run in runs:
        print(harmless(f"{'run':{width}}  {_run_text(run)}"))
    return 0


def pause(conventions: Conventions, name: Name) -> int:
    """Let a job not be due any more, until it is resumed."""
    from scraper.crawl.jobs import pause_job, synchronise
    from scraper.store import Archive

    with Archive.open(conventions.archive, write=True, create=False) as archive:
        synchronise(archive, _in_file(conventions))
        job = pause_job(archive, name)
    _print([job], conventions)
    return 0


def resume(conventions: Conventions, name: Name) -> int:
    """Let a paused job be due again: once for all the runs that it missed."""
    from scraper.crawl.jobs import resume_job, synchronise
    from scraper.store import Archive

    with Archive.open(conventions.archive, write=True, create=False) as archive:
        synchronise(archive, _in_file(conventions))
        job = resume_job(archive, name)
    _print([job], conventions)
    return 0


def remove(conventions: Conventions, name: Name) -> int:
    """Forget a job. Articles, captures and runs stay; pages that it never came to are skipped."""
    from scraper.crawl.jobs import remove_job
    from scraper.store import Archive

    with Archive.open(conventions.archive, write=True, create=False) as archive:
        remove_job(archive, name, _in_file(conventions))
    say(f"removed the job {name}; what it found stays in {conventions.archive}", quiet=conventions.quiet)
    return 0


def _in_file(conventions: Conventions) -> FileJobs:
    from scraper.crawl.jobs import file_jobs

    return file_jobs(conventions.settings_file, required=conventions.config is not None)


def _all(conventions: Conventions) -> list[Job]:
    """Every job, of the archive and of scrape.toml; nothing is written, and the archive need not be there."""
    from datetime import UTC, datetime

    from scraper.crawl.jobs import load_jobs, with_file
    from scraper.store import Archive

    found = _in_file(conventions)
    now = datetime.now(UTC)
    try:
        with Archive.open(conventions.archive) as archive:
            return with_file(load_jobs(archive), found, now)
    except ArchiveMissing:
        if not found.jobs:
            raise
        return with_file([], found, now)


def _print(jobs: list[Job], conventions: Conventions) -> None:
    from scraper.cli.rows import print_rows

    form = conventions.rows_as
    if form in (Format.json, Format.ndjson):
        print_rows(map(_row, jobs), _COLUMNS, form)
    elif form is Format.table:
        # There is not much room: nothing for what no job has.
        ran = ("last_run",) if any(job.last_run for job in jobs) else ()
        rows = [_flat(job) | ({"next": "paused"} if job.paused_at else {}) for job in jobs]
        print_rows(rows, (*_TABLE_COLUMNS, *ran), form)
    else:
        print_rows(map(_flat, jobs), _COLUMNS, form)


def _row(job: Job) -> dict[str, Any]:
    """A job as JSON-ready values."""
    return {
        "name": job.name,
        **job.columns(),
        "next_at": _iso(job.next_at),
        "paused_at": _iso(job.paused_at),
        "created_at": _iso(job.created_at),
        "changed_at": _iso(job.changed_at),
        "last_run": None if job.last_run is None else _run_row(job.last_run),
    }


def _run_row(run: JobRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "state": run.state,
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "summary": run.summary,
    }


def _flat(job: Job) -> dict[str, Any]:
    """A job in a line for people."""
    schedule = job.schedule
    return {
        "name": job.name,
        "starts": "; ".join(f"{start.kind} {start.url}" for start in job.starts),
        "schedule": "" if schedule is None else f"{schedule.as_text()} {schedule.zone}".removeprefix("cron ").strip(),
        "next": "" if job.paused_at else _minute(job.next_at),
        "last_run": "" if job.last_run is None else _run_text(job.last_run),
        "paused": _paused(job),
        "origin": {"file": "scrape.toml", "command": "scrape jobs add", "typed": "scrape crawl"}[job.origin],
    }


def _paused(job: Job) -> str:
    if job.paused_at is None:
        return ""
    return "not in scrape.toml any more" if job.is_taken_out else f"since {_minute(job.paused_at)}"


def _run_text(run: JobRun) -> str:
    counts = [f"{value:,} {name}" for name, value in (run.summary or {}).items() if _counts(value)]
    return ", ".join([f"{run.state} {_minute(run.started_at)}", *counts])


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _written(options: dict[str, Any]) -> dict[str, str]:
    return {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in options.items()}


def _iso(moment: datetime | None) -> str | None:
    from scraper.article import utc_text

    return None if moment is None else utc_text(moment)


def _minute(moment: datetime | None) -> str:
    from datetime import UTC

    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
