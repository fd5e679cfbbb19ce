"""Values as somebody wrote them, under names: options that were typed, a table of scrape.toml, a row of the archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from scraper.crawl.jobs.durations import FORM, duration
from scraper.errors import UsageError


class Given:
    """Values by name. What reads one raises `kind`, which says where it stands, what is wrong, and what is right."""

    def __init__(
        self, values: Mapping[str, Any], *, where: Callable[[str], str], kind: type[UsageError] = UsageError
    ) -> None:
        self._values = values
        self._where = where
        self._kind = kind

    def has(self, name: str) -> bool:
        """Whether it is there, be it empty."""
        return self._values.get(name) is not None

    def renamed(self, names: Mapping[str, str]) -> Given:
        """The same under other names; `names` gives the old one of each."""
        values = {**self._values, **{new: self._values.get(old) for new, old in names.items()}}
        return Given(values, where=lambda name: self._where(names.get(name, name)), kind=self._kind)

    def refusal(self, name: str, what: str, *, why: str = "", next_step: str = "") -> UsageError:
        return self._kind(f"{self._where(name)}: {what}", why=why, next_step=next_step)

    def reworded(self, name: str, error: UsageError) -> UsageError:
        """`error`, which knows nothing of where the value stands."""
        return self.refusal(name, error.what, why=error.why, next_step=error.next_step)

    def text(self, name: str) -> str | None:
        """One piece of text, or a day as TOML writes it."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, date):
            return value.isoformat()
        if not isinstance(value, str) or not value.strip():
            raise self.refusal(name, f"{value!r} is not what belongs there", next_step="write text in quotation marks")
        return value.strip()

    def texts(self, name: str, *, divided: bool = False) -> tuple[str, ...]:
        """A piece of text or a list of them, each once; `divided` ones may also stand in one, between commas."""
        value = self._values.get(name)
        if value is None:
            return ()
        many = [value] if isinstance(value, str) else value
        if not isinstance(many, list | tuple) or not all(isinstance(one, str) for one in many):
            raise self.refusal(name, f"{value!r} is not what belongs there", next_step="write text, or a list of texts")
        parts = [part.strip() for one in many for part in (one.split(",") if divided else (one,))]
        if not all(parts) and parts != [""]:
            raise self.refusal(name, "there is nothing in one place", next_step="leave out what is empty")
        return tuple(dict.fromkeys(part for part in parts if part))

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value not in choices:
            raise self.refusal(name, f"{value!r} is not known", next_step=f"write one of {', '.join(choices)}")
        return value

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.refusal(name, f"{value!r} is not possible", next_step=f"write a number from {least} to {most:,}")
        return value

    def flag(self, name: str) -> bool | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.refusal(name, f"{value!r} is not what belongs there", next_step="write true or false")
        return value

    def number(self, name: str, *, least: float, most: float) -> float | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise self.refusal(
                name, f"{value!r} is not possible", next_step=f"write a number from {least:g} to {most:,g}"
            )
        return float(value)

    def durations(self, name: str) -> tuple[timedelta, ...]:
        """Spans of time, in a list or between commas."""
        out = []
        for text in self.texts(name, divided=True):
            span = duration(text)
            if span is None:
                raise self.refusal(name, f"{text!r} is no span of time", next_step=FORM)
            out.append(span)
        return tuple(out)
