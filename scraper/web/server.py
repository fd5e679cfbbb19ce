"""The web interface as a whole: Datasette with our pages, behind its guard, on a port of this machine."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.web import plugin
from scraper.web.application import Application
from scraper.web.guard import OURS, Guard, OwnPolicy, datasette_policy
from scraper.web.pages.explain import CAPTURES
from scraper.web.reading import Clock, Readers, now
from scraper.web.rendering import STATIC
from scraper.web.replay.headers import OWN_HEADERS
from scraper.web.replay.routes import PREFIX
from scraper.web.sql import CancelDeparted
from scraper.web.visits import Route

_INLINE = re.compile(r"<script(?: type=\"module\")?>(.*?)</script>", re.DOTALL)
_GRACE = 3
"""Seconds that answers under way are given when the server is to end."""


@dataclass(frozen=True, slots=True)
class Web:
    """The web interface over one archive."""

    application: Application
    app: Guard
    """What a server of ASGI runs."""

    def close(self) -> None:
        self.application.close()


def web(
    path: Path,
    *,
    names: Iterable[str] = (),
    more_routes: Sequence[Route] = (),
    selectors: Path | None = None,
    clock: Clock = now,
) -> Web:
    """The web interface over the archive at `path`; `names` are hosts it answers for besides loopback ones.

    `more_routes` are pages besides ours; `selectors` is the folder of site files that pages are explained by (None: the
    packaged ones). `clock` says what day it is.
    Raises ArchiveMissing, NotAnArchive, ArchiveTooNew or ArchiveNotWritable.
    """
    plugin.install()
    application = Application(Readers(path, clock=clock), more_routes=more_routes, selectors=selectors)
    guard = Guard(
        CancelDeparted(application.app()),
        names=names,
        datasette_policy=datasette_policy(_inline_scripts(application)),
        own_policies=[OwnPolicy(PREFIX, OWN_HEADERS), OwnPolicy(CAPTURES, OWN_HEADERS, otherwise=OURS)],
        lasting=STATIC,
    )
    return Web(application, guard)


def _inline_scripts(application: Application) -> Iterator[str]:
    """Hashes of the scripts that stand in Datasette's templates, as a Content-Security-Policy names them."""
    environment = application.jinja_env
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0]
        for written in _INLINE.findall(source):
            # One says whether facets are allowed; what else is filled in from a request is not admitted.
            script = written.replace("{{ datasette_allow_facet }}", "true")
            if "{{" not in script and "{%" not in script:
                digest = hashlib.sha256(script.encode()).digest()
                yield f"sha256-{base64.b64encode(digest).decode()}"


def serve(web: Web, listener: socket.socket) -> None:
    """Answer until SIGINT or SIGTERM, which are raised again when the last answer was given."""
    import uvicorn

    config = uvicorn.Config(
        web.app,
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    uvicorn.Server(config).run(sockets=[listener])
