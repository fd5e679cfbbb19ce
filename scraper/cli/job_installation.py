"""`scrape jobs install`: have the system run what is due."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli.conventions import Conventions, conventional, examples
from scraper.cli.messages import harmless, say
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.crawl.jobs.install import Installation
    from scraper.crawl.jobs.systemd import Manager


def register(group: typer.Typer) -> None:
    group.command(
        "install",
        epilog=examples(
            "scrape jobs install --systemd --user --dry-run",
            "scrape jobs install --cron --every 30m --dry-run",
        ),
    )(conventional(install))


def install(
    conventions: Conventions,
    systemd: Annotated[bool, typer.Option("--systemd", help="As a systemd timer.")] = False,
    cron: Annotated[bool, typer.Option("--cron", help="As a line of your crontab.")] = False,
    user: Annotated[
        bool, typer.Option("--user", help="As your own timer; the usual way for all but root.", show_default=False)
    ] = False,
    system: Annotated[
        bool, typer.Option("--system", help="As the system's timer, run by who owns the archive; needs root.")
    ] = False,
    every: Annotated[
        str, typer.Option(metavar="SPAN", help="How often to look for what is due.", show_default=True)
    ] = "15m",
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", metavar="FILE", help="NAME=value lines to read before, as for $… in scrape.toml."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what was installed for this archive.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written and run, and do neither.")
    ] = False,
) -> int:
    """Have systemd or cron run scrape crawl --due on this archive, every 15 minutes unless told otherwise.

    What each job's own schedule is does not matter here: as long as nothing is due, nothing is done. Done again, it
    takes the place of what it did before.
    """
    from scraper.crawl.jobs import crontab
    from scraper.crawl.jobs import systemd as timers
    from scraper.crawl.jobs.install import Installation

    if systemd == cron:
        raise UsageError(
            "Give one of --systemd and --cron", next_step="scrape jobs install --systemd --dry-run shows what it does"
        )
    if system and (cron or user):
        raise UsageError("--system goes with --systemd, and without --user")
    wanted = Installation.of(
        conventions.archive,
        every=every,
        config=conventions.config,
        selectors=conventions.site_files,
        environment_file=env_file,
    )

    def tell(text: str) -> None:
        say(text, quiet=conventions.quiet)

    if cron:
        if dry_run:
            _print_crontab(wanted, remove=remove)
        elif remove:
            crontab.remove(wanted, tell)
        else:
            crontab.install(wanted, tell)
        return 0
    manager: Manager = "system" if system or (not user and os.geteuid() == 0) else "user"
    folder = timers.unit_folder(manager)
    if dry_run:
        _print_units(wanted, manager, folder, remove=remove)
    elif remove:
        timers.remove(wanted, manager, folder, tell)
    else:
        timers.install(wanted, manager, folder, tell)
    return 0


def _print_crontab(wanted: Installation, *, remove: bool) -> None:
    from scraper.crawl.jobs import crontab

    what = "taken out of" if remove else "put into"
    print(f"# {what} the crontab (crontab -l, crontab -), all other lines as they are:")
    print(harmless(crontab.block(wanted)), end="")


def _print_units(wanted: Installation, manager: Manager, folder: Path, *, remove: bool) -> None:
    from scraper.crawl.jobs import systemd as timers

    run = timers.commands(wanted, manager, remove=remove)
    written = timers.units(wanted, manager)
    if remove:
        lines = [_shown(run[0]), *(f"$ rm {folder / name}" for name in written), _shown(run[1])]
        print(harmless("\n".join(lines)))
        return
    for name, text in written.items():
        print(harmless(f"# {folder / name}\n{text}"))
    print(harmless("\n".join(_shown(command) for command in run)))


def _shown(command: list[str]) -> str:
    return f"$ {' '.join(command)}"
