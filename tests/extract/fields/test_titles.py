"""Titles without the names of site and section around them."""

from __future__ import annotations

import pytest

from scraper.extract.candidates import Evidence
from scraper.extract.fields.titles import SiteNames, bag, likeness, one_line, squeezed, without_site_name


def site(host: str = "www.gazette.example", *names: str, section: str = "", address: str = "") -> SiteNames:
    evidence = Evidence()
    evidence.site_names.update(names)
    evidence.add("section", section, "meta", "section")
    evidence.add("canonical_url", address, "meta", "link[rel=canonical]")
    return SiteNames.of(evidence, host)


@pytest.mark.parametrize(
    "separator", ["|", " | ", " - ", " – ", " — ", " · ", " • ", " » ", " « ", " / ", " :: ", "｜"]
)
def test_separators(separator: str) -> None:
    assert without_site_name(f"Pond drained{separator}The Bugle", site("x.example", "The Bugle")) == "Pond drained"
    assert without_site_name(f"The Bugle{separator}Pond drained", site("x.example", "The Bugle")) == "Pond drained"


@pytest.mark.parametrize(
    ("title", "host", "expected"),
    [
        ("What people love | Rusty Blog", "blog.rusty-lang.example", "What people love"),
        ("Tyres for winter | Bridgestein Tyres", "tyres.bridgestein.example", "Tyres for winter"),
        ("How to mend a chair | Oldcrows Antiques Mall in Littletown", "www.oldcrows.example", "How to mend a chair"),
        ("Web design | Thriving Marketing", "thrivingagency.example", "Web design"),
        ("GAME CHANGER | Newegg.example", "promotions.newegg.example", "GAME CHANGER"),
        ("Ferry - the boat that came back", "gazette.example", "Ferry - the boat that came back"),
        ("A and B - C", "www.example", "A and B - C"),
    ],
)  # fmt: skip
def test_names_told_from_the_host(title: str, host: str, expected: str) -> None:
    assert without_site_name(title, site(host)) == expected


def test_sections_stated_and_folders_of_the_address() -> None:
    named = site("x.example", "The Bugle", section="District")
    assert without_site_name("Pond drained | District", named) == "Pond drained"
    assert without_site_name("Pond drained | District | The Bugle", named) == "Pond drained"
    foldered = site("x.example", address="https://x.example/story/opinion/2024/pond")
    assert without_site_name("Pond drained | Opinion", foldered) == "Pond drained"
    assert without_site_name("Pond drained | Tench", foldered) == "Pond drained | Tench"


def test_titles_known_from_elsewhere_decide() -> None:
    assert without_site_name("Pond drained: what now? - Anything", site(), {"pond drained what now"}) == (
        "Pond drained: what now?"
    )
    assert without_site_name("Pond | drained", site(), {"pond drained"}) == "Pond | drained"


@pytest.mark.parametrize(
    ("title", "names", "expected"),
    [
        ("南海トラフ、基準達せず：中日報Web", ("中日報Web",), "南海トラフ、基準達せず"),
        ("宇宙飛行の新時代--時政--民報網", ("民報網",), "宇宙飛行の新時代--時政"),
        ("عودة العبّارة | صدى المدينة", ("صدى المدينة",), "عودة العبّارة"),
        ("המעבורת חוזרת - הגזט", ("הגזט",), "המעבורת חוזרת"),
        ("Паром повернувся — Газета", ("Газета",), "Паром повернувся"),
    ],
)  # fmt: skip
def test_other_scripts(title: str, names: tuple[str, ...], expected: str) -> None:
    assert without_site_name(title, site("x.example", *names)) == expected


def test_oddities() -> None:
    assert without_site_name("| - | :", site("x.example")) == "| - | :"
    assert without_site_name("The Bugle", site("x.example", "The Bugle")) == "The Bugle"
    assert len(without_site_name("a | " * 50_000, site("x.example", "a"))) == len("a | " * 50_000) - 1


def test_one_line() -> None:
    assert one_line(" Pa\u00adlace \u00a0of\u200b\nboats ") == "Palace of boats"
    assert one_line("Boats &#x26; ferries &amp; more") == "Boats & ferries & more"


def test_squeezed_and_likeness() -> None:
    assert squeezed("“The Millbrook Bugle”") == squeezed("millbrook-bugle")
    assert likeness(bag("The ferry returns"), bag("the FERRY returns!")) == 1
    assert likeness(bag("a b c d"), bag("a b")) == pytest.approx(2 * 2 / 6)
    assert likeness(bag(""), bag("a")) == 0
