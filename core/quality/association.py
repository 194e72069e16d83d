"""How well one column alone ranks the outcome."""

import numpy as np

from core.quality.groups import Groups
from core.quality.rowcodes import FOLD, IS_NEGATIVE, IS_POSITIVE, N_FOLDS

# Rows of the average rate that every level gets on top, so that rare levels say little.
_PRIOR_ROWS = 10.0


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


def number_auc(ranked_twice: int, finite: np.ndarray, tails: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float | None:
    """ROC AUC of a number in the better direction, exact, ties counting half.

    Parameters
    ----------
    ranked_twice : twice the pairs of a positive above a negative row among the finite values.
    finite : (64,) rows with a finite value by code; ``tails``: of those without a value, which rank lowest, then of
        those that are minus infinity, and last of those that are infinite or not a number, which rank highest.
    """
    pairs, negatives, positives = 0, 0, 0
    for cells, own in ((tails[0], None), (tails[1], None), (finite, ranked_twice), (tails[2], None)):
        p, n = int(cells[IS_POSITIVE].sum()), int(cells[IS_NEGATIVE].sum())
        pairs += (p * n if own is None else own) + 2 * p * negatives
        negatives, positives = negatives + n, positives + p
    if not negatives or not positives:
        return None
    found = pairs / (2 * negatives * positives)
    return max(found, 1 - found)


def levels_auc(cells: np.ndarray) -> float | None:
    """ROC AUC of each row's level's target rate among the other folds, at least .5; ``cells``: (levels, 64) by code.

    Levels that do not repeat say nothing, and what noise takes below .5 is no signal.
    """
    n_positive, n_negative = cells[:, IS_POSITIVE].sum(), cells[:, IS_NEGATIVE].sum()
    if not n_positive or not n_negative:
        return None
    by_fold = [
        np.stack([cells[:, which & (fold == FOLD)].sum(axis=1) for fold in range(N_FOLDS)], axis=1)
        for which in (IS_POSITIVE, IS_NEGATIVE)
    ]
    found = grouped_auc(*scored(*by_fold, n_positive / (n_positive + n_negative)))
    return max(found or 0.5, 0.5)


def scored(positive: np.ndarray, negative: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score each level's rows of a fold by the level's rate in the other folds, drawn towards ``rate``.

    ``positive`` and ``negative`` are (levels, 5); returns scores, positives and negatives, rows of equal score as one.
    """
    trained = positive + negative
    others = trained.sum(axis=1, keepdims=True) - trained
    others_positive = positive.sum(axis=1, keepdims=True) - positive
    filled = trained > 0
    score = ((others_positive + _PRIOR_ROWS * rate) / (others + _PRIOR_ROWS))[filled]
    alike, place = np.unique(score, return_inverse=True)
    return (
        alike,
        np.bincount(place, weights=positive[filled], minlength=alike.size),
        np.bincount(place, weights=negative[filled], minlength=alike.size),
    )


def level_scores(groups: Groups, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score the levels of a part of a column as ``scored`` does; a level's groups are all in the part."""
    starts = groups.starts
    level = np.repeat(np.arange(starts.size), np.diff(starts, append=groups.value.size))
    cell = level * N_FOLDS + FOLD[groups.code]
    n_cells = starts.size * N_FOLDS
    counted = (
        np.bincount(cell, weights=groups.n * which[groups.code], minlength=n_cells).reshape(-1, N_FOLDS)
        for which in (IS_POSITIVE, IS_NEGATIVE)
    )
    return scored(*counted, rate)
