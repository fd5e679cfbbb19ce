"""A browser that tells what hostile pages did in it, and the servers that they are shown by and would talk to.

Pages are shown twice. In frames, without the headers that tell a browser to hold a page back (policy, sandbox): what is
seen then is what escaping and rewriting are worth by themselves, and of many pages at a time. And in windows, as the
server sends them.
"""

from __future__ import annotations

import http.server
import re
import socket
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from benchmarks.injections import RAN
from scraper.fetch.browser import find_program
from scraper.settings import FetchSettings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page, Request

FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
    "--disable-gpu",
)
_HOLDING = frozenset(
    b"content-security-policy x-frame-options content-disposition cross-origin-opener-policy".split()
)  # cross-origin-resource-policy holds back others, not the page itself
_NEVER_SENT = frozenset(b"set-cookie refresh x-ran access-control-allow-origin".split())
_HARNESS = "/harness"
_NUMBER = re.compile(r"(?<!\d)735[7-9]\d{3}(?!\d)|(?<!\d)736\d{4}(?!\d)")
_TABS = 8
_PATIENCE = 10
"""Times that a window is brought back."""
_REST = 20
"""Milliseconds in which a window that was brought back has to stay."""
"""Windows that are used in turns: what a page does late is seen while others are opened."""
SETTLED = 150
"""Milliseconds that frames are left alone when they have come."""

# In every frame before anything else in it runs: what strings call tells so, and does nothing.
_HOOKS = """
(() => {
  const tell = (how) => (...given) => { console.log('ran ' + how + ' ' + given.join(' ')); return null };
  for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) self[name] = tell(name);
  for (const [object, name] of [[self, 'ran'], [Document.prototype, 'title']]) {
    const before = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, { configurable: true, get: before && before.get, set: tell(name) });
  }
})();
"""

# What of a document is no markup of its server's. `kind` says whose it is.
_SCAN = """
(document, kind) => {
  const never = new Set(`script iframe frame frameset object embed applet portal fencedframe base template marquee
    img image picture video audio track source math animate set use foreignObject handler style link noscript xmp
    plaintext bgsound isindex x-y slot`.split(/\\s+/));
  const allowed = {
    ours: ['link'], frames: ['link', 'iframe'], tables: ['link', 'script', 'style', 'template'],
    replay: ['style', 'img', 'image', 'picture', 'source', 'video', 'audio', 'track', 'math', 'use', 'x-y', 'slot',
      'marquee'],
  }[kind];
  const found = [];
  for (const element of document.querySelectorAll('*')) {
    const tag = element.localName;
    if (never.has(tag) && !allowed.includes(tag)) found.push(`<${tag}>`);
    if (tag === 'meta' && /refresh|set-cookie|link/i.test(element.httpEquiv)) found.push('<meta http-equiv>');
    if (tag === 'script' && /735[7-9]\\d{3}/.test(element.textContent)) found.push('<script> with a string in it');
    for (const { name, value } of element.attributes) {
      const plain = value.replace(/[\\0-\\x20]/g, '').toLowerCase();
      const where = `<${tag} ${name}=${value.slice(0, 80)}>`;
      if (/^on/i.test(name) && !(kind === 'tables' && !/735[7-9]\\d{3}|127\\.0\\.0\\.1/.test(value))) found.push(where);
      if (name === 'srcdoc' || name === 'ping' || name === 'formaction') found.push(where);
      if (/^(href|src|action|data|background|poster|xlink:href|cite)$/.test(name)
          && /^(javascript|vbscript|data|blob|filesystem|file|feed|jar|view-source|livescript|mocha):/.test(plain)
          && !(kind === 'replay' && name === 'src' && /^data:(,|image\\/|font\\/)/.test(plain))) found.push(where);
      if (kind === 'replay' && /^(src|background|poster|data|srcset|action)$/.test(name)
          && plain !== '' && !/^data:/.test(plain)) found.push(where);
    }
  }
  return found;
}
"""

