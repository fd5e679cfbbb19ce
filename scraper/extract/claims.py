"""What a page says of itself in its metadata: that it is an article, or something else."""

from __future__ import annotations

from scraper.extract.candidates import Evidence
from scraper.extract.metadata.json_ld import ARTICLE_TYPES

_NOT_PAGES_OWN = frozenset(("review", "discussionforumposting", "socialmediaposting", "techarticle"))
_LISTS = frozenset(("collectionpage", "searchresultspage", "profilepage", "og:profile"))
_OTHERS = frozenset(
    """product og:product qapage forumposting event recipe jobposting faqpage softwareapplication localbusiness
    service""".split()
)
_NEWS = frozenset(
    """newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle
    reviewnewsarticle asknewsarticle askpublicnewsarticle liveblogposting""".split()
)


def claims_article(evidence: Evidence) -> bool:
    """Whether the page says that it is an article of any kind, and not at the same time that it is something else."""
    if evidence.types & (ARTICLE_TYPES - _NOT_PAGES_OWN):
        return not evidence.types & _LISTS or "og:article" in evidence.types
    return "og:article" in evidence.types and not evidence.types & _OTHERS


def claims_news(evidence: Evidence) -> bool:
    """Whether the page describes itself as a news article; teaser lists describe those they link to, and no other."""
    if not evidence.types & _NEWS or evidence.types & _LISTS:
        return False
    return "og:article" in evidence.types or any(c.source == "json_ld" for c in evidence.of("headline"))
