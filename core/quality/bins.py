"""Where a column is cut: a histogram's bars, bins of about as many rows, a bin per value where there are few."""

from dataclasses import dataclass

import numpy as np

from core.quality.facts import Rate, Shift
from core.quality.rowcodes import IS_EARLY, IS_LATE, IS_NEGATIVE, IS_POSITIVE, IS_TRAINING, N_CODES

N_BARS = 24
N_RATES = 10
N_RANKED = 20
NO_VALUE, OTHERS = "no value", "other values"


@dataclass(frozen=True, slots=True)
class Cuts:
    """Ascending values at which bins begin, made from an even sample, so that one reading can fill them all.

    Attributes
    ----------
    bars, rates, ranked : (k - 1,) where all bins but the first begin, of a histogram, of ten and of twenty bins.
    every : all of these, different ones.
    """

    bars: np.ndarray
    rates: np.ndarray
    ranked: np.ndarray
    every: np.ndarray


def cuts(sample: np.ndarray) -> Cuts:
    """Return the cuts for a sorted sample: bars over its middle 99 %, of whole width for whole numbers."""
    if not sample.size:
        return Cuts(sample, sample, sample, sample)
    low, high = (sample[int(np.ceil(share * sample.size)) - 1] for share in (0.005, 0.995))
    if low == high:
        low, high = sample[0], sample[-1]
    if sample.dtype.kind == "i":
        step = max(1, -(-(int(high) - int(low) + 1) // N_BARS))
        bars = np.arange(int(low) + step, int(high) + 1, step)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            bars = np.unique(np.linspace(low, high, N_BARS + 1)[1:-1])
        bars = bars[np.isfinite(bars) & (bars > sample[0]) & (bars <= sample[-1])]
    rates, ranked = (_equal(sample, k) for k in (N_RATES, N_RANKED))
    return Cuts(bars, rates, ranked, np.unique(np.concatenate((bars, rates, ranked))))


def _equal(sample: np.ndarray, k: int) -> np.ndarray:
    """Where k bins of about as many rows begin; fewer where a value has more rows than a bin."""
    found = np.unique(sample[(np.arange(1, k) * sample.size) // k])
    return found[found > sample[0]]


def summed(cells: np.ndarray, every: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Add the cells between all cuts, (k + 1, 64), to those between some of them."""
    return np.add.reduceat(cells, np.concatenate(([0], np.searchsorted(every, chosen) + 1)), axis=0)


def outcomes(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the training rows with an outcome and the positives of each bin."""
    positive = cells[:, IS_POSITIVE].sum(axis=1)
    return positive + cells[:, IS_NEGATIVE].sum(axis=1), positive


def histogram(
    low: np.ndarray, high: np.ndarray, cells: np.ndarray, labelled: bool
) -> tuple[tuple[float, float, int, float | None], ...]:
    """Return (low, high, n, share of positives on training rows or None) of each bin."""
    trained, positive = outcomes(cells)
    return tuple(
        (float(a), float(b), int(n), float(p / t) if labelled and t else None)
        for a, b, n, t, p in zip(low, high, cells.sum(axis=1), trained, positive, strict=True)
    )


def rates(low: np.ndarray, high: np.ndarray, cells: np.ndarray, missing: np.ndarray) -> tuple[Rate, ...]:
    """Return the outcome in each bin, then in the rows without a value where there are any."""
    trained, positive = outcomes(cells)
    found = tuple(
        Rate(float(a), float(b), None, int(n), int(t), int(p))
        for a, b, n, t, p in zip(low, high, cells.sum(axis=1), trained, positive, strict=True)
    )
    return found + missing_rate(missing)


def missing_rate(missing: np.ndarray) -> tuple[Rate, ...]:
    """Return the outcome in the rows without a value, if there are any."""
    trained, positive = outcomes(missing[None, :])
    return (Rate(None, None, None, int(missing.sum()), int(trained[0]), int(positive[0])),) if missing.any() else ()


def shift(
    labels: tuple[str, ...],
    cells: np.ndarray,
    missing: np.ndarray,
    means: tuple[float | None, float | None],
    time: bool,
) -> Shift:
    """Return how the rows of each label are spread: over early and late rows, or over training rows and the rest."""
    first, second = (IS_EARLY, IS_LATE) if time else (IS_TRAINING, ~IS_TRAINING)
    every = np.vstack((cells, missing)) if missing.any() else cells
    named = (*labels, NO_VALUE) if missing.any() else labels
    counts = (tuple(map(int, every[:, which].sum(axis=1))) for which in (first, second))
    return Shift(named, *counts, *means)


def no_cells(k: int) -> np.ndarray:
    """Return (k, 64) zeros."""
    return np.zeros((k, N_CODES), dtype=np.int64)
