"""Statements that a stranger might try on an archive, and how each may end.

An end is a kind of StatementFailed (`refused`, `time`, `memory`, `value`, `result`, `sql`), or `rows` where what it
brings is harmless. Several are named where it depends on the machine which limit is met first.
"""

# ruff: noqa: S608 - nothing of anybody else's is in these statements
from __future__ import annotations

from dataclasses import dataclass

_ENDLESS = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
_NULS = "CAST(zeroblob({}) AS TEXT)"


@dataclass(frozen=True, slots=True)
class Hostile:
    """`{outside}` in `sql` is the path of a file that must not come to be."""

    name: str
    sql: str
    ends: frozenset[str]


def _all(ends: str, statements: dict[str, str]) -> list[Hostile]:
    return [Hostile(name, sql, frozenset(ends.split())) for name, sql in statements.items()]


WRITING = _all(
    "refused",
    {
        "attach a new file": "ATTACH DATABASE '{outside}' AS other",
        "attach by URI": "ATTACH DATABASE 'file:{outside}?mode=rwc' AS other",
        "attach memory": "ATTACH DATABASE ':memory:' AS other",
        "explain attach": "EXPLAIN ATTACH DATABASE '{outside}' AS other",
        "detach": "DETACH DATABASE main",
        "vacuum into": "VACUUM INTO '{outside}'",
        "vacuum": "VACUUM",
        "create table": "CREATE TABLE stolen (a)",
        "create table as": "CREATE TABLE stolen AS SELECT * FROM pages",
        "create temporary table": "CREATE TEMP TABLE stolen AS SELECT * FROM pages",
        "create virtual table": "CREATE VIRTUAL TABLE temp.v USING fts5vocab('main', 'articles_fts', 'row')",
        "create view": "CREATE TEMP VIEW v AS SELECT load_extension('x')",
        "create trigger": "CREATE TEMP TRIGGER t AFTER INSERT ON pages BEGIN SELECT 1; END",
        "create index": "CREATE INDEX i ON captures (url)",
        "drop table": "DROP TABLE captures",
        "drop view": "DROP VIEW articles",
        "alter table": "ALTER TABLE captures RENAME TO mine",
        "insert": "INSERT INTO pages (id) VALUES (1)",
        "replace": "REPLACE INTO pages (id) VALUES (1)",
        "update": "UPDATE captures SET url = 'https://example.com/'",
        "delete": "DELETE FROM captures",
        "delete behind WITH": "WITH doomed AS (SELECT 1) DELETE FROM captures WHERE id IN doomed",
        "insert returning": "INSERT INTO pages (id) VALUES (1) RETURNING *",
        "rebuild the index": "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')",
        "analyze": "ANALYZE",
        "reindex": "REINDEX",
        "begin": "BEGIN",
        "begin exclusive": "BEGIN EXCLUSIVE",
        "savepoint": "SAVEPOINT s",
    },
) + _all(
    "sql",
    {
        "update the schema": "UPDATE sqlite_master SET sql = '' WHERE name = 'captures'",
        "two statements": "SELECT 1; DROP TABLE captures",
    },
)

PRAGMAS = _all(
    "refused",
    {
        "pragma journal_mode": "PRAGMA journal_mode = DELETE",
        "pragma writable_schema": "PRAGMA writable_schema = ON",
        "pragma query_only": "PRAGMA query_only = OFF",
        "pragma trusted_schema": "PRAGMA trusted_schema = ON",
        "pragma user_version": "PRAGMA user_version = 99",
        "pragma schema_version": "PRAGMA schema_version = 99",
        "pragma temp_store": "PRAGMA temp_store = FILE",
        "pragma temp_store_directory": "PRAGMA temp_store_directory = '/tmp'",
        "pragma cache_size": "PRAGMA cache_size = 1000000000",
        "pragma mmap_size": "PRAGMA mmap_size = 1000000000000",
        "pragma hard_heap_limit": "PRAGMA hard_heap_limit = 0",
        "pragma locking_mode": "PRAGMA locking_mode = EXCLUSIVE",
        "pragma wal_checkpoint": "PRAGMA wal_checkpoint (TRUNCATE)",
        "pragma incremental_vacuum": "PRAGMA incremental_vacuum",
        "pragma integrity_check": "PRAGMA integrity_check",
        "pragma optimize": "PRAGMA optimize",
        "where the file is": "SELECT file FROM pragma_database_list",
    },
)

