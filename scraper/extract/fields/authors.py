"""Authors: people and agencies, split and cleaned."""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.extract.bylines import Byline
from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.fields.byline_words import begins_with_given_name
from scraper.extract.fields.choice import Choice, Considered, best_of
from scraper.extract.fields.names import clean_names, kind_of, looks_like_person
from scraper.extract.wording import folded

_OUTLET = 0.4
"""Share of a source's trust left when it names only the outlet: any person or agency named anywhere else wins."""
_KIND = {"person": 1.0, "name": 0.95, "group": 0.85, "handle": 0.75, "nobody": 0.0}
"""Share of a source's trust for what it names: people sign with their name, content systems with an account's."""

# How far a byline is trusted, by what makes it one. A label at the headline ("By") is surer than any metadata, which
# may name the account that published, or one author of several.
_ABOVE = {"label": 1.0, "link": 0.75, "box": 0.75, "bio": 0.6, "bare": 0.5, "owner": 0.0}
_BELOW = {"label": 0.58, "link": 0.6, "box": 0.52, "bio": 0.55, "bare": 0.45, "owner": 0.3}
_REASONS = {
    "label": "a line says so",
    "link": "a link to an author's page",
    "box": "the page's markup calls it so",
    "bio": "a name before a line about the person",
    "bare": "a name stands where bylines stand",
    "owner": "the site bears a person's name",
}
_LAST_FIRST = ("citation_author", "dc.creator", "dcterms.creator")


def choose_authors(evidence: Evidence, visible: list[Byline], host: str) -> Choice:
    """`visible` holds the page's bylines; `host` names the site."""
    outlets = frozenset({folded(name) for name in evidence.site_names} | {folded(host.removeprefix("www."))})
    considered: list[Considered] = []
    for candidate in evidence.of("authors"):
        raw = candidate.value if isinstance(candidate.value, tuple) else (candidate.value,)
        if candidate.selector in _LAST_FIRST:
            raw = tuple(map(_first_name_first, raw))
        considered.append(_considered(candidate, raw, outlets, TRUST[candidate.source], ""))
    for byline in visible:
        candidate = Candidate("authors", byline.text, "page", byline.selector, byline.blocks)
        if byline.sign == "owner" and not _is_named_after(byline.text, host):
            continue
        own = frozenset[str]() if byline.sign == "owner" else outlets
        considered.append(_considered(candidate, (byline.text,), own, _trust(byline), _REASONS[byline.sign]))
    return best_of("authors", _fullest(_with_agreement(considered)), missing="the page names no author")


def _first_name_first(name: str) -> str:
    """Catalogues write "Lee, Ann B."."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first and len(name.split()) <= 5 else name


def _trust(byline: Byline) -> float:
    trust = (_BELOW if byline.below else _ABOVE)[byline.sign]
    lone = byline.sign == "bare" and not (byline.dated or byline.below)
    return max(0.0, trust - 0.01 * byline.distance - (0.05 if lone else 0.0))


def _is_named_after(name: str, host: str) -> bool:
    """True for the name of a person that the site's address repeats, as personal sites' do."""
    long = [word for word in re.findall(r"\w+", name.lower()) if len(word) > 3]
    return looks_like_person(name) and begins_with_given_name(name) and any(word in host for word in long)


def _considered(
    candidate: Candidate, raw: tuple[str, ...], outlets: frozenset[str], trust: float, reason: str
) -> Considered:
    people = clean_names(raw, outlets)
    if people:
        return Considered(candidate, people, trust * _KIND[kind_of(people[0])], reason)
    outlet = clean_names(raw)
    if outlet:
        return Considered(candidate, outlet, _OUTLET * trust, "the page names its outlet as author")
    return Considered(candidate, None, 0.0, "no person or agency is named")


def _with_agreement(considered: list[Considered]) -> list[Considered]:
    """Candidates that share a name with others reinforce each other."""
    keys = [{folded(name) for name in one.value} if isinstance(one.value, tuple) else set() for one in considered]
    out = []
    for one, mine in zip(considered, keys, strict=True):
        support = sum(bool(mine & other) for other in keys) - 1
        out.append(replace(one, score=one.score + 0.05 * min(support, 3)) if mine else one)
    return out


def _fullest(considered: list[Considered]) -> list[Considered]:
    """A source that names all the authors of the best one and more people is better still."""
    best = max(considered, key=lambda one: one.score, default=None)
    if best is None or not isinstance(best.value, tuple):
        return considered
    names = {folded(name) for name in best.value}
    return [
        replace(one, score=best.score + 0.01, reason="it names more of the authors")
        if isinstance(one.value, tuple)
        and one.score >= 0.5
        and one.candidate.source != "microdata"  # it marks up reviewers and commenters as authors too
        and names < {folded(name) for name in one.value}
        and all(map(looks_like_person, one.value))
        else one
        for one in considered
    ]
