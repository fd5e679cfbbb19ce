"""What a robots.txt says: RFC 9309, read as leniently as Google's published matcher reads it.

Lenient means: a missing colon, misspelt field names, byte order marks and any line ending are understood; a line that
means nothing is passed over and does not end the group it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LONGEST_LINE = 16 * 1024
"""Characters of a line that are read."""
_MOST_RULES = 50_000
_MOST_SITEMAPS = 1_000
_MARKS = ("\ufeff", "ï»¿", "ï»", "ï")
"""The byte order mark of UTF-8, whole or cut short by a careless editor."""
_FIELDS = {
    "agent": ("user-agent", "useragent", "user agent"),
    "allow": ("allow",),
    "disallow": ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"),
    "sitemap": ("sitemap", "site-map"),
    "delay": ("crawl-delay", "crawldelay", "crawl delay"),
}
_FIELD_OF = {name: field_ for field_, names in _FIELDS.items() for name in names}
_LINE_END = re.compile(r"\r\n|\r|\n")
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_DELAY = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One Allow or Disallow."""

    allows: bool
    pattern: str
    """As compared: percent-encoded, `*` for anything, `$` at the end for the end."""
    line: int
    """Of the file, from 1."""
    text: str
    """As written."""

    def match(self, path: str) -> int:
        """How specific the rule is for `path`: the length of its pattern; -1 when it does not fit."""
        return len(self.pattern) if _fits(self.pattern, path) else -1


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a URL may be fetched, and by which rule; no rule means that nothing forbids it."""

    allowed: bool
    rule: Rule | None = None


@dataclass(slots=True)
class Group:
    """What is said to some agents. `delay` in seconds, None when nothing is said."""

    agents: list[str] = field(default_factory=list)
    """Product tokens in lower case; `*` for all."""
    rules: list[Rule] = field(default_factory=list)
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """A robots.txt as read. An empty one allows everything."""

    groups: tuple[Group, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """As written; absolute by the standard."""

    def decide(self, target: str, agent: str) -> Decision:
        """Whether `agent` (a product token, such as `news-archiver`) may fetch `target`, an absolute URL or a path.

        The rule with the longest pattern wins, and Allow where two are as long.
        """
        path = path_of(target)
        best: Rule | None = None
        longest = 0  # a rule without a pattern says nothing
        for rule in (rule for group in self._groups_for(agent) for rule in group.rules):
            length = max(rule.match(path), _index_match(rule, path))
            if length > longest or (length == longest > 0 and rule.allows and best is not None and not best.allows):
                best, longest = rule, length
        return Decision(best.allows if best else True, best)

    def delay(self, agent: str) -> float | None:
        """Seconds `agent` is asked to leave between two fetches; None when nothing is said."""
        return max((group.delay for group in self._groups_for(agent) if group.delay is not None), default=None)

    def _groups_for(self, agent: str) -> list[Group]:
        """All groups that name the agent; only when there is none, those for everybody."""
        own = [group for group in self.groups if agent and agent.lower() in group.agents]
        return own or [group for group in self.groups if "*" in group.agents and agent]


def parse(text: str) -> Rules:
    """Read a robots.txt. Never fails: what is no rule is passed over."""
    groups: list[Group] = []
    sitemaps: list[str] = []
    under_way: Group | None = None
    names_agents = False  # agent lines in a row name one group, whatever unknown lines stand between them
    count = 0
    for number, name, value in _lines(text):
        if name == "agent":
            if under_way is None or not names_agents:
                under_way = Group()
                groups.append(under_way)
                names_agents = True
            under_way.agents.append(_product_of(value))
        elif name in ("allow", "disallow"):
            names_agents = False
            count += 1
            if under_way is not None and value and count <= _MOST_RULES:
                written = f"{name.capitalize()}: {value}"
                under_way.rules.append(Rule(name == "allow", _encoded(value), number, written))
        elif name == "delay" and under_way is not None and (match := _DELAY.fullmatch(value)):
            under_way.delay = float(match[0])
        elif name == "sitemap" and value and len(sitemaps) < _MOST_SITEMAPS:
            sitemaps.append(value)
    return Rules(tuple(groups), tuple(sitemaps))


def path_of(target: str) -> str:
    """What rules are compared with: path and query of a URL, hexadecimal digits of escapes in upper case."""
    rest = target.partition("#")[0]
    scheme, separator, after = rest.partition("//")
    if separator and (not scheme or scheme.endswith(":")):
        start = min((at for at in (after.find(mark) for mark in "/?;") if at >= 0), default=len(after))
        rest = after[start:]
    if not rest.startswith("/"):
        rest = f"/{rest}"
    return _ESCAPE.sub(lambda match: match[0].upper(), rest)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(line number, field, value) of every line that is understood."""
    mark = next((mark for mark in _MARKS if text.startswith(mark)), "")
    for number, line in enumerate(_LINE_END.split(text[len(mark) :]), 1):
        stripped = line[:_LONGEST_LINE].partition("#")[0].strip()
        name, colon, value = stripped.partition(":")
        if not colon:
            parts = stripped.split()
            if len(parts) != 2:  # more than a name and a value is no rule without its colon
                continue
            name, value = parts
        known = _FIELD_OF.get(name.strip().lower())
        if known:
            yield number, known, value.strip()


def _product_of(value: str) -> str:
    if value.startswith("*") and (len(value) == 1 or value[1].isspace()):
        return "*"
    match = _PRODUCT.match(value)
    return match[0].lower() if match else ""


def _encoded(pattern: str) -> str:
    """A pattern as URLs are spelt: other scripts percent-encoded, hexadecimal digits in upper case."""
    encoded = _BEYOND_ASCII.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), pattern)
    return _ESCAPE.sub(lambda match: match[0].upper(), encoded)


def _fits(pattern: str, path: str) -> bool:
    """True when `pattern` describes the beginning of `path`, or all of it where it ends in `$`.

    Each piece between two stars is taken where it first occurs, which is never worse than later: linear time.
    """
    ends = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return not ends or len(path) == len(first)
    at = len(first)
    last = others.pop() if ends else ""
    for piece in others:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not ends or (path.endswith(last) and len(path) - len(last) >= at)


def _index_match(rule: Rule, path: str) -> int:
    """An Allow of a folder's index page allows the folder too, which shows the same page."""
    folder, slash, name = rule.pattern.rpartition("/")
    if not rule.allows or not slash or not name.startswith("index.htm"):
        return -1
    instead = f"{folder}/$"
    return len(instead) if _fits(instead, path) else -1
