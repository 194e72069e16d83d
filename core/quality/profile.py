"""Looks at every column once: what is in it, and on training rows how it goes with the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np

from core.ingest.source import Column
from core.quality.association import category_auc, number_auc
from core.quality.counts import Counts, counts_of, text_facts, top_values, totals
from core.quality.facts import DateFacts, NumberFacts, Rate, Shift, TextFacts

Kind = Literal["number", "boolean", "text", "time", "other"]
N_TOP = 20
N_BINS = 24
RARE_ROWS = 20
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


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
    mean, std, quantiles : of numbers; quantiles at ``QUANTILES``.
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
    n_rows, n_training, n_positive, n_without = totals(cursor, table, training, target.sql if target else None)
    facts = text_facts(cursor, table, [column.name for column in columns if kind_of(column.type) == "text"])
    described = tuple(_column(cursor, table, column, (training, target), facts.get(column.name)) for column in columns)
    return Profile(n_rows, described, n_training, n_positive, n_without)


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


def _column(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    column: Column,
    outcome: tuple[str | None, TargetExpr | None],
    text: TextFacts | None,
) -> ColumnProfile:
    training, target = outcome
    kind = kind_of(column.type)
    counts = counts_of(cursor, table, column.name, kind, training, target.sql if target else None)
    is_target = target is not None and column.name == target.column
    labelled = target is not None and not is_target
    top: tuple[tuple[str, int, float | None], ...] = ()
    if kind == "text" or counts.n_distinct <= max(1000, 0.5 * counts.n_rows):  # else hardly a number comes twice
        top = top_values(cursor, table, column.name, training, target.sql if labelled else None, N_TOP)
    common = {
        "name": column.name,
        "type": column.type,
        "kind": kind,
        "n_rows": counts.n_rows,
        "n_missing": counts.n_missing,
        "n_distinct": counts.n_distinct,
        "top": top,
        "n_missing_without_outcome": counts.n_missing_without_outcome,
        "text": text,
    }
    levels = counts.level_sizes
    common["n_rare_levels"] = int((levels < RARE_ROWS).sum())
    common["n_rare_rows"] = int(levels[levels < RARE_ROWS].sum())
    if kind in ("number", "time"):
        common |= _numeric(counts, kind, labelled)
        common["auc"] = number_auc(counts) if labelled else None
    elif labelled:
        common["auc"] = category_auc(counts)
    return ColumnProfile(**common)


def _numeric(counts: Counts, kind: Kind, labelled: bool) -> dict[str, object]:
    values, sizes, starts = counts.distinct_values()
    finite = np.isfinite(values)
    values, sizes, starts = values[finite], sizes[finite], starts[finite]
    if not values.size:
        return {}
    total = sizes.sum()
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest, where there is no spread to tell
        mean = float((values * sizes).sum() / total)
        std = float(np.sqrt((sizes * (values - mean) ** 2).sum() / total))
    cumulative = np.cumsum(sizes)
    quantiles = tuple(float(values[np.searchsorted(cumulative, share * total)]) for share in QUANTILES)
    low, high = float(values[0]), float(values[-1])
    found: dict[str, object] = {"histogram": _histogram(counts, values, sizes, starts, labelled)}
    if kind == "time":
        as_text = np.datetime_as_string(np.array([low, high]).astype("datetime64[s]"))
        return found | {"minimum": str(as_text[0]), "maximum": str(as_text[1])}
    told = {name: value for name, value in (("mean", mean), ("std", std)) if np.isfinite(value)}
    return found | {"minimum": low, "maximum": high, "quantiles": quantiles} | told


def _histogram(
    counts: Counts, values: np.ndarray, sizes: np.ndarray, starts: np.ndarray, labelled: bool
) -> tuple[tuple[float, float, int, float | None], ...]:
    """Equal bins over the middle 99 %, the outermost reaching to the ends; a bin per value while there are few."""
    cumulative = np.cumsum(sizes)
    low, high = (values[np.searchsorted(cumulative, share * cumulative[-1])] for share in (0.005, 0.995))
    if values.size <= N_BINS or low == high:
        if values.size > N_BINS:
            values_low, values_high = values[0], values[-1]
            edges = np.linspace(values_low, values_high, N_BINS + 1)
        else:
            edges = np.append(values, values[-1])
    else:
        edges = np.linspace(low, high, N_BINS + 1)
        edges[0], edges[-1] = values[0], values[-1]
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, edges.size - 2)
    n = np.bincount(bins, weights=sizes, minlength=edges.size - 1).astype(int)
    trained, positive = counts.outcome_by_value(starts)
    n_trained = np.bincount(bins, weights=trained, minlength=edges.size - 1)
    n_positive = np.bincount(bins, weights=positive, minlength=edges.size - 1)
    return tuple(
        (
            float(edges[index]),
            float(edges[index + 1]),
            int(n[index]),
            float(n_positive[index] / n_trained[index]) if labelled and n_trained[index] else None,
        )
        for index in range(edges.size - 1)
    )
