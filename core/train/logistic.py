"""Logistic regression with an L2 penalty, solved by Newton's method: no BLAS, so no threads and the same bits."""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix

from core.scoring.sigmoid import sigmoid

MAX_STEPS = 30
MAX_PRODUCTS = 100
TOLERANCE = 1e-8


def logistic_regression(
    design: csr_matrix,
    y: np.ndarray,
    strength: float,
    check: Callable[[], None] = lambda: None,
    first: np.ndarray | None = None,
) -> np.ndarray:
    """Minimise the summed log loss plus ``|coefficients|² / (2 · strength)``.

    Parameters
    ----------
    design : (n, p) features.
    y : (n,) 0 or 1, 1 is the positive class.
    strength : scikit-learn's ``C``.
    check : called at every step; may raise.
    first : (p + 1,) where to begin; the intercept of the base rate when None.

    Returns
    -------
    (p + 1,) coefficients, then the intercept, which is not penalised. Each Newton step is solved by conjugate gradients
    with the Hessian's diagonal as preconditioner (Nocedal and Wright 2006, algorithms 5.3 and 7.1) and halved until
    the loss falls.
    """
    transposed = design.T.tocsr()
    squared = transposed.power(2)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        margin = design @ at[:-1] + at[-1]
        penalty = float(np.sum(at[:-1] ** 2)) / (2 * strength)
        return float(np.sum(np.logaddexp(0.0, margin) - y * margin)) + penalty, sigmoid(margin)

    def pulled(row: np.ndarray, at: np.ndarray) -> np.ndarray:
        return np.append(transposed @ row + at[:-1] / strength, np.sum(row))

    weights = np.zeros(design.shape[1] + 1) if first is None else first
    if first is None:
        weights[-1] = np.log((np.sum(y) + 0.5) / (y.size - np.sum(y) + 0.5))
    value, p = loss(weights)
    for _ in range(MAX_STEPS):
        spread = np.maximum(p * (1 - p), 1e-10)
        gradient = pulled(p - y, weights)

        def curved(v: np.ndarray, spread: np.ndarray = spread) -> np.ndarray:
            check()
            return pulled(spread * (design @ v[:-1] + v[-1]), v)

        diagonal = np.append(squared @ spread + 1 / strength, np.sum(spread))
        step = _conjugate_gradients(curved, -gradient, diagonal, y.size)
        size, slope = 1.0, float(np.sum(gradient * step))
        tried, p = loss(weights + step)
        while tried > value + 1e-4 * size * slope and size > 1e-6:
            size /= 2
            tried, p = loss(weights + size * step)
        weights = weights + size * step
        fell, value = value - tried, tried
        if fell < TOLERANCE * y.size:
            break
    return weights


def _conjugate_gradients(
    curved: Callable[[np.ndarray], np.ndarray], target: np.ndarray, diagonal: np.ndarray, n_rows: int
) -> np.ndarray:
    """Solve ``curved(x) = target`` to a precision that grows as the target shrinks."""
    x, residual = np.zeros_like(target), target
    length = float(np.sqrt(np.sum(target**2)))
    enough = min(0.5, np.sqrt(length / n_rows)) * length
    scaled = residual / diagonal
    direction, product = scaled, float(np.sum(residual * scaled))
    for _ in range(MAX_PRODUCTS):
        if float(np.sqrt(np.sum(residual**2))) <= enough or product == 0.0:
            break
        bent = curved(direction)
        size = product / float(np.sum(direction * bent))
        x, residual = x + size * direction, residual - size * bent
        scaled = residual / diagonal
        product, before = float(np.sum(residual * scaled)), product
        direction = scaled + product / before * direction
    return x
