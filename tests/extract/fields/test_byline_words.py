"""Labels before names, in many languages."""

from __future__ import annotations

import pytest

from scraper.extract.fields.byline_words import (
    begins_with_given_name,
    has_group,
    has_role,
    is_agency,
    is_common,
    leading_label,
    may_be_label,
    table,
)

LABELS = [
    ("By Ann Lee", "Ann Lee"),
    ("BY: Ann Lee", "Ann Lee"),
    ("— by Ann Lee", "Ann Lee"),
    ("Reporting by Ann Lee", "Ann Lee"),
    ("This post was written by Ann Lee", "Ann Lee"),
    ("Author: Ann Lee", "Ann Lee"),
    ("Von Anna Lehmann", "Anna Lehmann"),
    ("Ein Gastbeitrag von Anna Lehmann", "Anna Lehmann"),
    ("Text: Anna Lehmann", "Anna Lehmann"),
    ("Par Anne Leblanc", "Anne Leblanc"),
    ("Propos recueillis par Anne Leblanc", "Anne Leblanc"),
    ("Por Ana López", "Ana López"),
    ("Escrito por Ana López", "Ana López"),
    ("Reportagem de João da Silva", "João da Silva"),
    ("a cura di Anna Lentini", "Anna Lentini"),
    ("di Anna Lentini", "Anna Lentini"),
    ("Door Anna de Vries", "Anna de Vries"),
    ("Av Anna Lind", "Anna Lind"),
    ("Tekst: Anna Lie", "Anna Lie"),
    ("Af Anna Lund", "Anna Lund"),
    ("Teksti: Anna Virtanen", "Anna Virtanen"),
    ("Opracowanie: Anna Nowak", "Anna Nowak"),
    ("Napsala Jana Nováková", "Jana Nováková"),
    ("Írta: Nagy Anna", "Nagy Anna"),
    ("Scris de Ana Popescu", "Ana Popescu"),
    ("Piše: Ana Horvat", "Ana Horvat"),
    ("Автор: Олена Лис", "Олена Лис"),
    ("Матеріал підготувала Олена Лис", "Олена Лис"),
    ("Текст: Елена Лис", "Елена Лис"),
    ("Пише: Јелена Јовић", "Јелена Јовић"),
    ("Γράφει ο Γιώργος Νίκου", "Γιώργος Νίκου"),
    ("Yazan: Ayşe Yılmaz", "Ayşe Yılmaz"),
    ("بقلم ليلى حداد", "ليلى حداد"),
    ("نویسنده: لیلا احمدی", "لیلا احمدی"),
    ("מאת: יעל לוי", "יעל לוי"),
    ("लेखक: अनीता शर्मा", "अनीता शर्मा"),
    ("লেখক: অনিতা দাস", "অনিতা দাস"),
    ("ავტორი: ნინო ბერიძე", "ნინო ბერიძე"),
    ("Հեղինակ՝ Անի Պետրոսյան", "Անի Պետրոսյան"),
    ("文：李安", "李安"),
    ("本报记者 李安", "李安"),
    ("取材・文：山田太郎", "山田太郎"),
    ("글: 김철수", "김철수"),
    ("김철수 기자", "김철수"),
    ("[서울] 김철수 기자 =", "김철수"),
    ("Tác giả: Nguyễn Văn An", "Nguyễn Văn An"),
    ("โดย สมชาย ใจดี", "สมชาย ใจดี"),
    ("Oleh: Siti Rahma", "Siti Rahma"),
]


@pytest.mark.parametrize(("text", "name"), LABELS)
def test_what_announces_an_author(text: str, name: str) -> None:
    assert leading_label(text) == ("by", name)
    assert may_be_label(text)


@pytest.mark.parametrize("text", ["By", "Written by:", "Von", "Автор:", "Par", "作者", "Author"])
def test_a_label_alone(text: str) -> None:
    assert leading_label(text) == ("by", "")


@pytest.mark.parametrize(
    "text",
    ["Reviewed by Ann Lee", "Medically reviewed by: Ann Lee", "Edited by Ann Lee", "Photo: Ann Lee", "Foto: Ann Lee",
     "Übersetzt von Anna Lehmann", "Traduit par Anne Leblanc", "Фото: Олена Лис", "写真：山田太郎", "编辑：李安",
     "תרגום: יעל לוי", "Zdjęcia: Anna Nowak", "Researched by"],
)  # fmt: skip
def test_what_announces_somebody_else(text: str) -> None:
    assert leading_label(text)[0] == "others"


@pytest.mark.parametrize(
    "text",
    ["", " ", "—", "Ann Lee", "Byron Bye", "Vonnegut at a hundred", "Di Stewart", "Door to door", "Photo Lab opens",
     "Text messages", "Parliament votes", "文化の日", "Author Spotlight", "Avalanche in the Alps", "Por fin", "글로벌"],
)  # fmt: skip
def test_what_only_begins_like_a_label(text: str) -> None:
    assert leading_label(text) == (None, text)


def test_words_of_menus_offices_and_organisations() -> None:
    assert is_common("About us")
    assert is_common("Get Started")
    assert not is_common("Ann Lee")
    assert has_role("Senior Reporter")
    assert has_role("Ann Lee (Editor)")
    assert not has_role("Ann Lee")
    assert has_group("Gazette Staff")
    assert not has_group("Ann Lee")
    assert is_agency("dpa")
    assert is_agency("XYZ")
    assert not is_agency("Ann")


@pytest.mark.parametrize(
    "text", ["Lisa Pham", "Dr. Olena Lys", "Jean-Luc Été", "Олена Лис", "Müller, Jürgen", "Nguyễn An"]
)
def test_common_given_names(text: str) -> None:
    assert begins_with_given_name(text)


@pytest.mark.parametrize("text", ["Test Prep", "Getty Images", "United States", "", "Personal Finance"])
def test_no_given_names(text: str) -> None:
    assert not begins_with_given_name(text)


def test_the_tables_are_in_lower_case_and_doubtful_words_are_labels() -> None:
    for purpose in ("by", "others", "doubtful", "and", "roles", "nobody", "groups", "agencies", "words"):
        assert all(phrase == phrase.lower() and phrase.strip() == phrase for phrase in table(purpose))
    assert table("doubtful") - table("by") <= {"na", "from"}
