"""The fields of exports: their names, types and descriptions, and an article as one flat row of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from scraper.article import Article
from scraper.store.dictionary import dictionary_rows

Kind = Literal["string", "integer", "number", "datetime", "array", "object"]
"""Types of the Frictionless Table Schema."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an export."""

    name: str
    kind: Kind
    unit: str
    """Unit or notation of the values; empty if they have none."""
    description: str

    def as_dict(self) -> dict[str, str]:
        return {"name": self.name, "type": self.kind, "unit": self.unit, "description": self.description}


# The fields of `Article.capture`, as the columns of the view `articles` name them.
_CAPTURE = {
    "capture_id": "id",
    "fetched_at": "fetched_at",
    "status": "status",
    "final_url": "final_url",
    "sha256": "sha256",
    "size": "size",
    "rendered_sha256": "rendered_sha256",
}


@cache
def columns() -> tuple[Field, ...]:
    """The columns of csv and parquet: those of the view `articles`, as `data_dictionary` describes them."""
    described_as = {(row["table_name"], row["column_name"]): row["description"] for row in dictionary_rows()}
    # The view shows the newest revision alone; an export may hold others.
    own = {"id": _PAGE, "revision": described_as["revisions", "number"]}
    return tuple(
        Field(row["column_name"], _kind(row), row["unit"], own.get(row["column_name"], row["description"]))
        for row in dictionary_rows()
        if row["table_name"] == "articles"
    )


_PAGE = "Number of the page in the archive (pages.id)"


def _kind(row: dict[str, str]) -> Kind:
    if row["type"] == "integer":
        return "integer"
    if row["unit"] == "JSON":
        return "object" if row["column_name"] == "provenance" else "array"
    # Times of ours are always whole; times that pages state may be days.
    return "datetime" if row["unit"].startswith("UTC") else "string"


def flat(article: Article) -> dict[str, Any]:
    """The article as a row of `columns()`: what is in `capture` beside the rest."""
    values = article.as_dict()
    capture = values.pop("capture", None) or {}
    values |= {column: capture.get(name) for column, name in _CAPTURE.items()}
    return {field.name: values.get(field.name) for field in columns()}


@cache
def csv_fields() -> tuple[Field, ...]:
    """The columns of csv: there, a list of names is one text."""
    joined = "separated by semicolons; a semicolon inside one has a backslash before it"
    return tuple(
        replace(field, kind="string", unit=joined) if field.name in ("authors", "tags") else field
        for field in columns()
    )


@cache
def json_fields() -> tuple[Field, ...]:
    """The keys of an article as JSON, in their order, those of `capture` as `capture.id` and so on."""
    known = {field.name: field for field in columns()}
    capture = Field("capture", "object", "JSON", "The capture this revision was first read from")
    inside = [replace(known[column], name=f"capture.{name}") for column, name in _CAPTURE.items()]
    keys = ["id", "revision", *(name for name in Article().as_dict() if name not in ("id", "revision"))]
    return (*(known[key] for key in keys), capture, *inside)


def described(sources: Mapping[str, str]) -> tuple[Field, ...]:
    """Fields of a format of its own, each with the column that it is made of, or with a description of its own."""
    known = {field.name: field for field in columns()}
    return tuple(
        Field(name, known[source].kind, known[source].unit, known[source].description)
        if source in known
        else Field(name, "string", "", source)
        for name, source in sources.items()
    )
