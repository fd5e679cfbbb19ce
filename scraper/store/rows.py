"""What reading methods return: an iterator that reads as it goes, and a pandas table for those who want all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scraper.errors import UsageError

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")


class Rows(Iterator[T], Generic[T]):
    """Values one at a time, each read when it is asked for; to be gone through once."""

    def __init__(self, values: Iterable[T]) -> None:
        self._values = iter(values)

    def __iter__(self) -> Rows[T]:
        return self

    def __next__(self) -> T:
        return next(self._values)

    def to_pandas(self) -> pandas.DataFrame:
        """All that is left, a row each, a column a field; fields of fields as `capture_id`, lists as lists.

        Times of this program (`fetched_at` and the like) are UTC timestamps. What a page states (`published_at`,
        `modified_at`) stays the text it is: some name an offset, some only a day; `pandas.to_datetime(…, utc=True,
        format="ISO8601")` makes timestamps of them where a day may count as its midnight.
        Raises UsageError where pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("to_pandas() needs pandas", next_step="pip install pandas") from None
        table = pandas.DataFrame([_flat(_as_dict(value)) for value in self])
        for name in table.columns:
            if name.endswith("_at") and name not in ("published_at", "modified_at", "other_published_at"):
                table[name] = pandas.to_datetime(table[name], utc=True, format="ISO8601")
        return table


def _as_dict(value: Any) -> dict[str, Any]:
    if hasattr(value, "as_dict"):
        found: dict[str, Any] = value.as_dict()
        return found
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else dict(value)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if name == "capture" and isinstance(value, dict):
            out |= {f"capture_{key}" if key == "id" else key: inner for key, inner in value.items()}
        else:
            out[name] = list(value) if isinstance(value, tuple) else value
    return out
