"""Markup that no author meant: what is left of it, how fast, and what is said of the rest."""

from __future__ import annotations

import time

import pytest

from scraper.extract.taming import tame


def tamed(source: str) -> str:
    text, notes = tame(source)
    assert notes == ()
    return text


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no tags at all",
        "<p>Some <b>words</b>, <i>closed</i> and <a href=x>linked</a>.",
        "<ul>" + "<li>an item whose end is implied" * 4_000 + "</ul>",
        "<p>" * 5_000,
        "<table>" + "<tr><td>1<td>2" * 3_000 + "</table>",
        "<svg>" + "<path d='M0 0'/>" * 5_000 + "</svg>",
        f"<img src='data:image/png;base64,{'iVBORw0KGgo' * 3_000}'>",
        f"<script>var a = '<b a a';{'x y ' * 20_000}</script>",
        f"<script>{'<div>' * 5_000}</script><p>text",
        f"<!--{'<div>' * 5_000}--><p>text",
    ],
)
def test_what_authors_write_stays_as_it_is(source: str) -> None:
    assert tamed(source) == source


def test_tags_nest_only_so_deep_and_their_text_stays() -> None:
    source = "<div>word " * 5_000 + "</div>" * 5_000 + "<p>end"
    text, [note] = tame(source + "<br>" * 5_000)
    assert text.count("<div>") == text.count("</div>") == 500
    assert text.count("word ") == 5_000
    assert "<p>end" in text
    assert note == "4,500 tags too deep inside others were passed over, but not their text"


def test_tags_that_are_closed_are_not_deep() -> None:
    source = "<div><span>word</span></div>" * 5_000 + "<br>" * 5_000
    assert tamed(source) == source


def test_formatting_that_is_never_closed() -> None:
    source = "<p>word <b><font size=7>" * 3_000 + "</b>last"
    text, [note] = tame(source)
    assert text.count("<b>") + text.count("<font") == 30
    assert text.count("word") == 3_000
    assert note.startswith("5,970 tags")


def test_attributes_that_are_too_many_are_dropped() -> None:
    flood = " ".join(f"a{number}=1" for number in range(20_000))
    assert tamed(f"<p>one<div class=x {flood}>two</div>") == "<p>one<div>two</div>"
    assert tamed(f"<div title='{'word ' * 5_000}'>") == f"<div title='{'word ' * 5_000}'>"


def test_a_second_body_is_dropped_among_floods() -> None:
    bodies = "".join(f"<body a{number}=1>" for number in range(4_000))
    assert tamed(f"<html><body>{bodies}<p>text") == "<html><body><p>text"


def test_white_space_without_end() -> None:
    assert tamed(f"<p>one{' ' * 30_000}two{' ' * 50}three") == f"<p>one two{' ' * 50}three"


def test_of_too_many_tags_the_first_and_the_last_are_read() -> None:
    source = "<p>begin" + "<br>x" * 150_000 + "<p>end"
    text, [note] = tame(source)
    assert text.startswith("<p>begin<br>x")
    assert text.endswith("x<p>end")
    assert text.count("<") == 100_000
    assert note == "the page has 150,002 tags; 50,002 in its middle are left out"


def test_scripts_are_never_cut_in_the_middle() -> None:
    script = f"<script>{'<p>' * 200_000}</script>"
    assert tamed(f"{script}<p>text</p>{script}") == f"{script}<p>text</p>{script}"


@pytest.mark.parametrize(
    "piece",
    ["<", "<!--", "<script>", "<a href='", '<a b="', "<x y=\"'", "</", "<p ", "<a b c ", " ", "<!-->", "<b", "<svg/>"],
)
def test_time_grows_with_the_length(piece: str) -> None:
    source = piece * (2_000_000 // len(piece))
    begun = time.process_time()
    tame(source)
    assert time.process_time() - begun < 5
