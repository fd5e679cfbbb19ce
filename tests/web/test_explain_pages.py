"""A captured page explained: its blocks and fields beside it and on it, whatever the page is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest

from scraper.capture import Rendering
from scraper.errors import ExtractionFailed
from scraper.store import Archive
from scraper.web.explaining import MOST_BLOCKS
from scraper.web.visits import Answer, Route, Services, Visit, Waiting
from tests.extract.pages import HEADLINE, PARAGRAPHS
from tests.extract.pages import page as story
from tests.web.browser import INJECTIONS, START, Browser, Page
from tests.web.replay.archived import PNG, archive_of, capture
from tests.web.replay.payloads import filled, page_of, payloads
from tests.web.replay.strictness import assert_harmless
from tests.web.test_pages import is_sound

URL = "https://news.example/story"
BYLINE = "<p class=byline>By <a rel=author href=/by/ann>Ann Lee</a></p><p><time>April 30, 2024</time></p>"
FOOTER = "<footer><a href=/about>About this paper</a></footer><img src=/i.png alt=Pier><a href=/b>Another page</a>"
HOSTILE = [filled(one, js="alert(1)", url="http://evil.test/x") for one in payloads()]


def hostile_pages() -> Iterator[str]:
    """Texts that would be markup wherever a page can have one, and whatever else can be done with markup."""
    for text in INJECTIONS:
        said = escape(text)
        head = "".join(f'<meta name="{name}" content="{said}">' for name in ("author", "description", "keywords"))
        byline = f"<p class='{said}'>By <a rel=author href='javascript:alert(1)' class='{said}'>{said}</a></p>"
        yield story(title=said, h1=said, head=head, byline=byline, text="".join(f"<p>{said} {p}" for p in PARAGRAPHS))
    yield page_of(HOSTILE)
    yield story(above=page_of(HOSTILE[:200]), below=page_of(HOSTILE[200:]))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = archive_of(
        tmp_path_factory.mktemp("explained"),
        capture(URL, story(byline=BYLINE, below=FOOTER, lang="en")),
        capture("https://news.example/i.png", PNG, "2024-05-01 10:00:05", kind="image/png"),
        capture("https://news.example/b", "<p>Another page", "2024-05-01 10:30:00"),
        capture("https://news.example/t.txt", "\n\n".join([HEADLINE, *PARAGRAPHS]), kind="text/plain"),
        capture("https://news.example/doc", b"%PDF-1.4 ...", kind="application/pdf"),
        capture("https://news.example/long", "<!doctype html>" + "<p>one more of them</p>" * (MOST_BLOCKS + 40)),
        capture("https://news.example/deep", "<!doctype html>" + "<div>" * 900_000 + "deep"),
        capture("https://news.example/shell", "<!doctype html><div id=root></div>"),
        *(capture(f"https://hostile.example/{number}", page) for number, page in enumerate(hostile_pages())),
    )
    with Archive.open(path, write=True) as opened:
        drawn = Rendering(url="https://news.example/shell", rendered_at=START, browser="b 1", dom=story().encode())
        opened.add_rendering(8, drawn)
    return path


@pytest.fixture(scope="module")
def browser(archive: Path) -> Iterator[Browser]:
    with Browser(archive) as running:
        yield running


def blocks(page: Page) -> list[tuple[str, str, str]]:
    """Of each block that is listed: its outcome, its first words, the reason."""
    outcomes = [" ".join(one.text.split()) for one in page.all("p", class_="outcome")]
    begins = [one.text for one in page.all("p", class_="begins")]
    listed = [one for one in page.all("li") if one.attributes.get("id", "").startswith("block-")]
    reasons = [" ".join(one.text.split()) for one in listed]
    return list(zip(outcomes, begins, reasons, strict=True))


def test_each_block_is_kept_or_left_out_and_says_why(browser: Browser) -> None:
    page = browser.page("/capture/1/explain")
    listed = blocks(page)
    assert [outcome for outcome, _, _ in listed] == [
        "✕ 1 left out headline",
        "✕ 2 left out authors",
        "✕ 3 left out date",
        *(f"✓ {number} kept" for number in range(4, 9)),
        "✕ 9 left out",
        "✕ 10 left out",
    ]
    assert [text.rstrip("…") for _, text, _ in listed[3:8]] == [" ".join(p.split()[:12]) for p in PARAGRAPHS]
    assert all(re.search(r"[01]\.\d\d · .*threshold of 0\.\d\d", reason) for _, _, reason in listed[3:8])
    assert "5 blocks kept, 5 left out." in page.text
    classes = [one.attributes["class"] for one in page.all("li") if one.attributes.get("id", "").startswith("block-")]
    assert classes == [*["dropped"] * 3, *["kept"] * 5, "dropped", "dropped"]


def test_each_field_says_where_it_comes_from(browser: Browser) -> None:
    page = browser.page("/capture/1/explain")
    said = "\n".join(" ".join(one.text.split()) for one in page.all("tr"))
    assert f"headline {HEADLINE}visible page 0.98h1 block 1the heading above the text" in said
    assert re.search(r"authors Ann Leevisible page [01]\.\d\da line that says so block 2a line says so", said)
    assert re.search(r"date 2024-04-30visible page [01]\.\d\dtime block 3", said)
    assert "canonical address –not foundthe page names no canonical address" in said
    assert "headline: 1 other candidate" in page.text
    assert {"#block-1", "#block-2", "#block-3"} <= set(page.links("#block-"))


def test_the_list_leads_to_the_marks_in_the_page_and_back(browser: Browser) -> None:
    page = browser.page("/capture/1/explain")
    frame = page.one("iframe")
    assert frame.attributes["src"] == "/capture/1/explain/page"
    links = [one for one in page.all("a") if one.attributes.get("target") == frame.attributes["name"]]
    assert len(links) == 10
    answer = browser.ask("/capture/1/explain/page", Sec_Fetch_Dest="iframe")
    for number, link in enumerate(links, 1):
        address, _, mark = link.attributes["href"].partition("#")
        assert address == frame.attributes["src"]
        assert answer.text.count(f'id="{mark}"') == 1
        assert (f'href="/capture/1/explain#block-{number}"' in answer.text) == (number not in (9, 10))
    # What is in a link has no link: those of the footer.
    assert answer.text.count('target="_top"') == 8 + 3
    assert answer.text.count("✓ ") == 5
    assert answer.text.count("✕ ") == 5
    chosen = browser.page("/capture/1/explain?lang_ui=uk")
    assert chosen.one("iframe").attributes["src"] == "/capture/1/explain/page?lang_ui=uk"
    assert 'href="/capture/1/explain?lang_ui=uk#block-4"' in browser.ask("/capture/1/explain/page?lang_ui=uk").text


def test_the_page_is_shown_as_replay_shows_it(browser: Browser) -> None:
    answer = browser.ask("/capture/1/explain/page", Sec_Fetch_Dest="iframe")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src data:;")
    assert policy.endswith("frame-ancestors 'self'")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "data:image/png;base64," in answer.text
    assert 'href="/web/20240501100000/https://news.example/b" target="_top"' in answer.text
    assert_harmless(answer.content, links="/")
    around = browser.page("/capture/1/explain")
    assert around.headers["content-security-policy"].endswith("frame-ancestors 'none'; frame-src 'self'")
    assert "frame-src" not in browser.page("/capture/1").headers["content-security-policy"]
    # It is never a window of its own.
    alone = browser.ask("/capture/1/explain/page", Sec_Fetch_Dest="document")
    assert (alone.status_code, alone.headers["location"]) == (302, "/capture/1/explain")


def test_what_a_browser_drew_is_what_was_read(browser: Browser) -> None:
    page = browser.page("/capture/8/explain")
    assert "5 blocks kept" in page.text
    assert PARAGRAPHS[0][:40] in browser.ask("/capture/8/explain/page").text


def test_what_has_no_blocks(browser: Browser) -> None:
    text = browser.page("/capture/4/explain")
    assert "This page has no blocks of text to mark." in text.text
    assert PARAGRAPHS[0] in browser.ask("/capture/4/explain/page").text
    paper = browser.page("/capture/5/explain")
    assert "the page is a PDF document" in paper.text
    assert not paper.all("iframe")
    picture = browser.page("/capture/2/explain")
    assert picture.all("iframe")
    for page in (text, paper, picture):
        is_sound(page)


def test_a_very_long_page_is_listed_as_far_as_it_can_be_read(browser: Browser) -> None:
    page = browser.page("/capture/6/explain")
    assert f"Only the first {MOST_BLOCKS:,} blocks are listed and marked." in page.text
    assert len(blocks(page)) == MOST_BLOCKS
    is_sound(page)


def test_a_page_that_nests_without_end(browser: Browser) -> None:
    """Five megabytes of it."""
    page = browser.page("/capture/7/explain")
    assert [text for _, text, _ in blocks(page)][-1:] == ["deep"]
    assert "deep" in browser.ask("/capture/7/explain/page").text


def test_nothing_of_a_hostile_page_becomes_markup(browser: Browser) -> None:
    for number in range(9, 9 + len(INJECTIONS) + 2):
        for language in ("", "?lang_ui=uk"):
            page = browser.page(f"/capture/{number}/explain{language}")
            is_sound(page)
            assert not set(page.source) & set("\x00\x1b\u202e\u202c")
            assert {one.attributes["src"].partition("?")[0] for one in page.all("iframe")} == {
                f"/capture/{number}/explain/page"
            }
            assert_harmless(browser.ask(f"/capture/{number}/explain/page{language}").content, links="/")


def test_a_page_cannot_show_marks_of_its_own(browser: Browser, tmp_path: Path) -> None:
    """Their names are not those of another server, or of the same one another day."""
    first = re.findall(r"<(archive-[0-9a-f]{8}) ", browser.ask("/capture/1/explain/page").text)
    assert len(set(first)) == 1
    own = f"<{first[0]}-label id={first[0]}-1 class=kept>✓ 1</{first[0]}-label>"
    path = archive_of(tmp_path, capture(URL, story(above=f"{own}<style>{first[0]}{{display:none}}</style>")))
    with Browser(path) as other:
        text = other.ask("/capture/1/explain/page").text
    [mark] = set(re.findall(r"<(archive-[0-9a-f]{8}) ", text)) - set(first)
    assert f'id="{mark}-1"' in text


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_a_reader_types_is_text(browser: Browser, text: str) -> None:
    for path in (f"/capture/{quote(text, safe='')}", f"/capture/1/explain?lang_ui={quote(text)}"):
        answer = browser.ask(path)
        assert answer.status_code in (200, 302, 404)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


def test_a_page_that_could_not_be_read_says_so(archive: Path) -> None:
    def show(archive: Archive, visit: Visit) -> Waiting[None]:
        async def wait(services: Services) -> None:
            assert services.explainer is not None
            raise ExtractionFailed("the page took longer than 20 seconds to read and was given up")

        return Waiting(wait, lambda archive, found: Answer())

    with Browser(archive, more_routes=[Route("/slow", show)]) as browser:
        page = browser.page("/slow", 500)
    is_sound(page)
    assert page.one("h1").text == "The page cannot be read"
    assert "took longer than 20 seconds" in page.text
