"""Our pages as a plugin of Datasette: their addresses, its tables' links to them, and one way to tell of errors.

A page is a module in `pages/`: see there.
"""

from __future__ import annotations

import html
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import quote

from datasette import Response
from datasette.plugins import DEFAULT_PLUGINS, pm
from datasette.utils.asgi import Base400, Forbidden
from datasette.views.base import DatasetteError
from markupsafe import Markup
from pluggy import HookimplMarker

from scraper.errors import NotInArchive, ScrapeError, UsageError
from scraper.store import Archive
from scraper.web.application import DATABASE, Application
from scraper.web.pages import ROUTES, ROW_PAGES
from scraper.web.rendering import NAVIGATION, STATIC, error_page, static_files, status_of
from scraper.web.visits import Answer, Part, Route, Visit, Waiting

hookimpl = HookimplMarker("datasette")
_LOG = logging.getLogger(__name__)
_View = Callable[..., Awaitable[Any]]

_ELEMENT = re.compile(r"<(script|style|textarea)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)

# What Datasette has besides the database: how it is set up, who is logged in, where its files are. Nobody's business
# here. And its own front page, as JSON.
_CLOSED = (r"/-/(?!static/|web/).*", r"/\.jsono?$", r"/_internal(/.*|\..*)?$", r"/_memory(/.*|\..*)?$", r"/:memory:.*")


def install() -> None:
    """Make Datasette ours: with this plugin, and without any that just happens to be installed.

    Its own way of telling errors goes, too: it prints the state of the whole program for every address that is not
    there.
    """
    for plugin, _ in pm.list_plugin_distinfo():
        if pm.is_registered(plugin) and pm.get_name(plugin) not in DEFAULT_PLUGINS:
            pm.unregister(plugin)
    if pm.has_plugin("datasette.handle_exception"):
        pm.unregister(name="datasette.handle_exception")
    if not pm.has_plugin(_Plugin.__name__):
        pm.register(_Plugin(), name=_Plugin.__name__)


class _Plugin:
    # Datasette looks for files beside the module of this name: there is none.
    __name__ = "news-archiver-pages"

    @hookimpl
    def register_routes(self, datasette: Any) -> list[tuple[str, _View]]:
        if not isinstance(datasette, Application):
            return []
        return [
            (rf"{STATIC}[0-9a-f]+/(?P<name>[a-z0-9._-]+)$", _static),
            *((f"{route.pattern}$", _view(datasette, route)) for route in (*ROUTES, *datasette.more_routes)),
            *datasette.replay_routes,
            *((pattern, _nothing_there) for pattern in _CLOSED),
        ]

    @hookimpl
    def render_cell(self, row: Any, value: Any, column: str, table: str | None, database: str) -> Markup | None:
        """Numbers of articles, captures and the like lead to their pages."""
        if database != DATABASE or table is None or value in (None, "") or isinstance(value, bytes):
            return None
        address = ROW_PAGES.get((table, column)) or ROW_PAGES.get(("*", column))
        if address is None:
            return None
        label = value["label"] if isinstance(value, dict) else value
        try:
            return Markup('<a href="{}">{}</a>').format(address.format_map(_Cells(row)), label)
        except (KeyError, IndexError):
            return None  # a row that was asked for without the columns that its address is made of

    @hookimpl
    def extra_css_urls(self, datasette: Any) -> list[str]:
        return [static_files().address("datasette.css")] if isinstance(datasette, Application) else []

    @hookimpl
    def extra_template_vars(self, datasette: Any, request: Any) -> dict[str, Any]:
        """For Datasette's templates: the way back to our pages, and words of ours."""
        if not isinstance(datasette, Application) or request is None:
            return {}
        visit = _visit(datasette, request, {})
        pages = [(visit.link(path), visit.say(f"navigation.{name}")) for name, path in NAVIGATION]
        return {"archive_pages": pages, "t": visit.say}

    @hookimpl
    def handle_exception(self, datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Response]]:
        async def tell() -> Response:
            status, said = _told(exception)
            if request.path.endswith(".json"):
                return Response.json({"ok": False, "error": str(said), "status": status}, status=status)
            if not isinstance(datasette, Application):
                return Response.text(str(said), status=status)
            return _response(error_page(_visit(datasette, request, {}), said), status=status)

        return tell


