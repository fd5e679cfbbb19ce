"""Fields that need little judgement: lead, section, tags, image, language, canonical URL."""

from __future__ import annotations

import re

from scraper.extract.candidates import TRUST, Evidence
from scraper.extract.fields.choice import Choice, Considered, Value, best_of
from scraper.extract.wording import folded
from scraper.urls import path_of, site_of, trusted_canonical

_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_.@].*)?$")
_MISSING = {
    "lead": "the page states no summary",
    "section": "the page names no section",
    "tags": "the page names no tags",
    "image": "the page names no image",
    "language": "the page does not state its language",
    "canonical_url": "the page names no canonical address",
}


def choose_simple(name: str, evidence: Evidence, *, url: str | None, text: str = "") -> Choice:
    """The most trusted usable candidate for one of the simple fields. `text` is headline and body as shown."""
    considered = []
    for candidate in evidence.of(name):
        value, reason = _normalised(name, candidate.value, evidence, url)
        if candidate.selector == "keywords" and not _mostly_mentioned(value, text):
            value, reason = None, "the article mentions less than half of them"
        score = TRUST[candidate.source] if value else 0.0
        considered.append(Considered(candidate, value, score, reason))
    if name == "canonical_url":
        # OpenGraph's address is for counting shares; the link element is the page's own statement.
        considered.sort(key=lambda c: c.candidate.source == "opengraph")
    return best_of(name, considered, missing=_MISSING[name])


def _mostly_mentioned(tags: Value | None, text: str) -> bool:
    """Some sites put the same keywords on every page; the article then mentions few of them."""
    shown = f" {folded(text)} "
    return 2 * sum(folded(tag) in shown for tag in tags or ()) >= len(tags or ())


def _normalised(name: str, value: Value, evidence: Evidence, url: str | None) -> tuple[Value | None, str]:
    if name == "tags":
        tags = value if isinstance(value, tuple) else tuple(re.split(r"\s*[,;]\s*", value))
        unique: dict[str, str] = {}
        for tag in tags:
            if folded(tag) and len(tag) <= 80:
                unique.setdefault(folded(tag), tag)
        return tuple(unique.values()) or None, ""
    text = value if isinstance(value, str) else " ".join(value)
    if name == "language":
        tag = language_tag(text)
        return tag, "" if tag else "not a language tag"
    if name == "canonical_url":
        stated = {str(c.value) for c in evidence.of(name) if c.source == "opengraph"} | evidence.own_addresses
        return _canonical(text, url, stated)
    if name == "lead" and folded(text) in {folded(n) for n in evidence.site_names}:
        return None, "it is the site's name"
    return text, ""


def _canonical(address: str, url: str | None, stated: set[str]) -> tuple[str | None, str]:
    if url is None:
        return address, ""
    if site_of(address) != site_of(url):
        return None, "it points to another site"
    if path_of(address) in ("", "/") and path_of(url) not in ("", "/"):
        return None, "it points to the home page"
    if trusted_canonical(url, address, stated=stated).reason == "contradicted":
        return None, "og:url or the structured data say that this page's address is its own"
    return address, ""


def language_tag(text: str) -> str | None:
    """`text` as a BCP 47 tag in its usual spelling (uk, en-GB, zh-Hant-TW); None when it is none."""
    match = _LANGUAGE.match(text.strip())
    if not match:
        return None
    language, script, region = match.groups()
    parts = [language.lower()]
    if script:
        parts.append(script.title())
    if region:
        parts.append(region.upper())
    return "-".join(parts)
