"""`scrape jobs` as people use it, with programs of ours in the place of systemctl and crontab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Query
from tests.cli.running import COMMAND, LIMIT, Said, Scrape

SITE = "https://courier.example/"
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$HOME/systemctl.log"
[ -z "$NO_BUS" ] || { echo "Failed to connect to bus" >&2; exit 1; }
"""
CRONTAB = """#!/bin/sh
case "$1" in
-l) [ -z "$BROKEN" ] || { echo "crontab: permission denied" >&2; exit 1; }
    cat "$HOME/tab" 2> /dev/null || { echo "no crontab for me" >&2; exit 1; } ;;
-) cat > "$HOME/tab" ;;
esac
"""


# To start the program takes longer than what it does here, so it does several things in one process.
TOGETHER = """
import contextlib, io, json, sys
from scraper.cli import main
sys.argv[0] = sys.argv[1]
for arguments in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def together(scrape: Scrape, *commands: list[str], **env: str) -> list[Said]:
    """What `scrape jobs` says to each of `commands`, one after the other."""
    told = json.dumps([["jobs", *command] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER, COMMAND, told],
        cwd=scrape.folder,
        env=scrape.environment(**env),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [Said(*json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture
def scrape(tmp_path: Path) -> Scrape:
    return Scrape(tmp_path)


@pytest.fixture
def system(tmp_path: Path) -> Scrape:
    """On a machine with systemd and cron."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("systemctl", SYSTEMCTL), ("crontab", CRONTAB)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return Scrape(tmp_path, env={"PATH": f"{programs}:{Path(COMMAND).parent}:{os.defpath}"})


def test_from_adding_to_removing(scrape: Scrape, query: Query) -> None:
    hourly = ["--site", SITE, "--every", "1h", "--lang", "uk,en", "--exclude", "*/live/*"]
    added, by_name, listed, shown, table, again, replaced = together(
        scrape,
        ["add", "courier", *hourly],
        ["add", "archive", "--sitemap", f"{SITE}map.xml"],
        ["list"],
        ["show", "courier", "-f", "table"],
        ["list", "-f", "table"],
        ["add", "courier", "--site", SITE, "--every", "2h"],
        ["add", "courier", "--site", SITE, "--every", "2h", "--replace"],
    )
    assert added.code == 0, added.err
    [row] = added.rows
    assert row["starts"] == [{"kind": "site", "url": SITE}]
    assert row["options"] == {"exclude": ["*/live/*"], "languages": ["uk", "en"]}
    assert (row["schedule"], row["next_at"], row["last_run"]) == ("every 1h", row["created_at"], None)
    assert "it has no schedule: scrape crawl archive runs it" in by_name.err
    assert [one["name"] for one in listed.rows] == ["archive", "courier"]
    assert listed.rows[1] == row
    assert "exclude    */live/*\n" in shown.out
    assert "next       20" in shown.out
    assert "every 1h" in table.out
    assert again.code == 2
    assert "There is a job courier already" in again.err
    assert (replaced.code, replaced.rows[0]["schedule"], replaced.rows[0]["options"]) == (0, "every 2h", {})

    paused, listed, resumed, removed, gone = together(
        scrape,
        ["pause", "courier"],
        ["list", "-f", "csv"],
        ["resume", "courier"],
        ["remove", "courier"],
        ["show", "courier"],
    )
    assert paused.rows[0]["paused_at"]
    header, _, line = listed.out.splitlines()
    assert header == "name,starts,schedule,next,last_run,paused"
    assert line.startswith(f"courier,site {SITE},every 2h,,,since 20")
    assert resumed.rows[0]["paused_at"] is None
    assert "removed the job courier" in removed.err
    assert (gone.code, "there are: archive" in gone.err) == (4, True)
    assert query(scrape.folder / "archive.db", "SELECT name FROM jobs") == [{"name": "archive"}]


