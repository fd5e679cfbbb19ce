"""Hostile pages: whatever is in them, what comes out can do nothing."""

from __future__ import annotations

import pytest

from scraper.rewriting.elements import Slot
from scraper.rewriting.pages import rewrite_page
from tests.web.replay.payloads import filled, page_of, payloads
from tests.web.replay.strictness import assert_harmless

ALL = [filled(one, js="alert(1)", url="http://evil.test/x") for one in payloads()]
BASE = "https://news.example/story"


def link(slot: Slot) -> str:
    return slot.attributes(f"/web/{slot.address}")


def test_there_are_enough_and_no_two_are_one() -> None:
    assert len(ALL) == len(set(ALL)) >= 300


@pytest.mark.parametrize("start", range(0, len(ALL), 40))
def test_what_comes_of_each_is_harmless_and_stays_as_it_is(start: int) -> None:
    for payload in ALL[start : start + 40]:
        for page in (payload, f"<!doctype html><body><div>{payload}</div>", f"<html><head>{payload}</head><p>x"):
            once = rewrite_page(page.encode(), url=BASE, link=link)
            assert_harmless(once)
            stays = rewrite_page(page.encode(), url=BASE)
            assert rewrite_page(stays, url=BASE) == stays, payload


def test_all_of_them_together() -> None:
    once = rewrite_page(page_of(ALL).encode(), url=BASE, link=link)
    assert_harmless(once)
    assert b"begin" in once
