"""The best threshold, within capacity, and how much of its money is luck."""

import numpy as np
import pytest

from core.errors import FrameError
from core.frame import Capacity, Economics, Payoffs
from core.threshold import ScoredRows, best_threshold, cross_fitted, outcome, outcome_of, policy_acts, policy_curve
from core.threshold.optimum import curves

PAYOFFS = Payoffs(60, -10)


def sample(n: int = 600, seed: int = 0, *, daily: bool = False) -> ScoredRows:
    rng = np.random.default_rng(seed)
    score = np.round(rng.beta(1, 5, n), 3)
    y = (rng.random(n) < score).astype(np.int8)
    if not daily:
        return ScoredRows(score, y)
    day = rng.integers(0, 20, n)
    return ScoredRows(score, y, None, None, day, tuple(map(str, range(20))), 20, rng.permutation(n))


CASES = [
    (None, False),
    (Capacity(100), False),
    (Capacity(100, "year", "arrival"), False),
    (Capacity(2, "day"), True),
    (Capacity(2, "day", "arrival"), True),
]


@pytest.mark.parametrize(("capacity", "daily"), CASES)
@pytest.mark.parametrize("base_rate", [None, 0.05])
def test_every_point_of_the_curve_is_what_acting_there_brings(
    capacity: Capacity | None, daily: bool, base_rate: float | None
) -> None:
    rows = sample(daily=daily)
    said = Economics(payoffs=PAYOFFS, capacity=capacity, rows_per_year=600 / 20 * 365.25, base_rate=base_rate)
    if not daily and capacity:
        said = Economics(payoffs=PAYOFFS, capacity=capacity, rows_per_year=1000, base_rate=base_rate)
    curve = policy_curve(rows, said)
    for i in np.linspace(0, curve.threshold.size - 1, 25).astype(int):
        found = outcome(rows, said, float(curve.threshold[i]))
        assert curve.value[i] == pytest.approx(found.value)
        assert curve.n_acted[i] == pytest.approx(found.share_acted * rows.n_rows)
    best = best_threshold(rows, said)
    assert best.value == pytest.approx(outcome(rows, said, best.threshold).value)
    assert best.value == pytest.approx(max(outcome(rows, said, t).value for t in curve.threshold))


def test_when_acting_never_pays_the_best_is_to_act_on_none() -> None:
    best = best_threshold(sample(), Economics(payoffs=Payoffs(-1, -2)))
    assert (best.threshold, best.value) == (np.inf, 0)


@pytest.mark.parametrize(("capacity", "daily"), CASES)
def test_cross_fitted_money_is_each_fold_at_the_threshold_of_the_others(capacity: Capacity | None, daily: bool) -> None:
    rows = sample(2000, daily=daily)
    fold = np.arange(2000) % 4
    said = Economics(payoffs=PAYOFFS, capacity=capacity, rows_per_year=2000 / 20 * 365.25)
    found = cross_fitted(rows, fold, said)
    by_hand = 0.0
    for k, (threshold, curve) in enumerate(zip(found.thresholds, curves(rows, said, fold)[1:], strict=True)):
        assert curve.value[curve.at(threshold)] == curve.value.max()
        i = curve.threshold.size // 2
        share = policy_acts(rows, said, float(curve.threshold[i])).share
        assert curve.value[i] == pytest.approx(outcome_of(rows, said, share * (fold != k)).value)
        if capacity is None:
            own = fold == k
            acted = rows.score[own] >= threshold
            by_hand += np.where(rows.y[own] == 1, 60, -10)[acted].sum()
    if capacity is None:
        assert found.comparison.policy.value == pytest.approx(by_hand)
    assert found.in_sample.value == best_threshold(rows, said).value
    per_row = (found.in_sample.value - found.comparison.policy.value) / 2000
    assert found.optimism_per_year == pytest.approx(per_row * said.rows_per_year)


def test_in_sample_luck_in_noise_is_gone_once_it_is_cross_fitted() -> None:
    said = Economics(payoffs=Payoffs(9, -1), rows_per_year=10_000)
    lucky, honest = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = ScoredRows(rng.random(500), (rng.random(500) < 0.1).astype(np.int8))
        found = cross_fitted(rows, np.arange(500) % 5, said)
        lucky.append(found.in_sample.value)
        honest.append(found.comparison.policy.value)
    assert np.mean(lucky) > 20
    assert np.mean(honest) < 2 * np.std(honest) / np.sqrt(40)


def test_one_fold_cannot_be_cross_fitted() -> None:
    with pytest.raises(FrameError, match="Only one fold"):
        cross_fitted(sample(), np.zeros(600), Economics(payoffs=PAYOFFS, rows_per_year=1))
