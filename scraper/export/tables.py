"""Articles as lines of JSON, and as CSV."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from scraper.article import Article
from scraper.export.about import About
from scraper.export.cells import cell, json_text, utf8
from scraper.export.fields import columns, flat


def write_ndjson(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """An article a line, as `Article.as_dict` gives it."""
    count = 0
    for article in articles:
        out.write(utf8(json_text(article.as_dict()) + "\n"))
        count += 1
    return count


def write_csv(articles: Iterable[Article], out: BinaryIO, about: About, *, bom: bool = False) -> int:
    """A row an article, as RFC 4180 has it: commas, CRLF, quotation marks where needed; the first row names columns.

    `bom` writes the mark by which Excel knows that a file is UTF-8.
    """
    if bom:
        out.write(codecs.BOM_UTF8)
    row_text = io.StringIO(newline="")
    rows = csv.writer(row_text, lineterminator="\r\n")
    rows.writerow([field.name for field in columns()])
    count = 0
    for article in articles:
        rows.writerow([cell(value) for value in flat(article).values()])
        count += 1
        out.write(utf8(row_text.getvalue()))
        row_text.seek(0)
        row_text.truncate()
    out.write(utf8(row_text.getvalue()))
    return count
