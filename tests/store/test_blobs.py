"""Bodies: whole or as differences, short chains, every one of them readable, damage named exactly."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scraper.errors import BlobCorrupt
from scraper.store import Archive
from scraper.store.blobs import LONGEST_CHAIN
from tests.store.bodies import edited, page


def url(site: int, story: int) -> str:
    return f"https://outlet-{site}.example/{story}"


def chains(path: Path) -> dict[str, int]:
    """Every body's hash, and how many differences it is away from a whole one."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT blobs.sha256, coalesce(depth, 0) FROM blobs LEFT JOIN deltas USING (sha256)")
    found = dict(rows.fetchall())
    connection.close()
    return found


def stored_size(path: Path) -> int:
    connection = sqlite3.connect(path)
    (size,) = connection.execute("SELECT sum(stored_size) FROM blobs").fetchone()
    connection.close()
    return size


def test_a_recapture_is_kept_as_a_difference_and_read_whole(archive: Archive, path: Path, make) -> None:
    bodies = [edited(page(1, 1), times) for times in range(25)]
    refs = [archive.add_capture(make.capture(url(1, 1), body=body)) for body in bodies]
    assert [archive.capture(ref.id).body for ref in refs] == bodies
    depths = chains(path)
    in_order = [depths[ref.sha256] for ref in refs]
    # Every tenth is whole: 0 … 9, 0 … 9, 0 … 4.
    assert in_order == [number % (LONGEST_CHAIN + 1) for number in range(25)]
    assert stored_size(path) < 4 * len(bodies[0])


def test_pages_of_one_site_lean_on_one_of_them(archive: Archive, path: Path, make) -> None:
    bodies = {(site, story): page(site, story) for story in range(6) for site in (1, 2)}
    refs = {key: archive.add_capture(make.capture(url(*key), body=body)) for key, body in bodies.items()}
    depths = chains(path)
    assert {key: depths[ref.sha256] for key, ref in refs.items()} == {key: int(key[1] > 0) for key in bodies}
    connection = sqlite3.connect(path)
    bases = connection.execute("SELECT site, sha256, uses FROM site_bases ORDER BY site").fetchall()
    connection.close()
    assert bases == [(f"outlet-{site}.example", refs[site, 0].sha256, 5) for site in (1, 2)]
    for key, ref in refs.items():
        assert archive.capture(ref.id).body == bodies[key]


def test_a_base_is_replaced_before_too_much_leans_on_it(archive: Archive, path: Path, make) -> None:
    with archive.batch():
        for story in range(130):
            archive.add_capture(make.capture(url(1, story), body=page(1, story)))
    connection = sqlite3.connect(path)
    uses = connection.execute("SELECT count(*) FROM deltas GROUP BY base_sha256 ORDER BY 1").fetchall()
    connection.close()
    assert uses == [(28,), (100,)]


def test_what_does_not_resemble_anything_is_whole(archive: Archive, path: Path, make) -> None:
    import os

    archive.add_capture(make.capture(url(1, 1), body=page(1, 1)))
    noise = archive.add_capture(make.capture(url(1, 2), body=os.urandom(50_000)))
    empty = archive.add_capture(make.capture(url(1, 3), body=b""))
    depths = chains(path)
    assert depths[noise.sha256] == depths[empty.sha256] == 0
    assert archive.capture(empty.id).body == b""


def test_a_wall_between_two_versions_does_not_break_the_chain(archive: Archive, path: Path, make) -> None:
    first = archive.add_capture(make.capture(url(1, 1), body=page(1, 1)))
    archive.add_capture(make.capture(url(1, 1), body=b"<h1>Are you a robot?</h1>" * 20))
    again = archive.add_capture(make.capture(url(1, 1), body=edited(page(1, 1), 1)))
    assert chains(path)[again.sha256] == 1
    assert archive.capture(again.id).body != archive.capture(first.id).body


def test_large_bodies_are_whole(archive: Archive, path: Path, make) -> None:
    large = page(1, 1) * 500
    ref = archive.add_capture(make.capture(url(1, 1), body=large))
    again = archive.add_capture(make.capture(url(1, 1), body=large + b"<!-- 2 -->"))
    assert len(large) > 8 * 1024 * 1024
    assert chains(path)[again.sha256] == 0
    assert archive.capture(ref.id).body == large


@pytest.mark.parametrize("how", ["changed", "base", "cut", "missing", "loop", "codec"])
def test_damage_names_exactly_the_captures_it_touches(archive: Archive, path: Path, make, how: str) -> None:
    versions = [archive.add_capture(make.capture(url(1, 1), body=edited(page(1, 1), n))) for n in range(5)]
    others = [archive.add_capture(make.capture(url(2, 1), body=edited(page(2, 1), n))) for n in range(3)]
    archive.close()
    connection = sqlite3.connect(path)
    third = versions[2].sha256
    if how == "changed":
        connection.execute(
            "UPDATE blobs SET content = CAST(substr(content, 1, stored_size - 6) || 'damage' AS BLOB) WHERE sha256 = ?",
            (third,),
        )
    elif how == "base":
        connection.execute("UPDATE deltas SET base_sha256 = ? WHERE sha256 = ?", (others[0].sha256, third))
    elif how == "cut":
        connection.execute("UPDATE blobs SET content = substr(content, 1, 20) WHERE sha256 = ?", (third,))
    elif how == "missing":
        connection.execute("DELETE FROM deltas WHERE sha256 = ?", (third,))
    elif how == "loop":
        connection.execute("UPDATE deltas SET base_sha256 = ? WHERE sha256 = ?", (versions[4].sha256, third))
    else:
        connection.execute("UPDATE blobs SET codec = 'lzma' WHERE sha256 = ?", (third,))
    connection.commit()
    connection.close()
    touched = [ref.id for ref in versions[2:]]
    with Archive.open(path) as damaged:
        for ref in versions[:2] + others:
            assert damaged.capture(ref.id).sha256 == ref.sha256
        for ref in versions[2:]:
            with pytest.raises(BlobCorrupt) as caught:
                damaged.capture(ref.id)
            if how != "loop":
                assert str(caught.value).count(third) == 1
                assert f"without it: {', '.join(map(str, touched))}." in str(caught.value)
        failed = {id_ for checked in damaged.check() if checked.result == "failed" for id_ in checked.captures}
    assert failed == set(touched)


def test_nothing_new_leans_on_what_is_damaged(archive: Archive, path: Path, make) -> None:
    archive.add_capture(make.capture(url(1, 1), body=page(1, 1)))
    archive.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE blobs SET content = x'00'")
    connection.commit()
    connection.close()
    with Archive.open(path, write=True) as again:
        ref = again.add_capture(make.capture(url(1, 1), body=edited(page(1, 1), 1)))
        assert again.capture(ref.id).body == edited(page(1, 1), 1)
    assert chains(path)[ref.sha256] == 0


def test_a_reader_sees_damage_that_happens_while_it_reads(archive: Archive, path: Path, make) -> None:
    refs = [archive.add_capture(make.capture(url(1, 1), body=edited(page(1, 1), n))) for n in range(3)]
    with Archive.open(path) as reader:
        assert [reader.capture(ref.id).sha256 for ref in refs] == [ref.sha256 for ref in refs]
        connection = sqlite3.connect(path)
        connection.execute("UPDATE blobs SET content = x'00' WHERE sha256 = ?", (refs[2].sha256,))
        connection.commit()
        connection.close()
        with pytest.raises(BlobCorrupt):
            reader.capture(refs[2].id)
