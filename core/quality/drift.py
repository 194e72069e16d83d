"""Checks over time: early rows against late ones, and steps that see later rows."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile
from core.scoring.prepare import quoted

_MOVED, _MUCH = 0.1, 0.25
_N_BINS = 10
_LEAST_ROWS = 400


def drift(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q11: columns whose values, or an outcome whose share, differ between the earlier and the later half of the rows.

    By the population stability index over ten bins of equal size or the levels; columns that are the time itself
    (that only ever rise or fall with it) are left out, for they must differ. The outcome on training rows only.
    """
    order = context.order_column
    if not order:
        raise NotApplicableError("No time or order column is chosen on Frame.")
    if order not in {column.name for column in profile.columns}:
        raise NotApplicableError(f"The column {order!r} is not in the table.")
    if profile.n_rows < _LEAST_ROWS:
        raise NotApplicableError(f"Fewer than {_LEAST_ROWS} rows.")
    middle = context.cursor.sql(
        f"SELECT CAST(quantile_disc({quoted(order)}, 0.5) AS VARCHAR) FROM {quoted(context.table)}"
    ).fetchall()[0][0]
    yield from _outcome_drift(middle, context)
    for column in context.features(profile):
        if column.name == order or column.kind == "other" or column.n_distinct < 2:
            continue
        moved = _moved(column, middle, context)
        if moved is None or moved[0] < _MOVED:
            continue
        index, evidence = moved
        severity = "warning" if index >= _MUCH else "note"
        text = "A model learnt on early rows may not hold for late ones: split by time, and watch it when it runs."
        yield Finding("Q11", "Drift", column.name, severity, evidence, {"psi": round(index, 4)}, text)


def _moved(column: ColumnProfile, middle: str, context: Context) -> tuple[float, str] | None:
    """Return the stability index and a sentence, or None where the column is time by another name."""
    name, order = quoted(column.name), quoted(context.order_column)
    number = column.kind in ("number", "time")
    value = f"CAST({name} AS DOUBLE)" if column.kind == "number" else f"epoch({name})" if number else name
    late = f"({order} > CAST('{middle}' AS {_type(context)}))"
    groups = context.cursor.sql(
        "SELECT *, first_at >= lag(last_at) OVER rising AS is_rising, "
        "last_at <= lag(first_at) OVER rising AS is_falling "
        f"FROM (SELECT {value} AS value, count(*) FILTER (NOT {late}) AS early, count(*) FILTER ({late}) AS late, "
        f"min({order}) AS first_at, max({order}) AS last_at FROM {quoted(context.table)} WHERE {order} IS NOT NULL "
        "GROUP BY 1) WINDOW rising AS (ORDER BY value NULLS FIRST) ORDER BY value NULLS FIRST"
    ).to_arrow_table()
    early = groups["early"].to_numpy().astype(float)
    late_rows = groups["late"].to_numpy().astype(float)
    if early.sum() < _LEAST_ROWS / 4 or late_rows.sum() < _LEAST_ROWS / 4:
        return None
    if number:
        missing = groups["value"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
        if groups.num_rows > 2 and any(_all_true(groups[name]) for name in ("is_rising", "is_falling")):
            return None
        cells = _equal_bins(early + late_rows, missing)
        said = _means(groups["value"].to_numpy(), early, late_rows)
    else:
        cells = _levels(early + late_rows)
        said = _largest_move(groups["value"].to_pylist(), early, late_rows)
    index = stability_index(np.bincount(cells, weights=early), np.bincount(cells, weights=late_rows))
    return index, f"Early and late rows differ (stability index {index:.2f}): {said}."


def stability_index(early: np.ndarray, late: np.ndarray) -> float:
    """Population stability index of two histograms over the same bins: sum of (p − q)·ln(p / q), half a row added."""
    p = (early + 0.5) / (early + 0.5).sum()
    q = (late + 0.5) / (late + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())


def _type(context: Context) -> str:
    rows = context.cursor.sql(f"DESCRIBE SELECT {quoted(context.order_column)} FROM {quoted(context.table)}").fetchall()
    return str(rows[0][1])


def _all_true(flags: pa.ChunkedArray) -> bool:
    """Say whether every value begins where the one before it ended, the first having none before it."""
    return all(flag is not False for flag in flags.to_pylist())


def _outcome_drift(middle: str, context: Context) -> Iterator[Finding]:
    if context.target is None:
        return
    late = f"({quoted(context.order_column)} > CAST('{middle}' AS {_type(context)}))"
    where = f"WHERE {context.training}" if context.training else ""
    rows = context.cursor.sql(
        f"SELECT count(y) FILTER (NOT late), count(y) FILTER (late), count(*) FILTER (y AND NOT late), "
        f"count(*) FILTER (y AND late) FROM "
        f"(SELECT CAST(({context.target.sql}) AS BOOLEAN) AS y, {late} AS late FROM {quoted(context.table)} {where})"
    ).fetchall()[0]
    n_early, n_late, early, late_positive = map(int, rows)
    if not n_early or not n_late:
        return
    first, second, both = early / n_early, late_positive / n_late, (early + late_positive) / (n_early + n_late)
    error = (both * (1 - both) * (1 / n_early + 1 / n_late)) ** 0.5
    if not error or abs(second - first) < 4 * error or abs(second - first) < 0.2 * both:
        return
    evidence = (
        f"The share of positives goes from {share(early, n_early)} to {share(late_positive, n_late)} of training rows."
    )
    text = "Judge on late rows (split by time), and ask what changed."
    numbers = {"early_share": round(first, 4), "late_share": round(second, 4)}
    yield Finding("Q11", "Drift", context.target.column, "warning", evidence, numbers, text)


def _equal_bins(n: np.ndarray, missing: np.ndarray) -> np.ndarray:
    filled = np.where(missing, 0, n)
    before = np.cumsum(filled) - filled
    cells = 1 + np.minimum((before * _N_BINS / max(filled.sum(), 1)).astype(int), _N_BINS - 1)
    return np.where(missing, 0, cells)


def _levels(n: np.ndarray) -> np.ndarray:
    """The twenty most frequent levels each by itself, the rest together."""
    cells = np.full(n.size, 20)
    kept = np.argsort(-n, kind="stable")[:20]
    cells[kept] = np.arange(kept.size)
    return cells


def _means(values: np.ndarray, early: np.ndarray, late: np.ndarray) -> str:
    values = np.ma.filled(np.ma.masked_invalid(values.astype(float)), 0.0)
    first, second = (float((values * n).sum() / max(n.sum(), 1)) for n in (early, late))
    return f"the mean goes from {first:,.4g} to {second:,.4g}"


def _largest_move(levels: list[object], early: np.ndarray, late: np.ndarray) -> str:
    p, q = early / early.sum(), late / late.sum()
    most = int(np.argmax(np.abs(q - p)))
    level = "no value" if levels[most] is None else repr(str(levels[most]))
    return f"{level} goes from {100 * p[most]:.1f} % to {100 * q[most]:.1f} % of rows"


def unbounded_windows(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q14: steps whose windows or aggregates may see rows from after the decision."""
    if context.unbounded is None:
        raise NotApplicableError("There is no recipe.")
    for one in context.unbounded:
        text = "Bound it: ORDER BY the decision time with a frame that ends before the current row, or a join on <."
        yield Finding(
            "Q14",
            "Window without a bound",
            None,
            "warning",
            f"In step {one.step!r}: {one.reason}",
            {"step": one.step, "function": one.function},
            text,
        )
