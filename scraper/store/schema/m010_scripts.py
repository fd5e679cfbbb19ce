"""Full-text search in scripts for which spaces and accents are not enough."""

from __future__ import annotations

from sqlite_utils import Database

from scraper.store.schema.steps import MIGRATIONS, run


@MIGRATIONS()
def m010_scripts(db: Database) -> None:
    # Without content: what it indexes is the text as `scraper.store.scripts` folds it, which stands nowhere.
    # Marks are part of letters here, as Thai vowels are.
    run(
        db,
        """
        CREATE VIRTUAL TABLE articles_fts_folded USING fts5 (
            headline, lead, body, authors,
            content = '',
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*' separators 'ʼ'"
        );
        INSERT INTO articles_fts_folded (articles_fts_folded, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0, 4.0)');
    """,
    )
