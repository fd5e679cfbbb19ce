"""FiveFilters' site-config format, read: what of it a site file can say, and what it cannot.

A file is named for its host and holds lines `directive: value`, most values being XPath:
https://help.fivefilters.org/full-text-rss/site-patterns.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from scraper.extract.sitefiles.checking import is_css
from scraper.extract.sitefiles.writing import Draft, Rule
from scraper.extract.sitefiles.xpath import Translated, Untranslatable, to_css

_LINE = re.compile(r"(?P<directive>[a-z_]+)(?:\((?P<argument>.*?)\))?\s*:\s*(?P<value>.*)", re.IGNORECASE)
_FIELDS = {"title": "headline", "body": "body", "date": "published_at", "author": "authors"}
_PAGES = {"next_page_link": "next_page", "single_page_link": "single_page"}
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# What has no counterpart, and why that does no harm or what to do about it.
_NOT_TAKEN = {
    "test_contains": "a fixture with its expected text is the test here",
    "find_string": "the page's source is not rewritten; pattern cuts values down",
    "replace_string": "the page's source is not rewritten; pattern cuts values down",
    "http_header": "how a page is fetched is set in scrape.toml",
    "prune": "a body is taken whole; name what to leave out with strip",
    "tidy": "pages are parsed as browsers do",
    "parser": "pages are parsed as browsers do",
    "autodetect_on_failure": "a field that matches nothing always falls back",
    "if_page_contains": "layouts differ by date, not by what a page contains",
    "requires_login": "nothing logs in",
}
_STRIPS = ("strip", "strip_id_or_class", "strip_image_src")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that could not be taken."""

    line: int
    directive: str
    value: str
    reason: str


@dataclass(slots=True)
class Imported:
    """One file, read. `draft` is None when nothing of it could be taken."""

    path: Path
    draft: Draft | None = None
    taken: int = 0
    """Lines that the draft holds."""
    left_out: list[LeftOut] = field(default_factory=list)


def read_ftr(path: Path) -> Imported:
    """One file of the format. Never fails: what is not understood is in `left_out`."""
    out = Imported(path)
    host = path.name.removesuffix(".txt").strip(".").lower().removeprefix("www.")
    lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    if not _HOST.fullmatch(host):
        out.left_out.append(LeftOut(0, "file", path.name, "its name is no host name"))
        return out
    reader = _Reader(Draft(host, [host]), out)
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            reader.read(number, line.strip())
    reader.finish()
    if reader.draft.fields:
        out.draft = reader.draft
    return out


class _Reader:
    """Gathers what a file's lines say."""

    def __init__(self, draft: Draft, out: Imported) -> None:
        self.draft = draft
        self._out = out
        self._strip: list[tuple[int, str, str, str]] = []
        """(line, directive, value, CSS) of what is to be stripped."""

    def read(self, number: int, line: str) -> None:
        match = _LINE.match(line)
        if match is None:
            self._leave(number, "line", line, "it is not `directive: value`")
            return
        directive, value = match["directive"].lower(), match["value"].strip()
        if directive == "test_url":
            self.draft.remarks.append(f"An article to try it on: {value}")
            self._out.taken += 1
        elif directive in _NOT_TAKEN:
            self._leave(number, directive, value, _NOT_TAKEN[directive])
        elif not value:
            self._leave(number, directive, value, "it has no value")
        else:
            try:
                self._selecting(number, directive, value)
            except Untranslatable as error:
                self._leave(number, directive, value, str(error))

    def _selecting(self, number: int, directive: str, value: str) -> None:
        """A directive whose value selects something. Raises Untranslatable."""
        if directive in _STRIPS:
            self._strip.append((number, directive, value, _checked(_stripped(directive, value))))
        elif directive in _PAGES:
            translated = _translated(value)
            if translated.attr not in (None, "href"):
                raise Untranslatable(f"an address stands in href, not in {translated.attr}")
            links = self.draft.layout.setdefault(_PAGES[directive], [])
            links += (css.removesuffix("[href]") for css in translated.css)
            self._out.taken += 1
        elif directive in _FIELDS:
            self._add_rule(_FIELDS[directive], _translated(value))
            self._out.taken += 1
        else:
            raise Untranslatable("no site file can say that")

    def _add_rule(self, name: str, found: Translated) -> None:
        if name == "body" and found.attr:
            raise Untranslatable("a body is a part of the page, not an attribute")
        rules = self.draft.fields.setdefault(name, [])
        css = ", ".join(found.css)
        if rules and rules[-1].get("attr") == found.attr:
            known = rules[-1]["css"]
            rules[-1]["css"] = [*known, css] if isinstance(known, list) else [css]
            return
        rule: Rule = {"css": [css]}
        if found.attr:
            rule["attr"] = found.attr
        if name in ("body", "authors"):
            rule["many"] = True
        rules.append(rule)

    def finish(self) -> None:
        """Give what is stripped to the body; without one there is nothing to strip it from."""
        bodies = self.draft.fields.get("body")
        if not bodies:
            for number, directive, value, _ in self._strip:
                self._leave(number, directive, value, "the file names no body to strip it from")
            return
        if self._strip:
            css = list(dict.fromkeys(css for _, _, _, css in self._strip))
            for rule in bodies:
                rule["strip"] = css
            self._out.taken += len(self._strip)

    def _leave(self, number: int, directive: str, value: str, reason: str) -> None:
        self._out.left_out.append(LeftOut(number, directive, value, reason))


def _translated(xpath: str) -> Translated:
    """Raises Untranslatable also for what comes out as CSS that no page could be asked for."""
    translated = to_css(xpath)
    _checked(", ".join(translated.css))
    return translated


def _checked(css: str) -> str:
    if not is_css(css):
        raise Untranslatable(f"{css} is not CSS that can be used")
    return css


def _stripped(directive: str, value: str) -> str:
    """The CSS of what a strip directive takes out. Raises Untranslatable."""
    if directive == "strip":
        translated = to_css(value)
        if translated.attr:
            raise Untranslatable("an attribute of an element cannot be stripped")
        return ", ".join(translated.css)
    if '"' in value:
        raise Untranslatable("it holds a quotation mark")
    if directive == "strip_image_src":
        return f'img[src*="{value}"]'
    word = value.strip("'")
    return f'[id*="{word}"], [class*="{word}"]'
