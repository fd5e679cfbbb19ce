"""Texts as words, and what two of them have in common."""

from __future__ import annotations

import random

import pytest

from scraper.diff.words import Budget, common, compare, count, split


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Кам'янець п’ять", ["Кам'янець ", "п’ять"]),
        ("She said: 1,234.5 km", ["She ", "said", ": ", "1,234.5 ", "km"]),
        ("北京2024年", ["北", "京", "2024", "年"]),
        ("新聞abcテスト", ["新", "聞", "abc", "テ", "ス", "ト"]),
        ("हिन्दी में", ["हिन्दी ", "में"]),
        ("مرحبا، العالَم", ["مرحبا", "، ", "العالَم"]),
        ("👩‍👩‍👧 🇺🇦 ❤️!", ["👩‍👩‍👧 ", "🇺🇦 ", "❤️", "!"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("한국어 뉴스", ["한국어 ", "뉴스"]),
        ("ลัง", ["ลั", "ง"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [word.text for word in split(text)] == words


def test_punctuation_is_no_word_to_count() -> None:
    assert count("“Yes”, she said – twice…") == 4
    assert count(None) == 0


def test_typography_does_not_part_words() -> None:
    (run,) = compare(split("It's “so”"), split('It’s "so"'), Budget()) or []
    assert (run.op, run.text, run.words) == ("same", 'It’s "so"', 2)


def longest(a: list[str], b: list[str]) -> int:
    """Length of a longest common subsequence, by the textbook."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            best[i + 1][j + 1] = best[i][j] + 1 if one == other else max(best[i][j + 1], best[i + 1][j])
    return best[-1][-1]


def test_common_is_a_longest_subsequence() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        kinds = chance.choice("1 12 123 12345678".split())
        a, b = ([chance.choice(kinds) for _ in range(chance.randrange(12))] for _ in range(2))
        pairs = common(a, b, Budget())
        assert pairs is not None
        assert [a[i] for i, _ in pairs] == [b[j] for _, j in pairs]
        assert pairs == sorted(pairs)
        assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs) == longest(a, b)


def test_a_word_shared_by_chance_holds_nothing_together() -> None:
    runs = compare(
        split("The cat sat on the mat all day."), split("A dog of the north ran far over hill and sea."), Budget()
    )
    assert [run.op for run in runs or []] == ["removed", "added", "same"]
    runs = compare(split("At least 12 people were killed."), split("At least 14 people were killed."), Budget())
    assert [(run.op, run.text) for run in runs or []] == [
        ("same", "At least "),
        ("removed", "12 "),
        ("added", "14 "),
        ("same", "people were killed."),
    ]


def test_the_budget_ends_what_takes_too_long() -> None:
    chance = random.Random(1)
    a, b = ([str(chance.randrange(50)) for _ in range(5000)] for _ in range(2))
    budget = Budget(10_000)
    assert common(a, b, budget) is None
    assert budget.left < 0
    # What they do not share costs nothing, nor does what they share at both ends.
    assert common(a, [f"x{word}" for word in b], Budget(10)) == []
    assert len(common([*a, "x", *a], [*a, "y", *a], Budget(10)) or []) == 10_000
