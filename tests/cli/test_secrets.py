"""Every secret that scrape is given reaches whom it is for, and nothing and nobody else.

Many runs with more than forty planted secrets, and then a search of all that they left behind: each byte of the
archive, all that was printed, and each request that a server received. A secret that was never used would be found
nowhere either, so each is first looked for where it was to be sent.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
import trustme

from scraper.store import Archive
from tests.cli.running import Scrape
from tests.fetch.proxies import ProxyServer
from tests.fixtures import fixture
from tests.http_server import HttpServer, Request, head

# One worker makes all the runs, whose traces every test looks through.
pytestmark = pytest.mark.xdist_group("secrets")

ARTICLE = fixture("kherson-monitor/seed-with-metadata").page
HTML = "text/html; charset=UTF-8"


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{SECRETS[user]}:{SECRETS[password]}".encode()).decode()


NAMES = """
url user, url password, elsewhere user, elsewhere password, header user, header password, header key, header plan,
file cookie, file wide cookie, login name, login password, login token, login session, login step, redirect session,
page session, wrong login password, wrong login name, proxy user, proxy password, wrong proxy password,
unknown proxy password, environment user, environment password, netrc password, echoed token, echoed info,
dns password, refused password, tls password, ftp password, invalid password, slash password, bare password,
robots password, circle password, gopher password, shown password, saved password, option password, unset variable,
connect password, status password, list password
"""
SECRETS = {
    name.strip(): f"s3cr3t{number:02}-{'.'.join(name.split())}"
    for number, name in enumerate(NAMES.split(","), start=10)
}
SECRETS |= {
    "url header": basic("url user", "url password"),
    "elsewhere header": basic("elsewhere user", "elsewhere password"),
    "subscriber header": basic("header user", "header password"),
    "proxy header": basic("proxy user", "proxy password"),
}
# What must not be used at all: nothing is asked for with it, or whoever might be asked is never heard of.
NOT_TO_BE_USED = {
    "environment user", "environment password", "netrc password", "dns password", "refused password", "tls password",
    "ftp password", "invalid password", "slash password", "bare password", "robots password", "gopher password",
    "shown password", "saved password", "option password", "unset variable", "connect password", "list password",
    "unknown proxy password",
}  # fmt: skip
# Where a secret may be sent: the name of a host (all its ports and both schemes), or an origin.
MEANT_FOR = {
    name.strip(): places.split()
    for names, places in {
        "url user, url password, url header, circle password, status password": "http://basic.example",
        "elsewhere user, elsewhere password, elsewhere header": "http://elsewhere.example",
        "header user, header password, subscriber header, header key, header plan, file cookie": "paper.example",
        "file wide cookie": "paper.example www.paper.example",
        "login name, login password, login session, redirect session, page session": "members.example",
        "login token, login step": "members.example stranger.example",
        "wrong login name, wrong login password": "stranger.example",
        "proxy user, proxy password, proxy header, wrong proxy password": "proxy",
        "echoed token, echoed info": "",
    }.items()
    for name in names.split(",")
}


def spellings(value: str) -> list[bytes]:
    """As it is, as in a URL, as in a form, as in a header."""
    coded = base64.b64encode(value.encode()).decode().rstrip("=")
    return [text.encode() for text in {value, quote(value, safe=""), quote_plus(value), coded, json.dumps(value)[1:-1]}]


def holds(data: bytes, name: str) -> bool:
    return any(spelling in data for spelling in spellings(SECRETS[name]))


@dataclass
class Left:
    """What all the runs left behind."""

    printed: list[tuple[str, bytes]] = field(default_factory=list)
    """By the command that printed it."""
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Origin, path and all of each request, also of those to the proxy."""
    archive: Path = Path()
    trapped: int = 0
    """Connections to the proxy of the environment."""

    def sent_to(self, name: str) -> set[str]:
        """The origins that were sent a secret."""
        decoded = SECRETS[name]
        found = {origin for origin, _, data in self.received if holds(data, name)}
        for origin, _, data in self.received:  # what stands in an Authorization header
            for word in re.findall(rb"[A-Za-z0-9+/]{8,}={0,2}", data):
                with suppress(ValueError):
                    if decoded.encode() in base64.b64decode(word, validate=True):
                        found.add(origin)
        return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def _session(request: Request, writer: Any) -> None:
    """Back to the form when the password is wrong, else two cookies and a redirect."""
    right = quote_plus(SECRETS["login password"]).encode() in request.body
    cookies = [("Set-Cookie", f"sid={SECRETS['login session']}; Path=/; HttpOnly"), ("Location", "/welcome")]
    writer.write(head(303, cookies) if right else head() + FORM.encode())
    await writer.drain()


