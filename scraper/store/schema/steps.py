"""What every step of the schema is written with."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("news-archiver")


def run(db: Database, script: str) -> None:
    """Run statements; each ends with a semicolon at the end of a line."""
    # Database.executescript looks for the ends itself, one character at a time, which takes longer than all the rest.
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
