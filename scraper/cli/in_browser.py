"""The user's browser, as the system knows it."""

from __future__ import annotations

import threading

from scraper.cli.conventions import Conventions, Log
from scraper.cli.messages import say, say_event


def open_in_browser(conventions: Conventions, address: str) -> threading.Thread:
    """Open `address`; where no browser can, say so, and print it on stdout.

    In the thread that is returned: some browsers return only when they are closed.
    """
    thread = threading.Thread(target=_open, args=(conventions, address), daemon=True)
    thread.start()
    return thread


def _open(conventions: Conventions, address: str) -> None:
    import webbrowser

    try:
        opened = webbrowser.open(address)
    except (webbrowser.Error, OSError, LookupError, ValueError):  # the latter two of a BROWSER that names nothing
        opened = False
    if opened:
        return
    if conventions.log is Log.json:
        say_event("no_browser", url=address)
    else:
        say("no browser was found here that could open this:", quiet=conventions.quiet)
    print(address, flush=True)
