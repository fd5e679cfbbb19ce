"""Whatever was captured, as a page that can be shown: HTML rewritten, a picture in a page of its own, text as text.

`read_document` runs in a worker process that can be killed: it reads what came from the web.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from scraper.extract.charset import decode
from scraper.rewriting.assets import LARGEST, Asset, data_uri, image_type
from scraper.rewriting.elements import Slot
from scraper.rewriting.marks import Marks
from scraper.rewriting.pages import BUDGET, Rewritten, read_page, rewrite

_MOST_TEXT = 2_000_000
"""Characters of a text that is no page; more would only make the browser slow."""
_TEXT_TYPES = re.compile(r"text/|application/(?:[\w.+-]*\+)?(?:json|xml)\b|application/(?:x-)?javascript\b", re.I)
_PASSIVE = (
    (re.compile(rb"%PDF-"), ".pdf"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.S), ".webp"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be shown: plain values, cheap to pickle."""

    body: bytes
    url: str
    content_type: str | None


def read_document(
    source: Source, held: Mapping[str, Asset], budget: int = BUDGET, marks: Marks | None = None
) -> Rewritten | None:
    """`source` as a page, with those of its assets that are `held`; None for what no browser shows without a plug-in.

    Keys of `held` are absolute http(s) addresses without fragment.
    """
    if (mime := image_type(source.body)) is not None and not _claims_html(source):
        return _picture(source, mime)
    page = read_page(source.body, url=source.url, content_type=source.content_type)
    if page.is_html:
        return rewrite(page, held.get, budget=budget, marks=marks)
    if page.not_text is not None and not _TEXT_TYPES.match(source.content_type or ""):
        return None
    return _text(source)


def suffix_of(body: bytes) -> str:
    """The end of the name under which bytes are saved. What a double click would open and run is a `.bin`."""
    return next((suffix for magic, suffix in _PASSIVE if magic.match(body[:64])), ".bin")


def _claims_html(source: Source) -> bool:
    return "html" in (source.content_type or "").lower()


def _picture(source: Source, mime: str) -> Rewritten | None:
    uri = data_uri(Asset(source.body), "image") if len(source.body) <= LARGEST else None
    if uri is None:
        return None
    name = escape(source.url)
    return _page(
        f'<p style="margin:0;text-align:center"><img style="max-width:100%" alt="{name}" src="{uri}"></p>', name
    )


def _text(source: Source) -> Rewritten:
    decoded = decode(source.body, source.content_type)
    text = decoded.text.replace("\0", "")
    notes = decoded.notes
    if len(text) > _MOST_TEXT:
        notes += (f"only the first {_MOST_TEXT:,} of {len(text):,} characters are shown",)
        text = text[:_MOST_TEXT]
    shown = escape(text, quote=False)
    pre = f'<pre dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere">\n{shown}</pre>'
    return _page(pre, escape(source.url), notes)


def _page(content: str, title: str, notes: tuple[str, ...] = ()) -> Rewritten:
    head = '<!DOCTYPE html><html><head><meta charset="utf-8">'
    return Rewritten(
        pieces=(
            head,
            Slot("head"),
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head><body>',
            Slot("body"),
            f"{content}</body></html>",
        ),
        notes=notes,
    )
