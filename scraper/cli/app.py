"""The command line's table of contents, and the one place that turns exceptions into messages and exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from scraper.cli import (
    archiving,
    crawling,
    demonstration,
    explaining,
    exporting,
    health,
    history,
    importing,
    jobs,
    keeping,
    opening,
    reading,
    rereading,
    selectors,
    serving,
)
from scraper.cli.conventions import ReaderGone, Stopped
from scraper.cli.ending import end_as_on_ctrl_c
from scraper.cli.messages import say_as_is, say_error, say_traceback
from scraper.errors import ScrapeError
from scraper.settings import VERSION

app = typer.Typer(
    name="scrape",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
# The base of typer's usage errors: click's, or that of the copy of click that later versions of typer bring along.
_BadUsage: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
archiving.register(app)
crawling.register(app)
health.register(app)
explaining.register(app)
reading.register(app)
history.register(app)
exporting.register(app)
importing.register(app)
keeping.register(app)
rereading.register(app)
jobs.register(app)
selectors.register(app)
serving.register(app)
opening.register(app)
demonstration.register(app)


def _version(asked: bool) -> None:
    if asked:
        print(f"scrape {VERSION}")
        raise typer.Exit


@app.callback(no_args_is_help=True)
def _scrape(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Archive news pages: fetch, extract, and keep every version in one SQLite file.

    \b
    New here?      scrape demo
    One page:      scrape url https://example.com/story
    Then:          scrape list, scrape show 1, scrape search "some words"
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; every exception becomes a message on stderr and an exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    asked_to_end = end_as_on_ctrl_c()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        code = typer.main.get_command(app).main(args=given, prog_name="scrape", standalone_mode=False)
        sys.stdout.flush()
    except _BadUsage as error:
        shown = io.StringIO()
        error.show(file=shown)  # it quotes the command line, which may hold a URL with a password
        say_as_is(shown.getvalue())
        return int(error.exit_code)
    except (Stopped, KeyboardInterrupt, typer.Abort) as error:
        say_error("stopped", str(error))
        _let_go_of_stdout()
        return 143 if asked_to_end.is_set() else 130
    except (ReaderGone, BrokenPipeError):
        # Whoever read our output had enough (head, less): that is no error of ours.
        _let_go_of_stdout()
        return 0
    except ScrapeError as error:
        if debug:
            say_traceback()
        say_error(error.what, error.why, error.next_step)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort: a message in place of a traceback
        what = f"internal error: {type(error).__name__}: {error}"
        if debug:
            say_traceback()
            say_error(what, "this is a fault of scrape, not of yours", "report it, with the lines above")
        else:
            say_error(what, "this is a fault of scrape, not of yours", "report what the same command says with --debug")
        return 1
    return code if isinstance(code, int) else 0


def _let_go_of_stdout() -> None:
    """Write out what is left; if nobody reads it, to nowhere: Python must not complain when it closes stdout."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
