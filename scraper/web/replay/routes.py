"""The addresses of replay, as Datasette takes them: a list of patterns and views (`Views.routes`)."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, cast

from datasette.utils.asgi import Response

from scraper.errors import BlobCorrupt, NotInArchive, ScrapeError, UsageError
from scraper.rewriting.pages import Rewritten
from scraper.web.messages import Messages
from scraper.web.replay import timemaps, views
from scraper.web.replay.addresses import Addresses, Kind, language_in, moment_of, stamp_of, url_in
from scraper.web.replay.documents import suffix_of
from scraper.web.replay.files import HEAD, Provenance, head_of_file, link_out, link_within, notes_on, top_of_file
from scraper.web.replay.headers import (
    Fields,
    asked_time,
    memento_headers,
    name_of,
    original_headers,
    policy,
    saved_as,
    timegate_headers,
)
from scraper.web.replay.serving import Replay, Shown
from scraper.web.replay.views import Problem
from scraper.web.replay.wording import messages_for, messages_in

View = Callable[..., Awaitable[Response]]

PREFIX = "/web/"
"""What all addresses of replay begin with."""
_HTML = "text/html; charset=utf-8"
# Of errors those that browsers only show; others they would act upon.
_TOLD = frozenset((403, 404, 410, 451, 500, 502, 503))


class Views:
    """The views over one archive's replay."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    @property
    def routes(self) -> list[tuple[str, View]]:
        """For `register_routes`; the more particular ones come first."""
        return [
            (r"/web/static/replay\.css$", style),
            (r"/web/timemap/(?P<form>link|json)/(?P<url>.+)$", self.timemap),
            (r"/web/timegate/(?P<url>.+)$", self.timegate),
            (r"/web/(?:\*|%2[Aa])/(?P<url>.+)$", self.captures),
            (r"/web/(?P<stamp>\d{4,14})(?P<kind>mp_|id_|sf_|pr_)?/(?P<url>.+)$", self.capture),
            (r"/web/(?P<url>(?:https?:|[^/]+\.).+)$", self.capture),
        ]

    async def capture(self, datasette: Any, request: Any) -> Response:
        """One capture, in whatever form its address asks for."""
        visit = _Visit(datasette, request)
        stamp, kind = visit.part("stamp"), cast(Kind, visit.part("kind"))
        moment = moment_of(stamp) if stamp else None
        if visit.url is None or (stamp and moment is None):
            return visit.bad_address()
        found = await self._replay.find(visit.url, moment)
        if found is None and visit.takes_language():
            found = await self._replay.find(visit.url, moment)
        if found is None:
            return visit.problem(404, "replay.nothing", command=_command(visit.url))
        exact = stamp_of(found.this.fetched_at)
        if stamp != exact or (kind == "mp_" and visit.is_whole_window):
            kind = "" if kind == "mp_" and visit.is_whole_window else kind
            return visit.redirect(visit.addresses.capture(found.this.fetched_at, visit.url, kind), found)
        if kind == "":
            status = found.this.status or 404
            status = status if status in _TOLD else 200
            return visit.page(views.frame(visit.words, visit.addresses, visit.url, found), "frame", found, status)
        return await self._content(visit, found, kind)

    async def captures(self, datasette: Any, request: Any) -> Response:
        """The list of all captures of an address."""
        visit = _Visit(datasette, request)
        if visit.url is None:
            return visit.bad_address()
        listed = await self._replay.list(visit.url, answers=False, limit=views.MOST_ROWS + 1)
        if not listed and visit.takes_language():
            listed = await self._replay.list(visit.url, answers=False, limit=views.MOST_ROWS + 1)
        if not listed:
            return visit.problem(404, "replay.nothing", command=_command(visit.url))
        return visit.page(views.captures(visit.words, visit.addresses, visit.url, listed), "ours")

    async def timemap(self, datasette: Any, request: Any) -> Response:
        """The same for programs."""
        visit = _Visit(datasette, request)
        if visit.url is None:
            return visit.bad_address()
        listed = await self._replay.list(visit.url, answers=True)
        if not listed:
            return visit.problem(404, "replay.nothing")
        if visit.part("form") == "json":
            body, kind = timemaps.as_json(visit.url, listed, visit.whole_addresses), "application/json"
        else:
            body, kind = timemaps.link_format(visit.url, listed, visit.whole_addresses), timemaps.LINK_TYPE
        return Response(body, 200, policy("data"), kind)

    async def timegate(self, datasette: Any, request: Any) -> Response:
        """To the capture nearest to the time of Accept-Datetime."""
        visit = _Visit(datasette, request)
        if visit.url is None:
            return visit.bad_address()
        try:
            moment = asked_time(request.headers)
        except (ValueError, TypeError, IndexError):
            return visit.bad_address()
        found = await self._replay.find(visit.url, moment)
        if found is None or not found.this.is_answer:
            return visit.problem(404, "replay.nothing", headers=timegate_headers(visit.url, visit.whole_addresses))
        fields = timegate_headers(visit.url, visit.whole_addresses, found.around)
        location = visit.whole_addresses.capture(found.this.fetched_at, visit.url)
        return Response("", 302, {**policy("data"), **fields, "Location": location}, "text/plain; charset=utf-8")

    # --- What a capture holds ----------------------------------------------------------------------------------------

    async def _content(self, visit: _Visit, found: Shown, kind: Kind) -> Response:
        if found.content.sha256 is None:
            return visit.problem(404, "replay.no_body", in_frame=kind == "mp_")
        try:
            if kind == "id_":
                return visit.saved(await self._replay.body(found), found)
            document = await self._replay.document(found.content)
        except ScrapeError as error:
            return visit.unreadable(error, in_frame=kind == "mp_")
        if document is None:
            return visit.unshowable(found)
        if kind == "sf_":
            return visit.file(document, found)
        held = await self._replay.held(document)
        return visit.replayed(document, found, held, alone=kind == "pr_")


