"""What the web answers: a pure function of seed, time and request, but for failures that pass when asked again."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha1
from typing import Literal
from urllib.parse import quote

from benchmarks.simulated_web.feeds import feed
from benchmarks.simulated_web.outlets import Outlet
from benchmarks.simulated_web.pages import Pages
from benchmarks.simulated_web.places import ArticleAt, At, Elsewhere, FeedAt, ListAt, PageAt, SitemapAt
from benchmarks.simulated_web.sitemaps import robots, sitemap
from benchmarks.simulated_web.themes.parts import ADS, AGO, VIEWS
from benchmarks.simulated_web.world import World

Mishap = Literal["reset", "truncated"]
_MOST_KEPT = 6_000
_BROKEN_SHARE = 0.18
_GZIP_EVERY = 5
"""One outlet in so many compresses what it sends."""
_LIE = '"5f2b-18f0c9a3b20"'
_ADVERTISERS = ("Umbrellas", "Garden chairs", "Rubber boots", "Sewing machines", "Sailing lessons", "Ladders")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `slow` is seconds to its first byte; `mishap` is what happens while it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    slow: float = 0.0
    mishap: Mishap | None = None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request: what for, when, and its headers."""

    outlet: Outlet
    at: At | None
    target: str
    now: datetime
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    body: bytes
    kind: str
    tag: str
    changed: datetime


