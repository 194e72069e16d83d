"""How good yes/no decisions are: precision, recall, share acted on, each with an interval."""

import numpy as np

from core.frame.records import Economics
from core.threshold.bootstrap import Units, interval, replicate_sums, row_units, share_interval, unit_sums, units
from core.threshold.capacity import policy_acts
from core.threshold.comparison import Resampling, class_columns, linear, mean_gain
from core.threshold.payoffs import row_weights
from core.threshold.rows import ScoredRows
from core.train.interval import Interval


def policy_metrics(
    rows: ScoredRows, economics: Economics, threshold: float, resampling: Resampling | None = None
) -> dict[str, Interval]:
    """Precision, recall, share acted on and ROC AUC of acting where score >= threshold, within the capacity.

    Returns
    -------
    ``precision``, ``recall``, ``share_acted``, ``roc_auc`` (of the yes/no action), the first and third at the true base
    rate when one is given.
    """
    acts = policy_acts(rows, economics, threshold)
    weight = row_weights(rows.y, economics)
    positive = (rows.y == 1).astype(np.float64)
    hits = linear(acts, positive, weight)
    misses = linear(acts, 1 - positive, weight)
    return _metrics(rows.y, acts.share, (hits, misses), units(rows), economics.base_rate, resampling or Resampling())


def decision_metrics(
    y: np.ndarray, acted: np.ndarray, groups: np.ndarray | None = None, resampling: Resampling | None = None
) -> dict[str, Interval]:
    """Precision, recall, share acted on and ROC AUC of decisions that are made without a score.

    Parameters
    ----------
    y : (n,) 0 or 1, 1 is the positive class.
    acted : (n,) bool.
    groups : (n,) labels of rows that belong together; None when rows are independent.

    Returns
    -------
    ``precision``, ``recall``, ``share_acted``, ``roc_auc`` ((recall + 1 − false positive rate) / 2: a yes/no action is
    a score with two values). What cannot be computed is nan.
    """
    share = np.asarray(acted, dtype=np.float64)
    positive = (np.asarray(y) == 1).astype(np.float64)
    columns = (share * positive, share * (1 - positive))
    chosen = row_units(share.size, groups)
    return _metrics(np.asarray(y), share, columns, chosen, None, resampling or Resampling())


def _metrics(
    y: np.ndarray,
    share: np.ndarray,
    columns: tuple[np.ndarray, np.ndarray],
    chosen: Units,
    base_rate: float | None,
    how: Resampling,
) -> dict[str, Interval]:
    hits, misses = (class_columns(column, y) for column in columns)
    sums = unit_sums(np.column_stack([hits, misses[:, :2]]), chosen)
    value = _rates(sums.sum(axis=0, keepdims=True), base_rate)
    drawn = _rates(replicate_sums(sums, how.n_replicates, how.seed), base_rate)
    tp, acted = float(share @ (y == 1)), float(share.sum())
    against = {
        "precision": (tp, acted - tp),
        "recall": (tp, float((y == 1).sum()) - tp),
        "share_acted": (acted, y.size - acted),
    }
    found = {
        name: share_interval(value[name][0], drawn[name], how.alpha, chosen.n, counts)
        for name, counts in against.items()
    }
    return found | {"roc_auc": interval(value["roc_auc"][0], drawn["roc_auc"], how.alpha, chosen.n)}


def _rates(sums: np.ndarray, base_rate: float | None) -> dict[str, np.ndarray]:
    """Rates from (b, 6) sums of :func:`class_columns`: acts on positives, both classes' rows, acts on negatives."""
    with np.errstate(invalid="ignore", divide="ignore"):
        hits, misses = mean_gain(sums[:, :4], base_rate), mean_gain(sums[:, [4, 5, 2, 3]], base_rate)
        positive = sums[:, 2] / (sums[:, 2] + sums[:, 3]) if base_rate is None else np.full(len(sums), base_rate)
        recall = hits / positive
        return {
            "precision": hits / (hits + misses),
            "recall": recall,
            "share_acted": hits + misses,
            "roc_auc": (recall + 1 - misses / (1 - positive)) / 2,
        }
