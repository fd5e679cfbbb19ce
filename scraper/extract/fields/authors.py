"""Authors: people and agencies, split and cleaned."""

from __future__ import annotations

import re

from scraper.extract.candidates import TRUST, Candidate, Evidence
from scraper.extract.fields.choice import Choice, Considered, best_of
from scraper.extract.wording import folded

_BY = re.compile(
    r"^\s*(?:(?:written|reported|posted|published|story|text|article|words|report|recipe|analysis|opinion)\s+)?"
    r"(?:by|von|par|por|di|door|av|af|od|autor|autorka|author|authors|автор|автори|авторы|текст|اعداد|بقلم|كتب|מאת|文|記者|기자)"
    r"(?:\s*[:：]\s*|\s+|$)",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*(?:,|;|\||\s/\s|·|•|⋅|\n|、|，|&|\band\b|\bund\b|\bet\b|\by\b|\be\b|\ben\b|\boch\b|\bog\b|\bта\b|\bі\b|\bи\b)\s*",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"\S+@\S+|https?://\S+|(?<!\w)@\w+")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_ROLE = re.compile(
    r"""^(?:.*\b(?:editor|reporter|correspondent|journalist|writer|columnist|contributor|producer|photographer|analyst|
    staff|desk|newsroom|redaktion|redaktor|redakteur\w*|korrespondent\w*|redacción|rédaction|redazione|редакція|редакция|
    кореспондент\w*|журналіст\w*|bureau|chief|fellow|professor|political|sports?|business|news|world|local|national)\b.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_NOBODY = frozenset(
    """admin administrator editor editors editorial staff webmaster user guest author authors unknown anonymous
    root newsroom newsdesk redaktion redaktor redazione redacción rédaction редакція редакция адмін админ
    адміністратор administrateur administrador moderator test null none undefined
    sponsored updated""".split()
)
_DEGREE = re.compile(
    r"(?:M\.?D|D\.?O|Ph\.?D|M\.?Sc?|M\.?A|B\.?[AS]|R\.?D|RDN|LDN?|R\.?N|DDS|J\.?D|MBA|MPH|CPA|CFP|Esq|[JS]r)\.?",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"\s+(?:on|at|for|in|from|am|le|el|il|den|в|о|на)$", re.IGNORECASE)
_NO_NAME = re.compile(
    r"https?:|www\.|/|.*\d\d|[^\W\d_]{3,9}\.? \d{1,2}$"  # an address; a number; the day that stood beside the name
    r"|[a-z]+(?:\.[a-z]+){2,}$"  # a template's key in place of its text
)
_MAX_NAME = 60
_MAX_AUTHORS = 25
_EDGES = " .,:;-–—|·•⋅\u00a0"
_OUTLET = 0.4
"""Share of a source's trust left when it names only the outlet: any person or agency named anywhere else wins."""


def choose_authors(evidence: Evidence, visible: list[tuple[str, str]], host: str) -> Choice:
    """`visible` holds the page's bylines as (text, selector); `host` names the site."""
    names = {folded(name) for name in evidence.site_names} | {folded(host.removeprefix("www."))}
    considered: list[Considered] = []
    for candidate in evidence.of("authors"):
        raw = candidate.value if isinstance(candidate.value, tuple) else (candidate.value,)
        considered.append(_considered(candidate, raw, names))
    for text, selector in visible:
        considered.append(_considered(Candidate("authors", text, "page", selector), (text,), names))
    return best_of("authors", _with_agreement(considered), missing="the page names no author")


def _considered(candidate: Candidate, raw: tuple[str, ...], site_names: set[str]) -> Considered:
    people = clean_names(raw, site_names)
    if people:
        reason = "the byline above the text" if candidate.source == "page" else ""
        return Considered(candidate, people, TRUST[candidate.source], reason)
    outlet = clean_names(raw)
    if outlet:
        return Considered(candidate, outlet, _OUTLET * TRUST[candidate.source], "the page names its outlet as author")
    return Considered(candidate, None, 0.0, "no person or agency is named")


def _with_agreement(considered: list[Considered]) -> list[Considered]:
    """Candidates that share a name with others reinforce each other."""
    out = []
    for one in considered:
        if not isinstance(one.value, tuple):
            out.append(one)
            continue
        mine = {folded(name) for name in one.value}
        support = sum(
            1
            for other in considered
            if other is not one and isinstance(other.value, tuple) and mine & {folded(name) for name in other.value}
        )
        out.append(Considered(one.candidate, one.value, one.score + 0.05 * min(support, 3), one.reason))
    return out


def clean_names(raw: tuple[str, ...], site_names: set[str] | frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The people and agencies in `raw`: split, without "By", roles, e-mail addresses, nobodies or the outlet's name."""
    out: dict[str, str] = {}
    for given in raw:
        text = _EMAIL.sub(" ", _BRACKETS.sub("", given))
        for part in _AND.split(_BY.sub("", " ".join(text.split(" ")))):
            name = _TRAILING.sub("", _BY.sub("", part).strip(_EDGES)).strip(_EDGES)
            key = folded(name)
            if not name or len(name) > _MAX_NAME or len(name) < 2 or key in _NOBODY or key in site_names:
                continue
            if _NO_NAME.match(name) or (out and (_ROLE.match(name) or _DEGREE.fullmatch(name))):
                continue
            out.setdefault(key, name)
    return tuple(out.values())[:_MAX_AUTHORS]
