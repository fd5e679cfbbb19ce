"""When a page gets another revision, and when it does not."""

from __future__ import annotations

import pytest

from scraper.article import Link
from scraper.errors import NotInArchive
from scraper.store import Archive, Stored


def test_first_article_is_new(archive: Archive, make) -> None:
    assert make.store(archive, make.article()) == Stored(1, 1, "new")
    article = archive.article(1)
    assert (article.id, article.revision, article.headline) == (1, 1, "Flood")
    assert article.body == "Water rose.\n\nIt fell."


def test_same_text_is_unchanged_and_the_capture_kept(archive: Archive, make) -> None:
    make.store(archive, make.article())
    again = make.store(archive, make.article(), body=b"<html>another advertisement</html>")
    assert again == Stored(1, 1, "unchanged")
    captures = list(archive.captures(1))
    assert [c.revision for c in captures] == [1, 1]
    assert [c.verdict for c in captures] == ["ok", "ok"]
    assert len(list(archive.revisions(1))) == 1


@pytest.mark.parametrize(
    "edit",
    [
        {"headline": "Flood worsens"},
        {"authors": ("Ada Bell", "Cem Dal")},
        {"published_at": "2024-07-23"},
        {"published_at": None},
        {"body": "Water rose.\n\nIt rose again."},
    ],
)
def test_an_edit_is_a_revision(archive: Archive, make, edit) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(**edit)) == Stored(1, 2, "changed")
    assert archive.article(1).revision == 2
    assert [r.revision for r in archive.revisions(1)] == [1, 2]


@pytest.mark.parametrize(
    "noise",
    [
        {"modified_at": "2024-07-23T12:00:00Z"},
        {"lead": "Another cut of the text"},
        {"image": "https://example.com/other.jpg"},
        {"tags": ("floods",)},
        {"links": (Link("https://example.com/b", "b", "related"),)},
        {"section": "World"},
        {"verdict": "paywall"},
        {"headline": "  Flood\n"},
        {"body": "Water  rose.\n\n\nIt\u00a0fell. "},
    ],
)
def test_noise_is_no_revision(archive: Archive, make, noise) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(**noise)) == Stored(1, 1, "unchanged")


def test_equal_letters_in_another_unicode_form_are_no_edit(archive: Archive, make) -> None:
    make.store(archive, make.article(headline="Caf\u00e9"))
    assert make.store(archive, make.article(headline="Cafe\u0301")).state == "unchanged"


def test_an_edit_taken_back_is_a_third_revision(archive: Archive, make) -> None:
    for headline in ("A", "B", "A"):
        stored = make.store(archive, make.article(headline=headline))
    assert stored == Stored(1, 3, "changed")
    assert [r.headline for r in archive.revisions(1)] == ["A", "B", "A"]


@pytest.mark.parametrize("verdict", ["consent", "blocked", "empty", "not_article"])
def test_a_wall_after_an_article_leaves_the_article(archive: Archive, make, verdict) -> None:
    make.store(archive, make.article())
    wall = make.article("We value your privacy", verdict=verdict, verdict_reason="a wall", page_type="other")
    assert make.store(archive, wall) == Stored(1, None, "labelled")
    assert archive.article(1).verdict == "ok"
    assert archive.article(1).body.startswith("Water")
    last = list(archive.captures(1))[-1]
    assert (last.verdict, last.verdict_reason, last.page_type, last.revision) == (verdict, "a wall", "other", None)
    assert make.store(archive, make.article()) == Stored(1, 1, "unchanged")


@pytest.mark.parametrize("teaser", ["Water …", "Water rose.", "Water rose.\n\nIt f…"])
def test_a_paywall_that_shows_the_beginning_of_a_known_text_is_no_edit(archive: Archive, make, teaser: str) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(teaser, verdict="paywall")) == Stored(1, None, "labelled")
    assert archive.article(1).body == "Water rose.\n\nIt fell."
    assert list(archive.captures(1))[-1].verdict == "paywall"


@pytest.mark.parametrize("change", [{"body": "Wine rose …"}, {"body": "Water …", "headline": "Flood over"}])
def test_a_paywall_that_shows_something_else_is_an_edit(archive: Archive, make, change: dict[str, str]) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(**change, verdict="paywall")) == Stored(1, 2, "changed")


def test_a_label_becomes_an_article_later(archive: Archive, make) -> None:
    wall = make.article("Accept all cookies", verdict="consent", page_type="other")
    assert make.store(archive, wall) == Stored(1, 1, "new")
    labelled = archive.article(1)
    assert (labelled.verdict, labelled.body, labelled.body_html, labelled.word_count) == ("consent", None, None, 0)
    assert not list(archive.articles())
    assert [a.id for a in archive.articles(verdicts=None)] == [1]
    assert not list(archive.search("cookies"))

    assert make.store(archive, make.article("Accept cookies, please", verdict="consent")) == Stored(1, 1, "unchanged")
    assert make.store(archive, make.article(None, verdict="blocked")) == Stored(1, 2, "changed")
    assert make.store(archive, make.article()) == Stored(1, 3, "changed")
    assert archive.article(1).verdict == "ok"
    assert [a.id for a in archive.articles()] == [1]


