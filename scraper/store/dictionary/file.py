"""What the file says about itself."""

from __future__ import annotations

from scraper.store.dictionary.notation import ID, TEXT, Tables

TABLES: Tables = {
    "data_dictionary": {
        "table_name": (TEXT, "Table or view; articles_fts is the full-text index, whose rowid is pages.id"),
        "column_name": (TEXT, "Column"),
        "type": (TEXT, "text, integer, real or blob"),
        "unit": (TEXT, "Unit or notation of the values; empty if they have none"),
        "description": (TEXT, "What a value means, and what null means"),
    },
    "_sqlite_migrations": {
        "id": (ID, "Order in which the step was applied"),
        "migration_set": (TEXT, "Always news-archiver"),
        "name": (TEXT, "Step that brought this file's schema forward"),
        "applied_at": (("text", "UTC"), "When"),
    },
}
