"""Decision rows as a request sends them: JSON objects in, an Arrow table out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from .contract import ARROW, ColumnSpec, DecisionRowContract, fault_sentence
from .errors import ContractError

MAX_ROWS = 10_000


def table_from_rows(rows: Sequence[Mapping[str, Any]], contract: DecisionRowContract) -> pa.Table:
    """Return the contract's columns of rows given as plain values; null is missing, further keys are ignored.

    Raises
    ------
    ContractError
        When there is no row, or more than 10,000; when a row is not an object, lacks columns (names each), or holds a
        value of a wrong type (names the first of each column).
    """
    if not isinstance(rows, list | tuple) or not 0 < len(rows) <= MAX_ROWS:
        raise ContractError(
            f"A list of 1 to {MAX_ROWS:,} decision rows is needed.", hint="Larger files go through the batch job."
        )
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise ContractError(f"Row {number} is {row!r:.60}, not an object of columns and values.")
        lacking = [column.name for column in contract.columns if column.name not in row]
        if lacking:
            raise ContractError(
                f"Row {number} lacks {', '.join(map(repr, lacking))}.", hint="Send null for a value that is missing."
            )
    arrays, faults = [], []
    for column in contract.columns:
        try:
            arrays.append(_array([row[column.name] for row in rows], column))
        except ContractError as error:
            faults.append(error.problem)
    if faults:
        raise ContractError(" ".join(faults), hint="Give each column in the type that the contract names.")
    return pa.Table.from_arrays(arrays, names=[column.name for column in contract.columns])


def _array(values: list[Any], column: ColumnSpec) -> pa.Array:
    plain = [value if value is None else _plain(value, column, row) for row, value in enumerate(values)]
    try:
        return pa.array(plain, ARROW[column.kind])
    except UnicodeEncodeError as error:
        raise ContractError(f"{column.name!r} holds text that is not Unicode.") from error


def _plain(value: object, column: ColumnSpec, row: int) -> float | str | bool:
    """Return a value as its column's type, as the batch job would read it from a table."""
    kind, type_ = column.kind, type(value)
    if kind == "number" and type_ in (int, float):
        try:
            return float(value)
        except OverflowError:
            pass
    elif kind == "category" and type_ is str:
        return value
    elif kind == "category" and type_ in (int, bool):
        return str(value).lower()
    elif kind == "boolean" and (type_ is bool or (type_ is int and value in (0, 1))):
        return bool(value)
    raise ContractError(fault_sentence(column, row, value))
