"""The terminal: its width, whether it shows colours, and rich's console as every command wants it."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console


def color_wanted() -> bool:
    """True when stdout is a terminal that shows colours and the user did not ask for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def console() -> Console:
    """A console on stdout that prints text as it is: no markup, no highlighting, no escape codes unless wanted."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            # rich would end the process; whoever called decides what a reader that went away means.
            raise BrokenPipeError

    colors: Literal["auto"] | None = "auto" if color_wanted() else None
    return Plain(color_system=colors, width=width(), markup=False, highlight=False, emoji=False)
