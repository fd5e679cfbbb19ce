"""Reading and checking one site file: a complaint names file and key, says what is wrong and what would be right."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from scraper.errors import SiteFileError
from scraper.extract.fields.simple import language_tag
from scraper.extract.sitefiles.dates import check_format
from scraper.extract.sitefiles.json_paths import JsonPath
from scraper.extract.sitefiles.patterns import Pattern
from scraper.extract.sitefiles.schema import (
    ALL_FIELDS,
    DATE_FIELDS,
    LINK_FIELDS,
    LIST_FIELDS,
    FieldRule,
    Layout,
    SiteFile,
)

_SITE_KEYS = ("name", "hosts", "language", "layout")
LAYOUT_KEYS = ("until", "article", "next_page", "single_page", "fields")
RULE_KEYS = (
    "css",
    "json",
    "script",
    "attr",
    "many",
    "also",
    "strip",
    "keep",
    "strip_text",
    "pattern",
    "split",
    "format",
    "language",
)
_OF_VALUES = ("attr", "pattern", "split")
"""Keys that make a value of what was found; a part of the page is taken as it is."""
_OF_BODIES = ("also", "keep", "strip_text")
_CSS = 'a CSS selector such as "h1.title"'
_Parsed = TypeVar("_Parsed")


def read_toml(path: Path) -> dict[str, Any]:
    """The file's values. Raises SiteFileError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError(
            f"{path} is not valid TOML",
            why=str(error),
            next_step="mend that line; docs/site-files.md shows a whole file",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFileError(f"Cannot read {path}", why=str(error), next_step="save it as UTF-8 text") from error


def load_site_file(path: Path) -> SiteFile:
    """One site file, checked. Raises SiteFileError naming file and key, and saying what would be right."""
    return Checker(path).site(read_toml(path))


def is_css(selector: str) -> bool:
    """Whether the parser that reads pages takes `selector`."""
    try:
        _blank().css(selector)
    except SelectolaxError:
        return False
    return True


@lru_cache(maxsize=1)
def _blank() -> LexborHTMLParser:
    return LexborHTMLParser("<p></p>")


