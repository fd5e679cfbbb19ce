"""A captured page as markup that can do nothing: no script, no form, nothing asked of anybody.

The page is parsed by the rules of browsers, and what comes out is written anew from the tree: elements and attributes
that are on a list (`markup.toml`), text that is escaped, styles taken apart and put together again. Nothing is taken
over as it was spelled, so there is nothing in it that a browser could read otherwise. Where the tree is one that no
markup gives again (a link in a link, a form in a form), it is written as the nearest that markup does give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

from scraper.extract.page import Page
from scraper.extract.taming import tame
from scraper.rewriting.assets import Kind, Resolve, Shelf
from scraper.rewriting.elements import Elements, Slot
from scraper.rewriting.marks import Label, Marker, Marks
from scraper.rewriting.nesting import SCOPES, closed_by
from scraper.rewriting.styles import Styles
from scraper.rewriting.tree import Node, text_of, words, written_attributes
from scraper.rewriting.vector import drawing

BUDGET = 32 << 20
"""Characters of styles, pictures and fonts in one page."""
_LINE_END = "\n"
"""Right after a start tag of these, parsers take it for no part of the text: `pre`, `textarea`, `listing`."""
_DEEPEST = 480
"""Elements inside each other: browsers put deeper ones side by side."""
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_CUSTOM = re.compile(r"[a-z][a-z0-9]*-[a-z0-9-]{1,80}\Z")
_MAY_BE_CLOSED = frozenset("p li dd dt h1 h2 h3 h4 h5 h6 option button rb rp rt rtc".split())
_RESERVED = frozenset(("annotation-xml", "color-profile", "missing-glyph"))

Mode = Literal["standards", "almost", "quirks"]
_DOCTYPES: dict[Mode, str] = {
    "standards": "<!DOCTYPE html>",
    "almost": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "">',
    "quirks": "",
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A page with places left open: each link, the end of what stands first in its head, and the top of its body.

    And where blocks are marked, the beginning of each.
    """

    pieces: tuple[str | Slot | Label, ...]
    missing: tuple[tuple[str, Kind], ...] = ()
    """Addresses of pictures, styles and fonts that were not held, each with its kind."""
    wanted: tuple[tuple[tuple[str, ...], Kind], ...] = ()
    """The same by what they are of: the addresses of one thing, the best first."""
    shown: int = 0
    """How many are."""
    notes: tuple[str, ...] = ()
    """What was lost of the page's own markup."""

    @property
    def links(self) -> Iterable[Slot]:
        return (piece for piece in self.pieces if isinstance(piece, Slot) and piece.place == "link")

    @property
    def marked(self) -> frozenset[int]:
        """The indexes of the blocks that are."""
        return frozenset(piece.block for piece in self.pieces if isinstance(piece, Label))

    @property
    def size(self) -> int:
        return sum(len(piece) for piece in self.pieces if isinstance(piece, str))

    def written(
        self,
        link: Callable[[Slot], str],
        *,
        head: str = "",
        body: str = "",
        label: Callable[[Label], str] = lambda label: "",
    ) -> bytes:
        """The page. `link` gives the attributes of a link (`attributes()`), the others are markup of ours."""
        filled = {"head": head, "body": body}

        def text(piece: str | Slot | Label) -> str:
            if isinstance(piece, str):
                return piece
            if isinstance(piece, Label):
                return label(piece)
            return link(piece) if piece.place == "link" else filled[piece.place]

        return "".join(map(text, self.pieces)).encode("utf-8", "replace")


def read_page(html: bytes, *, url: str | None, content_type: str | None = None) -> Page:
    """The page as `scraper.extract` reads it; what its server calls HTML is HTML. Raises nothing for bad pages."""
    page = Page.read(html, url=url, content_type=content_type)
    stated = (content_type or "").partition(";")[0].strip().lower()
    if not page.is_html and page.not_text is None and stated in _HTML_TYPES:
        source, notes = tame(page.source)
        page = replace(page, source=source, is_html=True, notes=page.notes + notes)
    return page


def rewrite(page: Page, resolve_asset: Resolve, *, budget: int = BUDGET, marks: Marks | None = None) -> Rewritten:
    """The page without what it could do. Its markup is bounded by that of `page`, its assets by `budget`."""
    return _Walk(page, Shelf(resolve_asset, budget=budget), marks).run()


