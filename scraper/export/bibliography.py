"""Articles as references: BibTeX, CSL-JSON, and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, BinaryIO

from scraper.article import Article, utc_text
from scraper.export.about import About
from scraper.export.cells import json_text, utf8
from scraper.export.fields import Field, described
from scraper.export.people import author
from scraper.export.stated import day_parts, day_text

# --- BibTeX, for biblatex --------------------------------------------------------------------------------------------

_TEX = {
    "\\": r"\textbackslash{}",
    # Not \{ and \}: BibTeX counts braces without heeding backslashes, and one alone would swallow what follows.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_TEX_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def bibtex_fields() -> tuple[Field, ...]:
    return described(
        {
            "title": "headline",
            "author": "authors",
            "date": "published_at",
            "organization": "site",
            "url": "url",
            "urldate": "fetched_at",
            "note": "When it was captured, the SHA-256 of what was captured, and where in the archive it is",
        }
    )


def write_bibtex(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """An `@online` an article."""
    # What stands outside of entries is a comment, as long as it has no @.
    what = _one_line(about.selection.in_words()).replace("@", "(at)")
    out.write(utf8(f"% {what}: {about.program}, {about.made_at_text}\n"))
    count = 0
    for article in articles:
        out.write(utf8("\n" + bibtex_entry(article, about)))
        count += 1
    return count


def bibtex_entry(article: Article, about: About) -> str:
    """One `@online`, with the end of its last line."""
    given = [f"  {name} = {{{value}}},\n" for name, value in _bibtex(article, about).items() if value]
    return f"@online{{{about.key(article)},\n{''.join(given)}}}\n"


def _bibtex(article: Article, about: About) -> dict[str, str]:
    return {
        "title": _tex(article.headline or ""),
        "author": " and ".join(_bibtex_name(name, article.language) for name in article.authors),
        "date": day_text(article.published_at),
        "organization": _tex(article.site or ""),
        # Read as it stands, so nothing in it may count as a brace or a backslash.
        "url": re.sub(r"[\s{}\\]|%(?![0-9A-Fa-f]{2})", _percent, article.url or ""),
        "urldate": "" if article.capture is None else utc_text(article.capture.fetched_at)[:10],
        "note": _tex(_custody(article, about)),
    }


def _bibtex_name(name: str, language: str | None) -> str:
    """A person as family and given name; whatever else is in braces, which keep it one name."""
    known = author(_one_line(name), language)
    if known.family is None:
        return f"{{{_tex(known.name)}}}"
    return f"{_tex(known.family)}, {_tex(known.given or '')}"


def _tex(text: str) -> str:
    return _TEX_SPECIAL.sub(lambda found: _TEX[found[0]], _one_line(text))


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _custody(article: Article, about: About) -> str:
    if article.capture is None:
        return ""
    capture = article.capture
    proof = f", SHA-256 {capture.sha256}" if capture.sha256 else ""
    where = f"capture {capture.id}, article {article.id}, revision {article.revision} of {about.archive}"
    return f"Captured {utc_text(capture.fetched_at)}{proof}; {where}"


# --- CSL-JSON --------------------------------------------------------------------------------------------------------


def csl_fields() -> tuple[Field, ...]:
    return described(
        {
            "id": "Key of the reference: the same in every export of this archive, also in BibTeX",
            "type": "Always article-newspaper",
            "title": "headline",
            "author": "authors",
            "issued": "published_at",
            "container-title": "site",
            "abstract": "lead",
            "section": "section",
            "language": "language",
            "keyword": "tags",
            "URL": "url",
            "accessed": "fetched_at",
            "archive": "Name of the archive's file",
            "archive_location": "Capture, and SHA-256 of what was captured",
            "note": "The same for people, with the moment of capture",
            "custom": "The same as values: archived_date (UTC, ISO 8601), sha256, capture, article, revision",
        }
    )


def write_csl(articles: Iterable[Article], out: BinaryIO, about: About) -> int:
    """A list of references, each on its line."""
    count = 0
    for article in articles:
        out.write(b"[\n" if count == 0 else b",\n")
        out.write(utf8(json_text(csl_item(article, about))))
        count += 1
    out.write(b"\n]\n" if count else b"[]\n")
    return count


def csl_item(article: Article, about: About) -> dict[str, Any]:
    """A reference as the schema of CSL 1.0.2 has it; what it has no name for is in `custom`."""
    item: dict[str, Any] = {
        "id": about.key(article),
        "type": "article-newspaper",
        "title": article.headline,
        "author": [_csl_name(name, article.language) for name in article.authors],
        "issued": _csl_date(day_parts(article.published_at)),
        "container-title": article.site,
        "abstract": article.lead,
        "section": article.section,
        "language": article.language,
        "keyword": ", ".join(article.tags),
        "URL": article.url,
    }
    if article.capture is not None:
        archived = utc_text(article.capture.fetched_at)
        proof = f", sha256:{article.capture.sha256}" if article.capture.sha256 else ""
        item |= {
            "accessed": _csl_date(day_parts(archived[:10])),
            "archive": about.archive,
            "archive_location": f"capture {article.capture.id}{proof}",
            "note": _custody(article, about),
            "custom": {
                "archived_date": archived,
                "sha256": article.capture.sha256,
                "capture": article.capture.id,
                "article": article.id,
                "revision": article.revision,
            },
        }
    return {name: value for name, value in item.items() if value}


# --- Plain text ------------------------------------------------------------------------------------------------------


def plain_text(article: Article, about: About) -> str:
    """A reference in a line, as a footnote has it: who, what, where, when, and how that can be proved."""
    what = _one_line(article.headline or "")
    parts = (
        ", ".join(_one_line(name) for name in article.authors),
        f"“{what}”" if what else "",
        ", ".join(filter(None, (article.site, day_text(article.published_at)))),
        _one_line(article.url or ""),
        _custody(article, about),
    )
    return ". ".join(part.removesuffix(".") for part in parts if part) + "."


def _csl_date(parts: tuple[int, ...]) -> dict[str, Any] | None:
    return {"date-parts": [list(parts)]} if parts else None


def _csl_name(name: str, language: str | None) -> dict[str, str]:
    known = author(name, language)
    if known.family is None:
        return {"literal": known.name}
    return {"family": known.family, "given": known.given or ""}
