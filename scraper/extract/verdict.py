"""What kind of page this is, and whether its text may be passed off as an article."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.article import PageType, Verdict
from scraper.extract.candidates import Evidence
from scraper.extract.claims import claims_article, claims_news
from scraper.extract.outline import Outline
from scraper.extract.page_signs import Facts, Signs, is_front_page, read_signs, read_words
from scraper.extract.page_type import PageTypeModel
from scraper.extract.walls import LONGEST, paywall_of, visible_text, wall_of
from scraper.extract.wording import words

LEAST_PROBABILITY = 0.45
"""From which a page is held to be an article: an article refused costs the reader more than a manual let through."""
_HARDLY = 0.1
"""Probability below which a page of links is surely no article."""
_PROSE_OF_A_TEXT, _PROSE_IN_DOUBT = 1_200, 500
"""Characters in whole paragraphs from which what was found on a page of links is kept as somebody's text; the second
where the page might yet be an article."""
_SIGNS_OF_OTHERS = (
    *("type_product", "type_list", "type_person", "type_forum", "type_faq", "type_service", "type_software"),
    *("host_forum", "host_docs", "host_shop", "path_forum", "path_docs", "path_shop", "path_list", "type_recipe"),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    page_type: PageType
    verdict: Verdict
    reason: str | None
    """One sentence; None for `ok`."""
    keeps_text: bool = True
    """False when the text found is not one text by somebody: a wall, an error message, a list of teasers."""
    is_wall: bool = False
    """True when something else stands in place of the page: a consent dialog, an error message, a parked domain …"""


def judge(
    outline: Outline,
    evidence: Evidence,
    facts: Facts,
    model: PageTypeModel,
    *,
    title: str,
    body_text: str,
    is_article: bool | None,
) -> Judgement:
    """`is_article` is the site file's word, None when it has none; `title` is the page's own `<title>`."""
    if facts.words < LONGEST:
        visible = visible_text(outline)
        if facts.words == 0 and not visible.strip():
            return Judgement("other", "empty", "the page shows no text", keeps_text=False)
        wall = wall_of(visible, title=title, body=body_text, body_words=facts.words)
        if wall is not None:
            return Judgement("other", wall.verdict, wall.reason, keeps_text=False, is_wall=True)
    is_home = is_front_page(facts.url)
    if is_article or (is_article is None and claims_news(evidence) and not is_home):
        return _article(outline, evidence, facts.words)
    signs = read_signs(outline, evidence, facts)
    if is_article is False:
        reason = "the site file tells articles apart, and this page is none"
        return Judgement(_kind_of_other(signs), "not_article", reason, keeps_text=False)
    if facts.words == 0:
        if claims_article(evidence) and not is_home:
            return _article(outline, evidence, 0)
        return Judgement(_kind_of_other(signs), "not_article", "no article text was found")
    if is_home:
        return _no_article(signs, "it is the front page of a site")
    if not _is_little_else(signs):
        probability = model.probability(signs, read_words(outline, evidence, facts.url))
        if probability < LEAST_PROBABILITY:
            return _no_article(signs, _what_it_looks_like(signs), in_doubt=probability >= _HARDLY)
    # Words repeated without end are no text; sentence marks would tell less, as Thai has none.
    if facts.words >= 120 and len(set(words(body_text[:4_000]))) < 40:
        return _no_article(signs, "the same few words are repeated over and over")
    return _article(outline, evidence, facts.words)


def _article(outline: Outline, evidence: Evidence, body_words: int) -> Judgement:
    if body_words == 0:
        return Judgement("article", "empty", "the page claims to be an article, and no text was found")
    wall = paywall_of(outline, free=evidence.free, body_words=body_words)
    if wall is not None:
        return Judgement("article", "paywall", f"only a teaser of {body_words} words is shown; {wall}")
    return Judgement("article", "ok", None)


def _no_article(signs: Signs, reason: str, *, in_doubt: bool = False) -> Judgement:
    kind = _kind_of_other(signs)
    least = _PROSE_IN_DOUBT if in_doubt else _PROSE_OF_A_TEXT
    is_teasers = kind == "listing" and (signs["body_prose"] < least or signs["url_home"] > 0)
    return Judgement(kind, "not_article", reason, keeps_text=not is_teasers)


def _is_little_else(signs: Signs) -> bool:
    """Whether a page holds one text in paragraphs and hardly more: a saved or printed page has no more signs."""
    is_text = signs["body_words"] >= 120 and signs["body_mean_block"] >= 80 and signs["body_link_share"] < 0.2
    is_all = signs["page_body_share"] >= 0.65 and signs["links_headlines"] < 8 and signs["page_boxes"] < 200
    return is_text and is_all and not any(signs[name] for name in _SIGNS_OF_OTHERS)


def _kind_of_other(signs: Signs) -> PageType:
    """A page that is no article is a listing when it holds many headlines that are links, for the text it holds."""
    headlines = signs["links_headlines"]
    return "listing" if headlines >= 8 and headlines * 12 > signs["body_words"] else "other"


def _what_it_looks_like(signs: Signs) -> str:
    """A sentence that names the plainest sign of what else the page is."""
    if signs["type_product"] or signs["path_shop"] == 1 or signs["page_prices"] >= 10:
        return "the page describes products for sale"
    if signs["path_forum"] or signs["host_forum"]:
        return "the page stands where a site has its discussions"
    if signs["host_docs"] or signs["path_docs"] == 1 or signs["page_code"] >= 5:
        return "the page stands where a site has its manuals, or reads like one"
    if _kind_of_other(signs) == "listing" or signs["body_link_share"] > 0.4:
        return "most of it is links to other pages"
    if signs["type_service"] or signs["path_service"]:
        return "the page describes a service or those who offer it"
    return "the page is not built and worded like an article"