FUNCTIONS = _all(
    "refused",
    {
        "load_extension": "SELECT load_extension('{outside}')",
        "fts3_tokenizer": "SELECT fts3_tokenizer('simple')",
        "fts3_tokenizer set": "SELECT fts3_tokenizer('simple', x'4141414141414141')",
        "sqlite_log": "SELECT sqlite_log(1, 'x')",
        "rtreecheck": "SELECT rtreecheck('captures')",
        "statements of others": "SELECT sql FROM sqlite_stmt",
        "pages of the file": "SELECT sum(pgsize) FROM dbstat",
        "tokens": "SELECT * FROM fts3tokenize('simple', 'a b')",
    },
) + _all(
    "refused sql",  # `sql` where this SQLite knows them not at all
    {
        "readfile": "SELECT readfile('/etc/passwd')",
        "writefile": "SELECT writefile('{outside}', 'x')",
        "edit": "SELECT edit('x', 'touch {outside}')",
        "system": "SELECT system('touch {outside}')",
        "raw pages": "SELECT data FROM sqlite_dbpage",
        "internal function": "SELECT sqlite_rename_table(1, 2, 3, 4, 5, 6, 7)",
    },
)

BIG = (
    _all(
        "value",
        {
            "zeroblob": "SELECT zeroblob(1000000000)",
            "randomblob": "SELECT randomblob(1000000000)",
            "hex of zeroblob": "SELECT hex(zeroblob(15000000))",
            "replace that grows": "SELECT replace(hex(zeroblob(100000)), '0', hex(zeroblob(1000)))",
            "concatenation": "WITH RECURSIVE c (t) AS (SELECT 'xxxxxxxx' UNION ALL SELECT t || t FROM c)"
            " SELECT count(t) FROM c",
            "json of nuls": f"SELECT json_quote({_NULS.format(15000000)})",
        },
    )
    + _all(
        "value time memory rows",
        {
            "printf": "SELECT printf('%1000000000d', 1)",
            "group_concat": f"{_ENDLESS} SELECT length(group_concat(hex(zeroblob(100000)))) FROM c",
            "json_group_array": f"{_ENDLESS} SELECT length(json_group_array(hex(zeroblob(100000)))) FROM c",
        },
    )
    + _all(
        "memory time",
        {
            "sort of big values": f"{_ENDLESS} SELECT randomblob(1000000) AS r FROM c ORDER BY r",
            "sort of many rows": f"{_ENDLESS} SELECT n FROM c ORDER BY n % 7, n DESC",
            "distinct": f"{_ENDLESS} SELECT count(DISTINCT hex(randomblob(1000))) FROM c",
            "union that remembers": "WITH RECURSIVE c (n) AS (SELECT 1 UNION SELECT n + 1 FROM c)"
            " SELECT count(*) FROM c",
            "group by": f"{_ENDLESS} SELECT count(*) FROM c GROUP BY hex(randomblob(1000))",
            "materialised": f"{_ENDLESS}, m AS MATERIALIZED (SELECT hex(zeroblob(5000)) AS z FROM c)"
            " SELECT count(*) FROM m",
            "window over everything": f"{_ENDLESS} SELECT last_value(n) OVER"
            " (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM c",
            "many big arguments": f"SELECT max({', '.join(['randomblob(15000000)'] * 100)})",
        },
    )
    + _all(
        "result",
        {
            "rows of big values": f"{_ENDLESS} SELECT randomblob(1000000) FROM c",
            "one row of big values": "SELECT zeroblob(9000000), zeroblob(9000000)",
            "rows of many columns": f"{_ENDLESS} SELECT {', '.join(['n'] * 500)} FROM c",
        },
    )
    + _all(
        "result memory",
        {
            "control characters": f"SELECT {_NULS.format(15000000)}",
        },
    )
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

LONG = _all(
    "time",
    {
        "endless recursion": f"{_ENDLESS} SELECT count(*) FROM c",
        "recursion that finds nothing": f"{_ENDLESS} SELECT n FROM c WHERE n < 0",
        "cross join": f"SELECT count(*) FROM {', '.join(f'captures AS t{n}' for n in range(8))}",
        "quadratic window": f"{_ENDLESS}, few AS (SELECT n FROM c LIMIT 30000) SELECT sum(s) FROM (SELECT max(n) OVER"
        " (ORDER BY n ROWS BETWEEN 20000 PRECEDING AND 20000 FOLLOWING EXCLUDE CURRENT ROW) AS s FROM few)",
        "json in json": f"{_ENDLESS} SELECT count(*) FROM c,"
        " json_each('[' || replace(hex(zeroblob(100000)), '0', '1,') || '1]')",
        # Each a single step of SQLite's machine, in which it does not look at the clock: only killing helps.
        "instr": "SELECT instr(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1')",
        "trim": "SELECT trim(hex(zeroblob(8000000)), replace(hex(zeroblob(400000)), '0', '€') || '0')",
        "replace nothing": "SELECT replace(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1', '')",
        "many steps of some length": f"{_ENDLESS} SELECT sum(instr(hex(zeroblob(4000000)), hex(n))) FROM c",
    },
) + _all(
    "time memory sql rows",
    {
        "like": f"SELECT hex(zeroblob(3000000)) LIKE '%{'0%' * 900}b'",
        "glob": f"SELECT hex(zeroblob(3000000)) GLOB '{'*0' * 900}b'",
        # These two grow while they are compiled, where SQLite does not look at the clock either.
        "exponential WITH": "WITH c0 AS (SELECT 1 AS a UNION ALL SELECT 2), "
        + ", ".join(f"c{n} AS (SELECT * FROM c{n - 1} UNION ALL SELECT * FROM c{n - 1})" for n in range(1, 30))
        + " SELECT count(*) FROM c29",
        "exponential views": "WITH c0 AS (SELECT * FROM articles), "
        + ", ".join(f"c{n} AS (SELECT a.url FROM c{n - 1} a JOIN c{n - 1} b ON a.url = b.url)" for n in range(1, 20))
        + " SELECT count(*) FROM c19",
        "join of many tables": "SELECT count(*) FROM " + " NATURAL JOIN ".join(f"captures t{n}" for n in range(60)),
        "deep full text": f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH '{'(' * 5000}a{')' * 5000}'",
        "wide full text": "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH '"
        + " OR ".join(f"{first}{second}*" for first in _LETTERS for second in _LETTERS)
        + "'",
    },
)

SHAPE = _all(
    "sql",
    {
        "deep expression": "SELECT " + "(" * 1000 + "1" + ")" * 1000,
        "long expression": "SELECT " + " + ".join(["1"] * 5000),
        "many selects": " UNION ALL ".join(["SELECT 1"] * 1000),
        "many columns": "SELECT " + ", ".join(["1"] * 5000),
        "long statement": "SELECT '" + "x" * 1_000_000 + "'",
        "longer than is sent": "SELECT '" + "x" * 10_000_000 + "'",
        "long pattern": f"SELECT 'a' LIKE '{'%' * 30000}'",
        "many parameters": "SELECT ?999999999",
        "nul in the statement": "SELECT 1\0; DROP TABLE captures",
        "half a character": "SELECT '\ud800'",
        "nothing": "",
        "deep json": f"SELECT json('{'[' * 5000}{']' * 5000}')",
    },
)

HOSTILE = [*WRITING, *PRAGMAS, *FUNCTIONS, *BIG, *LONG, *SHAPE]