FORM = f"""<form action=/session method=post><input type=hidden name=csrf value="{SECRETS["login token"]}">
<input name=name><input name=password type=password></form>"""
CONFIG = """
[hosts."paper.example"]
headers = {{ X-Subscriber = "$PAPER_KEY", X-Plan = "{header plan}" }}
user = "{header user}"
password = "$PAPER_PASSWORD"
cookies = "cookies.txt"

[hosts."members.example".login]
page = "http://members.example/login"
fields = {{ name = "{login name}", password = "$MEMBERS_PASSWORD" }}

[hosts."stranger.example".login]
page = "http://stranger.example/login"
fields = {{ name = "{wrong login name}", password = "{wrong login password}" }}
"""


def prepare(plain: HttpServer, safe: HttpServer, other: HttpServer) -> None:
    """`plain` and `safe` are http and https of each host's usual ports; `other` is all other hosts and ports."""
    for server in (plain, safe, other):
        server.page("/story", ARTICLE, type=HTML)
        server.page("/robots.txt", "User-agent: *\nDisallow: /login\nDisallow: /secret\n", type="text/plain")
    # Around the world and back again: another scheme, port, subdomain, site.
    for host in ("basic.example", "paper.example", "members.example"):
        route = [
            (plain, f"https://{host}/{host}/2"),
            (safe, f"http://{host}:8080/{host}/3"),
            (other, f"http://www.{host}/{host}/4"),
            (other, f"http://other.example/{host}/5"),
            (other, f"http://{host}/story?of={host}"),
        ]
        for number, (server, target) in enumerate(route, start=1):
            server.redirect(
                f"/{host}/{number}",
                target,
                headers=[("Set-Cookie", f"step={SECRETS['redirect session']}")]
                * (host == "members.example" and number == 1),
            )
    repeated = f"{SECRETS['elsewhere user']}:{SECRETS['elsewhere password']}@elsewhere.example"
    plain.redirect("/repeats", f"http://{repeated}/story?repeated", status=301)
    plain.redirect("/gopher", f"gopher://u:{SECRETS['gopher password']}@basic.example/")
    plain.redirect("/circle", f"http://u:{SECRETS['circle password']}@basic.example/circle")
    plain.page("/gone", "gone", status=404)
    plain.page("/login", FORM, headers=[("Set-Cookie", f"step={SECRETS['login step']}; Path=/")])
    plain.script("/session", _session)
    plain.page("/welcome", "Hello")
    plain.page(
        "/own",
        ARTICLE,
        type=HTML,
        headers=[
            ("Set-Cookie", f"page={SECRETS['page session']}; Path=/; Max-Age=3600"),
            ("Set-Cookie2", f"page={SECRETS['page session']}; Version=1"),
        ],
    )
    plain.page(
        "/echo",
        ARTICLE,
        type=HTML,
        headers=[
            ("X-Auth-Token", SECRETS["echoed token"]),
            ("Authentication-Info", SECRETS["echoed info"]),
            ("Authorization", f"Basic {SECRETS['subscriber header']}"),
            ("X-Subscriber", SECRETS["header key"]),
            ("Refresh", f"3600; url=http://u:{SECRETS['url password']}@paper.example/"),
            ("Content-Location", f"http://u:{SECRETS['url password']}@paper.example/echo"),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder = tmp_path_factory.mktemp("secrets")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hosts = ("basic.example", "paper.example", "members.example")
    authority.issue_cert(*hosts).configure_cert(context)
    (folder / "scrape.toml").write_text(CONFIG.format_map(SECRETS))
    (folder / "cookies.txt").write_text(
        f"paper.example\tFALSE\t/\tFALSE\t0\tsession\t{SECRETS['file cookie']}\n"
        f".paper.example\tTRUE\t/\tFALSE\t4102444800\twide\t{SECRETS['file wide cookie']}\n"
    )
    (folder / ".netrc").write_text(
        "".join(f"machine {host} login me password {SECRETS['netrc password']}\n" for host in (*hosts, "other.example"))
    )
    (folder / ".netrc").chmod(0o600)
    left = Left(archive=folder / "archive.db")
    with (
        HttpServer() as plain,
        HttpServer(tls=context, http2=False) as safe,
        HttpServer() as other,
        HttpServer() as trap,
        ProxyServer("http", safe.port, (SECRETS["proxy user"], SECRETS["proxy password"])) as proxy,
    ):
        prepare(plain, safe, other)
        usual = [*hosts, "stranger.example", "elsewhere.example", "robots.example"]
        rules = [f"{host}:80:127.0.0.1:{plain.port} {host}:443:127.0.0.1:{safe.port}" for host in usual]
        rules += [f"tls.example:443:127.0.0.1:{safe.port}", f"refused.example::127.0.0.1:{free_port()}"]
        rules += ["dns.example::no-such-host.invalid:", f"::127.0.0.1:{other.port}"]
        trapped = f"http://{SECRETS['environment user']}:{SECRETS['environment password']}@127.0.0.1:{trap.port}"
        env = {
            "SCRAPE_CONNECT_TO": " ".join(rules),
            "SCRAPE_ALLOW_PRIVATE": "1",
            "SCRAPE_DELAY": "0",
            "SSL_CERT_FILE": str(folder / "authority.pem"),
            "NETRC": str(folder / ".netrc"),
            "PAPER_KEY": SECRETS["header key"],
            "PAPER_PASSWORD": SECRETS["header password"],
            "MEMBERS_PASSWORD": SECRETS["login password"],
            **{
                name: trapped
                for kind in ("http", "https", "all")
                for name in (f"{kind}_proxy", f"{kind}_PROXY".upper())
            },
        }
        scrape = Scrape(folder, env=env)
        for arguments in commands(scrape, proxy):
            said = scrape(*arguments, traceback=None)
            left.printed.append((" ".join(arguments[:2]), said.raw + b"\n" + said.err.encode()))
        for server, scheme in ((plain, "http"), (safe, "https"), (other, "http"), (trap, "trap")):
            for request in server.requests:
                data = repr((request.target, request.headers)).encode() + request.body
                left.received.append((f"{scheme}://{request.header('host')}", request.path, data))
        left.received.append(("proxy://proxy", "", proxy.bytes_seen))
        left.trapped = trap.connections
        (folder / "scrape.toml").unlink()
        yield left


def commands(scrape: Scrape, proxy: ProxyServer) -> Iterator[list[str]]:
    """What is run, one after the other."""

    def at(host: str, password: str, scheme: str = "http", user: str = "u") -> str:
        return f"{scheme}://{SECRETS.get(user, user)}:{SECRETS[password]}@{host}"

    working = [
        at("basic.example/basic.example/1", "url password", user="url user"),
        at("basic.example/story?own", "url password", user="url user"),
        "http://paper.example/paper.example/1",
        "http://paper.example/echo",
        "http://paper.example/story",
        "http://www.paper.example/story",
        "http://members.example/members.example/1",
        "http://members.example/own",
        "http://members.example/story",
        "http://elsewhere.example/repeats",
        "http://other.example/story",
        "https://paper.example/story",
    ]
    failing = [
        at("dns.example/a", "dns password"),
        at("refused.example/a", "refused password"),
        at("tls.example/a", "tls password", scheme="https"),
        at("robots.example/secret", "robots password"),
        at("basic.example/circle", "circle password"),
        at("basic.example/gone", "status password"),
        "http://basic.example/gopher",
        "http://stranger.example/story",
        "http://stranger.example/echo",
        at("h h/", "invalid password"),
        at("basic.example/x", "ftp password", scheme="ftp"),
        f"http://user:{SECRETS['slash password']}/more@basic.example/",
        f"user:{SECRETS['bare password']}@basic.example/x",
    ]
    for ways in ("json --log json --debug", "table --log text", "ndjson --log text --debug", "csv --log json"):
        yield ["url", *working, *failing, "--retries", "0", "-f", *ways.split()]
    for url in failing[-5:]:
        yield ["url", url, "--debug", "--retries", "0"]
    url = "https://basic.example/story"
    yield ["url", f"{url}?via", "--proxy", proxy.url, "--debug"]
    wrongly = proxy.url.replace(SECRETS["proxy password"], SECRETS["wrong proxy password"])
    yield ["url", f"{url}?via2", "--proxy", wrongly, "--debug"]
    yield ["url", url, "--proxy", at("127.0.0.1", "unknown proxy password", scheme="ftp"), "--debug"]
    yield ["url", url, "--proxy", at("127 0.0.1", "unknown proxy password"), "--debug"]
    yield ["url", url, "--connect-to", at("h:80", "connect password"), "--debug"]
    yield ["url", url, "--connect-to", f"a:u:{SECRETS['connect password']}@b:1", "--debug"]
    for command in ("show", "explain", "extract"):
        yield [command, at("nowhere.example/x", "shown password"), "--debug"]
    for command in ("show", "explain"):  # to `extract` it is the name of a file
        yield [command, f"u:{SECRETS['shown password']}@nowhere.example", "--debug"]
    yield ["list", at("nowhere.example/x", "option password")]
    yield ["stats", "--limit", at("nowhere.example/x", "option password")]
    (scrape.folder / "list.txt").write_text(at("h h/", "list password") + "\n" + "http://other.example/story\n")
    yield ["url", "-i", "list.txt", "--log", "json"]
    (scrape.folder / "story.html").write_bytes(ARTICLE)
    for form in ("table", "json", "ndjson", "csv", "md"):
        yield ["extract", "story.html", "--url", at("basic.example/story", "saved password"), "-f", form]
        yield ["list", "-f", form]
        yield ["search", "the", "-f", form]
        yield ["stats", "-f", form]
        yield ["show", "http://paper.example/echo", "-f", form]
        yield ["explain", "http://basic.example/story?own", "-f", form]
    yield ["show", "1", "--html"]
    yield ["explain", "1", "--html", "-"]
    wrong = {
        "variable": f'[hosts."a.example"]\npassword = "${SECRETS["unset variable"]}"\n',
        "type": f'[hosts."a.example"]\nheaders = {{ X = ["{SECRETS["unset variable"]}"] }}\n',
        "proxy": f'[fetch]\nproxy = ["{at("h", "unset variable")}"]\n',
        "table": f'[hosts."{at("h", "unset variable")}"]\nuser = "x"\n',
        "page": f'[hosts."a.example".login]\npage = "{at("a.example", "unset variable")}"\nfields = {{ a = "b" }}\n',
        "place": f'[hosts."a.example".login]\npage = "{at("b c", "unset variable")}"\nfields = {{ a = "b" }}\n',
    }
    for name, text in wrong.items():
        (scrape.folder / f"{name}.toml").write_text(text)
        yield ["url", url, "--config", f"{name}.toml", "--debug"]


def test_there_are_many() -> None:
    assert len(set(SECRETS.values())) == len(SECRETS) >= 40
    assert set(SECRETS) == MEANT_FOR.keys() | NOT_TO_BE_USED
    assert not MEANT_FOR.keys() & NOT_TO_BE_USED


@pytest.mark.parametrize("name", [name for name, places in MEANT_FOR.items() if places])
def test_it_was_used_where_it_was_meant_for(left: Left, name: str) -> None:
    sent_to = left.sent_to(name)
    hosts = {urlsplit(origin).hostname for origin in sent_to} | sent_to
    assert sent_to
    assert set(MEANT_FOR[name]) <= hosts


@pytest.mark.parametrize("name", SECRETS)
def test_nobody_else_was_sent_it(left: Left, name: str) -> None:
    meant = MEANT_FOR.get(name, [])
    assert [o for o in left.sent_to(name) if o not in meant and urlsplit(o).hostname not in meant] == []


@pytest.mark.parametrize("name", SECRETS)
def test_it_was_not_printed(left: Left, name: str) -> None:
    assert [command for command, data in left.printed if holds(data, name)] == []


@pytest.mark.parametrize("name", SECRETS)
def test_it_is_not_in_the_archive(left: Left, name: str) -> None:
    files = {path.name: path.read_bytes() for path in left.archive.parent.glob("archive.db*")}
    assert [file for file, data in files.items() if holds(data, name)] == []
    with Archive.open(left.archive) as archive:
        for capture_id in _captures(left.archive):
            assert not holds(repr(archive.capture(capture_id)).encode(), name)
            assert not holds(archive.capture(capture_id).body or b"", name)


def _captures(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM captures")]


def test_what_the_environment_offers_is_not_taken(left: Left) -> None:
    assert left.trapped == 0


def test_the_runs_did_what_they_were_for(left: Left) -> None:
    with closing(sqlite3.connect(left.archive)) as connection:
        codes = {row[0] for row in connection.execute("SELECT error FROM captures")}
        of = "SELECT headers FROM captures WHERE url = ? AND status = 200"
        own, echo = (
            dict(json.loads(connection.execute(of, (url,)).fetchone()[0]))
            for url in ("http://members.example/own", "http://paper.example/echo")
        )
    assert {None, "dns", "refused", "tls_wrong_host", "robots_denied", "redirects", "login", "proxy"} <= codes
    assert own["Set-Cookie"] == "page=***; Path=/; Max-Age=3600"
    assert own["Set-Cookie2"] == "page=***; Version=1"
    assert echo["X-Auth-Token"] == echo["Authentication-Info"] == echo["X-Subscriber"] == "***"
    assert echo["Refresh"] == "3600; url=http://paper.example/"
    tracebacks = sum(b"Traceback" in data for _, data in left.printed)
    assert tracebacks >= 10
    robots = [data for _, path, data in left.received if path == "/robots.txt"]
    assert len(robots) >= 6


def test_the_login_was_made_once_a_run_and_robots_txt_not_asked(left: Left) -> None:
    logins = [origin for origin, path, _ in left.received if path == "/session"]
    assert logins.count("http://members.example") == 4
    assert logins.count("http://stranger.example") == 5
    stories = [path for origin, path, _ in left.received if origin == "http://stranger.example"]
    assert "/story" not in stories


# Query strings, where they are not to be in the log

TOKEN = "t0k3n-in-a-query"


@pytest.fixture
def asking(scrape: Scrape, server: HttpServer) -> list[str]:
    server.page("/gone", "gone", status=404)
    server.page("/noted", ARTICLE + b"\xff\xfe", type=HTML)
    server.redirect("/around", f"/around?a={TOKEN}")
    server.redirect("/around?a=1", f"/around?b={TOKEN}")
    return [
        *(f"http://news.example/{path}?key={TOKEN}&x=1#{TOKEN}" for path in ("gone", "noted", "around")),
        f"http://h h/?{TOKEN}",
        f"news.example/x?{TOKEN}",
    ]


@pytest.mark.parametrize("log", ["text", "json"])
def test_without_queries(scrape: Scrape, asking: list[str], log: str) -> None:
    (scrape.folder / "scrape.toml").write_text("[log]\nredact_queries = true\n")
    for arguments in ([*asking], [asking[0]], [asking[3]], [asking[4]]):
        said = scrape("url", *arguments, "--log", log, "--debug", traceback=None)
        assert TOKEN not in said.err
        assert "?…" in said.err
    assert TOKEN in scrape("list", "-f", "json").out or TOKEN in scrape("url", *asking, "-f", "json").out
    for command in ("show", "explain", "extract"):
        said = scrape(command, asking[0].replace("gone", "nowhere"), "--log", log, "--debug", traceback=None)
        assert said.err
        assert TOKEN not in said.err


def test_with_queries(scrape: Scrape, asking: list[str]) -> None:
    assert f"http://news.example/gone?key={TOKEN}&x=1" in scrape("url", *asking).err


def test_usage_errors_never_show_them(scrape: Scrape) -> None:
    """The command line is not understood, so neither is which settings it means."""
    said = scrape("list", f"http://news.example/?{TOKEN}")
    assert said.code == 2
    assert "http://news.example/?…" in said.err


@pytest.mark.parametrize("text", ["[log]\nredact_queries = 'yes'\n", "[log\n", "log = 5\n", "\udcff"])
def test_settings_that_are_wrong_count_as_asking(scrape: Scrape, text: str) -> None:
    (scrape.folder / "scrape.toml").write_bytes(text.encode(errors="surrogateescape"))
    said = scrape("show", f"http://news.example/nowhere?{TOKEN}", "--archive", "archive.db")
    assert TOKEN not in said.err
    assert scrape("url", "http://news.example/").code == 2
