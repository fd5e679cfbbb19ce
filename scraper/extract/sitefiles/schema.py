"""Reading and checking site files. A mistake is found when the file is loaded, and named with file and key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from scraper.errors import SiteFileError
from scraper.extract.fields.simple import language_tag
from scraper.urls import host_of

TEXT_FIELDS = ("headline", "published_at", "modified_at", "lead", "section", "image", "body")
LIST_FIELDS = ("authors", "tags")
LINK_FIELDS = ("related", "popular")
ALL_FIELDS = (*TEXT_FIELDS, *LIST_FIELDS, *LINK_FIELDS)

_SITE_KEYS = ("name", "hosts", "language", "layout")
_LAYOUT_KEYS = ("until", "article", "fields")
_RULE_KEYS = ("css", "attr", "many", "strip")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where a field stands: the first of `css` that matches, its text or its `attr`, without what `strip` matches."""

    css: tuple[str, ...]
    attr: str | None = None
    many: bool = False
    strip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The look a site had up to and including the day `until` (None: today's)."""

    fields: dict[str, FieldRule]
    until: date | None = None
    article: str | None = None
    """CSS; a page on which it matches nothing is not an article."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    name: str
    hosts: tuple[str, ...]
    layouts: tuple[Layout, ...]
    """Oldest first; the last one is today's."""
    language: str | None = None
    path: Path | None = None

    def layout_on(self, day: date | None) -> Layout:
        """The layout a page captured on `day` had; today's when the day is not known."""
        if day is not None:
            for layout in self.layouts:
                if layout.until is not None and day <= layout.until:
                    return layout
        return self.layouts[-1]


class SiteFiles:
    """The site files in force, found by host."""

    def __init__(self, files: Iterable[SiteFile] = ()) -> None:
        self.files = tuple(files)
        self._by_host: dict[str, SiteFile] = {}
        for file in self.files:
            for host in file.hosts:
                other = self._by_host.setdefault(host, file)
                if other is not file:
                    raise SiteFileError(
                        f"{file.path}: hosts: {host} is already covered by {other.path}",
                        next_step="keep each host in one file",
                    )

    def for_url(self, url: str | None) -> SiteFile | None:
        """The file whose host is the URL's host or the nearest domain above it."""
        host = host_of(url) if url else ""
        while host:
            if host in self._by_host:
                return self._by_host[host]
            host = host.partition(".")[2]
        return None


def packaged_folder() -> Path:
    """The site files that came with this package: beside its modules when installed, at the top of a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "selectors"
    return installed if installed.is_dir() else package.parent / "selectors"


@lru_cache(maxsize=8)
def load_site_files(folder: Path | None = None) -> SiteFiles:
    """Every `*.toml` of `folder` (default: the packaged ones). Raises SiteFileError for the first that is not valid."""
    folder = folder or packaged_folder()
    if not folder.is_dir():
        raise SiteFileError(f"No such folder: {folder}", next_step="check the path given to --selectors")
    return SiteFiles(load_site_file(path) for path in sorted(folder.glob("*.toml")))


def load_site_file(path: Path) -> SiteFile:
    """One site file, checked. Raises SiteFileError naming file and key, and saying what would be right."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError(f"{path} is not valid TOML", why=str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFileError(f"Cannot read {path}", why=str(error)) from error
    return _Checker(path).site(raw)


class _Checker:
    """Checks one file's values; every complaint names the file and the key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._blank = LexborHTMLParser("<p></p>")

    def site(self, raw: dict[str, Any]) -> SiteFile:
        self._known("", raw, _SITE_KEYS)
        name = self._text("name", raw.get("name"), required=True)
        hosts = self._texts("hosts", raw.get("hosts"))
        if not hosts:
            self._fail("hosts", "is missing or empty", 'hosts = ["example.com"]')
        for host in hosts:
            if host != host.lower() or "/" in host or ":" in host or host.startswith("*") or "." not in host:
                self._fail("hosts", f"{host!r} is not a host name", 'hosts = ["example.com"]; subdomains are included')
        language = raw.get("language")
        if language is not None and (not isinstance(language, str) or language_tag(language) != language):
            self._fail("language", f"{language!r} is not a language tag", 'language = "en-GB"')
        layouts = raw.get("layout")
        if not isinstance(layouts, list) or not layouts:
            self._fail("layout", "is missing", "at least one [[layout]] table")
        return SiteFile(name or "", hosts, self._layouts(layouts), language, self._path)

    def _layouts(self, raw: list[Any]) -> tuple[Layout, ...]:
        layouts = [self._layout(f"layout[{number}]", item) for number, item in enumerate(raw, 1)]
        dates = [layout.until for layout in layouts]
        if dates[-1] is not None or None in dates[:-1]:
            self._fail("layout", "only the last layout, today's, has no `until`", "dated layouts first, oldest first")
        ordered = [day for day in dates if day is not None]
        if ordered != sorted(set(ordered)):
            self._fail("layout", "the `until` dates are not in order", "dated layouts first, oldest first")
        return tuple(layouts)

    def _layout(self, key: str, raw: Any) -> Layout:
        if not isinstance(raw, dict):
            self._fail(key, "is not a table", "[[layout]]")
        self._known(key, raw, _LAYOUT_KEYS)
        until = raw.get("until")
        if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
            self._fail(f"{key}.until", f"{until!r} is not a date", "until = 2023-05-31")
        article = raw.get("article")
        if article is not None:
            article = self._css(f"{key}.article", article)
        fields = raw.get("fields")
        if not isinstance(fields, dict) or not fields:
            self._fail(f"{key}.fields", "is missing or empty", "[layout.fields.headline]")
        self._known(f"{key}.fields", fields, ALL_FIELDS)
        rules = {name: self._rule(f"{key}.fields.{name}", name, rule) for name, rule in fields.items()}
        return Layout(rules, until, article)

    def _rule(self, key: str, name: str, raw: Any) -> FieldRule:
        if not isinstance(raw, dict):
            self._fail(key, "is not a table", f'[layout.fields.{name}] with css = "…"')
        self._known(key, raw, _RULE_KEYS)
        selectors = raw.get("css")
        if selectors is None:
            self._fail(f"{key}.css", "is missing", 'css = "h1"')
        css = tuple(self._css(f"{key}.css", s) for s in (selectors if isinstance(selectors, list) else [selectors]))
        many = raw.get("many", False)
        if not isinstance(many, bool):
            self._fail(f"{key}.many", f"{many!r} is not true or false", "many = true")
        strip = raw.get("strip", [])
        strips = tuple(self._css(f"{key}.strip", s) for s in (strip if isinstance(strip, list) else [strip]))
        attr = self._text(f"{key}.attr", raw.get("attr"))
        if attr and name in ("body", *LINK_FIELDS):
            self._fail(f"{key}.attr", f"{name} is a part of the page, not an attribute", "remove attr")
        if not css:
            self._fail(f"{key}.css", "is empty", 'css = "h1"')
        return FieldRule(css, attr, many, strips)

    def _css(self, key: str, selector: Any) -> str:
        if not isinstance(selector, str):
            self._fail(key, f"{selector!r} is not text", 'a CSS selector such as "h1.title"')
        try:
            self._blank.css(selector)
        except SelectolaxError:
            hint = 'a CSS selector such as "h1.title"'
            if "::" in selector:
                hint = 'no ::text or ::attr(); the text is taken anyway, an attribute with attr = "…"'
            elif ":contains" in selector:
                hint = ":lexbor-contains('…') in place of :contains()"
            self._fail(key, f"{selector!r} is not a CSS selector", hint)
        return selector

    def _text(self, key: str, value: Any, *, required: bool = False) -> str | None:
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip():
            self._fail(key, "is missing or not text", f'{key.rpartition(".")[2]} = "…"')
        return value

    def _texts(self, key: str, value: Any) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(self._text(key, v, required=True) or "" for v in values)

    def _known(self, key: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                self._fail(f"{key}.{name}".lstrip("."), "is not a known key", hint)

    def _fail(self, key: str, problem: str, right: str) -> NoReturn:
        step = right if right.startswith("did you mean") else f"right would be: {right}"
        raise SiteFileError(f"{self._path}: {key}: {problem}", next_step=step)
