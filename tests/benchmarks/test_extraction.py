"""The benchmark of extraction, run on a made-up set: what it reads, writes, scores and prints."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.extraction import main
from benchmarks.labelled import read_rows, read_set
from benchmarks.processes import ToolProcess
from tests.extract.pages import HEADLINE, PARAGRAPHS, URL, page

SCORE = """
def score(truths, predictions):
    empty = dict.fromkeys(("kept", "leak", "date", "author", "type"), float("nan"))
    same = [predictions[id_]["headline"] == truth["title"] for id_, truth in truths.items()]
    found = [truth["body"] in predictions[id_]["body"] for id_, truth in truths.items()]
    return empty | {"headline": sum(same) / len(same), "body": sum(found) / len(found)}

def score_links(truths, predictions):
    return {"inline": float(len(truths)), "related": 0.5, "popular": float("nan")}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two pages, one labelled with a headline it does not have."""
    folder = tmp_path / "data" / "made-up"
    (folder / "html").mkdir(parents=True)
    (folder.parent / "score.py").write_text(SCORE)
    rows = [
        {"id": id_, "url": f"{URL}-{id_}", "title": title, "body": PARAGRAPHS[1]}
        for id_, title in (("one", HEADLINE), ("two", "Another headline"))
    ]
    (folder / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        (folder / "html" / f"{row['id']}.html.gz").write_bytes(gzip.compress(page().encode()))
    (folder.parent / "links-dev.jsonl").write_text(json.dumps({"id": "two"}) + "\n")
    return folder.parent


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_and_the_predictions(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, markdown = tmp_path / "out", tmp_path / "table.md"
    assert main(["--data", str(data), "--tools", "ours", "--out", str(out), "--markdown", str(markdown)]) == 0
    printed = capsys.readouterr().out
    assert markdown.read_text() == printed
    lines = printed.splitlines()
    heads, ours = (cells(next(line for line in lines if line.startswith(start))) for start in ("| made-up", "| ours"))
    row = dict(zip(heads, ours, strict=True))
    assert heads[0] == "made-up, 2 pages, 2 articles"
    assert (row["body F1"], row["headline"], row["leak"]) == ("1.000", "0.500", "–")
    assert row["failed: raised / killed / no text"] == "0 / 0 / 0"
    assert float(row["median ms"]) > 0
    assert float(row["peak MiB"]) > 10
    assert cells(lines[-1]) == ["ours, 1 pages", "1.000", "0.500", "–"]
    predictions = read_rows(out / "ours-made-up.jsonl")
    assert [row["id"] for row in predictions] == ["one", "two"]
    assert predictions[0].keys() >= {"headline", "authors", "date", "body", "page_type", "links", "seconds"}


def test_a_sample_is_taken_evenly(data: Path) -> None:
    assert [one.id for one in read_set(data / "made-up", sample=1).pages] == ["one"]
    assert len(read_set(data / "made-up", sample=9).pages) == 2


def test_a_page_that_takes_too_long_costs_that_page(data: Path) -> None:
    [one, two] = read_set(data / "made-up").pages
    process = ToolProcess("ours", time_limit=0.0)
    try:
        assert [process.read(page)["failure"] for page in (one, two)] == ["killed after 0 s"] * 2
    finally:
        process.close()
    process = ToolProcess("ours", time_limit=60.0)
    try:
        assert process.read(two)["headline"] == HEADLINE
        assert process.peak > 0
    finally:
        process.close()


def test_a_folder_without_labelled_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "no score.py or no labelled sets" in capsys.readouterr().err
