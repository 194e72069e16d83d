"""Looks at every column once: what is in it, and on training rows how it goes with the outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import duckdb
import numpy as np

from core.ingest.source import Column
from core.quality.bins import outcomes
from core.quality.dates import with_lag
from core.quality.describe import common, described_numbers, described_text, scaled
from core.quality.facts import DateFacts, NumberFacts, Rate, Shift, TextFacts
from core.quality.levels import Levels
from core.quality.numbers import Numbers
from core.quality.order import Order
from core.quality.rowcodes import IS_EARLY, IS_LATE, IS_WITHOUT, Rows, rows_of
from core.quality.scan import scanned, written
from core.quality.tally import QUANTILES, RARE_ROWS

__all__ = ["QUANTILES", "RARE_ROWS", "ColumnProfile", "Kind", "Profile", "TargetExpr", "kind_of", "profile"]

Kind = Literal["number", "boolean", "text", "time", "other"]


@dataclass(frozen=True, slots=True)
class TargetExpr:
    """The outcome: its ``column``, and ``sql`` over the table that is true, false or, where there is none, null."""

    column: str
    sql: str


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What is in one column.

    Attributes
    ----------
    n_missing : rows where it is null; ``n_missing_without_outcome`` of them where the outcome is null too.
    n_distinct : different values that are not null.
    minimum, maximum : numbers, or ISO text for times; None for text and where all is missing.
    mean, std, quantiles : of numbers; std of a sample (n - 1); quantiles at ``QUANTILES``, values that occur.
    histogram : (low, high, n, share of positives on training rows or None), for numbers and times (in seconds).
    top : (value as text, n, share of positives on training rows or None), most frequent first; empty for numbers
        that hardly come twice.
    auc : ROC AUC of this column alone on training rows, in [.5, 1], missing as a value of its own; categories and
        shapes that are not monotone by target rates of the other folds. None without an outcome to compare with.
    n_rare_levels, n_rare_rows : values in fewer than 20 rows, and how many rows hold them.
    text, number, dates : further facts on a text, number or time column, or None; a time has ``number`` too.
    rates : the outcome along the column, on training rows: ten bins of about as many rows, or the levels of ``top``,
        then the rows without a value if there are any; empty without an outcome and for the outcome itself.
    follows_order : whether it only ever rises, or only ever falls, along the order column (time by another name).
    early_late, train_holdout : how its rows are spread in the earlier and the later half by the order column, and in
        training and the rest; None without an order column or a training condition.
    """

    name: str
    type: str
    kind: Kind
    n_rows: int
    n_missing: int
    n_distinct: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()
    histogram: tuple[tuple[float, float, int, float | None], ...] = ()
    top: tuple[tuple[str, int, float | None], ...] = ()
    auc: float | None = None
    n_missing_without_outcome: int = 0
    n_rare_levels: int = 0
    n_rare_rows: int = 0
    text: TextFacts | None = None
    number: NumberFacts | None = None
    dates: DateFacts | None = None
    rates: tuple[Rate, ...] = ()
    follows_order: bool = False
    early_late: Shift | None = None
    train_holdout: Shift | None = None

    @property
    def n_present(self) -> int:
        """Rows where it is not null."""
        return self.n_rows - self.n_missing


@dataclass(frozen=True, slots=True)
class Profile:
    """What is in a table.

    Attributes
    ----------
    n_rows : all rows; ``n_training`` the training rows with an outcome, ``n_positive`` the positives among them.
    n_without_outcome : rows of the table whose outcome is null.
    columns : in the order of the table.
    order : the column that early and late go by, or "".
    early_outcome, late_outcome : training rows with an outcome, and positives among them, of the two halves.
    """

    n_rows: int
    columns: tuple[ColumnProfile, ...]
    n_training: int = 0
    n_positive: int = 0
    n_without_outcome: int = 0
    order: str = ""
    early_outcome: tuple[int, int] = (0, 0)
    late_outcome: tuple[int, int] = (0, 0)

    def column(self, name: str) -> ColumnProfile:
        """Return one column's profile; raises KeyError when there is none of that name."""
        return {column.name: column for column in self.columns}[name]


