"""Parquet, read back with pyarrow."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from scraper.article import Article
from scraper.export.parquet import fields, write_parquet
from scraper.store import Archive
from tests.export import corpus


def table_of(archive: Archive, **selection: object) -> pa.Table:
    return parquet.read_table(io.BytesIO(corpus.exported(archive, "parquet", **selection)))


def test_every_value_comes_back(nasty: Archive) -> None:
    rows = table_of(nasty).to_pylist()
    articles = corpus.stored(nasty)
    assert len(rows) == len(articles)
    for row, article in zip(rows, articles, strict=True):
        values = article.as_dict()
        capture = values.pop("capture")
        provenance = {one.pop("field"): one for one in row.pop("provenance")}
        assert {name: {k: v for k, v in one.items() if v is not None} for name, one in provenance.items()} == {
            name: {k: v for k, v in one.items() if v is not None} for name, one in values.pop("provenance").items()
        }
        assert row["fetched_at"] == datetime.fromisoformat(capture["fetched_at"])
        assert {name: row[name] for name in values} == values
        assert (row["capture_id"], row["sha256"], row["size"]) == (capture["id"], capture["sha256"], capture["size"])


def test_types() -> None:
    out = io.BytesIO()
    write_parquet([], out, corpus.about())
    schema = parquet.read_table(io.BytesIO(out.getvalue())).schema
    assert schema.names == [field.name for field in fields()]
    moment = pa.timestamp("ms", tz="UTC")
    assert [schema.field(name).type for name in ("published_utc", "modified_utc", "fetched_at")] == [moment] * 3
    assert schema.field("published_at").type == pa.string()
    assert schema.field("authors").type == pa.list_(pa.string())
    link = schema.field("links").type.value_type
    assert {link.field(n).name: link.field(n).type for n in range(3)} == dict.fromkeys(
        ("url", "text", "kind"), pa.string()
    )
    assert schema.field("word_count").type == pa.int64()


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2024-07-22T09:00:00+03:00", datetime(2024, 7, 22, 6, tzinfo=UTC)),
        ("2024-07-22T09:00Z", datetime(2024, 7, 22, 9, tzinfo=UTC)),
        ("2024-07-22T09:00:00", None),
        ("2024-07-22", None),
        ("soon", None),
        (None, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_a_moment_only_where_the_offset_is_stated(stated: str | None, moment: datetime | None) -> None:
    out = io.BytesIO()
    write_parquet([Article(published_at=stated)], out, corpus.about())
    [row] = parquet.read_table(io.BytesIO(out.getvalue())).to_pylist()
    assert (row["published_at"], row["published_utc"]) == (stated, moment)


def test_the_dictionary_is_in_the_file(nasty: Archive) -> None:
    schema = table_of(nasty).schema
    for field in fields():
        assert schema.field(field.name).metadata[b"description"].decode() == field.description
    said = json.loads(schema.metadata[b"data_dictionary"])
    assert [one["name"] for one in said] == schema.names


def test_row_groups_are_of_bounded_size() -> None:
    out = io.BytesIO()
    text = "word " * 400_000
    assert write_parquet((Article(body=text) for _ in range(7)), out, corpus.about()) == 7
    many = io.BytesIO()
    assert write_parquet((Article(headline=str(n)) for n in range(4_100)), many, corpus.about()) == 4_100
    groups = [parquet.ParquetFile(io.BytesIO(one.getvalue())) for one in (out, many)]
    assert [one.num_row_groups for one in groups] == [3, 3]
    assert groups[0].metadata.num_rows == 7


def test_halves_of_characters() -> None:
    out = io.BytesIO()
    write_parquet([Article(headline="Half \ud83d!", tags=("\udc00",))], out, corpus.about())
    [row] = parquet.read_table(io.BytesIO(out.getvalue())).to_pylist()
    assert row["headline"].startswith("Half \ufffd")


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('no module named pyarrow')\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from scraper.errors import UsageError\n"
        "from scraper.export.formats import FORMATS\n"
        "try: FORMATS['parquet'].check()\n"
        "except UsageError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "with pip install 'news-archiver[parquet]'" in done.stdout
