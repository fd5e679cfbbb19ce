"""The catalogues: the same keys and placeholders in every language, and all that is asked for."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from scraper.article import LINK_KINDS, VERDICTS
from scraper.capture import RobotsUse
from scraper.crawl.health import watched_of
from scraper.crawl.run.summary import SiteCounts
from scraper.diff.differences import FIELDS, MINOR_FIELDS
from scraper.extract.candidates import FIELDS as EXTRACTED
from scraper.store import AlarmKind
from scraper.web.messages import DEFAULT, LANGUAGES, messages
from scraper.web.pages.jobs import JobState
from scraper.web.pages.search import FILTERS
from scraper.web.rendering import NAVIGATION

WEB = Path(str(files("scraper.web")))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def of_message(text: object) -> set[str]:
    if isinstance(text, str):
        return placeholders(text)
    assert isinstance(text, dict)
    return set().union(*(placeholders(form) for form in text.values())) | {"n"}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != DEFAULT])
def test_catalogues_say_the_same(code: str) -> None:
    ours, theirs = messages(DEFAULT).texts, messages(code).texts
    assert list(ours) == list(theirs)
    for key, text in ours.items():
        assert of_message(text) == of_message(theirs[key]), key
        assert isinstance(text, str) == isinstance(theirs[key], str), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_plural_form_is_there_and_used(code: str) -> None:
    language = LANGUAGES[code]
    assert {language.form(n) for n in range(200)} == set(language.forms)
    for key, text in messages(code).texts.items():
        assert isinstance(text, str) or list(text) == list(language.forms), key
        assert "{}" not in str(text)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 статей"),
        (1, "1 стаття"),
        (2, "2 статті"),
        (5, "5 статей"),
        (11, "11 статей"),
        (14, "14 статей"),
        (21, "21 стаття"),
        (22, "22 статті"),
        (112, "112 статей"),
        (12345, "12\N{NO-BREAK SPACE}345 статей"),
    ],
)
def test_ukrainian_numbers(n: int, text: str) -> None:
    assert messages("uk").say("search.number", n=n) == text


def test_what_is_asked_for_is_there() -> None:
    """Every message that a template names; those whose names are put together, by what they are made of."""
    asked: set[str] = set()
    for template in (WEB / "templates").rglob("*.html"):
        asked |= set(re.findall(r"""\bt\(\s*"([a-z_.]+)"[,)]""", template.read_text(encoding="utf-8")))
    made = {
        "navigation": [name for name, _ in NAVIGATION],
        "verdict": VERDICTS,
        "links": LINK_KINDS,
        "field": (*FIELDS, *MINOR_FIELDS, *EXTRACTED),
        "capture.robots": get_args(RobotsUse),
        "explain": ("label_kept", "label_dropped", "kept", "dropped"),
        "filter": (*FILTERS, "date"),
        "error": ("not_found", "bad_request", "too_long", "archive", "fault", "unreadable"),
        "run": ("running", "done", "interrupted"),
        "severity": ("error", "warning"),
        "history.outcome": ("first", "changed", "unchanged", "failed", "refused", "no_article", "unread"),
        "search": [f"help_{number}" for number in range(1, 9)],
        "diff": ("from", "to"),
        "alarm": get_args(AlarmKind),
        "jobs.states": get_args(JobState),
        "outlet": ("by_day", "by_week", "cut", "cut_texts", "counting", "counting_texts", "fill_note", "week"),
        "outlet.parts": ("yield", "fill", "edits", "verdicts"),
        "watched": (
            *(watched.subject for watched in watched_of([])),
            *("texts", "new_articles", "edits", "edit_rate", "selector"),
            *("pages", "unchanged", "no_article", "gone", "failed"),
        ),
        "totals": (*(one.name for one in fields(SiteCounts) if one.name != "found"), "sources_failed", "waiting"),
        "changes": ("title", "title_of", "edited", "what", "words", "headline_before"),
        "changes.kind": ("new", "edit", "again"),
    }
    asked |= {f"{table}.{name}" for table, names in made.items() for name in names}
    known = set(messages(DEFAULT).texts)
    assert asked <= known
    assert {key for key in known - asked if not key.startswith(("source.", "reason."))} == set()