_SHOW = """
async ([paths, kinds, settled]) => {
  const scan = SCAN;
  document.body.replaceChildren();
  const come = paths.map((path) => new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.width = 700, frame.height = 40;
    frame.onload = () => done(frame);
    setTimeout(() => done(frame), 10000);
    frame.src = path;
    document.body.append(frame);
  }));
  const frames = await Promise.all(come);
  await new Promise((done) => setTimeout(done, settled));
  return frames.map((frame, index) => {
    const inside = frame.contentDocument;
    if (inside === null) return [['led away'], ''];
    const heading = inside.querySelector('h1');
    return [kinds[index] === 'data' ? [] : scan(inside, kinds[index]), heading ? heading.textContent : ''];
  });
}
""".replace("SCAN", _SCAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page that is looked at."""

    path: str
    """Its address without the origin, percent-encoded."""
    kind: str = "ours"
    """Whose markup it is: `ours`, `frames` (ours with a frame), `tables` (Datasette's), `replay`, `data` (nobody's)."""
    name: str = ""
    """What it is called in the report."""
    heading: str | None = None
    """What its first heading has to say, where that is known."""


@dataclass(slots=True)
class Seen:
    """What became of some visits."""

    loads: int = 0
    ran: list[str] = field(default_factory=list)
    """What was executed."""
    asked: list[str] = field(default_factory=list)
    """Addresses that are not ours and were asked for, or led to."""
    read: list[str] = field(default_factory=list)
    """Addresses of ours that no page of ours asks for."""
    markup: list[str] = field(default_factory=list)
    """Elements and attributes that no page of ours has."""
    said_otherwise: list[str] = field(default_factory=list)
    """Headings that do not say what they should."""
    headers: list[str] = field(default_factory=list)
    """Header fields that no answer of ours has."""
    kept: list[str] = field(default_factory=list)
    """What was left in the browser: cookies, storage."""
    broke: list[str] = field(default_factory=list)
    """Addresses at which there was an error of the server: what should have been seen was not shown."""

    @property
    def held(self) -> bool:
        lists = (self.ran, self.asked, self.read, self.markup, self.said_otherwise, self.headers, self.kept, self.broke)
        return not any(lists)


# --- Servers ---------------------------------------------------------------------------------------------------------


class Canary(http.server.ThreadingHTTPServer):
    """Whoever strings want to talk to. It listens, and answers anything with nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.heard: list[str] = []
        self.connections = 0
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Listener(http.server.BaseHTTPRequestHandler):
    server: Canary

    def _hear(self) -> None:
        self.server.heard.append(f"{self.command} {self.path[:200]}")
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_HEAD = do_OPTIONS = _hear

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Port:
    """An application on a port, and what it was asked for. Bare, it sends none of the headers that hold pages back."""

    def __init__(self, app: Any, *, bare: bool) -> None:
        self.asked: list[str] = []
        self.odd_headers: list[str] = []
        self.broke: list[str] = []
        self.url = ""
        self._app = app
        self._bare = bare

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["raw_path"].decode("latin-1")
        if self._bare and path == _HARNESS:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": b"<!doctype html><body>"})
            return
        query = scope["query_string"].decode("latin-1")
        asked = path + (f"?{query}" if query else "")
        self.asked.append(asked)

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                fields = message["headers"]
                odd = [f"{name.decode()}: {value.decode('latin-1')}" for name, value in fields if name in _NEVER_SENT]
                self.odd_headers += odd
                if message["status"] >= 500:
                    self.broke.append(asked)
                if self._bare:
                    fields = [(name, value) for name, value in fields if name not in _HOLDING]
                message = {**message, "headers": fields}
            await send(message)

        await self._app(scope, receive, answer)


@contextmanager
def on_a_port(app: Any, *, bare: bool) -> Iterator[Port]:
    """Serve `app` on 127.0.0.1 from a thread until the block ends."""
    import uvicorn

    port = Port(app, bare=bare)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            port, lifespan="off", ws="none", log_level="error", access_log=False, h11_max_incomplete_event_size=200_000
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(10)


# --- The browser -----------------------------------------------------------------------------------------------------


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises ConfigError where there is none."""
    from playwright.sync_api import sync_playwright

    program = find_program(FetchSettings())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """A browser's windows, with all that happens in them written down."""

    def __init__(self, browser: Browser, canary: Canary, ports: Sequence[Port]) -> None:
        self.seen = Seen()
        self._canary = canary
        self._ports = ports
        self._context: BrowserContext = browser.new_context(service_workers="block", accept_downloads=True)
        self._context.add_init_script(_HOOKS)
        self._context.on("request", lambda request: self._asked(request.url))
        self._context.on("requestfailed", self._refused)
        self._context.on("page", self._opened)
        self._tabs: list[Page] = []
        self._turn = 0
        self._ours: list[Page] = []

    def close(self) -> None:
        self._context.close()

    # What happens

    def _asked(self, url: str) -> None:
        ours = tuple(f"{port.url}/" for port in self._ports)
        if not url.startswith((*ours, "data:", "blob:", "about:", "file:")):
            self.seen.asked.append(url[:200])

    def _refused(self, request: Request) -> None:
        # What a policy forbids is told as a request, too, but nobody is asked.
        if request.failure == "csp" and request.url[:200] in self.seen.asked:
            self.seen.asked.remove(request.url[:200])

    def _opened(self, page: Page) -> None:
        page.on("console", lambda message: self._said(message.text))
        page.on("dialog", self._dialog)
        page.on("download", lambda download: self.seen.ran.append(f"a download: {download.url[:100]}"))
        page.on("popup", lambda popup: self.seen.ran.append(f"a window: {popup.url[:100]}"))

    def _said(self, text: str) -> None:
        if text.startswith("ran ") or (text.isdigit() and _NUMBER.fullmatch(text)):
            self.seen.ran.append(text[:200])

    def _dialog(self, dialog: Any) -> None:
        self.seen.ran.append(f"{dialog.type} {dialog.message[:100]}")
        dialog.dismiss()

    # Looking

    def frames(self, port: Port, visits: Sequence[Visit], *, at_once: int = 24) -> Seen:
        """Look at pages in frames of one window, some at once."""
        self._begin()
        page = self._window()
        for start in range(0, len(visits), at_once):
            some = visits[start : start + at_once]
            self._in_place(page, port)
            for visit, shown in zip(some, self._shown(page, some), strict=True):
                self._judge(visit, *shown)
            self.seen.loads += len(some)
        self._in_place(page, port)
        self.seen.kept += page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
        return self._end([port], visits)

    def _in_place(self, page: Page, port: Port) -> None:
        """Have the window show the frames' own page: what is in a frame may have led it elsewhere, or be about to."""
        from playwright.sync_api import Error

        for left in reversed(range(_PATIENCE)):
            try:
                if page.url != f"{port.url}{_HARNESS}":
                    page.goto(f"{port.url}{_HARNESS}")
                page.wait_for_timeout(_REST)
                if page.url == f"{port.url}{_HARNESS}":
                    return
            except Error as error:
                self.seen.ran.append(f"led the window away: {str(error)[:100]}")
                if not left:
                    raise

    def _shown(self, page: Page, visits: Sequence[Visit]) -> list[tuple[list[str], str]]:
        from playwright.sync_api import Error

        try:
            given = [[visit.path for visit in visits], [visit.kind for visit in visits], SETTLED]
            return [tuple(one) for one in page.evaluate(_SHOW, given)]
        except Error as error:
            # The window itself was led elsewhere: by one of these pages.
            self.seen.ran.append(f"led the window away: {str(error)[:100]}")
            return [([], "")] * len(visits)

    def _judge(self, visit: Visit, markup: list[str], heading: str) -> None:
        self.seen.markup += [f"{visit.path[:80]}: {one}" for one in markup]
        if visit.heading is not None and " ".join(heading.split()) != visit.heading:
            self.seen.said_otherwise.append(f"{visit.path}: {heading[:80]!r}, not {visit.heading[:80]!r}")

    def windows(self, port: Port, visits: Sequence[Visit]) -> Seen:
        """Look at pages as they are sent, each in a window of its own for a while."""
        self._begin()
        for visit in visits:
            self._look(f"{port.url}{visit.path}", visit)
        return self._end([port], visits)

    def files(self, paths: Sequence[Path]) -> Seen:
        """Look at saved pages."""
        self._begin()
        for path in paths:
            self._look(path.as_uri(), Visit(path=path.name, kind="replay"))
        return self._end([], [])

    def _look(self, url: str, visit: Visit) -> None:
        from playwright.sync_api import Error

        page = self._window()
        try:
            page.goto(url, wait_until="load", timeout=20_000)
        except Error as error:
            if "Download is starting" not in str(error):
                self.seen.ran.append(f"{url[:100]} did not come: {str(error)[:80]}")
            return
        self.seen.loads += 1
        if visit.kind != "data":
            frames = page.frames if visit.kind == "frames" else [page.main_frame]
            for frame in frames:
                self._scan(frame, visit, "replay" if frame is not page.main_frame else visit.kind)

    def _scan(self, frame: Frame, visit: Visit, kind: str) -> None:
        from playwright.sync_api import Error

        try:
            found = frame.evaluate(f"(kind) => ({_SCAN})(document, kind)", kind)
        except Error as error:
            found = [f"led away: {str(error)[:80]}"]
        self.seen.markup += [f"{visit.path[:80]}: {one}" for one in found]

    def _window(self) -> Page:
        if len(self._tabs) < _TABS:
            self._tabs.append(self._context.new_page())
        self._turn = (self._turn + 1) % len(self._tabs)
        return self._tabs[self._turn]

    # Accounts

    def _begin(self) -> None:
        self.seen = Seen()
        self._canary.heard.clear()
        self._canary.connections = 0
        for port in self._ports:
            port.asked.clear()
            port.odd_headers.clear()
            port.broke.clear()

    def _end(self, ports: Sequence[Port], visits: Sequence[Visit]) -> Seen:
        for tab in self._tabs:
            tab.wait_for_timeout(20)
        expected = {_plain(path) for visit in visits for path in _asked_by(visit.path)}
        for port in ports:
            self.seen.headers += port.odd_headers
            self.seen.broke += port.broke
            self.seen.read += [path for path in port.asked if not _is_file(path) and _plain(path) not in expected]
        self.seen.asked += [f"the canary: {one}" for one in self._canary.heard]
        if self._canary.connections > len(self._canary.heard):
            self.seen.asked.append(f"{self._canary.connections - len(self._canary.heard)} connections to the canary")
        self.seen.kept += [f"cookie {cookie.get('name')}" for cookie in self._context.cookies()]
        self._context.clear_cookies()
        return self.seen


def _asked_by(path: str) -> Iterator[str]:
    """What a page of ours asks for besides files: itself, and what stands in its frame."""
    yield path
    if re.match(r"/web/\d{14}/", path):
        yield re.sub(r"^(/web/\d{14})/", r"\1mp_/", path)
    if path.endswith("/explain"):
        yield f"{path}/page"


def _plain(path: str) -> str:
    # Datasette leads addresses that are escaped in its way from those that are escaped in the usual one.
    usual = re.sub(r"~([0-9A-F]{2})", r"%\1", path)
    return unquote(urlsplit(usual)._replace(fragment="").geturl())


def _is_file(path: str) -> bool:
    return path.startswith(("/-/web/", "/-/static/", "/web/static/")) or path == "/favicon.ico"


def numbers_in(lines: Sequence[str]) -> set[int]:
    """The strings that tell of themselves in what was written down."""
    found = {int(number) - RAN for line in lines for number in _NUMBER.findall(line)}
    return found | {int(number) for line in lines for number in re.findall(r"/x(\d{1,5})(?!\d)", line)}
