"""What acting on a row changes, and when that pays."""

import math

import numpy as np

from core.errors import FrameError
from core.frame.records import Economics, Payoffs


def gains(y: np.ndarray, payoffs: Payoffs) -> np.ndarray:
    """(n,) currency: what acting on a row changes; ``tp − fn`` where y is 1, ``fp − tn`` where it is 0."""
    return np.where(np.asarray(y) == 1, payoffs.tp - payoffs.fn, payoffs.fp - payoffs.tn)


def bayes_threshold(payoffs: Payoffs) -> float:
    """Return the smallest probability of the positive class at which acting pays: (tn − fp) / ((tn − fp) + (tp − fn)).

    Source: Elkan, The foundations of cost-sensitive learning (2001), equation 2. Infinite when acting never pays, 0
    when it always does.

    Raises
    ------
    FrameError
        When acting on a positive gains less than acting on a negative: then a high score is a reason not to act.
    """
    right, wrong = payoffs.tp - payoffs.fn, payoffs.fp - payoffs.tn
    check_order(payoffs)
    if right <= 0:
        return math.inf
    return max(0.0, -wrong / (right - wrong))


def check_order(payoffs: Payoffs) -> None:
    """Refuse payoffs under which acting on a positive does not gain more than acting on a negative.

    Raises
    ------
    FrameError
        Naming both gains.
    """
    right, wrong = payoffs.tp - payoffs.fn, payoffs.fp - payoffs.tn
    if not right > wrong:
        raise FrameError(
            f"Acting on a positive changes {right:g}, acting on a negative {wrong:g}: a score that finds positives "
            "cannot help.",
            hint="Correct the payoffs, or choose the other outcome as the positive one.",
        )


def row_weights(y: np.ndarray, economics: Economics) -> np.ndarray | None:
    """Weights that bring resampled rows back to the true base rate: π/π̂ for positives, (1 − π)/(1 − π̂) for negatives.

    Returns
    -------
    (n,) floats that sum to n, or None when the base rate is the rows' own.

    Raises
    ------
    FrameError
        When rows of one class are missing, so that no weight can bring them back.
    """
    if economics.base_rate is None:
        return None
    seen = float(np.mean(y))
    if not 0 < seen < 1:
        raise FrameError(
            f"A base rate of {economics.base_rate:g} cannot be reached: all these rows have one outcome.",
            hint="Clear the base rate on Frame, or use rows of both outcomes.",
        )
    rate = economics.base_rate
    return np.where(np.asarray(y) == 1, rate / seen, (1 - rate) / (1 - seen))


def corrected_score(score: np.ndarray, sample_rate: float, base_rate: float) -> np.ndarray:
    """Correct probabilities learnt at one base rate to another, by the odds ratio.

    Parameters
    ----------
    score : (n,) floats in [0, 1].
    sample_rate : share of positives among the rows that the scores were calibrated on, in (0, 1).
    base_rate : share of positives in production, in (0, 1).

    Returns
    -------
    (n,) floats in [0, 1]; the order of rows does not change.
    """
    score = np.asarray(score, dtype=np.float64)
    positive = score * (base_rate / sample_rate)
    negative = (1 - score) * ((1 - base_rate) / (1 - sample_rate))
    return positive / (positive + negative)


def uncorrected_threshold(threshold: float, sample_rate: float, base_rate: float) -> float:
    """Return the score that becomes ``threshold`` once corrected from ``sample_rate`` to ``base_rate``."""
    if not 0 <= threshold <= 1:
        return threshold
    return float(corrected_score(np.array([threshold]), base_rate, sample_rate)[0])


def net_value_per_year(gain_per_row: float | np.ndarray, economics: Economics) -> float | np.ndarray:
    """Rows per year × what the policy gains per row beyond today − the cost of running it, in currency.

    Raises
    ------
    FrameError
        When nobody has said how many rows there are in a year.
    """
    check_volume(economics)
    return economics.rows_per_year * gain_per_row - economics.run_cost_per_year


def horizon_value(per_year: float | np.ndarray, economics: Economics) -> float | np.ndarray:
    """Horizon in years × net value per year − the cost of building, in currency, not discounted."""
    return economics.horizon_years * per_year - economics.build_cost


def check_volume(economics: Economics) -> None:
    """Refuse to speak of a year when its volume is not known.

    Raises
    ------
    FrameError
        When ``rows_per_year`` is not above 0.
    """
    if not economics.rows_per_year > 0:
        raise FrameError("Nobody has said how many rows are decided in a year.", hint="Fill in rows per year on Frame.")
