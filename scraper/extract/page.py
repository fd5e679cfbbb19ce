"""A page to extract from: its text, its tree, and what is known about where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.charset import decode
from scraper.extract.outline import Outline, outline
from scraper.extract.taming import tame
from scraper.urls import resolve

_LOOKS_LIKE_HTML = re.compile(r"<\s*(!doctype|!--|html|head|body|title|meta|div|p|article|h1|table|a\s)", re.IGNORECASE)
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"OggS", b"ID3")
_SOUGHT = "base[href], script, meta[content], link[rel][href], a[rel], [itemscope][itemtype]"
_TEXT_TYPES = ("text/", "application/xhtml", "application/xml", "application/json")


@dataclass
class Page:
    """One page. `source` is the decoded markup (or plain text); `is_html` tells which."""

    source: str
    url: str | None
    is_html: bool
    not_text: str | None
    """What the bytes are when they are no text at all ("a PDF document"), else None."""
    encoding: str
    notes: tuple[str, ...]
    """What a reader of the text should know: characters lost to an invalid encoding, tags passed over …"""
    captured_at: datetime | None
    """When the page was fetched; dates after it are not believed."""

    @classmethod
    def read(
        cls,
        html: bytes | str,
        *,
        url: str | None = None,
        content_type: str | None = None,
        captured_at: datetime | None = None,
    ) -> Page:
        """Decode and classify. Never raises on bad input."""
        not_text = _not_text(html, content_type) if isinstance(html, bytes) else None
        if not_text:
            return cls("", url, False, not_text, "binary", (), captured_at)
        if isinstance(html, bytes):
            decoded = decode(html, content_type)
            source, encoding, notes = decoded.text, decoded.encoding, decoded.notes
        else:
            source, encoding, notes = html, "str", ()
        is_html = _is_html(source, content_type)
        if is_html:
            source, tamed = tame(source)
            notes += tamed
        # A NUL is dropped by browsers and would end a string for C libraries below.
        return cls(source.replace("\0", ""), url, is_html, None, encoding, notes, captured_at)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.source if self.is_html else "")

    def sought(self, kind: str) -> list[LexborNode]:
        """In document order the page's `base[href]`, `script`, `meta[content]`, `link[rel][href]` or `a[rel]` elements,
        named by their tag, or those with itemscope and itemtype, named `item`.

        Each search goes through a whole tree, too big for the processor's cache: those who look for these share one.
        """
        return self._sought.get(kind, [])

    @cached_property
    def _sought(self) -> dict[str, list[LexborNode]]:
        out: dict[str, list[LexborNode]] = {}
        last = None
        for node in self.tree.css(_SOUGHT):
            if node.mem_id == last:
                continue  # it fits two of the selectors
            last, attributes = node.mem_id, node.attributes
            if "itemscope" in attributes and "itemtype" in attributes:
                out.setdefault("item", []).append(node)
            out.setdefault(node.tag or "", []).append(node)
        return out

    @cached_property
    def base(self) -> str | None:
        """What relative links are resolved against: `<base href>`, else the page's URL."""
        for node in self.sought("base"):
            href = resolve(node.attributes.get("href") or "", self.url)
            if href:
                return href
        return self.url

    @cached_property
    def outline(self) -> Outline:
        return outline(self.tree.body, self.base)

    def first(self, selector: str) -> LexborNode | None:
        return self.tree.css_first(selector)


def _is_html(source: str, content_type: str | None) -> bool:
    if content_type and content_type.lower().startswith("text/plain"):
        return False
    return bool(_LOOKS_LIKE_HTML.search(source.lstrip()[:100_000]))


def _not_text(body: bytes, content_type: str | None) -> str | None:
    head = body[:1024].lstrip()
    if head.startswith(b"%PDF-"):
        return "a PDF document"
    if head.startswith(_BINARY):
        return "a binary file"
    kind = (content_type or "").split(";")[0].strip().lower()
    # Servers mislabel pages; bytes that open like markup are read whatever the header says.
    if kind and not kind.startswith(_TEXT_TYPES) and "<" not in head[:200].decode("latin-1"):
        return f"of type {kind}"
    return None
