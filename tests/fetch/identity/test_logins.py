"""Logging in by form: which form, where to, how often, what counts as success, and who is never sent the password."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import httpx
import pytest

from scraper.capture import Capture
from scraper.errors import LoginFailed
from scraper.fetch import Fetcher
from scraper.fetch.identity.forms import Forms
from scraper.settings import FetchSettings, HostSettings, LoginSettings
from tests.fetch.conftest import TEST_SETTINGS, Visitor
from tests.http_server import HttpServer, Request, head

USER, PASSWORD, TOKEN = "ada@reader.example", "p4ss wörd&=+%", "csrf-8Zq"
PAGE = "http://news.example/login"
STORY = "http://news.example/story"
FORM = f"""
<form action="/search"><input name=q value=""><button name=go>Search</button></form>
<form action="/session" method=post id=login>
  <input type=hidden name=csrf value="{TOKEN}&amp;x">
  <input type=email name=email><input type="PASSWORD" name=password>
  <input type=checkbox name=remember value=yes checked><input type=checkbox name=spam value=yes>
  <select name=edition><option value=int>World</option><option selected>Home</option></select>
  <input type=submit name=enter value="Log in"><button name=other>Register</button>
</form>"""


def login(page: str = PAGE, host: str = "news.example") -> HostSettings:
    fields = (("email", USER), ("password", PASSWORD))
    return HostSettings(host=host, login=LoginSettings(page=page, fields=fields))


def settings(**options: Any) -> dict[str, Any]:
    return {"hosts": (login(**options),), "timeout": 5.0}


def session(answer: Callable[[dict[str, list[str]]], bytes]) -> Callable[[Request, Any], Awaitable[None]]:
    """Answers a form by what it holds."""

    async def script(request: Request, writer: Any) -> None:
        writer.write(answer(parse_qs(request.body.decode(), keep_blank_values=True)))
        await writer.drain()

    return script


def checked(fields: dict[str, list[str]]) -> bytes:
    """As sites do: back to the form when something is wrong, else a cookie and on to the front page."""
    if fields.get("email") != [USER] or fields.get("password") != [PASSWORD] or fields.get("csrf") != [f"{TOKEN}&x"]:
        return head(200) + FORM.encode()
    return head(303, [("Set-Cookie", "sid=s3ssion"), ("Location", "/welcome")])


@pytest.fixture
def site(server: HttpServer) -> HttpServer:
    server.page("/login", FORM, headers=[("Set-Cookie", "before=1")])
    server.script("/session", session(checked))
    server.page("/welcome", "Hello Ada")
    server.page("/story", "The whole story")
    return server


def sent(server: HttpServer) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in server.requests]


def why(capture: Capture) -> str:
    """The reason of a page that failed for its host's login."""
    assert capture.failure is not None
    assert capture.failure.code == "login"
    assert "The login at news.example failed. " in capture.failure.message
    assert "scrape.toml" in capture.failure.message
    for secret in (USER, PASSWORD, "p4ss", TOKEN):
        assert secret not in repr(capture)
    return capture.failure.message


def test_the_form_is_filled_in_and_the_page_asked_for_with_the_session(site: HttpServer, visit: Visitor) -> None:
    assert visit(STORY, settings=settings()).ok
    assert sent(site) == [("GET", "/login"), ("POST", "/session"), ("GET", "/welcome"), ("GET", "/story")]
    form = site.requests[1]
    assert parse_qsl(form.body.decode()) == [
        ("csrf", f"{TOKEN}&x"),
        ("email", USER),
        ("password", PASSWORD),
        ("remember", "yes"),
        ("edition", "Home"),
        ("enter", "Log in"),
    ]
    assert form.header("content-type") == "application/x-www-form-urlencoded"
    assert (form.header("origin"), form.header("referer")) == ("http://news.example", PAGE)
    assert form.header("cookie") == "before=1"
    assert site.requests[2].body == b""
    assert site.requests[2].header("content-type") is None
    assert site.requests[3].header("cookie") == "before=1; sid=s3ssion"


