"""What became of pages: the view `changes`, histories, differences, and archives from before there were any."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import NotInArchive, QueryError
from scraper.store import Archive, Stored
from scraper.store.opening import APPLICATION_ID
from scraper.store.revisions import content_of
from scraper.store.schema import MIGRATIONS


def rows(path: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


# What is no revision


@pytest.mark.parametrize(
    "noise",
    [
        {"body": "Water rose.\n\n1,234 views\n\nIt fell."},
        {"body": "Updated 5 minutes ago\n\nWater rose.\n\nIt fell.\n\n12 comments"},
        {"body": "Water rose.\n\nIt\u00a0fell.\n\nЧас читання: 4 хв"},
        {"body": "Wa\u00adter rose.\n\nIt fell.\u200b"},
        {"authors": ("ADA BELL",)},
        {"published_at": "2024-07-22"},
        {"published_at": "2024-07-22T06:00:31Z"},
        {"modified_at": "2024-07-25T10:00:00Z"},
    ],
)
def test_noise_is_no_revision(archive: Archive, make, noise: dict[str, Any]) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(**noise)) == Stored(1, 1, "unchanged")


@pytest.mark.parametrize(
    "edit",
    [
        {"body": "Water rose.\n\nIt fell 5 minutes ago."},
        {"body": "Water rose, 12 views.\n\nIt fell."},
        {"body": "Water rose.\n\nIt fell.\n\n12 killed"},
        {"body": "It fell.\n\nWater rose."},
        {"body": "water rose.\n\nIt fell."},
        {"headline": "FLOOD"},
        {"authors": ("Ada Béll",)},
        {"published_at": "2024-07-23"},
        {"published_at": "2024-07-22T09:01:00+03:00"},
    ],
)
def test_a_small_edit_is_one(archive: Archive, make, edit: dict[str, Any]) -> None:
    make.store(archive, make.article())
    assert make.store(archive, make.article(**edit)) == Stored(1, 2, "changed")


def test_counters_that_differ_are_no_edit_either(archive: Archive, make) -> None:
    for number in (1, 20, 300):
        stored = make.store(archive, make.article(f"Water rose.\n\n{number} views\n\n{number} minutes ago"))
    assert stored == Stored(1, 1, "unchanged")


def test_when_a_page_says_it_was_modified_is_kept_at_every_capture(archive: Archive, path: Path, make) -> None:
    for time in ("2024-07-22T10:00Z", "2024-07-22T11:00Z", None):
        make.store(archive, make.article(modified_at=time))
    assert [row["modified_at"] for row in rows(path, "SELECT modified_at FROM captures ORDER BY id")] == [
        "2024-07-22T10:00Z",
        "2024-07-22T11:00Z",
        None,
    ]


def test_what_an_extractor_reads_otherwise_on_the_same_page_is_no_edit(archive: Archive, make) -> None:
    page = b"<body><p>Water rose.</p><p>It fell.</p><p>Buy boots.</p><p>%b</p></body>"
    make.store(archive, make.article(), body=page % b"One")
    more = make.article("Water rose.\n\nIt fell.\n\nBuy boots.")
    assert make.store(archive, more, body=page % b"Two") == Stored(1, 1, "unchanged")
    # The same words, and this time they were not there before.
    assert make.store(archive, make.article("Water rose.\n\nIt fell.\n\nTwo"), body=page % b"Two").state == "changed"
    assert make.store(archive, make.article("Water rose.\n\nIt fell."), body=page % b"").state == "changed"


def test_without_the_older_page_a_difference_is_an_edit(archive: Archive, make) -> None:
    page = b"<body><p>Water rose.</p><p>It fell.</p><p>Buy boots.</p></body>"
    make.store(archive, make.article(), body=page)
    archive._db.sql.execute("UPDATE blobs SET content = zeroblob(9)")
    archive._db.sql.execute("COMMIT") if archive._db.sql.in_transaction else None
    more = make.article("Water rose.\n\nIt fell.\n\nBuy boots.")
    assert make.store(archive, more, body=page + b" ").state == "changed"


# The view


def test_changes_with_plain_sqlite3(archive: Archive, path: Path, make) -> None:
    note = "Correction: The river fell."
    for article in (
        make.article(),
        make.article(headline="Flood is over"),
        make.article(f"Water rose.\n\nIt fell again.\n\n{note}", headline="Flood is “over”"),
        make.article(None, verdict="consent"),
        make.article(f"Water rose.\n\nIt fell again.\n\n{note}\n\n9 views", authors=(), published_at="2024-07-22"),
    ):
        make.store(archive, article)
    found = rows(path, "SELECT * FROM changes ORDER BY to_revision")
    flags = ("headline_changed", "authors_changed", "published_changed", "body_changed")
    assert [(row["from_revision"], row["to_revision"], *(row[flag] for flag in flags)) for row in found] == [
        (1, 2, 1, 0, 0, 0),
        (2, 3, 1, 0, 0, 1),
        (3, 4, 1, 1, 0, 0),
    ]
    assert [row["correction"] for row in found] == [None, note, None]
    assert [row["headline_before"] for row in found] == ["Flood", "Flood is over", "Flood is “over”"]
    assert (found[1]["words_before"], found[1]["words_after"]) == (4, 9)
    assert (found[2]["authors_before"], found[2]["authors_after"]) == ('["Ada Bell"]', "[]")
    assert found[0]["before_seen_at"] < found[0]["seen_at"]


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("2024-07-22", "2024-07-22T09:00:00+03:00", 0),
        ("2024-07-22T06:00:00Z", "2024-07-22T09:00:30+03:00", 0),
        ("2024-07-22T09:00", "2024-07-22T09:00:00+03:00", 0),
        ("2024-07-22T09:00:00Z", "2024-07-22T09:00:00+03:00", 1),
        ("2024-07-22", "2024-07-23T01:00:00Z", 1),
        (None, "2024-07-22", 1),
    ],
)
def test_dates_in_the_view_are_compared_as_elsewhere(
    archive: Archive, make, before: str | None, after: str, changed: int
) -> None:
    make.store(archive, make.article(published_at=before))
    make.store(archive, make.article("Another text.", published_at=after))
    assert rows(archive.path, "SELECT published_changed FROM changes") == [{"published_changed": changed}]
    assert ("published_at" in archive.diff(1).edited) == bool(changed)


def test_changes_in_python(archive: Archive, make) -> None:
    make.store(archive, make.article())
    make.store(archive, make.article("It rose.\n\nCorrection: It fell."))
    other = "https://other.example/b"
    for headline in ("A", "B"):
        make.store(archive, make.article(url=other, site="other.example", headline=headline), url=other)
    first, second = archive.changes()
    assert (first.site, first.edited, first.headline_before, first.headline_after) == (
        "other.example",
        ("headline",),
        "A",
        "B",
    )
    assert (second.edited, second.correction, second.authors_after) == (
        ("body",),
        "Correction: It fell.",
        ("Ada Bell",),
    )
    assert list(archive.changes(corrections=True)) == [second]
    assert list(archive.changes(1)) == list(archive.changes(site="example.com")) == [second]
    assert list(archive.changes(limit=1)) == [first]
    assert len(list(archive.changes(since="2024-07-23", until="2024-07"))) == 2
    assert not list(archive.changes(since="2024-07-24"))
    assert not list(archive.changes(until="2024-07-22"))
    with pytest.raises(QueryError, match="not a day"):
        archive.changes(since="yesterday")
    with pytest.raises(NotInArchive):
        archive.changes("https://nowhere.example/")


# History and differences


def test_a_history(archive: Archive, make) -> None:
    archive.add_capture(make.failed())
    make.store(archive, make.article())
    make.store(archive, make.article())
    make.store(archive, make.article(None, verdict="consent"))
    make.store(archive, make.article("Water rose far.\n\nIt fell.", headline="Flood over", modified_at="2024-07-23"))
    found = list(archive.history(1))
    assert [(s.error, s.verdict, s.revision, s.first, s.edited) for s in found] == [
        ("dns", None, None, False, ()),
        (None, "ok", 1, True, ()),
        (None, "ok", 1, False, ()),
        (None, "consent", None, False, ()),
        (None, "ok", 2, False, ("headline", "body")),
    ]
    last = found[-1]
    assert (last.words_added, last.words_removed, last.modified_at, last.imported) == (1, 0, "2024-07-23", False)
    assert json.loads(json.dumps(last.as_dict()))["edited"] == ["headline", "body"]
    assert found[1].sha256 == next(iter(archive.revisions(1))).capture.sha256
    with pytest.raises(NotInArchive):
        archive.history(7)


def test_differences_of_any_two_revisions(archive: Archive, make) -> None:
    for headline in ("A", "B", "C"):
        make.store(archive, make.article(headline=headline))

    def pair(*numbers: int | None) -> tuple[str | None, str | None]:
        found = archive.diff(1, *numbers)
        return found.before.headline, found.after.headline

    assert pair() == ("B", "C")
    assert pair(1) == ("A", "C")
    assert pair(None, 2) == ("A", "B")
    assert pair(3, 1) == ("C", "A")
    with pytest.raises(NotInArchive, match="no revision 9"):
        archive.diff(1, 1, 9)
    with pytest.raises(NotInArchive, match="nothing before revision 1"):
        archive.diff(1, None, 1)
    with pytest.raises(NotInArchive, match="not in"):
        archive.diff("https://nowhere.example/")


# Archives from before


def make_version_5(path: Path, make) -> None:
    """An archive as the version of schema 5 made it, with two pages of the same text and one that was edited."""
    from sqlite_utils import Database

    connection = sqlite3.connect(path)
    db = Database(connection)
    MIGRATIONS.apply(db, stop_before="m006_deltas")
    text = " ".join(f"word{n}" for n in range(200))
    texts = [(1, 1, text), (2, 1, text), (3, 1, "It fell."), (3, 2, "It fell.\n\nCorrection: It rose.")]
    for page in (1, 2, 3):
        db["pages"].insert(
            {
                "id": page,
                "url": f"https://s{page}.example/",
                "site": f"s{page}.example",
                "first_seen_at": "",
                "last_seen_at": "",
            }
        )
    for number, (page, revision, body) in enumerate(texts, start=1):
        article = make.article(body, url=f"https://s{page}.example/")
        time = f"2024-07-23T10:{number:02}:00.000Z"
        url = f"https://s{page}.example/"
        db["captures"].insert(
            {"id": number, "page_id": page, "url": url, "final_url": url, "fetched_at": time, "requests": 1}
            | {"headers": "[]", "request_headers": "[]", "redirects": "[]", "time_total": 0.1, "revision": revision}
        )
        db["revisions"].insert(
            {"id": number, "page_id": page, "number": revision, "capture_id": number, "first_seen_at": time}
            | {"content_hash": f"by an older rule {number}", "sorted_at": time, "url": url, "site": f"s{page}.example"}
            | {"headline": "Flood", "authors": '["Ada Bell"]', "published_at": article.published_at, "tags": "[]"}
            | {"word_count": 2, "page_type": "article", "verdict": "ok", "extractor": "old 1", "body": body}
            | {"provenance": "{}"}
        )
        db["pages"].update(page, {"newest_revision_id": number})
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 5")
    connection.commit()
    connection.close()


def test_an_archive_of_schema_5(path: Path, make) -> None:
    make_version_5(path, make)
    with Archive.open(path, write=True) as archive:
        (pair,) = archive.duplicates()
        assert (pair.page_id, pair.other_page_id, pair.similarity, pair.across_sites) == (1, 2, 1.0, True)
        (edit,) = archive.changes()
        assert (edit.page_id, edit.edited, edit.correction) == (3, ("body",), "Correction: It rose.")
        # Its hashes are of another rule; what it holds is not.
        again = make.article("It fell.\n\nCorrection: It rose.\n\n12 views", url="https://s3.example/")
        assert make.store(archive, again, url="https://s3.example/") == Stored(3, 2, "unchanged")
        assert (
            content_of(again).digest != rows(path, "SELECT content_hash FROM revisions WHERE id = 4")[0]["content_hash"]
        )
        edited = make.article("It fell.\n\nCorrection: It sank.", url="https://s3.example/")
        assert make.store(archive, edited, url="https://s3.example/") == Stored(3, 3, "changed")
    assert rows(path, "SELECT count(*) AS n FROM revisions WHERE text_hashes = '[]'") == [{"n": 0}]
