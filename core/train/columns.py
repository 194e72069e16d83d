"""Which columns of the prepared table a model may learn from, and why the others may not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.scoring.contract import ColumnSpec, Kind
from core.scoring.encode import Encoder

MAX_LEVELS = 128
IDENTIFIER_LEVELS = 50
IDENTIFIER_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Unused:
    """A column that no model reads, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnSpecs:
    """The features, in the table's order, and the columns that are none."""

    columns: tuple[ColumnSpec, ...]
    unused: tuple[Unused, ...]


def column_specs(
    table: pa.Table,
    training: np.ndarray,
    availability: Mapping[str, str],
    exclude: Collection[str] = (),
) -> ColumnSpecs:
    """Say what each column is to a model, from the training rows alone.

    Parameters
    ----------
    table : the prepared table.
    training : (n,) bool, the rows that the final model may learn from.
    availability : "before", "at", "after" or "unknown" by column; "unknown" where a column is not named.
    exclude : columns with another role (target, unit key, row number, group, time), left out without a word.

    Returns
    -------
    The features with the levels and the range seen in training, and the unused columns, each with its reason: known
    only after the decision, a date or time, a list or structure, empty, constant, or text that nearly names the row.
    """
    rows = table.filter(pa.array(training, type=pa.bool_()))
    columns: list[ColumnSpec] = []
    unused: list[Unused] = []
    for name in table.column_names:
        if name in exclude:
            continue
        known = availability.get(name, "unknown")
        kind = _kind(table.schema.field(name).type)
        reason = "known only after the decision" if known == "after" else _reason(_plain(rows.column(name)), kind)
        if reason or kind is None:
            unused.append(Unused(name, reason))
        else:
            columns.append(_spec(rows, name, kind, known))
    return ColumnSpecs(tuple(columns), tuple(unused))


def _kind(type_: pa.DataType) -> Kind | None:
    types = pa.types
    if types.is_dictionary(type_):
        return _kind(type_.value_type)
    if types.is_boolean(type_):
        return "boolean"
    if types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_):
        return "number"
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return "category"
    return None


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo a dictionary, and make every number float64: Arrow cannot count distinct values of the others."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return values.cast(pa.float64(), safe=False) if _kind(values.type) == "number" else values


def _reason(values: pa.ChunkedArray, kind: Kind | None) -> str:
    """Return why a column cannot be a feature, or nothing."""
    n_present = len(values) - values.null_count
    if not n_present:
        return "empty in every training row"
    if kind is None:
        if pa.types.is_temporal(values.type):
            return "a date or a time: derive numbers from it in Prepare (hour, weekday, days since …)"
        return f"of type {values.type}, which is neither a number, text nor true or false"
    n_distinct = pc.count_distinct(values, mode="only_valid").as_py()
    if n_distinct == 1 and not values.null_count:
        return "the same value in every training row"
    if kind == "category" and n_distinct > max(IDENTIFIER_LEVELS, IDENTIFIER_SHARE * n_present):
        return f"text with {n_distinct:,} different values in {n_present:,} rows: it names the row"
    return ""


def _spec(rows: pa.Table, name: str, kind: Kind, availability: str) -> ColumnSpec:
    values = rows.column(name)
    spec = ColumnSpec(name, kind, values.null_count > 0, availability=availability)
    if kind == "category":
        return replace(spec, levels=Encoder.fit(rows, [spec], max_levels=MAX_LEVELS).columns[0].levels)
    if kind == "number":
        numbers = _plain(values).drop_null().to_numpy()
        finite = numbers[np.isfinite(numbers)]
        if finite.size:
            return replace(spec, low=float(finite.min()), high=float(finite.max()))
    return spec
