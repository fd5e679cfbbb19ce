"""The wheel, built, installed into an empty environment, and used from an empty folder: what `pip install` gives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NO_NETWORK = ("Temporary failure in name resolution", "Network is unreachable", "Failed to establish a new connection")


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """As in a shell that knows nothing of this checkout."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONWARNINGS", "SCRAPE_ARCHIVE", "SCRAPE_CONNECT_TO")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    assert built.returncode == 0, built.stdout + built.stderr
    [wheel] = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a fresh environment that holds the wheel and what it depends on."""
    venv = tmp_path_factory.mktemp("fresh") / "venv"
    constraints = ("-c", ROOT / "constraints.txt")
    if shutil.which("uv"):
        steps = [
            ("uv", "venv", "--python", sys.executable, venv),
            ("uv", "pip", "install", "--python", venv / "bin" / "python", *constraints, wheel),
        ]
    else:
        pip = (venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        steps = [
            (sys.executable, "-m", "venv", venv),
            (*pip, "--upgrade", "pip"),
            (*pip, *constraints, wheel),
        ]
    for step in steps:
        done = run(*step, cwd=wheel.parent)
        if any(words in done.stderr for words in NO_NETWORK):
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stdout + done.stderr
    return venv / "bin"


@pytest.mark.slow
def test_it_carries_the_site_files_and_the_pages_of_the_demo(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "selectors").glob("*.toml"):
        assert f"scraper/selectors/{path.name}" in names
    for path in (ROOT / "scraper" / "demo" / "site").iterdir():
        assert f"scraper/demo/site/{path.name}" in names
    assert "scraper/py.typed" in names
    # Nothing at the top that would stand beside, or in front of, other packages.
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"scraper"}
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


@pytest.mark.slow
def test_the_whole_job_with_what_was_installed(installed: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    where = run(installed / "python", "-c", "import scraper; print(scraper.__file__)", cwd=empty)
    assert where.stdout.startswith(str(installed.parent.resolve())), where.stdout + where.stderr
    help_text = run(installed / "scrape", "--help", cwd=empty)
    assert help_text.returncode == 0
    assert "scrape demo" in help_text.stdout
    demo = run(installed / "scrape", "demo", "-f", "ndjson", cwd=empty)
    assert demo.returncode == 0, demo.stderr
    assert demo.stdout.count('"state": "new"') == 8
    assert demo.stdout.count('"state": "changed"') == 1
    code = (
        "from scraper import extract; from scraper.demo.pages import read;"
        "article = extract(read('ferry.html'), url='http://harbour-courier.example/2024/11/18/x/');"
        "print(article.provenance['body'].source)"
    )
    with_site_files = run(installed / "python", "-W", "error", "-c", code, cwd=empty)
    assert with_site_files.stdout == "site_file\n", with_site_files.stderr
    assert list(empty.iterdir()) == []
