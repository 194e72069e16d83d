"""How well one column alone ranks the outcome."""

import numpy as np

from core.quality.counts import N_FOLDS, Counts

# Rows of the average rate that every level gets on top, so that rare levels say little.
_PRIOR_ROWS = 10.0
_N_BINS = 20


def grouped_auc(score: np.ndarray, positive: np.ndarray, negative: np.ndarray) -> float | None:
    """ROC AUC of groups of rows that share a score.

    Parameters
    ----------
    score : (g,) floats, any scale; ``positive`` and ``negative``: (g,) rows of each class.

    Returns
    -------
    In [0, 1], ties counting half (the Mann-Whitney statistic); None where a class is missing.
    """
    n_positive, n_negative = float(positive.sum()), float(negative.sum())
    if not n_positive or not n_negative:
        return None
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    pos = np.add.reduceat(positive[order].astype(float), starts)
    neg = np.add.reduceat(negative[order].astype(float), starts)
    below = np.cumsum(neg) - neg
    return float((pos * (below + neg / 2)).sum() / (n_positive * n_negative))


def number_auc(counts: Counts) -> float | None:
    """AUC of a number in the better direction, or of its bins' target rates when that is higher.

    Missing values rank lowest, and are a bin of their own.
    """
    score = np.where(np.isnan(counts.value), -np.inf, counts.value)
    ranked = grouped_auc(score, counts.n_positive, counts.n_training - counts.n_positive)
    if ranked is None:
        return None
    finite = np.isfinite(score)
    cumulative = np.cumsum(np.where(finite, counts.n_training, 0))
    if not cumulative[-1]:
        return max(ranked, 1 - ranked)
    # All folds of a value fall into one bin: groups are ordered by value, so look up where the value begins.
    first = np.searchsorted(counts.value[: int((~np.isnan(counts.value)).sum())], counts.value, side="left")
    place = np.concatenate(([0], cumulative))[np.minimum(first, cumulative.size)]
    bins = np.minimum((place * _N_BINS) // cumulative[-1], _N_BINS - 1) + 1
    bins[np.isnan(counts.value)] = 0
    return max(ranked, 1 - ranked, _out_of_fold_auc(bins, counts))


def category_auc(counts: Counts) -> float | None:
    """AUC of each row's level's target rate among the other folds; levels that do not repeat say nothing."""
    if grouped_auc(counts.fold, counts.n_positive, counts.n_training - counts.n_positive) is None:
        return None
    codes = np.where(np.isnan(counts.value), -1, counts.value)
    return _out_of_fold_auc(np.unique(codes, return_inverse=True)[1], counts)


def _out_of_fold_auc(level: np.ndarray, counts: Counts) -> float:
    """AUC, at least .5, of the target rates by level; what noise takes below .5 is no signal."""
    cell = level.astype(np.int64) * N_FOLDS + counts.fold
    n_cells = (int(level.max()) + 1) * N_FOLDS
    trained = np.bincount(cell, weights=counts.n_training, minlength=n_cells).reshape(-1, N_FOLDS)
    positive = np.bincount(cell, weights=counts.n_positive, minlength=n_cells).reshape(-1, N_FOLDS)
    other_trained = trained.sum(axis=1, keepdims=True) - trained
    other_positive = positive.sum(axis=1, keepdims=True) - positive
    rate = positive.sum() / trained.sum()
    score = (other_positive + _PRIOR_ROWS * rate) / (other_trained + _PRIOR_ROWS)
    found = grouped_auc(score.ravel(), positive.ravel(), (trained - positive).ravel())
    return max(found or 0.5, 0.5)
