"""Fitting on made-up pages."""

from __future__ import annotations

import numpy as np

from scraper.extract.candidates import Candidate
from scraper.extract.dates.features import Member, days_of
from training.fit_dates import Problem, Sample


def sample(site: str, *, truth: str | None = "2024-05-03") -> Sample:
    published = Member(Candidate("published_at", "2024-05-03", "opengraph", "article:published_time"), "2024-05-03")
    video = Member(Candidate("published_at", "2023-01-01", "json_ld", "videoobject.uploadDate"), "2023-01-01")
    return Sample("made-up", site, 0, days_of([video, published], url=None), truth)


def test_the_weights_of_what_is_right_grow() -> None:
    problem = Problem([sample(f"{number}.example") for number in range(20)])
    weights = dict(zip(problem.names, problem.fit(np.ones(20, dtype=bool)), strict=True))
    assert weights["opengraph"] > 0 >= weights["json_ld_other"]
    assert set(problem.cross_validated(0)) == {"2024-05-03"}


def test_pages_whose_day_is_not_among_the_candidates_teach_nothing() -> None:
    problem = Problem([sample("one.example", truth="1999-01-01"), sample("two.example")])
    assert problem.right.tolist() == [-2, 3]


def test_pages_without_candidates_are_left_out() -> None:
    assert len(Problem([sample("one.example"), Sample("made-up", "two.example", 0, [], None)]).samples) == 1
