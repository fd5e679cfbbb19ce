"""What a statement may do: read this archive, and nothing else.

This holds for what views and full-text indexes do, too. So `trusted_schema`, which would keep views from calling what
SQLite does not call innocuous, is left on: to some of its versions JSON is not, and the view `articles` makes JSON.
"""

from __future__ import annotations

import sqlite3

FUNCTIONS = frozenset(
    """
    -> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling changes char coalesce concat concat_ws cos
    cosh count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank escape_fts exp
    first_value floor format glob group_concat hex highlight if ifnull iif instr json json_array json_array_insert
    json_array_length json_error_position json_extract json_group_array json_group_object json_insert json_object
    json_patch json_pretty json_quote json_remove json_replace json_set json_type json_valid jsonb jsonb_array
    jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch
    jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood likely
    ln log log10 log2 lower ltrim match max median min mod nth_value ntile nullif octet_length percent_rank percentile
    percentile_cont percentile_disc pi pow power printf quote radians random randomblob rank regexp replace round
    row_number rtrim sign sin sinh snippet soundex sqlite_compileoption_get sqlite_compileoption_used sqlite_source_id
    sqlite_version sqrt strftime string_agg substr substring subtype sum tan tanh time timediff total total_changes trim
    trunc typeof unhex unicode unistr unistr_quote unixepoch unlikely upper zeroblob
    """.split()
)
"""Functions that compute from their arguments alone. Those that make a big value are bounded by the limit of lengths.

Whatever else a build of SQLite or an extension brings (load_extension, readfile, fts3_tokenizer …) is refused.
"""

PRAGMAS = frozenset(
    """
    application_id collation_list compile_options data_version encoding freelist_count function_list journal_mode
    module_list page_count page_size pragma_list query_only schema_version table_list user_version
    """.split()
)
"""Pragmas that may be read; given a value, most of them would write. `data_version` is what FTS5 asks itself."""

PRAGMAS_OF_TABLES = frozenset(
    "foreign_key_list index_info index_list index_xinfo table_info table_list table_xinfo".split()
)
"""Pragmas whose argument is the name of what they describe."""

OWN_PRAGMAS = frozenset({"cache_size", "database_list"})
"""Allowed besides to the connections of the server itself: these show paths, and take memory."""

TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "jsonb_each", "jsonb_tree"})
"""Modules that may be read without a table of theirs in the archive; the others show pages, statements or memory."""

SECRETS = frozenset(("websub_subscriptions", column) for column in ("callback", "token", "secret"))
"""Columns that read as null: who knows them could tell the archive of news in a hub's name."""

_SCHEMAS = ("sqlite_master", "sqlite_temp_master")
_WANTED = {
    sqlite3.SQLITE_ALTER_TABLE: "alter the table {second}",
    sqlite3.SQLITE_ANALYZE: "analyze {first}",
    sqlite3.SQLITE_ATTACH: "attach the file {first}",
    sqlite3.SQLITE_CREATE_INDEX: "create the index {first}",
    sqlite3.SQLITE_CREATE_TABLE: "create the table {first}",
    sqlite3.SQLITE_CREATE_TEMP_INDEX: "create the index {first}",
    sqlite3.SQLITE_CREATE_TEMP_TABLE: "create the table {first}",
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER: "create the trigger {first}",
    sqlite3.SQLITE_CREATE_TEMP_VIEW: "create the view {first}",
    sqlite3.SQLITE_CREATE_TRIGGER: "create the trigger {first}",
    sqlite3.SQLITE_CREATE_VIEW: "create the view {first}",
    sqlite3.SQLITE_CREATE_VTABLE: "create the table {first}",
    sqlite3.SQLITE_DELETE: "delete from {first}",
    sqlite3.SQLITE_DETACH: "detach {first}",
    sqlite3.SQLITE_DROP_INDEX: "drop the index {first}",
    sqlite3.SQLITE_DROP_TABLE: "drop the table {first}",
    sqlite3.SQLITE_DROP_TEMP_INDEX: "drop the index {first}",
    sqlite3.SQLITE_DROP_TEMP_TABLE: "drop the table {first}",
    sqlite3.SQLITE_DROP_TEMP_TRIGGER: "drop the trigger {first}",
    sqlite3.SQLITE_DROP_TEMP_VIEW: "drop the view {first}",
    sqlite3.SQLITE_DROP_TRIGGER: "drop the trigger {first}",
    sqlite3.SQLITE_DROP_VIEW: "drop the view {first}",
    sqlite3.SQLITE_DROP_VTABLE: "drop the table {first}",
    sqlite3.SQLITE_FUNCTION: "call the function {second}",
    sqlite3.SQLITE_INSERT: "insert into {first}",
    sqlite3.SQLITE_PRAGMA: "use PRAGMA {first}",
    sqlite3.SQLITE_READ: "read {first}, which is no part of the archive",
    sqlite3.SQLITE_REINDEX: "rebuild the index {first}",
    sqlite3.SQLITE_SAVEPOINT: "keep a transaction open",
    sqlite3.SQLITE_TRANSACTION: "keep a transaction open",
    sqlite3.SQLITE_UPDATE: "update {first}",
}


class Authorizer:
    """What `set_authorizer` asks while a statement is compiled; remembers in `refused` what it said no to first."""

    def __init__(self, connection: sqlite3.Connection, *, own: bool = False) -> None:
        self.refused: str | None = None
        self._own = own
        modules = {str(name) for (name,) in connection.execute("SELECT name FROM pragma_module_list").fetchall()}
        # Those of pragma functions are there once used; each asks for its pragma itself.
        self._modules = {name for name in modules if not name.startswith("pragma_")} - TABLE_FUNCTIONS

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, source: str | None
    ) -> int:
        if action == sqlite3.SQLITE_READ and ((first or "").lower(), (second or "").lower()) in SECRETS:
            return sqlite3.SQLITE_IGNORE
        if self._allows(action, first or "", second):
            return sqlite3.SQLITE_OK
        if self.refused is None:
            words = _WANTED.get(action, f"do what is not known here ({action})")
            if first in _SCHEMAS:
                words = "change tables, views or indexes"
            # Only the beginning of a name: it may be as long as a statement.
            self.refused = words.format(first=(first or "")[:100], second=(second or "")[:100])
        return sqlite3.SQLITE_DENY

    def _allows(self, action: int, first: str, second: str | None) -> bool:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return True
        if action == sqlite3.SQLITE_READ:
            return first.lower() not in self._modules
        if action == sqlite3.SQLITE_FUNCTION:
            return (second or "").lower() in FUNCTIONS
        if action == sqlite3.SQLITE_PRAGMA:
            name = first.lower()
            return (
                name in PRAGMAS_OF_TABLES or (name in PRAGMAS and second is None) or (self._own and name in OWN_PRAGMAS)
            )
        # Where SQLite connects a virtual table it asks for this, though it changes nothing. Of the statements of users
        # that would, none is compiled: "table sqlite_master may not be modified".
        return action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
