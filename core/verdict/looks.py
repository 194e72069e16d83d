"""How sure one has to be after having looked at the holdout before."""

import math

from core.threshold.bootstrap import normal_quantile
from core.train.interval import Interval

ALPHA = 0.10


def alpha(look: int) -> float:
    """Chance to miss that the k-th opening of a holdout may take: 0.10 · 6 / (π² k²), which sum to 0.10 over all k.

    Parameters
    ----------
    look : 1 for the first opening.

    Raises
    ------
    ValueError
        When ``look`` is below 1.
    """
    if look < 1:
        raise ValueError(f"look {look} is below 1")
    return ALPHA * 6 / (math.pi**2 * look**2)


def at_level(interval: Interval, chance_to_miss: float, bounds: tuple[float, float] | None = None) -> Interval:
    """Stretch a 90 % interval to another level, as if its distances were a normal's.

    Parameters
    ----------
    interval : of 90 %.
    chance_to_miss : 0.10 leaves it as it is.
    bounds : ends never lie beyond these, (0, 1) for a share.
    """
    stretch = normal_quantile(chance_to_miss) / normal_quantile(ALPHA)
    low = interval.value - stretch * (interval.value - interval.low)
    high = interval.value + stretch * (interval.high - interval.value)
    if bounds is not None and not math.isnan(low):
        low, high = max(bounds[0], low), min(bounds[1], high)
    return Interval(interval.value, low, high)
