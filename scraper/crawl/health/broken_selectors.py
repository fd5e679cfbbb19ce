"""When a site file broke: which selectors match nothing any more, since when, and what is found without them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from scraper.article import READABLE, Article, utc_text
from scraper.crawl.workers import ExtractionPool, PageToRead
from scraper.errors import ArchiveError
from scraper.store import Archive, Example, FieldSeen, Trouble

_LONGEST = 200
"""Characters of a value."""
_PAGES = 3
ARTICLE = "article"
"""What a selector is called that tells articles from other pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCompared:
    """A field of a site file on one page."""

    field: str
    selectors: tuple[str, ...]
    """As the file has them: CSS, and paths into JSON."""
    is_matched: bool
    without: str | None
    """What is found without the file."""
    without_from: str | None
    """Where that comes from: source and selector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCompared:
    """A page read with its site file and without."""

    file: str
    fields: tuple[FieldCompared, ...]


def compare_page(page: PageToRead, selectors: Path | None) -> PageCompared | None:
    """Read a page with its site file and without; None when it has none. For a worker."""
    from scraper.extract import SiteFiles, extract_with_reasons, load_site_files

    sites = load_site_files(selectors)
    file = sites.for_url(page.url)
    if file is None:
        return None
    with_file, generic = (
        extract_with_reasons(
            page.html, url=page.url, content_type=page.content_type, captured_at=page.captured_at, sites=these
        )
        for these in (sites, SiteFiles())
    )
    layout = file.layout_on(page.captured_at.date() if page.captured_at else None)
    fields = [
        FieldCompared(
            field=name,
            selectors=tuple(one for rule in rules for one in (*rule.css, *(path.text for path in rule.json))),
            is_matched=name not in with_file.missed,
            **_without(generic.article, name),
        )
        for name, rules in layout.fields.items()
    ]
    if layout.article is not None:
        refused = with_file.article.verdict == "not_article" and generic.article.verdict in READABLE
        fields.append(
            FieldCompared(
                field=ARTICLE,
                selectors=(layout.article,),
                is_matched=not refused,
                without=f"an article, “{generic.article.headline}”" if refused else None,
                without_from=None,
            )
        )
    return PageCompared(file=file.path.name if file.path else file.name, fields=tuple(fields))


def _without(article: Article, name: str) -> dict[str, str | None]:
    value = getattr(article, name, None)
    text = "; ".join(value) if isinstance(value, tuple) else value
    where = article.provenance.get(name)
    if not text or where is None:
        return {"without": None, "without_from": None}
    source = where.source if where.selector is None else f"{where.source} {where.selector}"
    return {"without": str(text)[:_LONGEST], "without_from": source}


async def with_selectors(
    trouble: Trouble, archive: Archive, pool: ExtractionPool, selectors: Path | None, pages: Sequence[Example]
) -> Trouble:
    """The trouble with `detail["selectors"]` and a sentence about each, where a site file is what broke.

    `pages` are captures that show it. What cannot be read is left out.
    """
    compared = []
    for page in pages[:_PAGES]:
        one = await _compare(archive, pool, page.capture, selectors)
        if one is not None:
            compared.append(one)
    if not compared:
        return trouble
    broken = [_described(archive, trouble, pages, field) for field in _broken(compared)]
    broken = [one for one in broken if one["last_found"] is not None or one["field"] == ARTICLE]
    if not broken:
        return trouble
    sentences = "; ".join(_sentence(one) for one in broken)
    return replace(
        trouble,
        message=f"{trouble.message}; {compared[0].file}: {sentences}",
        detail={**trouble.detail, "site_file": compared[0].file, "selectors": broken},
    )


async def _compare(
    archive: Archive, pool: ExtractionPool, capture_id: int, selectors: Path | None
) -> PageCompared | None:
    try:
        page = PageToRead.of(archive.capture(capture_id), archive.rendering(capture_id))
        return await pool.call(compare_page, page, selectors)
    except asyncio.CancelledError:
        raise
    except ArchiveError:
        return None  # its body is gone, or damaged
    except Exception:  # noqa: BLE001 - a worker may die of anything; there are other pages
        return None


def _broken(compared: Sequence[PageCompared]) -> list[FieldCompared]:
    """Fields that were found on none of the pages, as on the first of them."""
    missed = [{field.field for field in page.fields if not field.is_matched} for page in compared]
    everywhere = set.intersection(*missed)
    return [field for field in compared[0].fields if field.field in everywhere]


def _described(archive: Archive, trouble: Trouble, pages: Sequence[Example], field: FieldCompared) -> dict[str, Any]:
    """A broken field as JSON-ready values: when it was found last, and missed first."""
    records = archive.health()
    last = records.field_last_found(trouble.site, field.field) if field.field != ARTICLE else None
    missed = None if last is None else records.field_first_missed(trouble.site, field.field, after=last.capture)
    first = _seen(missed) if missed else {"capture": pages[0].capture, "url": pages[0].url, "at": _at(trouble)}
    return {
        **asdict(field),
        "selectors": list(field.selectors),
        "last_found": _seen(last) if last else None,
        "missing_since": first,
    }


def _seen(seen: FieldSeen) -> dict[str, Any]:
    return {"capture": seen.capture, "url": seen.url, "at": utc_text(seen.at), "selector": seen.selector}


def _at(trouble: Trouble) -> str:
    return utc_text(trouble.since)


def _sentence(one: dict[str, Any]) -> str:
    selectors = " | ".join(one["selectors"])
    since = one["missing_since"]["at"][:16].replace("T", " ")
    last = one["last_found"]
    until = f", last did on {last['at'][:16].replace('T', ' ')}" if last else ""
    found = one["without"]
    without = "without it nothing is found"
    if found:
        shown = found if len(found) <= 60 else f"{found[:60]}…"
        without = f"without it {shown if one['field'] == ARTICLE else f'“{shown}” is found'}"
        without += f" ({one['without_from']})" if one["without_from"] else ""
    return f"{one['field']} ({selectors}) matches nothing since {since}{until}; {without}"
