"""The benchmark of a large archive, on a very small one made of invented pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.synthetic import Maker, read_sources


def invented(folder: Path) -> Path:
    folder.mkdir()
    rows = []
    for n in range(12):
        sentences = [
            f"The harbour of town {n} was closed for {m} days in winter because of the storm." for m in range(8)
        ]
        rows.append(
            {"title": f"Harbour {n} closed again for days", "authors": ["A. Bell"], "body": "\n\n".join(sentences)}
        )
    (folder / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def test_the_same_articles_every_time(tmp_path: Path) -> None:
    folder = invented(tmp_path / "data")
    one, other = (Maker(read_sources([folder])) for _ in range(2))
    made = [one.make(n, 100) for n in range(20)]
    assert made == [other.make(n, 100) for n in range(20)]
    assert len({capture.sha256 for capture, _ in made}) == 20
    assert all("harbour" in (article.body or "") for _, article in made if article.language == "en")
    days = [article.published_at for _, article in made if article.published_at]
    assert days[0][:4] == "2015"
    assert days[-1] > days[0]


def test_figures_come_out(tmp_path: Path) -> None:
    folder = invented(tmp_path / "data")
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.million", "--data", folder, "--articles", "70", "--json", figures]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())
    assert len(found["rates"]) == 1
    assert found["bytes"] > 100_000
    asked = found["milliseconds"]
    assert asked["three words"]["questions"] == 200
    assert asked["two Arabic words"]["p95"] > 0
    assert "list, 20 newest" in asked


def test_data_must_be_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.million", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no truth.jsonl" in done.stderr
