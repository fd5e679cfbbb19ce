"""XPath to CSS, for the subset that people write to point at parts of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r"(?P<axis>//|/)?(?P<test>text\(\)|@[\w:-]+|[\w-]+::[\w*-]+|[A-Za-z][\w-]*|\*|\.\.|\.)")
_ATTRIBUTE = r"@(?P<name>[\w:-]+)"
_STRING = r"(?:'(?P<s>[^']*)'|\"(?P<d>[^\"]*)\")"
_CLASS_WORD = r"concat\(\s*(?:' '|\" \")\s*,\s*(?:normalize-space\(\s*)?@class\s*\)?\s*,\s*(?:' '|\" \")\s*\)"
_EQUALS = re.compile(rf"{_ATTRIBUTE}\s*=\s*{_STRING}")
_FUNCTION = re.compile(rf"(?P<function>contains|starts-with)\(\s*{_ATTRIBUTE}\s*,\s*{_STRING}\s*\)")
_WORD = re.compile(rf"contains\(\s*{_CLASS_WORD}\s*,\s*{_STRING}\s*\)")
_HAS = re.compile(_ATTRIBUTE)
_SAYS = re.compile(rf"contains\(\s*(?P<where>text\(\)|\.|normalize-space\(\.?\))\s*,\s*{_STRING}\s*\)")
_FIRST = re.compile(r"\((?P<inner>.*)\)\[(?:1|position\(\)\s*=\s*1)\]", re.DOTALL)
_BY_ID = re.compile(rf"id\(\s*{_STRING}\s*\)")
_POSITION = re.compile(r"(?:position\(\)\s*=\s*)?(?P<n>\d+)")
_LAST = re.compile(r"last\(\)")
_NOT = re.compile(r"not\((?P<inner>.*)\)", re.DOTALL)
_WORDS = re.compile(r"[\w-]+(?: [\w-]+)*")
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")


class Untranslatable(ValueError):
    """The XPath says something that CSS cannot, or that nobody thought of here."""


@dataclass(frozen=True, slots=True)
class Translated:
    """What one XPath selects: any of `css`, and of what matches its text or its attribute `attr`."""

    css: tuple[str, ...]
    attr: str | None = None


def to_css(xpath: str) -> Translated:
    """Raises Untranslatable, saying what stood in the way. The first of several matches is the reader's to take."""
    xpath = xpath.strip()
    first = _FIRST.fullmatch(xpath)
    parts = [_one(part) for part in _split(first["inner"] if first else xpath, "|")]
    attributes = {attribute for _, attribute in parts}
    if len(attributes) > 1:
        raise Untranslatable("its alternatives select different attributes")
    return Translated(tuple(dict.fromkeys(css for css, _ in parts)), attributes.pop())


def _one(path: str) -> tuple[str, str | None]:
    """One alternative: its selector and the attribute at its end, if any."""
    path = path.strip()
    if path.startswith("(") and path.endswith(")"):
        return _one(path[1:-1])
    whole = re.fullmatch(r"(?:string|normalize-space)\((.*)\)", path, re.DOTALL)
    if whole:
        return _one(whole[1])
    css, at = "", 0
    if by_id := _BY_ID.match(path):
        css, at = f"#{_text(by_id)}", by_id.end()
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise Untranslatable(f"{path[at : at + 40]!r} is not understood")
        at = match.end()
        predicates, at = _predicates(path, at)
        test, axis = match["test"], match["axis"]
        if test == "." and not predicates:
            continue
        if at >= len(path) and not predicates and css:
            if test.startswith("@"):
                return css + ("" if axis == "/" else " *") + f"[{test[1:]}]", test[1:]
            if test == "text()":
                return css, None
        if len(predicates) > 1 and at >= len(path) and predicates[-1].strip() == "1":
            predicates.pop()  # of several matches the first is taken anyway
        css = f"{css}{_combinator(css, axis)}{_step(test, predicates)}"
    if not css:
        raise Untranslatable("it selects nothing in particular")
    return css, None


def _combinator(css: str, axis: str | None) -> str:
    if not css:
        return ""
    return " > " if axis == "/" else " "


