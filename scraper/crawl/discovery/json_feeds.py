"""JSON Feed 1.0 and 1.1, and what people serve as that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scraper.crawl.discovery.addresses import is_absolute, language_tag, usable_url
from scraper.crawl.discovery.bodies import Body
from scraper.crawl.discovery.found import Feed, FoundLink, FoundLinks
from scraper.crawl.discovery.moments import Moments
from scraper.crawl.discovery.titles import plain_title

_MOST_ITEMS = 50_000
_STRING_OR_COMMA = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|,(?=\s*[}\]])", re.DOTALL)
_ITEMS = re.compile(r"\"items\"\s*:\s*\[")
_SEPARATOR = re.compile(r"[\s,]*")


def read_json_feed(source: Body, *, url: str, now: datetime) -> Feed | None:
    """Read a feed; None for JSON that is none."""
    notes = list(source.notes)
    feed = _parsed(source.text, notes)
    if not isinstance(feed, dict):
        return None
    items = feed.get("items")
    version = _text(feed.get("version"))
    if isinstance(items, dict):
        items = [*items.values()]
        notes.append("its items are not a list")
    if not isinstance(items, list):
        if "jsonfeed.org" not in version:
            return None
        items = []
    entries = [item for item in items if isinstance(item, dict)]
    if "jsonfeed.org" not in version:
        if not any("url" in item or "content_html" in item or "date_published" in item for item in entries):
            return None
        notes.append("it does not say that it is a JSON Feed")
    if not entries:
        notes.append("it has no items")
    language = language_tag(_text(feed.get("language")))
    links, said = _links(entries[:_MOST_ITEMS], url, Moments(now, language))
    self_url = usable_url(_text(feed.get("feed_url")), url)
    next_url = usable_url(_text(feed.get("next_url")), url)
    return Feed(
        kind="json",
        title=plain_title(_text(feed.get("title")), is_markup=False),
        language=language,
        home_url=usable_url(_text(feed.get("home_page_url")), url),
        links=links,
        next_url=next_url if next_url not in (url, self_url) else None,
        hubs=tuple(dict.fromkeys(_hubs(feed.get("hubs"), url))),
        self_url=self_url,
        notes=(*notes, *said),
    )


def _links(items: list[dict[str, Any]], url: str, moments: Moments) -> tuple[tuple[FoundLink, ...], list[str]]:
    links = FoundLinks()
    without = 0
    for item in items:
        identifier = _text(item.get("id"))
        hrefs = [_text(item.get("url")), identifier if is_absolute(identifier) else "", _text(item.get("external_url"))]
        address = next(filter(None, (usable_url(href, url) for href in hrefs)), None)
        if address is None or address == url:
            without += 1
            continue
        links.add(
            FoundLink(
                url=address,
                published_at=moments.read(_text(item.get("date_published"))),
                modified_at=moments.read(_text(item.get("date_modified"))),
                title=plain_title(_text(item.get("title"))),
                language=language_tag(_text(item.get("language"))),
            )
        )
    notes = [f"{without:,} without a link to a page"] if without else []
    if links.repeated:
        notes.append(f"{links.repeated:,} listed again")
    return tuple(links), notes + moments.notes


def _hubs(value: object, url: str) -> Iterator[str]:
    for hub in value if isinstance(value, list) else []:
        target = usable_url(_text(hub.get("url") if isinstance(hub, dict) else hub), url)
        if target:
            yield target


def _text(value: object) -> str:
    """A value that ought to be text: numbers as they are written, the first of a list, "" for anything else."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if abs(value) < 1e15 else ""
    return value if isinstance(value, str) else ""


def _parsed(text: str, notes: list[str]) -> object:
    """The value; what can be read of one that is not valid."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    repaired = _STRING_OR_COMMA.sub(lambda match: match[0] if match[0] != "," else "", text)
    try:
        value = json.loads(repaired, strict=False)
    except (ValueError, RecursionError):
        value = _broken_off(repaired)
        if value is not None:
            notes.append("the JSON is broken or cut short")
    else:
        notes.append("the JSON has commas too many")
    return value


def _broken_off(text: str) -> dict[str, Any] | None:
    """A feed whose text ends early: its items that are whole, and what it says of itself before them."""
    match = _ITEMS.search(text)
    if match is None:
        return None
    decoder = json.JSONDecoder(strict=False)
    items: list[object] = []
    at = match.end()
    while len(items) < _MOST_ITEMS:
        separator = _SEPARATOR.match(text, at)
        try:
            item, at = decoder.raw_decode(text, separator.end() if separator else at)
        except (ValueError, RecursionError):
            break
        items.append(item)
    try:
        feed = json.loads(f"{text[: match.start()].rstrip().rstrip(',')}}}", strict=False)
    except (ValueError, RecursionError):
        feed = {}
    return {**feed, "items": items}
