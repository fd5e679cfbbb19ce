"""How the parts of `parts.toml` are put together: a function a family, each of templates that `injections` fills in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from html import escape
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

_PARTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("parts.toml").read_text(encoding="utf-8"))

CORE: list[str] = _PARTS["core"]
"""What is spelled in each of SPELLINGS."""
SPELLINGS: tuple[Callable[[str], str], ...] = (
    escape,
    lambda text: escape(escape(text)),
    lambda text: "".join(f"&#{ord(one)};" for one in text),
    lambda text: "".join(f"&#x{ord(one):06x}" for one in text),
    lambda text: text.replace("<", "&lt").replace(">", "&gt"),
    lambda text: text.replace("<", "&LT;").replace(">", "&GT;").replace('"', "&QUOT;"),
    quote,
    lambda text: quote(quote(text)),
    lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    lambda text: "".join(f"%u{ord(one):04x}" for one in text),
    # UTF-7; wide forms, which some systems make plain ones of; marks that resemble brackets.
    lambda text: text.replace("<", "+ADw-").replace(">", "+AD4-").replace('"', "+ACI-"),
    lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    lambda text: text.replace("<", "＜").replace(">", "＞"),
    lambda text: text.replace("<", "‹").replace(">", "›").replace('"', "＂"),
    # Overlong forms of UTF-8, as they look when they were taken for Latin-1.
    lambda text: text.replace("<", "\xc0\xbc").replace(">", "\xc0\xbe"),
    lambda text: text.replace("<", "\xe0\x80\xbc").replace(">", "\xe0\x80\xbe"),
    lambda text: text.replace("<", "<\0").replace("=", "=\0"),
    "\0".join,
    lambda text: f"\0{text}\0",
    lambda text: f"\u202e{text}\u202c",
    lambda text: f"\u2066{text}\u2069\u200f",
    "\u200b".join,
    # Letters whose capitals, or small ones, are ASCII.
    lambda text: text.replace("s", "ſ").replace("k", "\u212a").replace("i", "ı"),
    lambda text: text.replace("<", "<\u0338").replace(">", ">\u0338"),
    lambda text: f"\ufeff{text}",
    lambda text: f"\x1b]0;{text}\x07\x1b[31m",
    lambda text: f"\x85\u2028{text}\u2029",
    lambda text: text.replace(" ", "\u3000").replace("=", "\u200d="),
    lambda text: f"\ud7ff{text}\ufffe\uffff",
    lambda text: re.sub(r"</?\w+|\bon\w+(?==)", lambda tag: tag[0].title(), text),
    lambda text: f"\x1bB{text}\x0e~\x0f",
)
_FILLERS = (
    "a" * 6_000,
    " " * 6_000,
    "<b>" * 600,
    "<" * 3_000,
    "&" * 3_000,
    '"' * 2_000,
    "\n" * 3_000,
    "<!--" * 500,
    "\u0301" * 2_000,
    "漢" * 2_000,
    "-" * 4_000,
    "'\">" * 900,
)


def handlers() -> Iterator[str]:
    """Every event, on elements to which it happens, written in one of the ways there are."""
    turn, ways = 0, _PARTS["written"]
    for event, elements in _PARTS["handlers"].items():
        for element in elements:
            for step in range(3):
                yield f"<{element} {ways[(turn + step) % len(ways)].format(f'on{event}', 'JS')}>x"
            turn += 1
    for event in list(_PARTS["handlers"])[::2]:
        yield f"<b ON{event.upper()}=JS>x"
        yield f"<b/on{event}=JS/x>x"
        yield f"<b\non{event}\n=JS\n>x"
        yield f"<b x='>'on{event}=JS>x"


def breakouts() -> Iterator[str]:
    """Out of the place that a text stands in, and into something that runs."""
    for end, start in product(_PARTS["ends"], _PARTS["starts"]):
        yield f"{end}{start}"


def attributes() -> Iterator[str]:
    """Out of a value, and into another attribute of the same element."""
    gaps, others = _PARTS["gaps"], _PARTS["attributes"]
    for quoted, gap in product(_PARTS["quotes"], gaps):
        for step in (0, 3):
            attribute = others[(len(quoted) + gaps.index(gap) * 2 + step) % len(others)]
            yield f"x{quoted}{gap}{attribute.replace(' ', gap)}{gap}{quoted}"


def schemes() -> Iterator[str]:
    """Addresses that are none of the web, plainly and in whatever holds an address."""
    holders = _PARTS["holders"]
    for number, scheme in enumerate(_PARTS["schemes"]):
        yield scheme
        for step in range(1, 6):
            yield holders[(number * 5 + step) % len(holders)].format(scheme)


def namespaces() -> Iterator[str]:
    """What is text to one parser, or at first, and markup to another, or the next time."""
    for inside, hidden in product(_PARTS["inside"], _PARTS["hidden"]):
        yield inside.format(hidden)


def loading() -> Iterator[str]:
    """Elements that ask for something, or lead away, without any script."""
    for text in _PARTS["loading"]:
        yield text
        yield f"\"'>{text}"


def templates() -> Iterator[str]:
    for braces, expression in product(_PARTS["braces"], _PARTS["expressions"]):
        yield braces.format(expression)


def styles() -> Iterator[str]:
    sheets = _PARTS["sheets"]
    for number, (url, styled) in enumerate(product(_PARTS["urls"], _PARTS["styled"])):
        yield sheets[number % len(sheets)].format(styled.replace("{}", url))


def scripts() -> Iterator[str]:
    """Out of a string in a script, or of JSON in one."""
    yield from _PARTS["json"]
    for text in _PARTS["json"][:32:2]:
        yield f'","x":"{text}'


def formulas() -> Iterator[str]:
    for lead, formula in product(_PARTS["leads"], _PARTS["formulas"]):
        yield f"{lead}{formula}"


def xml() -> Iterator[str]:
    yield from _PARTS["xml"]


def headers() -> Iterator[str]:
    for line_break, field in product(_PARTS["breaks"], _PARTS["fields"]):
        yield f"x{line_break}{field}"


def overlong() -> Iterator[str]:
    """Something that runs before, behind, or in much that does not."""
    for number, filler in enumerate(_FILLERS):
        yield f"{filler}{CORE[number % 3]}"
        yield f"{CORE[number % 3]}{filler}"
    yield f"<b {' '.join(f'a{number}=x' for number in range(900))} onmouseover=JS>x"
    yield f"{'<div>' * 700}<img src=x:x onerror=JS>{'</div>' * 700}"
    yield f"<{'x' * 5_000} onclick=JS>x"
    yield f"<b title='{'x' * 6_000}' onclick=JS>x"


def reads() -> Iterator[str]:
    """What wants to read the rest of the archive, from a page of it that is replayed."""
    for number, (read, ours) in enumerate(product(_PARTS["reads"], _PARTS["ours"])):
        yield _run(read.replace("OURS", ours), number)


def looks() -> Iterator[str]:
    """What wants to know what is beside it: the window around it, what was stored, who led to it."""
    ours = _PARTS["ours"]
    for number, (look, step) in enumerate(product(_PARTS["looks"], range(2))):
        yield _run(look.replace("OURS", ours[number % len(ours)]), number + step)


def embeds() -> Iterator[str]:
    """What shows a page of ours within itself, without any script."""
    ours = _PARTS["ours"]
    for number, embed in enumerate(_PARTS["embeds"]):
        for step in range(3):
            yield embed.replace("OURS", ours[(number + step * 2) % len(ours)])


def _run(statement: str, number: int) -> str:
    sends, runs = _PARTS["sends"], _PARTS["runs"]
    return str(runs[number // 2 % len(runs)].format(statement.replace("SENT", sends[number % len(sends)])))


FAMILIES: dict[str, Callable[[], Iterator[str]]] = {
    one.__name__: one
    for one in (
        handlers,
        breakouts,
        attributes,
        schemes,
        namespaces,
        loading,
        templates,
        styles,
        scripts,
        formulas,
        xml,
        headers,
        overlong,
        reads,
        looks,
        embeds,
    )
}
