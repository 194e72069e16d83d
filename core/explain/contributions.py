"""What each column adds to the score: of every row asked for, over all of them, and along one column."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import NotReadyError
from core.scoring.scorer import Scorer
from core.threshold.bootstrap import interval, replicate_sums, row_units, unit_sums
from core.train.interval import Interval

MAX_ROWS = 20_000
MAX_LEVELS = 30
N_BINS = 20
CLEAR = 0.2
TOGETHER = 0.8


@dataclass(frozen=True, slots=True)
class Explanation:
    """Contributions of rows, exact: ``base_value`` plus a row's values is its margin.

    Attributes
    ----------
    columns : (p,) names.
    values : (n, p) float64, log odds; positive pushes towards the positive class.
    base_value : the margin before any column.
    rows : (n,) int64, which rows of the table they are, ascending.
    n_all : rows of the table, so that a sample can say of how many.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    base_value: float
    rows: np.ndarray
    n_all: int


@dataclass(frozen=True, slots=True)
class Importance:
    """How far a column moves scores.

    Attributes
    ----------
    column : its name.
    size : mean absolute contribution, log odds, with a 90 % interval.
    share : of the sum over columns, in [0, 1].
    direction : 1 when larger values push towards the positive class, −1 when against, 0 when neither is clear or the
        column has levels.
    """

    column: str
    size: Interval
    share: float
    direction: int


@dataclass(frozen=True, slots=True)
class Dependence:
    """A column's contribution along its values.

    Attributes
    ----------
    column : its name. kind : "number" or "category" (booleans too).
    label : (m,) the bin's mean value or the level; the last is None when values are missing.
    low, high : (m,) the bin's ends; the level twice when it is a category.
    n : (m,) rows.
    mean, lower, upper : (m,) log odds: the mean contribution, and the 10 % and 90 % quantiles of rows.
    """

    column: str
    kind: Literal["number", "category"]
    label: tuple[float | str | None, ...]
    low: tuple[float | str | None, ...]
    high: tuple[float | str | None, ...]
    n: tuple[int, ...]
    mean: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


def explain(scorer: Scorer, table: pa.Table, *, max_rows: int | None = MAX_ROWS, seed: int = 0) -> Explanation:
    """Compute the contributions of rows with the scorer that scores them.

    Parameters
    ----------
    table : (n rows) decision rows.
    max_rows : with more rows than that, a random sample of so many; None for every row.
    seed : of the sample.

    Raises
    ------
    NotReadyError
        When there is no row.
    ContractError
        When columns are missing or of a wrong type.
    """
    n = table.num_rows
    if not n:
        raise NotReadyError("There is no row to explain.", hint="Prepare a table with rows and train a model.")
    rows = np.arange(n)
    if max_rows is not None and n > max_rows:
        rows = np.sort(np.random.default_rng(seed).choice(n, max_rows, replace=False))
        table = table.take(pa.array(rows))
    found = scorer.contributions(table)
    return Explanation(found.columns, found.values, found.base_value, rows, n)


def importances(
    explanation: Explanation, table: pa.Table, groups: np.ndarray | None = None, n_replicates: int = 300, seed: int = 0
) -> tuple[Importance, ...]:
    """Rank the columns by how far they move scores.

    Parameters
    ----------
    explanation : of ``table``, or of a sample of its rows.
    table : (n_all rows) the rows that were explained.
    groups : (n_all,) labels of rows that belong together; None when rows are independent.

    Returns
    -------
    The largest first. The interval says how much the mean depends on which rows were drawn; it does not say how much
    another training run would differ.
    """
    size = np.abs(explanation.values)
    chosen = row_units(len(size), None if groups is None else np.asarray(groups)[explanation.rows])
    sums = unit_sums(np.column_stack([size, np.ones(len(size))]), chosen)
    drawn = replicate_sums(sums, n_replicates, seed)
    mean, total = size.mean(axis=0), max(float(size.mean(axis=0).sum()), np.finfo(float).tiny)
    taken = table.select(list(explanation.columns)).take(pa.array(explanation.rows))
    found = [
        Importance(
            column=name,
            size=interval(float(mean[i]), drawn[:, i] / drawn[:, -1], 0.10, chosen.n),
            share=float(mean[i] / total),
            direction=_direction(taken.column(name), explanation.values[:, i]),
        )
        for i, name in enumerate(explanation.columns)
    ]
    return tuple(sorted(found, key=lambda one: -one.size.value))