def profile(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[Column],
    *,
    training: str | None = None,
    target: TargetExpr | None = None,
    order: str = "",
) -> Profile:
    """Profile ``columns`` of a table; nothing is written.

    Parameters
    ----------
    training : SQL condition over the table that selects training rows; without it all rows count as such.
    target : what is compared with, on training rows only.
    order : the column that tells early rows from late ones, or "".

    Returns
    -------
    The same for the same rows, whatever the number of threads.
    """
    rows = rows_of(cursor, table, training, target.sql if target else None, order)
    found = scanned(rows, {column.name: (column.type, kind_of(column.type)) for column in columns}, _rate(rows))
    texts = written(rows, found, {column.name: column.type for column in columns})
    described = []
    for column in columns:
        one, kind = found[column.name], kind_of(column.type)
        labelled = target is not None and column.name != target.column
        fields = {"name": column.name, "type": column.type, "kind": kind} | common(one, rows)
        moves = column.name != order
        if isinstance(one, Levels):
            fields |= described_text(one, rows, labelled, moves)
        else:
            fields |= described_numbers(one, rows, labelled, texts.get(column.name, {}), moves)
            if kind != "boolean":
                fields |= scaled(one, labelled)
        described.append(ColumnProfile(**fields))
    return _whole(rows, tuple(_compared(rows, described, found)))


def _compared(rows: Rows, columns: list[ColumnProfile], found: dict[str, Numbers | Levels]) -> Iterator[ColumnProfile]:
    """Add what takes two columns: which of them follow the order, and how old the newest time is beside the others."""
    newest = {name: one.tally.highest[-1][0] / 1e6 for name, one in found.items() if _is_time(one)}
    along = found.get(rows.order)
    order = Order(rows, along) if isinstance(along, Numbers) else None
    for one in columns:
        if one.dates is not None:
            one = replace(one, dates=with_lag(one.dates, newest[one.name], max(newest.values())))
        looked = found[one.name]
        if order is not None and isinstance(looked, Numbers) and one.name != rows.order:
            one = replace(one, follows_order=order.is_followed_by(looked))
        yield one


def _is_time(found: Numbers | Levels) -> bool:
    return isinstance(found, Numbers) and found.calendar is not None and found.tally.n > 0


def _rate(rows: Rows) -> float | None:
    """Return the share of positives among training rows, None where one class is missing."""
    (trained,), (positive,) = outcomes(rows.by_code[None, :])
    return float(positive / trained) if 0 < positive < trained else None


def _whole(rows: Rows, columns: tuple[ColumnProfile, ...]) -> Profile:
    halves = (rows.by_code, np.where(IS_EARLY, rows.by_code, 0), np.where(IS_LATE, rows.by_code, 0))
    trained, positive = outcomes(np.stack(halves))
    said = [(int(t), int(p)) for t, p in zip(trained, positive, strict=True)]
    early, late = (said[1], said[2]) if rows.order else ((0, 0), (0, 0))
    n_without = int(rows.by_code[IS_WITHOUT].sum()) if rows.has_target else 0
    n_training, n_positive = said[0] if rows.has_target else (0, 0)
    return Profile(rows.n_rows, columns, n_training, n_positive, n_without, rows.order, early, late)


def kind_of(type_name: str) -> Kind:
    """Return the kind of a DuckDB type."""
    name = type_name.upper()
    if name in ("BOOLEAN", "BOOL"):
        return "boolean"
    if name.endswith("]") or name.startswith(
        ("STRUCT", "MAP", "UNION", "BLOB", "INTERVAL", "BIT", "VARIANT", "GEOMETRY")
    ):
        return "other"
    if name.startswith(("VARCHAR", "ENUM", "UUID", "JSON")):
        return "text"
    if name.startswith(("DATE", "TIMESTAMP")):
        return "time"
    if name.startswith("TIME"):
        return "other"
    return "number"
