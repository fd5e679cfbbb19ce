"""The full-text index."""

from __future__ import annotations

from scraper.store.dictionary.notation import ID, TEXT, Columns, Tables

_SEARCHED: Columns = {
    "headline": (TEXT, "Headline"),
    "lead": (TEXT, "Standfirst or summary"),
    "body": (TEXT, "Plain text of the article"),
    "authors": (TEXT, "Names of the authors, separated by commas"),
    "facets": (TEXT, "Site, verdict, language and day as words that nobody types: what filters are looked up by"),
}

TABLES: Tables = {
    "searchable": {"id": (ID, "pages.id, for readable articles only"), **_SEARCHED},
    "articles_fts": _SEARCHED,
    "articles_fts_folded": _SEARCHED,
}