def dependence(explanation: Explanation, table: pa.Table, column: str, n_bins: int = N_BINS) -> Dependence:
    """Summarise one column's contributions along its values.

    Numbers come in bins of about equally many rows (one bin per value where there are few), categories by level, the
    30 most frequent ones; missing values come last.

    Raises
    ------
    NotReadyError
        When the model does not use the column.
    """
    if column not in explanation.columns:
        raise NotReadyError(
            f"The model does not use {column!r}.", hint=f"Choose one of {', '.join(explanation.columns)}."
        )
    part = explanation.values[:, explanation.columns.index(column)]
    taken = table.column(column).take(pa.array(explanation.rows))
    frame = pd.DataFrame({"value": _plain(taken), "part": part})
    missing = frame["value"].isna()
    if is_number(taken.type):
        kind, known = "number", frame[~missing]
        distinct = np.unique(known["value"].to_numpy())
        edges = distinct if distinct.size <= n_bins else np.quantile(known["value"], np.linspace(0, 1, n_bins + 1)[:-1])
        place = np.searchsorted(np.unique(edges), known["value"], side="right") - 1
        groups = [group for _, group in known.groupby(place)]
        spans = [(float(g["value"].mean()), float(g["value"].min()), float(g["value"].max())) for g in groups]
    else:
        kind, known = "category", frame[~missing]
        most = known["value"].value_counts().head(MAX_LEVELS).index
        groups = [known[known["value"] == level] for level in most]
        spans = [(str(level), str(level), str(level)) for level in most]
    if missing.any():
        groups.append(frame[missing])
        spans.append((None, None, None))
    quantiles = [group["part"].quantile([0.1, 0.9]) for group in groups]
    return Dependence(
        column=column,
        kind=kind,
        label=tuple(span[0] for span in spans),
        low=tuple(span[1] for span in spans),
        high=tuple(span[2] for span in spans),
        n=tuple(len(group) for group in groups),
        mean=tuple(float(group["part"].mean()) for group in groups),
        lower=tuple(float(q.iloc[0]) for q in quantiles),
        upper=tuple(float(q.iloc[1]) for q in quantiles),
    )


def shared_credit(explanation: Explanation, table: pa.Table) -> tuple[str, ...]:
    """Say which number columns move together (rank correlation of .8 or more), so that their credit is shared."""
    taken = table.take(pa.array(explanation.rows))
    names = [name for name in explanation.columns if is_number(taken.column(name).type)]
    if len(names) < 2:
        return ()
    ranks = pd.DataFrame({name: _plain(taken.column(name)) for name in names}).corr("spearman").to_numpy()
    return tuple(
        f"{names[i]} and {names[j]} move together (rank correlation {_signed(ranks[i, j])}): what one of them adds "
        "could as well be credited to the other."
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(ranks[i, j]) >= TOGETHER
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


def is_number(type_: pa.DataType) -> bool:
    """Return whether values of a type have an order that a model uses."""
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)


def _plain(column: pa.ChunkedArray) -> np.ndarray:
    if is_number(column.type):
        return column.cast(pa.float64(), safe=False).to_numpy()
    return column.cast(pa.string()).to_pandas().to_numpy(dtype=object)


def _direction(column: pa.ChunkedArray, part: np.ndarray) -> int:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if not is_number(column.type):
        return 0
    pair = pd.DataFrame({"value": _plain(column), "part": part}).dropna()
    if pair["value"].nunique() < 2 or pair["part"].nunique() < 2:
        return 0
    together = float(pair.corr("spearman").iloc[0, 1])
    return 0 if abs(together) < CLEAR else int(np.sign(together))
