"""The best threshold, and what it is worth once it is judged on rows that did not choose it."""

from dataclasses import dataclass

import numpy as np

from core.errors import FrameError
from core.frame.records import Economics
from core.threshold.capacity import fill, policy_acts, room
from core.threshold.comparison import Comparison, Resampling, compare_acts, linear
from core.threshold.curve import ValueCurve, value_curve
from core.threshold.payoffs import gains, row_weights
from core.threshold.rows import ScoredRows

N_GRID = 200


@dataclass(frozen=True, slots=True)
class Best:
    """The best point of a curve, *in-sample*: chosen and measured on the same rows, so it flatters.

    Attributes
    ----------
    threshold : act where score >= threshold; infinite when acting on no row is best.
    value : currency on the sample, against acting on none.
    """

    threshold: float
    value: float


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Money at thresholds that other rows chose.

    Attributes
    ----------
    thresholds : one per fold, chosen on the other folds.
    comparison : each fold acted on at its own threshold, against today.
    in_sample : the best threshold on all rows, which flatters.
    optimism_per_year : currency; by how much ``in_sample`` looks better than the cross-fitted money, in a year.
    """

    thresholds: tuple[float, ...]
    comparison: Comparison
    in_sample: Best
    optimism_per_year: float


def policy_curve(rows: ScoredRows, economics: Economics, among: np.ndarray | None = None) -> ValueCurve:
    """Money at every threshold within the capacity.

    Parameters
    ----------
    among : (n,) bool, count these rows only; capacity is shared among all of them as ever.

    Returns
    -------
    Exact at every distinct score, with counts at the true base rate when one is given. Only with capacity "arrival" by
    periods are there fewer points, at most 201 thresholds, each simulated.
    """
    capacity, limit = economics.capacity, room(rows, economics)
    counted = np.ones(rows.n_rows, dtype=bool) if among is None else among
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    if limit is None or capacity is None:
        return _curve(rows, gain, weight, None, counted)
    if capacity.allocation == "ranked":
        share = fill(-rows.score, limit.period, limit.acts, weight)
        return _curve(rows, gain, weight, share, counted)
    if limit.pooled:
        curve = _curve(rows, gain, weight, None, counted)
        everyone = curve if among is None else _curve(rows, gain, weight, None, np.ones(rows.n_rows, dtype=bool))
        place = np.searchsorted(-everyone.threshold, -curve.threshold, side="right") - 1
        wanted = everyone.n_acted[place]
        part = np.minimum(1.0, limit.acts / np.where(wanted > 0, wanted, 1))
        return ValueCurve(curve.threshold, curve.n_acted * part, curve.n_right * part, curve.value * part)
    return _simulated_curve(rows, economics, counted)


def best_threshold(rows: ScoredRows, economics: Economics, among: np.ndarray | None = None) -> Best:
    """Find the threshold with the most money within the capacity; of equally good ones the one with the fewest acts."""
    curve = policy_curve(rows, economics, among)
    place = int(np.argmax(curve.value))
    return Best(float(curve.threshold[place]), float(curve.value[place]))


def cross_fitted(
    rows: ScoredRows, fold: np.ndarray, economics: Economics, resampling: Resampling | None = None
) -> CrossFitted:
    """Compute the money of thresholds that are chosen on other rows than they are judged on.

    Parameters
    ----------
    rows : with scores out of fold.
    fold : (n,) ints, the fold of each row (of ``rows``: index by ``rows.kept``).

    Raises
    ------
    FrameError
        When the rows are of fewer than two folds.
    """
    names = np.unique(fold)
    if names.size < 2:
        raise FrameError("Only one fold has scores.", hint="Choose more folds on Frame.")
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    share, z, thresholds = np.zeros(rows.n_rows), np.zeros(rows.n_rows), []
    for name in names:
        own = fold == name
        threshold = best_threshold(rows, economics, ~own).threshold
        acts = policy_acts(rows, economics, threshold)
        share[own] = acts.share[own]
        z[own] = linear(acts, gain, weight)[own]
        thresholds.append(threshold)
    comparison = compare_acts(rows, economics, share, z, resampling)
    best = best_threshold(rows, economics)
    flattery = (best.value - comparison.policy.value) / rows.n_rows * economics.rows_per_year
    return CrossFitted(tuple(thresholds), comparison, best, float(flattery))


def _curve(
    rows: ScoredRows, gain: np.ndarray, weight: np.ndarray | None, share: np.ndarray | None, counted: np.ndarray
) -> ValueCurve:
    total = share if weight is None else weight if share is None else weight * share
    return value_curve(rows.score[counted], gain[counted], rows.y[counted], None if total is None else total[counted])


def _simulated_curve(rows: ScoredRows, economics: Economics, counted: np.ndarray) -> ValueCurve:
    distinct = np.unique(rows.score)[::-1]
    if distinct.size > N_GRID:
        ranked = np.sort(rows.score)[::-1]
        distinct = np.unique(ranked[np.linspace(0, ranked.size - 1, N_GRID).astype(np.int64)])[::-1]
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    points = np.zeros((distinct.size + 1, 3))
    for i, threshold in enumerate(distinct, start=1):
        share = policy_acts(rows, economics, threshold).share * counted
        share = share if weight is None else share * weight
        points[i] = share.sum(), share @ (rows.y == 1), share @ gain
    return ValueCurve(np.r_[np.inf, distinct], points[:, 0], points[:, 1], points[:, 2])
