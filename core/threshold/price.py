"""What it costs to do without something: two ways of scoring the same rows, compared in money."""

from dataclasses import dataclass

import numpy as np

from core.errors import FrameError
from core.frame.records import Economics
from core.threshold.comparison import Resampling, paired_gain
from core.threshold.optimum import fitted_acts
from core.threshold.payoffs import check_volume
from core.threshold.rows import ScoredRows
from core.train.interval import Interval
from core.train.metrics import roc_auc


@dataclass(frozen=True, slots=True)
class Price:
    """What is lost without something.

    Attributes
    ----------
    per_year : currency; rows_per_year × mean(gain with it − gain without it), both at thresholds that other folds
        chose, with a paired 90 % interval. The cost of running is the same either way.
    roc_auc_with, roc_auc_without : out of fold, ranked within folds.
    """

    per_year: Interval
    roc_auc_with: float
    roc_auc_without: float


def price(
    rows: ScoredRows,
    without: ScoredRows,
    fold: np.ndarray,
    economics: Economics,
    resampling: Resampling | None = None,
) -> Price:
    """Compare two scores of the same rows, each acted on at thresholds that the other folds chose, within the capacity.

    Parameters
    ----------
    rows, without : the same rows in the same order, scored out of fold with and without the thing.
    fold : (n,) ints, the fold of each row (of ``rows``: index by ``rows.kept``).

    Raises
    ------
    FrameError
        When the rows differ, are of fewer than two folds, or the rows per year are not known.
    """
    check_volume(economics)
    if not np.array_equal(rows.y, without.y):
        raise FrameError("The two scores are not of the same rows.", hint="Train both on the same split.")
    how = resampling or Resampling()
    one, other = fitted_acts(rows, fold, economics), fitted_acts(without, fold, economics)
    gain, _, _ = paired_gain(rows, economics, one.share - other.share, one.z - other.z, how)
    scale = economics.rows_per_year
    return Price(
        Interval(gain.value * scale, gain.low * scale, gain.high * scale),
        _auc_within(rows, fold),
        _auc_within(without, fold),
    )


def _auc_within(rows: ScoredRows, fold: np.ndarray) -> float:
    """ROC AUC over the pairs within a fold, as ``core.train.metrics`` takes it for out-of-fold scores."""
    found, pairs = 0.0, 0.0
    for one in np.unique(fold):
        own = fold == one
        n_positive = float(rows.y[own].sum())
        weight = n_positive * (float(own.sum()) - n_positive)
        if weight:
            found += weight * roc_auc(rows.y[own], rows.score[own])
            pairs += weight
    return found / pairs if pairs else float("nan")
