"""Finds the types that a database left open, once all values are stored."""

from collections.abc import Sequence

import duckdb

from core.ingest.database_types import EXACT, MOMENT, ColumnPlan
from core.scoring.prepare import quoted

_MOST_DIGITS = 38
_DAY = r"\d{4}-\d{2}-\d{2}"
_SECOND = rf"{_DAY}[ T]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?"


def settle(
    cursor: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], plans: Sequence[ColumnPlan]
) -> tuple[str, ...]:
    """Give the columns of a stored table that hold exact numbers or dates as text their types; return notes.

    An exact number becomes BIGINT or a DECIMAL that holds every digit; only where 38 digits do not do, or where NaN
    or infinity occur, DOUBLE, which is noted. A text becomes DATE or TIMESTAMP when all its values are written so.
    """
    notes: list[str] = []
    for name, plan in zip(names, plans, strict=True):
        kind = ""
        if plan.later == EXACT:
            kind, note = _number(cursor, table, name)
            notes += [note] if note else []
        elif plan.later == MOMENT:
            kind = moment(cursor, table, name)
        if kind:
            cursor.execute(f"ALTER TABLE {quoted(table)} ALTER {quoted(name)} TYPE {kind}")
        if plan.n_lost:
            notes.append(
                f"Values of {name!r} that its type cannot hold, such as {plan.lost!r}, are missing: {plan.n_lost:,}."
            )
    return tuple(notes)


def _number(cursor: duckdb.DuckDBPyConnection, table: str, name: str) -> tuple[str, str]:
    column = quoted(name)
    n, n_plain, whole, scale = cursor.execute(
        f"SELECT count({column}), count(*) FILTER (regexp_full_match({column}, '-?\\d+(\\.\\d+)?')),"
        f" coalesce(max(length(regexp_extract({column}, '^-?(\\d+)', 1))), 1),"
        f" coalesce(max(length(regexp_extract({column}, '\\.(\\d+)$', 1))), 0) FROM {quoted(table)}"
    ).fetchall()[0]
    if n_plain < n:
        return "DOUBLE", f"Column {name!r} holds NaN or infinity: it became a floating-point number."
    if not scale and whole <= 18:
        return "BIGINT", ""
    if whole + scale <= _MOST_DIGITS:
        return f"DECIMAL({whole + scale}, {scale})", ""
    return "DOUBLE", f"Column {name!r} has more than 38 digits: it was rounded to a floating-point number."


def moment(cursor: duckdb.DuckDBPyConnection, table: str, name: str) -> str:
    """Return DATE or TIMESTAMP where all values of a text column are written as one, else ""."""
    column = quoted(name)
    for kind, pattern in (("DATE", _DAY), ("TIMESTAMP", f"{_DAY}|{_SECOND}")):
        n, fits = cursor.execute(
            f"SELECT count({column}), count(CASE WHEN regexp_full_match({column}, '{pattern}')"
            f" THEN TRY_CAST({column} AS {kind}) END) FROM {quoted(table)}"
        ).fetchall()[0]
        if n and n == fits:
            return kind
    return ""
