"""What a robots.txt says, case by case: the standard's examples, and what careless files look like."""

from __future__ import annotations

import time

import pytest

from scraper.fetch.robots import Rules, parse
from scraper.fetch.robots.rules import path_of

BOT = "news-archiver"


def allowed(text: str, target: str, agent: str = BOT) -> bool:
    return parse(text).decide(target, agent).allowed


def for_all(*rules: str) -> str:
    return "\n".join(["User-agent: *", *rules])


@pytest.mark.parametrize(
    ("rules", "target", "expected"),
    [
        (["Disallow: /private/"], "https://n.example/private/x", False),
        (["Disallow: /private/"], "https://n.example/private", True),
        (["Disallow:"], "https://n.example/x", True),
        (["Disallow: /"], "https://n.example", False),
        (["Disallow: /", "Allow: /news"], "https://n.example/news/1", True),
        (["Allow: /news", "Disallow: /news/old"], "https://n.example/news/old/1", False),
        (["Disallow: /same", "Allow: /same"], "https://n.example/same", True),
        (["Disallow: /*?print="], "https://n.example/a?print=1", False),
        (["Disallow: /*?print="], "https://n.example/a?x=1&print=1", True),
        (["Disallow: /*.pdf$"], "https://n.example/a.pdf", False),
        (["Disallow: /*.pdf$"], "https://n.example/a.pdf?x", True),
        (["Disallow: /a*b*c$"], "https://n.example/aXbXbXc", False),
        (["Disallow: /a*b*c$"], "https://n.example/aXbXcX", True),
        (["Disallow: /a*a$"], "https://n.example/a", True),
        (["Disallow: *tag"], "https://n.example/x/tag/y", False),
        (["Disallow: /новини"], "https://n.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", False),
        (["Disallow: /%d0%bd"], "https://n.example/%D0%BD", False),
        (["Disallow: /x"], "https://n.example/X", True),
        (["Allow: /s/index.html", "Disallow: /"], "https://n.example/s/", True),
        (["Allow: /s/index.html", "Disallow: /"], "https://n.example/s/other", False),
        (["Disallow: /s/index.html"], "https://n.example/s/", True),
        (["Disallow: /x # and a comment"], "https://n.example/x", False),
        (["disallow /x"], "https://n.example/x", False),
        (["Dissalow: /x"], "https://n.example/x", False),
        (["Disallow /x by all means"], "https://n.example/x", True),
    ],
)
def test_paths(rules: list[str], target: str, expected: bool) -> None:
    assert allowed(for_all(*rules), target) is expected


def test_a_group_of_ones_own_takes_the_place_of_that_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: News-Archiver/2.0 (bot)\nDisallow: /private/"
    assert allowed(text, "/story")
    assert not allowed(text, "/private/story")
    assert not allowed(text, "/story", "otherbot")


def test_groups_of_one_name_are_one() -> None:
    text = f"User-agent: {BOT}\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: {BOT}\nDisallow: /b"
    assert [allowed(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_unknown_lines_do_not_end_the_names_of_a_group() -> None:
    text = f"User-agent: {BOT}\nSitemap: https://n.example/map.xml\nNoindex: /x\n\nUser-agent: y\nDisallow: /"
    assert not allowed(text, "/x")
    assert not allowed(text, "/x", "y")


def test_rules_before_any_group_are_nobodys() -> None:
    assert allowed("Disallow: /\nUser-agent: other\nDisallow: /", "/x")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "ï»¿", "ï»"])
def test_line_ends_and_byte_order_marks(end: str, mark: str) -> None:
    assert not allowed(mark + end.join(["User-agent: *", "Disallow: /x"]), "/x")


@pytest.mark.parametrize(
    "text",
    ["", "<!doctype html><html><body>User-agent: *<br>Disallow: /</body></html>", "\0" * 500, "::::\n:\n#", "*\n/\n$"],
)
def test_what_is_no_robots_txt_forbids_nothing(text: str) -> None:
    assert allowed(text, "/x")


def test_the_rule_that_decided_is_named_as_written() -> None:
    decision = parse(for_all("# why", "Disallow: /новини/")).decide(
        "https://n.example/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/1", BOT
    )
    assert decision.rule is not None
    assert (decision.rule.line, decision.rule.text) == (3, "Disallow: /новини/")


def test_delay_and_sitemaps() -> None:
    rules = parse("Sitemap: https://n.example/a.xml\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /x\nsitemap: /b.xml")
    assert rules.delay(BOT) == 2.5
    assert rules.sitemaps == ("https://n.example/a.xml", "/b.xml")


@pytest.mark.parametrize("value", ["1e308", "-1", "inf", "nan", "", "ten", "9" * 400])
def test_a_delay_that_is_no_number_is_none(value: str) -> None:
    assert parse(for_all(f"Crawl-delay: {value}", "Disallow: /x")).delay(BOT) is None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://n.example/a?b#c", "/a?b"),
        ("https://n.example", "/"),
        ("https://n.example?x=1", "/?x=1"),
        ("https://n.example/a//b?u=http://x/y", "/a//b?u=http://x/y"),
        ("/a//b", "/a//b"),
        ("//n.example/a", "/a"),
        ("a", "/a"),
        ("", "/"),
        ("https://n.example/%c3%a9", "/%C3%A9"),
    ],
)
def test_what_rules_are_compared_with(url: str, path: str) -> None:
    assert path_of(url) == path


def test_files_made_to_take_long() -> None:
    began = time.process_time()
    stars = parse(for_all("Disallow: /" + "*a" * 5_000 + "$", *["Disallow: /" + "a*" * 40] * 2_000))
    assert stars.decide("/" + "a" * 2_000 + "b", BOT).allowed is False
    many: Rules = parse(for_all(*[f"Disallow: /{number}" for number in range(100_000)]))
    assert many.decide("/x", BOT).allowed
    parse("User-agent: x\n" * 200_000)
    parse(" " * 1_000_000 + ":" * 1_000_000)
    assert time.process_time() - began < 10  # what is quadratic takes minutes
