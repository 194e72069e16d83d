"""Resamples of independent units: rows, groups or whole periods."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

from core.threshold.rows import ScoredRows
from core.train.interval import Interval
from core.train.metrics import unit_codes

MAX_KINDS = 5_000
FEW = 5


@dataclass(frozen=True, slots=True)
class Units:
    """What is drawn with replacement.

    Attributes
    ----------
    name : "row", "group" or "period".
    code : (n,) int64 from 0, the unit of each row; None when every row is one.
    n : how many units.
    """

    name: str
    code: np.ndarray | None
    n: int


def units(rows: ScoredRows) -> Units:
    """Return the sample's independent units.

    Whole periods when capacity is simulated (a row that is acted on takes the room of another), else groups, else rows.
    """
    if rows.period is not None:
        return Units("period", rows.period, len(rows.period_names))
    return row_units(rows.n_rows, rows.group)


def row_units(n_rows: int, group: np.ndarray | None) -> Units:
    """Return groups as units, or rows when there is no group."""
    if group is None:
        return Units("row", None, n_rows)
    code = unit_codes(group, n_rows)
    return Units("group", code, int(code.max()) + 1 if n_rows else 0)


def unit_sums(columns: np.ndarray, chosen: Units) -> np.ndarray:
    """Add up (n, m) quantities of rows within each unit: (n_units, m)."""
    if chosen.code is None:
        return columns
    return np.stack([np.bincount(chosen.code, weights=column, minlength=chosen.n) for column in columns.T], axis=1)


def replicate_sums(sums: np.ndarray, n_replicates: int, seed: int) -> np.ndarray:
    """Sum the quantities over units drawn with replacement, as many as there are.

    Parameters
    ----------
    sums : (u, m) quantities per unit.

    Returns
    -------
    (n_replicates, m). Units that are alike are drawn together, as one multinomial count: nothing is approximated, and a
    sample with constant payoffs has a handful of kinds however many rows it has.
    """
    rng = np.random.default_rng(seed)
    kinds = _kinds(sums)
    if kinds is not None:
        first, count = kinds
        return rng.multinomial(len(sums), count / len(sums), size=n_replicates) @ sums[first]
    out = np.empty((n_replicates, sums.shape[1]))
    for i in range(n_replicates):
        out[i] = np.bincount(rng.integers(len(sums), size=len(sums)), minlength=len(sums)) @ sums
    return out


def interval(value: float, replicates: np.ndarray, alpha: float, n_units: int) -> Interval:
    """Return the interval that holds 1 − alpha of the replicates, widened for few units.

    With u units a bootstrap's spread is too small by sqrt((u − 1) / u), and its quantiles are the normal's rather than
    Student's t with u − 1 degrees of freedom; both distances are stretched by the two factors (Hesterberg, What
    teachers should know about the bootstrap, 2015, section 3.2). With fewer than two units nothing can be said: nan.
    """
    finite = replicates[np.isfinite(replicates)]
    if n_units < 2 or finite.size < 2:
        return Interval(float(value), math.nan, math.nan)
    low, high = np.quantile(finite, [alpha / 2, 1 - alpha / 2])
    stretch = math.sqrt(n_units / (n_units - 1)) * stdtrit(n_units - 1, 1 - alpha / 2) / normal_quantile(alpha)
    return Interval(
        float(value), float(value - stretch * max(0, value - low)), float(value + stretch * max(0, high - value))
    )


def wider(first: Interval, second: Interval) -> Interval:
    """Return the first one's value within the wider of both."""
    return Interval(first.value, min(first.low, second.low), max(first.high, second.high))


def share_interval(
    value: float, replicates: np.ndarray, alpha: float, n_units: int, counts: tuple[float, float]
) -> Interval:
    """Return a share's interval; where few rows are of one kind, never narrower than Wilson's.

    A bootstrap of three acts that were all right never draws a wrong one and would be certain of 100 %.

    Parameters
    ----------
    counts : rows for and rows against, in the sample.
    """
    found = interval(value, replicates, alpha, n_units)
    n = sum(counts)
    if min(counts) >= FEW or n <= 0 or math.isnan(found.low):
        return found
    z = normal_quantile(alpha)
    centre = (counts[0] + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(counts[0] * counts[1] / n + z * z / 4)
    return wider(found, Interval(value, centre - half, centre + half))


def normal_quantile(alpha: float) -> float:
    """Return z such that a standard normal lies within ±z with probability 1 − alpha."""
    return NormalDist().inv_cdf(1 - alpha / 2)


def _kinds(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Index of one unit of each kind and how many there are; None when there are too many kinds."""
    code = np.zeros(len(sums), dtype=np.int64)
    first, count = np.zeros(1, dtype=np.int64), np.array([len(sums)])
    for column in sums.T:
        _, value = np.unique(column, return_inverse=True)
        _, first, code, count = np.unique(
            code * (int(value.max(initial=0)) + 1) + value, return_index=True, return_inverse=True, return_counts=True
        )
        if len(first) > MAX_KINDS:
            return None
    return first, count
