"""What stands beside a date, and what its element is named."""

from __future__ import annotations

import pytest

from scraper.extract.dates.labels import label_of, label_of_names


@pytest.mark.parametrize(
    ("before", "label"),
    [
        ("Published", "published"),
        ("First published on", "published"),
        ("Posted by Ann Lee on", "published"),
        ("Last updated:", "modified"),
        ("This article was first published and last updated on", "modified"),
        ("Stand:", "modified"),
        ("Veröffentlicht am", "published"),
        ("Mis à jour le", "modified"),
        ("Опубліковано", "published"),
        ("Оновлено:", "modified"),
        ("更新日：", "modified"),
        ("公開日：", "published"),
        ("입력", "published"),
        ("3 comments", "other"),
        ("© Gazette", "other"),
        ("Valid until", "other"),
        ("By Ann Lee |", ""),
        ("", ""),
        ("Standing on the quay,", ""),
        ("Updated rules for all who sail on the lakes and the rivers of this country, in force from", ""),
    ],
)
def test_labels(before: str, label: str) -> None:
    assert label_of(before) == label


@pytest.mark.parametrize(
    ("names", "label"),
    [
        ("entry-date published updated", "published"),
        ("updated", "modified"),
        ("datemodified", "modified"),
        ("post-modified-date", "modified"),
        ("datepublished", "published"),
        ("date", ""),
        ("", ""),
    ],
)
def test_names_of_elements(names: str, label: str) -> None:
    assert label_of_names(names) == label