def test_once_a_run(site: HttpServer, visit: Visitor) -> None:
    assert all(capture.ok for capture in visit.all([STORY, STORY, STORY], settings=settings()))
    assert sent(site).count(("POST", "/session")) == 1


def test_once_also_for_pages_side_by_side(site: HttpServer) -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", site.port)]

    async def run() -> list[Capture]:
        chosen = FetchSettings(hosts=(login(),), allow_private=True)
        async with Fetcher(chosen, resolver=resolve) as fetcher:
            return await asyncio.gather(*(fetcher.fetch(f"{STORY}?{number}") for number in range(5)))

    assert all(capture.ok for capture in asyncio.run(run()))
    assert sent(site).count(("GET", "/login")) == sent(site).count(("POST", "/session")) == 1
    assert {request.header("cookie") for request in site.seen("/story")} == {"before=1; sid=s3ssion"}


def test_hosts_without_a_login_are_left_alone(site: HttpServer, visit: Visitor) -> None:
    for host in ("other.example", "www.news.example"):
        assert visit(f"http://{host}/story", settings=settings()).ok
    assert sent(site) == [("GET", "/story")] * 2


def test_where_a_redirect_leads_to_the_host(site: HttpServer, visit: Visitor) -> None:
    site.redirect("/short", STORY)
    assert visit("http://short.example/short", settings=settings()).ok
    assert sent(site)[:2] == [("GET", "/short"), ("GET", "/login")]
    assert site.seen("/story")[0].header("cookie") == "before=1; sid=s3ssion"


@pytest.mark.parametrize("wrong", ["password", "email"])
def test_a_wrong_password_is_tried_once(site: HttpServer, visit: Visitor, wrong: str) -> None:
    fields = {"email": USER, "password": PASSWORD, wrong: "wr0ng"}
    host = HostSettings(host="news.example", login=LoginSettings(page=PAGE, fields=tuple(fields.items())))
    captures = visit.all([STORY, f"{STORY}/2", STORY], settings={"hosts": (host,)})
    for capture in captures:
        assert "asks for the password again" in why(capture)
        assert "wr0ng" not in repr(capture)
        assert capture.hops == ()
    assert sent(site) == [("GET", "/login"), ("POST", "/session")]


def failing(site: HttpServer, visit: Visitor, *, posts: int = 0, **options: Any) -> str:
    """Why a login fails that is answered as `site` says; the page is not asked for, and `posts` forms are sent."""
    reason = why(visit(STORY, settings=settings(**options)))
    assert not site.seen("/story")
    assert [method for method, _ in sent(site)].count("POST") == posts
    return reason


@pytest.mark.parametrize(
    "page",
    [
        "<p>Log in with our app",
        "<form><input name=email></form><form><input name=password type=password></form>",
        "<input name=email><input name=password type=password>",
        "<!-- <form><input name=email><input name=password></form>",
        "<script>'<form><input name=email><input name=password></form>'</script>",
        "<form><input name=email disabled><input name=password></form>",
        "",
        "<" * 1000,
    ],
)
def test_no_such_form(site: HttpServer, visit: Visitor, page: str) -> None:
    site.page("/login", page)
    assert "has no form with the fields email, password" in failing(site, visit)


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_no_login_page(site: HttpServer, visit: Visitor, status: int) -> None:
    site.page("/login", FORM, status=status)
    assert f"the login page came with status {status}" in failing(site, visit).lower()


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500])
def test_an_answer_that_is_an_error(site: HttpServer, visit: Visitor, status: int) -> None:
    site.page("/session", "No", status=status)
    assert f"the answer to the login form came with status {status}" in failing(site, visit, posts=1).lower()


def test_a_login_page_that_cannot_be_reached(site: HttpServer, visit: Visitor) -> None:
    site.redirect("/login", "/login")
    assert "redirects in a circle" in failing(site, visit)


def test_a_server_that_says_nothing(site: HttpServer, visit: Visitor) -> None:
    async def silence(_: Request, writer: Any) -> None:
        await asyncio.Event().wait()

    site.script("/session", silence)
    capture = visit(STORY, settings=settings() | {"timeout": 0.5})
    assert "0.5 seconds" in why(capture)