class _Visit:
    """A request, and the answers to it."""

    def __init__(self, datasette: Any, request: Any) -> None:
        self._parts: dict[str, str | None] = request.url_vars
        self._request = request
        base = str(datasette.setting("base_url")).rstrip("/")
        self.words: Messages = messages_for(request.headers.get("accept-language", ""))
        self.addresses = Addresses(base)
        self.whole_addresses = Addresses(f"{request.scheme}://{request.host}{base}")
        self.url: str | None = self._url_with(request.query_string)
        """The captured address that is asked for; None for what is none."""

    def takes_language(self) -> bool:
        """Whether the address ends in a language; then that is spoken, and `url` is the address without it.

        To be asked when there is no capture of the whole one: it may be a page's own.
        """
        query, language = language_in(self._request.query_string)
        if not language:
            return False
        self.words = messages_in(language)
        self.addresses = replace(self.addresses, language=language)
        self.url = self._url_with(query) or self.url
        return True

    def _url_with(self, query: str) -> str | None:
        try:
            return url_in(self.part("url"), query)
        except UsageError:
            return None

    def part(self, name: str) -> str:
        return self._parts.get(name) or ""

    @property
    def is_whole_window(self) -> bool:
        """Whether a browser asks for a page of its own, not for what stands in a frame."""
        return bool(self._request.headers.get("sec-fetch-dest") == "document")

    # Pages of ours

    def page(self, body: bytes, kind: str, found: Shown | None = None, status: int = 200) -> Response:
        return Response(body, status, {**policy(kind), **self._memento(found)}, _HTML)

    def problem(
        self,
        status: int,
        key: str,
        *,
        why: str = "",
        command: str = "",
        save: str = "",
        in_frame: bool = False,
        headers: Fields | None = None,
        **values: str,
    ) -> Response:
        """A page that says why there is nothing to show. In a frame its links would stand beside the frame's own."""
        said = tuple(text for text in (self.words.say(key, **values), why) if text)
        url = self.url or ""
        lists = self.addresses.all(url) if url and not in_frame and not command else ""
        what = Problem(said=said, url="" if in_frame else url, command=command, save=save, all=lists)
        # What stands in the frame is in its sandbox, and can load nothing.
        body = views.problem(self.words, self.addresses, what, style=_style().decode() if in_frame else "")
        return Response(body, status, {**policy("framed" if in_frame else "ours"), **(headers or {})}, _HTML)

    def bad_address(self) -> Response:
        return self.problem(400, "replay.bad_address")

    def unreadable(self, error: ScrapeError, *, in_frame: bool) -> Response:
        if isinstance(error, NotInArchive):
            return self.problem(404, "replay.removed", in_frame=in_frame)
        if isinstance(error, BlobCorrupt):
            return self.problem(500, "replay.damaged", in_frame=in_frame)
        return self.problem(500, "replay.unreadable", in_frame=in_frame, why=str(error))

    def unshowable(self, found: Shown) -> Response:
        content = found.content
        return self.problem(
            200,
            "replay.unshowable",
            in_frame=True,
            save=self._address(found, "id_"),
            type=(content.content_type or self.words.say("replay.unknown_type"))[:100],
            size=self.words.number(content.size or 0),
        )

    def redirect(self, location: str, found: Shown) -> Response:
        fields = {**policy("data"), "Location": location, "Link": self._memento(found)["Link"]}
        return Response("", 302, fields, "text/plain; charset=utf-8")

    # Captured ones

    def saved(self, body: bytes, found: Shown) -> Response:
        """The bytes as they were received, under a type that nothing opens."""
        name = name_of(found.this.final_url, found.this.fetched_at) + suffix_of(body)
        fields = {**policy("data"), **self._memento(found), **original_headers(found.content), **saved_as(name)}
        return Response(body, 200, fields, "application/octet-stream")

    def replayed(self, document: Rewritten, found: Shown, held: set[str], *, alone: bool) -> Response:
        link = link_within(self.addresses, found.this.fetched_at, held, self.words.say)
        if alone:
            about = self._provenance(found)
            head = head_of_file(about, policy=False) + HEAD
            top = top_of_file(about, self.words.say, leads_out=False)
        else:
            head, top = HEAD, ""
        body = document.written(link, head=head, body=top + notes_on(document.notes, self.words.say))
        return self.page(body, "alone" if alone else "framed", found)

    def file(self, document: Rewritten, found: Shown) -> Response:
        about = self._provenance(found)
        top = top_of_file(about, self.words.say, leads_out=True) + notes_on(document.notes, self.words.say)
        body = document.written(link_out, head=head_of_file(about), body=top)
        name = f"{name_of(found.this.final_url, found.this.fetched_at)}.html"
        fields = {**policy("alone"), **self._memento(found), **saved_as(name)}
        return Response(body, 200, fields, _HTML)

    def _provenance(self, found: Shown) -> Provenance:
        return Provenance(found.this.final_url, found.this.fetched_at, found.content.sha256)

    def _address(self, found: Shown, kind: Kind) -> str:
        return self.addresses.capture(found.this.fetched_at, self.url or "", kind)

    def _memento(self, found: Shown | None) -> Fields:
        if found is None or self.url is None:
            return {}
        return memento_headers(found.around, self.url, self.whole_addresses)


def _command(url: str) -> str:
    """What archives an address, as it is typed in a shell."""
    return f"scrape url {shlex.quote(url)}"


async def style() -> Response:
    return Response(_style(), 200, policy("data"), "text/css; charset=utf-8")


@cache
def _style() -> bytes:
    return files(__package__).joinpath("replay.css").read_bytes()
