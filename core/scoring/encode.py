"""Turns columns into the matrix that a model reads; fitted inside a fold, written as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import jsonfile
from .contract import ColumnSpec, DecisionRowContract, Kind, validate

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class EncodedColumn:
    """One column of the matrix; ``levels`` are a category's, the first has code 0."""

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    value_set: pa.Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the levels' Arrow array once: a request should not pay for it."""
        object.__setattr__(self, "value_set", pa.array(self.levels, pa.string()))


@dataclass(frozen=True, slots=True)
class Encoder:
    """The columns of the matrix, in order."""

    columns: tuple[EncodedColumn, ...]
    contract: DecisionRowContract = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make once the contract that rows are checked by before they are encoded."""
        specs = tuple(ColumnSpec(column.name, column.kind, True) for column in self.columns)
        object.__setattr__(self, "contract", DecisionRowContract(1, specs))

    @classmethod
    def fit(cls, table: pa.Table, columns: Iterable[ColumnSpec], *, max_levels: int = 255) -> "Encoder":
        """Learn the levels of the categories from the rows of a table.

        Parameters
        ----------
        table : training rows that have the columns.
        columns : which columns, in which order.
        max_levels : a category keeps its most frequent levels; the others are encoded as missing.

        Raises
        ------
        ContractError
            As :func:`~.contract.validate`.
        """
        columns = tuple(columns)
        checked = validate(table, DecisionRowContract(1, columns))
        return cls(
            tuple(
                EncodedColumn(
                    one.name, one.kind, _levels(checked.column(one.name), max_levels) if one.kind == "category" else ()
                )
                for one in columns
            )
        )

    def encode(self, table: pa.Table) -> np.ndarray:
        """Return (n, p) float32: numbers as they are, a level's code, true as 1; NaN where missing or unseen.

        A number beyond float32's range becomes its largest one; one that is not finite is missing.

        Raises
        ------
        ContractError
            When columns are missing or of a wrong type.
        """
        checked = validate(table, self.contract)
        matrix = np.empty((table.num_rows, len(self.columns)), dtype=np.float32)
        for position, column in enumerate(self.columns):
            matrix[:, position] = _encoded(checked.column(position), column)
        return matrix

    @property
    def feature_types(self) -> list[str]:
        """What XGBoost calls the columns: "c" for a category, "q" for the others."""
        return ["c" if column.kind == "category" else "q" for column in self.columns]

    def to_bytes(self) -> bytes:
        """Return encoder.json."""
        columns = [{"name": one.name, "kind": one.kind, "levels": list(one.levels)} for one in self.columns]
        return jsonfile.to_bytes({"format": 1, "columns": columns})

    @classmethod
    def from_bytes(cls, raw: bytes, path: str = "model/encoder.json") -> "Encoder":
        """Read encoder.json.

        Raises
        ------
        FormatError
            When it is of another format.
        """
        content: Mapping[str, Any] = jsonfile.from_bytes(raw, path)
        return cls(tuple(EncodedColumn(one["name"], one["kind"], tuple(one["levels"])) for one in content["columns"]))


def _levels(array: pa.ChunkedArray, max_levels: int) -> tuple[str, ...]:
    counts = pc.value_counts(array.drop_null())
    pairs = zip(counts.field("counts").to_pylist(), counts.field("values").to_pylist(), strict=True)
    frequent = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))[:max_levels]
    return tuple(sorted(level for _, level in frequent))


def _encoded(array: pa.ChunkedArray, column: EncodedColumn) -> np.ndarray:
    if column.kind == "category":
        return pc.index_in(array, value_set=column.value_set).cast(pa.float32()).to_numpy()
    if column.kind == "boolean":
        return array.cast(pa.float32()).to_numpy()
    values = array.to_numpy()
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, np.nan)
    return np.clip(values, -LARGEST, LARGEST)