def rewrite_page(
    html: bytes,
    *,
    url: str,
    content_type: str | None = None,
    resolve_asset: Resolve = lambda url: None,
    link: Callable[[Slot], str] = lambda slot: slot.attributes(slot.address),
    budget: int = BUDGET,
) -> bytes:
    """All of it at once, in UTF-8. `url` is where the page was; `link` writes the attributes of a link elsewhere."""
    page = read_page(html, url=url, content_type=content_type or "text/html")
    return rewrite(page, resolve_asset, budget=budget).written(link)


@dataclass(slots=True)
class _Frame:
    """An element that is being written."""

    node: Node
    name: str = ""
    """As it is written; empty for what is not, or is closed already."""
    in_link: bool = False
    in_form: bool = False
    in_select: bool = False
    in_noscript: bool = False
    may_close: bool = False
    """Whether something is open that another element could close: a paragraph, a list's item, a button …"""
    sources: tuple[str, ...] = ()


class _Walk:
    def __init__(self, page: Page, shelf: Shelf, marks: Marks | None) -> None:
        self._page = page
        self._marker = None if marks is None else Marker(marks, page)
        self._shelf = shelf
        self._elements = Elements(page.url, page.base, shelf, Styles(shelf))
        self._mode = mode_of(page.source)
        self._out: list[str | Slot | Label] = []
        self._open: list[_Frame] = []
        self._pre_began = -1
        """How much was written when the start tag of a `pre` was."""

    def run(self) -> Rewritten:
        tree = self._page.tree
        out = self._out
        out.append(_DOCTYPES[self._mode])
        root, head, body = tree.root, tree.head, tree.body
        out.append(f'<html{self._attributes("html", root)}><head><meta charset="utf-8">')
        out.append(Slot("head"))
        if head is not None:
            self._content(head, in_head=True)
        out.append(f"</head><body{self._attributes('body', body)}>")
        out.append(Slot("body"))
        if body is not None:
            self._content(body)
        out.append("</body></html>")
        return Rewritten(
            pieces=tuple(_joined(out)),
            missing=tuple(self._shelf.missing.items()),
            wanted=tuple(self._shelf.wanted.items()),
            shown=self._shelf.shown,
            notes=self._page.notes,
        )

    def _attributes(self, tag: str, node: Node | None) -> str:
        return "" if node is None else written_attributes(self._elements.attributes(tag, node.attributes))

    def _content(self, root: Node, *, in_head: bool = False) -> None:
        stack = self._open = [_Frame(root)]
        node = root.child
        while stack:
            if node is None:
                frame = stack.pop()
                if frame.name:
                    self._out.append(f"</{frame.name}>")
                node = frame.node.next if stack else None
            elif node.tag == "-text":
                self._text(node, stack[-1], in_head)
                node = node.next
            elif (inner := self._element(node, stack[-1])) is not None:
                stack.append(inner)
                node = node.child
            else:
                node = node.next

    def _text(self, node: Node, frame: _Frame, in_head: bool) -> None:
        text = node.text_content or ""
        if in_head and not text.isspace():
            return  # no parser puts text there, and none would leave it there
        marked = None if self._marker is None else self._marker.around(node, in_link=frame.in_link)
        if marked is not None:
            before, after = marked
            self._out += [*before, escape(text, quote=False), after]
            return
        if text[:1] == _LINE_END and len(self._out) == self._pre_began:
            self._out.append(_LINE_END)
        self._out.append(escape(text, quote=False))

    def _element(self, node: Node, frame: _Frame) -> _Frame | None:
        """Write what begins an element; None when nothing of its content is to be written (any more)."""
        tag = node.tag or ""
        inner = replace(frame, node=node, name="", sources=())
        if tag == "noscript":
            inner.in_noscript = True
            return inner
        if tag in ("svg", "math") or tag in words("as_pre"):
            self._close_before("pre" if tag not in ("svg", "math") else tag)
            self._out.append(self._foreign(node, tag))
            return None
        if tag == "area":
            self._begin("area", node)
            return None
        if tag == "hr":
            self._close_before(tag)
        leaf = (
            None
            if tag == "input" and frame.in_select
            else self._elements.leaf(tag, node, in_noscript=frame.in_noscript, sources=frame.sources)
        )
        if leaf is not None:
            if leaf:
                self._out.append(leaf)
            return None
        if tag in words("dropped") or (tag == "input" and frame.in_select) or not (tag[:1].isalpha() or tag[:1] == "_"):
            return None
        if len(self._open) > _DEEPEST:
            return inner
        return self._container(node, tag, inner)

    def _foreign(self, node: Node, tag: str) -> str:
        if tag == "svg":
            return drawing(node, self._elements.style)
        text = escape(text_of(node)[:1_000_000], quote=False)
        return f"<span>{text}</span>" if tag == "math" else f"<pre>{_LINE_END * text.startswith(_LINE_END)}{text}</pre>"

    def _container(self, node: Node, tag: str, inner: _Frame) -> _Frame:
        name = tag
        if tag == "a":
            name = "span" if inner.in_link else "a"
            inner.in_link = True
        elif tag == "form":
            name = "div" if inner.in_form else "form"
            inner.in_form = True
        elif tag == "select":
            name = "span" if inner.in_select else "select"
            inner.in_select = True
        elif tag in ("td", "th", "caption", "marquee"):
            inner.in_link = False  # the parser begins anew with what is formatting
        elif tag == "picture":
            inner.sources = tuple(_sources(node))
        elif tag not in words("elements") and (tag in _RESERVED or _CUSTOM.match(tag) is None):
            name = "span"
        self._close_before(name)
        self._begin(name, node)
        inner.name = name
        if name == "pre":
            self._pre_began = len(self._out)
        inner.may_close = name in _MAY_BE_CLOSED or (inner.may_close and name not in SCOPES)
        return inner

    def _close_before(self, name: str) -> None:
        """End what a parser would end before this start tag."""
        frames = self._open
        if not frames[-1].may_close:
            return
        closed = closed_by(name, [frame.name for frame in frames], quirks=self._mode == "quirks")
        if closed is not None:
            for frame in reversed(frames[closed:]):
                if frame.name:
                    self._out.append(f"</{frame.name}>")
                frame.name = ""
                frame.may_close = False

    def _begin(self, name: str, node: Node) -> None:
        attributes = self._elements.attributes(name, node.attributes)
        slot = self._elements.link(node.attributes) if name in ("a", "area") else None
        self._out.append(f"<{name}")
        if slot is not None and self._elements.is_within(slot):
            attributes["href"] = slot.fragment
        elif slot is not None:
            attributes.pop("title", None)
            self._out.append(slot)
        self._out.append(f"{written_attributes(attributes)}>")


