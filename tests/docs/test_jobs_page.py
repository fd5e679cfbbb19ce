"""The examples of docs/jobs.md are valid as they stand, and it leaves nothing out."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from scraper.crawl.jobs import KEYS, JobOptions, file_jobs
from scraper.crawl.jobs.durations import duration_text
from scraper.crawl.jobs.install import PASSED_ON
from scraper.store import Archive
from scraper.store.jobs import SILENCE

TEXT = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")


def test_the_file(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "scrape.toml"
    path.write_text(example)
    assert [job.name for job in file_jobs(path).jobs] == ["courier", "mornings"]


def test_every_key_is_described() -> None:
    rows = re.findall(r"^\| (`.+?) \|", TEXT, re.M)
    assert [key for row in rows for key in re.findall(r"`(\w+)`", row)] == list(KEYS)
    usual = JobOptions()
    assert f"`{','.join(map(duration_text, usual.recrawl))}` |" in TEXT
    assert f"at most; {usual.budget} |" in TEXT


def test_what_is_said_of_the_rest() -> None:
    assert SILENCE.total_seconds() == 2 * 3600
    assert not [name for name in PASSED_ON if f"`{name}`" not in TEXT]


def test_sql(tmp_path: Path) -> None:
    [query] = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    with Archive.open(tmp_path / "archive.db", write=True):
        pass
    connection = sqlite3.connect(tmp_path / "archive.db")
    assert connection.execute(query).fetchall() == []
    connection.close()
