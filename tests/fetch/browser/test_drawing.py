"""Pages that scripts fill come out as a reader sees them."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from scraper.extract import extract
from scraper.settings import HostSettings
from tests.fetch.browser.conftest import Artist, page
from tests.http_server import HttpServer

pytestmark = pytest.mark.browser
STORY = "".join(f"<p>Paragraph {n} tells how the ferry came back to the harbour after winter.</p>" for n in range(9))
SHELL = "<!doctype html><html><body><div id=root></div><script src=/app.js></script></body></html>"
FILL = "document.getElementById('root').innerHTML = t"


def text(dom: bytes | None) -> str:
    assert dom is not None
    return dom.decode()


def test_a_shell_is_filled(server: HttpServer, draw: Artist) -> None:
    server.page("/app.js", f"fetch('/api?q=1').then(r => r.text()).then(t => {{ {FILL} }})", type="text/javascript")
    server.page("/api", STORY)
    drawn = draw(SHELL)
    assert drawn.failure is None
    assert "Paragraph 8" in text(drawn.dom)
    assert text(drawn.dom).startswith("<!DOCTYPE html>\n<html>")
    assert [(one.method, one.url, one.kind, one.status) for one in drawn.requests] == [
        ("GET", "http://news.example/app.js", "script", 200),
        ("GET", "http://news.example/api?q=1", "fetch", 200),
    ]
    assert drawn.browser.startswith("Chromium 1")
    assert {request.header("user-agent") for request in server.requests} == {"news-archiver/0.1.0"}
    assert server.seen("/story") == []  # the page itself was fetched already


@pytest.mark.parametrize("url", ["http://www.gazette.com.ua/a/1", "http://gazette.org/a/1", "https://gazette.org/a/1"])
def test_an_address_is_not_changed(draw: Artist, url: str) -> None:
    drawn = draw(page(STORY, url=url))
    assert (drawn.failure, drawn.url) == (None, url)


def test_what_is_posted_arrives(server: HttpServer, draw: Artist) -> None:
    options = "{method: 'POST', headers: {'Content-Type': 'application/json', 'X-Own': 'yes'}, body: '{\"id\": 7}'}"
    ask = f"fetch('/graphql', {options})"
    server.page("/app.js", f"{ask}.then(r => r.text()).then(t => {{ {FILL} }})", type="text/javascript")
    server.page("/graphql", STORY)
    assert "Paragraph 8" in text(draw(SHELL).dom)
    asked = server.seen("/graphql")[0]
    assert (asked.method, asked.body, asked.header("x-own")) == ("POST", b'{"id": 7}', "yes")


def test_a_late_text_is_waited_for(draw: Artist) -> None:
    drawn = draw(f"<div id=root></div><script>setTimeout(() => {{ let t = `{STORY}`; {FILL} }}, 2500)</script>")
    assert "Paragraph 8" in text(drawn.dom)


def test_pictures_are_not_loaded_but_for_a_picture(server: HttpServer, draw: Artist) -> None:
    body = f"<link rel=icon href=/i.ico><img src=/a.png><video src=/v.mp4></video><iframe src=/f></iframe>{STORY}"
    drawn = draw(body)
    assert server.requests == []
    assert {one.refused for one in drawn.requests} == {"not_loaded"}
    assert drawn.screenshot is None
    drawn = draw(body, settings={"screenshot": True})
    assert [request.path for request in server.requests] == ["/a.png"]
    assert drawn.screenshot is not None
    assert drawn.screenshot.startswith(b"\x89PNG")


def test_a_picture_shows_the_whole_page_up_to_a_limit(draw: Artist) -> None:
    def size(png: bytes | None) -> tuple[int, int]:
        assert png is not None
        width, height = struct.unpack(">II", png[16:24])
        return width, height

    body = "<body style='margin:0'><div style='height:{}px;background:green'></div>"
    tall, endless = draw.all(page(body.format(3000)), page(body.format(90_000)), settings={"screenshot": True})
    assert size(tall.screenshot) == (1280, 3000)
    assert size(endless.screenshot)[1] == 16_384


def test_lazy_pictures_are_on_the_picture_and_unchanged_in_the_document(server: HttpServer, draw: Artist) -> None:
    drawn = draw(
        f"{STORY}<div style='height:9000px'></div><img loading=lazy src=/far.png>", settings={"screenshot": True}
    )
    assert [request.path for request in server.requests] == ["/far.png"]
    assert 'loading="lazy"' in text(drawn.dom)


def test_text_in_shadow_trees_stands_where_it_is_shown(draw: Artist) -> None:
    drawn = draw(
        """<news-story><h1 slot=title>Light headline</h1><p>Light text.</p></news-story><script>
        class Inner extends HTMLElement { connectedCallback() {
            this.attachShadow({mode: 'open'}).innerHTML = '<p>Innermost text.</p>' } }
        class Story extends HTMLElement { connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML =
            '<article><slot name=title></slot><p>Shadow text.</p><slot></slot><in-ner></in-ner></article>' } }
        customElements.define('in-ner', Inner); customElements.define('news-story', Story)</script>"""
    )
    found = text(drawn.dom)
    places = [found.index(part) for part in ("Light headline", "Shadow text.", "Light text.", "Innermost text.")]
    assert places == sorted(places)
    assert found.count("Light headline") == 1


def test_a_page_that_changed_every_tool_is_read_all_the_same(draw: Artist) -> None:
    drawn = draw(
        f"""{STORY}<script>
        for (const kind of [Array, String, Object, Promise, Document, Element, Node, Map])
            for (const name of Object.getOwnPropertyNames(kind.prototype))
                if (name !== 'constructor') try {{ kind.prototype[name] = () => {{ throw 'mine' }} }} catch (e) {{}}
        for (const name of ['JSON', 'Promise', 'Symbol', 'Map', 'Array']) window[name] = null</script>"""
    )
    assert drawn.failure is None
    assert "Paragraph 8" in text(drawn.dom)


def test_lone_surrogates_become_text(draw: Artist) -> None:
    drawn = draw(f"{STORY}<p id=x></p><script>x.textContent = 'a\\ud800b'</script>")
    assert "a\ufffdb" in text(drawn.dom)


def test_a_script_leads_to_another_page(server: HttpServer, draw: Artist) -> None:
    server.redirect("/en", "http://www.news.example/en/")
    server.page("/en/", f"<title>There</title>{STORY}<script src=s.js></script>")
    server.page("/en/s.js", "document.title = location.href", type="text/javascript")
    drawn = draw("<script>location = '/en'</script>")
    assert drawn.url == "http://www.news.example/en/"
    assert "<title>http://www.news.example/en/</title>" in text(drawn.dom)
    assert [(one.url, one.status) for one in drawn.requests if one.kind == "document"] == [
        ("http://news.example/en", 200)
    ]
    assert len(server.seen("/en/")) == 1


def test_where_a_script_may_not_lead(server: HttpServer, draw: Artist) -> None:
    server.page("/file", b"%PDF-1.7", type="application/pdf")
    server.page("/save", STORY, headers=[("Content-Disposition", "attachment; filename=x.html")])
    for target in ("/file", "/missing.zip"):
        drawn = draw(f"{STORY}<script>onload = () => {{ location = '{target}' }}</script>")
        assert "Paragraph 8" in text(drawn.dom)
        assert drawn.url == "http://news.example/story"
        server.page("/missing.zip", b"PK", type="application/zip")


def test_cookies_of_the_site_are_there_and_stay_there(server: HttpServer, draw: Artist) -> None:
    server.page("/story", "x", headers=[("Set-Cookie", "seen=1; Path=/"), ("Set-Cookie", "secret=2; HttpOnly")])
    server.page("/api", "x", headers=[("Set-Cookie", "more=3")])
    server.page("/other", "x", headers=[("Access-Control-Allow-Origin", "*")])
    drawn = draw(
        f"""{STORY}<p id=c></p><script>c.textContent = document.cookie; document.cookie = 'own=4';
        fetch('/api').then(() => fetch('/last')).then(() => fetch('http://other.example/other'))</script>""",
        first="http://news.example/story",
    )
    assert '<p id="c">seen=1</p>' in text(drawn.dom)
    assert server.seen("/api")[0].header("cookie") == "seen=1; secret=2; own=4"
    assert server.seen("/last")[0].header("cookie") == "seen=1; secret=2; own=4; more=3"
    assert server.seen("/other")[0].header("cookie") is None


def test_what_subscribers_send_goes_to_the_pages_own_origin(server: HttpServer, draw: Artist) -> None:
    hosts = tuple(
        HostSettings(host=host, headers=(("X-Key", f"key of {host}"),)) for host in ("news.example", "paid.example")
    )
    for path in ("/own", "/paid", "/away"):
        server.page(path, "x", headers=[("Access-Control-Allow-Origin", "*")])
    draw(
        f"{STORY}<script>fetch('/own'); fetch('http://paid.example/paid'); fetch('http://away.example/away')</script>",
        settings={"hosts": hosts},
    )
    sent = {request.path: request.header("x-key") for request in server.requests}
    assert sent == {"/own": "key of news.example", "/paid": None, "/away": None}


def test_the_article_is_read_from_what_was_drawn(server: HttpServer, draw: Artist) -> None:
    long = "".join(
        f"<p>Report {n}: {word} officials said on Monday that repairs to the {word} pier would take {n} weeks, and "
        f"that passengers of the {word} line should plan for it in good time.</p>"
        for n, word in enumerate("northern southern western eastern upper lower inner outer".split())
    )
    story = f"<article><h1>Eight piers closed for repairs</h1>{long}</article>"
    server.page("/app.js", f"let t = `{story}`; {FILL}; document.title = 'Eight piers'", type="text/javascript")
    assert extract(SHELL, url="http://news.example/story").verdict == "empty"
    drawn = draw(SHELL)
    assert drawn.dom is not None
    article = extract(drawn.dom, url=drawn.url, content_type="text/html; charset=utf-8")
    assert (article.verdict, article.headline) == ("ok", "Eight piers closed for repairs")
    assert article.body is not None
    assert article.body.count("\n\n") == 7


@pytest.mark.parametrize("charset", ["windows-1251", "shift_jis"])
def test_a_page_in_another_encoding(draw: Artist, charset: str) -> None:
    words = "Пором повернувся" if charset == "windows-1251" else "連絡船が戻った"
    captured = page("")
    body = f"<meta charset={charset}><p>{words}</p>".encode(charset)
    drawn = draw(
        replace(captured, body=body, hops=(replace(captured.hops[0], headers=(("Content-Type", "text/html"),)),))
    )
    assert words in text(drawn.dom)
    assert words in (drawn.dom or b"").decode("utf-8")
