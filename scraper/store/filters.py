"""Which articles: conditions by site, day, language, verdict and words, as SQL text with bound values."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scraper.article import Verdict
from scraper.errors import QueryError
from scraper.store.query import to_fts

Day = str | date
"""A day as `2024-07-23`, a month as `2024-07`, a year as `2024`, or a date; of a time only its day counts."""

_DAY = re.compile(r"(\d{4}(-\d{2}(-\d{2})?)?)([T ].*)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """A condition on `pages` joined with `revisions`. The text is put together from this module's own constants."""

    sql: str = "1"
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        site: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        language: str | None = None,
        verdicts: Collection[Verdict] | None = None,
        text: str | None = None,
    ) -> Filters:
        """All that are given must hold; None is not given. Raises QueryError for a day or words that mean nothing.

        Days are compared as the pages state them, whatever the offset: an article of 23:30 on the 23rd in Kyiv is one
        of the 23rd. Articles without a date are left out when `since` or `until` is given.
        """
        sql = ["1"]
        values: dict[str, Any] = {}
        if site is not None:
            sql.append("revisions.site = :site")
            values["site"] = site.strip().lower().removeprefix("www.")
        if since is not None:
            sql.append("substr(revisions.published_at, 1, 10) >= :since")
            values["since"] = _day(since, "since")
        if until is not None:
            # A month or a year reaches to its end: compare as many characters as were given.
            sql.append("substr(revisions.published_at, 1, length(:until)) <= :until")
            values["until"] = _day(until, "until")
        if language is not None:
            # `en` is also en-GB.
            sql.append("lower(substr(revisions.language || '-', 1, length(:language) + 1)) = :language || '-'")
            values["language"] = language.strip().lower()
        if verdicts is not None:
            sql.append("revisions.verdict IN (SELECT value FROM json_each(:verdicts))")
            values["verdicts"] = json.dumps(sorted(verdicts))
        if text is not None:
            sql.append("pages.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :text)")
            values["text"] = to_fts(text)
        return cls(" AND ".join(sql), values)


def _day(given: Day, name: str) -> str:
    text = given.isoformat() if isinstance(given, date) else given.strip()
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = found[1]
        date.fromisoformat(day + "-01-01"[len(day) - 4 :] if len(day) < 10 else day)
    except ValueError:
        raise QueryError(
            f"{name}: {text!r} is not a day", next_step="write it as 2024-07-23, or 2024-07, or 2024"
        ) from None
    return day
