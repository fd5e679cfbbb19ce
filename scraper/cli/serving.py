"""`scrape serve`: the archive in a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli.conventions import Conventions, Log, conventional, examples
from scraper.cli.in_browser import open_in_browser
from scraper.cli.messages import say, say_event
from scraper.cli.reading import open_archive
from scraper.errors import UsageError

if TYPE_CHECKING:
    from socket import socket

    from scraper.web.server import Web

_PORT = 8001


def register(app: typer.Typer) -> None:
    app.command(
        "serve", epilog=examples("scrape serve", "scrape serve --open", "scrape serve --archive demo.db --port 0")
    )(conventional(serve))


def serve(
    conventions: Conventions,
    port: Annotated[
        int, typer.Option("-p", "--port", min=0, max=65535, help="Where to listen; 0 means any port that is free.")
    ] = _PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address of this machine to listen on.")
    ] = "127.0.0.1",
    allow_others: Annotated[
        bool,
        typer.Option("--allow-others", help="Let other machines read the archive, too: --host may be any address."),
    ] = False,
    hostname: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name that the server is reached by besides localhost; may be repeated."),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> int:
    """Read the archive in a browser: search, articles, what was edited, tables and SQL.

    Nothing is written, and no page fetches anything from elsewhere. A crawl may go on meanwhile: what it archives is
    there at once. Only this machine is answered: there is no password. Ctrl-C ends it.
    """
    from scraper.web import check_installed
    from scraper.web.listening import is_loopback

    check_installed()
    if not is_loopback(host) and not allow_others:
        raise UsageError(
            f"{host} is an address that other machines can reach",
            why="there is no password: everybody who reaches it can read the whole archive",
            next_step="add --allow-others if that is what you want, or leave --host out",
        )
    # First, as it is quickly told: Datasette takes a second to come.
    open_archive(conventions).close()
    names = [*(hostname or ()), *([host] if allow_others else ())]

    def begun(address: str) -> None:
        say_where(conventions, address)
        if not is_loopback(host) and conventions.log is not Log.json:
            reached = ", ".join(hostname or ()) or "its address"
            say(f"whoever reaches this machine can read it, as {reached}: no password is asked")
        if open_it:
            open_in_browser(conventions, address)

    run_server(conventions, host=host, port=port, names=names, begun=begun)
    return 0


def run_server(
    conventions: Conventions,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    names: Sequence[str] = (),
    begun: Callable[[str], None],
) -> None:
    """Show the archive until Ctrl-C; `begun` is called with the address when it can be opened. Raises UsageError."""
    from scraper.web.listening import address_of, listening
    from scraper.web.server import web
    from scraper.web.whereabouts import Announcement

    announcement = Announcement()
    pages = web(conventions.archive, names=names, more_routes=[announcement.route], selectors=conventions.site_files)
    try:
        with listening(host, port) as listener:
            address = address_of(listener)
            with announcement.made(conventions.archive, address):
                begun(address)
                _run(pages, listener)
    finally:
        pages.close()
    say("stopped", quiet=conventions.quiet)


def say_where(conventions: Conventions, address: str) -> None:
    if conventions.log is Log.json:
        say_event("serving", archive=str(conventions.archive), url=address)
    else:
        say(f"{conventions.archive} at {address} (Ctrl-C ends it)", quiet=conventions.quiet)


def _run(pages: Web, listener: socket) -> None:
    """Until Ctrl-C, which is how it is meant to end: no error."""
    from scraper.web.server import serve as answer

    try:
        answer(pages, listener)
    except KeyboardInterrupt:
        return
