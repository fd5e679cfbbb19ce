"""`scrape export` as its users run it."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from scraper.cli.exporting import Form
from scraper.export.formats import FORMATS
from tests.cli.running import Scrape, wait_until

DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
LINES = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
TEXTS = [form.value for form in Form if not FORMATS[form].binary and not FORMATS[form].folder]
BINARY = [form.value for form in Form if FORMATS[form].binary]
READERS = [(kind, text) for kind, text in BLOCKS if kind in ("python", "sql") and "def " not in text]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith("archive.db")}


def test_ndjson_by_default(reader: Scrape) -> None:
    said = reader("export")
    assert said.code == 0
    listed = [row for row in reader("list").rows if row["verdict"] in ("ok", "paywall")]
    assert said.rows == listed
    assert said.err == f"{len(listed)} articles written to stdout\n"
    assert reader("export", "--quiet").err == ""


@pytest.mark.parametrize("form", TEXTS)
def test_stdout_and_file_are_the_same(reader: Scrape, form: str) -> None:
    out = reader("export", "-f", form, "-n", 3)
    said = reader("export", "-f", form, "-n", 3, "-o", "there")
    assert (out.code, said.code, said.out) == (0, 0, "")
    assert said.err == "3 articles written to there\n"
    written = (reader.folder / "there").read_bytes().decode()
    # The moment of the export is told by some of them.
    assert re.sub(r"20\d\d-[-\d:T.]+Z", "", written) == re.sub(r"20\d\d-[-\d:T.]+Z", "", out.raw.decode())


@pytest.mark.parametrize("form", BINARY)
def test_binary_formats_in_a_pipe_and_not_on_a_terminal(reader: Scrape, form: str) -> None:
    piped = reader("export", "-f", form, "-n", 2)
    assert piped.code == 0, piped.err
    assert piped.raw[:2] in (b"PA", b"\x1f\x8b", b"PK")
    shown = reader.on_terminal("export", "-f", form)
    assert shown.code == 2
    assert "is no text to show on a terminal" in shown.plain
    assert f"--output FILE{FORMATS[form].suffix}" in shown.plain


@pytest.mark.parametrize(
    "name", ["a.csv", "a.jsonl", "a.parquet", "a.xml", "a.bib", "a.csl.json", "a.jsonld", "a.warc.gz"]
)
def test_the_name_tells_the_format(reader: Scrape, name: str) -> None:
    assert reader("export", "-o", name).code == 0
    begins = {
        "a.csv": b"id,revision,",
        "a.jsonl": b'{"id": ',
        "a.parquet": b"PAR1",
        "a.xml": b"<?xml",
        "a.bib": b"% all articles",
        "a.csl.json": b'[\n{"id": ',
        "a.jsonld": b'{"@context"',
        "a.warc.gz": b"\x1f\x8b",
    }
    assert (reader.folder / name).read_bytes().startswith(begins[name])


def test_a_name_that_tells_no_format(reader: Scrape) -> None:
    said = reader("export", "-o", "articles.json")
    assert said.code == 2
    assert "--format ndjson|csv|" in said.err
    assert names(reader.folder) == set()


@pytest.mark.parametrize(
    "filters",
    [
        ["ferry"],
        ["ferry", "--since", "2024-11"],
        ["--site", "harbour-courier.example"],
        ["--lang", "uk"],
        ["--until", "2023"],
    ],
)
def test_filters_are_those_of_search_and_list(reader: Scrape, filters: list[str]) -> None:
    exported = {row["id"] for row in reader("export", *filters).rows}
    shown = reader("search" if filters[0] == "ferry" else "list", *filters)
    assert exported == {row["id"] for row in shown.rows if row["verdict"] in ("ok", "paywall")}


def test_verdicts(reader: Scrape) -> None:
    every = reader("list").rows
    assert len(reader("export", "--verdict", "all").rows) == len(every)
    two = reader("export", "--verdict", "consent", "--verdict", "not_article").rows
    assert {row["verdict"] for row in two} <= {"consent", "not_article"}
    assert two
    wrong = reader("export", "--verdict", "good")
    assert (wrong.code, wrong.out) == (2, "")
    assert "known: ok, paywall" in wrong.err


def test_every_revision(reader: Scrape) -> None:
    rows = reader("export", "--all-revisions").rows
    edited = [row["revision"] for row in rows if "inchmara-ferry" in row["url"]]
    assert edited == [1, 2]
    assert len(rows) == len(reader("export").rows) + 1


def test_nothing_matches(reader: Scrape) -> None:
    said = reader("export", "--site", "nowhere.example", "-o", "none.csv")
    assert said.code == 0
    assert said.err == "no article matches; what was written to none.csv is valid and empty\n"
    [header] = csv.reader(io.StringIO((reader.folder / "none.csv").read_text(encoding="utf-8")))
    assert header[:2] == ["id", "revision"]


def test_what_exists_is_replaced_with_force_only(reader: Scrape) -> None:
    (reader.folder / "out.csv").write_text("mine")
    said = reader("export", "-o", "out.csv")
    assert said.code == 2
    assert "out.csv exists already" in said.err
    assert (reader.folder / "out.csv").read_text() == "mine"
    assert reader("export", "-o", "out.csv", "--force").code == 0
    assert (reader.folder / "out.csv").read_text(encoding="utf-8").startswith("id,")


def test_the_archive_is_no_target(reader: Scrape) -> None:
    before = (reader.folder / "archive.db").read_bytes()
    (reader.folder / "link").symlink_to("archive.db")
    for target in ("archive.db", "link", "archive.db-wal"):
        said = reader("export", "-f", "csv", "-o", target, "--force")
        assert said.code == 2
        assert "the archive itself" in said.err
    (reader.folder / "README.md").write_text("<!-- made by: scrape export -->")
    said = reader("export", "-f", "md", "-o", ".", "--force")
    assert said.code == 2
    assert "the archive itself" in said.err
    assert (reader.folder / "archive.db").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["-f", "md"], "does not fit on stdout"),
        (["-f", "csv", "--bundle"], "does not fit on stdout"),
        (["-f", "md", "--bundle", "-o", "x"], "--bundle is not for md"),
        (["-f", "tei", "--bom"], "--bom is for csv"),
        (["-f", "warc", "--all-revisions", "-o", "x"], "--all-revisions is not for warc"),
        (["-f", "xls"], "'xls' is not one of"),
        (["", "-o", "x.csv"], "The query is empty"),
        (["NOT", "-o", "x.csv"], "Nothing to search for|Cannot understand|nothing that is wanted"),
        (["--since", "yesterday", "-o", "x.csv"], "is not a day"),
        (["-o", "no/such/x.csv"], "there is no folder"),
        (["-f", "warc", "--dictionary"], "no fields of ours"),
    ],
)
def test_wrong_use(reader: Scrape, arguments: list[str], what: str) -> None:
    said = reader("export", *arguments)
    assert said.code == 2
    assert re.search(what, said.err), said.err
    assert said.out == ""
    assert names(reader.folder) == set()


def test_the_dictionary(reader: Scrape) -> None:
    for form in Form:
        if FORMATS[form].fields():
            rows = reader("export", "-f", form, "--dictionary").rows
            assert [row["name"] for row in rows] == [field.name for field in FORMATS[form].fields()]
    assert "Main image" in reader.on_terminal("export", "-f", "csv", "--dictionary", columns=120).plain


def test_a_bundle(reader: Scrape) -> None:
    assert reader("export", "-f", "csv", "--bundle", "-o", "bundle").code == 0
    assert names(reader.folder / "bundle") == {"articles.csv", "README.md", "datapackage.json"}
    assert reader("export", "-f", "csv", "--bundle", "-o", "bundle").code == 2
    assert reader("export", "-f", "csv", "--bundle", "-o", "bundle", "--force").code == 0


def test_a_mark_for_excel(reader: Scrape) -> None:
    assert reader("export", "-f", "csv", "--bom").raw.startswith(b"\xef\xbb\xbfid,")
    assert reader("export", "-f", "csv").raw.startswith(b"id,")


def test_csv_as_pandas_reads_it(reader: Scrape) -> None:
    pandas = pytest.importorskip("pandas", reason="a reader of CSV")
    frame = pandas.read_csv(io.BytesIO(reader("export", "-f", "csv").raw), keep_default_na=False)
    rows = reader("export").rows
    assert list(frame["headline"]) == [row["headline"] for row in rows]
    assert list(frame["body"]) == [row["body"] for row in rows]
    assert list(frame["word_count"]) == [row["word_count"] for row in rows]


@pytest.mark.parametrize("form", TEXTS)
def test_a_terminal_obeys_nothing(reader: Scrape, form: str) -> None:
    with closing(sqlite3.connect(reader.folder / "archive.db")) as archive:
        archive.execute("UPDATE revisions SET headline = 'Red \x1b[31m \x9b31m \u202e evil'")
        archive.commit()
    shown = reader.on_terminal("export", "-f", form)
    assert shown.code == 0
    assert "Red" in shown.out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown.out)


def test_a_reader_that_has_enough(reader: Scrape) -> None:
    said = reader.shell("scrape export --all-revisions -f tei | head -c 100 > begin.xml")
    assert "Traceback" not in said.err
    assert "internal error" not in said.err
    assert len((reader.folder / "begin.xml").read_bytes()) == 100


def test_a_full_disk(reader: Scrape) -> None:
    # In units of 1,024 bytes: 32 are what SQLite needs to read.
    said = reader.shell("trap '' XFSZ; ulimit -f 33; scrape export -o out.ndjson")
    assert said.code == 1
    assert "Cannot write" in said.err
    assert "nothing of it was left behind" in said.err
    assert names(reader.folder) == set()


def test_a_full_disk_behind_stdout(reader: Scrape) -> None:
    said = reader.shell("scrape export > /dev/full")
    assert said.code == 1
    assert said.err.startswith("scrape: Cannot write to stdout\n  why:  No space left on device\n")
    assert len(said.err.splitlines()) == 3


def test_an_archive_that_breaks_midway(reader: Scrape) -> None:
    """The text of one article is no longer what it should be; what came before it is not taken for the whole."""
    with closing(sqlite3.connect(reader.folder / "archive.db")) as archive:
        archive.execute("UPDATE revisions SET tags = '[broken' WHERE id = (SELECT max(id) FROM revisions)")
        archive.commit()
    for arguments in (["-o", "out.csv"], ["-f", "csv"], ["-f", "md", "-o", "out"]):
        said = reader("export", *arguments, "--verdict", "all")
        assert said.code == 1
        assert "written" not in said.err
        assert names(reader.folder) == set()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_stopped_midway(reader: Scrape, ending: signal.Signals) -> None:
    with closing(sqlite3.connect(reader.folder / "archive.db")) as archive:
        columns = [row[1] for row in archive.execute("PRAGMA table_info(revisions)")]
        others = ", ".join(name for name in columns if name not in ("id", "number"))
        archive.execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)"
            f" INSERT INTO revisions (id, number, {others}) SELECT n + 1000, n + 1000, {others}"
            " FROM n, (SELECT * FROM revisions WHERE verdict = 'ok' ORDER BY length(body) DESC LIMIT 1)"
        )
        archive.commit()
    process = reader.start("export", "-f", "tei", "--all-revisions", "-o", "out.xml")
    try:
        assert wait_until(lambda: any(path.stat().st_size for path in reader.folder.glob(".scrape-*")))
        process.send_signal(ending)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == (130 if ending is signal.SIGINT else 143)
    assert "stopped" in err
    assert names(reader.folder) == set()


# The documentation


@pytest.mark.parametrize("line", LINES)
def test_line_of_the_documentation(reader: Scrape, line: str) -> None:
    done = reader.shell(line)
    assert done.code == 0, done.err
    target = re.search(r"(?:-o|>) (\S+)", line)
    if target:
        made = reader.folder / target[1]
        assert made.is_dir() or made.stat().st_size > 100
    else:
        assert len(done.out) > 100


def test_the_documentation_names_every_format() -> None:
    table = re.findall(r"^\| `(\w+)` \| (?:`([.\w]+)`|\(folder\)) \|", DOCS.read_text(encoding="utf-8"), re.M)
    assert table == [(name, form.suffix) for name, form in FORMATS.items()]


@pytest.mark.parametrize(("kind", "text"), READERS, ids=[" ".join(text.split())[:40] for _, text in READERS])
def test_readers_of_the_documentation(reader: Scrape, kind: str, text: str) -> None:
    wanted = re.search(r"articles\.(\w+)", text)
    assert wanted
    assert reader("export", "-o", wanted[0]).code == 0
    count = len(reader("export").rows)
    if kind == "python":
        pytest.importorskip("pandas", reason="what the documentation shows")
        code = f"{text}\nassert len(articles) == {count}"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=reader.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    else:
        duckdb = pytest.importorskip("duckdb", reason="what the documentation shows")
        os.chdir(reader.folder)
        assert duckdb.sql(text).fetchall()


def test_the_folder_of_the_documentation(reader: Scrape) -> None:
    assert reader("export", "-f", "md", "-o", "notes").code == 0
    [name] = re.findall(r"`(2024-\S+)-4\.md`", DOCS.read_text(encoding="utf-8"))
    assert len(list((reader.folder / "notes").glob(f"{name}-*.md"))) == 1


def test_nothing_of_the_archive_is_written(reader: Scrape) -> None:
    before = (reader.folder / "archive.db").read_bytes()
    for form in TEXTS:
        assert reader("export", "-f", form).code == 0
    assert (reader.folder / "archive.db").read_bytes() == before
