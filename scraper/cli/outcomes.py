"""What became of each URL, said as it happens: cards, lines or rows on stdout, failures and progress on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scraper.cli import terminal
from scraper.cli.conventions import Conventions, Format, Log
from scraper.cli.messages import harmless, json_text, say, say_error, say_event

if TYPE_CHECKING:
    from scraper.crawl import Outcome, Summary
    from scraper.crawl.assets.counts import AssetCounts

_COLUMNS = ("state", "id", "revision", "verdict", "published_at", "headline", "url", "error")

# What to do about a failure, where trying again is not all there is.
_NEXT = {
    "forbidden_address": "add --allow-private if this is a test site or an intranet of yours",
    "dns": "check the spelling of the name, then this machine's network",
    "refused": "check host and port, and whether the server runs",
    "timeout": "try again later, or give a slow server more time with --timeout SECONDS",
    "too_large": "raise max_body in scrape.toml if you want pages of that size",
    "robots_denied": "respect it, or use --ignore-robots if you have the owner's permission",
    "login": "check page, fields and values of its login in scrape.toml, then run the same command again",
    "host_paused": "run the same command again later",
    "extraction": "the page itself is kept; a later version may read it",
}


class OutcomePrinter:
    """Prints outcomes as they come. `total` is how many URLs were asked for: a single one is shown as a card."""

    def __init__(self, conventions: Conventions, *, total: int) -> None:
        self._conventions = conventions
        self._total = total
        self._done = 0
        self._failed = 0
        self._rows: list[dict[str, Any]] = []
        self._in_lines = conventions.rows_as is Format.table and total > 1
        self._counting = total > 1 and not self._in_lines and _can_count(conventions)

    def show(self, outcome: Outcome) -> None:
        self._done += 1
        self._failed += outcome.failure is not None
        self._clear_count()
        if self._conventions.log is Log.json:
            _say_page(outcome)
        elif outcome.failure is not None:
            self._say_failure(outcome)
        for note in outcome.notes:
            say(f"{outcome.url}: {note}", quiet=self._conventions.quiet)
        form = self._conventions.rows_as
        if form is Format.ndjson:
            print(json_text(outcome_dict(outcome)), flush=True)
        elif self._in_lines:
            print(self._line(outcome), flush=True)
        elif form is Format.table:
            self._show_card(outcome)
        else:
            self._rows.append(outcome_dict(outcome))
        self._count()

    def close(self, *, complete: bool) -> None:
        """Print what waited for the end; when not `complete`, only if there is something."""
        self._clear_count()
        form = self._conventions.rows_as
        if form in (Format.ndjson, Format.table) or not (complete or self._rows):
            return
        from scraper.cli.rows import print_rows

        rows = self._rows if form is Format.json else [_flat(row) for row in self._rows]
        print_rows(rows, _COLUMNS, form)

    def _line(self, outcome: Outcome) -> str:
        """`12/100  new        #3  A headline`, as wide as the terminal at the most."""
        number = f"{self._done:>{len(str(self._total))}}/{self._total}"
        what = (outcome.article.headline if outcome.article and outcome.failure is None else None) or outcome.url
        state = "failed" if outcome.failure is not None else outcome.state
        page = f"#{outcome.article.id}" if outcome.article and outcome.article.id is not None else ""
        line = harmless(f"{number}  {state:<9}  {page:>5}  {what}").replace("\n", " ")
        width = terminal.width()
        return line if len(line) <= width else line[: width - 1] + "…"

    def _show_card(self, outcome: Outcome) -> None:
        from scraper.cli.card import print_card

        if outcome.article is None or outcome.failure is not None:
            return
        article, archive = outcome.article, self._conventions.archive
        options = archive_option(self._conventions)
        follow = f"show {article.id}" if article.revision else f"explain {outcome.url}"
        assets = None if outcome.assets is None else assets_text(outcome.assets)
        next_command = f"scrape {follow}{options}"
        print_card(article, state=outcome.state, archive=archive, next_command=next_command, assets=assets)

    def _say_failure(self, outcome: Outcome) -> None:
        assert outcome.failure is not None  # noqa: S101 - the caller looked
        if outcome.usage is not None:
            say_error(outcome.usage.what, outcome.usage.why, outcome.usage.next_step)
            return
        failure = outcome.failure
        kept = ""
        if outcome.capture is not None:
            what = "the failure" if outcome.capture.sha256 is None else "what came"
            kept = f"; {what} is kept as capture {outcome.capture.id}"
        next_step = _NEXT.get(failure.code, "the same command tries again")
        if outcome.article is not None:
            next_step = f"scrape explain {outcome.url}{archive_option(self._conventions)} shows what came"
        say_error(f"{outcome.url} failed ({failure.code})", failure.message + kept, next_step)

    def _count(self) -> None:
        if self._counting:
            failed = f", {self._failed} failed" if self._failed else ""
            print(f"{self._done} of {self._total} pages{failed}", end="\r", file=sys.stderr, flush=True)

    def _clear_count(self) -> None:
        if self._counting:
            print("\x1b[K", end="", file=sys.stderr, flush=True)


def _can_count(conventions: Conventions) -> bool:
    return sys.stderr.isatty() and not conventions.quiet and conventions.log is Log.text


def archive_option(conventions: Conventions) -> str:
    """` --archive PATH`, to be appended to a command that is suggested; empty for the default."""
    return "" if str(conventions.archive) == "archive.db" else f" --archive {conventions.archive}"


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON-ready values: the article, with `state`, and `error` for a failure."""
    out: dict[str, Any] = {"state": outcome.state}
    if outcome.article is not None:
        out |= outcome.article.as_dict()
    else:
        out["url"] = outcome.url
        if outcome.capture is not None:
            out["capture"] = {"id": outcome.capture.id, "status": outcome.capture.status}
    if outcome.assets is not None:
        out["assets"] = outcome.assets.as_dict()
    if outcome.failure is not None:
        out["error"] = {"code": outcome.failure.code, "message": outcome.failure.message}
    return out