def _sources(picture: Node) -> Iterable[str]:
    node = picture.child
    while node is not None:
        if node.tag == "source":
            for name in ("srcset", "data-srcset", "data-lazy-srcset"):
                if value := node.attributes.get(name):
                    yield value
        node = node.next


def _joined(pieces: list[str | Slot | Label]) -> Iterable[str | Slot | Label]:
    """The same with as few pieces as there can be: a page has tens of thousands."""
    text: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            text.append(piece)
        else:
            yield "".join(text)
            yield piece
            text = []
    yield "".join(text)


_DOCTYPE = re.compile(r"(?:\s|<!--.*?-->|<\?[^>]*>)*<!doctype([^>]*)>", re.I | re.S)
_PUBLIC = re.compile(r"""\s*html\s+public\s*["']([^"'>]*)["']\s*(["'])?""", re.I)


def mode_of(source: str) -> Mode:
    """How browsers lay the page out, by its doctype (HTML standard, 13.2.6.4.1; of its list what occurs)."""
    doctype = _DOCTYPE.match(source[:20_000])
    if doctype is None:
        return "quirks"
    public = _PUBLIC.match(doctype[1])
    if public is None:
        return "standards" if doctype[1].strip().lower()[:4] == "html" else "quirks"
    name = public[1].lower()
    if re.search(r"//dtd xhtml 1\.0 (transitional|frameset)//", name):
        return "almost"
    if re.search(r"//dtd html 4\.01 (transitional|frameset)//", name):
        return "almost" if public[2] else "quirks"
    return "standards" if re.search(r"//dtd (xhtml|html 4\.01//|html 4\.0//)", name) else "quirks"
