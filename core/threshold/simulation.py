"""Every threshold simulated, period by period, for those who act on whoever comes first."""

import numpy as np

from core.frame.records import Economics
from core.threshold.capacity import room
from core.threshold.curve import ValueCurve
from core.threshold.payoffs import gains, row_weights
from core.threshold.rows import ScoredRows

N_GRID = 200


def simulated_curves(
    rows: ScoredRows, economics: Economics, label: np.ndarray, n_labels: int
) -> tuple[ValueCurve, ...]:
    """Money at up to 200 thresholds with capacity "arrival" by periods.

    Parameters
    ----------
    label : (n,) int64 codes from 0.
    n_labels : how many.

    Returns
    -------
    The curve of all rows, then, with more than one label, that of the rows without each of them. Thresholds are the
    distinct scores, or quantiles of the scores when there are more than 200.
    """
    limit = room(rows, economics)
    assert limit is not None and rows.arrival is not None
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    order = np.lexsort((rows.arrival, limit.period))
    period, arrival = limit.period[order], rows.arrival[order]
    new_period = np.r_[True, period[1:] != period[:-1]]
    starts = np.flatnonzero(new_period | np.r_[True, arrival[1:] != arrival[:-1]])
    sizes = np.diff(np.r_[starts, period.size])
    first = np.flatnonzero(new_period[starts])
    lengths = np.diff(np.r_[first, starts.size])
    score, hit, won, place = rows.score[order], rows.y[order] == 1, gain[order], label[order]
    taken = np.ones(period.size) if weight is None else weight[order]
    thresholds = _grid(rows.score)
    sums = np.zeros((thresholds.size + 1, 3, n_labels))
    for i, threshold in enumerate(thresholds, start=1):
        wanted = np.where(score >= threshold, taken, 0.0)
        size = np.add.reduceat(wanted, starts)
        before = np.cumsum(size) - size
        before -= np.repeat(before[first], lengths)
        part = np.clip((limit.acts - before) / np.where(size > 0, size, 1.0), 0.0, 1.0)
        acts = wanted * np.repeat(part, sizes)
        for j, column in enumerate((acts, acts * hit, acts * won)):
            sums[i, j] = np.bincount(place, weights=column, minlength=n_labels)
    everyone = sums.sum(axis=2)
    chosen = [everyone, *(everyone - sums[:, :, one] for one in range(n_labels))] if n_labels > 1 else [everyone]
    return tuple(ValueCurve(np.r_[np.inf, thresholds], one[:, 0], one[:, 1], one[:, 2]) for one in chosen)


def _grid(score: np.ndarray) -> np.ndarray:
    """Descending thresholds: every distinct score, or about 200 quantiles."""
    distinct = np.unique(score)[::-1]
    if distinct.size <= N_GRID:
        return distinct
    ranked = np.sort(score)[::-1]
    return np.unique(ranked[np.linspace(0, ranked.size - 1, N_GRID).astype(np.int64)])[::-1]
