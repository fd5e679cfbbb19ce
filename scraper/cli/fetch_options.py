"""Options of the commands that fetch pages: `Conventions.fetch_settings` makes settings of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from scraper.cli.conventions import OptionGroup
from scraper.settings import RENDER, Render


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachOptions(OptionGroup):
    """What every command that fetches may be told: where connections may go."""

    allow_private: Annotated[
        bool | None,
        typer.Option(
            "--allow-private",
            envvar="SCRAPE_ALLOW_PRIVATE",
            help="Admit loopback and private addresses.",
            show_default=False,
        ),
    ] = None
    connect_to: Annotated[
        list[str] | None,
        typer.Option(
            envvar="SCRAPE_CONNECT_TO", metavar="HOST1:PORT1:HOST2:PORT2", help="As curl's option of that name."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions(OptionGroup):
    """What commands that fetch pages may be told besides: how hosts are asked."""

    user_agent: Annotated[str | None, typer.Option(metavar="TEXT", help="User-Agent header.")] = None
    contact: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Your address or page, added to the User-Agent for sites' owners."),
    ] = None
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Time for one page, redirects included.  [default: 30]")
    ] = None
    delay: Annotated[
        float | None,
        typer.Option(
            envvar="SCRAPE_DELAY", metavar="SECONDS", help="Pause between two pages of one host.  [default: 1]"
        ),
    ] = None
    retries: Annotated[
        int | None,
        typer.Option(metavar="N", help="Further tries when a page fails in a way that may pass.  [default: 2]"),
    ] = None
    ignore_robots: Annotated[
        bool | None,
        typer.Option(
            "--ignore-robots", help="Fetch what a site's robots.txt forbids; it is recorded.", show_default=False
        ),
    ] = None
    proxy: Annotated[
        str | None, typer.Option(metavar="URL", help="Fetch through it: http://, https://, socks5:// or socks5h://.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions(AskOptions):
    """What commands that fetch many pages may be told besides."""

    concurrency: Annotated[
        int | None, typer.Option(metavar="N", help="Hosts fetched from at the same time.  [default: 8]")
    ] = None
    render: Annotated[
        Render | None,
        typer.Option(
            metavar="|".join(RENDER),
            help="Have a browser draw pages: those that scripts fill (auto), all, or none.  [default: auto]",
        ),
    ] = None
    assets: Annotated[
        bool | None,
        typer.Option("--assets", help="Also keep pictures, styles and fonts that pages show.", show_default=False),
    ] = None
    assets_budget: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Of those, at most so much a page.  [default: 20MiB]")
    ] = None
