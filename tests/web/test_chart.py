"""Counts by day as bars."""

from __future__ import annotations

from scraper.web.chart import HEIGHT, STEP, chart


def test_nothing_to_draw() -> None:
    assert chart([], days=30, most_rows=3) is None


def test_bars_stand_on_their_days() -> None:
    drawn = chart([("2024-02-28", "a", 1), ("2024-03-01", "a", 4), ("2024-03-01", "b", 2)], days=3, most_rows=5)
    assert drawn is not None
    assert drawn.days == ("2024-02-28", "2024-02-29", "2024-03-01")
    assert drawn.width == 3 * STEP
    assert [(bar.day, bar.number, bar.x) for bar in drawn.total.bars] == [("2024-02-28", 1, 0), ("2024-03-01", 6, 20)]
    highest = drawn.total.bars[-1]
    assert (highest.y, highest.height) == (0, HEIGHT)
    assert all(bar.y + bar.height == HEIGHT for row in (drawn.total, *drawn.rows) for bar in row.bars)
    assert [(row.name, row.number) for row in drawn.rows] == [("a", 5), ("b", 2)]
    assert drawn.by_day == (("2024-03-01", 6, (("a", 4), ("b", 2))), ("2024-02-28", 1, (("a", 1),)))


def test_many_names_share_a_row() -> None:
    counts = [("2024-03-01", f"outlet{number}", 10 + number) for number in range(9)]
    drawn = chart(counts, days=1, most_rows=3)
    assert drawn is not None
    assert [row.name for row in drawn.rows] == ["outlet8", "outlet7", "outlet6"]
    assert drawn.others is not None
    assert (drawn.other_names, drawn.others.number) == (6, sum(10 + number for number in range(6)))


def test_little_is_still_seen() -> None:
    drawn = chart([("2024-03-01", "a", 1), ("2024-03-02", "a", 100_000)], days=2, most_rows=1)
    assert drawn is not None
    assert drawn.rows[0].bars[0].height >= 2
