"""Names in credits: split, cleaned and judged."""

from __future__ import annotations

import pytest

from scraper.extract.fields.names import clean_names, kind_of, looks_like_person


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann Lee", ("Ann Lee",)),
        ("By Ann Lee, Bo Ek and Cy Dow", ("Ann Lee", "Bo Ek", "Cy Dow")),
        ("ANN LEE, BO EK", ("ANN LEE", "BO EK")),
        ("Anna Lehmann und Bo Ek", ("Anna Lehmann", "Bo Ek")),
        ("Anne Leblanc et Bo Ek", ("Anne Leblanc", "Bo Ek")),
        ("Ana López y Bo Ek", ("Ana López", "Bo Ek")),
        ("Anna Lentini e Marco Rossi", ("Anna Lentini", "Marco Rossi")),
        ("Anna de Vries en Jan Smit", ("Anna de Vries", "Jan Smit")),
        ("Anna Lind och Bo Ek", ("Anna Lind", "Bo Ek")),
        ("Jana Nováková a Petr Dvořák", ("Jana Nováková", "Petr Dvořák")),
        ("Anna Nowak i Jan Kos", ("Anna Nowak", "Jan Kos")),
        ("Олена Лис та Іван Кіт", ("Олена Лис", "Іван Кіт")),
        ("Елена Лис и Иван Кот", ("Елена Лис", "Иван Кот")),
        ("Ayşe Yılmaz ve Can Demir", ("Ayşe Yılmaz", "Can Demir")),
        ("سامر خوري وليلى حداد", ("سامر خوري", "ليلى حداد")),
        ("سامر وليد خوري", ("سامر وليد خوري",)),
        ("יעל לוי ודן כהן", ("יעל לוי", "דן כהן")),
        ("李安、王五", ("李安", "王五")),
        ("Jane and John Doe", ("Jane", "John Doe")),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Linny and Peter", ("Linny and Peter",)),
    ],
)  # fmt: skip
def test_several_names(given: str, expected: tuple[str, ...]) -> None:
    assert clean_names((given,)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann Lee, MD", ("Ann Lee, MD",)),
        ("Ann Lee, Ph.D., RD", ("Ann Lee, Ph.D., RD",)),
        ("Ann Lee, CFP®", ("Ann Lee, CFP®",)),
        ("Ann Lee, E-RYT 200", ("Ann Lee, E-RYT 200",)),
        ("John Lee, Jr.", ("John Lee, Jr.",)),
        ("Ann Lee, MD; Bo Ek, MSc & Cy Dow, RN", ("Ann Lee, MD", "Bo Ek, MSc", "Cy Dow, RN")),
        ("Dr. Ann Lee", ("Dr. Ann Lee",)),
    ],
)  # fmt: skip
def test_titles_and_letters_are_part_of_the_name(given: str, expected: tuple[str, ...]) -> None:
    assert clean_names((given,)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann Lee, Political Editor", ("Ann Lee",)),
        ("Ann Lee, Co-Founder & COO", ("Ann Lee",)),
        ("Ann Lee, Head of Marketing and Community", ("Ann Lee",)),
        ("Ann Lee, Chief of Staff, Boats at Work, Harbour Lines", ("Ann Lee",)),
        ("Ann Lee - Harbour Correspondent", ("Ann Lee",)),
        ("Ann Lee | Staff writer", ("Ann Lee",)),
        ("Ann Lee in Kyiv, Bo Ek in Rome", ("Ann Lee", "Bo Ek")),
        ("Ann Lee writes about boats", ("Ann Lee",)),
        ("Ann Lee on behalf of the Harbour Group", ("Ann Lee",)),
        ("Ann Lee für die Gazette", ("Ann Lee",)),
        ("Ann Lee, professor of law at the university of the islands", ("Ann Lee",)),
        ("Ann Lee le 3 mai 2024", ("Ann Lee",)),
        ("Ann Lee, New York", ("Ann Lee",)),
        ("Ann Lee, Reuters", ("Ann Lee", "Reuters")),
        ("Ann Lee and AFP", ("Ann Lee", "AFP")),
        ("Ann (Annie) Lee", ("Ann (Annie) Lee",)),
        ("Ann Lee (London)", ("Ann Lee",)),
        ("Ann Lee ann@gazette.example", ("Ann Lee",)),
        ("Reviewed by Bo Ek; Written by Ann Lee", ("Ann Lee",)),
    ],
)  # fmt: skip
def test_what_stands_around_a_name(given: str, expected: tuple[str, ...]) -> None:
    assert clean_names((given,)) == expected


@pytest.mark.parametrize(
    "group",
    ["Center for Boats and Research", "Ministry of Ports & Fisheries", "The Gazette Team", "Associated Press",
     "Reuters", "Human in the Loop", "Redaktion hafen.example"],
)  # fmt: skip
def test_organisations_stay_whole(group: str) -> None:
    assert clean_names((group,)) == (group,)


@pytest.mark.parametrize(
    "nobody",
    ["admin", "Site Admin", "NOC Admin", "Staff", "Редакція", "guest author", "105092", "262588213843476", "a" * 61,
     "{{author}}", "page.head.author", "https://x.example/ann", "ann@x.example", "2024", "May 3, 2024", "|", ""],
)  # fmt: skip
def test_nobodies(nobody: str) -> None:
    assert clean_names((nobody,)) == ()


def test_the_outlet_is_left_out_and_kept_beside_an_agency() -> None:
    outlets = frozenset(("the gazette", "gazette example"))
    assert clean_names(("The Gazette", "Ann Lee"), outlets) == ("Ann Lee",)
    assert clean_names(("gazette.example, Harbourtown, Islands",), outlets) == ()
    assert clean_names(("The Gazette and AFP",), outlets) == ("The Gazette and AFP",)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ann Lee", "person"),
        ("Ludwig van der Meer", "person"),
        ("Jean-Luc d'Été", "person"),
        ("Олена Лис", "person"),
        ("ليلى حداد", "person"),
        ("李安", "person"),
        ("김철수", "person"),
        ("Ann Lee, MD", "person"),
        ("Krystyna", "name"),
        ("annlee", "handle"),
        ("ann.lee", "handle"),
        ("AnnLee77", "handle"),
        ("Gazette Staff", "group"),
        ("Reuters", "group"),
        ("Site Admin", "nobody"),
    ],
)  # fmt: skip
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "text",
    ["Personal Finance", "Read More", "Ann", "Scott P.", "Is It Safe?", "Boats: A History", "Ann's Kitchen",
     "Top 10 Boats", "the ferry returned", "お知らせ一覧はこちらをご覧ください", "https://x.example", "x" * 80, ""],
)  # fmt: skip
def test_what_is_no_person(text: str) -> None:
    assert not looks_like_person(text)


def test_a_long_credit_is_read_at_once() -> None:
    assert len(clean_names((" and ".join(["Ann Lee"] * 20_000),))) == 1
    assert clean_names(("A" * 200_000,)) == ()