@pytest.mark.parametrize(
    "action", ["http://evil.example/session", "//evil.example/", "http://news.example.evil.example/"]
)
def test_a_form_that_leads_to_another_site(site: HttpServer, visit: Visitor, action: str) -> None:
    site.page("/login", FORM.replace("/session", action))
    site.page("/", "thanks")
    assert "its form leads to another site" in failing(site, visit).lower()
    assert "p4ss" not in repr(site.requests)


def test_a_base_that_leads_to_another_site(site: HttpServer, visit: Visitor) -> None:
    site.page("/login", f"<base href='http://evil.example/'>{FORM}")
    assert "its form leads to another site, evil.example" in failing(site, visit).lower()


def test_a_form_that_leads_nowhere(site: HttpServer, visit: Visitor) -> None:
    site.page("/login", FORM.replace("/session", "javascript:send()"))
    assert "not a web address" in failing(site, visit)


def test_a_login_page_that_leads_to_another_site(site: HttpServer, visit: Visitor) -> None:
    site.redirect("/login", "http://evil.example/form")
    site.page("/form", FORM)
    assert "the login page leads to another site, evil.example" in failing(site, visit).lower()


def test_another_host_of_the_same_site(site: HttpServer, visit: Visitor) -> None:
    site.page("/login", FORM.replace("/session", "http://accounts.news.example/session"))
    site.script(
        "/session",
        session(lambda _: head(303, [("Set-Cookie", "sid=s; Domain=news.example"), ("Location", "/welcome")])),
    )
    assert visit(STORY, settings=settings(page="http://login.news.example/login")).ok
    [form] = site.seen("/session")
    assert form.header("host") == "accounts.news.example"
    assert form.header("referer") == "http://login.news.example/"
    assert site.seen("/story")[0].header("cookie") == "sid=s"


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize(
    "elsewhere", ["http://evil.example/x", "http://news.example:8080/x", "http://www.news.example/x"]
)
def test_the_password_goes_to_no_other_origin(site: HttpServer, visit: Visitor, status: int, elsewhere: str) -> None:
    site.redirect("/session", f"{elsewhere}?user=ada", status=status)
    site.page("/x", "thanks")
    reason = failing(site, visit, posts=1)
    assert "wants what was sent to it sent elsewhere" in reason
    assert "user=ada" not in reason
    assert not site.seen("/x")


def test_but_a_redirect_at_the_origin_may_ask_for_it_again(site: HttpServer, visit: Visitor) -> None:
    site.page("/login", FORM.replace("/session", "/old-session"))
    site.redirect("/old-session", "/session", status=307)
    assert visit(STORY, settings=settings()).ok
    assert [r.body for r in site.seen("/session")] == [r.body for r in site.seen("/old-session")]


def test_elsewhere_without_the_password(site: HttpServer, visit: Visitor) -> None:
    """A redirect that asks with GET takes nothing along."""
    site.redirect("/session", "http://other.example/thanks", headers=[("Set-Cookie", "sid=s")])
    site.page("/thanks", "thanks")
    assert visit(STORY, settings=settings()).ok
    [away] = site.seen("/thanks")
    assert (away.method, away.body, away.header("cookie"), away.header("referer")) == ("GET", b"", None, None)


def over_https(answers: dict[str, httpx.Response], page: str) -> tuple[Capture, list[str]]:
    """A page behind a login, with settings of everyday; with it the bodies that were sent."""
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url} {request.content.decode()}")
        return answers[f"{request.url}"]

    async def run() -> Capture:
        transport = httpx.MockTransport(handle)
        async with Fetcher(FetchSettings(hosts=(login(page),)), transport=transport) as fetcher:
            return await fetcher.fetch("https://news.example/story")

    return asyncio.run(run()), asked


