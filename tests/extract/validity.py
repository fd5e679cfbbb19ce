"""What holds of every article, whatever page it came from."""

from __future__ import annotations

import re
from datetime import date, datetime

from scraper.article import LINK_KINDS, PAGE_TYPES, VERDICTS, Article

FIELDS = ("headline", "authors", "published_at", "modified_at", "lead", "body", "language", "section", "tags", "image")


def assert_valid(article: Article) -> None:
    assert article.verdict in VERDICTS
    assert article.page_type in PAGE_TYPES
    assert (article.verdict == "ok") == (article.verdict_reason is None)
    for text in (article.headline, article.lead, article.body, article.section, article.image, article.language):
        assert text is None or (isinstance(text, str) and text.strip())
    assert all(isinstance(name, str) and name.strip() for name in (*article.authors, *article.tags))
    for moment in (article.published_at, article.modified_at):
        if moment is not None:
            assert datetime.fromisoformat(moment) if len(moment) > 10 else date.fromisoformat(moment)
    assert all(link.kind in LINK_KINDS and link.url.startswith(("http://", "https://")) for link in article.links)
    assert len({link.url for link in article.links}) == len(article.links)
    assert (article.body is None) == (article.body_html is None) == (article.word_count == 0)
    assert not re.search(r"<script|<style|<iframe|javascript:", (article.body_html or "").lower().replace("&lt;", ""))
    for name in FIELDS if article.provenance.keys() >= set(FIELDS) else ("body",):
        provenance = article.provenance[name]
        assert 0 <= provenance.confidence <= 1
        if not getattr(article, name):
            assert provenance.source == "none"
            assert provenance.reason, name
    assert article.as_dict()
