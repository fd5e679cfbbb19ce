"""What stands in place of a page: a consent dialog, a bot check, an error message; or over it: a paywall.

A page about such walls says the same words, so they count only where there is little else to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper.article import Verdict
from scraper.extract.outline import Outline
from scraper.extract.wording import count_words

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
_PARKED = re.compile(
    r"""domain\s+(?:name\s+)?(?:is|may\s+be|has\s+been)\s+(?:for\s+sale|parked|registered|expired|listed)|buy\s+this\s+domain|this\s+domain\s+has\s+expired
    |parked\s+(?:free|domain|courtesy)|inquire\s+about\s+this\s+domain|domain\s+(?:steht|ist)\s+(?:zum|zu)\s+verkauf|domaine\s+est\s+(?:à|en)\s+vente|domaine\s+est\s+à\s+vendre
    |dominio\s+est[áà]\s+(?:en|a\s+la)\s+venta|dominio\s+è\s+in\s+vendita|домен\s+(?:продается|продаётся|продається)|account\s+(?:has\s+been\s+)?suspended""",
    re.IGNORECASE | re.VERBOSE,
)
_LOGIN = re.compile(
    r"^\W*(?:please\s+)?(?:log\s?in|sign\s?in|member\s+login|anmelden|einloggen|se\s+connecter|connexion|iniciar\s+sesión|accedi|entrar|inloggen|logga\s+in|logg\s+inn|zaloguj|войти|вход|увійти|вхід)\b",
    re.IGNORECASE,
)
_FIRST_WORDS = 200
"""Characters of a page within which it says what it is."""
LONGEST = 250
"""Words of a body from which no wall stands in its place."""
_OTHER_WORDS = 100
"""Words of a body, in paragraphs of their own, that no wall would show besides."""
_TEASER, _TEASER_WITH_WALL = 150, 300
"""Words below which a text that is not free is a teaser; with a line that asks to subscribe it may be longer."""
_MOST_TEXT = 60_000


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands in place of the page."""

    verdict: Verdict
    reason: str


def wall_of(visible: str, *, title: str, body: str, body_words: int) -> Wall | None:
    """The wall in place of a page whose text is `visible`; None when there is none. `title` is the page's `<title>`."""
    if body_words < 120 and _ERROR.search(title):
        return Wall("not_article", "an error page")
    if _words_beside(body) >= _OTHER_WORDS:
        return None
    total = count_words(visible)
    if total < 150 and _ERROR.search(visible[:_FIRST_WORDS]):
        return Wall("not_article", "an error page, though the server calls it a page")
    if total < 150 and (_PARKED.search(title) or _PARKED.search(visible)):
        return Wall("not_article", "the domain is parked: there is no site any more")
    if total < 150 and body_words < 40 and _LOGIN.search(title):  # in its text, menus say so too
        return Wall("blocked", "the page asks to log in")
    if total < 400 and (_BLOCKED.search(title) or (total < 150 and _BLOCKED.search(visible))):
        return Wall("blocked", "a bot check stands in place of the page")
    in_body = body_words < 200 and _CONSENT.search(body) is not None
    # What is visible is looked through last: it may be a long page, and nearly none gets here.
    if (in_body or (total < 450 and body_words < 40)) and len(_CONSENT.findall(visible)) >= 2:
        return Wall("consent", "a consent dialog stands in place of the page")
    return None


def _words_beside(body: str) -> int:
    """Words of the paragraphs that say nothing a wall says."""
    paragraphs = body.split("\n\n")
    return sum(count_words(p) for p in paragraphs if not _CONSENT.search(p) and not _BLOCKED.search(p))


def paywall_of(outline: Outline, *, free: bool | None, body_words: int) -> str | None:
    """Why an article's text is held to be a teaser. `free` is what the page states of itself, None when it does not."""
    if body_words >= _TEASER_WITH_WALL:
        return None
    if free is False and body_words < _TEASER:
        return "the page states that it is not free"
    if free is False or body_words < 120:
        line = _PAYWALL.search(visible_text(outline))
        if line:
            return f"it says “{line.group()[:60]}”"
    return None


def visible_text(outline: Outline) -> str:
    """The text a browser shows without scripts, cut where it is longer than any page with a wall."""
    return " ".join([block.text for block in outline.blocks if not block.hidden])[:_MOST_TEXT]
