"""Styles of captured pages, rewritten so that they load nothing: every address leads to what is held, or nowhere.

The text is taken apart into the tokens of CSS and written anew from them, so that a browser finds in it what was found
here. Imported sheets are put in the place of their import.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from scraper.rewriting.assets import NOTHING, Kind, Shelf
from scraper.urls import resolve

MOST_TEXT = 2_000_000
"""Characters of styles that are read of one page: their tokens take a hundred times as much memory, and time."""
_DEEPEST = 24
"""Blocks inside each other."""
_DEEPEST_IMPORT = 4
_MOST_IMPORTS = 60

# A declaration list in which nothing can be an address: no strings, escapes, blocks, nor a function that takes one.
_PLAIN = re.compile(
    r"(?:[\w\s:;.,#%!*+-]|\b(?:rgba?|hsla?|calc|translate[XY]?|scale|rotate)\([\w\s.,%*+/-]*\))*\Z", re.A
)

_ADDRESS = frozenset(("url", "src"))
_PICTURES = frozenset(("image-set", "-webkit-image-set", "image", "cross-fade", "-webkit-cross-fade"))
"""Functions in which strings are addresses. What else may stand in them is listed: var() could bring an address in."""
_IN_PICTURES = frozenset(
    """type linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient
    repeating-conic-gradient rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix calc""".split()
)
_LEFT_OUT = frozenset(("import", "namespace", "charset", "document", "-moz-document"))
"""At-rules that take addresses, or that mean nothing here."""
_OLD = frozenset(("behavior", "-moz-binding", "-ms-behavior"))
_OPENERS = {"() block": ("(", ")"), "[] block": ("[", "]"), "{} block": ("{", "}")}


class Styles:
    """Rewrites the styles of one page."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._text_left = MOST_TEXT
        self._imports_left = _MOST_IMPORTS

    def sheet(self, text: str, base: str | None) -> str:
        """A style sheet. `base` is what addresses in it are relative to."""
        return _fit_for_element(self._sheet(text, base, ()))

    def declarations(self, text: str, base: str | None) -> str:
        """What stands in a style attribute."""
        if len(text) <= 2_000 and _PLAIN.match(text):
            return text
        if not self._take(text):
            return ""
        return self._written(_tokens(text), base)

    def linked(self, url: str) -> str | None:
        """The sheet at `url`, rewritten; None when it is not held."""
        text, base = self._read(url, ())
        return None if text is None else self.sheet(text, base)

    # --- Sheets ------------------------------------------------------------------------------------------------------

    def _read(self, url: str, within: tuple[str, ...]) -> tuple[str | None, str]:
        if url in within or len(within) > _DEEPEST_IMPORT or self._imports_left <= 0:
            return None, url
        asset = self._shelf.asset(url, "style")
        if asset is None:
            return None, url
        self._imports_left -= 1
        return sheet_text(asset.body, asset.content_type), asset.url or url

    def _sheet(self, text: str, base: str | None, within: tuple[str, ...]) -> str:
        if not self._take(text):
            return ""
        pieces: list[str] = []
        waiting: list[Any] = []
        tokens = _tokens(text)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            if token.type == "at-keyword" and token.lower_value in _LEFT_OUT:
                end, prelude = _statement(tokens, at)
                if token.lower_value == "import" and base is not None:
                    pieces.append(self._written(waiting, base))
                    pieces.append(self._imported(prelude, base, within))
                    waiting = []
                at = end
            else:
                waiting.append(token)
        pieces.append(self._written(waiting, base))
        return "".join(pieces)

    def _imported(self, prelude: list[Any], base: str, within: tuple[str, ...]) -> str:
        """An imported sheet in the place of its rule, under the conditions of the rule."""
        prelude = [token for token in prelude if token.type != "comment"]
        while prelude and prelude[0].type == "whitespace":
            prelude.pop(0)
        address = _address_of(prelude[0]) if prelude else None
        url = None if address is None else resolve(address, base)
        if url is None:
            return ""
        url = url.partition("#")[0]
        text, sheet_base = self._read(url, within)
        if text is None:
            return ""
        inner = self._sheet(text, sheet_base, (*within, url))
        for opening in reversed(self._conditions(prelude[1:], base)):
            inner = f"{opening}{{{inner}}}"
        return f"\n{inner}\n"

    def _conditions(self, tokens: list[Any], base: str) -> list[str]:
        """`layer`, `supports()` and the media of an import, as at-rules that say the same."""
        rules = []
        media: list[Any] = []
        for token in tokens:
            if not media and token.type == "ident" and token.lower_value == "layer":
                rules.append("@layer ")
            elif not media and token.type == "function" and token.lower_name in ("layer", "supports"):
                inside = self._written(token.arguments, base)
                rules.append(f"@layer {inside} " if token.lower_name == "layer" else f"@supports ({inside}) ")
            elif media or token.type != "whitespace":
                media.append(token)
        if media:
            rules.append(f"@media {self._written(media, base)} ")
        return rules

    def _take(self, text: str) -> bool:
        self._text_left -= len(text)
        return self._text_left >= 0 and self._shelf.take(len(text))

    # --- Tokens ------------------------------------------------------------------------------------------------------

    def _written(self, tokens: Sequence[Any], base: str | None) -> str:
        import tinycss2

        return str(tinycss2.serialize(self._list(tokens, base, 0)))

    def _list(self, tokens: Sequence[Any], base: str | None, depth: int) -> list[Any]:
        out: list[Any] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            if token.type == "at-keyword" and token.lower_value in _LEFT_OUT:
                at, _ = _statement(tokens, at)
            elif token.type == "error":
                if not token.kind.startswith("eof"):
                    out.append(_invalid(token))
            elif token.type == "string":
                out.append(_string(token.value))
            elif token.type == "url":
                out.append(self._url(token.value, base, _kind(out)))
            elif token.type == "function":
                out.append(self._function(token, base, depth, _kind(out)))
            elif token.type in _OPENERS:
                token.content = self._list(token.content, base, depth + 1) if depth < _DEEPEST else []
                out.append(token)
            elif token.type == "ident" and token.lower_value in _OLD:
                out.append(_ident("-left-out"))
            else:
                out.append(token)
        return out

    def _function(self, token: Any, base: str | None, depth: int, kind: Kind) -> Any:
        name = token.lower_name
        if name in _ADDRESS:
            address = _address_of(token)
            return _url_token(NOTHING) if address is None else self._url(address, base, kind)
        if name in _PICTURES:
            return self._pictures(token, base) if depth < _DEEPEST else _url_token(NOTHING)
        if name == "attr" and any(part.type == "function" for part in token.arguments):
            return _ident("none")  # of a type: it could be that of an address
        token.arguments = self._list(token.arguments, base, depth + 1) if depth < _DEEPEST else []
        return token

    def _pictures(self, token: Any, base: str | None) -> Any:
        out: list[Any] = []
        for part in token.arguments:
            if part.type == "string":
                out.append(self._url(part.value, base, "image"))
            elif part.type == "url" or (part.type == "function" and part.lower_name in _ADDRESS):
                address = _address_of(part)
                out.append(_url_token(NOTHING) if address is None else self._url(address, base, "image"))
            elif part.type == "function" and part.lower_name in _PICTURES:
                return _url_token(NOTHING)
            elif part.type == "function" and part.lower_name in _IN_PICTURES:
                if any(inner.type in ("function", "error", *_OPENERS) for inner in part.arguments):
                    return _url_token(NOTHING)
                out.append(part)
            elif part.type in ("error", "function", *_OPENERS):
                return _url_token(NOTHING)
            else:
                out.append(part)
        token.arguments = out
        return token

    def _url(self, address: str, base: str | None, kind: Kind) -> Any:
        address = address.strip()
        if address.startswith("#"):
            # A part of the page itself: a clip path, a filter.
            return _url_token(address) if re.fullmatch(r"#[\w-]{1,200}", address, re.A) else _url_token(NOTHING)
        if address[:5].lower() != "data:":
            absolute = resolve(address, base) if address else None
            if absolute is None:
                return _url_token(NOTHING)
            address = absolute.partition("#")[0]
        return _url_token(self._shelf.uri(address, kind) or NOTHING)