def _step(test: str, predicates: list[str]) -> str:
    axis, _, name = test.rpartition("::")
    if axis not in ("", "child", "descendant"):
        raise Untranslatable(f"the axis {axis} has no counterpart in CSS")
    if name in ("..", ".", "text()") or name.startswith("@"):
        raise Untranslatable(f"{test} can only stand at the end")
    if any(_POSITION.fullmatch(one.strip()) or _LAST.fullmatch(one.strip()) for one in predicates[1:]):
        raise Untranslatable("a position among those that meet another condition has no counterpart in CSS")
    conditions = [_condition(predicate, name) for predicate in predicates]
    base = "" if name == "*" and conditions else name
    return base + "".join(conditions)


def _condition(predicate: str, tag: str) -> str:
    """One `[…]` as CSS that is put behind the element's name."""
    text = predicate.strip()
    alternatives = _split(text, " or ")
    if len(alternatives) > 1:
        return f":is({', '.join(_condition(one, tag) for one in alternatives)})"
    parts = _split(text, " and ")
    if len(parts) > 1:
        return "".join(_condition(part, tag) for part in parts)
    negated = _NOT.fullmatch(text)
    if negated:
        return f":not({_condition(negated['inner'], tag)})"
    if match := _POSITION.fullmatch(text):
        if tag == "*":
            return f":nth-child({match['n']})"
        return f":nth-of-type({match['n']})"
    if _LAST.fullmatch(text):
        return ":last-child" if tag == "*" else ":last-of-type"
    return _attribute(text)


def _attribute(text: str) -> str:
    if match := _WORD.fullmatch(text):
        word = _text(match).strip()
        return f".{word}" if _NAME.fullmatch(word) else f"[class~={_quoted(word)}]"
    if match := _EQUALS.fullmatch(text):
        return _equal(match["name"], _text(match))
    if match := _FUNCTION.fullmatch(text):
        sign = "*=" if match["function"] == "contains" else "^="
        return f"[{match['name']}{sign}{_quoted(_text(match))}]"
    if match := _HAS.fullmatch(text):
        return f"[{match['name']}]"
    if match := _SAYS.fullmatch(text):
        own = f":lexbor-contains({_quoted(_text(match))})"  # it looks at an element's own text alone, as text() does
        return own if match["where"] == "text()" else f":is({own}, :has({own}))"
    if "(" not in text.partition("[")[0] and not text.startswith(("..", "/", "@")):
        inner, _ = _one(text.lstrip("."))
        return f":has({'' if text.startswith('.//') else '> '}{inner})"
    raise Untranslatable(f"the condition [{text[:60]}] has no counterpart in CSS")


def _equal(name: str, value: str) -> str:
    """An attribute's value; of a class or an id that is plain words, the usual selectors, which bear more classes."""
    if name == "id" and _NAME.fullmatch(value):
        return f"#{value}"
    if name == "class" and _WORDS.fullmatch(value) and all(_NAME.fullmatch(word) for word in value.split()):
        return "".join(f".{word}" for word in value.split())
    return f"[{name}={_quoted(value)}]"


def _text(match: re.Match[str]) -> str:
    return match["s"] if match["s"] is not None else match["d"]


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"'{text}'"


def _predicates(path: str, at: int) -> tuple[list[str], int]:
    """The contents of the `[…]` that follow, and where they end."""
    out = []
    while at < len(path) and path[at] == "[":
        end = _closing(path, at)
        out.append(path[at + 1 : end])
        at = end + 1
    return out, at


def _closing(path: str, start: int) -> int:
    depth, quote = 0, ""
    for at in range(start, len(path)):
        letter = path[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if depth == 0:
                return at
    raise Untranslatable("a bracket is not closed")


def _split(text: str, separator: str) -> list[str]:
    """`text` split where `separator` stands outside of quotation marks and brackets."""
    out, depth, quote, last, at = [], 0, "", 0, 0
    while at < len(text):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[(":
            depth += 1
        elif letter in "])":
            depth -= 1
        elif depth == 0 and text.startswith(separator, at):
            out.append(text[last:at])
            at += len(separator)
            last = at
            continue
        at += 1
    return [*out, text[last:]]
