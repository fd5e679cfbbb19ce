"""Reading a page by a site file's layout."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.candidates import Evidence
from scraper.extract.outline import Block, outline
from scraper.extract.page import Page
from scraper.extract.sitefiles.dates import read_date
from scraper.extract.sitefiles.json_paths import documents
from scraper.extract.sitefiles.schema import LINK_FIELDS, LIST_FIELDS, FieldRule, Layout
from scraper.urls import resolve

_TAG = re.compile(r"<[^<>]+>")


@dataclass(slots=True)
class SiteReading:
    """What a layout found beyond plain values."""

    body: list[Block] | None = None
    """The blocks of the body containers without their stripped parts; None when no container matched."""
    body_selector: str | None = None
    link_boxes: dict[str, set[int]] = field(default_factory=dict)
    """`related` and `popular` to the indexes of the boxes that hold such links."""
    is_article: bool | None = None
    """False when the layout says how an article is told and this page is none; None when it does not say."""
    missed: list[str] = field(default_factory=list)
    """Fields for which no rule found anything."""
    next_page: str | None = None
    """The address of the next page of the same article; None on the last one, or when the layout does not say."""
    single_page: str | None = None
    """The address of the whole article on one page."""


def apply_layout(layout: Layout, page: Page, evidence: Evidence) -> SiteReading:
    """Add what the layout's rules find to `evidence`, and return the parts that are places rather than values."""
    reading = SiteReading()
    if layout.article is not None:
        reading.is_article = page.first(layout.article) is not None
    reading.next_page = _address(page, layout.next_page)
    reading.single_page = _address(page, layout.single_page)
    for name, rules in layout.fields.items():
        if not any(_apply(name, rule, page, evidence, reading) for rule in rules):
            reading.missed.append(name)
    return reading


def _apply(name: str, rule: FieldRule, page: Page, evidence: Evidence, reading: SiteReading) -> bool:
    """Whether one rule found its field."""
    if name == "body":
        return _apply_body(rule, page, evidence, reading)
    selector, nodes = _matches(page, rule)
    if name in LINK_FIELDS:
        by_node = page.outline.by_node
        boxes = {by_node[node.mem_id] for node in nodes if node.mem_id in by_node}
        if boxes:
            reading.link_boxes[name] = boxes
        return bool(boxes)
    values = _made(name, rule, [_value(node, rule) for node in nodes], page)
    blocks = page.outline.blocks_in(nodes) if values else ()
    if not values:
        selector, found = _in_json(page, rule)
        values = _made(name, rule, [one for value in found for one in _texts(value)], page)
    if values:
        evidence.add(name, values if name in LIST_FIELDS else " ".join(values), "site_file", selector, blocks)
    return bool(values)


def _matches(page: Page, rule: FieldRule) -> tuple[str | None, list[LexborNode]]:
    for selector in rule.css:
        nodes = page.tree.css(selector)
        if nodes:
            return selector, nodes if rule.many else nodes[:1]
    return None, []


def _in_json(page: Page, rule: FieldRule) -> tuple[str | None, list[Any]]:
    """The first path that leads to anything, and what it leads to; only the first of it unless `many`."""
    for path in rule.json:
        found = [value for document in documents(page, rule.script) for value in path.find(document)]
        found = [value for value in found if value not in (None, "")]
        if found:
            return path.text, found if rule.many else found[:1]
    return None, []


def _made(name: str, rule: FieldRule, texts: Iterable[str], page: Page) -> list[str]:
    """The values in `texts`: cut to the pattern, split, dates read, addresses resolved; without the empty ones."""
    values = [text for text in texts if text]
    if rule.pattern:
        values = [found for value in values if (found := rule.pattern.find(value))]
    if rule.split:
        values = [part for value in values for part in rule.split.split(value)]
    if rule.format:
        values = [found for value in values if (found := read_date(value, rule.format, rule.language))]
    if name == "image":
        values = [found for value in values if (found := resolve(value, page.base))]
    return values


