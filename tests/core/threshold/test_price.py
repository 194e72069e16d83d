"""What doing without something costs, against a plain loop and against a simulation whose truth is known."""

import numpy as np
import pytest

from core.errors import FrameError
from core.frame import Economics, Payoffs
from core.threshold import Price, ScoredRows, cross_fitted, price

ECONOMICS = Economics(payoffs=Payoffs(tp=10, fp=-4), rows_per_year=1_000)


def rows_of(score: np.ndarray, y: np.ndarray) -> ScoredRows:
    return ScoredRows(score=score, y=y.astype(np.int8), kept=np.arange(y.size))


def simulated(seed: int, n: int = 2_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, the true probability, the probability without knowing the second of two causes, and folds."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, n), rng.integers(0, 2, n)
    p = np.array([[0.1, 0.4], [0.3, 0.8]])[a, b]
    return rng.random(n) < p, p, np.array([0.25, 0.55])[a], rng.integers(0, 4, n)


def test_the_price_is_the_difference_of_both_cross_fitted_gains() -> None:
    y, full, part, fold = simulated(0)
    found = price(rows_of(full, y), rows_of(part, y), fold, ECONOMICS)
    with_it = cross_fitted(rows_of(full, y), fold, ECONOMICS).comparison
    without = cross_fitted(rows_of(part, y), fold, ECONOMICS).comparison
    by_hand = with_it.net_value_per_year.value - without.net_value_per_year.value
    assert found.per_year.value == pytest.approx(by_hand, abs=1e-6)
    assert found.per_year.low < found.per_year.value < found.per_year.high


def test_what_changes_nothing_is_free_and_certainly_so() -> None:
    y, full, _, fold = simulated(1)
    found = price(rows_of(full, y), rows_of(full, y), fold, ECONOMICS)
    assert found == Price(found.per_year, found.roc_auc_with, found.roc_auc_with)
    assert (found.per_year.low, found.per_year.value, found.per_year.high) == (0, 0, 0)


def test_the_interval_of_a_price_holds_the_truth_about_nine_times_in_ten() -> None:
    # Acting from 4/14 on: with both causes on three of four cells, without the second on every row of a = 1 only.
    gain = np.array([[0.1, 0.4], [0.3, 0.8]]) * 14 - 4
    truth = 1_000 * (gain[0, 1] + gain[1, 0] + gain[1, 1] - gain[1, 0] - gain[1, 1]) / 4
    held = []
    for seed in range(60):
        y, full, part, fold = simulated(seed)
        found = price(rows_of(full, y), rows_of(part, y), fold, ECONOMICS).per_year
        held.append(found.low <= truth <= found.high)
    assert 0.8 <= np.mean(held) <= 1.0


def test_scores_of_other_rows_are_refused() -> None:
    y, full, part, fold = simulated(2)
    with pytest.raises(FrameError, match="not of the same rows"):
        price(rows_of(full, y), rows_of(part, ~y), fold, ECONOMICS)
