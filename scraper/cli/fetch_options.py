"""Options of the commands that fetch many pages."""

from __future__ import annotations

from typing import Annotated

import typer

from scraper.settings import RENDER, Render

UserAgent = Annotated[str | None, typer.Option(metavar="TEXT", help="User-Agent header.")]
Contact = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Your address or page, added to the User-Agent for sites' owners."),
]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Time for one page, redirects included.  [default: 30]")
]
Delay = Annotated[
    float | None,
    typer.Option(envvar="SCRAPE_DELAY", metavar="SECONDS", help="Pause between two pages of one host.  [default: 1]"),
]
Concurrency = Annotated[
    int | None, typer.Option(metavar="N", help="Hosts fetched from at the same time.  [default: 8]")
]
Retries = Annotated[
    int | None,
    typer.Option(metavar="N", help="Further tries when a page fails in a way that may pass.  [default: 2]"),
]
IgnoreRobots = Annotated[
    bool | None,
    typer.Option("--ignore-robots", help="Fetch what a site's robots.txt forbids; it is recorded.", show_default=False),
]
Rendering = Annotated[
    Render | None,
    typer.Option(
        metavar="|".join(RENDER),
        help="Have a browser draw pages: those that scripts fill (auto), all, or none.  [default: auto]",
    ),
]
ProxyAddress = Annotated[
    str | None, typer.Option(metavar="URL", help="Fetch through it: http://, https://, socks5:// or socks5h://.")
]
