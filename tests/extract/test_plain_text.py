"""Copied text: headline and paragraphs told from the lines of the page around them."""

from __future__ import annotations

import pytest

from scraper.extract.plain_text import read_plain_text
from tests.extract.pages import HEADLINE, PARAGRAPHS, read

COPIED = "\n".join(
    ["Home", "News", "Tuesday, July 23, 2024", "", HEADLINE, "", "Share", ""]
    + [line for paragraph in PARAGRAPHS for line in (paragraph, "")]
    + ["Related Posts", "", "Bus strike ends", "", "Leave a Reply", "Name", "Email"]
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_copied_page(newline: str) -> None:
    reading = read_plain_text(COPIED.replace("\n", newline))
    assert reading.headline == HEADLINE
    assert reading.paragraphs == PARAGRAPHS
    assert all(reason for _, reason in reading.dropped)


def test_every_line_is_kept_or_dropped() -> None:
    reading = read_plain_text(COPIED)
    lines = {line for line in COPIED.split("\n") if line}
    assert lines == {reading.headline, *reading.paragraphs, *(line for line, _ in reading.dropped)}


@pytest.mark.parametrize("width", [60, 72, 80])
def test_wrapped_lines_are_joined(width: int) -> None:
    import textwrap

    text = HEADLINE + "\n\n" + "\n\n".join(textwrap.fill(p, width) for p in PARAGRAPHS)
    reading = read_plain_text(text)
    assert reading.headline == HEADLINE
    assert reading.paragraphs == PARAGRAPHS


def test_captions_and_labels_between_paragraphs_are_left_out() -> None:
    text = "\n\n".join(
        [
            HEADLINE,
            PARAGRAPHS[0],
            "Harbour boats",
            PARAGRAPHS[1],
            "Advertisement",
            PARAGRAPHS[2],
            "Read more",
            PARAGRAPHS[3],
        ]
    )
    reading = read_plain_text(text)
    assert reading.paragraphs == PARAGRAPHS[:4]
    assert [line for line, _ in reading.dropped] == ["Harbour boats", "Advertisement", "Read more"]


def test_without_a_headline() -> None:
    article = read("\n\n".join(PARAGRAPHS).encode(), content_type="text/plain").article
    assert article.headline is None
    assert article.provenance["headline"].reason == "no line stands above the text"
    assert article.body == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize("text", ["a b c", "one\ntwo\nthree\n" * 50, "x" * 10_000, "1,2,3\n4,5,6\n"])
def test_without_prose(text: str) -> None:
    article = read(text.encode(), content_type="text/plain").article
    assert (article.verdict, article.body) == ("not_article", None)
    assert article.verdict_reason == "the text holds no sentences"


@pytest.mark.parametrize("text", ["", "  \n\n\t"])
def test_nothing(text: str) -> None:
    assert read(text.encode(), content_type="text/plain").article.verdict == "empty"


def test_markup_in_plain_text_is_text() -> None:
    text = "\n\n".join([HEADLINE, *(f"{p} Then <b>this</b> was said." for p in PARAGRAPHS)])
    article = read(text.encode(), content_type="text/plain; charset=utf-8").article
    assert "<b>this</b>" in (article.body or "")
    assert "&lt;b&gt;this" in (article.body_html or "")


def test_text_without_a_label_is_read_as_text() -> None:
    article = read(COPIED.encode()).article
    assert article.headline == HEADLINE
    assert article.body == "\n\n".join(PARAGRAPHS)
    assert article.provenance["body"].source == "text"


def test_other_scripts() -> None:
    paragraph = "Вода повернулася до міста після трьох днів ремонту, повідомила у вівторок міська рада, і люди раді."
    reading = read_plain_text(f"Головна\n\nВода повернулася до міста\n\n{paragraph}\n\nКоментарі\n\n{paragraph}")
    assert reading.headline == "Вода повернулася до міста"
    assert reading.paragraphs == (paragraph, paragraph)
