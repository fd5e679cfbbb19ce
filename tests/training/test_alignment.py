"""Laying a labelled text along a page's blocks."""

from __future__ import annotations

from training.alignment import align

FERRY = "the ferry company said on tuesday that the evening crossing would return in june"
SHOPS = "residents had waited three winters for the boat and several shops on the quay had closed"
MAYOR = "the mayor who took the first crossing called it a good day for everyone by the sea"
OTHER = "a cat was found on the roof of the town hall where it had spent the whole night"


def shares(text: list[str], blocks: list[str]) -> list[float]:
    return align(" ".join(text).split(), [block.split() for block in blocks])


def test_paragraphs_in_order() -> None:
    assert shares([FERRY, SHOPS, MAYOR], [OTHER, FERRY, SHOPS, OTHER, MAYOR]) == [0, 1, 1, 0, 1]


def test_a_paragraph_that_stands_on_the_page_twice_is_the_one_in_its_place() -> None:
    assert shares([FERRY, SHOPS, MAYOR], [SHOPS, OTHER, FERRY, SHOPS, MAYOR, FERRY]) == [0, 0, 1, 1, 1, 0]


def test_a_paragraph_that_the_text_has_twice_is_found_twice() -> None:
    assert shares([FERRY, SHOPS, FERRY], [FERRY, SHOPS, FERRY, OTHER]) == [1, 1, 1, 0]


def test_short_lines_must_fit_into_their_gap() -> None:
    text = [FERRY, "no more waiting", SHOPS, "a good day", MAYOR]
    blocks = [FERRY, "a good day", "no more waiting", SHOPS, "a good day", "no more waiting", MAYOR, "a good day"]
    assert shares(text, blocks) == [1, 0, 1, 1, 1, 0, 1, 0]


def test_a_menu_with_the_words_of_a_subheading_is_not_the_subheading() -> None:
    menu = ["home", "harbour news", "weather"]
    blocks = [*menu, "harbour news", FERRY, SHOPS]
    assert shares(["harbour news", FERRY, SHOPS], blocks) == [0, 0, 0, 1, 1, 1]


def test_what_ends_the_text_is_found_after_its_last_long_block() -> None:
    assert shares([FERRY, SHOPS, "more to follow"], ["more to follow", FERRY, SHOPS, "more to follow"]) == [0, 1, 1, 1]


def test_a_text_of_short_lines_only() -> None:
    assert shares(["doors at nine", "tickets at ten"], ["menu", "doors at nine", "share", "tickets at ten"]) == [
        0,
        1,
        0,
        1,
    ]


def test_a_block_that_is_partly_the_text() -> None:
    (share,) = shares([FERRY], [f"{FERRY} {OTHER}"])
    assert 0.25 < share < 0.6


def test_nothing_to_align() -> None:
    assert shares([FERRY], []) == []
    assert shares([], [FERRY, ""]) == [0, 0]
    assert shares([FERRY], [OTHER, ""]) == [0, 0]
