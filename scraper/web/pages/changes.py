"""The Atom feed (RFC 4287) of what came in last: new articles and edits, of all outlets or of one.

What its entries are called does not depend on where they are asked for: a reader that asks at another port, or an
archive that was merged with this one, knows a text again.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from scraper.errors import NotInArchive
from scraper.settings import VERSION
from scraper.store import Archive
from scraper.store.arrivals import Arrival
from scraper.web.rendering import harmless, language_tag, web_url
from scraper.web.visits import Answer, Route, Visit

_ENTRIES = 50
_NEVER = "1970-01-01T00:00:00Z"
# What no XML 1.0 can hold, beside control characters.
_NO_XML = re.compile("[\ufffe\uffff]")
_IDS = uuid.UUID("5f0c1d64-8a3e-5c1b-9d0f-6d1b3a7f2e58")
"""The namespace of ids; drawn once."""


def feed(archive: Archive, visit: Visit) -> bytes:
    """The feed as XML. Raises NotInArchive for an outlet that is not there."""
    site = visit.asked("site") or None
    if site is not None and not archive.outlets().is_known(site):
        raise NotInArchive(f"No outlet {site[:200]} in {archive.path}", next_step="look at the list of outlets")
    arrivals = archive.arrivals().latest(site=site, limit=_ENTRIES)
    words = visit.messages
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": words.language.code})
    title = words.say("changes.title", name=visit.archive_name)
    _text(root, "title", title if site is None else words.say("changes.title_of", name=visit.archive_name, outlet=site))
    _text(root, "id", _id("feed", archive.arrivals().mark(), site or ""))
    _text(root, "updated", max((one.seen_at for one in arrivals), default=_NEVER))
    _text(SubElement(root, "author"), "name", visit.archive_name)
    _link(root, "self", "application/atom+xml", visit.origin + visit.here())
    page = visit.link("/") if site is None else visit.link(f"/outlets/{site}")
    _link(root, "alternate", "text/html", visit.origin + page)
    _text(root, "generator", "news-archiver", version=VERSION)
    for arrival in arrivals:
        _entry(root, arrival, visit)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: Element, arrival: Arrival, visit: Visit) -> None:
    say, edit = visit.messages.say, arrival.edit
    entry = SubElement(root, "entry")
    headline = arrival.headline or say("parts.no_headline")
    title = say("changes.edited", headline=headline) if edit else headline
    _text(entry, "title", title, **{"xml:lang": language_tag(arrival.language)})
    _text(entry, "id", _id("text", arrival.page_url, arrival.seen_at))
    _text(entry, "updated", arrival.seen_at)
    published = _moment(arrival.published_at)
    if published is not None:
        _text(entry, "published", published)
    for name in arrival.authors or (arrival.site,):
        _text(SubElement(entry, "author"), "name", name)
    path = f"/article/{arrival.page_id}"
    ours = visit.link(path, revision=arrival.revision)
    if edit is not None:
        ours = visit.link(f"{path}/diff", **{"from": edit.from_revision, "to": edit.to_revision})
    _link(entry, "alternate", "text/html", visit.origin + ours)
    if web_url(arrival.page_url):
        _link(entry, "via", None, arrival.page_url)
    kind = "edit" if edit else "new" if arrival.is_first else "again"
    SubElement(entry, "category", {"term": kind, "label": say(f"changes.kind.{kind}")})
    _text(entry, "summary", _summary(arrival, visit))


def _summary(arrival: Arrival, visit: Visit) -> str:
    say, edit = visit.messages.say, arrival.edit
    if edit is None:
        return f"{arrival.site} · {say('history.words', n=arrival.word_count)}\n{arrival.beginning}".strip()
    fields = ", ".join(say(f"field.{name}") for name in edit.edited)
    words = say("changes.words", before=edit.words_before, after=edit.words_after)
    lines = [f"{arrival.site} · {say('changes.what', fields=fields)} · {words}"]
    if "headline" in edit.edited:
        lines.append(say("changes.headline_before", headline=arrival.headline_before or say("parts.no_headline")))
    if edit.correction:
        lines.append(f"{say('history.correction')} {edit.correction}")
    return "\n".join(lines)


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _NO_XML.sub("", harmless(text))


def _link(parent: Element, relation: str, media_type: str | None, address: str) -> None:
    attributes = {"rel": relation, "href": _NO_XML.sub("", harmless(address))}
    SubElement(parent, "link", attributes if media_type is None else {**attributes, "type": media_type})


def _id(*parts: str) -> str:
    # Told apart by what no address and no time holds.
    return uuid.uuid5(_IDS, "\n".join(parts)).urn


def _moment(stated: str | None) -> str | None:
    """A date of publication as RFC 3339 has it; None where the page states no moment, or none in UTC that is one."""
    try:
        found = datetime.fromisoformat(stated or "")
        return found.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _show(archive: Archive, visit: Visit) -> Answer:
    body = feed(archive, visit)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept-Language"}
    if _is_known(tag, visit.known_tags):
        return Answer(status=304, content_type="application/atom+xml; charset=utf-8", headers=headers)
    return Answer(body=body, content_type="application/atom+xml; charset=utf-8", headers=headers)


def _is_known(tag: str, known: str) -> bool:
    """Whether If-None-Match names a tag (RFC 9110, 13.1.2: compared as weak ones)."""
    names = {name.strip().removeprefix("W/") for name in known[:5_000].split(",")}
    return tag in names or names == {"*"}


ROUTES = (Route(r"/changes\.atom", _show),)
