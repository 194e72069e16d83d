"""How good a score is: four metrics equal to scikit-learn's, and their bootstrap intervals."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.train.interval import Interval, percentile_interval

METRICS = ("roc_auc", "pr_auc", "brier", "log_loss")
EXACT_ROWS = 50_000
N_CELLS = 8_192


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows put together where their scores are the same, or next to each other in rank.

    Attributes
    ----------
    cell : (n,) ints, the row's place in descending order of score within its fold.
    fold_start : (f + 1,) ints, the first cell of each fold, and the number of cells.
    n_cells : how many there are.
    """

    cell: np.ndarray
    fold_start: np.ndarray
    n_cells: int


def roc_auc(y: np.ndarray, score: np.ndarray) -> float:
    """Share of pairs of a positive and a negative row that the score ranks right, ties counted half.

    Parameters
    ----------
    y : (n,) 0 or 1, 1 is the positive class.
    score : (n,) floats, higher means more likely positive.

    Returns
    -------
    In [0, 1]; nan when one class is missing. Equal to ``sklearn.metrics.roc_auc_score``.
    """
    return float(_ranked(y, score)[0])


def pr_auc(y: np.ndarray, score: np.ndarray) -> float:
    """Average precision: the precision at each distinct score, weighted by the recall that it adds.

    Parameters
    ----------
    y : (n,) 0 or 1, 1 is the positive class.
    score : (n,) floats, higher means more likely positive.

    Returns
    -------
    In [0, 1]; nan when there is no positive. Equal to ``sklearn.metrics.average_precision_score``.
    """
    return float(_ranked(y, score)[1])


def brier(y: np.ndarray, score: np.ndarray) -> float:
    """Mean squared distance between the outcome, 0 or 1, and the score in [0, 1]; both (n,)."""
    return float(np.mean(np.square(np.asarray(score, dtype=np.float64) - y)))


def log_loss(y: np.ndarray, score: np.ndarray) -> float:
    """Mean negative log likelihood of the outcomes.

    Parameters
    ----------
    y : (n,) 0 or 1, 1 is the positive class.
    score : (n,) floats in [0, 1], kept 2.2e-16 away from both ends, as scikit-learn does.
    """
    return float(np.mean(_row_log_loss(y, score)))


def metric_intervals(
    y: np.ndarray,
    score: np.ndarray,
    groups: np.ndarray | None = None,
    folds: np.ndarray | None = None,
    n_replicates: int = 500,
    seed: int = 0,
) -> dict[str, Interval]:
    """The four metrics, each with a 90 % percentile interval from a bootstrap over independent units.

    Parameters
    ----------
    y : (n,) 0 or 1, 1 is the positive class.
    score : (n,) floats in [0, 1].
    groups : (n,) any hashable labels; rows of one label are drawn together. Rows are the units when None.
    folds : (n,) small ints; when given, rows are ranked against rows of their own fold only (a score of one fold's
        model is not comparable with another's): ROC AUC is the share of pairs within a fold that are ranked right,
        PR AUC the folds' mean weighted by positives.
    n_replicates : resamples.
    seed : of the draws.

    Returns
    -------
    ``roc_auc``, ``pr_auc``, ``brier``, ``log_loss``. Scores are sorted once; a resample is a weight per unit, and every
    metric a cumulative sum of weights. Up to 50,000 rows, and always with groups, each row has its own weight.
    Beyond that the rows of a class are first put into 8,192 cells of adjacent scores, and a resample draws the cells'
    counts (one multinomial); the estimate itself stays exact.
    """
    y = np.asarray(y, dtype=np.int8)
    score = np.asarray(score, dtype=np.float64)
    fold = np.zeros(y.size, dtype=np.int64) if folds is None else np.unique(folds, return_inverse=True)[1]
    losses = np.stack([np.square(score - y), _row_log_loss(y, score)])
    exact = _cells(score, fold, None)
    value = _metrics(*_class_counts(y, exact, None), losses.mean(axis=1), exact.fold_start)
    if y.size > EXACT_ROWS and groups is None:
        draws, shift = _cell_draws(y, score, fold, losses, n_replicates, seed), True
    else:
        draws, shift = _row_draws(y, exact, losses, groups, n_replicates, seed), False
    replicates = np.array(list(draws)).reshape(-1, len(METRICS))
    if shift:
        replicates = replicates[1:] - replicates[0] + value
    return {name: percentile_interval(value[i], replicates[:, i]) for i, name in enumerate(METRICS)}


def unit_codes(groups: np.ndarray, n_rows: int | None = None) -> np.ndarray:
    """Number the independent units.

    Parameters
    ----------
    groups : (n,) labels; a missing one (None, nan, NaT) stands for a unit of its own.
    n_rows : checked against the length when given.

    Returns
    -------
    (n,) int64 from 0, in the order of first appearance.
    """
    labels = np.asarray(groups)
    if n_rows is not None and labels.shape != (n_rows,):
        raise ValueError(f"groups has shape {labels.shape}, expected ({n_rows},)")
    codes: dict[object, int] = {}
    out = np.empty(labels.size, dtype=np.int64)
    for i, label in enumerate(labels.tolist()):
        missing = label is None or label != label  # noqa: PLR0124  (nan and NaT differ from themselves)
        out[i] = codes.setdefault(("missing", i) if missing else label, len(codes))
    return out


