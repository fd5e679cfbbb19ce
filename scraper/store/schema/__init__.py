"""The schema, one step a module. A step that was released is never edited: what is to change comes as another step.

`scraper.store.opening.SCHEMA_VERSION` is the number of steps; `scraper.store.dictionary` describes every column.
Times are UTC, ISO 8601 with milliseconds and a Z, so that they sort as text.
"""

from __future__ import annotations

from scraper.errors import ArchiveNotWritable
from scraper.store.connection import Connection
from scraper.store.copying import copy_database
from scraper.store.dictionary import dictionary_rows
from scraper.store.opening import APPLICATION_ID, SCHEMA_VERSION, identify
from scraper.store.schema import (
    m001_captures,
    m002_articles,
    m003_search,
    m004_hosts,
    m005_renderings,
    m006_deltas,
    m007_custody,
    m008_changes,
    m009_imports,
    m010_scripts,
    m011_crawls,
    m012_health,
    m013_websub,
    m014_assets,
)
from scraper.store.schema.steps import MIGRATIONS
from scraper.store.sqlite_errors import translated

__all__ = [
    "MIGRATIONS",
    "m001_captures",
    "m002_articles",
    "m003_search",
    "m004_hosts",
    "m005_renderings",
    "m006_deltas",
    "m007_custody",
    "m008_changes",
    "m009_imports",
    "m010_scripts",
    "m011_crawls",
    "m012_health",
    "m013_websub",
    "m014_assets",
    "migrate",
]


def migrate(db: Connection) -> None:
    """Bring the archive to the present schema, all steps or none; does nothing when it is there already.

    An archive that holds something is copied first, beside itself: `archive.db` of version 5 to `archive.db.v5`.
    Raises ArchiveFull or ArchiveNotWritable when there is no room for the copy.
    """
    version = identify(db.sql, db.path)
    if version == SCHEMA_VERSION:
        return
    if version > 0:
        _keep_copy(db, version)
    with db.transaction(), translated(db.path):
        # Another process may have done it while this one waited for the lock.
        if identify(db.sql, db.path) == SCHEMA_VERSION:
            return
        MIGRATIONS.apply(db.tables)
        db.execute("DELETE FROM data_dictionary")
        db.tables.table("data_dictionary").insert_all(dictionary_rows())
        # PRAGMA takes no bound parameters; both values are constants of ours, and both are part of the transaction.
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _keep_copy(db: Connection, version: int) -> None:
    copy = db.path.with_name(f"{db.path.name}.v{version}")
    if copy.exists():
        return  # an earlier attempt that was stopped has made it
    with db.snapshot():
        if identify(db.sql, db.path) != version:
            return  # another process has brought it forward meanwhile, and made the copy
        try:
            copy_database(db.sql, db.path, copy)
        except ArchiveNotWritable:
            if not copy.exists():  # else another process was quicker
                raise
