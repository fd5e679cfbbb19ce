"""Articles as Parquet: typed columns, written in batches of bounded size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from scraper.article import Article
from scraper.errors import UsageError
from scraper.export.about import About
from scraper.export.fields import Field, columns, flat
from scraper.export.stated import moment

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 2_000
_CHARACTERS = 5_000_000
"""At which a row group is full, whichever comes first: some 100 MB of memory with what pyarrow makes of them."""


def fields() -> tuple[Field, ...]:
    """The columns: those of csv, and the stated times once more as moments."""
    out: list[Field] = []
    for field in columns():
        out.append(field)
        if field.name in ("published_at", "modified_at"):
            why = "as a moment; null where no offset says which it is"
            out.append(Field(_utc(field.name), "datetime", "UTC", f"{field.name} {why}"))
    return tuple(out)


def write_parquet(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """One file; texts are UTF-8, lists are lists, links and provenance lists of structs. Raises UsageError."""
    pa = _pyarrow()
    from pyarrow import parquet

    schema = _schema(pa, about)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _batches(articles):
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema), row_group_size=_ROWS)
            count += len(rows)
    return count


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed",
            why=str(error),
            next_step="install it, with pip install 'news-archiver[parquet]', or use --format csv or ndjson",
        ) from error
    return pyarrow


def check_installed() -> None:
    """Raises UsageError where Parquet cannot be written."""
    _pyarrow()


def _schema(pa: Any, about: About) -> pa.Schema:
    link = pa.struct([("url", pa.string()), ("text", pa.string()), ("kind", pa.string())])
    source = pa.struct(
        [
            ("field", pa.string()),
            ("source", pa.string()),
            ("confidence", pa.float64()),
            ("selector", pa.string()),
            ("reason", pa.string()),
        ]
    )
    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "datetime": pa.timestamp("ms", tz="UTC"),
        "array": pa.list_(pa.string()),
    }
    special = {"links": pa.list_(link), "provenance": pa.list_(source)}
    dictionary = [field.as_dict() for field in fields()]
    return pa.schema(
        [
            pa.field(
                field.name,
                special.get(field.name) or types[field.kind],
                metadata={"description": field.description, "unit": field.unit},
            )
            for field in fields()
        ],
        metadata={
            "title": f"News articles: {about.selection.in_words()}",
            "made_by": about.program,
            "made_at": about.made_at_text,
            "archive": about.archive,
            # Readers that know nothing of Arrow see these, and not what is said of each field.
            "data_dictionary": json.dumps(dictionary, ensure_ascii=False),
        },
    )


def _batches(articles: Iterable[Article]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    characters = 0
    for article in articles:
        rows.append(_row(article))
        characters += len(article.body or "") + len(article.body_html or "") + 300 * len(article.links)
        if len(rows) == _ROWS or characters >= _CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _row(article: Article) -> dict[str, Any]:
    row = flat(article)
    row[_utc("published_at")] = moment(article.published_at)
    row[_utc("modified_at")] = moment(article.modified_at)
    row["fetched_at"] = None if article.capture is None else article.capture.fetched_at
    row["provenance"] = [{"field": name, **value} for name, value in row["provenance"].items()]
    return {name: _whole(value) for name, value in row.items()}


def _whole(value: Any) -> Any:
    """Without halves of characters, which no UTF-8 can hold."""
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        case list():
            return [_whole(one) for one in value]
        case dict():
            return {key: _whole(one) for key, one in value.items()}
    return value


def _utc(name: str) -> str:
    return name.replace("_at", "_utc")
