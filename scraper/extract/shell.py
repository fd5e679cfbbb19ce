"""Pages that are a shell: what a reader sees is put there by scripts, and without them there is no article."""

from __future__ import annotations

import re

from scraper.extract.page import Page
from scraper.extract.verdict import Judgement
from scraper.extract.wording import count_words

_FEW_WORDS = 60
"""Words on a page that is a name, a menu perhaps, and a line that asks for scripts."""
_NO_TEXT = 30
"""Words of a body below which there is none."""
_DATA = ("application/json", "application/ld+json", "text/template", "text/x-template", "importmap", "speculationrules")
_ROOTS = """[id=root],[id=app],[id=__next],[id=__nuxt],[id=___gatsby],[id=app-root],[id=react-root],[id=main-app],
    [id=application],[data-reactroot],app-root,[ng-app],[ng-version]"""
_ASKS_FOR_SCRIPTS = re.compile(r"java\s?script", re.IGNORECASE)  # spelt so in every language


def is_shell(page: Page, judgement: Judgement, body_words: int) -> bool:
    """Whether a browser that runs the page's scripts may find an article where `judgement` found none."""
    if judgement.verdict not in ("empty", "not_article") or judgement.page_type == "listing":
        return False
    if body_words >= _NO_TEXT or not _has_scripts(page):
        return False
    if judgement.page_type == "article" or _words_shown(page) < _FEW_WORDS:
        return True
    # An error page with words of its own is all there is, whatever room for scripts its template leaves.
    return not judgement.is_wall and (_asks_for_scripts(page) or _has_empty_root(page))


def _has_scripts(page: Page) -> bool:
    return any((node.attributes.get("type") or "").lower() not in _DATA for node in page.sought("script"))


def _words_shown(page: Page) -> int:
    return sum(count_words(block.text) for block in page.outline.blocks if not block.hidden)


def _asks_for_scripts(page: Page) -> bool:
    return any(_ASKS_FOR_SCRIPTS.search(node.text() or "") for node in page.tree.css("noscript"))


def _has_empty_root(page: Page) -> bool:
    """Whether the element that a framework puts the page into holds nothing yet, or hardly anything."""
    return any(count_words((node.text() or "")[:2_000]) < 10 for node in page.tree.css(_ROOTS))
