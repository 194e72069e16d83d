"""A number and how far from it the truth may lie."""

from dataclasses import dataclass

import numpy as np

LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval.

    Attributes
    ----------
    value : the estimate.
    low, high : the ends of the interval, of 90 % unless said otherwise; nan where nothing can be said.
    """

    value: float
    low: float
    high: float


def percentile_interval(value: float, replicates: np.ndarray, level: float = LEVEL) -> Interval:
    """The middle ``level`` of the replicates of a bootstrap around an estimate.

    Parameters
    ----------
    value : the estimate on the data itself.
    replicates : (b,) the same figure on each resample; those that could not be computed are nan and left out.
    level : share of the replicates inside, in (0, 1).

    Returns
    -------
    The interval; its ends are nan when fewer than two replicates could be computed.
    """
    finite = replicates[np.isfinite(replicates)]
    if finite.size < 2:
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(value), float(low), float(high))
