"""How far two parts of a table differ in a column, and whether chance alone would make them so."""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from core.quality.facts import Shift
from core.quality.profile import ColumnProfile
from core.quality.sample import Sample

N_BINS = 10
N_LEVELS = 20
# In a clean table, about one in a hundred has a column that is told apart.
_ALPHA = 0.01


def stability_index(first: np.ndarray, second: np.ndarray) -> float:
    """Population stability index of two histograms over the same bins: sum of (p − q)·ln(p / q), half a row added."""
    p = (first + 0.5) / (first + 0.5).sum()
    q = (second + 0.5) / (second + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())


def is_significant(first: np.ndarray, second: np.ndarray, n_tests: int) -> bool:
    """Say whether a chi-square test tells two histograms apart, at 1 % shared between so many tests (Bonferroni).

    The distribution's tail by Wilson and Hilferty's cube root.
    """
    total = first + second
    kept = total > 0
    first, second, total = first[kept], second[kept], total[kept]
    freedom = total.size - 1
    if freedom < 1 or not first.sum() or not second.sum():
        return False
    expected = total * first.sum() / total.sum()
    other = total - expected
    statistic = float((((first - expected) ** 2) / expected + ((second - other) ** 2) / other).sum())
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5
    return z > NormalDist().inv_cdf(1 - _ALPHA / max(n_tests, 1))


def shift_of(column: ColumnProfile, sample: Sample, first: np.ndarray, second: np.ndarray) -> Shift:
    """Count a column in two parts of the sample, as a profile counts it in the table.

    Parameters
    ----------
    first, second : (n,) bool, the rows of each part.
    """
    codes, values = sample.codes(column.name), sample.code_values(column.name)
    if column.kind in ("number", "time", "boolean") and values.size > N_BINS:
        cells, labels = _bins(sample.values(column.name), _date if column.kind == "time" else _number)
    else:
        cells, labels = _levels(codes, values)
    n = len(labels)
    counted = [tuple(int(k) for k in np.bincount(cells[part], minlength=n)) for part in (first, second)]
    means: list[float | None] = [None, None]
    if column.kind in ("number", "time"):
        numbers = sample.values(column.name)
        finite = np.isfinite(numbers)
        means = [float(numbers[part & finite].mean()) if (part & finite).any() else None for part in (first, second)]
    return Shift(tuple(labels), counted[0], counted[1], means[0], means[1])


def age_shift(seconds: np.ndarray, first: np.ndarray, second: np.ndarray) -> Shift:
    """Count in two parts how long before something a time is, (n,) seconds, nan where it is not known."""
    cells, labels = _bins(seconds, lambda edge: f"{edge / 86_400:,.4g} days")
    counted = [tuple(int(k) for k in np.bincount(cells[part], minlength=len(labels))) for part in (first, second)]
    return Shift(tuple(labels), counted[0], counted[1])


def _date(edge: float) -> str:
    return str(np.datetime64(int(edge), "s"))[:10]


def _number(edge: float) -> str:
    return f"{edge:,.4g}"


def _bins(values: np.ndarray, written: Callable[[float], str]) -> tuple[np.ndarray, list[str]]:
    missing = np.isnan(values)
    edges = np.unique(np.quantile(values[~missing], np.linspace(0, 1, N_BINS + 1)[1:-1], method="lower"))
    cells = np.searchsorted(edges, values, side="left")
    cells[missing] = edges.size + 1
    said = [written(edge) for edge in edges]
    labels = [f"up to {said[0]}", *(f"{a} to {b}" for a, b in zip(said, said[1:], strict=False))]
    return cells, [*labels, f"over {said[-1]}", "no value"]


def _levels(codes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    counts = np.bincount(codes[codes >= 0], minlength=values.size)
    kept = np.argsort(-counts, kind="stable")[:N_LEVELS]
    place = np.full(values.size + 1, kept.size)
    place[kept] = np.arange(kept.size)
    place[-1] = kept.size + 1  # the code of a missing value is −1
    return place[codes], [*(str(values[code]) for code in kept), "other values", "no value"]
