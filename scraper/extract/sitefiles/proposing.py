"""Proposing a site file: the selectors that lead, on every page given, to what was extracted without one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from scraper.article import Article
from scraper.extract.candidates import Evidence
from scraper.extract.extraction import extract
from scraper.extract.fields.dates import parse_date
from scraper.extract.fields.names import clean_names
from scraper.extract.metadata import read_metadata
from scraper.extract.outline import Block, Box
from scraper.extract.page import Page
from scraper.extract.sitefiles.apply import visible_text
from scraper.extract.sitefiles.folder import SiteFiles
from scraper.extract.sitefiles.naming import names_for
from scraper.extract.sitefiles.writing import Draft, Rule
from scraper.extract.wording import folded
from scraper.urls import host_of

_OF_THE_OTHER = {
    "published_at": re.compile(r"modif|updat|chang", re.IGNORECASE),
    "modified_at": re.compile(r"publi|issue|creat", re.IGNORECASE),
}
_LONGEST_LINE = 200
"""Characters of a line that may be a byline or a date; more is text that mentions one."""
_MOST_NODES = 12
"""Elements of a page tried as the place of one field."""


@dataclass(frozen=True, slots=True)
class PageGiven:
    """A page to learn from, as received."""

    html: bytes
    url: str
    content_type: str | None = None


@dataclass(slots=True)
class Proposal:
    draft: Draft
    missing: list[str] = field(default_factory=list)
    """What could not be found, a sentence each."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A page with what was extracted from it."""

    page: Page
    article: Article
    body: tuple[Block, ...]
    """The blocks of the page that the extracted body holds."""
    ours: frozenset[int]
    """The boxes around any of them."""


def propose(pages: Sequence[PageGiven]) -> Proposal:
    """A site file for the site of `pages`, which should be articles of one layout; two or three tell more than one."""
    known = [_known(one) for one in pages]
    readable = [one for one in known if one.article.body]
    host = host_of(pages[0].url).removeprefix("www.")
    draft = Draft(_site_name(known) or host, [host], _shared([one.article.language for one in known]))
    proposal = Proposal(draft)
    for given, one in zip(pages, known, strict=True):
        if not one.article.body:
            proposal.missing.append(f"{given.url} shows no article ({one.article.verdict}); it was left aside")
    for name, find in _FINDERS.items():
        stating = [one for one in readable if getattr(one.article, name)]
        rule = find(stating) if stating else None
        if rule is not None and [rule] not in draft.fields.values():  # one place cannot tell two dates apart
            draft.fields[name] = [rule]
        elif stating:
            proposal.missing.append(
                f"{name}: no selector leads to it, and to nothing else, on every page that gives it"
            )
        else:
            proposal.missing.append(f"{name}: no page gives it")
    return proposal


def _known(given: PageGiven) -> _Known:
    page = Page.read(given.html, url=given.url, content_type=given.content_type)
    article = extract(given.html, url=given.url, content_type=given.content_type, sites=SiteFiles())
    paragraphs = {folded(part) for part in (article.body or "").split("\n\n")}
    body = tuple(block for block in page.outline.blocks if folded(block.text) in paragraphs and folded(block.text))
    ours = frozenset(box.index for block in body for box in page.outline.ancestors(block.box))
    return _Known(page, article, body, ours)


def _site_name(known: Iterable[_Known]) -> str | None:
    names: list[str] = []
    for one in known:
        evidence = Evidence()
        read_metadata(one.page, evidence)
        names += sorted(evidence.site_names, key=len)[:1]
    return _shared(names)


def _shared(values: Iterable[str | None]) -> str | None:
    """The value that all state, if they agree."""
    stated = {value for value in values if value}
    return stated.pop() if len(stated) == 1 else None


# --- Selectors ----------------------------------------------------------------------------------------------------


def _agreed(
    pages: Sequence[_Known], targets: Sequence[list[LexborNode]], right: Callable[[_Known, str], bool]
) -> str | None:
    """The plainest selector of a target of each page that is `right` on all of them."""
    tried: dict[str, tuple[int, int]] = {}
    for nodes in targets:
        own: dict[str, int] = {}
        for node in nodes[:_MOST_NODES]:
            for selector, cost in names_for(node):
                own[selector] = min(cost, own.get(selector, cost))
        for selector, cost in own.items():
            count = tried[selector][0] if selector in tried else 0
            tried[selector] = (count + 1, cost)
    everywhere = sorted((cost, selector) for selector, (count, cost) in tried.items() if count == len(targets))
    return next((s for _, s in everywhere if all(right(one, s) for one in pages)), None)


def _first_is(nodes: Sequence[LexborNode], one: _Known, selector: str) -> bool:
    """Whether the first match on a page is one of `nodes`."""
    first = one.page.first(selector)
    return first is not None and any(first.mem_id == node.mem_id for node in nodes)


def _by_first(pages: Sequence[_Known], places: Callable[[_Known], list[LexborNode]]) -> str | None:
    """The selector whose first match is, on each page, one of its `places`."""
    targets = {id(one): places(one) for one in pages}
    if not all(targets.values()):
        return None
    return _agreed(pages, [targets[id(one)] for one in pages], lambda one, s: _first_is(targets[id(one)], one, s))


# --- Fields -------------------------------------------------------------------------------------------------------


def _headline(pages: Sequence[_Known]) -> Rule | None:
    def places(one: _Known) -> list[LexborNode]:
        wanted = folded(one.article.headline or "")
        return [box.node for box in _boxes_saying(one, wanted.__eq__)]

    selector = _by_first(pages, places)
    return {"css": selector} if selector else None


