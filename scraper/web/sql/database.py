"""Datasette's database, with the statements of its users run where they can do no harm."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.tracer import trace
from datasette.views.base import DatasetteError

from scraper.errors import ArchiveError
from scraper.store.opening import open_for_reading
from scraper.web.sql.departures import ASKED_PATH
from scraper.web.sql.pool import Pool, PoolBusy
from scraper.web.sql.process import Answer, Limits, Statement, StatementFailed, Value
from scraper.web.sql.sandbox.policy import Authorizer

_BUSY_SECONDS = 5.0

OWN_STATEMENTS = frozenset(
    " ".join(statement.split()).lower()
    for statement in (
        "PRAGMA schema_version",
        "PRAGMA database_list;",
        "select * from sqlite_master WHERE type = 'table'",
        "select 1 from sqlite_master where type='table' and name=?",
        "select name from sqlite_master where type='table'",
        "select name from sqlite_master where type='view'",
        "select name from sqlite_master where type in ('table', 'view') and name = ? collate nocase",
        "select sql from sqlite_master where name = :n and type=:t",
        "select sql from sqlite_master where tbl_name = :n and type='index' and sql is not null",
        """select name from sqlite_master where rootpage = 0 and ( sql like '%VIRTUAL TABLE%USING FTS%' )
        or name in ('sqlite_stat1', 'sqlite_stat2', 'sqlite_stat3', 'sqlite_stat4')""",
    )
)
"""What Datasette asks for every page, of the schema alone: harmless whoever asks it, and so it waits for no child."""

_MAGIC = re.compile(r":(_\w+_\w+)")


class StatementError(sqlite3.OperationalError):
    """Why there are no rows, in words for the user who wrote the statement; `kind` is that of StatementFailed."""

    def __init__(self, said: str, kind: str) -> None:
        super().__init__(said)
        self.kind = kind


class StatementInterrupted(QueryInterrupted, StatementError):  # type: ignore[misc]
    """A statement that took too long. As both: pages of tables show the one; those of SQL and CSV know the other."""

    def __init__(self, error: StatementError, sql: str, params: Any) -> None:
        QueryInterrupted.__init__(self, error, sql, params)
        self.kind = error.kind

    def __str__(self) -> str:
        return str(self.e)


class AnalystDatabase(Database):  # type: ignore[misc]
    """An archive, read-only. `execute` runs a statement in a process with limits; nothing else runs a user's SQL.

    `execute_fn`, for functions of Datasette and ours, has threads and connections of this process, which may not write
    or attach either, and waits for no statement of a user.
    """

    def __init__(self, datasette: Datasette, path: Path, *, limits: Limits | None = None) -> None:
        super().__init__(datasette, str(path), is_mutable=True)
        self.limits = limits or Limits()
        self._file = path.absolute()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._anchor: sqlite3.Connection | None = None
        self._anchored = threading.Lock()
        self.statements = Pool(self._address, self.limits)

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection of this process. Raises ArchiveError, or OperationalError when asked for one that can write."""
        if write:
            self._refuse_writing()
        connection = open_for_reading(self._file, busy_timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = ON")  # what views may call, the authorizer says
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_authorizer(Authorizer(connection, own=True))
        self._all_file_connections.append(connection)
        return connection

    async def execute_write_fn(self, fn: Any, block: bool = True) -> NoReturn:
        self._refuse_writing()

    def _refuse_writing(self) -> NoReturn:
        raise sqlite3.OperationalError("Not allowed here: the archive is only read")

    async def execute(  # noqa: PLR0917 - as Datasette calls it
        self,
        sql: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,
    ) -> Results:
        """Run a statement as Datasette's own does, within `limits`.

        Raises StatementInterrupted for one that took too long; StatementError for what else failed; DatasetteError
        with status 503 when too many wait, and for whatever fails where a request for CSV is answered. What Datasette
        asks for beside the page itself (facets, counts) is StatementInterrupted, which its pages pass over, also when
        it took too much memory or too many wait.
        """
        if " ".join(sql.split()).lower() in OWN_STATEMENTS:
            return await super().execute(sql, params, truncate, custom_time_limit, page_size, log_sql_errors)
        milliseconds = self.ds.sql_time_limit_ms
        if custom_time_limit and custom_time_limit < milliseconds:
            milliseconds = custom_time_limit
        most = self.ds.max_returned_rows
        if most == (page_size or self.ds.page_size):
            most += 1
        statement = Statement(
            sql=sql,
            parameters=_plain(sql, params),
            seconds=min(max(milliseconds, 1) / 1000, self.limits.seconds),
            rows=most if truncate and most else None,
        )
        with trace("sql", database=self.name, sql=sql.strip(), params=params):
            try:
                answer = await self._answer(statement)
            except StatementFailed as failure:
                error = StatementError(self._said(failure, statement), failure.kind)
                if truncate and ASKED_PATH.get().endswith(".csv"):
                    # Of other errors Datasette makes an empty file here.
                    raise DatasetteError(str(error), title="Invalid SQL", status=400) from None
                if failure.kind == "time" or (not truncate and failure.kind in ("memory", "result")):
                    raise StatementInterrupted(error, sql, params) from None
                raise error from None
            except PoolBusy:
                said = "Too many statements are running. Try again in a moment"
                if not truncate:
                    raise StatementInterrupted(StatementError(said, "busy"), sql, params) from None
                raise DatasetteError(said, title="Busy", status=503) from None
            except ArchiveError as error:
                raise StatementError(str(error), "unreadable") from error
        return self._results(answer)

    async def _answer(self, statement: Statement) -> Answer:
        task = self.statements.submit(statement)
        try:
            return await asyncio.wrap_future(task.future)
        except asyncio.CancelledError:
            task.cancel()
            raise

    def _results(self, answer: Answer) -> Results:
        # Pages expect sqlite3.Row, which can only be made for a cursor with the same columns.
        names = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in answer.columns)
        cursor = self._rows.execute(f"SELECT {names}")
        rows = [sqlite3.Row(cursor, row) for row in answer.rows]
        return Results(rows, answer.truncated, cursor.description)

    def _said(self, failure: StatementFailed, statement: Statement) -> str:
        """Why there are no rows, for the user who wrote the statement."""
        mebibytes = {name: getattr(self.limits, f"{name}_bytes") >> 20 for name in ("heap", "value", "result")}
        words = {
            "time": f"The statement took longer than {statement.seconds:g} s and was stopped",
            "memory": f"The statement took more than {mebibytes['heap']} MiB of memory and was stopped. "
            "Sort or group fewer rows, or shorter ones",
            "value": f"A text or blob is longer than {mebibytes['value']} MiB",
            "result": f"The result is larger than {mebibytes['result']} MiB or {self.limits.result_values:,} values. "
            "Ask for fewer rows (LIMIT), fewer columns, or the beginning of long texts (substr)",
            "refused": f"Not allowed here: statements may only read the archive; this one wants to {failure.message}",
            "unreadable": f"The archive cannot be read at the moment: {failure.message}",
            "died": f"The process that ran the statement ended unexpectedly: {failure.message}",
        }
        return words.get(failure.kind, failure.message)

    def _address(self, again: bool) -> str:
        """The URI by which a child opens the archive, once a connection of this process is there.

        That one makes the files beside the archive that a reader needs, and keeps them there: a child could not.
        """
        with self._anchored:
            if again and self._anchor is not None:
                self._anchor.close()
                self._anchor = None
            if self._anchor is None:
                self._anchor = open_for_reading(self._file, busy_timeout=_BUSY_SECONDS)
            self._anchor.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        uri = f"{self._file.as_uri()}?mode=ro"
        alone = not self._file.with_name(f"{self._file.name}-shm").exists()
        if again and alone and not os.access(self._file.parent, os.W_OK):
            return f"{uri}&immutable=1"  # as the connection of this process reads it, which found no log to be read
        return uri

    def close(self) -> None:
        """End the children and close every connection."""
        self.statements.close()
        super().close()
        self._rows.close()
        if self._anchor is not None:
            self._anchor.close()


def _plain(sql: str, params: Sequence[Any] | Mapping[str, Any] | None) -> Sequence[Value] | Mapping[str, Value]:
    if not isinstance(params, Mapping):
        return params or ()
    plain = dict(params.items())
    # Datasette's magic parameters (`:_now_epoch`) are computed when they are asked for.
    for name in _MAGIC.findall(sql):
        if name not in plain:
            try:
                plain[name] = params[name]
            except KeyError:
                continue
    return plain


def add_archive(
    datasette: Datasette, path: Path, *, name: str = "archive", limits: Limits | None = None
) -> AnalystDatabase:
    """Have Datasette serve the archive as `/name`, and none of the databases in memory that it makes by itself.

    In those every user could run what the limits are against.
    """
    if "_memory" in datasette.databases:
        datasette.remove_database("_memory")
    database = AnalystDatabase(datasette, path, limits=limits)
    datasette.add_database(database, name=name)
    return database
