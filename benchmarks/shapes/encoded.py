"""Bytes that are not what they say, or say nothing, or are no text."""

from __future__ import annotations

import gzip

from benchmarks.shapes.article import UKRAINIAN, Shape, around, many, page

_CYRILLIC = "".join(f"<p>{paragraph}</p>\n" for paragraph in UKRAINIAN)


def _filled(size: int) -> str:
    return many("<!-- A line that nobody sees, at the foot of the page. -->\n", size)


def _stated(charset: str, size: int) -> str:
    return page(below=_filled(size), charset=charset)


def _cyrillic(charset: str, size: int) -> str:
    return page(text=_CYRILLIC, below=_filled(size), charset=charset)


ENCODED: dict[str, Shape] = {
    "UTF-16LE without a mark": lambda size: _stated("", size // 2).encode("utf-16-le"),
    "UTF-16BE without a mark": lambda size: _stated("utf-16", size // 2).encode("utf-16-be"),
    "UTF-16 with a mark, said to be latin-1": lambda size: _stated("iso-8859-1", size // 2).encode("utf-16"),
    "UTF-32LE without a mark": lambda size: _stated("utf-8", size // 4).encode("utf-32-le"),
    "UTF-7": lambda size: _stated("utf-7", size).encode("utf-7"),
    "UTF-8 said to be latin-1": lambda size: _stated("iso-8859-1", size).encode(),
    "UTF-8 said to be hex": lambda size: _stated("hex", size).encode(),
    "UTF-8 said to be nonsense": lambda size: _stated("\u0000x" * 40, size).encode(),
    "cp1251 said to be UTF-8": lambda size: _cyrillic("utf-8", size).encode("cp1251", "xmlcharrefreplace"),
    "KOI8-U without a word": lambda size: _cyrillic("", size).encode("koi8-u", "xmlcharrefreplace"),
    "UTF-8 with broken bytes": lambda size: around(below=_filled(size // 2)) + b"\xff\xc3" * (size // 4),
    "surrogates": lambda size: around(below="<p>" + many("\udcff\ud800", size)),
    "charsets without end": lambda size: around(head=many("<meta charset=", size)),
    "NULs everywhere": lambda size: around(below=_filled(size // 2)).replace(b"e", b"e\0"),
    "NULs in tags": lambda size: around(below=_filled(size)).replace(b"<p>", b"<\0p cl\0ass=x>"),
    "NULs above": lambda size: b"\0" * size + around(),
    "control characters": lambda size: around(below="<p>" + many("\x01\x08\x0b\x1b[2J\x7f\x9b", size)),
    "gzip that nobody announced": lambda size: gzip.compress(around(below=_filled(size)), mtime=0),
    "a PNG with a page behind it": lambda size: b"\x89PNG\r\n\x1a\n" + bytes(size) + around(),
}