def sheet_text(body: bytes, content_type: str | None) -> str:
    """A style sheet's bytes as text: by the header, by its own first rule, else UTF-8."""
    from scraper.extract.charset import web_encoding

    if body.startswith(b"\xef\xbb\xbf"):
        return body[3:].decode("utf-8", "replace")
    named = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", content_type or "", re.I)
    stated = re.match(rb'@charset "([\w.:-]{2,40})";', body)
    label = named[1] if named else stated[1].decode("ascii") if stated else "utf-8"
    return body.decode(web_encoding(label) or "utf-8", "replace")


def _tokens(text: str) -> list[Any]:
    import tinycss2

    tokens: list[Any] = tinycss2.parse_component_value_list(text, skip_comments=True)
    return tokens


def _statement(tokens: Sequence[Any], start: int) -> tuple[int, list[Any]]:
    """Where an at-rule that begins before `start` ends, and what stands in it before its block or semicolon."""
    for at in range(start, len(tokens)):
        if tokens[at].type == "{} block" or (tokens[at].type == "literal" and tokens[at].value == ";"):
            return at + 1, list(tokens[start:at])
    return len(tokens), list(tokens[start:])


def _address_of(token: Any) -> str | None:
    """What a string, url() or src() names; None for one that says more than an address."""
    if token.type in ("string", "url"):
        return str(token.value)
    if token.type != "function" or token.lower_name not in _ADDRESS:
        return None
    said = [part for part in token.arguments if part.type not in ("whitespace", "comment")]
    return str(said[0].value) if len(said) == 1 and said[0].type == "string" else None


def _kind(before: list[Any]) -> Kind:
    """What an address is of: a font, where the declaration that it stands in is `src`; else a picture."""
    for token in reversed(before[-200:]):
        if token.type == "literal" and token.value == ";":
            break
        if token.type == "ident" and token.lower_value == "src":
            return "font"
    return "image"


def _url_token(address: str) -> Any:
    from tinycss2.ast import URLToken

    return URLToken(0, 0, address, f"url({address})")


def _string(value: str) -> Any:
    """A string that ends, whether the page's own did or not."""
    from tinycss2.ast import StringToken
    from tinycss2.serializer import serialize_string_value

    return StringToken(0, 0, value, f'"{serialize_string_value(value)}"')


def _ident(name: str) -> Any:
    from tinycss2.ast import IdentToken

    return IdentToken(0, 0, name)


def _invalid(error: Any) -> Any:
    """What is as wrong as the error was, but ends nothing that it did not begin."""
    from tinycss2.ast import LiteralToken

    return LiteralToken(error.source_line, error.source_column, "!")


def _fit_for_element(sheet: str) -> str:
    """The sheet as it can stand in a style element: nothing in it looks like the element's end."""
    return sheet.replace("</", "<\\/")
