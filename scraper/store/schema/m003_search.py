"""Full-text search over the articles, and nothing that is only labelled."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m003_search(db: Database) -> None:
    # U+02BC, the Ukrainian apostrophe, is a letter to Unicode; as a separator it matches ' and ’, which people type.
    # The rank weighs headline, lead, body and authors. FTS5 reads `searchable` without access to json_each: the list of
    # authors is turned into words by cutting off its punctuation.
    run(
        db,
        """
        CREATE VIEW searchable AS
        SELECT
            pages.id AS id,
            revisions.headline AS headline,
            revisions.lead AS lead,
            revisions.body AS body,
            replace(trim(revisions.authors, '[]"'), '","', ', ') AS authors
        FROM pages
        JOIN revisions ON revisions.id = pages.newest_revision_id
        WHERE revisions.verdict IN ('ok', 'paywall');

        CREATE VIRTUAL TABLE articles_fts USING fts5 (
            headline, lead, body, authors,
            content = 'searchable',
            content_rowid = 'id',
            tokenize = "unicode61 remove_diacritics 2 separators 'ʼ'"
        );
        INSERT INTO articles_fts (articles_fts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0, 4.0)');
        INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
    """,
    )
