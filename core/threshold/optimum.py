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
from core.threshold.simulation import simulated_curves


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


def policy_curve(rows: ScoredRows, economics: Economics) -> ValueCurve:
    """Money at every threshold within the capacity.

    Returns
    -------
    Exact at every distinct score, with counts at the true base rate when one is given. Only with capacity "arrival" by
    periods are there fewer points, at most 201 thresholds, each simulated.
    """
    return curves(rows, economics, np.zeros(rows.n_rows, dtype=np.int64))[0]


def curves(rows: ScoredRows, economics: Economics, label: np.ndarray) -> tuple[ValueCurve, ...]:
    """Money at every threshold within the capacity, of all rows first, then of the rows without each label.

    Parameters
    ----------
    label : (n,) int64 codes from 0. Capacity is shared among all rows whichever of them are counted.
    """
    capacity, limit = economics.capacity, room(rows, economics)
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    n_labels = int(label.max(initial=0)) + 1
    masks = [np.ones(rows.n_rows, dtype=bool), *(label != one for one in range(n_labels))] if n_labels > 1 else [None]
    if capacity is not None and limit is not None and capacity.allocation == "arrival" and not limit.pooled:
        return simulated_curves(rows, economics, label, n_labels)
    share = None
    if limit is not None and capacity is not None and capacity.allocation == "ranked":
        share = fill(-rows.score, limit.period, limit.acts, weight)
    found = tuple(_curve(rows, gain, weight, share, mask) for mask in masks)
    if limit is None or capacity is None or capacity.allocation == "ranked":
        return found
    return tuple(_shared(one, found[0], limit.acts) for one in found)


def best_threshold(rows: ScoredRows, economics: Economics) -> Best:
    """Find the threshold with the most money within the capacity; of equally good ones the one with the fewest acts."""
    return _best(policy_curve(rows, economics))


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
    acts = fitted_acts(rows, fold, economics)
    comparison = compare_acts(rows, economics, acts.share, acts.z, resampling)
    best = acts.in_sample
    flattery = (best.value - comparison.policy.value) / rows.n_rows * economics.rows_per_year
    return CrossFitted(acts.thresholds, comparison, best, float(flattery))


@dataclass(frozen=True, slots=True)
class FittedActs:
    """What is done about each row at the threshold that the other folds chose.

    Attributes
    ----------
    share : (n,) how often the row is acted on.
    z : (n,) currency, what the row adds to the gain in a resample (:func:`core.threshold.comparison.linear`).
    thresholds : one per fold. in_sample : the best threshold on all rows.
    """

    share: np.ndarray
    z: np.ndarray
    thresholds: tuple[float, ...]
    in_sample: Best


def fitted_acts(rows: ScoredRows, fold: np.ndarray, economics: Economics) -> FittedActs:
    """Act on each fold at the threshold that is best on the other folds; parameters and errors of ``cross_fitted``."""
    names, label = np.unique(fold, return_inverse=True)
    if names.size < 2:
        raise FrameError("Only one fold has scores.", hint="Choose more folds on Frame.")
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    share, z, thresholds = np.zeros(rows.n_rows), np.zeros(rows.n_rows), []
    everyone, *without = curves(rows, economics, label)
    for i, curve in enumerate(without):
        own, threshold = label == i, _best(curve).threshold
        acts = policy_acts(rows, economics, threshold)
        share[own] = acts.share[own]
        z[own] = linear(acts, gain, weight, own)
        thresholds.append(threshold)
    return FittedActs(share, z, tuple(thresholds), _best(everyone))


def _best(curve: ValueCurve) -> Best:
    place = int(np.argmax(curve.value))
    return Best(float(curve.threshold[place]), float(curve.value[place]))


def _curve(
    rows: ScoredRows, gain: np.ndarray, weight: np.ndarray | None, share: np.ndarray | None, counted: np.ndarray | None
) -> ValueCurve:
    total = share if weight is None else weight if share is None else weight * share
    if counted is None:
        return value_curve(rows.score, gain, rows.y, total)
    return value_curve(rows.score[counted], gain[counted], rows.y[counted], None if total is None else total[counted])


def _shared(curve: ValueCurve, everyone: ValueCurve, acts: float) -> ValueCurve:
    """Return the curve when the room is shared evenly by all rows above the threshold."""
    place = np.searchsorted(-everyone.threshold, -curve.threshold, side="right") - 1
    wanted = everyone.n_acted[place]
    part = np.minimum(1.0, acts / np.where(wanted > 0, wanted, 1))
    return ValueCurve(curve.threshold, curve.n_acted * part, curve.n_right * part, curve.value * part)
