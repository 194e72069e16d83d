"""The contract of a decision row: which columns a row must have, of which kind, and what was seen in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import ContractError, FormatError

Kind = Literal["number", "category", "boolean"]
ARROW = {"number": pa.float64(), "category": pa.string(), "boolean": pa.bool_()}
EXPECTED = {"number": "a number", "category": "text", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a decision row.

    Attributes
    ----------
    name : the column's name in the prepared table.
    kind : "number" (float64), "category" (text) or "boolean".
    nullable : whether it was ever empty in training; a row may leave it empty all the same, and that is counted.
    levels : the categories seen in training; others are scored as missing, and counted. Empty: not recorded.
    low, high : the smallest and largest number seen in training; others are scored, and counted.
    availability : when the value is known: "before", "at", "after" or "unknown".
    """

    name: str
    kind: Kind
    nullable: bool
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    availability: str = "unknown"


@dataclass(frozen=True, slots=True)
class DecisionRowContract:
    """What a row must be to be scored; ``format`` is 1."""

    format: int
    columns: tuple[ColumnSpec, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, to be written as JSON."""
        columns = [
            {
                "name": column.name,
                "kind": column.kind,
                "nullable": column.nullable,
                "levels": list(column.levels),
                "low": column.low,
                "high": column.high,
                "availability": column.availability,
            }
            for column in self.columns
        ]
        return {"format": self.format, "columns": columns}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "DecisionRowContract":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        FormatError
            When it has another format number, or is not a contract.
        """
        try:
            if content["format"] != 1:
                raise FormatError(f"A contract of format {content['format']!r}.", hint="This program reads format 1.")
            columns = tuple(ColumnSpec(**{**one, "levels": tuple(one["levels"])}) for one in content["columns"])
        except (KeyError, TypeError) as error:
            raise FormatError(f"This is not a contract: {error}.", hint="Export the bundle again.") from error
        return cls(content["format"], columns)


def validate(table: pa.Table, contract: DecisionRowContract) -> pa.Table:
    """Return the contract's columns in its order, as float64, text or boolean; further columns are dropped.

    Nulls, unseen levels and numbers outside the range pass: each has a defined score (see :func:`surprises`).

    Raises
    ------
    ContractError
        When columns are missing or of a wrong type; names each, and the first bad value of each wrong one.
    """
    missing = [column.name for column in contract.columns if column.name not in table.column_names]
    if missing:
        raise ContractError(
            f"Missing: {', '.join(map(repr, missing))}.", hint=f"A row has {len(contract.columns)} columns."
        )
    arrays, faults = [], []
    for column in contract.columns:
        array = table.column(column.name)
        target = ARROW[column.kind]
        if array.type != target:
            fault = _fault(array, column)
            if fault:
                faults.append(fault)
                continue
            array = _cast(array, target)
        arrays.append(array)
    if faults:
        raise ContractError(" ".join(faults), hint="Give each column in the type that the contract names.")
    return pa.Table.from_arrays(arrays, names=[column.name for column in contract.columns])


def _value_type(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _cast(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return array.cast(target, safe=False)


def _fits(type_: pa.DataType, kind: Kind) -> bool:
    types = pa.types
    integer = types.is_integer(type_)
    if kind == "number":
        return integer or types.is_floating(type_) or types.is_decimal(type_)
    if kind == "category":
        text = types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_)
        return text or integer or types.is_boolean(type_)
    return types.is_boolean(type_) or integer


def _fault(array: pa.ChunkedArray, column: ColumnSpec) -> str:
    """Return what is wrong with the values of a column, or nothing."""
    type_ = _value_type(array.type)
    if pa.types.is_null(type_) or array.null_count == len(array):
        return ""
    bad = pc.is_valid(array)
    if _fits(type_, column.kind):
        if column.kind != "boolean" or pa.types.is_boolean(type_):
            return ""
        bad = pc.and_(bad, pc.invert(pc.is_in(_cast(array, pa.int64()), value_set=pa.array([0, 1], pa.int64()))))
    row = pc.index(bad, True).as_py()
    if row < 0:
        return ""
    return fault_sentence(column, row, array[row].as_py())


def fault_sentence(column: ColumnSpec, row: int, value: object) -> str:
    """Say that a value is of a wrong type; ``row`` is counted from 0, and told from 1."""
    return f"{column.name!r}, row {row + 1}: {value!r:.60} is not {EXPECTED[column.kind]}."


def surprises(table: pa.Table, contract: DecisionRowContract) -> dict[str, dict[str, int]]:
    """Count values that the model has not seen the like of.

    Returns
    -------
    Per column that has any: ``missing`` (empty though never empty in training), ``not_finite`` (scored as missing),
    ``unseen`` (levels, scored as missing), ``below`` and ``above`` (numbers outside the range seen in training).

    Raises
    ------
    ContractError
        As :func:`validate`.
    """
    checked = validate(table, contract)
    counted = {column.name: _surprises(checked.column(column.name), column) for column in contract.columns}
    return {name: counts for name, counts in counted.items() if counts}


def _surprises(array: pa.ChunkedArray, column: ColumnSpec) -> dict[str, int]:
    counts = {"missing": 0 if column.nullable else array.null_count}
    if column.kind == "category" and column.levels:
        known = pc.is_in(array, value_set=pa.array(column.levels, pa.string()), skip_nulls=True)
        counts["unseen"] = len(array) - array.null_count - pc.sum(known).as_py() if len(array) else 0
    elif column.kind == "number":
        values = array.drop_null().to_numpy()
        finite = values[np.isfinite(values)]
        counts["not_finite"] = len(values) - len(finite)
        counts["below"] = 0 if column.low is None else int((finite < column.low).sum())
        counts["above"] = 0 if column.high is None else int((finite > column.high).sum())
    return {name: count for name, count in counts.items() if count}