def test_what_the_last_run_did(scrape: Scrape) -> None:
    from scraper.crawl.jobs import Start, claim_job, finish_job_run, keep_typed, load_job
    from scraper.crawl.jobs.options import JobOptions
    from scraper.store import Archive

    together(scrape, ["add", "courier", "--site", SITE, "--every", "1h"])
    with Archive.open(scrape.folder / "archive.db", write=True) as archive:
        run = claim_job(archive, load_job(archive, "courier"))
        finish_job_run(archive, run, "done", {"new": 1200, "failed": 0, "sites": {"a": 1}, "slow": True, "seen": 3})
        keep_typed(archive, (Start("site", SITE),), JobOptions())
    plain, every_one, shown = together(scrape, ["list", "-f", "csv"], ["list", "--all"], ["show", "courier"])
    [line] = plain.out.splitlines()[1:]
    assert ',"done 20' in line
    assert line.endswith(', 1,200 new, 3 seen",')
    assert sorted(one["origin"] for one in every_one.rows) == ["command", "typed"]
    [row] = shown.rows
    assert [one["state"] for one in row["runs"]] == ["done"]
    assert row["last_run"]["summary"]["new"] == 1200
    assert "last_run" in scrape.on_terminal("jobs", "list", columns=120).plain


def test_cron_and_wrong_ones(scrape: Scrape) -> None:
    wrong = (
        (["--cron", "6 in the morning"], "--cron: '6 in the morning' is no cron schedule"),
        (["--cron", "0 6 * * *", "--tz", "Kiew"], "--tz: 'Kiew' is no time zone"),
        (["--every", "1s"], "--every: '1s' is too short"),
        (["--recrawl", "soon"], "--recrawl: 'soon' is no span"),
    )
    good, name, *others = together(
        scrape,
        ["add", "x", "--feed", f"{SITE}rss", "--cron", "0 6 * * *"],
        ["add", "a/b", "--site", SITE],
        *(["add", "y", "--site", SITE, *options] for options, _ in wrong),
        TZ="Europe/Kyiv",
    )
    assert (good.rows[0]["schedule"], good.rows[0]["time_zone"]) == ("cron 0 6 * * *", "Europe/Kyiv")
    assert "NAME: 'a/b' is no name" in name.err
    for said, (_, words) in zip(others, wrong, strict=True):
        assert said.code == 2
        assert words in said.err
        assert "next: " in said.err


def test_jobs_of_the_file(scrape: Scrape, query: Query) -> None:
    toml = scrape.folder / "scrape.toml"
    toml.write_text(f'[jobs.mornings]\nfeed = "{SITE}rss"\ncron = "0 6 * * *"\ntz = "UTC"\n')
    [listed] = together(scrape, ["list"])
    assert [(one["name"], one["origin"]) for one in listed.rows] == [("mornings", "file")]
    assert not (scrape.folder / "archive.db").exists()  # nothing was written to list them
    _, refused = together(scrape, ["add", "courier", "--site", SITE], ["remove", "mornings"])
    assert query(scrape.folder / "archive.db", "SELECT name, origin FROM jobs ORDER BY name") == [
        {"name": "courier", "origin": "command"},
        {"name": "mornings", "origin": "file"},
    ]
    assert refused.code == 2
    assert "change [jobs.mornings] there" in refused.err
    toml.write_text(f'[jobs.courier]\nsite = "{SITE}"\n')
    both, removed, listed = together(scrape, ["list"], ["remove", "courier"], ["list", "-f", "csv"])
    assert both.code == 2
    assert "scrape.toml: jobs.courier: there are two jobs of that name" in both.err
    assert removed.code == 0
    assert listed.out.splitlines()[2].endswith("not in scrape.toml any more")
    toml.write_text(f'[jobs.x]\nsite = "{SITE}"\nevry = "1h"\n')
    [wrong] = together(scrape, ["list"])
    assert "scrape.toml: unknown key jobs.x.evry" in wrong.err


def test_no_archive(scrape: Scrape) -> None:
    for said in together(scrape, ["list"], ["show", "x"], ["pause", "x"], ["remove", "x"]):
        assert said.code == 2
        assert "There is no archive" in said.err
    assert not scrape.files()


# --- install ---


