"""Finds the narrowest type that every value of a text column has, and makes the column that."""

from collections.abc import Collection, Sequence

import duckdb

from core.ingest.source import Column
from core.scoring.prepare import quoted

# In this order the first that fits all values wins. A leading zero keeps a code a text; 19 digits may not fit.
_PATTERNS = (
    ("BOOLEAN", r"(?i)\s*(true|false)\s*"),
    ("BIGINT", r"\s*[-+]?(0|[1-9]\d{0,17})\s*"),
    ("DOUBLE", r"\s*[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?\s*"),
    ("DATE", r"\s*\d{4}-\d{2}-\d{2}\s*"),
    ("TIMESTAMP", r"\s*\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?\s*"),
    ("TIMESTAMP WITH TIME ZONE", r"\s*\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[-+]\d{2}(:?\d{2})?)\s*"),
)


def typed(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], fixed: Collection[str]
) -> tuple[Column, ...]:
    """Replace the temporary text table by one with types; columns in ``fixed`` keep theirs.

    Every value of a column is looked at, not a sample. Words such as NULL or ? stay text: whether they mean
    "missing" is for Quality to ask. A column without any value stays text.
    """
    found = dict(zip(names, _types(connection, table, names, fixed), strict=True))
    if any(kind for kind in found.values()):
        selected = ", ".join(
            f"CAST(trim({quoted(name)}) AS {kind}) AS {quoted(name)}" if kind else quoted(name)
            for name, kind in found.items()
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT {selected} FROM {quoted(table)} ORDER BY rowid"
        )
    return columns_of(connection, table)


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Column, ...]:
    """Return the columns of a table with their types."""
    rows = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return tuple(Column(row[0], row[1]) for row in rows)


def _types(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], fixed: Collection[str]
) -> list[str]:
    """Return a type for each column, "" to leave it as it is; ten thousand rows rule out most candidates first."""
    wanted = [name for name in names if name not in fixed]
    possible = {name: list(_PATTERNS) for name in wanted}
    for limit in (" LIMIT 10000", ""):
        tests = [(name, kind, pattern) for name in wanted for kind, pattern in possible[name]]
        if not tests:
            break
        counted = ", ".join(
            f"count({quoted(name)}) = count(CASE WHEN regexp_full_match({quoted(name)}, '{pattern}') "
            f"THEN TRY_CAST(trim({quoted(name)}) AS {kind}) END)"
            for name, kind, pattern in tests
        )
        fits = connection.execute(f"SELECT {counted} FROM (SELECT * FROM {quoted(table)}{limit})").fetchall()[0]
        possible = {name: [] for name in wanted}
        for (name, kind, pattern), fit in zip(tests, fits, strict=True):
            if fit:
                possible[name].append((kind, pattern))
    filled = _filled(connection, table, wanted)
    chosen = {name: possible[name][0][0] for name in wanted if possible[name] and name in filled}
    return [chosen.get(name, "") for name in names]


def _filled(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> set[str]:
    if not names:
        return set()
    counted = ", ".join(f"count({quoted(name)})" for name in names)
    row = connection.execute(f"SELECT {counted} FROM {quoted(table)}").fetchall()[0]
    return {name for name, n in zip(names, row, strict=True) if n}
