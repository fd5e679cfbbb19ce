"""What is given to systemd and cron: read by them as it was meant, whatever folders are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.crawl.jobs import crontab, systemd
from scraper.crawl.jobs.install import Installation
from scraper.crawl.jobs.systemd import Manager
from scraper.errors import UsageError

ODD = "a b%h $x \"q' \\z é"
ANALYZE = shutil.which("systemd-analyze")
PROGRAM = """#!/bin/sh
for word in "$SCRAPE_DELAY" "$SECRET" "$@"; do printf '%s\\n' "$word"; done > "$OUT"
echo "something was wrong"
exit "${CODE:-0}"
"""


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with a difficult name, and a program in it that writes down what it was given."""
    folder = tmp_path / ODD
    folder.mkdir()
    (folder / "scrape").write_text(PROGRAM)
    (folder / "scrape").chmod(0o755)
    (folder / "secrets").write_text("SECRET='pass word'\n")
    return folder


def installation(folder: Path, every: str = "15m", **more: Any) -> Installation:
    values: dict[str, Any] = {"program": [str(folder / "scrape")], "environment": {"SCRAPE_DELAY": '2 "$x" %h'}}
    return Installation.of(folder / "my archive.db", every=every, **values | more)


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("manager", ["user", "system"])
@pytest.mark.parametrize("name", ["plain", ODD])
def test_systemd_takes_the_units(tmp_path: Path, odd: Path, manager: Manager, name: str) -> None:
    if name != ODD:
        odd = odd.rename(tmp_path / name)
    written = systemd.units(installation(odd), manager)
    for file, text in written.items():
        (tmp_path / file).write_text(text)
    said = subprocess.run(
        [ANALYZE or "", "verify", f"--{manager}", *(str(tmp_path / file) for file in written)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_what_the_units_say(tmp_path: Path) -> None:
    wanted = Installation.of(
        tmp_path / "archive.db",
        every="1h",
        config=Path("/etc/scrape.toml"),
        selectors=Path("/srv/sites"),
        environment_file=Path("/etc/secrets"),
        environment={"SCRAPE_ALLOW_PRIVATE": "1", "SCRAPE_ARCHIVE": "x.db", "HOME": "/"},
        program=["/usr/bin/python3", "-m", "scraper"],
    )
    service, timer = systemd.units(wanted, "user").values()
    archive = tmp_path / "archive.db"
    assert (
        f"\nExecStart=/usr/bin/python3 -m scraper crawl --due --archive {archive} --config /etc/scrape.toml" in service
    )
    assert " --selectors /srv/sites\n" in service
    lines = service.splitlines()
    assert {"Type=oneshot", "SuccessExitStatus=5", "Nice=10", "EnvironmentFile=/etc/secrets"} <= set(lines)
    assert [line for line in lines if line.startswith("Environment=")] == ['Environment="SCRAPE_ALLOW_PRIVATE=1"']
    assert {"OnCalendar=0/1:00", "Persistent=yes", "RandomizedDelaySec=300"} <= set(timer.splitlines())


def test_a_service_of_the_system_may_write_its_archive(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "archive.db").symlink_to(tmp_path / "elsewhere" / "real.db")
    wanted = installation(tmp_path)
    service = systemd.units(wanted, "system")[f"{wanted.name}.service"]
    [writable] = [line for line in service.splitlines() if line.startswith("ReadWritePaths=")]
    assert f'"{tmp_path}"' in writable
    assert "ProtectSystem=strict" in service
    assert "User=" in service
    # A private /tmp would hide an archive that is in /tmp.
    assert ("PrivateTmp=yes" in service) != ('"/tmp"' in writable)


@pytest.mark.parametrize(("every", "calendar"), [("1m", "*:0/1"), ("20m", "*:0/20"), ("6h", "0/6:00"), ("1d", "daily")])
def test_how_often(tmp_path: Path, every: str, calendar: str) -> None:
    wanted = installation(tmp_path, every)
    assert f"OnCalendar={calendar}\n" in systemd.units(wanted, "user")[f"{wanted.name}.timer"]


@pytest.mark.parametrize("every", ["7m", "45m", "5h", "2d", "30s", "soon"])
def test_not_so_often(tmp_path: Path, every: str) -> None:
    with pytest.raises(UsageError, match="cannot be kept to") as caught:
        installation(tmp_path, every)
    assert "15m" in caught.value.next_step


def test_names_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    one, other = installation(tmp_path), installation(tmp_path / "b")
    assert one.name != other.name
    assert one.name.startswith("scrape-crawl-my-archive-")
    assert Installation.of(tmp_path / "…", every="1h", environment={}).name.startswith("scrape-crawl-archive-")


@pytest.mark.parametrize("name", ["a\nb.db", "a\x1bb.db", "x.db ", "x\\"])
def test_names_that_cannot_stand_in_a_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be installed"):
        Installation.of(tmp_path / name, every="1h", environment={})


def test_an_archive_in_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        Installation.of(tmp_path / "none" / "x.db", every="1h", environment={})


# --- cron ---


def as_cron_does(line: str, folder: Path, **env: str) -> str:
    """What cron would mail: the sixth field on, with its percent signs, given to a shell."""
    command = line.split(" ", 5)[5].replace("\\%", "%")
    out = {"OUT": str(folder / "given"), "PATH": os.defpath}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=30, env=out | env)
    assert done.stderr == ""
    return done.stdout


def test_the_line_runs_what_was_meant(odd: Path) -> None:
    wanted = installation(odd, environment_file=odd / "secrets")
    line = crontab.block(wanted).splitlines()[1]
    assert as_cron_does(line, odd) == "something was wrong\n"
    given = ['2 "$x" %h', "pass word", "crawl", "--due", "--archive", str(odd / "my archive.db")]
    assert (odd / "given").read_text().splitlines() == given
    assert as_cron_does(line, odd, CODE="3") == "something was wrong\n"
    assert as_cron_does(line, odd, CODE="5") == ""  # another process is at it


@pytest.mark.parametrize(
    ("every", "minutes", "hours"),
    [("1m", "*", "*"), ("15m", "", "*"), ("1h", "", "*"), ("6h", "", "*/6"), ("1d", "", "0")],
)
def test_when_cron_looks(tmp_path: Path, every: str, minutes: str, hours: str) -> None:
    wanted = installation(tmp_path, every)
    first, second, *rest = crontab.block(wanted).splitlines()[1].split(" ", 5)
    assert (second, rest[:3]) == (hours, ["*", "*", "*"])
    assert first == minutes if minutes else 0 <= int(first.partition("-")[0]) < 60
    if every == "15m":
        assert first.endswith("-59/15")
        assert int(first.partition("-")[0]) < 15


def test_other_lines_stay(tmp_path: Path) -> None:
    wanted = installation(tmp_path)
    other = installation(tmp_path, "1h")
    theirs = "MAILTO=me@example.com\n# mine\n0 5 * * * backup 100\\%"
    lines = crontab.block(wanted)
    first = crontab.with_block(theirs, wanted, lines)
    assert first == f"{theirs}\n{lines}"
    assert crontab.with_block(first, wanted, lines) == first
    more = first + "1 1 * * * more\n"
    changed = crontab.with_block(more, other, crontab.block(other))
    assert changed == more.replace(lines, crontab.block(other))
    assert crontab.with_block(changed, wanted, "") == f"{theirs}\n1 1 * * * more\n"
    assert crontab.with_block("", wanted, lines) == lines
    assert crontab.with_block(theirs, wanted, "") == theirs


def test_lines_that_somebody_edited(tmp_path: Path) -> None:
    wanted = installation(tmp_path)
    begin, line, end = crontab.block(wanted).splitlines()
    edited = line.replace(line.split(" ", maxsplit=1)[0], "3", 1)
    for mine in (f"{begin}\n{edited}\n{end}\n", f"{begin}\n#{line}\n{end}\n", f"{begin}\n{line}\n", f"{begin}\n{line}"):
        assert crontab.with_block(f"a\n{mine}", wanted, "") == "a\n"
    assert crontab.with_block(f"{begin}\n{line}\nb\n", wanted, "") == "b\n"
    assert crontab.with_block(f"{begin}\nb\n", wanted, "") == "b\n"


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["x" * 200] * 4)
    deep.mkdir(parents=True)
    with pytest.raises(UsageError, match="too long"):
        crontab.block(installation(deep))
    assert installation(deep).every == timedelta(minutes=15)