def _row_log_loss(y: np.ndarray, score: np.ndarray) -> np.ndarray:
    eps = np.finfo(np.float64).eps
    p = np.clip(np.asarray(score, dtype=np.float64), eps, 1 - eps)
    return -np.log(np.where(np.asarray(y) == 1, p, 1 - p))


def _ranked(y: np.ndarray, score: np.ndarray) -> np.ndarray:
    score = np.asarray(score, dtype=np.float64)
    cells = _cells(score, np.zeros(score.size, dtype=np.int64), None)
    return _metrics(*_class_counts(np.asarray(y), cells, None), np.zeros(2), cells.fold_start)


def _cells(score: np.ndarray, fold: np.ndarray, at_most: int | None) -> Cells:
    """Distinct scores of a fold, descending; with ``at_most``, about so many of them, of equally many rows."""
    order = np.lexsort((-score, fold))
    new_fold = np.diff(fold[order], prepend=-1) != 0
    new_score = np.diff(score[order], prepend=np.nan) != 0
    new_cell = new_fold | new_score
    if at_most is not None:
        place = np.arange(score.size) * at_most // score.size
        first_row = np.maximum.accumulate(np.where(new_cell, np.arange(score.size), 0))
        new_cell = new_fold | (np.diff(place[first_row], prepend=-1) != 0)
    label = np.cumsum(new_cell) - 1
    cell = np.empty(score.size, dtype=np.int64)
    cell[order] = label
    n_cells = int(label[-1]) + 1 if score.size else 0
    return Cells(cell, np.append(label[new_fold], n_cells), n_cells)


def _class_counts(y: np.ndarray, cells: Cells, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """(c,) weights of the positive and of the negative rows of every cell."""
    counts = np.bincount(cells.cell * 2 + y.astype(np.int64), weights=weight, minlength=2 * cells.n_cells).astype(
        np.float64
    )
    return counts[1::2], counts[0::2]


def _metrics(positive: np.ndarray, negative: np.ndarray, losses: np.ndarray, fold_start: np.ndarray) -> np.ndarray:
    """(4,) metrics of weights per cell, cells in descending order of score within each fold."""
    right, pairs, precision, positives = 0.0, 0.0, 0.0, 0.0
    for start, end in zip(fold_start[:-1], fold_start[1:], strict=True):
        p, q = positive[start:end], negative[start:end]
        above_p, above_q = np.cumsum(p), np.cumsum(q)
        n_p, n_q = above_p[-1], above_q[-1]
        right += np.dot(p, n_q - above_q + 0.5 * q)
        pairs += n_p * n_q
        acted = above_p + above_q
        precision += np.dot(p, above_p / np.where(acted > 0, acted, 1.0))
        positives += n_p
    auc = right / pairs if pairs else np.nan
    return np.array([auc, precision / positives if positives else np.nan, *losses])


def _row_draws(
    y: np.ndarray, cells: Cells, losses: np.ndarray, groups: np.ndarray | None, n_replicates: int, seed: int
) -> Iterator[np.ndarray]:
    """Metrics of resamples in which every unit has a weight of its own."""
    rng = np.random.default_rng(seed)
    unit = None if groups is None else unit_codes(groups, y.size)
    n_units = y.size if unit is None else int(unit.max()) + 1
    order = np.argsort(cells.cell * 2 + y, kind="stable")
    key = (cells.cell * 2 + y)[order]
    distinct = cells.n_cells == y.size
    sorted_losses, sorted_y = losses[:, order], y[order].astype(np.float64)
    sorted_unit = None if unit is None else unit[order]
    for _ in range(n_replicates):
        weight = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units).astype(np.float64)
        if sorted_unit is not None:
            weight = weight[sorted_unit]
        if distinct:
            positive = weight * sorted_y
            negative = weight - positive
        else:
            counts = np.bincount(key, weights=weight, minlength=2 * cells.n_cells)
            positive, negative = counts[1::2], counts[0::2]
        yield _metrics(positive, negative, sorted_losses @ weight / weight.sum(), cells.fold_start)


def _cell_draws(
    y: np.ndarray, score: np.ndarray, fold: np.ndarray, losses: np.ndarray, n_replicates: int, seed: int
) -> Iterator[np.ndarray]:
    """Metrics of the cells' own counts first, then of resampled counts."""
    rng = np.random.default_rng(seed)
    cells = _cells(score, fold, N_CELLS)
    key = cells.cell * 2 + y
    counts = np.bincount(key, minlength=2 * cells.n_cells)
    mean = np.stack([np.bincount(key, weights=row, minlength=counts.size) for row in losses]) / np.maximum(counts, 1)
    share = counts / y.size
    for i in range(n_replicates + 1):
        drawn = (counts if i == 0 else rng.multinomial(y.size, share)).astype(np.float64)
        yield _metrics(drawn[1::2], drawn[0::2], mean @ drawn / y.size, cells.fold_start)
