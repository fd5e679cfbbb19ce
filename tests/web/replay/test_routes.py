"""The addresses of captures: which capture they mean, what comes with it, and what is said where there is none."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.capture import Rendering
from scraper.rewriting.assets import Asset
from scraper.rewriting.pages import BUDGET
from scraper.store import Archive
from tests.web.replay.archived import PNG, Server, archive_of, at, capture, failed, links_of, serving
from tests.web.replay.strictness import assert_harmless

STORY = "https://news.example/story?x=1&y=%2F2"
PAGE = (
    "<!doctype html><title>t</title><script>alert(1)</script><p>Hello <a href=/b>b</a> <a href=/c#q title=C>c</a>"
    "<img src=/i.png alt=pic onerror=alert(1)><form><input></form>"
)
BODIES = {"2024-05-01 10:00:00": PAGE, "2024-05-02 10:00:00": PAGE + "2", "2024-05-04 10:00:00": PAGE + "3"}


OTHERS = {
    "doc": ("application/pdf", b"%PDF-1.4 ..."),
    "image.svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "page.xhtml": (
        "application/xhtml+xml",
        b"<html xmlns='http://www.w3.org/1999/xhtml'><script>1</script><p>x</p></html>",
    ),
    "feed.xml": ("text/xml", b"<?xml version='1.0'?><rss><script>alert(1)</script></rss>"),
    "t.txt": ("text/plain", b"<script>alert(1)</script> text"),
    "cyrillic": ("text/html; charset=windows-1251", "<p>Привіт, світе".encode("windows-1251")),
    "data.bin": ("application/octet-stream", bytes(range(256))),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = archive_of(
        tmp_path_factory.mktemp("replay"),
        *(capture(STORY, body, when) for when, body in BODIES.items()),
        replace(capture(STORY, None, "2024-05-03 10:00:00", status=304), body=None),
        capture("https://news.example/b", "<p>b", "2024-05-01 11:00:00"),
        capture("https://news.example/i.png", PNG, "2024-05-01 10:00:05", kind="image/png"),
        capture("https://news.example/gone", "<h1>No such page</h1>", "2024-05-01 10:00:00", status=404),
        failed("https://news.example/slow", "2024-05-01 10:00:00"),
        failed(STORY, "2024-05-02 12:00:00"),
        capture("https://news.example/new", "<p>moved", "2024-05-01 10:00:00", asked="https://news.example/old"),
        *(capture(f"https://news.example/{name}", body, kind=kind) for name, (kind, body) in OTHERS.items()),
        capture("https://news.example/empty", None, kind="text/html"),
    )
    with serving(path) as running:
        yield running


def test_a_time_leads_to_the_nearest_capture(server: Server) -> None:
    for stamp, exact in (
        ("20240501100000", ""),
        ("2024", "20240501100000"),
        ("20240502", "20240502100000"),
        ("20240502060000", "20240502100000"),
        ("20300101", "20240504100000"),
    ):
        answer = server.get(f"/web/{stamp}/{STORY}")
        assert (answer.status_code, answer.headers.get("location", "")) == (
            302 if exact else 200,
            exact and f"/web/{exact}/{STORY}",
        )
    assert server.get(f"/web/{STORY}").headers["location"] == f"/web/20240504100000/{STORY}"
    # What failed is meant by its very second alone.
    assert server.get(f"/web/20240502115000/{STORY}").headers["location"] == f"/web/20240502100000/{STORY}"
    assert server.get(f"/web/20240502120000/{STORY}").status_code == 404


def test_addresses_are_taken_as_they_are_sent(server: Server) -> None:
    for path in (
        f"/web/20240501100000/{STORY}",
        f"/web/20240501100000/{STORY.replace('://', ':/')}",
        "/web/20240501100000/news.example/story?x=1&y=%2F2",
        "/web/20240501100000/https://news.example/story?x=1&y=%2F2&utm_source=q",
        "/web/20240501100000/https://user:secret@news.example:443/story?x=1&y=%2f2",
    ):
        answer = server.get(path)
        assert answer.status_code == 200, path
        assert "secret" not in answer.text + answer.headers["link"]
    assert server.get("/web/20240501100000/https://news.example/story?x=1&y=/2").status_code == 404
    assert server.get("/web/20240501100000/https://news.example/story").status_code == 404
    for path in (
        "/web/20241399/https://news.example/b",
        "/web/2024/javascript:alert(1)",
        "/web/2024/https://",
        "/web/2024/file:///etc/passwd",
    ):
        assert server.get(path).status_code == 400, path


def test_a_page_is_shown_in_a_frame_that_says_what_it_is(server: Server) -> None:
    answer = server.get(f"/web/20240502100000/{STORY}")
    text = html.unescape(answer.text)
    sha256 = hashlib.sha256((PAGE + "2").encode()).hexdigest()
    for said in ("A copy, captured", "2024-05-02 10:00:00 UTC", STORY, sha256, "200 OK"):
        assert said in text
    assert f'<iframe src="/web/20240502100000mp_/{STORY}"' in text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in text
    for kind in ("sf_", "id_", "pr_"):
        assert f"/web/20240502100000{kind}/{STORY}" in text
    assert f'href="/web/20240501100000/{STORY}" rel="prev"' in text
    assert f'href="/web/20240503100000/{STORY}" rel="next"' in text
    assert "<script" not in text
    assert "style=" not in text
    assert answer.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'self'; frame-src 'self'"
    )


def test_the_frame_speaks_the_reader_s_language(server: Server) -> None:
    assert 'lang="uk"' in server.get(f"/web/20240501100000/{STORY}", accept_language="uk,en;q=0.5").text
    assert "Копія" in server.get(f"/web/20240501100000/{STORY}", accept_language="uk").text


def test_the_page_itself_can_do_nothing(server: Server) -> None:
    answer = server.get(f"/web/20240501100000mp_/{STORY}")
    assert_harmless(answer.content.replace(b'<meta name="referrer" content="no-referrer">', b""))
    policy = answer.headers["content-security-policy"]
    for said in (
        "sandbox allow-top-navigation-by-user-activation;",
        "default-src 'none'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ):
        assert said in policy
    assert not any(word in policy for word in ("allow-scripts", "allow-same-origin", "http", "'self' ", "script-src"))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_a_window_of_its_own_is_sent_to_the_frame(server: Server) -> None:
    answer = server.get(f"/web/20240501100000mp_/{STORY}", sec_fetch_dest="document")
    assert answer.headers["location"] == f"/web/20240501100000/{STORY}"
    assert server.get(f"/web/20240501100000mp_/{STORY}", sec_fetch_dest="iframe").status_code == 200


def test_links_lead_to_captures_of_the_same_time(server: Server) -> None:
    page = html.unescape(server.get(f"/web/20240502100000mp_/{STORY}").text)
    assert '<a href="/web/20240502100000/https://news.example/b" target="_top">b</a>' in page
    assert (
        '<a data-archive="none" href="/web/20240502100000/https://news.example/c#q" target="_top"'
        ' title="C — Not in this archive: https://news.example/c">c</a>'
    ) in page
    answer = server.get("/web/20240502100000/https://news.example/c")
    assert answer.status_code == 404
    assert "scrape url https://news.example/c" in answer.text


def test_a_picture_that_was_captured_by_itself_is_shown(server: Server) -> None:
    assert base64.b64encode(PNG).decode() in server.get(f"/web/20240501100000mp_/{STORY}").text


def test_what_was_said_to_be_unchanged_shows_what_it_confirmed(server: Server) -> None:
    answer = server.get(f"/web/20240503100000/{STORY}")
    assert answer.headers["memento-datetime"] == "Fri, 03 May 2024 10:00:00 GMT"
    assert "nothing had changed since 2024-05-02 10:00:00 UTC" in answer.text
    shown = server.get(f"/web/20240503100000mp_/{STORY}").content
    assert shown.replace(b"20240503", b"20240502") == server.get(f"/web/20240502100000mp_/{STORY}").content
    assert server.get(f"/web/20240503100000id_/{STORY}").text == PAGE + "2"


def test_errors_are_said_as_what_they_are(server: Server) -> None:
    gone = server.get("/web/20240501100000/https://news.example/gone")
    assert gone.status_code == 404
    assert "memento-datetime" in gone.headers
    assert "answered with an error: 404 Not Found" in gone.text
    assert "No such page" in server.get("/web/20240501100000mp_/https://news.example/gone").text
    slow = server.get("/web/20240501100000/https://news.example/slow")
    assert slow.status_code == 404
    assert "memento-datetime" not in slow.headers
    assert "no answer within 20 seconds" in slow.text
    assert "<iframe" not in slow.text
    empty = server.get("/web/20240501100000/https://news.example/empty")
    assert "The answer had no content" in empty.text


def test_a_redirect_leads_to_what_answered(server: Server) -> None:
    answer = server.get("/web/20240501100000/https://news.example/old")
    assert "https://news.example/new" in answer.text
    assert "moved" in server.get("/web/20240501100000mp_/https://news.example/old").text


def test_bytes_are_saved_as_they_came_and_never_opened(server: Server) -> None:
    for url, suffix in (
        (STORY, "bin"),
        ("https://news.example/doc", "pdf"),
        ("https://news.example/image.svg", "bin"),
        ("https://news.example/i.png", "png"),
    ):
        found = server.get(f"/web/{url}").headers["location"].split("/")[2]
        answer = server.get(f"/web/{found}id_/{url}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f'attachment; filename="news.example-{found}.{suffix}"'
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert server.get(f"/web/20240501100000id_/{STORY}").text == PAGE


@pytest.mark.parametrize("name", [*OTHERS, "i.png"])
def test_nothing_is_shown_under_a_type_of_its_own(server: Server, name: str) -> None:
    url = f"https://news.example/{name}"
    stamp = server.get(f"/web/{url}").headers["location"].split("/")[2]
    for kind in ("mp_", "pr_"):
        answer = server.get(f"/web/{stamp}{kind}/{url}")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
        assert "onload" not in answer.text


def test_what_is_no_page_is_shown_as_what_it_is(server: Server) -> None:
    def shown(name: str) -> str:
        return server.get(
            f"/web/{server.get(f'/web/https://news.example/{name}').headers['location'].split('/')[2]}mp_/https://news.example/{name}"
        ).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; text" in shown("t.txt")
    assert "&lt;rss&gt;" in shown("feed.xml")
    assert 'src="data:image/svg+xml;base64,' in shown("image.svg")
    assert 'src="data:image/png;base64,' in shown("i.png")
    assert "application/pdf" in shown("doc")
    assert "id_/https://news.example/doc" in shown("doc")
    assert "<style>" in shown("doc")
    assert "Привіт, світе" in shown("cyrillic")


def test_one_file_has_everything_in_it(server: Server) -> None:
    answer = server.get(f"/web/20240501100000sf_/{STORY}")
    assert answer.headers["content-disposition"] == 'attachment; filename="news.example-20240501100000.html"'
    text = html.unescape(answer.text)
    assert text.startswith(
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"'
    )
    assert "default-src 'none'; img-src data:" in text
    assert f'content="{STORY}" name="archive-url"' in text
    assert hashlib.sha256(PAGE.encode()).hexdigest() in text
    assert "<!-- copy of https://news.example/story?x=1&y=%2F2 captured 2024-05-01 10:00:00 UTC" in text
    assert 'href="https://news.example/c#q" rel="noopener noreferrer nofollow"' in text
    assert "/web/" not in text
    assert base64.b64encode(PNG).decode() in text
    assert "<script" not in text


def test_programs_find_captures_by_memento(server: Server) -> None:
    answer = server.get(f"/web/20240502100000/{STORY}")
    assert answer.headers["memento-datetime"] == "Thu, 02 May 2024 10:00:00 GMT"
    links = links_of(answer)
    origin = "http://127.0.0.1:8001/web"
    assert links["original"] == STORY
    assert links["timegate"] == f"{origin}/timegate/{STORY}"
    assert links["timemap"] == f"{origin}/timemap/link/{STORY}"
    for relation, stamp in (("first", 1), ("prev", 1), ("next", 3), ("last", 4)):
        assert links[relation] == f"{origin}/2024050{stamp}100000/{STORY}"
    gate = server.get(f"/web/timegate/{STORY}", accept_datetime="Thu, 02 May 2024 09:00:00 GMT")
    assert gate.status_code == 302
    assert gate.headers["location"] == f"{origin}/20240502100000/{STORY}"
    assert "accept-datetime" in gate.headers["vary"]
    assert "memento-datetime" not in gate.headers
    assert server.get(f"/web/timegate/{STORY}").headers["location"] == f"{origin}/20240504100000/{STORY}"
    assert server.get(f"/web/timegate/{STORY}", accept_datetime="yesterday").status_code == 400
    assert server.get("/web/timegate/https://news.example/slow").status_code == 404


def test_a_timemap_lists_all_answers(server: Server) -> None:
    answer = server.get(f"/web/timemap/link/{STORY}")
    assert answer.headers["content-type"] == "application/link-format"
    lines = answer.text.split(",\n")
    assert lines[0] == f'<{STORY}>; rel="original"'
    assert 'rel="self"; type="application/link-format"; from="Wed, 01 May 2024 10:00:00 GMT"' in lines[1]
    assert lines[2].endswith('rel="timegate"')
    assert [line.partition('rel="')[2].partition('"')[0] for line in lines[3:]] == [
        "first memento",
        "memento",
        "memento",
        "last memento",
    ]
    told = json.loads(server.get(f"/web/timemap/json/{STORY}").content)
    assert [one["datetime"] for one in told["mementos"]["list"]] == [
        f"2024-05-0{day}T10:00:00Z" for day in (1, 2, 3, 4)
    ]
    assert server.get("/web/timemap/link/https://news.example/nothing").status_code == 404


def test_the_list_shows_failures_too(server: Server) -> None:
    text = server.get(f"/web/*/{STORY}").text
    assert text.count("<tr>") == 6
    assert "failed: no answer within 20 seconds" in text
    assert "unchanged" in text
    assert server.get("/web/*/https://nowhere.example/").status_code == 404


def test_nothing_of_an_address_is_markup(server: Server) -> None:
    for hostile in (
        "<script>alert(1)</script>",
        "%3Cscript%3E",
        '"onload=alert(1)',
        "'-->",
        "\u202eevil",
        "a%0d%0aX-Evil:1",
    ):
        for path in ("2024", "*", "timemap/link", "timegate"):
            answer = server.get(f"/web/{path}/https://news.example/{hostile}")
            assert answer.status_code == 404
            assert "<script>" not in answer.text
            assert '"onload' not in answer.text
            assert "\u202e" not in answer.text
            assert "x-evil" not in answer.headers


def test_a_drawn_page_is_shown_as_the_browser_drew_it(tmp_path: Path) -> None:
    path = archive_of(tmp_path, capture("https://app.example/", "<div id=app></div><script src=/app.js></script>"))
    drawn = Rendering(
        url="https://app.example/",
        rendered_at=at("2024-05-01 10:00:09"),
        browser="X 1",
        dom=b"<p>Filled <a href=b>b</a>",
    )
    with Archive.open(path, write=True) as archive:
        archive.add_rendering(1, drawn)
    with serving(path) as server:
        assert (
            "as a browser drew it on 2024-05-01 10:00:09 UTC"
            in server.get("/web/20240501100000/https://app.example/").text
        )
        assert "Filled" in server.get("/web/20240501100000mp_/https://app.example/").text
        assert "app.js" in server.get("/web/20240501100000id_/https://app.example/").text


def test_what_was_stored_with_a_capture_is_shown(tmp_path: Path) -> None:
    path = archive_of(tmp_path, capture(STORY, "<link rel=stylesheet href=/s.css><img src=/p.png alt=x><p>x"))
    assets = {
        "https://news.example/p.png": Asset(PNG),
        "https://news.example/s.css": Asset(b"p{background:url(img/p.png)}", "text/css", "https://cdn.example/2/s.css"),
        "https://cdn.example/2/img/p.png": Asset(PNG),
    }
    with serving(path, stored_assets=lambda archive, id: assets if id == 1 else {}) as server:
        page = server.get(f"/web/20240501100000mp_/{STORY}").text
    assert page.count(base64.b64encode(PNG).decode()) == 2


def test_pictures_from_long_after_are_not_shown(tmp_path: Path) -> None:
    path = archive_of(
        tmp_path,
        capture(STORY, "<img src=/i.png alt=Ferry>"),
        capture("https://news.example/i.png", PNG, "2024-08-01 10:00:00", kind="image/png"),
    )
    with serving(path) as server:
        assert "<span>Ferry</span>" in server.get(f"/web/20240501100000mp_/{STORY}").text


def test_a_page_that_takes_too_long_is_shown_without_its_styles(tmp_path: Path) -> None:
    calls = []

    async def call(function, source, held, budget, marks):  # type: ignore[no-untyped-def]
        calls.append(budget)
        if budget:
            raise TimeoutError
        return function(source, held, budget, marks)

    path = archive_of(tmp_path, capture(STORY, "<style>p{color:red}</style><p>Hello"))
    with serving(path, call=call) as server:
        for _ in range(2):  # the second time it is known
            page = server.get(f"/web/20240501100000mp_/{STORY}").text
            assert "Hello" in page
            assert "color:red" not in page
            assert "took longer than" in page
    assert calls == [BUDGET, 0]


def test_a_body_that_is_damaged_or_let_go_is_said_to_be(tmp_path: Path) -> None:
    import sqlite3

    path = archive_of(tmp_path, capture(STORY, "<p>Hello"), capture("https://news.example/b", "<p>other"))
    with sqlite3.connect(path) as sql:
        sql.execute("UPDATE blobs SET content = NULL WHERE sha256 = (SELECT sha256 FROM captures WHERE id = 1)")
        sql.execute("UPDATE blobs SET content = x'00' WHERE sha256 = (SELECT sha256 FROM captures WHERE id = 2)")
    sql.close()
    with serving(path) as server:
        for kind in ("mp_", "id_", "sf_"):
            assert "not kept any more" in server.get(f"/web/20240501100000{kind}/{STORY}").text
            damaged = server.get(f"/web/20240501100000{kind}/https://news.example/b")
            assert damaged.status_code == 500
            assert "do not match their hash" in damaged.text


def test_a_worker_rewrites_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = archive_of(tmp_path, capture(STORY, PAGE))
    with serving(path, call=None) as server:
        assert "Hello" in server.get(f"/web/20240501100000mp_/{STORY}").text
