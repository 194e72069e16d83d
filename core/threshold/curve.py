"""The value curve: money, acts and hits at every threshold at once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.errors import FrameError


@dataclass(frozen=True, slots=True)
class ValueCurve:
    """One entry per distinct score, descending, after a first one that acts on no row.

    Attributes
    ----------
    threshold : (m,) descending; the first is infinite, the last acts on every row.
    n_acted : (m,) rows acted on; whole numbers unless weighted.
    n_right : (m,) positives among them.
    value : (m,) currency, won over those rows against acting on none.
    """

    threshold: np.ndarray
    n_acted: np.ndarray
    n_right: np.ndarray
    value: np.ndarray

    def at(self, threshold: float) -> int:
        """Return the index of the entry that holds for a threshold: the last one not below it."""
        return int(np.searchsorted(-self.threshold, -threshold, side="right")) - 1


def value_curve(score: np.ndarray, gain: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> ValueCurve:
    """Money won at every distinct threshold, against acting on no row.

    Parameters
    ----------
    score : (n,) floats in [0, 1], the score for the positive class.
    gain : (n,) currency, what acting on the row changes.
    y : (n,) 0 or 1, 1 is the positive class.
    weight : (n,) how much each row counts, >= 0; a row that is acted on for part of the time counts in part.

    Returns
    -------
    Rows with score >= threshold are acted on; rows of one score come together. O(n log n).

    Raises
    ------
    FrameError
        When a gain is not finite; the message names the first row.
    """
    score, gain = np.asarray(score, dtype=np.float64), np.asarray(gain, dtype=np.float64)
    if not np.isfinite(gain).all():
        row = int(np.flatnonzero(~np.isfinite(gain))[0])
        raise FrameError(f"The gain of row {row} is {gain[row]}.", hint="Correct the payoffs: a gain is a number.")
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    last = np.flatnonzero(np.r_[sorted_score[1:] != sorted_score[:-1], [True] if score.size else []])
    right = np.asarray(y)[order] == 1
    if weight is None:
        acted, hits, won = last + 1, np.cumsum(right)[last], np.cumsum(gain[order])[last]
    else:
        w = np.asarray(weight, dtype=np.float64)[order]
        acted, hits, won = np.cumsum(w)[last], np.cumsum(w * right)[last], np.cumsum(w * gain[order])[last]
    return ValueCurve(
        threshold=np.r_[np.inf, sorted_score[last]],
        n_acted=np.r_[acted.dtype.type(0), acted],
        n_right=np.r_[hits.dtype.type(0), hits],
        value=np.r_[0.0, won],
    )


def thin(curve: ValueCurve, n: int = 500, keep: Iterable[float] = ()) -> ValueCurve:
    """Keep about ``n`` entries for drawing: even in acts, and the ends, the best and those that hold at ``keep``.

    Every entry that is kept is exact.
    """
    m = curve.threshold.size
    if m <= n:
        return curve
    goal = np.linspace(0, float(curve.n_acted[-1]), n)
    chosen = np.minimum(np.searchsorted(curve.n_acted, goal), m - 1)
    extra = [0, m - 1, int(np.argmax(curve.value)), *(max(0, curve.at(threshold)) for threshold in keep)]
    index = np.unique(np.concatenate([chosen, extra]).astype(np.int64))
    return ValueCurve(curve.threshold[index], curve.n_acted[index], curve.n_right[index], curve.value[index])
