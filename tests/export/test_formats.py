"""What holds for every format: one moment, nothing cut short, the same filters, a data dictionary."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.cli.exporting import Form
from scraper.errors import ArchiveError, QueryError
from scraper.export.about import Selection
from scraper.export.fields import columns, flat, json_fields
from scraper.export.formats import FORMATS, export_to_path, export_to_stream, format_of_name
from scraper.store import Archive
from tests.export import corpus
from tests.store.conftest import Builder

OF_ARTICLES = [name for name, form in FORMATS.items() if form.things == "articles"]
IN_FILES = [name for name in OF_ARTICLES if not FORMATS[name].folder]


def test_the_command_knows_the_same_formats() -> None:
    assert [form.value for form in Form] == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_tells_its_format_by_its_name(name: str) -> None:
    suffix = FORMATS[name].suffix
    assert not suffix or format_of_name(f"Some.csv.name{suffix.upper()}") is FORMATS[name]


def test_a_name_that_tells_nothing() -> None:
    assert format_of_name("out.json") is None
    assert format_of_name("out") is None


def test_flat_rows_are_those_of_the_view(nasty: Archive) -> None:
    with closing(sqlite3.connect(nasty.path)) as plain:
        plain.row_factory = sqlite3.Row
        rows = {row["id"]: dict(row) for row in plain.execute("SELECT * FROM articles")}
    for article in corpus.stored(nasty):
        row = rows[article.id or 0]
        for name in ("authors", "tags", "links", "provenance"):
            row[name] = json.loads(row[name])
        assert flat(article) == row
        assert list(flat(article)) == [field.name for field in columns()]


def test_fields_of_json_are_those_of_an_article(nasty: Archive) -> None:
    values = corpus.stored(nasty)[0].as_dict()
    names = [*values, *(f"capture.{name}" for name in values["capture"])]
    assert [field.name for field in json_fields()] == names


@pytest.mark.parametrize("name", OF_ARTICLES)
def test_every_format_has_a_dictionary(name: str) -> None:
    fields = FORMATS[name].fields()
    assert fields
    assert len({field.name for field in fields}) == len(fields)
    assert all(" " in field.description for field in fields if field.name != "image")


@pytest.mark.parametrize("name", IN_FILES)
@pytest.mark.parametrize(
    "selection", [{}, {"site": "two.example"}, {"text": "edited"}, {"limit": 3}, {"verdicts": None}]
)
def test_filters_are_those_of_the_archive(nasty: Archive, name: str, selection: dict[str, Any]) -> None:
    out = io.BytesIO()
    count = export_to_stream(FORMATS[name], nasty, corpus.about(**selection), out)
    expected = [article.url for article in corpus.stored(nasty, **selection)]
    assert count == len(expected) > 0
    if name == "ndjson":
        assert [json.loads(line)["url"] for line in out.getvalue().splitlines()] == expected


@pytest.mark.parametrize("name", OF_ARTICLES)
def test_a_query_that_means_nothing_leaves_nothing(nasty: Archive, name: str, tmp_path: Path) -> None:
    about = corpus.about(text='"')
    with pytest.raises(QueryError):
        export_to_path(FORMATS[name], nasty, about, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


class _Breaking(Selection):
    __slots__ = ()

    def articles(self, archive: Archive) -> Iterator[Any]:
        for number, article in enumerate(super().articles(archive)):
            if number == 7:
                raise ArchiveError("The disk with the archive is gone")
            yield article


@pytest.mark.parametrize("bundle", [False, True])
@pytest.mark.parametrize("name", OF_ARTICLES)
def test_what_breaks_midway_leaves_nothing(nasty: Archive, name: str, bundle: bool, tmp_path: Path) -> None:
    about = corpus.About(archive="nasty.db", made_at=corpus.MADE_AT, selection=_Breaking())
    with pytest.raises(ArchiveError, match="is gone"):
        export_to_path(FORMATS[name], nasty, about, tmp_path / "out", bundle=bundle)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", IN_FILES)
def test_a_file_is_what_goes_to_stdout(nasty: Archive, name: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert export_to_path(FORMATS[name], nasty, corpus.about(), target) == len(corpus.stored(nasty))
    assert target.read_bytes() == corpus.exported(nasty, name)


@pytest.mark.parametrize("name", IN_FILES)
def test_an_export_is_of_one_moment(tmp_path: Path, name: str) -> None:
    """Another connection writes and commits after each article that was read."""
    path = tmp_path / "archive.db"
    make = Builder()
    with Archive.open(path, write=True) as writer, Archive.open(path) as reader:
        for number in range(5):
            make.store(writer, make.article(headline=f"Old {number}"), url=f"https://example.com/{number}")

        class Meanwhile(Selection):
            __slots__ = ()

            def articles(self, archive: Archive) -> Iterator[Any]:
                for number, article in enumerate(super().articles(archive)):
                    yield article
                    for page in range(6):
                        late = make.article(f"Late {number}", headline=f"Late {number}")
                        make.store(writer, late, url=f"https://example.com/{page}")

        out = io.BytesIO()
        about = corpus.About(archive="a.db", made_at=corpus.MADE_AT, selection=Meanwhile(all_revisions=True))
        assert export_to_stream(FORMATS[name], reader, about, out) == 5
        if name != "parquet":
            assert b"Late" not in out.getvalue()
        assert {one.headline for one in reader.articles()} == {"Late 4"}


def test_nothing_is_written_in_a_snapshot(tmp_path: Path) -> None:
    make = Builder()
    with Archive.open(tmp_path / "archive.db", write=True) as archive:
        with archive.snapshot():
            with pytest.raises(ArchiveError, match="as of one moment"):
                make.store(archive, make.article())
            with pytest.raises(ArchiveError, match="inside"), archive.snapshot():
                raise AssertionError
        make.store(archive, make.article())
        with pytest.raises(ArchiveError, match="inside"), archive.batch(), archive.snapshot():
            raise AssertionError
        with archive.snapshot():
            assert len(list(archive.articles())) == 1


def test_all_revisions(nasty: Archive) -> None:
    found = [(one.id, one.revision) for one in corpus.stored(nasty, all_revisions=True)]
    assert [one for one in found if one[0] == 18] == [(18, 1), (18, 2)]
    assert [one for one in found if one[0] == 20] == [(20, 2)]
    assert len(found) == len(corpus.NASTY) + 3
    assert [one.id for one in corpus.stored(nasty, all_revisions=True, limit=2)] == [
        one.id for one in corpus.stored(nasty, limit=2)
    ]
    assert len(corpus.stored(nasty, all_revisions=True, verdicts=None)) == len(found) + 2


@pytest.mark.parametrize("name", ["warc", "wacz"])
def test_captures_have_formats_too(nasty: Archive, name: str, tmp_path: Path) -> None:
    target = tmp_path / f"out{FORMATS[name].suffix}"
    about = corpus.about(verdicts=None, site="two.example")
    assert export_to_path(FORMATS[name], nasty, about, target) == 2
    assert target.read_bytes()[:2] == (b"\x1f\x8b" if name == "warc" else b"PK")
    out = io.BytesIO()
    assert export_to_stream(FORMATS[name], nasty, corpus.about(verdicts=None, limit=1), out) == 1
    if name == "wacz":
        assert zipfile.ZipFile(out).testzip() is None


# Bundles


TABULAR = [name for name, form in FORMATS.items() if form.tabular]


@pytest.mark.parametrize("name", IN_FILES)
def test_a_bundle_describes_its_file(nasty: Archive, name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    folder = tmp_path / "bundle"
    count = export_to_path(form, nasty, corpus.about(), folder, bundle=True)
    file = folder / f"articles{form.suffix}"
    assert {path.name for path in folder.iterdir()} == {file.name, "README.md", "datapackage.json"}
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    [resource] = package["resources"]
    content = file.read_bytes()
    assert content == corpus.exported(nasty, name)
    assert resource["path"] == file.name
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert package["created"] == "2026-01-02T03:04:05.000Z"
    assert package["description"].startswith(f"{count} articles: all articles")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for field in form.fields():
        assert f"| `{field.name}` |" in readme
    if name in TABULAR:
        described = resource["schema"]["fields"]
        assert [one["name"] for one in described] == [one.name for one in form.fields() if "." not in one.name]
        assert all(one["type"] and one["description"] for one in described)
        assert resource["schema"]["primaryKey"] == ["id"]


@pytest.mark.parametrize("name", ["csv", "ndjson"])
@pytest.mark.parametrize("selection", [{}, {"all_revisions": True}, {"verdicts": None}, {"site": "nowhere.example"}])
def test_frictionless_finds_no_fault(
    nasty: Archive, name: str, selection: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frictionless = pytest.importorskip("frictionless", reason="a reader of data packages")
    folder = tmp_path / "bundle"
    export_to_path(FORMATS[name], nasty, corpus.about(**selection), folder, bundle=True)
    monkeypatch.chdir(folder)
    count = len(corpus.stored(nasty, **selection))
    if name == "ndjson" and not count:
        pytest.skip("frictionless cannot read an empty file of lines")
    report = frictionless.validate("datapackage.json")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    [task] = report.tasks
    assert task.stats.get("rows", 0) == count
