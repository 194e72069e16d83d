"""Two columns beside each other, as codes or numbers of the same rows: do they say the same, does one follow."""

import numpy as np

_GLANCE_ROWS = 1000
_FEW_ROWS = 50


def correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Pearson's correlation of two columns of numbers, nan where missing; the same on any number of threads.

    None where hardly a row has both, where in over 0.5 % of rows only one is missing (then they do not say the same),
    and where one of them does not vary.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < _FEW_ROWS or (np.isnan(first) != np.isnan(second)).mean() > 0.005:
        return None
    x, y = (one[both] - one[both].mean() for one in (first, second))
    size = float((x * x).sum()) * float((y * y).sum())
    return round(float((x * y).sum()) / size**0.5, 9) if 0 < size < np.inf else None


def determined(a: np.ndarray, b: np.ndarray) -> float:
    """Share of rows in which ``b`` is what it most often is for their ``a``, or of rows off the commonest ``b``.

    Parameters
    ----------
    a, b : (n,) ints, 0 and up.

    Returns
    -------
    In [0, 1]. Two columns that are nearly constant agree nearly always, so the rows that could disagree count too. A
    thousand rows are looked at first: where they disagree, which they do for most pairs, the rest would as well, and
    0 is returned.
    """
    step = a.size // _GLANCE_ROWS
    if step >= 4 and a.max() < _GLANCE_ROWS / 4 and _shares(a[::step], b[::step])[0] < 0.85:
        return 0.0
    return min(_shares(a, b))


def _shares(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    n_b = int(b.max()) + 1
    cells, counts = np.unique(a.astype(np.int64) * n_b + b, return_counts=True)
    order = np.lexsort((-counts, cells // n_b))
    first = np.flatnonzero(np.append(True, np.diff(cells[order] // n_b) > 0))
    usual, hits = cells[order][first] % n_b, counts[order][first]
    commonest = int(np.bincount(b).argmax())
    off = int((b != commonest).sum())
    return float(hits.sum() / a.size), float(hits[usual != commonest].sum() / off) if off else 1.0
