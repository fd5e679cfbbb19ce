"""Single elements of a replayed page: which attributes are kept, where links lead, what becomes of pictures, styles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

from scraper.rewriting.assets import Shelf
from scraper.rewriting.images import candidates
from scraper.rewriting.styles import Styles
from scraper.rewriting.tree import Node, text_of, words, written_attributes
from scraper.urls import resolve

_LONGEST_VALUE = 20_000
"""Characters of an attribute; longer ones are left out."""
_LONGEST_URL = 8_000
_DATA_NAME = re.compile(r"data-[a-z][a-z0-9-]{0,60}\Z")
_ARIA_NAME = re.compile(r"aria-[a-z]{1,40}\Z")
# Styles choose elements by such values; whatever may be an address is of no use to them.
_DATA_VALUE = re.compile(r"[\w .,#%+-]{0,200}\Z")
_MEDIA = re.compile(r"[\w\s():.,/<>=-]{0,500}\Z", re.A)
_VIEWPORT = re.compile(r"[\w\s=,.;-]{0,200}\Z", re.A)
_MAP = re.compile(r"#[^\s]{1,200}\Z")
_INPUTS = frozenset(
    """text search tel url email number range date month week time datetime-local color checkbox radio submit reset
    button""".split()
)
_CONTROLS = frozenset(("button", "input", "select", "textarea"))
_LEAVES = frozenset(
    ("link", "meta", "style", "title", "textarea", "img", "amp-img", "video", "input", "br", "hr", "col", "wbr")
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a page that is filled when it is sent: where links lead depends on what the archive holds then."""

    place: Literal["link", "head", "body"]
    url: str = ""
    """Absolute, http(s), without fragment."""
    fragment: str = ""
    """With its `#`, or empty."""
    title: str = ""
    """What the page says about the link."""

    @property
    def address(self) -> str:
        return self.url + self.fragment

    def attributes(self, href: str, *, title: str = "", **others: str) -> str:
        """The attributes of a link that leads to `href`, `title` after the page's own; `others` with `_` for `-`."""
        said = " — ".join(part for part in (self.title, title) if part)
        named = {name.replace("_", "-"): value for name, value in others.items()}
        return written_attributes({"href": href} | named | ({"title": said} if said else {}))


