"""How likely each day a page names is the day the article was published: a linear score a day, fitted weights.

The weights are in `weights.toml`, which `python -m training.fit_dates` writes.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from scraper.extract.dates.features import STATED, Day, Features

# What the features mean to a reader, for those that can be the reason why a day won or lost.
_PHRASES = {
    "json_ld": "stated as published",
    "opengraph": "stated as published",
    "microdata": "stated as published",
    "meta": "stated as published",
    "meta_unknown": "stated as published",
    "json_ld_page": "stated for the page",
    "url": "named in the address",
    "month_in_url": "in the month the address names",
    "other_month_in_url": "not in the month the address names",
    "json_ld_other": "of something else than the article",
    "meta_unspecific": "not said to be of publication",
    "other_stated": "metadata state another day",
    "changed": "the day of a change",
    "beside_stated": "the day of the stated moment in another time zone",
    "shown_head": "shown between headline and text",
    "shown_above": "shown above the headline",
    "shown_opening": "shown where the text begins",
    "shown_inside": "inside the text",
    "shown_end": "shown under the text",
    "shown_below": "far below the text",
    "shown_top": "above the article",
    "label_published": "labelled as published",
    "label_modified": "labelled as a change",
    "label_other": "labelled as something else",
    "far_label_other": "labelled as something else",
    "alone": "in a line of its own",
    "foreign": "in a part for comments, other articles or the site",
    "linked": "part of a link",
    "hidden": "not visible",
    "short_year": "written with two digits for the year",
    "repeated": "one of a list of dates",
}


@dataclass(frozen=True, slots=True)
class DateModel:
    """What `training` fits: the weight of each feature; `none` is the score of no day at all."""

    weights: Mapping[str, float]

    @classmethod
    def load(cls, file: Path | Traversable) -> DateModel:
        """Read a file of weights. Raises OSError or ValueError when it is none."""
        weights = tomllib.loads(file.read_text(encoding="utf-8")).get("weights")
        if not isinstance(weights, dict) or "none" not in weights:
            raise ValueError(f"{file} has no table of weights")
        return cls({name: float(value) for name, value in weights.items()})

    def probabilities(self, days: list[Day]) -> tuple[list[float], float]:
        """Of each day to be that of publication, and of none of them to be; together 1."""
        scores = [-math.inf if day.of_change else self._score(day) for day in days]
        none = self.weights["none"]
        top = max([*scores, none])
        shares = [math.exp(value - top) for value in (*scores, none)]
        total = sum(shares)
        return [share / total for share in shares[:-1]], shares[-1] / total

    def reason(self, day: Day, *, won: bool) -> str:
        """What spoke most for a day that won, or against one that lost, in a few words."""
        if day.of_change:
            return "the day of a change"
        parts = sorted(self._parts(day).items(), key=lambda part: -part[1] if won else part[1])
        said = [_PHRASES[name] for name, part in parts if name in _PHRASES and (part > 0.3 if won else part < -0.3)]
        return ", ".join(list(dict.fromkeys(said))[:2])

    def _score(self, day: Day) -> float:
        """The log odds of a day, up to a constant of the page."""
        return sum(self._parts(day).values())

    def _best_shown(self, day: Day) -> Features:
        """The features of the place where a day is shown best; a bad place takes nothing from a day that is stated."""
        places = [features for _, features in day.shown]
        if not places:
            return {}
        best = max(places, key=self._weighed)
        return best if self._weighed(best) > 0 or not day.has(*STATED) else {}

    def _parts(self, day: Day) -> Features:
        return {
            name: self.weights.get(name, 0.0) * value
            for features in (day.stated, self._best_shown(day))
            for name, value in features.items()
        }

    def _weighed(self, features: Features) -> float:
        return sum(self.weights.get(name, 0.0) * value for name, value in features.items())


@cache
def packaged_date_model() -> DateModel:
    """The model that ships with this package."""
    return DateModel.load(resources.files("scraper.extract.dates") / "weights.toml")