def test_a_timer(system: Scrape) -> None:
    install = ["install", "--systemd", "--user"]
    [dry] = together(system, [*install, "--dry-run"])
    assert dry.code == 0, dry.err
    units = system.folder / ".config" / "systemd" / "user"
    assert not units.exists()
    done = system("jobs", *install)
    assert done.code == 0, done.err
    service, timer = sorted(units.iterdir())
    assert dry.out == (
        f"# {service}\n{service.read_text()}\n# {timer}\n{timer.read_text()}\n"
        f"$ systemctl --user daemon-reload\n$ systemctl --user enable --now {timer.name}\n"
    )
    assert f"ExecStart={COMMAND} crawl --due --archive {system.folder / 'archive.db'}\n" in service.read_text()
    log = system.folder / "systemctl.log"
    assert log.read_text() == f"--user daemon-reload\n--user enable --now {timer.name}\n"
    assert "loginctl enable-linger" in done.err
    [again] = together(system, [*install, "--every", "1h"])
    assert again.code == 0
    assert "OnCalendar=0/1:00" in timer.read_text()

    log.unlink()
    removed, nothing = together(system, [*install, "--remove"], [*install, "--remove"])
    assert (removed.code, list(units.iterdir())) == (0, [])
    assert log.read_text() == f"--user disable --now {timer.name}\n--user daemon-reload\n"
    assert "nothing to remove" in nothing.err


def test_where_systemd_does_not_run(system: Scrape) -> None:
    [said] = together(system, ["install", "--systemd", "--user"], NO_BUS="1")
    assert said.code == 1
    assert "systemctl --user daemon-reload failed" in said.err
    assert "Failed to connect to bus" in said.err
    assert "systemctl --user enable --now scrape-crawl-archive-" in said.err.partition("next:")[2]
    (system.folder / "bin" / "systemctl").unlink()
    [none] = together(system, ["install", "--systemd", "--user"], PATH=str(system.folder / "bin"))
    assert none.code == 1
    assert "There is no systemctl on this machine" in none.err


def test_a_crontab(system: Scrape) -> None:
    tab = system.folder / "tab"
    install = ["install", "--cron"]
    [dry] = together(system, [*install, "--dry-run"])
    assert dry.code == 0
    assert not tab.exists()
    [done] = together(system, install)
    assert done.code == 0
    lines = tab.read_text()
    assert dry.out.endswith(lines)
    assert f"{COMMAND} crawl --due --archive {system.folder / 'archive.db'}" in lines
    tab.write_text(f"0 5 * * * backup\n{lines}")
    again, other = together(system, install, [*install, "--every", "6h"])
    assert "has it already" in again.err
    assert other.code == 0
    assert tab.read_text().startswith("0 5 * * * backup\n# BEGIN scrape-crawl-archive-")
    assert tab.read_text().count("crawl --due") == 1
    removed, nothing = together(system, [*install, "--remove"], [*install, "--remove"])
    assert removed.code == 0
    assert tab.read_text() == "0 5 * * * backup\n"
    assert "nothing to remove" in nothing.err


def test_a_crontab_that_cannot_be_read_is_not_written(system: Scrape) -> None:
    (system.folder / "tab").write_text("0 5 * * * backup\n")
    [said] = together(system, ["install", "--cron"], BROKEN="1")
    assert said.code == 1
    assert "permission denied" in said.err
    assert (system.folder / "tab").read_text() == "0 5 * * * backup\n"


def test_wrong_use(system: Scrape) -> None:
    wrong = (
        ([], "Give one of --systemd and --cron"),
        (["--systemd", "--cron"], "Give one of --systemd and --cron"),
        (["--cron", "--system"], "--system goes with --systemd"),
        (["--systemd", "--system", "--user"], "--system goes with --systemd"),
        (["--cron", "--every", "7m"], "--every '7m' cannot be kept to"),
        (["--cron", "--archive", "none/x.db"], "There is no folder"),
    )
    for said, (_, words) in zip(together(system, *(["install", *options] for options, _ in wrong)), wrong, strict=True):
        assert said.code == 2
        assert words in said.err


def test_what_is_installed_is_where_it_was_called_from(system: Scrape) -> None:
    """Paths are absolute, and what the command line knew, the service knows."""
    (system.folder / "selectors").mkdir()
    (system.folder / "selectors" / "x.toml").write_text("")
    (system.folder / "mine.toml").write_text("")
    [said] = together(system, ["install", "--cron", "--dry-run", "--config", "mine.toml"], SCRAPE_DELAY="3")
    assert f"--config {system.folder}/mine.toml --selectors {system.folder}/selectors" in said.out
    assert "SCRAPE_DELAY=3 nice" in said.out
    assert said.err == ""
