"""Messages for people, on stderr; and making text from the web harmless before it reaches a terminal."""

from __future__ import annotations

import re
import sys
import traceback
from typing import Any

from scraper.export import cells
from scraper.urls import without_credentials_in, without_queries

# C0 and C1 controls (a terminal obeys them), and the marks that reorder text so that a line reads as what it is not.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


class _Voice:
    """How this process speaks on stderr; set once, when a command starts."""

    json_lines = False
    # Until the settings are known nobody has said that queries may be shown.
    redact_queries = True


def speak(*, json_lines: bool, redact_queries: bool) -> None:
    """From now on say everything as lines of JSON, or in words; and addresses without their query strings."""
    _Voice.json_lines = json_lines
    _Voice.redact_queries = redact_queries


def discreet(text: str) -> str:
    """`text` without user:password in any address and, where that is asked for, without query strings."""
    text = without_credentials_in(text)
    return without_queries(text) if _Voice.redact_queries else text


def harmless(text: str) -> str:
    """`text` without control characters and bidirectional overrides; line feeds and tabs stay."""
    return _CONTROL.sub("", text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`value` as JSON that keeps every letter and escapes every control character."""
    return cells.json_text(value, indent=indent)


def say(text: str, *, quiet: bool = False) -> None:
    """A line for people."""
    if quiet:
        return
    if _Voice.json_lines:
        say_event("note", message=text)
    else:
        _print(text)


def say_error(what: str, why: str = "", next_step: str = "") -> None:
    """What happened, why, and what to do next, a line each."""
    if _Voice.json_lines:
        say_event("error", what=what, why=why, next=next_step)
        return
    lines = [f"scrape: {what}"]
    if why:
        lines.append(f"  why:  {why}")
    if next_step:
        lines.append(f"  next: {next_step}")
    _print("\n".join(lines))


def say_event(event: str, **facts: Any) -> None:
    """A line of JSON, for --log json."""
    print(json_text(_each_discreet({"event": event, **facts})), file=sys.stderr, flush=True)


def say_traceback() -> None:
    """Where the exception that is being handled came from, for --debug."""
    _print(traceback.format_exc().rstrip("\n"))


def say_as_is(text: str) -> None:
    """Lines that somebody else has put together, as the parser of the command line."""
    _print(text.rstrip("\n"))


def _print(text: str) -> None:
    print(harmless(discreet(text)), file=sys.stderr)


def _each_discreet(value: Any) -> Any:
    if isinstance(value, str):
        return discreet(value)
    if isinstance(value, dict):
        return {key: _each_discreet(one) for key, one in value.items()}
    return [_each_discreet(one) for one in value] if isinstance(value, list | tuple) else value
