"""Pictures, styles and fonts of a captured page: what may be shown of them, and how it is written into a page.

A replayed page asks nobody for anything: what is shown stands in it, as a data: URI of one fixed spelling.
What a body is, is told by its first bytes. What a server or a page says of it decides nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes

Kind = Literal["image", "style", "font"]

LARGEST = 16 << 20
"""Bytes of one asset that is shown."""
_LARGEST_WRITTEN_OUT = 2 << 20
"""Characters of a data: URI that stands in the page itself."""

_RASTER = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"\x00\x00\x01\x00[^\x00]\x00"), "image/x-icon"),
)
_FONTS = (
    (re.compile(rb"wOF2"), "font/woff2"),
    (re.compile(rb"wOFF"), "font/woff"),
    (re.compile(rb"(?:\x00\x01\x00\x00|true)"), "font/ttf"),
    (re.compile(rb"OTTO"), "font/otf"),
)
# As an image, SVG runs no script and loads nothing; it is never sent as a document of its own.
_SVG = re.compile(
    rb"\s*(?:<\?xml[^>]{0,300}>\s*)?(?:<!--.{0,2000}?-->\s*|<!DOCTYPE\s+svg[^>\[]{0,500}>\s*){0,5}<svg[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_DATA_URI = re.compile(r"data:(?P<type>[^,;]{0,100})(?P<parameters>(?:;[^,;]{0,100}){0,5}),(?P<data>.*)\Z", re.I | re.S)

WRITTEN = re.compile(
    r"data:(?:image/(?:png|jpeg|gif|webp|avif|x-icon|svg\+xml)|font/(?:woff2?|ttf|otf));base64,[A-Za-z0-9+/]+={0,2}\Z"
)
"""What every data: URI in a replayed page looks like, but for `NOTHING`."""
NOTHING = "data:,"
"""Stands in styles where something is not held: well-formed, and never drawn."""


@dataclass(frozen=True, slots=True)
class Asset:
    """What an address in a page led to when it was captured. `content_type` matters for the encoding of styles only."""

    body: bytes
    content_type: str | None = None
    url: str | None = None
    """Where it was in the end: what addresses in a style are relative to. None: where it was asked for."""


Resolve = Callable[[str], Asset | None]
"""The asset that an absolute http(s) address without fragment leads to; None for one that is not held."""


def image_type(body: bytes) -> str | None:
    """The media type of a picture that browsers show; None for everything else."""
    head = body[:64]
    found = next((mime for magic, mime in _RASTER if magic.match(head)), None)
    if found is None and _SVG.match(body[:4096].removeprefix(b"\xef\xbb\xbf")):
        return "image/svg+xml"
    return found


def font_type(body: bytes) -> str | None:
    return next((mime for magic, mime in _FONTS if magic.match(body[:8])), None)


def data_uri(asset: Asset, kind: Kind) -> str | None:
    """The asset as it is written into a page; None for what is neither a picture nor a font, or too large."""
    if not asset.body or len(asset.body) > LARGEST:
        return None
    mime = image_type(asset.body) if kind == "image" else font_type(asset.body) if kind == "font" else None
    return None if mime is None else f"data:{mime};base64,{base64.b64encode(asset.body).decode('ascii')}"


def written_out(uri: str) -> Asset | None:
    """What a data: URI of a page holds; None for what is none, or too large."""
    if len(uri) > _LARGEST_WRITTEN_OUT:
        return None
    match = _DATA_URI.match(uri.strip())
    if match is None:
        return None
    data = unquote_to_bytes(match["data"].partition("#")[0])
    if match["parameters"].lower().endswith(";base64"):
        try:
            data = base64.b64decode(b"".join(data.split()) + b"==", validate=False)
        except (binascii.Error, ValueError):
            return None
    return Asset(data, f"{match['type']}{match['parameters']}")


class Shelf:
    """What one page shows of its assets, within a budget; remembers what it was asked for and did not have."""

    def __init__(self, resolve: Resolve, *, budget: int) -> None:
        """`budget` is in characters of the page: a picture that is shown twice counts twice."""
        self._resolve = resolve
        self._left = budget
        self.missing: dict[str, Kind] = {}
        self.wanted: dict[tuple[str, ...], Kind] = {}
        """The same by what they are of: the addresses of one thing, the best first."""
        self.shown = 0

    def uri(self, url: str, kind: Kind) -> str | None:
        """How the asset at `url` is written; None when it is not held, of no use, or beyond the budget."""
        chosen = self.choose((url,), kind)
        return None if chosen is None else chosen[1]

    def choose(self, urls: Sequence[str], kind: Kind) -> tuple[str, str] | None:
        """The first of several addresses of one thing that there is something to show of, and how that is written."""
        for url in urls:
            asset = self._find(url, kind)
            uri = None if asset is None else data_uri(asset, kind)
            if uri is not None and len(uri) <= self._left:
                self._left -= len(uri)
                self.shown += 1
                return url, uri
        self._want(urls, kind)
        return None

    def asset(self, url: str, kind: Kind) -> Asset | None:
        """The asset at an absolute address, or in a data: URI."""
        asset = self._find(url, kind)
        if asset is None:
            self._want((url,), kind)
        return asset

    def _find(self, url: str, kind: Kind) -> Asset | None:
        if url[:5].lower() == "data:":
            return written_out(url)
        asset = self._resolve(url)
        if asset is None:
            self.missing.setdefault(url, kind)
        return asset

    def _want(self, urls: Sequence[str], kind: Kind) -> None:
        choice = tuple(url for url in urls if url in self.missing)
        if choice:
            self.wanted.setdefault(choice, kind)

    def take(self, characters: int) -> bool:
        """Whether that much text of a style still fits."""
        if characters > self._left:
            return False
        self._left -= characters
        return True
