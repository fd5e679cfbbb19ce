"""The command line's table of contents, and the one place that turns exceptions into messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import click
import typer

from scraper.cli import archiving, demonstration, explaining, reading
from scraper.cli.messages import say_error
from scraper.errors import ScrapeError
from scraper.settings import VERSION

app = typer.Typer(
    name="scrape",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
archiving.register(app)
explaining.register(app)
reading.register(app)
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
    try:
        code = typer.main.get_command(app).main(args=given, prog_name="scrape", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        say_error("stopped")
        return 130
    except BrokenPipeError:
        # The reader of our output went away (head, less): that is no error of ours. Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ScrapeError as error:
        if debug:
            raise
        say_error(error.what, error.why, error.next_step)
        return error.exit_code
    except Exception as error:
        if debug:
            raise
        what = f"internal error: {type(error).__name__}: {error}"
        say_error(what, "this is a fault of scrape, not of yours", "run the same command with --debug and report it")
        return 1
    return code if isinstance(code, int) else 0
