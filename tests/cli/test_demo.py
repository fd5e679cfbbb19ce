"""`scrape demo`, as the first thing somebody does with it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from scraper.demo import PAGES
from tests.cli.running import COMMAND, LIMIT, Said, Scrape


def test_what_it_shows(demo: tuple[Path, Said]) -> None:
    _, said = demo
    text = said.plain
    first, second = re.split(r"\nSecond visit", text.partition("First visit\n")[2])
    for page in PAGES:
        assert page.shows.split()[0] in first
    assert len(re.findall(r" 1 new ", first)) == 8
    assert len(re.findall(r" consent ", first)) == len(re.findall(r" http_404 ", first)) == 1
    assert len(re.findall(r" 2 changed ", second)) == 1
    assert len(re.findall(r" 1 unchanged ", second)) == 8
    changes = second.partition("What changed: ")[2]
    assert changes.startswith("http://harbour-courier.example/2024/11/18/inchmara-ferry-winter-timetable/\n")
    assert "\n  - Island ferry to run until Christmas as council finds £48,000\n" in changes
    assert "\n  + Island ferry to run until Christmas at a cost of £38,000\n" in changes
    assert "\n  + Correction, November 20, 2024:" in changes
    assert "Traceback" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_it_suggests_next_works(demo: tuple[Path, Said]) -> None:
    folder, said = demo
    suggested = [line.strip() for line in said.plain.partition("Try next:\n")[2].splitlines()]
    assert len(suggested) >= 4
    for line in suggested:
        done = Scrape(folder).shell(line)
        assert done.code == 0, f"{line}: {done.err}"
        assert done.out


def test_what_it_keeps(demo: tuple[Path, Said], query: Any) -> None:
    archive = demo[0] / "demo.db"
    assert query(archive, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert query(archive, "SELECT count(*) AS n FROM captures") == [{"n": 2 * len(PAGES)}]
    assert query(archive, "SELECT max(number) AS n FROM revisions") == [{"n": 2}]
    changed = query(archive, "SELECT url FROM articles WHERE revision = 2")
    assert changed == [{"url": next(page.url for page in PAGES if page.edited_file)}]
    assert query(archive, "SELECT DISTINCT state FROM runs") == [{"state": "done"}]
    verdicts = query(archive, "SELECT verdict, count(*) AS n FROM articles GROUP BY 1 ORDER BY 1")
    assert {row["verdict"]: row["n"] for row in verdicts} == {"consent": 1, "not_article": 1, "ok": 6}


def offline() -> list[str]:
    """What to put before a command so that it has no network but loopback; nothing where that is not allowed."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return []
    command = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else []


def test_in_an_empty_folder_without_a_network(tmp_path: Path) -> None:
    here, home, temporary = (tmp_path / name for name in ("here", "home", "tmp"))
    for folder in (here, home, temporary):
        folder.mkdir()
    begun = time.monotonic()
    done = subprocess.run(
        [*offline(), COMMAND, "demo", "-f", "csv"],
        cwd=here,
        env=Scrape(here).environment(HOME=str(home), TMPDIR=str(temporary), SCRAPE_ARCHIVE=str(here / "mine.db")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 20
    assert done.stdout.startswith("round,url,shows,state,verdict,revision,headline,error\n")
    assert done.stdout.count("\n") == 1 + 2 * len(PAGES)
    assert [re.sub(r":\d+", "", line) for line in done.stderr.splitlines()] == [
        f"round {number}: archiving {len(PAGES)} pages from 127.0.0.1 …" for number in (1, 2)
    ]
    for folder in (here, home, temporary):
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("there", ["file", "folder"])
def test_it_does_not_write_over_anything(scrape: Scrape, there: str) -> None:
    path = scrape.folder / "mine"
    path.mkdir() if there == "folder" else path.write_text("precious")
    said = scrape("demo", "--keep", "mine")
    assert said.code == 2
    assert "scrape: mine exists already\n  next: give --keep a path that is free" in said.err
    assert path.is_dir() or path.read_text() == "precious"
