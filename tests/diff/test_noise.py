"""What is no edit, and what only looks like none."""

from __future__ import annotations

import pytest

from scraper.article import Link
from scraper.diff.noise import essence, essential, folded, same_authors, same_moment

NOISE = """
1,234 views
12 comments
Comments (12)
0 Comments
No comments
3.4K shares
Переглядів: 1 234
1234 перегляди
Просмотров: 12
浏览 1234
1,234次阅读
閲覧数：１２
5 minutes ago
an hour ago
Updated 5 minutes ago
Last updated: 5 hours ago
vor 5 Minuten
vor einer Stunde
5 хвилин тому
годину тому
Оновлено 5 хвилин тому
il y a 5 minutes
il y a une heure
hace 5 minutos
há 5 minutos
منذ 5 دقائق
منذ ٥ دقائق
منذ ساعة
قبل ساعتين
לפני 5 דקות
5 min sedan
for 5 timer siden
5 分前
5分钟前
3小时前
5분 전
5 dakika önce
4 min read
4-minute read
Reading time: 4 minutes
Lesezeit: 4 Minuten
Lesezeit 4 Min.
Temps de lecture : 4 min
Час читання: 4 хв
4 хв читання
Tiempo de lectura: 4 min
Updated: 22 July 2024, 10:15
Updated Jul 22, 2024 10:15 AM EDT
Last updated at 10:15 GMT
Stand: 22.07.2024, 10:15 Uhr
Оновлено: 22 липня 2024, 10:15
Mis à jour le 22 juillet 2024 à 10h15
Aggiornato il 22 luglio 2024 alle 10:15
This article was last updated on 22 July 2024.
更新：2024年7月22日 10時15分
最終更新 2024/07/22 10:15
آخر تحديث: 22 يوليو 2024
4 min read · 12 comments
Read 1,234 times
👁 1 234
Just now
Yesterday, 12:30
Вчора, 12:30
Today at 10:15
Posted 2 years ago
阅读 1234
조회 1,234
댓글 3
Facebook 12
You have 3 free articles left this month.
Advertisement
Реклама
Sign up for our newsletter
Get the day's top stories in your inbox every morning.
Melden Sie sich für unseren Newsletter an!
Unseren Newsletter jetzt kostenlos abonnieren
Підписуйтесь на наш Telegram-канал
""".strip().splitlines()

SAID = """
12 killed
14 people were killed.
5 minutes ago he said
5 minutes ago.
5 minutes ago, the president said
Updated: 12 killed in Kyiv
Updated 12 killed
12 comments on the law were read.
100 years ago
Published: 22 July 2024
22 July 2024
10:15
1,234
Views
Comments
No views were harmed
The share was 12
12 votes
He reads
12 shares of stock were sold
Updated
May 5
Page 1
12 soldiers
12 people
12 shot
Read more
20 years ago
12 hours
4 minutes
Minute 4
Correction: 22 July 2024
Corrected 22 July 2024
Dnipro: 12
Today is 10:15
Вчора загинуло 12
Стан: 12
Stand: 12 Tote
5 minutes later
12 dead
12 reads like a poem
Facebook fined 12 million
12 Facebook
Updated: May the best win
The newsletter was signed up for by 12
Get well soon
Advertisement of 1961 found
""".strip().splitlines()


@pytest.mark.parametrize("line", NOISE)
def test_a_line_that_is_noise(line: str) -> None:
    assert essential(line) == ""
    assert essence(f"It fell.\n\n{line}\n\nIt rose.") == "It fell. It rose."


@pytest.mark.parametrize("line", SAID)
def test_a_line_that_says_something(line: str) -> None:
    assert essential(line) == folded(line)


@pytest.mark.parametrize("line", NOISE)
def test_noise_inside_a_sentence_is_what_it_says(line: str) -> None:
    sentence = f"The mayor wrote that {line} were enough for him to leave the town at once."
    assert essential(sentence) == folded(sentence)


def test_links_in_the_text() -> None:
    names = ["Sea wall has eleven weak points", "Library keeps its Saturdays", "Mill pond drained at last"]
    links = [Link(f"https://e.org/{name[0]}", name, "inline") for name in names]
    text = "It fell.\n\n" + "\n\n".join(names)
    assert essence(text, links) == essence("It fell.\n\n" + "\n\n".join(names[::-1]), links)
    # Two are no list; and without links these are sentences, whose order is the author's.
    assert essence("\n\n".join(names[:2]), links) != essence("\n\n".join(names[1::-1]), links)
    assert essence(text) != essence("It fell.\n\n" + "\n\n".join(names[::-1]))
    assert essence(text, links) != essence(text.replace("eleven", "twelve"), links)
    related = [Link(link.url, link.text, "related") for link in links]
    assert essence(text, related) == "It fell."


def test_parts_of_a_short_line() -> None:
    assert essential("By Ann Lee · 5 min read | 12 views") == "By Ann Lee"
    assert essential("Kyiv – Lviv | Odesa") == "Kyiv - Lviv | Odesa"
    assert essential("4 min read · 12 comments") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“It’s” – he said… «так»", '"It\'s" - he said... "так"'),
        ("Caf\u00e9", "Cafe\u0301"),
        ("12\u00a0км", "12 км"),
        ("über\u00adaus", "überaus"),
        ("a\u200bb\ufeffc", "abc"),
        ("п’ять", "п'ять"),
        ("مـــرحبا", "مرحبا"),
        ("Quoi\u202f?", "Quoi?"),
        ("１２％", "12%"),
        ("he said -- then", "he said – then"),
        ("ﬁnal", "final"),
    ],
)
def test_typography(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("12 killed", "14 killed"), ("Win", "win"), ("a, b", "a b"), ("resume", "résumé"), ("CO2", "CO²"), ("5", "-5")],
)
def test_what_is_no_typography(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2024-07-22", "2024-07-22T09:00:00+03:00", True),
        ("2024-07", "2024-07-22", True),
        ("2024-07-22T09:00:00Z", "2024-07-22T09:00:00+00:00", True),
        ("2024-07-22T09:00Z", "2024-07-22T12:00:37+03:00", True),
        ("2024-07-22T09:00:00.123Z", "2024-07-22T09:00:00Z", True),
        ("2024-07-22T09:00:00", "2024-07-22T09:00:00+03:00", True),
        (None, None, True),
        ("2024-07-22", None, False),
        (None, "2024-07-22", False),
        ("2024-07-22", "2024-07-23", False),
        ("2024-07-22", "2024-07-23T00:10:00+03:00", False),
        ("2024-07-22T09:00Z", "2024-07-22T09:01Z", False),
        ("2024-07-22T09:00Z", "2024-07-22T09:00+03:00", False),
        ("2024-07-22T09:00", "2024-07-22T12:00+03:00", False),
        ("nonsense here", "2024-07-22T12:00+03:00", False),
    ],
)
def test_the_same_moment(one: str | None, other: str | None, same: bool) -> None:
    assert same_moment(one, other) is same
    assert same_moment(other, one) is same


def test_the_same_authors() -> None:
    assert same_authors(("Ada Bell", "Cem O’Dal"), ("ADA BELL", "Cem O'Dal"))
    assert not same_authors(("Ada Bell", "Cem Dal"), ("Cem Dal", "Ada Bell"))
    assert not same_authors(("Ada Bell",), ("Ada Bell", "Cem Dal"))
    assert not same_authors(("Ádá Bell",), ("Ada Bell",))
