from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from datasette.app import Datasette

from scraper.web.sql import AnalystDatabase, Limits, add_archive

ENDLESS = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
ONE_STEP = "SELECT instr(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1')"
"""It would take an hour, in which SQLite does not look at the clock."""


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql") / "archive.db"
    subprocess.run([sys.executable, "-m", "scraper", "demo", "--keep", str(path), "--quiet"], check=True, stdout=-3)
    return path


@pytest.fixture(scope="module")
def database(archive: Path) -> Iterator[AnalystDatabase]:
    with serving(archive) as database:
        yield database


@contextmanager
def serving(archive: Path, *, seconds: float = 5.0, **limits: float) -> Iterator[AnalystDatabase]:
    """The archive in a Datasette that grants a statement so many seconds."""
    datasette = Datasette([], settings={"sql_time_limit_ms": int(seconds * 1000), "num_sql_threads": 2})
    database = add_archive(datasette, archive, limits=Limits(**{"seconds": 60.0, **limits}))  # type: ignore[arg-type]
    try:
        yield database
    finally:
        datasette.executor.shutdown()
        for one in datasette.databases.values():
            one.close()
