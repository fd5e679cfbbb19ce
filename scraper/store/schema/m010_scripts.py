"""Full-text search in scripts for which spaces and accents are not enough; and by site, day, language and verdict."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run
from scraper.store.search import fill_folded


@MIGRATIONS()
def m010_scripts(db: Database) -> None:
    # The view and its index again, with a column more: the words that filters are looked up by, and that rank nothing.
    # char(57344) is what they begin with, a character for private use; hex() keeps a site in one word.
    #
    # The second index is without content: what it indexes is the text as `scraper.store.scripts` folds it, which stands
    # nowhere. Marks are part of letters there, as Thai vowels are.
    run(
        db,
        """
        -- Pages that are no article are few, and asked for by this.
        CREATE INDEX revisions_verdict ON revisions (verdict, sorted_at);

        DROP TABLE articles_fts;
        DROP VIEW searchable;
        CREATE VIEW searchable AS
        SELECT
            pages.id AS id,
            revisions.headline AS headline,
            revisions.lead AS lead,
            revisions.body AS body,
            replace(trim(revisions.authors, '[]"'), '","', ', ') AS authors,
            char(57344) || 's' || hex(revisions.site)
                || ' ' || char(57344) || 'v' || revisions.verdict
                || coalesce(
                    ' ' || char(57344) || 'l'
                    || hex(lower(substr(revisions.language, 1, instr(revisions.language || '-', '-') - 1))),
                    ''
                )
                || coalesce(
                    ' ' || char(57344) || 'd' || substr(revisions.published_at, 1, 1)
                    || ' ' || char(57344) || 'd' || substr(revisions.published_at, 1, 2)
                    || ' ' || char(57344) || 'd' || substr(revisions.published_at, 1, 3)
                    || ' ' || char(57344) || 'd' || substr(revisions.published_at, 1, 4)
                    || ' ' || char(57344) || 'd' || substr(replace(revisions.published_at, '-', ''), 1, 6)
                    || ' ' || char(57344) || 'd' || substr(replace(revisions.published_at, '-', ''), 1, 8),
                    ''
                ) AS facets
        FROM pages
        JOIN revisions ON revisions.id = pages.newest_revision_id
        WHERE revisions.verdict IN ('ok', 'paywall');

        CREATE VIRTUAL TABLE articles_fts USING fts5 (
            headline, lead, body, authors, facets,
            content = 'searchable',
            content_rowid = 'id',
            tokenize = "unicode61 remove_diacritics 2 separators 'ʼ'"
        );
        INSERT INTO articles_fts (articles_fts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0, 4.0, 0.0)');
        INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');

        CREATE VIRTUAL TABLE articles_fts_folded USING fts5 (
            headline, lead, body, authors, facets,
            content = '',
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*' separators 'ʼ'"
        );
        INSERT INTO articles_fts_folded (articles_fts_folded, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0, 4.0, 0.0)');
    """,
    )
    fill_folded(db.conn)
