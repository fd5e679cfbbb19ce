"""A folder with the exported file, what its fields mean, and a Frictionless Data Package over it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.export.about import About
from scraper.export.cells import json_text, utf8
from scraper.export.fields import Field
from scraper.export.readme import readme

if TYPE_CHECKING:
    from scraper.export.formats import ExportFormat


def write_bundle(form: ExportFormat, folder: Path, about: About, write: Callable[[Path], int]) -> int:
    """Have `write` make the file, then describe it: `datapackage.json` and `README.md`; how many it wrote."""
    path = folder / f"{form.things}{form.suffix}"
    count = write(path)
    fields = form.fields()
    package = data_package(form, path, about, count=count)
    (folder / "datapackage.json").write_bytes(utf8(json_text(package, indent=2) + "\n"))
    contents = (
        f"`{path.name}` ({form.title}) holds them; `datapackage.json` describes it for programs (Frictionless Data"
        " Package), with its length and SHA-256."
    )
    text = readme(about, count=count, what=form.things, contents=contents, fields=fields)
    (folder / "README.md").write_bytes(utf8(text))
    return count


def data_package(form: ExportFormat, path: Path, about: About, *, count: int) -> dict[str, Any]:
    """The package of the one file at `path`: a table with a schema where the format has rows and columns."""
    resource: dict[str, Any] = {
        "name": form.things,
        "title": f"{form.things.capitalize()} as {form.title}",
        "path": path.name,
        "format": form.suffix.removesuffix(".gz").rpartition(".")[2],
        "mediatype": form.mediatype,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_sha256(path)}",
    }
    if not form.binary:
        resource["encoding"] = "utf-8"
    if form.tabular:
        resource |= {"profile": "tabular-data-resource", "type": "table", "dialect": dict(form.dialect)}
        resource["schema"] = _table_schema(form, about)
    return {
        "profile": "data-package",
        "name": "news-articles",
        "title": "News articles, exported",
        "description": f"{count} {form.things}: {about.selection.in_words()}. The texts are their publishers'.",
        "version": "1.0.0",
        "created": about.made_at_text,
        "keywords": ["news", "articles", "web archive"],
        "sources": [{"title": f"the archive {about.archive}"}],
        "contributors": [{"title": about.program, "role": "wrangler"}],
        "resources": [resource],
    }


def _table_schema(form: ExportFormat, about: About) -> dict[str, Any]:
    return {
        "fields": [_field(field) for field in form.fields() if "." not in field.name],
        "missingValues": [""],
        "primaryKey": ["id", "revision"] if about.selection.all_revisions else ["id"],
    }


def _field(field: Field) -> dict[str, Any]:
    notation = f" ({field.unit})" if field.unit else ""
    return {"name": field.name, "type": field.kind, "description": f"{field.description}{notation}"}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
