"""Reading a page by a site file's layout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.candidates import Evidence
from scraper.extract.outline import Block, outline
from scraper.extract.page import Page
from scraper.extract.sitefiles.schema import LIST_FIELDS, FieldRule, Layout
from scraper.urls import resolve


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
    """Fields whose selectors matched nothing."""


def apply_layout(layout: Layout, page: Page, evidence: Evidence) -> SiteReading:
    """Add what the layout's rules find to `evidence`, and return the parts that are places rather than values."""
    reading = SiteReading()
    if layout.article is not None:
        reading.is_article = page.first(layout.article) is not None
    for name, rule in layout.fields.items():
        selector, nodes = _matches(page, rule)
        if not nodes:
            reading.missed.append(name)
        elif name == "body":
            reading.body = _body(page, nodes, rule)
            reading.body_selector = selector
        elif name in ("related", "popular"):
            reading.link_boxes[name] = {
                page.outline.by_node[n.mem_id] for n in nodes if n.mem_id in page.outline.by_node
            }
        else:
            values = [v for v in (_value(node, rule) for node in nodes) if v]
            if name == "image":
                values = [v for v in (resolve(value, page.base) for value in values) if v]
            evidence.add(name, values if name in LIST_FIELDS else " ".join(values), "site_file", selector)
    return reading


def _matches(page: Page, rule: FieldRule) -> tuple[str | None, list[LexborNode]]:
    for selector in rule.css:
        nodes = page.tree.css(selector)
        if nodes:
            return selector, nodes if rule.many else nodes[:1]
    return None, []


def _value(node: LexborNode, rule: FieldRule) -> str:
    if rule.attr:
        return (node.attributes.get(rule.attr) or "").strip()
    if rule.strip:
        copy = LexborHTMLParser(node.html or "")
        for selector in rule.strip:
            for part in copy.css(selector):
                part.decompose()
        return visible_text(copy.body)
    return visible_text(node)


def visible_text(node: LexborNode | None) -> str:
    """The text of one element as a reader sees it, in one line."""
    return " ".join(block.text for block in outline(node, None).blocks if not block.hidden)


def _body(page: Page, nodes: Iterable[LexborNode], rule: FieldRule) -> list[Block]:
    by_node = page.outline.by_node
    containers = {by_node[node.mem_id] for node in nodes if node.mem_id in by_node}
    stripped = {
        by_node[part.mem_id]
        for box in containers
        for selector in rule.strip
        for part in page.outline.boxes[box].node.css(selector)
        if part.mem_id in by_node
    }
    kept = page.outline.below(containers) - page.outline.below(stripped)
    out = []
    for block in page.outline.blocks:
        runs = [run for run in block.runs if run.box in kept]
        if not block.hidden and any(run.text.strip() for run in runs):
            out.append(block if len(runs) == len(block.runs) else replace(block, runs=runs))
    return out
