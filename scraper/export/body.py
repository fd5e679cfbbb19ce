"""The text of an article as blocks: what its clean HTML says, for formats that write it otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from scraper.article import Article


@dataclass(frozen=True, slots=True)
class Mark:
    """Text under inline markup: `em`, `strong`, `a` (with its address), `code` …"""

    name: str
    content: tuple[Inline, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class LineBreak:
    pass


Inline = str | Mark | Picture | LineBreak


@dataclass(frozen=True, slots=True)
class Paragraph:
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    """2 to 6."""
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Preformatted:
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    content: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    numbered: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    heading: bool
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    pictures: tuple[Picture, ...]
    caption: tuple[Inline, ...]


Block = Paragraph | Heading | Preformatted | Quote | Listing | Table | Figure


def blocks_of(article: Article) -> tuple[Block, ...]:
    """The article's text, headline and lead not included; empty where it has none."""
    if article.body_html is not None:
        return tuple(_blocks(_parsed(article.body_html).children))
    return tuple(Paragraph((part.strip(),)) for part in (article.body or "").split("\n\n") if part.strip())


def plain(content: tuple[Inline, ...]) -> str:
    """The text alone."""
    parts = (plain(one.content) if isinstance(one, Mark) else one if isinstance(one, str) else " " for one in content)
    return "".join(parts)


# --- From markup to elements ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)
    holds_block: bool = False


