"""Pages made in place: an article with the parts a test names, and everything else as plain as can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scraper.extract import Extraction, SiteFiles, extract_with_reasons

URL = "https://www.gazette.example/news/ferry-returns"
CAPTURED = datetime(2024, 7, 23, 12, tzinfo=UTC)
HEADLINE = "Ferry returns to the old harbour"
PARAGRAPHS = (
    "The ferry company said on Tuesday that the evening crossing would return in June, once repairs to the wall of the "
    "old harbour were finished and the new timetable had been agreed with the islands.",
    "Residents of the two islands had waited three winters for the boat, and several shops on the quay had closed in "
    "the meantime because so few visitors came over for the day.",
    "The mayor, who took the first crossing with her children, called it a good day for everyone who lives by the sea "
    "and works on land, and thanked the engineers for their patience.",
    "Tickets cost the same as before, the company said, and bicycles travel free until the end of the summer, when "
    "the council will look at the numbers again and decide what happens next.",
    "A second boat, built in a yard up the coast, is to be delivered next spring if the weather allows and if the "
    "money that the government promised arrives in time for the last payment.",
)
TEXT = "".join(f"<p>{paragraph}</p>\n" for paragraph in PARAGRAPHS)
BODY = "\n\n".join(PARAGRAPHS)


def page(
    *,
    head: str = "",
    above: str = "",
    byline: str = "",
    text: str = TEXT,
    below: str = "",
    title: str = HEADLINE,
    h1: str = HEADLINE,
    lang: str = "",
) -> str:
    """A whole page: `above` stands before the article, `byline` under its `h1`, `below` after it."""
    heading = f"<h1>{h1}</h1>" if h1 else ""
    return (
        f'<!doctype html><html{f" lang={lang}" if lang else ""}><head><meta charset="utf-8"><title>{title}</title>'
        f"{head}</head><body>{above}<article>{heading}{byline}<div "
        f"class='text'>{text}</div></article>{below}</body></html>"
    )


def ld(value: Mapping[str, Any] | list[Any] | str) -> str:
    """A JSON-LD script; a string is taken as it is."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'<script type="application/ld+json">{text}</script>'


def read(
    html: str | bytes,
    *,
    url: str | None = URL,
    content_type: str | None = None,
    captured_at: datetime | None = CAPTURED,
    sites: SiteFiles | None = None,
) -> Extraction:
    """The page extracted without any site file, as captured on 23 July 2024."""
    return extract_with_reasons(
        html,
        url=url,
        content_type=content_type,
        captured_at=captured_at,
        sites=sites if sites is not None else SiteFiles(),
    )


def folded_paragraphs(text: str | None) -> list[str]:
    return [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]
