"""`scrape health`: what is wrong with sites and jobs; and what `scrape crawl` says of it after a run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Format, Log, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.messages import say, say_error, say_event
from scraper.cli.outcomes import archive_option
from scraper.errors import ArchiveNotWritable

if TYPE_CHECKING:
    from scraper.crawl.health import Findings, SiteNormal
    from scraper.settings import FetchSettings
    from scraper.store import Alarm, Archive

CROSSED = 6
"""The exit code when an alarm is open, or was raised."""
_COLUMNS = ("id", "state", "site", "kind", "since", "what")


def register(app: typer.Typer) -> None:
    app.command(
        "health", epilog=examples("scrape health", "scrape health --all -f md", "scrape health --job harbour -f json")
    )(conventional(health))


def health(
    conventions: Conventions,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only of this site.")] = None,
    job: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this job, and what its runs found.")] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Also alarms that are over, and what is normal for each site.")
    ] = False,
    acknowledge: Annotated[
        list[int] | None, typer.Option(metavar="ID", help="Silence an alarm until it is over.", show_default=False)
    ] = None,
    accept: Annotated[
        list[int] | None,
        typer.Option(metavar="ID", help="Close an alarm: this is how the site is now.", show_default=False),
    ] = None,
) -> int:
    """List the alarms that are open: broken layouts, dead feeds, walls, missing dates, failing or missed jobs.

    scrape crawl looks for them after each run. Exit code 6: an alarm is open that nobody has acknowledged; 0: none is.
    """
    from scraper.cli.rows import print_rows
    from scraper.store import Archive

    with ExitStack() as stack:
        try:
            archive = stack.enter_context(Archive.open(conventions.archive, write=True, create=False))
        except ArchiveNotWritable:
            if acknowledge or accept:
                raise
            archive = stack.enter_context(Archive.open(conventions.archive))
        else:
            _change(archive, acknowledge or [], accept or [])
        alarms = archive.health().alarms(site=site, job=job, cleared=show_all)
        rows = [_row(alarm) for alarm in alarms]
        if show_all and job is None:
            rows += _normal_rows(archive, site)
    if conventions.rows_as in (Format.table, Format.csv, Format.md):
        rows = [{**row, "since": (row["since"] or "")[:16].replace("T", " ")} for row in rows]
    print_rows(rows, _COLUMNS, conventions.rows_as)
    unknown = sum(alarm.is_open for alarm in alarms)
    if not unknown:
        say("no alarm is open", quiet=conventions.quiet)
    return CROSSED if unknown else 0


def _change(archive: Archive, acknowledge: Sequence[int], accept: Sequence[int]) -> None:
    from scraper.crawl.health import judge_jobs

    judge_jobs(archive)
    with archive.batch():
        for alarm_id in acknowledge:
            archive.health().acknowledge(alarm_id)
        for alarm_id in accept:
            archive.health().accept(alarm_id)


def _row(alarm: Alarm) -> dict[str, Any]:
    state = "open" if alarm.is_open else "over" if alarm.acknowledged_at is None else "known"
    if alarm.cleared_at is not None:
        state = "accepted" if alarm.accepted_at is not None else "over"
    values = alarm.as_dict()
    what = values.pop("message")
    return {"id": values.pop("id"), "state": state, **values, "what": what}


def _normal_rows(archive: Archive, site: str | None) -> list[dict[str, Any]]:
    from scraper.crawl.health import normal_of

    sites = [site] if site is not None else archive.health().sites()
    found = [normal_of(archive, one) for one in sites]
    return [_normal_row(one) for one in found if one is not None]


def _normal_row(normal: SiteNormal) -> dict[str, Any]:
    values = normal.as_dict()
    shares = ", ".join(f"{name} {part:.0%}" for name, part in normal.parts.items())
    latency = "" if normal.first_byte is None else f"; first byte after {normal.first_byte:.2f} s"
    what = (
        f"{normal.articles_a_day:.1f} articles a day over {normal.days:.0f} days; {shares or 'too few pages'}{latency}"
    )
    return {"id": None, "state": "normal", "site": normal.site, "kind": "baseline", "since": None, "what": what} | {
        "baseline": values
    }


# --- For scrape crawl ---------------------------------------------------------------------------------------------


def tell(conventions: Conventions, findings: Findings) -> None:
    """Say what was raised, whatever else is kept quiet, and what is over."""
    for alarm in findings.raised:
        if conventions.log is Log.json:
            say_event("alarm", **_row(alarm))
        else:
            where = f"{alarm.site}: " if alarm.site and alarm.site not in alarm.message else ""
            say_error(
                f"{alarm.kind} alarm: {where}{alarm.message}",
                "",
                f"scrape health{archive_option(conventions)} lists alarms; --acknowledge {alarm.id} silences this one",
            )
    for alarm in findings.cleared:
        if conventions.log is Log.json:
            say_event("alarm_over", **_row(alarm))
        else:
            say(f"over: {alarm.kind} alarm {alarm.id}: {alarm.message}", quiet=conventions.quiet)


def look_after_jobs(conventions: Conventions, archive: Archive) -> bool:
    """Raise and clear alarms about jobs, and say so; whether one was raised."""
    from scraper.crawl.health import judge_jobs

    findings = judge_jobs(archive)
    tell(conventions, findings)
    return bool(findings.raised)


def send(conventions: Conventions, archive: Archive, settings: FetchSettings) -> None:
    """Send the notices that scrape.toml asks for; what cannot be sent is said, and tried again after the next run."""
    from scraper.crawl.health import health_settings, send_notices
    from scraper.settings import load_config

    config = load_config(conventions.settings_file, required=conventions.config is not None)
    wanted = health_settings(config, conventions.settings_file)
    for problem in run_until_ended(send_notices(archive, wanted, settings)):
        say_error(problem, "", "it is tried again after the next run")


def check(conventions: Conventions) -> None:
    """Complain of a [health] table that cannot be used, before anything is done. Raises ConfigError."""
    from scraper.crawl.health import health_settings
    from scraper.settings import load_config

    config = load_config(conventions.settings_file, required=conventions.config is not None)
    if "health" in config:
        health_settings(config, conventions.settings_file)
