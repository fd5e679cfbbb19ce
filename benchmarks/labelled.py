"""Labelled pages: where they lie, which of them are read, and the script that scores predictions for them.

A set is a folder with `truth.jsonl` (a page a line) and `html/<id>.html.gz`. Beside the sets lie `score.py`, whose
docstring describes a prediction, and, where links are labelled, `links-dev.jsonl`.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast

Row = dict[str, Any]
"""A truth or a prediction, in the form `score.py` reads."""


class Scorer(Protocol):
    """What is used of `score.py`."""

    def score(self, truths: dict[str, Row], predictions: dict[str, Row]) -> dict[str, float]: ...

    def score_links(self, truths: dict[str, Row], predictions: dict[str, Row]) -> dict[str, float]: ...


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page of a set, still on disk."""

    id: str
    url: str
    path: Path

    def html(self) -> bytes:
        """The bytes as received."""
        return gzip.decompress(self.path.read_bytes())


@dataclass(frozen=True)
class LabelledSet:
    """The pages to read and what is known about them."""

    name: str
    truths: dict[str, Row]
    pages: tuple[LabelledPage, ...]

    @cached_property
    def articles(self) -> frozenset[str]:
        """The pages `score.py` scores the body of: those of kind article, or all where the set has no kinds."""
        return frozenset(id_ for id_, truth in self.truths.items() if truth.get("kind", "article") == "article")


def read_set(folder: Path, *, sample: int | None = None) -> LabelledSet:
    """A set, or `sample` of its pages taken evenly over its length."""
    rows = read_rows(folder / "truth.jsonl")
    if sample is not None and sample < len(rows):
        rows = [rows[len(rows) * number // sample] for number in range(sample)]
    pages = tuple(LabelledPage(row["id"], row["url"], folder / "html" / f"{row['id']}.html.gz") for row in rows)
    return LabelledSet(folder.name, {row["id"]: row for row in rows}, pages)


def set_names(data: Path) -> list[str]:
    return sorted(path.parent.name for path in data.glob("*/truth.jsonl"))


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def scorer(data: Path) -> Scorer:
    """`score.py` of the data folder, as a module."""
    spec = importlib.util.spec_from_file_location("labelled_score", data / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(data / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Scorer", module)