class Elements:
    """Writes the elements of one page."""

    def __init__(self, url: str | None, base: str | None, shelf: Shelf, styles: Styles) -> None:
        self._url = (url or "").partition("#")[0]
        self._base = base
        self._shelf = shelf
        self._styles = styles
        self._shown: set[str] = set()
        self._has_title = False
        self._has_icon = False

    def style(self, text: str) -> str:
        """A style attribute."""
        return self._styles.declarations(text, self._base)

    def attributes(self, tag: str, attributes: Mapping[str, str | None]) -> dict[str, str]:
        """Those that are kept, written as they may stand."""
        kept = kept_attributes(tag, attributes)
        if style := attributes.get("style"):
            kept["style"] = self.style(style)
        background = attributes.get("background")
        if background and tag in ("body", "table", "tbody", "tr", "td", "th") and (uri := self._picture([background])):
            kept["background"] = uri
        if tag in _CONTROLS:
            kept["disabled"] = ""
        return kept

    def link(self, attributes: Mapping[str, str | None]) -> Slot | None:
        """Where a link leads; None for one that leads nowhere, or to something that is no page."""
        href = attributes.get("href")
        if href is None or len(href) > _LONGEST_URL:
            return None
        title = (attributes.get("title") or "")[:1_000]
        text = href.strip()
        absolute = resolve(text, self._base) if text else self._url
        if not absolute or len(absolute) > _LONGEST_URL:
            return None
        url, mark, fragment = absolute.partition("#")
        return Slot("link", url, mark + fragment, title)

    def is_within(self, slot: Slot) -> bool:
        """Whether a link leads to a part of the page that it stands in."""
        return bool(slot.fragment) and slot.url == self._url

    def leaf(self, tag: str, node: Node, *, in_noscript: bool, sources: tuple[str, ...]) -> str | None:
        """An element that is written without its children, or left out (""); None for all others."""
        if tag not in _LEAVES:
            return None
        attributes = node.attributes
        if tag in ("img", "amp-img"):
            return self._image(tag, attributes, sources, in_noscript=in_noscript)
        if tag == "style":
            return self._sheet(self._styles.sheet(text_of(node), self._base), attributes)
        if tag == "link":
            return self._linked(attributes)
        if tag == "meta":
            return _meta(attributes)
        if tag == "title":
            return self._title(node)
        if tag == "textarea":
            # Text alone, whatever stands in the tree: a browser would show the tags.
            text = text_of(node)
            first = "\n" if text.startswith("\n") else ""
            kept = written_attributes(self.attributes(tag, attributes))
            return f"<textarea{kept}>{first}{escape(text, quote=False)}</textarea>"
        if tag == "video":
            return self._poster(attributes)
        if tag == "input":
            return self._input(attributes)
        return f"<{tag}{written_attributes(self.attributes(tag, attributes))}>"

    # --- Pictures ----------------------------------------------------------------------------------------------------

    def _image(
        self, tag: str, attributes: Mapping[str, str | None], sources: tuple[str, ...], *, in_noscript: bool
    ) -> str | None:
        if any(_pixels(attributes.get(name)) in (0, 1) for name in ("width", "height")):
            return ""  # counts readers
        addresses = candidates(attributes, list(sources))
        if in_noscript and (not addresses or self._shown.intersection(self._absolute(addresses))):
            return ""  # the same picture again, for those without scripts
        uri = self._picture(addresses)
        if uri is None:
            return None if tag == "amp-img" else "" if in_noscript else _described(attributes)
        kept = self.attributes("img", attributes) | {"src": uri}
        usemap = attributes.get("usemap") or ""
        if _MAP.match(usemap):
            kept["usemap"] = usemap
        return f"<img{written_attributes(kept)}>"

    def _picture(self, addresses: list[str]) -> str | None:
        chosen = self._shelf.choose(self._absolute(addresses), "image")
        if chosen is None:
            return None
        self._shown.add(chosen[0])
        return chosen[1]

    def _absolute(self, addresses: list[str]) -> list[str]:
        found = []
        for address in addresses:
            if address[:5].lower() == "data:":
                found.append(address)
            elif len(address) <= _LONGEST_URL and (absolute := resolve(address, self._base)) is not None:
                found.append(absolute.partition("#")[0])
        return found

    def _poster(self, attributes: Mapping[str, str | None]) -> str:
        poster = attributes.get("poster")
        uri = self._picture([poster]) if poster else None
        if uri is None:
            return ""
        kept = self.attributes("img", attributes) | {"alt": "", "src": uri}
        return f"<img{written_attributes(kept)}>"

    # --- Styles ------------------------------------------------------------------------------------------------------

    def _linked(self, attributes: Mapping[str, str | None]) -> str:
        relation = (attributes.get("rel") or "").lower().split()
        if "icon" in relation:
            return self._icon(attributes)
        # What a script would make a style sheet of as soon as it is there.
        waits = "preload" in relation and (attributes.get("as") or "").strip().lower() == "style"
        if ("stylesheet" not in relation and not waits) or "alternate" in relation or "disabled" in attributes:
            return ""
        href = attributes.get("href") or ""
        url = resolve(href, self._base) if href.strip() and len(href) <= _LONGEST_URL else None
        sheet = None if url is None else self._styles.linked(url.partition("#")[0])
        return "" if sheet is None else self._sheet(sheet, attributes)

    def _icon(self, attributes: Mapping[str, str | None]) -> str:
        """The first that is held: it is what marks the window of a page that was saved as a file."""
        if self._has_icon or not (href := attributes.get("href")):
            return ""
        uri = self._picture([href])
        if uri is None:
            return ""
        self._has_icon = True
        return f"<link{written_attributes({'rel': 'icon', 'href': uri})}>"

    def _sheet(self, sheet: str, attributes: Mapping[str, str | None]) -> str:
        media = (attributes.get("media") or "").strip()
        if "media" in (attributes.get("onload") or ""):
            media = ""  # it is for print until a script says that it has come
        if not sheet.strip() or not _MEDIA.match(media):
            return ""
        return f"<style{written_attributes({'media': media} if media else {})}>{sheet}</style>"

    # --- Others ------------------------------------------------------------------------------------------------------

    def _title(self, node: Node) -> str:
        if self._has_title:
            return ""
        self._has_title = True
        return f"<title>{escape(text_of(node)[:2_000], quote=False)}</title>"

    def _input(self, attributes: Mapping[str, str | None]) -> str:
        kind = (attributes.get("type") or "text").strip().lower()
        if kind == "hidden":
            return ""
        kept = self.attributes("input", attributes)
        kept["type"] = "submit" if kind == "image" else kind if kind in _INPUTS else "text"
        if kind in ("password", "file"):
            kept.pop("value", None)
        elif kind == "image":
            kept["value"] = attributes.get("alt") or ""
        return f"<input{written_attributes(kept)}>"


def kept_attributes(tag: str, attributes: Mapping[str, str | None]) -> dict[str, str]:
    """Those that need no rewriting and may stand."""
    everywhere, here = words("attributes", "all"), words("attributes", tag)
    kept: dict[str, str] = {}
    for name, given in attributes.items():
        value = given or ""
        if len(value) > _LONGEST_VALUE:
            continue
        if name in everywhere or name in here or _ARIA_NAME.match(name):
            kept[name] = value
        elif name == "popover":
            kept[name] = ""
        elif _DATA_NAME.match(name) and _DATA_VALUE.match(value):
            kept[name] = value
    return kept


def _described(attributes: Mapping[str, str | None]) -> str:
    """What stands for a picture that is not held: the words for those who do not see it, if the page has any."""
    text = " ".join((attributes.get("alt") or "")[:1_000].split())
    if not text:
        return ""
    kept = {name: value for name in ("class", "id", "dir", "lang") if (value := attributes.get(name))}
    return f"<span{written_attributes(kept)}>{escape(text, quote=False)}</span>"


def _meta(attributes: Mapping[str, str | None]) -> str:
    name = (attributes.get("name") or "").strip().lower()
    content = attributes.get("content") or ""
    if name not in ("viewport", "color-scheme") or not _VIEWPORT.match(content):
        return ""
    return f"<meta{written_attributes({'name': name, 'content': content})}>"


def _pixels(value: str | None) -> int | None:
    text = (value or "").strip().removesuffix("px")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
