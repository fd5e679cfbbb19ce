"""Pages that share their text."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from scraper.store import Archive
from scraper.store.fingerprints import keys, similarity, sketch

CHANCE = random.Random(3)


def words(number: int, kinds: int = 20_000) -> list[str]:
    return [f"word{CHANCE.randrange(kinds)}" for _ in range(number)]


def share(one: list[str], other: list[str]) -> float:
    a, b = ({tuple(w[i : i + 5]) for i in range(len(w) - 4)} for w in (one, other))
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_the_similarity_is_that_of_the_texts(part: float) -> None:
    errors = []
    for _ in range(40):
        one = words(500)
        kept = int(500 * part)
        other = one[:kept] + words(500 - kept)
        marks = sketch(" ".join(one)), sketch(" ".join(other))
        assert marks[0] is not None
        assert marks[1] is not None
        errors.append(similarity(marks[0], marks[1]) - share(one, other))
    assert abs(sum(errors) / len(errors)) < 0.04
    assert max(map(abs, errors)) < 0.25


def test_a_sketch_is_the_same_everywhere() -> None:
    # What older archives hold must stay comparable.
    text = " ".join(f"w{n}" for n in range(100))
    found = sketch(text)
    assert found is not None
    assert len(found) == 256
    assert found.hex()[:32] == "ffffffffe62bb800c6321100c3d8f403"


@pytest.mark.parametrize(
    ("text", "length"),
    [("слово " * 3 + " ".join(f"слово{n}" for n in range(50)), 53), ("".join(map(chr, range(0x4E00, 0x4E36))), 54)],
)
def test_short_texts_have_none(text: str, length: int) -> None:
    assert sketch(text[: len(text) // 2]) is None
    assert (sketch(text) is None) == (length < 54)
    assert sketch(None) is None


def test_typography_and_case_do_not_matter() -> None:
    text = " ".join(f"п'ять{n} Слів" for n in range(40))
    assert sketch(text) == sketch(text.replace("'", "’").upper())


def test_short_alike_texts_are_found() -> None:
    found = 0
    for _ in range(50):
        one = words(70)
        other = [*one[:60], *words(10)]
        a, b = sketch(" ".join(one)), sketch(" ".join(other))
        assert a is not None
        assert b is not None
        found += bool(set(keys(a)) & set(keys(b)))
    assert found >= 48


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(sql).fetchall()
    connection.close()
    return found


def test_a_syndicated_text_is_found_by_plain_sqlite3(archive: Archive, path: Path, make) -> None:
    text = " ".join(words(300))
    own = " ".join(words(40))
    for number, body in enumerate((text, f"{own}\n\n{text}", " ".join(words(300)))):
        url = f"https://paper{number}.example/story"
        make.store(archive, make.article(body, url=url, site=f"paper{number}.example", headline=f"H{number}"), url=url)
    ((first, second, similarity_, across, headline, other),) = rows(
        path, "SELECT page_id, other_page_id, similarity, across_sites, headline, other_headline FROM duplicates"
    )
    assert (first, second, across, headline, other) == (1, 2, 1, "H0", "H1")
    assert 0.6 < float(str(similarity_)) <= 1.0
    (pair,) = archive.duplicates()
    assert (pair.page_id, pair.other_page_id, pair.across_sites, pair.other_site) == (1, 2, True, "paper1.example")
    assert list(archive.duplicates(2)) == [pair]
    assert not list(archive.duplicates(3))
    assert not list(archive.duplicates(across_sites=False))
    assert not list(archive.duplicates(at_least=pair.similarity + 0.001))


def test_it_follows_the_newest_revision(archive: Archive, path: Path, make) -> None:
    text, another = (" ".join(words(300)) for _ in range(2))
    urls = [f"https://paper{number}.example/story" for number in range(2)]
    for url in urls:
        make.store(archive, make.article(text, url=url), url=url)
    assert len(list(archive.duplicates())) == 1
    make.store(archive, make.article(another, url=urls[1]), url=urls[1])
    assert not list(archive.duplicates())
    assert rows(path, "SELECT count(*) FROM fingerprint_bands GROUP BY page_id") == [(8,), (8,)]
    make.store(archive, make.article(text, url=urls[1]), url=urls[1])
    assert len(list(archive.duplicates())) == 1
    make.store(archive, make.article("Short.", url=urls[0]), url=urls[0])
    assert not list(archive.duplicates())
    assert rows(path, "SELECT page_id FROM fingerprints") == [(2,)]
    assert rows(path, "SELECT DISTINCT page_id FROM fingerprint_bands") == [(2,)]


def test_a_page_that_is_no_article_has_none(archive: Archive, path: Path, make) -> None:
    make.store(archive, make.article(" ".join(words(300)), verdict="consent"))
    assert rows(path, "SELECT count(*) FROM fingerprints") == [(0,)]


def test_a_crowd_does_not_grow_without_end(archive: Archive, path: Path, make) -> None:
    """Pages that all say the same: each is compared with some of the others only."""
    text = " ".join(words(100))
    with archive.batch():
        for number in range(120):
            url = f"https://crowd{number}.example/"
            make.store(archive, make.article(text, url=url), url=url)
    ((most,),) = rows(path, "SELECT max(n) FROM (SELECT count(*) AS n FROM similar_pages GROUP BY other_page_id)")
    assert most == 40
