"""The language of what is said around captured pages: as the browser asks, or as the address names it at its end."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest

from tests.web.replay.archived import Server, archive_of, capture, links_of, serving

STORY = "https://news.example/story?x=1"
PLAIN = "https://news.example/plain"
SPOKEN = "https://news.example/own?lang_ui=uk"
PAGE = "<p>Hello <a href=/plain#end>there</a> <a href=/none>away</a>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = archive_of(
        tmp_path_factory.mktemp("language"),
        capture(STORY, PAGE),
        capture(STORY, f"{PAGE}2", "2024-05-02 10:00:00"),
        capture(PLAIN, "<p>plain"),
        capture(SPOKEN, "<p>own"),
    )
    with serving(path) as running:
        yield running


def test_the_address_names_it_behind_the_captured_one(server: Server) -> None:
    for url, sign in ((STORY, "&"), (PLAIN, "?")):
        answer = server.get(f"/web/20240501100000/{url}{sign}lang_ui=uk", Accept_Language="en")
        assert answer.status_code == 200
        text = html.unescape(answer.text)
        assert '<html lang="uk">' in text
        assert "Копія, збережена" in text
        # It stays, in what is led to and in what stands in the frame.
        for kind in ("mp_", "sf_", "id_", "pr_"):
            assert f'"/web/20240501100000{kind}/{url}{sign}lang_ui=uk"' in text
        assert f'"/web/*/{url}{sign}lang_ui=uk"' in text
        assert f'<p class="address" dir="ltr" translate="no">{url}</p>' in text
        assert "?lang_ui=uk" in text.partition('href="/capture/')[2][:30]


def test_what_is_cited_and_what_programs_read_names_none(server: Server) -> None:
    plain, spoken = server.all([f"/web/20240501100000/{STORY}", f"/web/20240501100000/{STORY}&lang_ui=uk"])
    assert plain.headers["link"] == spoken.headers["link"]
    assert links_of(spoken)["original"] == STORY
    assert "lang_ui" not in plain.text
    assert "lang_ui" not in server.get(f"/web/timemap/link/{STORY}").text


def test_lists_redirects_pages_and_problems_keep_it(server: Server) -> None:
    redirect = server.get(f"/web/2024/{STORY}&lang_ui=uk")
    assert redirect.headers["location"] == f"/web/20240501100000/{STORY}&lang_ui=uk"
    listed = html.unescape(server.get(f"/web/*/{STORY}&lang_ui=uk").text)
    assert '<html lang="uk">' in listed
    assert f"/web/20240502100000/{STORY}&lang_ui=uk" in listed
    page = html.unescape(server.get(f"/web/20240501100000mp_/{STORY}&lang_ui=uk").text)
    assert 'href="/web/20240501100000/https://news.example/plain?lang_ui=uk#end"' in page
    assert "Немає в цьому архіві: https://news.example/none" in page
    none = server.get("/web/2024/https://news.example/none?lang_ui=uk", Accept_Language="en")
    assert none.status_code == 404
    assert "Немає копії" in none.text
    assert "lang_ui" not in html.unescape(none.text).partition("<pre")[2]


def test_an_address_that_itself_ends_so_is_meant_where_it_was_captured(server: Server) -> None:
    answer = server.get(f"/web/20240501100000/{SPOKEN}", Accept_Language="en")
    assert '<html lang="en">' in answer.text
    assert links_of(answer)["original"] == SPOKEN
    both = server.get(f"/web/20240501100000/{SPOKEN}&lang_ui=uk", Accept_Language="en")
    assert '<html lang="uk">' in both.text
    assert links_of(both)["original"] == SPOKEN


def test_what_is_no_language_of_ours_belongs_to_the_address(server: Server) -> None:
    for end in ("lang_ui=fr", "lang_ui=", "lang_ui", "lang_ui=uk&y=2", "lang_ui=<script>"):
        answer = server.get(f"/web/20240501100000/{STORY}&{end}")
        assert answer.status_code == 404
        assert '<html lang="en">' in answer.text
