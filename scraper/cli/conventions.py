"""What every command has in common: its options, where its settings come from, and how it prints rows.

A command is a function whose first parameter is a `Conventions`; `@conventional` gives it the shared options. A
parameter of its own with the name of a shared one takes that one's place.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from scraper.cli.messages import speak
from scraper.settings import FetchSettings, fetch_settings, load_config, redacts_queries

AllowPrivate = Annotated[
    bool | None,
    typer.Option(
        "--allow-private",
        envvar="SCRAPE_ALLOW_PRIVATE",
        help="Admit loopback and private addresses.",
        show_default=False,
    ),
]
ConnectToRules = Annotated[
    list[str] | None,
    typer.Option(envvar="SCRAPE_CONNECT_TO", metavar="HOST1:PORT1:HOST2:PORT2", help="As curl's option of that name."),
]
"""Options of every command that fetches."""


class Stopped(Exception):
    """Ctrl-C. Not KeyboardInterrupt, which typer would turn into an exit code without a word."""


class ReaderGone(Exception):
    """Nobody reads stdout any more. Not BrokenPipeError, on which typer would end the process."""


class Format(StrEnum):
    table = "table"
    json = "json"
    ndjson = "ndjson"
    csv = "csv"
    md = "md"


class Log(StrEnum):
    text = "text"
    json = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The shared options of one call."""

    archive: Path
    config: Path | None
    selectors: Path | None
    format: Format | None = None
    """None also for a command whose --format is one of its own."""
    quiet: bool
    log: Log
    debug: bool

    @property
    def rows_as(self) -> Format:
        """The format asked for; else a table on a terminal and ndjson in a pipe."""
        return self.format or (Format.table if sys.stdout.isatty() else Format.ndjson)

    @property
    def site_files(self) -> Path | None:
        """The folder of site files: as given, else ./selectors where there is one, else None for the packaged copy."""
        if self.selectors is not None:
            return self.selectors
        here = Path("selectors")
        return here if here.is_dir() and any(here.glob("*.toml")) else None

    @property
    def settings_file(self) -> Path:
        """As given, else scrape.toml beside the archive; it may not exist."""
        return self.config or self.archive.parent / "scrape.toml"

    def fetch_settings(self, **given: Any) -> FetchSettings:
        """Fetch settings from the command line (`given`, None where not given) and scrape.toml beside the archive."""
        return fetch_settings(load_config(self.settings_file, required=self.config is not None), **given)


_SHARED: list[inspect.Parameter] = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
    for name, kind, default, option in (
        (
            "archive",
            Path,
            Path("archive.db"),
            typer.Option("--archive", metavar="PATH", envvar="SCRAPE_ARCHIVE", help="The archive.", show_default=True),
        ),
        (
            "config",
            Path | None,
            None,
            typer.Option("--config", metavar="PATH", help="Settings file.  [default: scrape.toml beside the archive]"),
        ),
        (
            "selectors",
            Path | None,
            None,
            typer.Option(
                "--selectors",
                metavar="DIR",
                help="Folder of site files.  [default: ./selectors, then the packaged ones]",
            ),
        ),
        (
            "format",
            Format | None,
            None,
            typer.Option(
                "-f",
                "--format",
                metavar="|".join(Format),
                help="How rows come out.  [default: table; ndjson in a pipe]",
            ),
        ),
        ("quiet", bool, False, typer.Option("-q", "--quiet", help="No progress and no remarks.")),
        (
            "log",
            Log,
            Log.text,
            typer.Option(
                "--log", metavar="|".join(Log), help="Messages on stderr as text or as JSON lines.", show_default=True
            ),
        ),
        ("debug", bool, False, typer.Option("--debug", help="Show a traceback when something goes wrong.")),
    )
]


def conventional(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give `command`, whose first parameter is a `Conventions`, the options every command has."""
    hints = get_type_hints(command, include_extras=True)
    own = [
        parameter.replace(annotation=hints[parameter.name])
        for parameter in list(inspect.signature(command).parameters.values())[1:]
    ]
    taken = {parameter.name for parameter in own}
    added = [parameter for parameter in _SHARED if parameter.name not in taken]

    @functools.wraps(command)
    def with_options(**given: Any) -> int | None:
        shared = {parameter.name: given.pop(parameter.name) for parameter in added}
        conventions = Conventions(**shared)
        speak(json_lines=conventions.log is Log.json, redact_queries=redacts_queries(conventions.settings_file))
        if conventions.config is not None:
            load_config(conventions.config, required=True)  # a wrong path is said also where nothing is read from it
        try:
            return command(conventions, **given)
        except KeyboardInterrupt as error:
            raise Stopped(str(error)) from error
        except BrokenPipeError as error:
            raise ReaderGone from error

    with_options.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*own, *added)}
    del with_options.__wrapped__  # or its signature would be read in place of ours
    return with_options


def examples(*lines: str) -> str:
    """The epilog of a command's help; every line is run by a test."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