class Checker:
    """Checks one file's values."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._language: str | None = None

    def site(self, raw: dict[str, Any]) -> SiteFile:
        self._known("", raw, _SITE_KEYS)
        name = self._text("name", raw.get("name"), required=True)
        hosts = self.hosts(raw)
        self._language = self._tag("language", raw.get("language"))
        layouts = raw.get("layout")
        if not isinstance(layouts, list) or not layouts:
            self._fail("layout", "is missing", "at least one [[layout]] table")
        return SiteFile(name or "", hosts, self._layouts(layouts), self._language, self._path)

    def hosts(self, raw: dict[str, Any]) -> tuple[str, ...]:
        """The host names of a file whose other keys may not have been read."""
        hosts = self._texts("hosts", raw.get("hosts"))
        if not hosts:
            self._fail("hosts", "is missing or empty", 'hosts = ["example.com"]')
        for host in hosts:
            if host != host.lower() or "/" in host or ":" in host or host.startswith("*") or "." not in host:
                self._fail("hosts", f"{host!r} is not a host name", 'hosts = ["example.com"]; subdomains are included')
        return hosts

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
        self._known(key, raw, LAYOUT_KEYS)
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
        return Layout(
            {name: self._rules(f"{key}.fields.{name}", name, raw) for name, raw in fields.items()},
            until,
            article,
            self._selectors(f"{key}.next_page", raw.get("next_page", [])),
            self._selectors(f"{key}.single_page", raw.get("single_page", [])),
        )

    def _rules(self, key: str, name: str, raw: Any) -> tuple[FieldRule, ...]:
        if isinstance(raw, list) and raw:
            return tuple(self._rule(f"{key}[{number}]", name, one) for number, one in enumerate(raw, 1))
        return (self._rule(key, name, raw),)

    def _rule(self, key: str, name: str, raw: Any) -> FieldRule:
        if not isinstance(raw, dict):
            self._fail(key, "is not a table", f'[layout.fields.{name}] with css = "…"')
        self._known(key, raw, RULE_KEYS)
        self._check_belongs(key, name, raw)
        css = self._selectors(f"{key}.css", raw.get("css"))
        json = self._paths(f"{key}.json", raw.get("json"))
        if not css and not json:
            self._fail(f"{key}.css", "is empty" if "css" in raw else "is missing", 'css = "h1"')
        many = raw.get("many", False)
        if not isinstance(many, bool):
            self._fail(f"{key}.many", f"{many!r} is not true or false", "many = true")
        script = raw.get("script")
        if script is not None and not json:
            self._fail(
                f"{key}.script", "says where a JSON path looks, and there is none", 'json = "article.author.name"'
            )
        formats = self._formats(f"{key}.format", raw.get("format"))
        language = self._tag(f"{key}.language", raw.get("language")) or (self._language if formats else None)
        return FieldRule(
            css,
            json,
            None if script is None else self._css(f"{key}.script", script),
            self._text(f"{key}.attr", raw.get("attr")),
            many,
            self._selectors(f"{key}.also", raw.get("also", [])),
            self._selectors(f"{key}.strip", raw.get("strip", [])),
            self._selectors(f"{key}.keep", raw.get("keep", [])),
            self._pattern(f"{key}.strip_text", raw.get("strip_text")),
            self._pattern(f"{key}.pattern", raw.get("pattern")),
            self._pattern(f"{key}.split", raw.get("split")),
            formats,
            language,
        )

    def _check_belongs(self, key: str, name: str, raw: dict[str, Any]) -> None:
        """Keys that would do nothing for this field are mistakes."""
        if name in ("body", *LINK_FIELDS):
            for one in _OF_VALUES:
                if raw.get(one):
                    self._fail(
                        f"{key}.{one}", f"{name} is a part of the page, not an attribute or text", f"remove {one}"
                    )
        if name in LINK_FIELDS and raw.get("json"):
            self._fail(f"{key}.json", f"{name} is a part of the page", 'css = ".related"')
        for one in _OF_BODIES:
            if raw.get(one) and name != "body":
                self._fail(f"{key}.{one}", "only a body has it", f"remove {one}; pattern cuts down a value")
        if raw.get("split") and name not in LIST_FIELDS:
            self._fail(f"{key}.split", f"{name} is one value", "use split for authors or tags, pattern for one value")
        if (raw.get("format") or raw.get("language")) and name not in DATE_FIELDS:
            wrong = "format" if raw.get("format") else "language"
            self._fail(f"{key}.{wrong}", f"{name} is no date", f"remove {wrong}")

    def _selectors(self, key: str, value: Any) -> tuple[str, ...]:
        values = [] if value is None else value if isinstance(value, list) else [value]
        return tuple(self._css(key, one) for one in values)

    def _css(self, key: str, selector: Any) -> str:
        if not isinstance(selector, str):
            self._fail(key, f"{selector!r} is not text", _CSS)
        if not is_css(selector):
            hint = _CSS
            if "::" in selector:
                hint = 'no ::text or ::attr(); the text is taken anyway, an attribute with attr = "…"'
            elif ":contains" in selector:
                hint = ":lexbor-contains('…') in place of :contains()"
            self._fail(key, f"{selector!r} is not a CSS selector", hint)
        return selector

    def _paths(self, key: str, value: Any) -> tuple[JsonPath, ...]:
        right = 'a path such as "author.name", "images[0].url" or "..byline"'
        return tuple(self._parsed(key, text, JsonPath.parse, right) for text in self._texts(key, value))

    def _pattern(self, key: str, value: Any) -> Pattern | None:
        text = self._text(key, value)
        return (
            None
            if text is None
            else self._parsed(key, text, _compiled, "a regular expression, in '…' so that \\ stays")
        )

    def _formats(self, key: str, value: Any) -> tuple[str, ...]:
        right = 'a format of strptime such as "%d.%m.%Y" or "%d %B %Y, %H:%M"'
        return tuple(self._parsed(key, text, _format, right) for text in self._texts(key, value))

    def _parsed(self, key: str, text: str, parse: Callable[[str], _Parsed], right: str) -> _Parsed:
        try:
            return parse(text)
        except ValueError as error:
            self._fail(key, f"{text!r}: {error}", right)

    def _tag(self, key: str, language: Any) -> str | None:
        if language is not None and (not isinstance(language, str) or language_tag(language) != language):
            self._fail(key, f"{language!r} is not a language tag", 'language = "en-GB"')
        return language

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


def _compiled(text: str) -> Pattern:
    pattern = Pattern(text)
    _ = pattern.compiled
    return pattern


def _format(text: str) -> str:
    check_format(text)
    return text
