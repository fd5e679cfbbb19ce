"""`scrape open`: one page of the web interface, in the user's browser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from scraper.cli.conventions import Conventions, Log, conventional, examples
from scraper.cli.in_browser import open_in_browser
from scraper.cli.messages import say, say_event
from scraper.cli.reading import open_archive
from scraper.cli.serving import run_server, say_where
from scraper.errors import NotInArchive, UsageError

if TYPE_CHECKING:
    from scraper.store import Archive


def register(app: typer.Typer) -> None:
    app.command(
        "open",
        epilog=examples(
            "scrape open",
            "scrape open 1",
            "scrape open http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/ --replay",
            "scrape open --capture 3 --print",
        ),
    )(conventional(open_page))


def open_page(
    conventions: Conventions,
    page: Annotated[
        str | None,
        typer.Argument(metavar="ID|URL", help="The number scrape list shows, or a URL.", show_default=False),
    ] = None,
    capture: Annotated[
        int | None, typer.Option("--capture", metavar="N", min=1, help="The capture of this number, not an article.")
    ] = None,
    replay: Annotated[bool, typer.Option("--replay", help="The page as it was captured, not its article.")] = False,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="The capture nearest to a day, or a time in UTC; with --replay."),
    ] = None,
    print_it: Annotated[
        bool, typer.Option("--print", help="Print the address on stdout; no browser is opened.")
    ] = False,
) -> int:
    """Open an article of the archive in the browser, or the archive itself.

    A scrape serve of the same archive that runs on this machine shows it; where there is none, one is started here,
    until Ctrl-C. URL is any that the archive knows the page by.
    """
    with open_archive(conventions) as archive:
        path = path_of(archive, page, capture=capture, replay=replay, at=at)
    from scraper.web.whereabouts import address_of_server

    def show(address: str) -> None:
        where = f"{address.rstrip('/')}{path}"
        if print_it:
            print(where, flush=True)
            return
        opening = open_in_browser(conventions, where)
        if running is not None:
            opening.join()  # a browser that would be ended with this program

    running = address_of_server(conventions.archive)
    if running is not None:
        _say_found(conventions, running)
        show(running)
        return 0
    from scraper.web import check_installed

    check_installed()

    def begun(address: str) -> None:
        say_where(conventions, address)
        show(address)

    run_server(conventions, begun=begun)
    return 0


def _say_found(conventions: Conventions, address: str) -> None:
    if conventions.log is Log.json:
        say_event("found", archive=str(conventions.archive), url=address)
    else:
        say(f"{conventions.archive} is at {address} already", quiet=conventions.quiet)


# --- Which page is meant ---------------------------------------------------------------------------------------------


def path_of(
    archive: Archive,
    page: str | None = None,
    *,
    capture: int | None = None,
    replay: bool = False,
    at: str | None = None,
) -> str:
    """The page of the web interface, as what follows a server's address. Raises NotInArchive and UsageError."""
    if page is not None and capture is not None:
        raise UsageError("Both a page and --capture are given", next_step="leave one of them out")
    if at is not None and (not replay or capture is not None):
        raise UsageError(
            "--at says which capture of a page is replayed", next_step="scrape open URL --replay --at DATE"
        )
    if capture is not None:
        stored = archive.stored_capture(capture)
        url = archive.page(stored.page_id).url
        return _replayed(url, stored.fetched_at) if replay else f"/capture/{capture}"
    if page is None:
        if replay:
            raise UsageError("--replay wants to know of which page", next_step="scrape open URL --replay")
        return "/"
    return _nearest(archive, page, None if at is None else _moment(at)) if replay else _article(archive, page)


def _article(archive: Archive, page: str) -> str:
    """The article's page; for a page that was never read that of its last capture, which says why."""
    try:
        return f"/article/{archive.article(page).id}"
    except NotInArchive:
        captures = list(archive.captures(page))  # raises it again where the page is not there at all
        if not captures:
            raise
        return f"/capture/{captures[-1].id}"


def _nearest(archive: Archive, page: str, moment: datetime | None) -> str:
    """The capture of a page nearest to a moment, the last one for None, as it was."""
    url = _url_of(archive, page)
    around = archive.mementos().around(url, moment)
    if around is None:
        raise NotInArchive(f"There is no capture of {url}", next_step=f"scrape history {page}")
    return _replayed(url, around.this.fetched_at)


def _url_of(archive: Archive, page: str) -> str:
    """The address to replay: the one that was given, if it is one; else the page's. Raises NotInArchive."""
    known = archive.page(page)
    if "://" not in page:
        return known.url
    from scraper.urls import check_url, without_credentials

    return without_credentials(check_url(page)).partition("#")[0]


def _replayed(url: str, moment: datetime) -> str:
    from scraper.web.replay.addresses import Addresses

    return Addresses().capture(moment, url)


def _moment(text: str) -> datetime:
    """The moment that is meant; of a day its noon, of a month or a year its middle. Raises UsageError."""
    for form, middle in (("%Y-%m-%d", {"hour": 12}), ("%Y-%m", {"day": 15}), ("%Y", {"month": 7})):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC, **middle)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--at {text[:40]!r} is no day or time", next_step="--at 2024-07-23, or --at 2024-07-23T10:15"
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
