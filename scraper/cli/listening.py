"""`scrape jobs listen`: be told of news by the hubs that feeds name (WebSub)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scraper.cli.conventions import Conventions, Log, OptionGroup, conventional, examples
from scraper.cli.ending import run_until_ended
from scraper.cli.fetch_options import FetchOptions, ReachOptions
from scraper.cli.messages import say, say_error, say_event
from scraper.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    from scraper.crawl.websub import HubEvent, Listening

_COLUMNS = ("topic", "hub", "state", "lease_ends_at", "notified_at", "notifications", "rejected", "error")
_TROUBLE = frozenset({"denied", "failed", "rejected", "error"})


def register(group: typer.Typer) -> None:
    group.command(
        "listen",
        epilog=examples(
            "scrape jobs listen --show",
            "scrape jobs listen --callback https://hooks.harbour-courier.example/news/ --stop",
        ),
    )(conventional(listen))


def listen(
    conventions: Conventions,
    callback: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The public address that your proxy passes on to --bind.", show_default=False),
    ] = None,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS:PORT", help="Where to listen for the proxy.", show_default=True)
    ] = "127.0.0.1:8471",
    allow_others: Annotated[
        bool, typer.Option("--allow-others", help="Let --bind be reached from other machines.")
    ] = False,
    lease: Annotated[
        str, typer.Option(metavar="SPAN", help="How long to subscribe for; it is renewed.", show_default=True)
    ] = "7d",
    crawl: Annotated[
        bool, typer.Option("--crawl", help="Run scrape crawl --due when there is news, with the options below.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End all subscriptions, and then itself.")] = False,
    show: Annotated[bool, typer.Option("--show", help="List the subscriptions, and do nothing else.")] = False,
    *,
    fetching: FetchOptions,
    reach: ReachOptions,
) -> int:
    """Be told of news at once by the hubs that feeds name (WebSub), until it is ended by Ctrl-C or SIGTERM.

    Subscribes to the feeds of all jobs that have a schedule, renews that, and lets a feed be due when its hub tells of
    news: the next scrape crawl --due fetches what is new. Hubs call the addresses that begin with --callback, so it has
    to be one that they can reach: of a web server of yours that passes on to --bind what it is asked for there. Jobs
    are run on schedule all the same, for a hub may be silent.
    """
    if show:
        return _show(conventions)
    from scraper.crawl.jobs import file_jobs, synchronise
    from scraper.crawl.websub import due_crawl, stop_listening
    from scraper.crawl.websub import listen as listen_to_hubs
    from scraper.store import Archive

    settings = conventions.fetch_settings(fetching, reach)
    listening = _listening(callback, bind, lease, allow_others=allow_others, allow_private=settings.allow_private)
    found = file_jobs(conventions.settings_file, required=conventions.config is not None)

    def tell(event: HubEvent) -> None:
        _tell(conventions, event)

    with Archive.open(conventions.archive, write=True, create=False) as archive:
        if stop:
            left = run_until_ended(stop_listening(archive, listening, settings, report=tell))
            if left:
                say(f"hubs did not end {left} subscriptions; they end with their leases", quiet=conventions.quiet)
            say("nothing is subscribed to any more", quiet=conventions.quiet)
            return 0
        synchronise(archive, found)
        runner = due_crawl(_command(conventions, fetching, reach)) if crawl else None
        run_until_ended(listen_to_hubs(archive, listening, settings, report=tell, crawl=runner))
    return 0


def _listening(callback: str | None, bind: str, lease: str, *, allow_others: bool, allow_private: bool) -> Listening:
    from scraper.crawl.websub import Listening, bind_address, callback_base

    if callback is None:
        raise UsageError(
            "--callback is missing",
            why="hubs have to be told where to call",
            next_step="give the public address that your proxy passes on to --bind: --callback https://…/",
        )
    base = callback_base(callback, allow_private=allow_private)
    host, port = bind_address(bind, allow_others=allow_others)
    return Listening(callback=base, host=host, port=port, lease=_lease(lease))


def _lease(text: str) -> timedelta:
    from datetime import timedelta

    from scraper.crawl.jobs.durations import FORM, duration

    span = duration(text)
    if span is None or not timedelta(hours=1) <= span <= timedelta(days=365):
        raise UsageError(f"--lease {text!r} is no span from 1h to 365d", next_step=FORM)
    return span


def _command(conventions: Conventions, *groups: OptionGroup) -> list[str]:
    """`scrape crawl --due`, with the options that this command was given."""
    from scraper.crawl.jobs.install import program_here

    command = [*program_here(), "crawl", "--due", "--archive", _absolute(conventions.archive)]
    if conventions.config is not None:
        command += ["--config", _absolute(conventions.config)]
    if conventions.site_files is not None:
        command += ["--selectors", _absolute(conventions.site_files)]
    command += ["--log", conventions.log.value, *(["--quiet"] if conventions.quiet else [])]
    for name, value in [pair for group in groups for pair in group.given().items()]:
        option = f"--{name.replace('_', '-')}"
        if value is True:
            command.append(option)
        elif value is not False:
            command += [word for one in _each(value) for word in (option, str(one))]
    return command


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _absolute(path: Path) -> str:
    return os.path.abspath(path)


def _show(conventions: Conventions) -> int:
    from scraper.article import utc_text
    from scraper.cli.rows import print_rows
    from scraper.store import Archive

    with Archive.open(conventions.archive) as archive:
        subscriptions = archive.websub().subscriptions()
        wanted = archive.websub().wanted()
    rows = [
        {
            "topic": one.topic.url,
            "hub": one.topic.hub,
            "state": one.state,
            "lease_ends_at": one.lease_ends_at and utc_text(one.lease_ends_at),
            "notified_at": one.notified_at and utc_text(one.notified_at),
            "notifications": one.notifications,
            "rejected": one.rejected,
            "error": one.error,
        }
        for one in subscriptions
    ]
    known = {one.topic for one in subscriptions}
    rows += [
        dict.fromkeys(_COLUMNS) | {"topic": topic.url, "hub": topic.hub, "state": "not subscribed"}
        for topic in sorted(wanted - known)
    ]
    print_rows(rows, _COLUMNS, conventions.rows_as)
    if not rows:
        say("no feed that was looked at names a hub", quiet=conventions.quiet)
    return 0


def _tell(conventions: Conventions, event: HubEvent) -> None:
    if conventions.log is Log.json:
        said = {"topic": event.topic, "hub": event.hub, "detail": event.detail}
        say_event(f"websub_{event.kind}", **{name: value for name, value in said.items() if value})
        return
    detail = f": {event.detail}" if event.detail else ""
    match event.kind:
        case "listening":
            text = f"listening on {event.detail}"
        case "crawled":
            text = f"scrape crawl --due ended with code {event.detail}" if event.detail != "0" else "fetched the news"
        case "error":
            text = f"a request was not dealt with{detail}"
        case "notified":
            text = f"news in {event.topic}"
        case "rejected":
            text = f"{event.topic}: a notification was not signed by {event.hub}, and ignored"
        case _:
            text = f"{event.topic}: {event.kind} at {event.hub}{detail}"
    if event.kind in _TROUBLE:
        say_error(text)
    else:
        say(text, quiet=conventions.quiet)
