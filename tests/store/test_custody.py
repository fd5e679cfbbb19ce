"""The chain of custody: nothing can be changed, left out, put in or moved without its showing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from scraper.capture import Rendering
from scraper.store import Archive
from tests.store.conftest import START


@pytest.fixture
def filled(archive: Archive, make, path: Path) -> Path:
    for number in range(6):
        ref = archive.add_capture(make.capture(f"https://example.com/{number}", body=b"body %d" % number))
        archive.add_article(ref.id, make.article(f"Text {number}"))
    archive.add_capture(make.failed("https://example.com/7"))
    drawn = Rendering(url="https://example.com/6", rendered_at=START, browser="b 1", dom=b"<p>drawn", time_total=1.25)
    archive.add_rendering(ref.id, drawn)
    archive.close()
    return path


def faults(path: Path) -> list[str]:
    with Archive.open(path) as archive:
        return [f"{c.subject}: {c.reason}" for c in archive.check() if c.part == "chain" and c.result == "failed"]


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_anybody_can_compute_it(filled: Path) -> None:
    """As docs/custody.md says it is done, with nothing of this package."""
    connection = sqlite3.connect(filled)
    connection.row_factory = sqlite3.Row
    later = "extracted_at extractor extraction_error verdict verdict_reason page_type revision modified_at".split()
    tables = {"capture": ("captures", "id"), "rendering": ("renderings", "capture_id"), "removal": ("removals", "id")}
    previous = ""
    for entry in connection.execute("SELECT * FROM custody ORDER BY position").fetchall():
        table, key = tables[entry["kind"]]
        row = dict(connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (entry["subject_id"],)).fetchone())
        subject = {name: value for name, value in row.items() if value is not None and name not in later}
        line = {
            "kind": entry["kind"],
            "position": entry["position"],
            "previous": previous,
            "recorded_at": entry["recorded_at"],
            "subject": subject,
        }
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == entry["head"]
        previous = entry["head"]
    connection.close()
    with Archive.open(filled) as archive:
        assert archive.head().head == previous
        assert archive.head().position == 8


def test_reading_a_page_again_does_not_touch_it(filled: Path, make) -> None:
    with Archive.open(filled, write=True) as archive:
        before = archive.head()
        archive.add_article(1, make.article("Read better"))
        archive.mark_extraction_failed(2, "died")
        assert archive.head() == before
    assert not faults(filled)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE captures SET fetched_at = '2020-01-01T00:00:00.000Z' WHERE id = 3", ["3: capture 3"]),
        ("UPDATE captures SET sha256 = (SELECT sha256 FROM captures WHERE id = 1) WHERE id = 3", ["3: capture 3"]),
        ("UPDATE captures SET headers = '[]' WHERE id = 1", ["1: capture 1"]),
        ("UPDATE captures SET status = 404 WHERE id = 6", ["6: capture 6"]),
        ("UPDATE captures SET error = NULL WHERE id = 7", ["7: capture 7"]),
        ("UPDATE renderings SET sha256 = NULL", ["8: rendering 6"]),
        ("UPDATE custody SET head = replace(head, substr(head, 1, 1), 'x') WHERE position = 4", ["4: ", "5: "]),
        ("UPDATE custody SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE position = 4", ["4: "]),
        ("DELETE FROM custody WHERE position = 4", ["5: ", "none: capture 4"]),
        ("DELETE FROM custody WHERE position = 1", ["2: ", "none: capture 1"]),
        ("DELETE FROM captures WHERE id = 7", ["7: capture 7: the capture it is about is gone"]),
        ("UPDATE custody SET kind = 'spell' WHERE position = 2", ["2: spell 2: it is of an unknown kind", "none: "]),
        ("UPDATE custody SET position = 99 WHERE position = 8", ["99: "]),
    ],
)
def test_what_was_altered_is_named(filled: Path, statement: str, found: list[str]) -> None:
    change(filled, statement)
    said = faults(filled)
    assert len(said) == len(found), said
    for words, beginning in zip(said, found, strict=True):
        assert words.startswith(beginning)


def test_a_chain_made_anew_does_not_hold_the_published_head(filled: Path) -> None:
    """Who owns the file can make a whole new chain; what was published of the old one gives it away."""
    with Archive.open(filled) as archive:
        published = archive.head()
    change(filled, "UPDATE captures SET headers = '[]' WHERE id = 1", "DELETE FROM custody")
    connection = sqlite3.connect(filled)
    from scraper.store.custody import link_all

    link_all(connection)
    connection.commit()
    connection.close()
    assert not faults(filled)
    with Archive.open(filled) as archive:
        assert archive.position_of(published.head) is None


def test_a_tail_cut_off_does_not_hold_the_published_head(filled: Path) -> None:
    with Archive.open(filled) as archive:
        published = archive.head()
        earlier = archive.position_of(published.head)
    assert earlier == 8
    change(filled, "DELETE FROM custody WHERE position = 8", "DELETE FROM renderings")
    assert not faults(filled)
    with Archive.open(filled) as archive:
        assert archive.position_of(published.head) is None


def test_a_write_that_is_undone_leaves_no_entry(archive: Archive, make) -> None:
    archive.add_capture(make.capture())
    before = archive.head()

    def fail() -> None:
        with archive.batch():
            archive.add_capture(make.capture("https://example.com/other"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert archive.head() == before
    archive.add_capture(make.capture("https://example.com/third"))
    assert {checked.result for checked in archive.check()} == {"ok"}


def test_an_empty_archive(archive: Archive) -> None:
    assert archive.head().position == 0
    assert archive.position_of("") is None
    assert [(c.part, c.result) for c in archive.check()] == [("database", "ok"), ("database", "ok")]
