"""Bytes to text, in the order browsers look: byte order mark, HTTP header, meta element, then the bytes themselves."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from scraper.extract.unlabelled import encoding_of

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_PRESCAN = 4096  # the standard looks at 1,024 bytes; real pages put comments and preloads before their meta element

# What a label means on the web, where that differs from what Python calls it (WHATWG Encoding).
_WEB_MEANING = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NOT_FOR_PAGES = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "undefined", "mbcs", "oem")
)
_ENOUGH = 500_000
"""Characters of a page by which its encoding is told."""
_UTF7 = ("utf-7", "utf7", "unicode-1-1-utf-7")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was read. `replaced` counts characters that were not valid in `encoding` and became U+FFFD."""

    text: str
    encoding: str
    replaced: int
    refused: str | None = None
    """The encoding the page claims, where its bytes are not in it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the text should know."""
        claimed = f"the bytes are not {self.refused}, as the page claims, and were read as {self.encoding}"
        lost = f"{self.replaced} characters were not valid {self.encoding} and are lost"
        return (claimed,) * bool(self.refused) + (lost,) * bool(self.replaced)


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """`body` as text. Never raises: an unknown label is passed over, an invalid byte becomes U+FFFD and is counted."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], encoding)
    wide = _wide(body)
    if wide:
        return _decoded(body, wide)
    refused = None
    for label in (_label_in_header(content_type), _label_in_meta(body)):
        encoding_named = label and web_encoding(label)
        if encoding_named:
            result = _decoded(body, encoding_named)
            # A page labelled Latin-1 whose bytes are UTF-8 is a server's default header, not a choice.
            if encoding_named != "utf-8" and (result.replaced or encoding_named == "cp1252") and is_utf8(body):
                return _decoded(body, "utf-8")
            if result.replaced > max(20, len(body) // 200) and encoding_named == "utf-8":
                refused = encoding_named  # the label is wrong: more than a stray byte is not UTF-8
                break
            return result
        if label and label.lower() in _UTF7 and (seven := _from_utf7(body)):
            return seven
    return replace(_detected(body), refused=refused)


def web_encoding(label: str) -> str | None:
    """The Python codec for a charset label as browsers read it; None for a label that is no text encoding."""
    try:
        info = codecs.lookup(label.strip().lower())
    except (LookupError, ValueError):
        return None
    # Python also calls hex, zlib, rot13 and idna encodings; none of them decodes a page.
    if not info._is_text_encoding or info.name.replace("-", "_") in _NOT_FOR_PAGES:
        return None
    if info.name in ("utf-16", "utf-32"):
        return "utf-8" if info.name == "utf-32" else "utf-16-le"
    return _WEB_MEANING.get(info.name, info.name)


def _label_in_header(content_type: str | None) -> str | None:
    match = _HEADER.search(content_type or "")
    return match.group(1) if match else None


def _label_in_meta(body: bytes) -> str | None:
    match = _META.search(body[:_PRESCAN])
    label = match.group(1).decode("ascii") if match else None
    # A meta element that could be read as ASCII cannot be in UTF-16.
    return "utf-8" if label and label.lower().startswith("utf-16") else label


def is_utf8(body: bytes) -> bool:
    """Whether it can only be UTF-8: valid, and not ASCII alone, which is valid in nearly every encoding."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not body.isascii()


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 that has no mark: every ASCII letter of the tags at the top is a byte beside NULs."""
    top = body[:200]
    if top.count(0) * 4 < len(top) or len(top) < 4:
        return None
    for encoding in _WIDE:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(top)
        except UnicodeDecodeError:
            continue
        # In the wrong order of bytes, tags are letters of other scripts.
        if "\0" not in text and sum(map(str.isascii, text)) * 2 > len(text):
            return encoding
    return None


def _from_utf7(body: bytes) -> Decoded | None:
    """Browsers refuse it, but pages in it lie in old archives."""
    try:
        return Decoded(body.decode("utf-7"), "utf-7", 0)
    except UnicodeDecodeError:
        return None


def _decoded(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, errors="replace")
    return Decoded(text=text, encoding=encoding, replaced=text.count("\ufffd"))


def _detected(body: bytes) -> Decoded:
    utf8 = _decoded(body, "utf-8")
    if utf8.replaced == 0:
        return utf8
    # Text that is not UTF-8 makes hardly any of its longer sequences by chance.
    valid = sum(char > "\x7f" for char in utf8.text[:_ENOUGH]) - utf8.text.count("\ufffd", 0, _ENOUGH)
    if valid > 20 * utf8.text.count("\ufffd", 0, _ENOUGH):
        return utf8
    likely = encoding_of(body)
    if likely is not None:
        return _decoded(body, likely)
    return utf8 if valid > utf8.replaced else _decoded(body, "cp1252")
