"""Replaces the values of personal columns in golden rows."""

from collections.abc import Collection, Iterable

import pyarrow as pa
import pyarrow.compute as pc


def masked(tables: Iterable[pa.Table], columns: Collection[str]) -> list[pa.Table]:
    """Return the tables with the values of some columns replaced.

    Equal values of a column stay equal across the tables, so that joins still find each other: text becomes
    "masked-1", "masked-2", …, an integer 1, 2, …; anything else becomes empty.
    """
    tables = list(tables)
    tokens = {name: _tokens(tables, name) for name in columns}
    return [_masked(table, tokens) for table in tables]


def _tokens(tables: list[pa.Table], name: str) -> dict[object, int]:
    seen: dict[object, int] = {}
    for table in tables:
        if name in table.column_names:
            for value in pc.unique(table.column(name)).drop_null().to_pylist():
                seen.setdefault(value, len(seen) + 1)
    return seen


def _masked(table: pa.Table, tokens: dict[str, dict[object, int]]) -> pa.Table:
    for name, numbers in tokens.items():
        if name in table.column_names:
            column = table.column(name)
            at = table.column_names.index(name)
            table = table.set_column(at, pa.field(name, _plain(column.type)), _replaced(column, numbers))
    return table


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _replaced(column: pa.ChunkedArray, numbers: dict[object, int]) -> pa.Array:
    type_ = _plain(column.type)
    values = column.to_pylist()
    if pa.types.is_integer(type_):
        return pa.array([None if value is None else numbers[value] for value in values], type_)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return pa.array([None if value is None else f"masked-{numbers[value]}" for value in values], type_)
    return pa.nulls(len(values), type_)
