"""The regularised linear model: logistic regression on standardised numbers and one-hot levels."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from core.scoring.encode import Encoder
from core.scoring.linear import LevelTerm, NumberTerm, Term
from core.scoring.model import Calibrator, save_linear
from core.scoring.sigmoid import sigmoid
from core.train.columns import MAX_LEVELS
from core.train.fitting import FitRows, Fitted, inner_splits
from core.train.hashing import hashed
from core.train.logistic import logistic_regression
from core.train.metrics import log_loss
from core.train.pace import Pace

C_GRID = (0.01, 0.1, 1.0)
MAX_ROWS = 50_000
CHOOSING_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column's coefficients are: ``start`` of its block; numbers keep what they are scaled by."""

    kinds: tuple[str, ...]
    start: tuple[int, ...]
    n_coefficients: int
    median: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    n_levels: tuple[int, ...]


def fit_linear(rows: FitRows, pace: Pace) -> Fitted:
    """Fit logistic regression with an L2 penalty, its strength chosen on rows held back inside.

    Numbers: missing ones are given the median and a coefficient of their own, the rest are standardised. Categories:
    one coefficient per level (the 128 most frequent) and one for missing, which also stands for levels never seen.
    The penalty shrinks rare levels towards the average. The objective is scikit-learn's ``LogisticRegression(C=…)``.

    Beyond 50,000 rows it learns from so many of them, drawn by hash; C is chosen on at most 10,000.

    Raises
    ------
    CancelledError
        When somebody stopped the training.
    """
    rows = _sampled(rows, MAX_ROWS)
    encoder = Encoder.fit(rows.table, rows.columns, max_levels=MAX_LEVELS)
    matrix = encoder.encode(rows.table)
    layout = _layout(matrix, encoder)
    strength = _chosen_c(_sampled(rows, CHOOSING_ROWS), encoder, pace)
    pace.step(0.5)
    weights = logistic_regression(_design(matrix, layout), rows.y, strength, pace.check)
    weights = np.array([float(f"{weight:.10g}") for weight in weights])
    terms = _terms(weights[:-1], layout, encoder)
    files = save_linear(float(weights[-1]), terms, encoder, Calibrator(), background=matrix)
    return Fitted(files, 0, {"C": strength, "rows": int(rows.y.size)})


def _sampled(rows: FitRows, at_most: int) -> FitRows:
    if rows.y.size <= at_most:
        return rows
    hash_ = hashed(np.arange(rows.y.size), rows.seed)
    return rows.take(hash_ <= np.partition(hash_, at_most - 1)[at_most - 1])


def _layout(matrix: np.ndarray, encoder: Encoder) -> Layout:
    kinds, start, n_levels = [], [], []
    p = matrix.shape[1]
    median, mean, scale = np.zeros(p), np.zeros(p), np.ones(p)
    n_coefficients = 0
    for i, column in enumerate(encoder.columns):
        x = matrix[:, i].astype(np.float64)
        present = x[~np.isnan(x)]
        if column.kind == "number" and present.size:
            median[i] = np.median(present)
            filled = np.where(np.isnan(x), median[i], x)
            mean[i], deviation = filled.mean(), filled.std()
            scale[i] = deviation if deviation > 1e-9 * max(1.0, abs(mean[i])) else 1.0
        levels = {"number": 1, "boolean": 2, "category": len(column.levels)}[column.kind]
        kinds.append(column.kind)
        start.append(n_coefficients)
        n_levels.append(levels)
        n_coefficients += levels + 1  # the last one is for missing
    return Layout(tuple(kinds), tuple(start), n_coefficients, median, mean, scale, tuple(n_levels))


def _design(matrix: np.ndarray, layout: Layout) -> csr_matrix:
    """(n, coefficients): two entries per number and row (one of them 0 as a rule), one per category."""
    n, p = matrix.shape
    position = np.empty((n, 2 * p), dtype=np.int32)
    value = np.zeros((n, 2 * p))
    for i, kind in enumerate(layout.kinds):
        x = matrix[:, i].astype(np.float64)
        absent = np.isnan(x)
        missing_at = layout.start[i] + layout.n_levels[i]
        position[:, 2 * i + 1], value[:, 2 * i + 1] = missing_at, absent
        if kind == "number":
            position[:, 2 * i] = layout.start[i]
            value[:, 2 * i] = (np.where(absent, layout.median[i], x) - layout.mean[i]) / layout.scale[i]
        else:
            position[:, 2 * i] = layout.start[i] + np.where(absent, 0, x).astype(np.int32)
            value[:, 2 * i] = ~absent
    kept = value != 0
    indptr = np.append(0, np.cumsum(kept.sum(axis=1)))
    return csr_matrix((value[kept], position[kept], indptr), shape=(n, layout.n_coefficients))


def _chosen_c(rows: FitRows, encoder: Encoder, pace: Pace) -> float:
    """Return the C with the least log loss on rows held back; the middle one when none can be held back."""
    losses = np.zeros(len(C_GRID))
    masks = inner_splits(rows)
    for mask in masks:
        fitted, judged = rows.take(~mask), rows.take(mask)
        own = Encoder.fit(fitted.table, rows.columns, max_levels=MAX_LEVELS)
        matrix = own.encode(fitted.table)
        layout = _layout(matrix, own)
        design, held = _design(matrix, layout), _design(own.encode(judged.table), layout)
        weights = None
        for i, strength in enumerate(C_GRID):
            weights = logistic_regression(design, fitted.y, strength, pace.check, weights)
            losses[i] += log_loss(judged.y, sigmoid(held @ weights[:-1] + weights[-1])) * judged.y.size
    return C_GRID[int(np.argmin(losses)) if masks else 1]


def _terms(weights: np.ndarray, layout: Layout, encoder: Encoder) -> list[Term]:
    terms: list[Term] = []
    for i, column in enumerate(encoder.columns):
        block = weights[layout.start[i] : layout.start[i] + layout.n_levels[i] + 1].tolist()
        if column.kind == "number":
            numbers = float(layout.median[i]), float(layout.mean[i]), float(layout.scale[i])
            terms.append(NumberTerm(column.name, *numbers, coefficient=block[0], missing=block[1]))
        else:
            terms.append(LevelTerm(column.name, column.kind, tuple(block[:-1]), missing=block[-1]))
    return terms