@pytest.mark.parametrize("action", ["http://news.example/session", "http://accounts.news.example/session"])
def test_nothing_is_sent_in_the_clear(action: str) -> None:
    page = "https://news.example/login"
    capture, asked = over_https({page: httpx.Response(200, text=FORM.replace("/session", action))}, page)
    assert "its form would have the password sent unencrypted" in why(capture).lower()
    assert asked == [f"GET {page} "]


def test_nor_is_a_form_believed_that_came_in_the_clear() -> None:
    page, clear = "https://news.example/login", "http://news.example/login"
    answers = {page: httpx.Response(302, headers={"Location": clear}), clear: httpx.Response(200, text=FORM)}
    capture, asked = over_https(answers, page)
    assert "the login page would have the password sent unencrypted" in why(capture).lower()
    assert not any("p4ss" in line for line in asked)


def test_a_failure_is_raised_to_whoever_logs_in_by_hand(site: HttpServer) -> None:
    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", site.port)]

    async def run() -> None:
        async with Fetcher(FetchSettings(hosts=(login(),), allow_private=True), resolver=resolve) as fetcher:
            await fetcher.log_in("http://other.example/")
            for _ in range(2):
                with pytest.raises(LoginFailed, match="status 404"):
                    await fetcher.log_in(STORY)

    site.page("/login", "gone", status=404)
    asyncio.run(run())
    assert sent(site) == [("GET", "/login")]
    assert TEST_SETTINGS.hosts == ()


# Forms


def forms(page: str, content_type: str = "text/html") -> Forms:
    from scraper.capture import Hop

    hop = Hop(url="http://news.example/a/b", status=200, headers=(("Content-Type", content_type),))
    return Forms.of(Capture(url=hop.url, fetched_at=None, hops=(hop,), body=page.encode("latin-1")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("inside", "pairs"),
    [
        ("<input name=a value=1><input name=a value=2>", [("a", "1"), ("a", "2")]),
        ("<input name=a value='x > y'><INPUT NAME=b VALUE=x/y>", [("a", "x > y"), ("b", "x/y")]),
        ("<input name=a disabled><input value=1><input name=b type=file><input name=c type=reset>", []),
        ("<textarea name=a>\n<input name=b>&amp;</textarea>", [("a", "<input name=b>&")]),
        ("<select name=a><option>1<option selected>2</select><option>3", [("a", "2")]),
        ("<select name=a></select><input type=radio name=b checked>", [("b", "on")]),
        ("<button name=a value=1 type=button>x</button><button name=b value=2>y</button>", [("b", "2")]),
        ("<form><input name=a></form><input name=late form=it><input name=not>", [("a", ""), ("late", "")]),
        ("<!-- <input name=a> --><input name=b><!---->", [("b", "")]),
        ("<input name=a value=\"it's\"><p title='\">'><input name=b value='\"'>", [("a", "it's"), ("b", '"')]),
    ],
)
def test_what_a_form_sends(inside: str, pairs: list[tuple[str, str]]) -> None:
    assert forms(f"<form id=it>{inside}").all[1].filled_in({}) == pairs


def test_of_several_forms_the_one_that_asks_for_one_password() -> None:
    found = forms(
        "<form action=/register><input name=e><input name=p type=password><input name=p2 type=password></form>"
        "<form action=/login><input name=e><input name=p type=password></form>"
    ).with_fields({"e": "", "p": ""})
    assert found is not None
    assert found.action == "/login"


@pytest.mark.parametrize("content_type", ["text/html; charset=iso-8859-1", "text/html", "text/html; charset=nonsense"])
def test_whatever_its_encoding(content_type: str) -> None:
    assert forms("<form><input name=a>\xfc\xff", content_type).all[1].filled_in({"a": "ü"}) == [("a", "ü")]


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<a ",
        "<a b='",
        '<a b="',
        "<",
        "<input name=",
        "&#",
        "<![",
        "<?",
        "</a ",
        "<form>",
        "<textarea>",
        "<a =",
        "<input a=' b=\"",
    ],
)
def test_hostile_pages_take_no_time(piece: str) -> None:
    import time

    began = time.perf_counter()
    forms(piece * (1024 * 1024 // len(piece)))
    assert time.perf_counter() - began < 5
