"""Checks over time and between parts: early rows against late ones, training against holdout."""

from collections.abc import Iterator

import numpy as np

from core.quality.facts import Shift
from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.rows import is_identifier
from core.quality.sample import Sample
from core.quality.shift import age_shift, is_significant, shift_of, stability_index

__all__ = ["drift", "stability_index", "train_against_holdout"]

_MOVED, _MUCH = 0.1, 0.25
_LEAST_ROWS = 400
_IS_TIME = 0.99


def drift(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q11: columns whose values, or an outcome whose share, differ between the earlier and the later half of the rows.

    By the population stability index over ten bins of equal size or the levels, where a chi-square test shared between
    the columns says that it is not chance; columns that are the time itself are left out, for they must differ. The
    outcome on training rows only; dates by how long before the decision they are.
    """
    order = context.order_column
    if not order:
        raise NotApplicableError("No time or order column is chosen on Frame.")
    if order not in {column.name for column in profile.columns}:
        raise NotApplicableError(f"The column {order!r} is not in the table.")
    if profile.n_rows < _LEAST_ROWS:
        raise NotApplicableError(f"Fewer than {_LEAST_ROWS} rows.")
    sample = context.drawn()
    at = _ranks(sample, profile.column(order))
    middle = float(np.quantile(at[at >= 0], 0.5, method="lower")) if (at >= 0).any() else 0.0
    early, late = (at >= 0) & (at <= middle), at > middle
    yield from _outcome_drift(profile, sample, (early, late), context)
    by_time = profile.column(order).kind == "time"
    columns = [
        column
        for column in context.features(profile)
        if column.name != order
        and _is_judged(column)
        and not _is_time(column, sample, at)
        and (column.kind != "time" or by_time)
    ]
    for column in columns:
        if column.kind == "time":  # a date moves with time, how long ago it is need not
            moved = age_shift(sample.values(order) - sample.values(column.name), early, late)
        else:
            moved = column.early_late or shift_of(column, sample, early, late)
        yield from _moved(column, moved, "Q11", len(columns), sample)


def train_against_holdout(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q19: columns whose values differ between training and holdout, where neither is simply the later part."""
    if context.training is None:
        raise NotApplicableError("No part is set aside as a holdout yet.")
    sample = context.drawn()
    first, second = sample.training, ~sample.training
    if min(first.sum(), second.sum()) < _LEAST_ROWS / 4:
        raise NotApplicableError("Training or holdout has too few rows to compare.")
    order = context.order_column
    if order and sample.has(order):
        at = _ranks(sample, profile.column(order))
        if at[first].max() <= np.quantile(at[second], 0.01, method="lower"):
            raise NotApplicableError("The holdout is the latest part: Q11 compares early rows with late ones.")
    columns = [column for column in context.features(profile) if column.name != order and _is_judged(column)]
    for column in columns:
        moved = column.train_holdout or shift_of(column, sample, first, second)
        yield from _moved(column, moved, "Q19", len(columns), sample)


def _is_judged(column: ColumnProfile) -> bool:
    return column.kind != "other" and column.n_distinct >= 2 and not is_identifier(column)


def _moved(column: ColumnProfile, moved: Shift, code: str, n_tests: int, sample: Sample) -> Iterator[Finding]:
    first, second = np.array(moved.first, dtype=float), np.array(moved.second, dtype=float)
    if min(first.sum(), second.sum()) < _LEAST_ROWS / 4:
        return
    index = stability_index(first, second)
    if index < _MOVED or not is_significant(first, second, n_tests):
        return
    if code == "Q11":
        title, parts = "Drift", "Early and late rows"
        text = "A model learnt on early rows may not hold for late ones: split by time, and watch it when it runs."
    else:
        title, parts = "Training against holdout", "Training and holdout"
        text = "The holdout is not like what the model learns from: split at random, by group or by time, on Frame."
    exact = (moved is column.early_late) or (moved is column.train_holdout)
    looked = "" if exact else sample.said()
    evidence = f"{parts} differ (stability index {index:.2f}{looked}): {_said(moved, column)}."
    severity = "warning" if index >= _MUCH else "note"
    yield Finding(code, title, column.name, severity, evidence, {"psi": round(index, 4)}, text)


def _said(moved: Shift, column: ColumnProfile) -> str:
    means = (moved.first_mean, moved.second_mean)
    if column.kind == "number" and None not in means and abs(means[1] - means[0]) >= 0.1 * (column.std or 0):
        return f"the mean goes from {moved.first_mean:,.4g} to {moved.second_mean:,.4g}"
    p, q = (np.array(part) / max(sum(part), 1) for part in (moved.first, moved.second))
    most = int(np.argmax(np.abs(q - p)))
    level = moved.labels[most]
    level = level if level in ("no value", "other values") else repr(level)
    return f"{level} goes from {100 * p[most]:.1f} % to {100 * q[most]:.1f} % of rows"


def _ranks(sample: Sample, column: ColumnProfile) -> np.ndarray:
    """Return a column as floats that rise with it; −1 and below where missing is −1."""
    codes = sample.codes(column.name)
    values = sample.code_values(column.name)
    rank = np.empty(values.size + 1)
    rank[np.argsort(values, kind="stable")] = np.arange(values.size)
    rank[-1] = -1
    return rank[codes]


def _is_time(column: ColumnProfile, sample: Sample, at: np.ndarray) -> bool:
    """Say whether a number or time only ever rises, or falls, with the order, or nearly: it is time by another name."""
    if column.follows_order:
        return True
    if column.kind not in ("number", "time"):
        return False
    ranks = _ranks(sample, column)
    both = (ranks >= 0) & (at >= 0)
    if both.sum() < 3 or np.unique(ranks[both]).size < 3:
        return False
    ranks, at = ranks[both], at[both]
    size = int(ranks.max()) + 1
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    place = ranks.astype(int)
    np.minimum.at(low, place, at)
    np.maximum.at(high, place, at)
    low, high = low[np.isfinite(low)], high[np.isfinite(high)]
    if (low[1:] >= high[:-1]).all() or (high[1:] <= low[:-1]).all():
        return True
    return abs(float(np.corrcoef(ranks, at)[0, 1])) >= _IS_TIME


def _outcome_drift(
    profile: Profile, sample: Sample, parts: tuple[np.ndarray, np.ndarray], context: Context
) -> Iterator[Finding]:
    if context.target is None:
        return
    known = sample.training & ~np.isnan(sample.outcome)
    counts = [(int((part & known).sum()), int(sample.outcome[part & known].sum())) for part in parts]
    looked = sample.said()
    if profile.early_outcome[0] and profile.late_outcome[0]:
        counts, looked = [profile.early_outcome, profile.late_outcome], ""
    (n_first, first), (n_second, second) = counts
    if not n_first or not n_second:
        return
    before, after, both = first / n_first, second / n_second, (first + second) / (n_first + n_second)
    error = (both * (1 - both) * (1 / n_first + 1 / n_second)) ** 0.5
    if not error or abs(after - before) < 4 * error or abs(after - before) < 0.2 * both:
        return
    evidence = f"The share of positives goes from {share(first, n_first)} to {share(second, n_second)} of training rows"
    text = "Judge on late rows (split by time), and ask what changed."
    numbers = {"early_share": round(before, 4), "late_share": round(after, 4)}
    yield Finding("Q11", "Drift", context.target.column, "warning", f"{evidence}{looked}.", numbers, text)
