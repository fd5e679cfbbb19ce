"""The demo's web server: HTTP/1.1 on the loopback interface, in a thread, for as long as a `with` block lasts."""

from __future__ import annotations

import gzip
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from scraper.demo.pages import HOSTS, HTML, PAGES, ROBOTS, Page, find, read

_LOOPBACK = "127.0.0.1"
_NOT_FOUND = b"<!DOCTYPE html><title>404 Not Found</title><h1>Not Found</h1>\n"
_MOVED = '<!DOCTYPE html><title>301 Moved Permanently</title><p>The page is <a href="{}">here</a>.</p>\n'


class DemoSite:
    """The demo's web while a `with` block lasts. Every host's pages come from one port of 127.0.0.1.

    The page is chosen by Host header and path, so a client needs only to be led here: see `connect_to`.
    """

    def __init__(self) -> None:
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        server = self._server = _Server((_LOOPBACK, 0), _Handler)
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-site", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, thread = self._running(), self._thread
        server.shutdown()
        if thread is not None:
            thread.join()
        server.server_close()
        server.hang_up()
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """The ephemeral TCP port. Raises RuntimeError outside the `with` block."""
        return int(self._running().server_address[1])

    @property
    def urls(self) -> tuple[str, ...]:
        """Every page's address in order, without port: redirect, section and error pages too."""
        return tuple(page.url for page in PAGES)

    @property
    def connect_to(self) -> tuple[str, ...]:
        """As curl's --connect-to (and `FetchSettings.connect_to`): any host and port lead to this server."""
        return (f"::{_LOOPBACK}:{self.port}",)

    def edit(self) -> tuple[str, ...]:
        """From now on serve the edited versions; the addresses whose pages changed."""
        self._running().edited = True
        return tuple(page.url for page in PAGES if page.edited_file)

    def _running(self) -> _Server:
        if self._server is None:
            raise RuntimeError("The demo site is not running: use it as `with DemoSite() as site:`")
        return self._server


class _Server(ThreadingHTTPServer):
    """Keeps count of its connections, so that closing it also ends the idle ones that clients keep alive."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.edited = False
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: it looks up the name of 127.0.0.1, which takes seconds on some machines.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _LOOPBACK, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def hang_up(self) -> None:
        """End every connection and wait until its thread has closed the socket, two seconds at most."""
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster
            self._changed.wait_for(lambda: not self._open, timeout=2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up in the middle is not worth a traceback on the terminal of the demo.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        host, target = self._address()
        if target == "/robots.txt" and host in HOSTS:
            self._answer(200, "text/plain; charset=UTF-8", ROBOTS)
            return
        page = find(host, target)
        if page is None:
            self._answer(404, HTML, _NOT_FOUND)
        elif page.redirect is not None:
            moved = _MOVED.format(page.redirect).encode()
            self._answer(page.status, HTML, moved, (("Location", page.redirect), *page.headers))
        else:
            self._answer(page.status, page.content_type, self._body(page), page.headers)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal belongs to whoever started the demo."""

    def _address(self) -> tuple[str, str]:
        """Host (lower case, without port) and target. A target in absolute form, as proxies send it, wins over Host."""
        if self.path.startswith(("http://", "https://")):
            parts = urlsplit(self.path)
            return parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = self.headers.get("Host", "").rpartition("@")[2].partition(":")[0]
        return host.strip().lower().rstrip("."), self.path

    def _body(self, page: Page) -> bytes:
        edited = page.edited_file if self.server.edited else None
        return read(edited or page.file or "")

    def _answer(self, status: int, content_type: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        zipped = _accepts_gzip(self.headers.get("Accept-Encoding", ""))
        if zipped:
            body = gzip.compress(body, mtime=0)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in headers:
            self.send_header(name, value)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _accepts_gzip(accept_encoding: str) -> bool:
    """Whether the header names gzip with a weight above zero. A bare `*` is not taken for a wish."""
    for choice in accept_encoding.lower().split(","):
        name, _, weight = choice.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
