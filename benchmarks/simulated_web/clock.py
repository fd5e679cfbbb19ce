"""A clock that runs with real time, some way off it, and that a simulation puts forward.

clock = SimulatedClock(folder / "clock", start=EPOCH)   # who drives
clock.advance(timedelta(hours=1))
clock = SimulatedClock(folder / "clock")                # another process: shows the same time
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

EPOCH = datetime(2024, 11, 4, 6, tzinfo=UTC)
"""When simulations begin: a Monday morning. It lies in the past, or extractors would not believe the dates of pages."""


class SimulatedClock:
    """Real time plus an offset, which is kept in `file` where several processes share it.

    `start` sets the time that it shows now; without it, it shows what the file says, and real time where there is none.
    """

    def __init__(self, file: Path | str | None = None, *, start: datetime | None = None) -> None:
        self._file = os.fspath(file) if file is not None else None
        self._offset = 0.0
        self._known: tuple[int, int] | None = None
        if start is not None:
            self._set((start - datetime.now(UTC)).total_seconds())

    def now(self) -> datetime:
        """UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def __call__(self) -> datetime:
        """The same, for those who take a clock as a function."""
        return self.now()

    def time(self) -> float:
        """The same as seconds since 1970."""
        return time.time() + self.offset

    @property
    def offset(self) -> float:
        """Seconds that it is ahead of real time."""
        if self._file is not None:
            try:
                found = os.stat(self._file)
            except FileNotFoundError:
                return self._offset
            # A new offset is a new file, so that it is never read half written.
            state = (found.st_ino, found.st_mtime_ns)
            if state != self._known:
                self._offset = float(Path(self._file).read_text(encoding="ascii"))
                self._known = state
        return self._offset

    def advance(self, by: timedelta) -> datetime:
        """Put it forward for everybody who shares it; the time that it shows then. One process may do so."""
        if by < timedelta(0):
            raise ValueError("a clock that goes back is another simulation")
        self._set(self.offset + by.total_seconds())
        return self.now()

    def advance_to(self, moment: datetime) -> datetime:
        """Put it forward to `moment`; it stays as it is when that is past."""
        return self.advance(max(timedelta(0), moment - self.now()))

    def _set(self, offset: float) -> None:
        self._offset = offset
        if self._file is not None:
            new = Path(f"{self._file}.new")
            new.write_text(repr(offset), encoding="ascii")
            new.replace(self._file)
            self._known = None
