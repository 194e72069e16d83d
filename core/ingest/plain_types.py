"""The types that files bring and hardly anything can work with, and the plain ones that they become."""

import duckdb

from core.ingest.source import Column
from core.scoring.prepare import quoted

_PLAIN = {
    "BIGNUM": "VARCHAR",
    "BIT": "VARCHAR",
    "INTERVAL": "VARCHAR",
    "JSON": "VARCHAR",
    "TIME WITH TIME ZONE": "VARCHAR",
    "TIMESTAMPTZ_NS": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIME_NS": "TIME",
    "UUID": "VARCHAR",
    "VARIANT": "VARCHAR",
    '"NULL"': "VARCHAR",
}
_HUGE = ("HUGEINT", "UHUGEINT")


def plain_type(connection: duckdb.DuckDBPyConnection, table: str, column: Column) -> str:
    """Return the type that a column of a temporary table shall have; its own in nearly all cases.

    Enumerations, unions, geometries and identifiers become text; whole numbers beyond 64 bits BIGINT where their
    values allow it, else a decimal of 38 digits, else text.
    """
    kind = column.type
    if kind.startswith(("ENUM(", "UNION(", "GEOMETRY")):
        return "VARCHAR"
    if kind in _HUGE:
        name = quoted(column.name)
        tests = ", ".join(f"count(TRY_CAST({name} AS {one})) = count({name})" for one in ("BIGINT", "DECIMAL(38, 0)"))
        fits = connection.execute(f"SELECT {tests} FROM {quoted(table)}").fetchall()[0]
        return "BIGINT" if fits[0] else "DECIMAL(38,0)" if fits[1] else "VARCHAR"
    return _PLAIN.get(kind, kind)
