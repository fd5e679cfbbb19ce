"""The `scrape` command: parse, call, print, exit code. The only place that prints."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `scrape` with `arguments` (default: those of the process) and return the exit code."""
    from scraper.cli.app import run

    return run(arguments)
