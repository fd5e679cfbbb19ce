"""What kind of page this is, and whether its text may be passed off as an article."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper.article import PageType, Verdict
from scraper.extract.candidates import Evidence
from scraper.extract.metadata.json_ld import ARTICLE_TYPES
from scraper.extract.outline import Outline
from scraper.extract.wording import count_words, words

_CONSENT = re.compile(
    r"""\b(?:we\s+(?:and\s+our\s+\w*\s*(?:\d+\s+)?partners|use\s+cookies|value\s+your\s+privacy)|accept\s+(?:all|cookies)|reject\s+all|manage\s+(?:cookies|preferences|options)
    |before\s+you\s+continue|your\s+(?:privacy|consent)\s+(?:choices|settings|matters)|consent\s+to|cookie\s+(?:policy|settings|preferences)|legitimate\s+interest
    |alle\s+(?:cookies\s+)?akzeptieren|zustimmen\s+und|mit\s+werbung|tout\s+accepter|accepter\s+et|continuer\s+sans|aceptar\s+(?:todo|todas|y\s+continuar)|accetta\s+(?:tutti|e)
    |aceitar\s+(?:todos|cookies)|alles\s+accepteren|alle\s+accepteren|godta\s+alle|acceptera\s+alla|zaakceptuj|akceptuj|прийняти\s+всі|принять\s+все|підтвердити\s+згоду)\b
    |同意する|接受所有|قبول\s+الكل|אישור\s+הכל""",
    re.IGNORECASE | re.VERBOSE,
)
_BLOCKED = re.compile(
    r"""just\s+a\s+moment|attention\s+required|verify(?:ing)?\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human|are\s+you\s+a\s+(?:robot|human)|checking\s+your\s+browser|access\s+(?:to\s+this\s+page\s+has\s+been\s+)?denied
    |unusual\s+traffic|pardon\s+our\s+interruption|enable\s+javascript\s+and\s+cookies\s+to\s+continue|request\s+(?:was\s+)?blocked|bot\s+detection|press\s+(?:&|and)\s+hold|security\s+check""",
    re.IGNORECASE | re.VERBOSE,
)
_PAYWALL = re.compile(
    r"""(?:subscribe|sign\s+in|log\s+in|register)\s+(?:now\s+)?(?:to|for)\s+(?:continue|keep|read|unlock|full|access)|(?:article|story|content)\s+is\s+(?:only\s+)?(?:for|available\s+to|reserved\s+for|exclusive\s+to)\s+(?:our\s+)?(?:subscribers|members)
    |subscribers?\s+only|already\s+a\s+subscriber|to\s+read\s+the\s+(?:full|rest)|continue\s+reading\s+with|weiterlesen\s+mit|jetzt\s+abonnieren|nur\s+für\s+abonnenten|réservé\s+aux\s+abonnés|pour\s+lire\s+la\s+suite
    |(?:contenido|artículo)\s+(?:exclusivo|solo)\s+para\s+suscriptores|riservat[oa]\s+agli\s+abbonati|exclusivo\s+para\s+assinantes|alleen\s+voor\s+abonnees|тільки\s+для\s+передплатників|только\s+для\s+подписчиков""",
    re.IGNORECASE | re.VERBOSE,
)
_ERROR = re.compile(
    r"\b404\b|page\s+(?:not|can.?t\s+be)\s+found|not\s+found|page\s+(?:doesn.?t|does\s+not)\s+exist|seite\s+nicht\s+gefunden|page\s+introuvable|página\s+no\s+(?:existe|encontrada)|pagina\s+non\s+trovata|сторінк\w+\s+не\s+знайдено|страниц\w+\s+не\s+найдена",
    re.IGNORECASE,
)
_LISTING_TYPES = frozenset(
    ("collectionpage", "itemlist", "searchresultspage", "profilepage", "og:website", "og:profile")
)
_OTHER_TYPES = frozenset(
    (
        "product",
        "og:product",
        "qapage",
        "forumposting",
        "event",
        "recipe",
        "jobposting",
        "faqpage",
        "softwareapplication",
        "localbusiness",
        "service",
    )
)
# Addresses of forums, manuals, shops and lists, in the words their software puts there. They count only against pages
# that do not claim to be articles.
_OTHER_PLACE = re.compile(
    r"""^https?://(?:[^/]*\.)?(?:forums?|discuss|discussions?|docs|wiki|shop|store)\.
    |/(?:forums?|threads?|showthread\.php|topics?|questions|docs|documentation|glossary|shop|collections|category|categories
    |lists?|tags?|search)(?:[/?]|$)""",
    re.IGNORECASE | re.VERBOSE,
)
_HOME = re.compile(r"^https?://[^/]*/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judgement:
    page_type: PageType
    verdict: Verdict
    reason: str | None
    """One sentence; None for `ok`."""
    keeps_text: bool = True
    """False when the text found is not one text by somebody: a wall, an error message, a list of teasers."""


def judge(
    outline: Outline,
    evidence: Evidence,
    *,
    url: str | None,
    title: str,
    body_words: int,
    body_text: str,
    is_article: bool | None,
) -> Judgement:
    """`is_article` is the site file's word, None when it has none; `title` is the page's own `<title>`."""
    visible = [b for b in outline.blocks if not b.hidden]
    text = " ".join(b.text for b in visible)[:60_000]
    total = count_words(text)
    if total == 0 and body_words == 0:
        return Judgement("other", "empty", "the page shows no text", keeps_text=False)
    if body_words < 250:
        wall = _wall(title, text, total, body_words, body_text)
        if wall is not None:
            return wall
    if is_article is False:
        kind = _kind_without_article(visible_links(outline), body_words)
        reason = "the site file tells articles apart, and this page is none"
        return Judgement(kind, "not_article", reason, keeps_text=False)
    claimed = _claims_article(evidence) and not (url and _HOME.match(url))
    reads = not _is_other_place(url) and _reads_like_article(outline, evidence, body_text, body_words)
    if is_article or claimed or reads:
        return _article(evidence, text, body_words)
    if body_words == 0:
        return Judgement(_kind_without_article(visible_links(outline), 0), "not_article", "no article text was found")
    kind = _kind_without_article(visible_links(outline), body_words)
    reason = "the page neither claims to be an article nor stands and reads like one"
    return Judgement(kind, "not_article", reason, keeps_text=kind != "listing")


def _wall(title: str, text: str, total: int, body_words: int, body_text: str) -> Judgement | None:
    if total < 400 and (_BLOCKED.search(title) or (total < 150 and _BLOCKED.search(text))):
        return Judgement("other", "blocked", "a bot check stands in place of the page", keeps_text=False)
    hits = len(_CONSENT.findall(text))
    in_body = bool(_CONSENT.search(body_text))
    if hits >= 2 and (total < 450 or in_body) and body_words < 200 and (in_body or body_words < 40):
        return Judgement("other", "consent", "a consent dialog stands in place of the page", keeps_text=False)
    if body_words < 120 and _ERROR.search(title):
        return Judgement("other", "not_article", "an error page", keeps_text=False)
    return None


def _article(evidence: Evidence, text: str, body_words: int) -> Judgement:
    if body_words == 0:
        return Judgement("article", "empty", "the page claims to be an article, and no text was found")
    walled = _PAYWALL.search(text)
    if (evidence.free is False and body_words < 150) or (walled and body_words < 120):
        why = (
            "the page states that it is not free"
            if evidence.free is False
            else f"it says “{walled.group()[:60]}”"
            if walled
            else ""
        )
        return Judgement("article", "paywall", f"only a teaser of {body_words} words is shown; {why}")
    return Judgement("article", "ok", None)


def _claims_article(evidence: Evidence) -> bool:
    if evidence.types & (ARTICLE_TYPES - {"review", "discussionforumposting", "socialmediaposting"}):
        # Teaser lists describe articles too; then the page itself is a collection.
        return not (evidence.types & _LISTING_TYPES - {"og:website", "itemlist"}) or "og:article" in evidence.types
    return "og:article" in evidence.types and not evidence.types & _OTHER_TYPES


def _reads_like_article(outline: Outline, evidence: Evidence, body_text: str, body_words: int) -> bool:
    if evidence.types & (_OTHER_TYPES | _LISTING_TYPES - {"og:website"}):
        return False
    # A few words repeated without end are no text; sentence marks would tell less, as Thai has none.
    varied = len(set(words(body_text[:20_000]))) >= 40
    return body_words >= 120 and varied and visible_links(outline) < body_words


def _is_other_place(url: str | None) -> bool:
    """True for the address of a site's home page, a forum, a manual, a shop or a list."""
    return url is not None and bool(_HOME.match(url) or _OTHER_PLACE.search(url))


def visible_links(outline: Outline) -> int:
    """Links whose text is a headline's length: what a section page is made of."""
    return sum(1 for a in outline.anchors if count_words(a.text) >= 5)


def _kind_without_article(links: int, body_words: int) -> PageType:
    return "listing" if links >= 8 and links * 12 > body_words else "other"