_MARKS = {
    "a": "a", "em": "em", "i": "em", "cite": "em", "strong": "strong", "b": "strong", "code": "code", "kbd": "code",
    "samp": "code", "s": "del", "del": "del", "strike": "del", "sub": "sub", "sup": "sup", "u": "u", "ins": "u",
    "mark": "mark",
}  # fmt: skip
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNSEEN = frozenset("script style template noscript title head".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_LISTS = frozenset("ul ol menu dir dl".split())
_ITEMS = frozenset("li dt dd".split())
_BLOCKS = frozenset(
    "p div section article main header footer aside address blockquote pre figure figcaption table tr td th hr".split()
) | _HEADINGS | _LISTS | _ITEMS  # fmt: skip
_CLOSED_BY = {"p": _BLOCKS, "li": frozenset(("li",)), "dt": frozenset(("dt", "dd")), "dd": frozenset(("dt", "dd"))}
_DEEPEST = 60
"""Elements inside each other; what is deeper counts as beside its parent: archives come from strangers, too."""


class _Parser(HTMLParser):
    """Builds the tree. Nothing is an error: an end tag without its element is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("body")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while tag in _CLOSED_BY.get(self._open[-1].tag, ()):
            self._open.pop()
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag in _BLOCKS:
            for above in self._open:
                above.holds_block = True
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].tag == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def _parsed(markup: str) -> _Element:
    parser = _Parser()
    parser.feed(markup)
    parser.close()
    return parser.root


# --- From elements to blocks ---------------------------------------------------------------------------------------

_SPACES = re.compile(r"[ \t\r\n\f]+")


def _blocks(children: list[_Element | str]) -> Iterator[Block]:
    loose: list[_Element | str] = []
    for child in children:
        if isinstance(child, str) or not (child.tag in _BLOCKS or child.holds_block):
            loose.append(child)
            continue
        yield from _paragraph(loose)
        loose = []
        yield from _block(child)
    yield from _paragraph(loose)


def _block(element: _Element) -> Iterator[Block]:
    tag, children = element.tag, element.children
    if tag in _HEADINGS and not element.holds_block:
        content = _content(children)
        if content:
            yield Heading(max(2, int(tag[1])), content)
    elif tag == "pre":
        text = _text(children).strip("\n").rstrip()
        if text:
            yield Preformatted(text)
    elif tag == "blockquote":
        inside = tuple(_blocks(children))
        if inside:
            yield Quote(inside)
    elif tag in _LISTS:
        yield from _listing(element)
    elif tag == "table":
        yield from _table(element)
    elif tag == "figure":
        yield from _figure(element)
    elif tag not in _UNSEEN:
        yield from _blocks(children)


def _paragraph(children: list[_Element | str]) -> Iterator[Paragraph]:
    content = _content(children)
    if content:
        yield Paragraph(content)


def _listing(element: _Element) -> Iterator[Block]:
    items: list[tuple[Block, ...]] = []
    for child in element.children:
        one = child if isinstance(child, _Element) and child.tag in _ITEMS else _Element("li", {}, [child])
        inside = tuple(_blocks(one.children))
        if inside:
            items.append(inside)
    if items:
        yield Listing(element.tag == "ol", tuple(items))


def _table(element: _Element) -> Iterator[Block]:
    rows = []
    for row in _descendants(element, ("tr",), within=("thead", "tbody", "tfoot")):
        cells = [child for child in row.children if isinstance(child, _Element) and child.tag in ("td", "th")]
        rows.append(tuple(Cell(one.tag == "th", _content(one.children)) for one in cells))
    rows = [row for row in rows if any(cell.content for cell in row)]
    if rows:
        yield Table(tuple(rows))


def _figure(element: _Element) -> Iterator[Block]:
    pictures = tuple(
        picture for child in _descendants(element, ("img",), within=None) if (picture := _picture(child)) is not None
    )
    captions = list(_descendants(element, ("figcaption",), within=None))
    caption = _content(captions[0].children) if captions else ()
    if pictures or caption:
        yield Figure(pictures, caption)


def _descendants(element: _Element, tags: tuple[str, ...], within: tuple[str, ...] | None) -> Iterator[_Element]:
    """Elements of these tags below `element`, looked for in elements of the tags `within` (None: in all)."""
    for child in element.children:
        if isinstance(child, str):
            continue
        if child.tag in tags:
            yield child
        elif within is None or child.tag in within:
            yield from _descendants(child, tags, within)


# --- Inline content ------------------------------------------------------------------------------------------------


def _content(children: list[_Element | str]) -> tuple[Inline, ...]:
    """Inline content without spaces at its ends, and with one where there were several."""
    return _trimmed(list(_inlines(children)))


def _inlines(children: list[_Element | str]) -> Iterator[Inline]:
    for child in children:
        if isinstance(child, str):
            if child:
                yield _SPACES.sub(" ", child)
        elif child.tag == "br":
            yield LineBreak()
        elif child.tag == "img":
            picture = _picture(child)
            if picture is not None:
                yield picture
        elif child.tag in _MARKS and not child.holds_block:
            yield from _marked(child)
        elif child.tag not in _UNSEEN:
            yield from _inlines(child.children)
            if child.tag in _BLOCKS:
                yield " "


def _marked(element: _Element) -> Iterator[Inline]:
    """The mark, with the spaces at its ends outside of it: `*word* ` is emphasis in Markdown, `*word *` is not."""
    inside = list(_inlines(element.children))
    before = bool(inside) and isinstance(inside[0], str) and inside[0].startswith(" ")
    after = bool(inside) and isinstance(inside[-1], str) and inside[-1].endswith(" ")
    content = _trimmed(inside)
    if before:
        yield " "
    if content:
        name, url = _MARKS[element.tag], _web_address(element.attributes.get("href", ""))
        if name == "a" and not url:
            yield from content
        else:
            yield Mark(name, content, url if name == "a" else "")
    if after:
        yield " "


def _trimmed(content: list[Inline]) -> tuple[Inline, ...]:
    out: list[Inline] = []
    for one in content:
        after_space = not out or isinstance(out[-1], LineBreak) or (isinstance(out[-1], str) and out[-1].endswith(" "))
        if isinstance(one, str):
            text = one.removeprefix(" ") if after_space else one
            if text and out and isinstance(out[-1], str):
                out[-1] += text
            elif text:
                out.append(text)
        else:
            if isinstance(one, LineBreak) and out and isinstance(out[-1], str):
                out[-1] = out[-1].rstrip(" ")
            out.append(one)
    while out and (isinstance(out[-1], LineBreak) or (isinstance(out[-1], str) and not out[-1].strip(" "))):
        out.pop()
    if out and isinstance(out[-1], str):
        out[-1] = out[-1].rstrip(" ")
    while out and isinstance(out[0], LineBreak):
        del out[0]
    return tuple(out)


def _picture(element: _Element) -> Picture | None:
    url = _web_address(element.attributes.get("src", ""))
    return Picture(url, element.attributes.get("alt", "").strip()) if url else None


def _web_address(url: str) -> str:
    """`url` if it is one of the web's, without spaces and controls; else empty."""
    url = re.sub(r"[\x00-\x20\x7f]+", "", url)
    return url if url.lower().startswith(("http://", "https://")) else ""


def _text(children: list[_Element | str]) -> str:
    return "".join(
        child if isinstance(child, str) else "\n" if child.tag == "br" else _text(child.children) for child in children
    )
