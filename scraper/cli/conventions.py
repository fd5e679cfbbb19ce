"""What every command has in common: its options, where its settings come from, and how it prints rows.

A command is a function whose first parameter is a `Conventions`; `@conventional` gives it the shared options. A
parameter of its own with the name of a shared one takes that one's place. A parameter that is an `OptionGroup` stands
for the options that the group declares.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from scraper.cli.messages import speak
from scraper.settings import FetchSettings, fetch_settings, load_config, redacts_queries


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
class OptionGroup:
    """Options that several commands have, one a field; a command that has a parameter of this kind has all of them."""

    def given(self) -> dict[str, Any]:
        """What was given of them, by name: no None, and no list of nothing."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The shared options of one call."""

    archive: Annotated[
        Path,
        typer.Option("--archive", metavar="PATH", envvar="SCRAPE_ARCHIVE", help="The archive.", show_default=True),
    ] = Path("archive.db")
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="PATH", help="Settings file.  [default: scrape.toml beside the archive]"),
    ] = None
    selectors: Annotated[
        Path | None,
        typer.Option(
            "--selectors", metavar="DIR", help="Folder of site files.  [default: ./selectors, then the packaged ones]"
        ),
    ] = None
    format: Annotated[
        Format | None,
        typer.Option(
            "-f", "--format", metavar="|".join(Format), help="How rows come out.  [default: table; ndjson in a pipe]"
        ),
    ] = None
    """None also for a command whose --format is one of its own."""
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no remarks.")] = False
    log: Annotated[
        Log,
        typer.Option(
            "--log", metavar="|".join(Log), help="Messages on stderr as text or as JSON lines.", show_default=True
        ),
    ] = Log.text
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something goes wrong.")] = False

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

    def fetch_settings(self, *groups: OptionGroup, **given: Any) -> FetchSettings:
        """Fetch settings from the command line and scrape.toml beside the archive.

        What was typed is in `groups`, and single options in `given`, None where not given.
        """
        typed = {name: value for group in groups for name, value in group.given().items()}
        return fetch_settings(load_config(self.settings_file, required=self.config is not None), **typed, **given)


def conventional(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give `command`, whose first parameter is a `Conventions`, the options every command has, and those of its groups.

    The options of a group stand in the place of the parameter that takes the group.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[OptionGroup]] = {}
    own: list[inspect.Parameter] = []
    for parameter in list(inspect.signature(command).parameters.values())[1:]:
        kind = hints[parameter.name]
        if isinstance(kind, type) and issubclass(kind, OptionGroup):
            groups[parameter.name] = kind
            own += _options_in(kind)
        else:
            own.append(parameter.replace(annotation=kind, kind=inspect.Parameter.KEYWORD_ONLY))
    taken = {parameter.name for parameter in own}
    added = [parameter for parameter in _options_in(Conventions) if parameter.name not in taken]

    @functools.wraps(command)
    def with_options(**given: Any) -> int | None:
        conventions = Conventions(**{parameter.name: given.pop(parameter.name) for parameter in added})
        for name, kind in groups.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
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


def _options_in(kind: type[OptionGroup | Conventions]) -> list[inspect.Parameter]:
    """The fields of a group, as parameters of a command."""
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(kind)
    ]


def examples(*lines: str) -> str:
    """The epilog of a command's help; every line is run by a test."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