def _value(node: LexborNode, rule: FieldRule) -> str:
    if rule.attr:
        return (node.attributes.get(rule.attr) or "").strip()
    if rule.strip:
        return visible_text(_without(node, rule.strip).body)
    # The text of an element that no reader sees (a title, a script) is asked for by name, so it is given.
    return visible_text(node) or " ".join((node.text() or "").split())


def _without(node: LexborNode, strip: Iterable[str]) -> LexborHTMLParser:
    """A copy of an element without parts of it."""
    copy = LexborHTMLParser(node.html or "")
    for selector in strip:
        for part in copy.css(selector):
            part.decompose()
    return copy


def _texts(value: Any) -> list[str]:
    """What a value in JSON says, in one line: an object by its name, a list by its items."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        named = next((value[key] for key in ("@value", "name", "title", "text", "url") if value.get(key)), None)
        return _texts(named) if isinstance(named, str) else []
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return []
    return [" ".join(_TAG.sub(" ", html.unescape(str(value))).split())]


def visible_text(node: LexborNode | None) -> str:
    """The text of one element as a reader sees it, in one line."""
    return " ".join(block.text for block in outline(node, None).blocks if not block.hidden)


def _address(page: Page, selectors: Iterable[str]) -> str | None:
    """Where the first link that one of `selectors` matches leads, if that is another page."""
    for selector in selectors:
        for node in page.tree.css(selector):
            href = (node.attributes.get("href") or "").strip()
            address = resolve(href, page.base) if href else None
            if address and address.partition("#")[0] != (page.url or "").partition("#")[0]:
                return address
    return None


def _apply_body(rule: FieldRule, page: Page, evidence: Evidence, reading: SiteReading) -> bool:
    selector, nodes = _matches(page, rule)
    if nodes:
        nodes = [*nodes, *(node for other in rule.also for node in page.tree.css(other))]
        reading.body, reading.body_selector = _body(page, nodes, rule), selector
        return True
    path, found = _in_json(page, rule)
    paragraphs = [text for value in found if isinstance(value, str) for text in _paragraphs(value, rule)]
    text = "\n\n".join(text for text in paragraphs if not _is_stripped(text, rule))
    evidence.add("body", text, "site_file", path)
    return bool(text)


def _paragraphs(value: str, rule: FieldRule) -> list[str]:
    """The paragraphs of a text in JSON, which may be HTML or have its line breaks."""
    if not _TAG.search(value):
        return [" ".join(line.split()) for line in html.unescape(value).splitlines() if line.strip()]
    copy = LexborHTMLParser(value)
    for selector in rule.strip:
        for part in copy.css(selector):
            part.decompose()
    return [block.text for block in outline(copy.body, None).blocks if not block.hidden and block.text]


def _body(page: Page, nodes: Iterable[LexborNode], rule: FieldRule) -> list[Block]:
    by_node = page.outline.by_node
    containers = {by_node[node.mem_id] for node in nodes if node.mem_id in by_node}

    def parts(selectors: Iterable[str]) -> set[int]:
        inside = (page.outline.boxes[box].node.css(selector) for box in containers for selector in selectors)
        return page.outline.below(by_node[part.mem_id] for found in inside for part in found if part.mem_id in by_node)

    kept = parts(rule.keep)
    taken = (page.outline.below(containers) - parts(rule.strip)) | kept
    out = []
    for block in page.outline.blocks:
        runs = [run for run in block.runs if run.box in taken]
        shown = not block.hidden or block.box in kept
        if shown and any(run.text.strip() for run in runs):
            part = block if len(runs) == len(block.runs) else replace(block, runs=runs)
            if not _is_stripped(part.text, rule):
                out.append(part)
    return out


def _is_stripped(text: str, rule: FieldRule) -> bool:
    return rule.strip_text is not None and rule.strip_text.matches(text)
