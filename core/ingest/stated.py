"""Gives text columns the whole-number types that somebody stated, and names the rows that do not have them.

DuckDB's reader takes 1.5 for the whole number 2 and says nothing, so these types are not left to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from core.ingest.column_types import retype
from core.scoring.prepare import quoted

_WHOLE = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
)
_PATTERN = r"[ \t\r\n\f\v]*[-+]?[0-9]+[ \t\r\n\f\v]*"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row whose value is not the whole number that its column was said to hold: on which line of the text, and it."""

    line: int
    column: str
    reason: str
    text: str


def whole_numbers(types: Mapping[str, str]) -> dict[str, str]:
    """Return those of some stated types that are whole numbers."""
    return {name: kind for name, kind in types.items() if kind in _WHOLE}


def made_whole(connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]) -> bool:
    """Make text columns whole numbers; where a value is none, leave the table as it is and return False."""
    if not types:
        return True
    tests = " OR ".join(_is_other(name, kind) for name, kind in types.items())
    if connection.execute(f"SELECT 1 FROM {quoted(table)} WHERE {tests} LIMIT 1").fetchall():
        return False
    retype(connection, table, {name: f"CAST({quoted(name)} AS {kind})" for name, kind in types.items()}, True)
    return True


def without_misfits(
    connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str], delimiter: str, limit: int
) -> tuple[list[Misfit], int]:
    """Make text columns whole numbers, leaving out the rows in which a value is none.

    Parameters
    ----------
    table : its rows stand in a text in their order, one after the other, from its first line.
    delimiter : with it the values of a row are put together again, to be shown.
    limit : so many of the rows are named.

    Returns
    -------
    The first of the rows that were left out, and how many those are.
    """
    if made_whole(connection, table, types):
        return [], 0
    names = [row[0] for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()]
    others = {name: f"coalesce({_is_other(name, kind)}, false)" for name, kind in types.items()}
    is_other = " OR ".join(others.values())
    which = " ".join(f"WHEN {test} THEN {place}" for place, test in enumerate(others.values()))
    ends = " + ".join(f"coalesce(strlen({text}) - strlen(replace({text}, chr(10), '')), 0)" for text in _texts(names))
    shown = ", ".join(f"coalesce({text}, '')" for text in _texts(names))
    row = f"concat_ws('{delimiter.replace(chr(39), chr(39) * 2)}', {shown})"
    rows = connection.execute(
        f"SELECT rowid + 1 + before, which, row FROM (SELECT rowid, coalesce(sum({ends}) OVER (ORDER BY rowid "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS before, CASE {which} END AS which, "
        f"left({row}, 500) AS row FROM {quoted(table)}) WHERE which IS NOT NULL ORDER BY rowid LIMIT {limit}"
    ).fetchall()
    n = connection.execute(f"SELECT count(*) FROM {quoted(table)} WHERE {is_other}").fetchall()[0][0]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {quoted(table)} "
        f"WHERE NOT ({is_other}) ORDER BY rowid"
    )
    made_whole(connection, table, types)
    kinds = list(types.items())
    found = [
        Misfit(line, kinds[place][0], f"Column {kinds[place][0]!r} is not {kinds[place][1]}.", text)
        for line, place, text in rows
    ]
    return found, n


def _is_other(name: str, kind: str) -> str:
    text = quoted(name)
    return (
        f"({text} IS NOT NULL AND (NOT regexp_full_match({text}, '{_PATTERN}') OR TRY_CAST({text} AS {kind}) IS NULL))"
    )


def _texts(names: Sequence[str]) -> list[str]:
    return [f"CAST({quoted(name)} AS VARCHAR)" for name in names]
