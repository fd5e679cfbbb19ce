"""Two revisions side by side."""

from __future__ import annotations

import random

import pytest

from scraper.article import Article
from scraper.diff import differences
from scraper.diff.differences import with_context
from scraper.diff.page import html_page


def article(body: str | None, **more: object) -> Article:
    return Article(**{"headline": "Flood", "body": body, "url": "https://example.com/a", "language": "en", **more})


BEFORE = """One two three four five.

12 views

This paragraph moves away from here.

Six seven eight nine ten.

This paragraph is taken out."""
AFTER = """One two three FOUR five.

13 views

Six seven eight nine ten.

This paragraph moves away from here.

An entirely new thing stands here."""


def test_by_paragraph_and_word() -> None:
    found = differences(article(BEFORE), article(AFTER))
    assert [(p.op, p.number_before, p.number_after) for p in found.paragraphs] == [
        ("changed", 1, 1),
        ("same", 2, 2),
        ("same", 4, 3),
        ("removed", 5, None),
        ("moved", 3, 4),
        ("added", None, 5),
    ]
    assert found.edited == ("body",)
    assert (found.words_added, found.words_removed) == (7, 6)
    first = found.changes[0].as_dict()
    assert first == {
        "field": "body",
        "op": "changed",
        "before": "One two three four five.",
        "after": "One two three FOUR five.",
        "paragraph": 1,
        "minor": False,
        "words": [["same", "One two three "], ["removed", "four "], ["added", "FOUR "], ["same", "five."]],
    }
    assert [change.paragraph for change in found.changes] == [1, 5, 4, 5]


def test_by_field() -> None:
    before = article("It fell.", authors=("Ada Bell",), published_at="2024-07-22", tags=("a", "B"), section="World")
    after = article(
        "It fell.",
        headline="Flood worsens",
        authors=("Ada Bell", "Cem Dal"),
        published_at=None,
        tags=("b", "A"),
        lead="New",
        image="https://example.com/i.jpg",
    )
    found = differences(before, after)
    assert [(c.field, c.op, c.minor) for c in found.changes] == [
        ("headline", "changed", False),
        ("authors", "changed", False),
        ("published_at", "removed", False),
        ("lead", "added", True),
        ("section", "removed", True),
        ("image", "added", True),
    ]
    assert found.edited == ("headline", "authors", "published_at")
    assert found.changes[1].as_dict()["after"] == ["Ada Bell", "Cem Dal"]


def test_noise_is_no_difference() -> None:
    before = article(
        "It’s here.\n\nIt fell.\n\n12 comments", published_at="2024-07-22", image="https://e.org/i.jpg?w=1"
    )
    after = article(
        "It's here. It fell.\n\n14 comments\n\nUpdated 5 minutes ago",
        published_at="2024-07-22T10:00Z",
        image="https://e.org/i.jpg?w=2",
    )
    found = differences(before, after)
    assert found.changes == ()
    assert {paragraph.op for paragraph in found.paragraphs} == {"same"}


def test_noise_beside_an_edit_is_minor() -> None:
    found = differences(article("It fell."), article("It fell far.\n\n5 minutes ago"))
    assert [(c.after, c.minor) for c in found.changes] == [("It fell far.", False), ("5 minutes ago", True)]
    assert (found.words_added, found.words_removed) == (1, 0)


@pytest.mark.parametrize(("before", "after", "op"), [(None, "A text.", "added"), ("A text.", None, "removed")])
def test_a_text_that_comes_or_goes(before: str | None, after: str | None, op: str) -> None:
    (change,) = differences(article(before), article(after)).changes
    assert (change.field, change.op) == ("body", op)


def test_context() -> None:
    lines = [f"Paragraph number {n}." for n in range(20)]
    changed = [*lines[:10], "Something else entirely.", *lines[11:]]
    found = differences(article("\n\n".join(lines)), article("\n\n".join(changed)))
    shown = list(with_context(found.paragraphs, 1))
    assert [part if isinstance(part, int) else part.op for part in shown] == [9, "same", "removed", "added", "same", 8]
    assert len(list(with_context(found.paragraphs, None))) == 21
    assert list(with_context(differences(article("a"), article("a")).paragraphs, 1)) == [1]


def words(prefix: str, kinds: int, number: int = 170_000) -> list[str]:
    chance = random.Random(kinds)
    return [f"{prefix}{chance.randrange(kinds)}" for _ in range(number)]


@pytest.mark.parametrize(("kinds", "separator", "length"), [(50, " ", 1), (10**9, "\n\n", 6)])
def test_a_megabyte_of_anything_ends(kinds: int, separator: str, length: int) -> None:
    texts = []
    for prefix in "ab":
        found = words(prefix, kinds)
        texts.append(separator.join(" ".join(found[at : at + length]) for at in range(0, len(found), length)))
    found = differences(article(texts[0]), article(texts[1]))
    assert found.edited == ("body",)
    assert "".join(p.before or "" for p in found.paragraphs).count("a") == 170_000
    assert "".join(p.after or "" for p in found.paragraphs).count("b") == 170_000


def test_many_paragraphs_in_another_order() -> None:
    lines = [f"Paragraph number {n} of many." for n in range(5_000)]
    shuffled = random.Random(1).sample(lines, len(lines))
    found = differences(article("\n\n".join(lines)), article("\n\n".join(shuffled)))
    assert {p.op for p in found.paragraphs} == {"same", "moved"}
    assert len(found.paragraphs) == 5_000


# As a page


def test_an_html_page() -> None:
    after = article(AFTER + "\n\n<script>alert(1)</script> \x1b[31m & more\u202e", headline="Flood <worsens>")
    page = html_page(differences(article(BEFORE), after))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [31m &amp; more" in page
    assert "Flood <ins>&lt;worsens&gt;</ins>" in page
    assert "One two three <del>four </del><ins>FOUR </ins>five." in page
    assert 'class="moved"' in page
    assert "moved: was paragraph 3" in page
    assert '<main lang="en" dir="ltr">' in page
    assert not [part for part in ("src=", "href=", "url(", "@import", "\x1b", "\u202e") if part in page]
    assert "default-src 'none'" in page


def test_an_html_page_from_right_to_left() -> None:
    page = html_page(differences(article("قال الوزير", language="ar"), article("قالت الوزيرة", language="ar-EG")))
    assert '<main lang="ar-EG" dir="rtl">' in page
    assert '<h1 lang="ar-EG" dir="rtl">' in page
