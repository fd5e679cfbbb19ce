"""Text that only a script would show is found in the page's data."""

import json

import pytest

from scraper.extract.embedded import embedded_text
from scraper.extract.page import Page

PARAGRAPHS = [
    "The harbour was closed on Monday after a storm tore two ferries from their moorings, the port authority said.",
    "Nobody was hurt. Crews worked through the night to bring both ships back to the quay before the morning tide.",
    "“We have not seen wind like this in thirty years,” said the harbour master, who has worked there since 1991.",
    "The ferries to the islands will run again on Tuesday at the earliest. Tickets for Monday remain valid all week.",
]


def page(script: str, kind: str = "") -> Page:
    return Page.read(f'<html><body><div id="root"></div><script {kind}>{script}</script></body></html>')


def padded(document: object) -> str:
    return json.dumps({"build": "x" * 500, "props": document})


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"article": {"body": [{"type": "p", "text": text} for text in PARAGRAPHS]}}, "props.article.body[].text"),
        ({"article": {"html": "".join(f"<p>{text}</p>" for text in PARAGRAPHS)}}, "props.article.html"),
        ({"article": {"text": "\n\n".join(PARAGRAPHS)}}, "props.article.text"),
    ],
)
def test_paragraphs_in_next_data(document: object, path: str) -> None:
    found = embedded_text(page(padded(document), 'id="__NEXT_DATA__" type="application/json"'))
    assert found is not None
    assert found.text.split("\n\n") == PARAGRAPHS
    assert found.path == path


def test_paragraphs_in_an_assignment() -> None:
    state = padded({"body": PARAGRAPHS, "title": "Storm closes the harbour"})
    found = embedded_text(page(f"window.__STATE__ = {state}; boot();"))
    assert found is not None
    assert found.text.split("\n\n") == PARAGRAPHS


def test_settings_are_no_text() -> None:
    settings = {"messages": ["Sign in", "Accept all cookies"], "urls": ["https://a.example/b"] * 50}
    assert embedded_text(page(padded(settings), 'type="application/json"')) is None
    assert embedded_text(page("{" * 5_000, 'type="application/json"')) is None
