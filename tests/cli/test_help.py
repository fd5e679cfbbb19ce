"""Help: fast, and every example in it works as it stands."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.demo import DemoSite
from tests.cli.running import Said, Scrape
from tests.export.captures import page
from tests.export.warc_files import http, response
from tests.fixtures import FOLDER

COMMANDS = (
    "url",
    "crawl",
    "health",
    "extract",
    "explain",
    "list",
    "show",
    "search",
    "stats",
    "history",
    "diff",
    "export",
    "import",
    "verify",
    "stamp",
    "prune",
    "backup",
    "reextract",
    "serve",
    "open",
    "demo",
)
GROUPS = {
    "jobs": ("add", "list", "show", "pause", "resume", "remove", "install", "listen"),
    "selectors": ("list", "new", "test", "check", "import-ftr"),
}
EVERY = [*([name] for name in COMMANDS), *([group, name] for group, names in GROUPS.items() for name in names)]
HEAVY = ("trafilatura", "httpx", "sqlite_utils", "datasette")
SLOW_TO_IMPORT = (*HEAVY, "selectolax", "dateparser", "lxml", "rich", "asyncio", "multiprocessing")

HELPS = [["--help"], ["--version"], *([*names, "--help"] for names in (*EVERY, *([group] for group in GROUPS)))]

RUN = """
import sys
from scraper.cli import main
for arguments in {runs!r}:
    print(">>>", *arguments)
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code
    print("<<<", code, *sorted(name for name in {watched!r} if name in sys.modules))
"""


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **env},
    )


@pytest.fixture(scope="module")
def helps() -> dict[str, str]:
    """The help of every command, all asked for in one process, with what that had imported in the end."""
    done = python(RUN.format(runs=HELPS, watched=HEAVY), COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    parts = (part.partition("\n") for part in done.stdout.split(">>> ")[1:])
    return {arguments: text for arguments, _, text in parts}


def test_help_imports_nothing_heavy(helps: dict[str, str]) -> None:
    assert list(helps) == [" ".join(arguments) for arguments in HELPS]
    for arguments, text in helps.items():
        assert text.startswith("scrape " if arguments == "--version" else "Usage: scrape")
        assert text.endswith("<<< 0\n")


def test_the_package_itself_imports_next_to_nothing() -> None:
    code = f"import sys, scraper; scraper.__version__; print([n for n in {SLOW_TO_IMPORT!r} if n in sys.modules])"
    done = python(code)
    assert done.stdout.strip() == "[]", done.stderr


def test_completion_imports_nothing_heavy() -> None:
    """The shell asks the program itself what may follow."""
    asked = {"_SCRAPE_COMPLETE": "complete_bash", "COMP_WORDS": "scrape s", "COMP_CWORD": "1"}
    done = python(RUN.format(runs=[[]], watched=HEAVY), **asked)
    assert done.stdout.split() == [">>>", "show", "search", "stats", "stamp", "serve", "selectors", "<<<", "0"]


def test_every_command_is_listed(helps: dict[str, str]) -> None:
    def listed(text: str) -> tuple[str, ...]:
        return tuple(re.findall(r"^  ([\w-]+)  ", text.partition("Commands:")[2], re.M))

    assert listed(helps["--help"]) == (*COMMANDS, *GROUPS)
    for group, names in GROUPS.items():
        assert listed(helps[f"{group} --help"]) == names


def test_no_command_at_all(scrape: Scrape) -> None:
    """Without arguments the help is an answer, and not what was meant."""
    said = scrape()
    assert said.code == 2
    assert "New here?      scrape demo" in said.err


def test_python_dash_m_is_the_same_program(scrape: Scrape) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scraper", "--version"], capture_output=True, text=True, check=False, cwd=scrape.folder
    )
    assert (done.returncode, done.stdout) == (0, scrape("--version").out)


# The examples. They are read here, when tests are collected, as people would read them: from the help.


def examples() -> list[tuple[str, str]]:
    from typer.main import get_command

    from scraper.cli.app import app

    found = []
    top = get_command(app).commands  # type: ignore[attr-defined]
    every = {name: command for name, command in top.items() if name not in GROUPS}
    every |= {f"{group} {name}": command for group in GROUPS for name, command in top[group].commands.items()}
    for name, command in sorted(every.items()):
        lines = (command.epilog or "").partition("Examples:\n")[2].splitlines()
        assert lines, f"scrape {name} --help has no examples"
        found += [(name, line.strip()) for line in lines]
    return found


EXAMPLES = examples()
# What goes on until somebody ends it is run by tests of its own: `tests/web/test_serving.py`, `test_open.py`.
RUN_HERE = [(command, line) for command, line in EXAMPLES if command not in ("serve", "open")]


def test_examples_stand_in_the_help_as_they_are_run(helps: dict[str, str]) -> None:
    for command in map(" ".join, EVERY):
        shown = helps[f"{command} --help"].partition("Examples:\n")[2].partition("<<<")[0]
        assert [line.strip() for line in shown.splitlines()] == [line for name, line in EXAMPLES if name == command]


@pytest.fixture
def prepared(tmp_path: Path, demo: tuple[Path, Said], demo_site: DemoSite) -> Scrape:
    """A folder with what examples speak of, and the demo's web behind every host name."""
    shutil.copy(demo[0] / "demo.db", tmp_path / "archive.db")
    (tmp_path / "urls.txt").write_text("# two of the demo's pages\n" + "\n".join(demo_site.urls[2:4]) + "\n")
    story = Path(sys.modules["scraper.demo"].__file__ or "").parent / "site" / "ferry.html"
    shutil.copy(story, tmp_path / "story.html")
    shutil.copytree(FOLDER, tmp_path / "fixtures")
    record = response("https://www.bbc.co.uk/news/1", http(page("Flood")))
    (tmp_path / "CC-NEWS-20240301.warc.gz").write_bytes(gzip.compress(record))
    (tmp_path / "site-config").mkdir()
    (tmp_path / "site-config" / "example.com.txt").write_text("title: //h1\nprune: no\n")
    from scraper.crawl.jobs import FileJobs, Given, add_job, job_of
    from scraper.store import Archive

    given = Given({"site": "http://harbour-courier.example/", "every": "1h"}, where=str)
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        add_job(archive, job_of("harbour", given, origin="command"), FileJobs(tmp_path / "scrape.toml"))
    return Scrape(tmp_path, demo_site.port)


@pytest.mark.parametrize(("command", "line"), RUN_HERE, ids=[line for _, line in RUN_HERE])
def test_example(prepared: Scrape, command: str, line: str) -> None:
    before = {path.name for path in prepared.folder.iterdir()}
    done = prepared.shell(line)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    redirected = re.search(r"(?:>|-o) (\S+)$", line)
    if redirected:
        written = prepared.folder / redirected[1]
        assert written.is_dir() or written.stat().st_size > 100
    else:
        # Some may find nothing to list, and say so; what runs unattended is silent.
        says_little = (
            command in ("prune", "backup", "reextract", "jobs remove", "jobs listen", "health") and len(done.err) > 10
        )
        assert len(done.out) > 50 or says_little or (line.endswith("--due") and not done.out + done.err)
    kept = re.search(r"(?:demo --keep|--archive|-o|backup) (\S+)", line)
    made = {path.name for path in prepared.folder.iterdir() if not path.name.startswith("archive.db-")}
    assert made == before | {match[1] for match in (redirected, kept) if match}
