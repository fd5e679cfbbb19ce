"""A page's text in the page's order, each stretch marked by what became of its block; nothing of the page can run.

Made only of text and a fixed set of elements. Of the page's attributes only a valid `dir` is taken over.
"""

from __future__ import annotations

from html import escape

from selectolax.lexbor import LexborNode

from scraper.extract.body import Body
from scraper.extract.outcomes import BlockOutcome, outcomes_of
from scraper.extract.outline import Box
from scraper.extract.page import Page
from scraper.extract.places import blocks_of_texts
from scraper.extract.render import text_as_html

_SAME = frozenset(
    """article aside blockquote caption dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav
    ol p pre section table tbody td tfoot th thead tr ul a b code em i strong sub sup u""".split()
)
_AS_DIV = frozenset("address body center details dialog dir fieldset form hgroup menu summary".split())
_DIRECTIONS = frozenset(("ltr", "rtl", "auto"))
_DEEPEST = 200
"""Levels of nesting that are written out."""
SHADES = ((0.05, "p0"), (0.2, "p1"), (0.4, "p2"), (1.1, "p3"))
"""Probability below which a block that was left out has a class."""


def highlighted(page: Page, body: Body) -> str:
    """The page's markup with every text in a `<mark>`; its class and title say what became of it."""
    outside = ""
    if body.text and not body.blocks:
        outside = f'<section class="kept"><h2>Text from the {body.provenance.source}</h2>{text_as_html(body.text)}'
        outside += "</section>"
    root = page.tree.body if page.is_html else None
    return outside + (_Marker(page, body).run(root) if root is not None else "")


class _Marker:
    """Walks the tree, element by element that the outline has."""

    def __init__(self, page: Page, body: Body) -> None:
        self._outline = page.outline
        self._outcomes = outcomes_of(page.outline.blocks, body)
        self._taken_out = {block.index for block, _ in body.dropped}
        self._owners = blocks_of_texts(page)

    def run(self, root: LexborNode) -> str:
        out: list[str] = []
        stack: list[tuple[LexborNode, str]] = []
        node: LexborNode | None = root
        while True:
            if node is None:
                if not stack:
                    return "".join(out)
                node, end = stack.pop()
                out.append(end)
            elif node.tag == "-text":
                out.append(self._text(node))
            elif node.tag == "br":
                out.append("<br>")
            elif (index := self._outline.by_node.get(node.mem_id)) is not None:
                begin, end = _element(self._outline.boxes[index])
                out.append(begin)
                stack.append((node, end))
                node = node.child
                continue
            node = None if node is root else node.next

    def _text(self, node: LexborNode) -> str:
        text = node.text_content or ""
        index = self._owners.get(node.mem_id)
        if index is None:
            return escape(text, quote=False)
        outcome = self._outcomes[index]
        title = escape(_title(outcome))
        return f'<mark class="{self._class(outcome)}" title="{title}">{escape(text, quote=False)}</mark>'

    def _class(self, outcome: BlockOutcome) -> str:
        hidden = " hidden" if outcome.block.hidden else ""
        if outcome.kept:
            return f"kept{hidden}"
        if outcome.block.index in self._taken_out:
            return f"taken-out{hidden}"
        if outcome.probability is None:
            return f"p0{hidden}"
        return next(name for below, name in SHADES if outcome.probability < below) + hidden


def _title(outcome: BlockOutcome) -> str:
    probability = "" if outcome.probability is None else f"probability {outcome.probability:.2f}, "
    return f"{'kept' if outcome.kept else 'left out'}: {probability}{outcome.reason}"


def _element(box: Box) -> tuple[str, str]:
    """What is written before and after an element's content."""
    attributes = box.node.attributes
    if box.tag == "img":
        alt = " ".join((attributes.get("alt") or "").split())
        return f'<span class="picture">[picture{escape(f": {alt}" if alt else "", quote=False)}]</span>', ""
    if box.tag == "hr":
        return "<hr>", ""
    if box.depth >= _DEEPEST or box.node.child is None:
        return "", ""
    tag = box.tag if box.tag in _SAME else "div" if box.tag in _AS_DIV else "span"
    direction = (attributes.get("dir") or "").lower()
    return f'<{tag} dir="{direction}">' if direction in _DIRECTIONS else f"<{tag}>", f"</{tag}>"
