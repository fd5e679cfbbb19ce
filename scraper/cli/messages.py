"""Messages for people, on stderr; and making text from the web harmless before it reaches a terminal."""

from __future__ import annotations

import re
import sys

# C0 and C1 controls (a terminal obeys them), and the marks that reorder text so that a line reads as what it is not.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def harmless(text: str) -> str:
    """`text` without control characters and bidirectional overrides; line feeds and tabs stay."""
    return _CONTROL.sub("", text)


def say(text: str, *, quiet: bool = False) -> None:
    """A line for people."""
    if not quiet:
        print(harmless(text), file=sys.stderr)


def say_error(what: str, why: str = "", next_step: str = "") -> None:
    """What happened, why, and what to do next, a line each."""
    lines = [f"scrape: {what}"]
    if why:
        lines.append(f"  why:  {why}")
    if next_step:
        lines.append(f"  next: {next_step}")
    print(harmless("\n".join(lines)), file=sys.stderr)
