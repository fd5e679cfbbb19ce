"""How a crawl stands, on stderr while it runs; a row for each page on stdout; and a table of sites at the end."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scraper.cli import terminal
from scraper.cli.conventions import Conventions, Format, Log
from scraper.cli.messages import harmless, json_text, say, say_error, say_event
from scraper.cli.outcomes import assets_text, outcome_dict

if TYPE_CHECKING:
    from scraper.crawl import AssetsDone, CrawlSummary, PageDone, Progress, SourceDone
    from scraper.crawl.jobs import Job

_TICK = 0.5
"""Seconds between two looks at how it stands."""
_SITES = ("site", "found", "new", "changed", "unchanged", "labelled", "failed", "gone")


class CrawlPrinter:
    """Shows one run of one job. `quiet` says nothing but what went wrong."""

    def __init__(self, conventions: Conventions, job: Job, progress: Progress, *, quiet: bool) -> None:
        self._conventions = conventions
        self._job = job
        self._progress = progress
        self._quiet = quiet or conventions.quiet
        self._rows: list[dict[str, Any]] = []
        self._begun = time.monotonic()
        self._lines = threading.Lock()
        self._over = threading.Event()
        live = sys.stderr.isatty() and not self._quiet and conventions.log is Log.text
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True) if live else None

    def __enter__(self) -> CrawlPrinter:
        if self._ticker is not None:
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, done: PageDone | SourceDone | AssetsDone) -> None:
        """A page or a source was dealt with, or what a page shows."""
        from scraper.crawl import AssetsDone, SourceDone

        if isinstance(done, AssetsDone):
            if self._conventions.log is Log.json:
                say_event("assets", capture=done.capture_id, **done.counts.as_dict())
            return
        if isinstance(done, SourceDone):
            if done.check.error is not None and done.source.depth == 0:
                with self._lines:
                    say_error(
                        f"{done.source.url} could not be read ({done.check.error})",
                        done.check.error_message or "",
                        "check the address; the same command tries again",
                    )
            return
        if self._quiet:
            return
        form = self._conventions.rows_as
        with self._lines:
            if form is Format.ndjson:
                print(json_text(_page_row(done)), flush=True)
            elif form is Format.table:
                print(self._line(done), flush=True)
            else:
                self._rows.append(_page_row(done))

    def close(self, summary: CrawlSummary) -> None:
        """Say what the run did."""
        if self._conventions.log is Log.json:
            say_event("crawl", job=self._job.name, **summary.as_dict())
        for host, why in summary.resting.items():
            say(f"{host} was left alone: {why}", quiet=self._quiet)
        if self._quiet:
            return
        form = self._conventions.rows_as
        if form not in (Format.ndjson, Format.table):
            from scraper.cli.rows import print_rows

            print_rows(self._rows, ("state", "reason", "id", "revision", "headline", "url"), form)
        if self._conventions.log is Log.text:
            self._say_table(summary)

    def _say_table(self, summary: CrawlSummary) -> None:
        rows = [{"site": site, **asdict(counts)} for site, counts in sorted(summary.sites.items())]
        if len(rows) > 1:
            rows.append({"site": "all", **{name: summary.total(name) for name in _SITES[1:]}})
        widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in _SITES] if rows else []
        for row in [dict(zip(_SITES, _SITES, strict=True)), *rows] if rows else []:
            cells = [str(row[name]).rjust(width) for name, width in zip(_SITES[1:], widths[1:], strict=True)]
            say("  ".join([str(row["site"]).ljust(widths[0]), *cells]))
        seconds = time.monotonic() - self._begun
        say(f"{summary.fetched} pages and {summary.sources} sources asked for in {seconds:.0f} seconds")
        if summary.assets is not None:
            say(f"pictures and styles: {assets_text(summary.assets)}")
        if summary.reasons:
            ordered = sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0]))
            say("not archived as articles: " + ", ".join(f"{reason} {count}" for reason, count in ordered))
        if summary.waiting:
            say(f"{summary.waiting} pages wait for the next run of the same command")

    def _line(self, done: PageDone) -> str:
        """`new        #3  A headline`, as wide as the terminal at the most."""
        outcome = done.outcome
        article = outcome.article
        state: str = done.state
        if done.state == "done":
            state, what = outcome.state, (article.headline if article else None) or outcome.url
        else:
            what = f"{outcome.url} ({done.reason})"
        page = f"#{article.id}" if article is not None and article.id is not None else ""
        line = harmless(f"{state:<9}  {page:>5}  {what}").replace("\n", " ")
        width = terminal.width()
        return line if len(line) <= width else line[: width - 1] + "…"

    def _tick(self) -> None:
        while not self._over.wait(_TICK):
            summary = self._progress.summary
            rate = summary.fetched / max(0.1, time.monotonic() - self._begun)
            failed = summary.total("failed")
            parts = [
                f"{self._progress.hosts} hosts",
                f"{self._progress.waiting} waiting",
                f"{summary.fetched} fetched ({rate:.1f}/s)",
                f"{self._progress.reading} being read",
                f"{summary.total('new')} new",
            ]
            if failed:
                worst = sorted(summary.reasons.items(), key=lambda item: -item[1])[:3]
                parts.append(f"{failed} failed: " + ", ".join(f"{reason} {count}" for reason, count in worst))
            line = " · ".join(parts)[: terminal.width() - 1]
            with self._lines:
                print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _page_row(done: PageDone) -> dict[str, Any]:
    row = outcome_dict(done.outcome)
    return {**row, "state": row["state"] if done.state == "done" else done.state, "reason": done.reason}