class Web:
    """Answers for all outlets of a world. `slowness` scales the seconds that slow hosts take; 0 has none."""

    def __init__(self, world: World, *, slowness: float = 1.0) -> None:
        self.world = world
        self.slowness = slowness
        self.pages = {outlet.number: Pages(outlet) for outlet in world.outlets}
        self._kept: OrderedDict[object, _Kept] = OrderedDict()
        self._asked: dict[tuple[str, str], int] = {}

    def answer(self, host: str, target: str, now: datetime, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to GET `target` (path with query) at `host`. `headers` of the request, names in lower case."""
        outlet = self.world.by_host.get(host)
        if outlet is None:
            return _page(421, "<h1>No such host</h1>")
        at = outlet.addresses.find(f"http://{host}{target}")
        answer = self._failure(outlet, host, target)
        if answer is None:
            answer = self._answer(_Asked(outlet, at, target, now, headers or {}))
        if outlet.profile.trouble == "slow" and not isinstance(at, PageAt):
            answer = replace(answer, slow=self.slowness * (0.3 + 0.7 * _share(f"{host}{target}")))
        return answer

    # Kinds of answers

    def _answer(self, asked: _Asked) -> Answer:
        outlet, now = asked.outlet, asked.now
        pages = self.pages[outlet.number]
        theme = pages.theme(now)
        key: tuple[object, ...]
        match asked.at:
            case PageAt("robots"):
                return _robots(outlet)
            case Elsewhere(host):
                return _redirect(301, f"http://{host}{asked.target}")
            case FeedAt(section):
                if outlet.incident("dead_feed", now):
                    return self._not_found(asked, status=404)
                key = (outlet.version(now), pages.slot(now))
                return self._written(asked, key, lambda: feed(pages, section, now))
            case SitemapAt(part):
                # The hour matters to a News sitemap, which has the last two days.
                key = (outlet.version(now), int(now.timestamp() // 3600))
                return self._written(asked, key, lambda: sitemap(outlet, part, now))
            case ListAt() as listed if pages.has(listed, now):
                key = (outlet.version(now), pages.slot(now), type(theme).__name__)
                return self._html(asked, key, lambda: theme.listing(pages.listing(listed, now)))
            case ArticleAt() as at:
                return self._article(asked, at)
            case PageAt(name, month):
                if name.startswith("loop"):
                    return _redirect(302, outlet.addresses.page("loop2" if name == "loop1" else "loop1"))
                key = (pages.slot(now), f"{now:%Y-%m}", type(theme).__name__)
                return self._html(asked, key, lambda: theme.plain(pages.plain(name, now, month)))
            case _:
                return self._not_found(asked)

    def _article(self, asked: _Asked, at: ArticleAt) -> Answer:
        outlet, now, article = asked.outlet, asked.now, at.article
        pages, addresses = self.pages[outlet.number], outlet.addresses
        if article.published > now or (at.form == "new" and not article.is_moved(now)):
            return self._not_found(asked)
        if article.is_deleted(now):
            if article.deletion == "home":
                return _redirect(302, addresses.home())
            return self._not_found(asked, status={"410": 410, "soft_404": 200}.get(article.deletion or "", 404))
        if at.form == "short" or (at.form == "old" and article.is_moved(now)):
            return _redirect(301, addresses.article(article, now))
        wall = "consent" if outlet.incident("consent_wall", now) else article.wall
        match wall:
            case "consent":
                return self._own_page(asked, pages.bare("consent", now))
            case "bot_403" | "bot_503":
                return self._own_page(asked, pages.bare("blocked", now), status=int(wall[-3:]))
            case "login":
                back = quote(addresses.article(article, now), safe="")
                return _redirect(302, f"{addresses.page('login')}?next={back}")
            case _:
                edition = article.edition_at(now)
                incidents = tuple(one.kind for one in outlet.life.incidents if one.is_on(now))
                key = (edition, article.is_moved(now), pages.slot(now), incidents)
                return self._html(asked, key, lambda: pages.article(at, now), article.editions[edition].at)

    def _not_found(self, asked: _Asked, *, status: int | None = None) -> Answer:
        pages = self.pages[asked.outlet.number]
        status = status if status is not None else 200 if asked.outlet.has("soft_404") else 404
        return self._own_page(asked, pages.theme(asked.now).plain(pages.plain("not_found", asked.now)), status=status)

    def _own_page(self, asked: _Asked, text: str, *, status: int = 200) -> Answer:
        """A page that is neither kept nor validated."""
        body = _filled(text.encode(asked.outlet.profile.encoding, "xmlcharrefreplace"), asked.now)
        return _compressed(asked, Answer(status, body, (("Content-Type", _html_type(asked.outlet)),)))

    # Pages that are kept, and validated

    def _html(
        self, asked: _Asked, key: tuple[object, ...], write: Callable[[], str], changed: datetime | None = None
    ) -> Answer:
        def encoded() -> tuple[bytes, str]:
            return write().encode(asked.outlet.profile.encoding, "xmlcharrefreplace"), _html_type(asked.outlet)

        return self._written(asked, key, encoded, changed)

    def _written(
        self,
        asked: _Asked,
        key: tuple[object, ...],
        write: Callable[[], tuple[bytes, str]],
        changed: datetime | None = None,
    ) -> Answer:
        """What `write` makes, made once for each `key`."""
        outlet, at = asked.outlet, asked.at
        name = (at.article.number, at.form, at.part) if isinstance(at, ArticleAt) else at
        place = (outlet.number, name, key)
        kept = self._kept.get(place)
        if kept is None:
            body, kind = write()
            tag = sha1(body, usedforsecurity=False).hexdigest()[:16]
            kept = self._kept[place] = _Kept(body, kind, tag, changed or outlet.changed_at(asked.now))
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(place)
        return _validated(asked, kept)

    # Failures that pass

    def _failure(self, outlet: Outlet, host: str, target: str) -> Answer | None:
        """The first time that something is asked for, it may go wrong where the host is in trouble."""
        if outlet.profile.trouble != "broken" or target == "/robots.txt":
            return None
        key = (host, target)
        before = self._asked.get(key, 0)
        self._asked[key] = before + 1
        share = _share(f"{self.world.seed}/{host}{target}")
        if before or share >= _BROKEN_SHARE:
            return None
        text = "<h1>500 Internal Server Error</h1><p>Database connection failed.</p>"
        match int(share / _BROKEN_SHARE * 4):
            case 0:
                return _page(500, text)
            case 1:
                return _page(502, text)
            case 2:
                return replace(_page(200, text), mishap="reset")
            case _:
                return replace(_page(200, text * 20), mishap="truncated")


def _validated(asked: _Asked, kept: _Kept) -> Answer:
    """The page, or that it is as it was, for an outlet that can tell."""
    headers, is_same = [("Content-Type", kept.kind)], False
    match asked.outlet.profile.validators:
        case "etag":
            headers.append(("ETag", f'"{kept.tag}"'))
            is_same = f'"{kept.tag}"' in asked.headers.get("if-none-match", "")
        case "modified":
            headers.append(("Last-Modified", format_datetime(kept.changed.astimezone(UTC), usegmt=True)))
            is_same = _not_since(kept.changed, asked.headers.get("if-modified-since"))
        case "weak":
            headers.append(("ETag", f'W/"{int(asked.now.timestamp() * 1000):x}"'))
        case "lying" if isinstance(asked.at, ArticleAt):
            headers.append(("ETag", _LIE))
            is_same = _LIE in asked.headers.get("if-none-match", "")
        case _:
            pass
    if is_same:
        return Answer(304, b"", tuple(headers[1:]))
    return _compressed(asked, Answer(200, _filled(kept.body, asked.now), tuple(headers)))


def _robots(outlet: Outlet) -> Answer:
    match outlet.profile.robots:
        case "missing":
            return _page(404, "<h1>404 Not Found</h1>")
        case "broken":
            return _page(500, "<h1>500 Internal Server Error</h1>")
        case _:
            kind = ("Content-Type", "text/plain; charset=utf-8")
            return Answer(200, robots(outlet).encode(), (kind, ("Cache-Control", "max-age=3600")))


def _share(text: str) -> float:
    """A number from 0 to 1 that belongs to a text."""
    return int.from_bytes(sha1(text.encode(), usedforsecurity=False).digest()[:6], "big") / 2**48


def _filled(body: bytes, now: datetime) -> bytes:
    """What changes with every visit, put where it belongs."""
    if b"@@" not in body:
        return body
    minute = int(now.timestamp() // 60)
    name = _ADVERTISERS[minute % len(_ADVERTISERS)]
    banner = f'<div class="advertisement ad-slot" id="ad-{minute % 997}"><a href="http://ads.example/{minute}">{name}</a></div>'
    for mark, text in ((ADS, banner), (VIEWS, str(minute % 100_000)), (AGO, str(1 + minute % 50))):
        body = body.replace(mark.encode(), text.encode())
    return body


def _compressed(asked: _Asked, answer: Answer) -> Answer:
    if asked.outlet.number % _GZIP_EVERY or "gzip" not in asked.headers.get("accept-encoding", ""):
        return answer
    headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(answer, body=gzip.compress(answer.body, 1, mtime=0), headers=headers)


def _not_since(changed: datetime, header: str | None) -> bool:
    try:
        since = parsedate_to_datetime(header or "")
    except (ValueError, TypeError):
        return False
    return changed < since + timedelta(seconds=1)


def _html_type(outlet: Outlet) -> str:
    # Tables of the 2000s say it in the page alone.
    return "text/html" if outlet.profile.theme == "tables" else f"text/html; charset={outlet.profile.encoding}"


def _page(status: int, text: str) -> Answer:
    body = f"<!DOCTYPE html>\n<html><head><title>{status}</title></head><body>{text}</body></html>\n".encode()
    return Answer(status, body, (("Content-Type", "text/html; charset=utf-8"),))


def _redirect(status: int, url: str) -> Answer:
    return Answer(status, b"", (("Location", url),))
