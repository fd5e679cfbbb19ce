"""What a page shows besides itself: the addresses of its pictures, styles and fonts, as replay would look for them.

They are found by rewriting the page, or one of its styles, with nothing in hand: what is missing then is wanted.
Both functions read what came from the web, and are run in processes that can be killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scraper.rewriting.assets import Kind, Shelf
from scraper.rewriting.pages import BUDGET, read_page, rewrite
from scraper.rewriting.styles import Styles, sheet_text

MOST = 1_000
"""Of one page, or of one style."""
# What browsers have read for years comes first. Fonts as SVG, and those for one old browser, are left.
_FONT_FORMATS = (".woff2", ".woff", ".ttf", ".otf", "")
_OLD_FONTS = (".eot", ".svg", ".svgz")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a page shows: a picture, a style or a font."""

    kind: Kind
    urls: tuple[str, ...]
    """Where it can be had, absolute http(s) addresses without fragment, the best first: any one of them will do."""
    in_style: bool = False
    """Whether a style asks for it: it may be for another screen, or for nothing on the page."""


def wanted_by_page(html: bytes, url: str, content_type: str | None = None) -> list[Wanted]:
    """What the page that was got at `url` asks for, in its order, each once; nothing for what is no HTML."""
    page = read_page(html, url=url, content_type=content_type)
    if not page.is_html:
        return []
    return _as_wanted(rewrite(page, lambda url: None, budget=BUDGET).wanted, in_style=False)


def wanted_by_style(body: bytes, url: str, content_type: str | None = None) -> list[Wanted]:
    """What a style sheet asks for: styles that it imports, pictures, fonts. `url` is where it was in the end."""
    shelf = Shelf(lambda url: None, budget=BUDGET)
    Styles(shelf).sheet(sheet_text(body, content_type), url)
    return _as_wanted(shelf.wanted.items(), in_style=True)


def _as_wanted(found: Iterable[tuple[tuple[str, ...], Kind]], *, in_style: bool) -> list[Wanted]:
    out: list[Wanted] = []
    fonts: dict[str, dict[str, str]] = {}
    for urls, kind in found:
        if kind == "font":
            stem, suffix = _split(urls[0])
            fonts.setdefault(stem, {})[suffix] = urls[0]
        else:
            out.append(Wanted(kind, urls, in_style))
    for formats in fonts.values():
        # Of a font in several formats, one will do.
        choice = [url for suffix in _FONT_FORMATS if (url := formats.get(suffix))]
        choice += [url for suffix, url in formats.items() if suffix not in _FONT_FORMATS and suffix not in _OLD_FONTS]
        if choice:
            out.append(Wanted("font", tuple(choice), in_style=True))
    return out[:MOST]


def _split(url: str) -> tuple[str, str]:
    """The address of a font without its suffix and query, and the suffix; all of an address without suffix."""
    path = url.partition("?")[0]
    folder, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not dot or not suffix.isalnum() or len(suffix) > 5:
        return url, ""
    return f"{folder}/{stem}", f".{suffix.lower()}"