def assets_text(counts: AssetCounts) -> str:
    """`12 stored, 30 held already, 1 failed (http_404 1): 1,204,511 bytes`."""
    parts = [f"{counts.stored} stored"]
    if counts.held:
        parts.append(f"{counts.held} held already")
    if counts.failed:
        reasons = sorted(counts.reasons.items(), key=lambda item: (-item[1], item[0]))
        parts.append(f"{counts.failed} failed ({', '.join(f'{reason} {count}' for reason, count in reasons)})")
    if counts.left_out:
        parts.append(f"{counts.left_out} left out, beyond the budget of a page")
    return f"{', '.join(parts)}: {counts.bytes:,} bytes"


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    error = row.get("error")
    return row | {"error": error["code"] if error else None}


def _say_page(outcome: Outcome) -> None:
    facts: dict[str, Any] = {"url": outcome.url, "state": outcome.state}
    if outcome.capture is not None:
        facts["capture"] = outcome.capture.id
    if outcome.assets is not None:
        facts["assets"] = outcome.assets.as_dict()
    if outcome.failure is not None:
        facts["error"] = {"code": outcome.failure.code, "message": outcome.failure.message}
    say_event("page", **facts)


def say_summary(summary: Summary, conventions: Conventions) -> None:
    """How many of which; nothing for a single page."""
    total = summary.succeeded + summary.failed
    if conventions.log is Log.json:
        assets = {} if summary.assets is None else {"assets": summary.assets.as_dict()}
        say_event("done", pages=total, failed=summary.failed, states=summary.outcomes, **assets)
    elif total > 1:
        parts = ", ".join(f"{count} {state}" for state, count in sorted(summary.outcomes.items()))
        say(f"{total} pages: {parts or 'nothing left to do'}. Archive: {conventions.archive}", quiet=conventions.quiet)
        if summary.assets is not None:
            say(f"pictures and styles: {assets_text(summary.assets)}", quiet=conventions.quiet)