class _Cells:
    """The values of a row as parts of an address; of one that stands for another row, its number."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getitem__(self, name: str) -> str:
        value = self._row[name]
        return quote(str(value["value"] if isinstance(value, dict) else value), safe="")


def _told(exception: Exception) -> tuple[int, ScrapeError]:
    """The status of an exception, and what is said of it."""
    if isinstance(exception, ScrapeError):
        return status_of(exception), exception
    if isinstance(exception, Base400):
        status = int(exception.status)
        if status == 404:
            return 404, NotInArchive("There is no such page")
        return status, UsageError(str(exception))
    if isinstance(exception, Forbidden):
        return 403, UsageError(str(exception))
    if isinstance(exception, DatasetteError):
        what = exception.title or "The question could not be answered"
        message = str(exception.message)
        if exception.message_is_html:
            message = " ".join(html.unescape(_ELEMENT.sub(" ", message)).split())
        return int(exception.status or 500), UsageError(str(what), why=message)
    _LOG.error("internal error: %s", "".join(traceback.format_exception(exception)))
    return 500, ScrapeError("Something went wrong here", why=f"{type(exception).__name__}: {exception}")


# --- Views -----------------------------------------------------------------------------------------------------------


def _view(application: Application, route: Route) -> _View:
    async def view(request: Any, send: Any) -> Response | None:
        visit = _visit(application, request, request.url_vars)
        answer = await application.readers.ask(lambda archive: _shown(archive, visit, route))
        if isinstance(answer, Waiting):
            answer = await _awaited(application, visit, answer)
        if answer.parts is None:
            return _response(answer)
        await _send_parts(application, answer, send)
        return None

    return view


def _shown(archive: Archive, visit: Visit, route: Route) -> Answer | Waiting[Any]:
    try:
        return route.show(archive, visit)
    except ScrapeError as error:
        return error_page(visit, error)


async def _awaited(application: Application, visit: Visit, waiting: Waiting[Any]) -> Answer:
    try:
        found = await waiting.wait(application)
    except ScrapeError as error:
        return error_page(visit, error)
    return await application.readers.ask(lambda archive: waiting.then(archive, found))


def _visit(application: Application, request: Any, parts: dict[str, str | None]) -> Visit:
    headers = request.headers
    return Visit.of(
        path=request.path,
        parts=parts,
        query=request.query_string,
        accept_language=headers.get("accept-language", ""),
        origin=f"{request.scheme}://{headers.get('host', 'localhost')}",
        archive_path=application.readers.path,
        known_tags=headers.get("if-none-match", ""),
        in_frame=headers.get("sec-fetch-dest", "iframe") == "iframe",
    )


def _response(answer: Answer, *, status: int | None = None) -> Response:
    headers = dict(answer.headers)
    if answer.status != 304:  # of which it would be that of the whole answer
        headers["Content-Length"] = str(len(answer.body))
    return Response(answer.body, status or answer.status, headers, answer.content_type)


async def _send_parts(application: Application, answer: Answer, send: Any) -> None:
    """Piece by piece, each a question of its own: a long answer keeps no reader, and nothing open."""
    headers = [(b"content-type", answer.content_type.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    parts: Iterator[Part] = iter(answer.parts or ())
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    for part in parts:
        body = await application.readers.ask(part)
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _static(request: Any) -> Response:
    found = static_files().read(request.url_vars["name"])
    if found is None:
        return Response.text("There is no such file.\n", status=404)
    return _response(Answer(body=found[0], content_type=found[1]))


async def _nothing_there() -> Response:
    raise NotInArchive("There is no such page")
