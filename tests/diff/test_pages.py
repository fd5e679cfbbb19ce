"""Text that stands on both pages was not edited."""

from __future__ import annotations

import pytest

from scraper.diff.pages import same_on_both

PAGE = (
    "<html><head><title>Removed.</title><script>Removed.</script></head><body><h1>Flood</h1>"
    "<p>It <b>rose</b> &amp; fell.</p><p>Standing aside.</p><p>It is over.</p></body></html>"
)


def same(before: str, after: str, page_before: str = PAGE, page_after: str = PAGE) -> bool:
    return same_on_both(before, after, page_before.encode(), page_after.encode())


def test_a_paragraph_that_was_only_read_otherwise() -> None:
    whole = "It rose & fell.\n\nStanding aside.\n\nIt is over."
    part = "It rose & fell.\n\nIt is over."
    assert same(part, whole)
    assert same(whole, part)
    assert same("It is over.\n\nIt rose & fell.", part)


@pytest.mark.parametrize(
    ("old", "new"),
    [("<p>Standing aside.</p>", ""), ("Standing aside.", "Standing, aside."), ("fell", "Fell"), ("over", "over: 12")],
)
def test_an_edit_is_on_the_page(old: str, new: str) -> None:
    whole = "It rose & fell.\n\nStanding aside.\n\nIt is over."
    edited = PAGE.replace(old, new)
    text = whole.replace("Standing aside.\n\n", "") if not new else whole.replace(old, new)
    assert text != whole
    assert not same(whole, text, PAGE, edited)
    assert not same(text, whole, edited, PAGE)


def test_a_paragraph_that_was_moved_on_the_page() -> None:
    other = PAGE.replace("<p>Standing aside.</p>", "").replace("<h1>", "<p>Standing aside.</p><h1>")
    assert not same("It rose & fell.\n\nStanding aside.", "Standing aside.\n\nIt rose & fell.", PAGE, other)


def test_one_of_two_taken_out_is_an_edit() -> None:
    twice = PAGE.replace("<p>It is over.</p>", "<p>It is over.</p><aside>It is over.</aside>")
    assert not same("It rose & fell.\n\nIt is over.", "It rose & fell.", twice, PAGE)


def test_what_readers_do_not_see_is_no_proof() -> None:
    assert not same("It is over.\n\nRemoved.", "It is over.")


def test_a_page_in_another_encoding() -> None:
    page = '<meta charset="windows-1251"><p>Вода прибула.</p><p>Осторонь.</p>'.encode("windows-1251")
    assert same_on_both("Вода прибула.", "Вода прибула.\n\nОсторонь.", page, page)
    assert not same_on_both("Вода прибула.", "Вода прибула.\n\nНове.", page, page)


@pytest.mark.parametrize("piece", [b"<script", b"<!--", b"<", b"</", b"<head>", b"<p>a</p>"])
def test_hostile_pages_end(piece: bytes) -> None:
    page = piece * 100_000
    assert not same_on_both("One.", "Two.", page, page)
    many = "\n\n".join(f"Line {number}." for number in range(2000))
    assert not same_on_both(many, many + "\n\nOne.", page, page)
