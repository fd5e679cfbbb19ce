"""The formats there are, and writing any of them to a file, a folder or a stream."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Protocol

from scraper.article import Article
from scraper.export import bibliography, json_ld, markdown, parquet, tables, tei
from scraper.export.about import About
from scraper.export.atomic import whole_file, whole_folder, writing
from scraper.export.data_package import write_bundle
from scraper.export.fields import Field, csv_fields, json_fields
from scraper.store import Archive

Way = Callable[[Archive, About, Path], int]
"""Writes what the selection selects to a path that is not there yet; how many it wrote."""


class _ArticleWriter(Protocol):
    def __call__(self, articles: Iterable[Article], out: BinaryIO, about: About) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """A format: what its files are called, what is in them, and how they come about."""

    name: str
    title: str
    suffix: str
    """Of a file's name; empty for a folder."""
    mediatype: str
    fields: Callable[[], tuple[Field, ...]]
    """The data dictionary; empty where the format's own standard says it all."""
    to_stream: Callable[[Archive, About, BinaryIO], int] | None = None
    """None where only a file or a folder can be written."""
    to_path: Way | None = None
    """None where `to_stream` does it."""
    binary: bool = False
    folder: bool = False
    things: str = "articles"
    """What it holds: articles or captures."""
    tabular: bool = False
    dialect: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """For a data package: how rows are written."""
    check: Callable[[], None] = lambda: None
    """Raises UsageError where the format needs what is not installed."""


def _articles(write: _ArticleWriter) -> Callable[[Archive, About, BinaryIO], int]:
    def to_stream(archive: Archive, about: About, out: BinaryIO) -> int:
        return write(about.selection.articles(archive), out, about)

    return to_stream


def _to_folder(archive: Archive, about: About, folder: Path) -> int:
    folder.mkdir(exist_ok=True)
    return markdown.write_markdown(about.selection.articles(archive), folder, about)


def _to_warc(archive: Archive, about: About, out: BinaryIO) -> int:
    from scraper.export.warc import write_warc

    return write_warc(archive, about.selection.captures(archive), out)


def _to_wacz(archive: Archive, about: About, path: Path) -> int:
    from scraper.export.wacz import write_wacz

    return write_wacz(archive, about.selection.captures(archive), path)


def _csv(*, bom: bool) -> Callable[[Archive, About, BinaryIO], int]:
    return _articles(partial(tables.write_csv, bom=bom))


FORMATS: dict[str, ExportFormat] = {
    one.name: one
    for one in (
        ExportFormat(
            name="ndjson",
            title="JSON, an article a line",
            suffix=".ndjson",
            mediatype="application/x-ndjson",
            fields=json_fields,
            to_stream=_articles(tables.write_ndjson),
            tabular=True,
            dialect={"keyed": True},
        ),
        ExportFormat(
            name="csv",
            title="comma-separated values",
            suffix=".csv",
            mediatype="text/csv",
            fields=csv_fields,
            to_stream=_csv(bom=False),
            tabular=True,
            dialect={"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        ),
        ExportFormat(
            name="parquet",
            title="Apache Parquet",
            suffix=".parquet",
            mediatype="application/vnd.apache.parquet",
            fields=parquet.fields,
            to_stream=_articles(parquet.write_parquet),
            binary=True,
            tabular=True,
            check=parquet.check_installed,
        ),
        ExportFormat(
            name="md",
            title="a folder of Markdown files",
            suffix="",
            mediatype="text/markdown",
            fields=markdown.fields,
            to_path=_to_folder,
            folder=True,
        ),
        ExportFormat(
            name="tei",
            title="TEI P5",
            suffix=".xml",
            mediatype="application/tei+xml",
            fields=tei.fields,
            to_stream=_articles(tei.write_tei),
        ),
        ExportFormat(
            name="bibtex",
            title="BibTeX for biblatex",
            suffix=".bib",
            mediatype="application/x-bibtex",
            fields=bibliography.bibtex_fields,
            to_stream=_articles(bibliography.write_bibtex),
        ),
        ExportFormat(
            name="csl",
            title="CSL-JSON",
            suffix=".csl.json",
            mediatype="application/vnd.citationstyles.csl+json",
            fields=bibliography.csl_fields,
            to_stream=_articles(bibliography.write_csl),
        ),
        ExportFormat(
            name="jsonld",
            title="JSON-LD in the words of schema.org",
            suffix=".jsonld",
            mediatype="application/ld+json",
            fields=json_ld.fields,
            to_stream=_articles(json_ld.write_json_ld),
        ),
        ExportFormat(
            name="warc",
            title="WARC 1.1, compressed",
            suffix=".warc.gz",
            mediatype="application/warc",
            fields=tuple,
            to_stream=_to_warc,
            binary=True,
            things="captures",
        ),
        ExportFormat(
            name="wacz",
            title="WACZ",
            suffix=".wacz",
            mediatype="application/wacz",
            fields=tuple,
            to_path=_to_wacz,
            binary=True,
            things="captures",
        ),
    )
}

_SUFFIXES = {form.suffix: form.name for form in FORMATS.values() if form.suffix} | {".jsonl": "ndjson", ".tei": "tei"}


def with_bom(form: ExportFormat) -> ExportFormat:
    """csv as Excel knows it for UTF-8."""
    return dataclasses.replace(form, to_stream=_csv(bom=True))


def format_of_name(name: str) -> ExportFormat | None:
    """The format that a file of this name is usually in."""
    found = [suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)]
    return FORMATS[_SUFFIXES[max(found, key=len)]] if found else None


def export_to_path(
    form: ExportFormat, archive: Archive, about: About, target: Path, *, replace: bool = False, bundle: bool = False
) -> int:
    """Write the export to `target`, which appears when it is whole; how many articles or captures.

    `bundle` makes a folder of it, with README.md and datapackage.json. Everything is read as of one moment.
    Raises UsageError, QueryError, ExportFailed and what reading an archive raises; no part is left behind then.
    """
    form.check()
    with archive.snapshot():
        if bundle:
            with whole_folder(target, replace=replace) as folder:
                return write_bundle(form, folder, about, lambda path: _to_path(form, archive, about, path))
        whole = whole_folder if form.folder else whole_file
        with whole(target, replace=replace) as path:
            return _to_path(form, archive, about, path)


def export_to_stream(form: ExportFormat, archive: Archive, about: About, out: BinaryIO) -> int:
    """Write the export to `out`, as of one moment; how many articles or captures. Not for folders."""
    form.check()
    with archive.snapshot():
        if form.to_stream is not None:
            return form.to_stream(archive, about, out)
        with tempfile.TemporaryDirectory(prefix="scrape-export-") as folder:
            path = Path(folder) / f"export{form.suffix}"
            count = _to_path(form, archive, about, path)
            with path.open("rb") as file:
                shutil.copyfileobj(file, out, 1 << 20)
            return count


def _to_path(form: ExportFormat, archive: Archive, about: About, path: Path) -> int:
    if form.to_path is not None:
        return form.to_path(archive, about, path)
    assert form.to_stream is not None  # noqa: S101 - a format has one way or the other
    with writing(path) as out:
        return form.to_stream(archive, about, out)
