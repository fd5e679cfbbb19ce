"""Write the command reference of the README from each command's --help, or check that it is up to date.

python -m tools.command_reference [--check]
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from scraper.cli import main as scrape
from scraper.cli.app import app

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- command reference: begin -->", "<!-- command reference: end -->"


def help_of(*command: str) -> str:
    """What `scrape COMMAND --help` prints, 100 columns wide."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        scrape([*command, "--help"])
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def reference() -> str:
    """The whole section: the general help, then each command's, those of groups last."""
    commands = [[info.name or ""] for info in app.registered_commands]
    for group in app.registered_groups:
        inside = group.typer_instance.registered_commands if group.typer_instance else []
        name = group.typer_instance.info.name if group.typer_instance else ""
        commands += [[str(name)], *([str(name), info.name or ""] for info in inside)]
    parts = [f"```text\n{help_of()}\n```"]
    parts += [f"### scrape {' '.join(names)}\n\n```text\n{help_of(*names)}\n```" for names in commands]
    return "\n\n".join(parts)


def main(arguments: list[str]) -> int:
    os.environ["COLUMNS"] = "100"
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    written = f"{before}{BEGIN}\n{reference()}\n{END}{after}"
    if "--check" in arguments:
        if written != text:
            print("README.md: the command reference is not what --help says; run: make docs", file=sys.stderr)
            return 1
        return 0
    README.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