def _authors(pages: Sequence[_Known]) -> Rule | None:
    names = {id(one): {folded(name) for name in one.article.authors} for one in pages}

    def right(one: _Known, selector: str) -> bool:
        texts = tuple(visible_text(node) for node in one.page.tree.css(selector))
        return {folded(name) for name in clean_names(texts)} == names[id(one)]

    targets = [[box.node for box in _boxes_saying(one, names[id(one)].__contains__)] for one in pages]
    selector = _agreed(pages, targets, right) if all(targets) else None
    return {"css": selector, "many": True} if selector else None


def _date(name: str) -> Callable[[Sequence[_Known]], Rule | None]:
    def find(pages: Sequence[_Known]) -> Rule | None:
        """A meta element or a `time` that states the day; else the words that do."""
        for css, attr in (("meta[content]", "content"), ("time[datetime]", "datetime")):
            selector = _by_first(pages, lambda one, css=css, attr=attr: _stating_day(one, name, css, attr))  # type: ignore[misc]
            if selector:
                return {"css": selector, "attr": attr}
        selector = _by_first(pages, lambda one: [box.node for box in _boxes_saying(one, _says_day(one, name))])
        return {"css": selector} if selector else None

    return find


def _stating_day(one: _Known, name: str, css: str, attr: str) -> list[LexborNode]:
    """The elements whose attribute says the very moment, or the day where none does."""
    value = getattr(one.article, name)
    nodes = [node for node in one.page.tree.css(css) if value[:4] in (node.attributes.get(attr) or "")]
    nodes = [
        node for node in nodes if not _OF_THE_OTHER[name].search(" ".join(v or "" for v in node.attributes.values()))
    ]
    read = [(node, parse_date(node.attributes.get(attr) or "") or "") for node in nodes]
    exact = [node for node, date in read if date == value]
    return exact or [node for node, date in read if date[:10] == value[:10]]


def _says_day(one: _Known, name: str) -> Callable[[str], bool]:
    day, language = getattr(one.article, name)[:10], one.article.language
    return lambda text: day[:4] in text and (parse_date(text, language=language) or "")[:10] == day


def _boxes_saying(one: _Known, says: Callable[[str], bool]) -> list[Box]:
    """The innermost boxes above the end of the text whose line `says` what is wanted, the first first."""
    outline = one.page.outline
    out: list[Box] = []
    for block in outline.blocks:
        if len(block.text) > 2 * _LONGEST_LINE:
            continue
        for index in dict.fromkeys([*(run.box for run in block.runs if run.text.strip()), block.box]):
            box = outline.boxes[index]
            text = " ".join(run.text for run in block.runs if any(b is box for b in outline.ancestors(run.box)))
            if folded(text) and says(folded(text)):
                out.append(box)
                break
    return out


def _body(pages: Sequence[_Known]) -> Rule | None:
    depths = range(1, 1 + max(len(_containers(one)) for one in pages))
    tightest = (_by_first(pages, lambda one, depth=depth: _containers(one)[:depth]) for depth in depths)  # type: ignore[misc]
    selector = next((found for found in tightest if found), None)
    if selector is None:
        return None
    rule: Rule = {"css": selector}
    strip = _strips(pages, selector)
    if strip:
        rule["strip"] = strip
    return rule


def _containers(one: _Known) -> list[LexborNode]:
    """The innermost box that holds nearly all of the body, and those around it that hold little else."""
    outline = one.page.outline
    total = sum(len(block.text) for block in one.body)
    held: dict[int, int] = {}
    shown: dict[int, int] = {}
    for block in outline.blocks:
        for box in outline.ancestors(block.box):
            shown[box.index] = shown.get(box.index, 0) + (0 if block.hidden else len(block.text))
    for block in one.body:
        for box in outline.ancestors(block.box):
            held[box.index] = held.get(box.index, 0) + len(block.text)
    inner = max((index for index, chars in held.items() if chars >= 0.9 * total > 0), default=-1)
    around = [
        box for box in outline.ancestors(inner) if box.index == inner or held[box.index] >= 0.7 * shown[box.index]
    ]
    return [box.node for box in around if box.tag not in ("body", "html")]


def _strips(pages: Sequence[_Known], container: str) -> list[str]:
    """Selectors of the parts inside the container that show text, and no text of the body on any page."""
    found: dict[str, None] = {}
    for one in pages:
        inside = one.page.first(container)
        if inside is None:
            continue
        for box in _foreign_parts(one, one.page.outline.by_node[inside.mem_id]):
            usable = (
                s for s, _ in names_for(box.node, alone=True) if not any(_holds_body(p, container, s) for p in pages)
            )
            selector = next(usable, None)
            if selector:
                found.setdefault(selector)
    return list(found)


def _foreign_parts(one: _Known, container: int) -> list[Box]:
    """The outermost boxes in the container that show text, but none of the body's."""
    outline = one.page.outline
    inside = outline.below([container])
    out: dict[int, Box] = {}
    for block in outline.blocks:
        if block.box not in inside or block.box in one.ours or block.hidden or not block.text:
            continue
        above = [box for box in outline.ancestors(block.box) if box.index in inside and box.index not in one.ours]
        out.setdefault(above[-1].index, above[-1])
    return list(out.values())


def _holds_body(one: _Known, container: str, selector: str) -> bool:
    parts = one.page.tree.css(f"{container} {selector}")
    return any(one.page.outline.by_node.get(node.mem_id) in one.ours for node in parts)


_FINDERS: dict[str, Callable[[Sequence[_Known]], Rule | None]] = {
    "headline": _headline,
    "authors": _authors,
    "published_at": _date("published_at"),
    "modified_at": _date("modified_at"),
    "body": _body,
}