@pytest.mark.parametrize("status", [404, 403, 500])
def test_an_error_page_is_never_a_revision(archive: Archive, make, status) -> None:
    assert make.store(archive, make.article("Page not found"), status=status) == Stored(1, None, "labelled")
    with pytest.raises(NotInArchive, match=f"status {status}"):
        archive.article(1)
    make.store(archive, make.article())
    assert make.store(archive, make.article("Gone"), status=status) == Stored(1, None, "labelled")
    assert archive.article(1).revision == 1


def test_an_old_capture_read_late_does_not_hide_the_newer_text(archive: Archive, make) -> None:
    old, new = (archive.add_capture(make.capture()) for _ in range(2))
    assert archive.add_article(new.id, make.article("New text")).state == "new"
    assert archive.add_article(old.id, make.article("Old text")) == Stored(1, 2, "changed")
    assert archive.article(1).body == "New text"
    assert [r.body for r in archive.revisions(1)] == ["Old text", "New text"]
    assert [hit.revision for hit in archive.search("text")] == [1]


def test_an_old_capture_read_late_that_shows_known_text(archive: Archive, make) -> None:
    captures = [archive.add_capture(make.capture()) for _ in range(4)]
    for index, text in ((1, "A"), (3, "B"), (2, "A"), (0, "A")):
        stored = archive.add_article(captures[index].id, make.article(text))
    assert stored == Stored(1, 1, "unchanged")
    assert [r.body for r in archive.revisions(1)] == ["A", "B"]


def test_an_old_article_read_late_replaces_a_newer_label(archive: Archive, make) -> None:
    old, new = (archive.add_capture(make.capture()) for _ in range(2))
    archive.add_article(new.id, make.article(None, verdict="blocked"))
    assert archive.add_article(old.id, make.article()) == Stored(1, 2, "changed")
    assert archive.article(1).verdict == "ok"


def test_the_same_capture_twice_is_unchanged(archive: Archive, make) -> None:
    ref = archive.add_capture(make.capture())
    archive.add_article(ref.id, make.article())
    assert archive.add_article(ref.id, make.article()) == Stored(1, 1, "unchanged")


def test_an_article_round_trips_with_every_field(archive: Archive, make) -> None:
    from scraper.article import Provenance

    article = make.article(
        canonical_url="https://example.com/c",
        modified_at="2024-07-23",
        lead="Lead",
        section="World",
        tags=("a", 'b "quoted"'),
        image="https://example.com/i.jpg",
        links=(Link("https://e.org/1", "Перше", "inline"), Link("https://e.org/2", "", "related")),
        verdict="paywall",
        verdict_reason="Half of it is behind a paywall.",
        provenance={"headline": Provenance(source="json_ld", confidence=0.9, selector="$.headline", reason="first")},
    )
    ref = archive.add_capture(make.capture())
    archive.add_article(ref.id, article)
    stored = archive.article(1)
    expected = {**article.as_dict(), "id": 1, "revision": 1}
    found = stored.as_dict()
    assert stored.capture == ref
    assert found.pop("capture")["id"] == ref.id
    assert found == expected


def test_text_that_sqlite_tools_cannot_hold_is_made_safe(archive: Archive, make) -> None:
    make.store(archive, make.article("a\x00b \ud83d c", headline="h\ud83d", authors=("x\ud83d\x00",)))
    article = archive.article(1)
    assert article.body.startswith("ab ")
    assert "\ud83d" not in article.body + article.headline + article.authors[0]


def test_unknown_capture(archive: Archive, make) -> None:
    with pytest.raises(NotInArchive, match="No capture 7"):
        archive.add_article(7, make.article())
    with pytest.raises(NotInArchive, match="No capture 7"):
        archive.mark_extraction_failed(7, "killed")


def test_unextracted(archive: Archive, make) -> None:
    waiting = archive.add_capture(make.capture())
    done = archive.add_capture(make.capture())
    archive.add_article(done.id, make.article())
    archive.add_capture(make.failed())
    archive.add_capture(make.capture(status=404))
    dies = archive.add_capture(make.capture())
    assert list(archive.unextracted()) == [waiting.id, dies.id]
    assert list(archive.unextracted(limit=1)) == [waiting.id]
    archive.mark_extraction_failed(dies.id, "it took more than 30 s")
    assert list(archive.unextracted()) == [waiting.id]
    assert list(archive.captures(1))[-1].extraction_error == "it took more than 30 s"
    # Trying again and succeeding clears it.
    archive.add_article(dies.id, make.article())
    assert list(archive.captures(1))[-1].extraction_error is None
