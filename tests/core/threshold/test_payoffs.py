"""What acting changes, and the probability from which it pays."""

import math

import numpy as np
import pytest

from core.errors import FrameError
from core.frame import Economics, Payoffs
from core.threshold import (
    bayes_threshold,
    corrected_score,
    gains,
    horizon_value,
    net_value_per_year,
    row_weights,
    uncorrected_threshold,
)

GERMAN_CREDIT = Payoffs(tp=0, fp=-1, fn=-5, tn=0)


def test_german_credit_refuses_from_one_sixth_as_its_cost_matrix_says() -> None:
    assert bayes_threshold(GERMAN_CREDIT) == pytest.approx(1 / 6, abs=1e-15)


@pytest.mark.parametrize(
    "payoffs", [GERMAN_CREDIT, Payoffs(80, -5, 0, 0), Payoffs(10, -3, -20, 4), Payoffs(5, -5, -5, 5)]
)
def test_the_threshold_is_where_expected_values_of_acting_and_leaving_cross(payoffs: Payoffs) -> None:
    p = np.linspace(0, 1, 100_001)
    acting = p * payoffs.tp + (1 - p) * payoffs.fp
    leaving = p * payoffs.fn + (1 - p) * payoffs.tn
    assert bayes_threshold(payoffs) == pytest.approx(p[np.argmax(acting >= leaving)], abs=1e-5)


def test_german_credits_cut_is_the_cheapest_on_calibrated_scores_by_a_plain_count_of_costs() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(1.2, 2.8, 400_000)
    bad = rng.random(p.size) < p
    cuts = np.linspace(0.05, 0.4, 71)
    costs = [5 * np.sum(bad & (p < cut)) + np.sum(~bad & (p >= cut)) for cut in cuts]
    assert cuts[np.argmin(costs)] == pytest.approx(bayes_threshold(GERMAN_CREDIT), abs=0.02)


def test_acting_that_always_or_never_pays_has_a_threshold_at_the_end() -> None:
    assert bayes_threshold(Payoffs(tp=10, fp=1)) == 0
    assert bayes_threshold(Payoffs(tp=-1, fp=-2)) == math.inf


def test_payoffs_under_which_a_high_score_is_a_reason_not_to_act_are_refused() -> None:
    with pytest.raises(FrameError, match="positive changes -5, acting on a negative 1"):
        bayes_threshold(Payoffs(tp=-5, fp=1))


def test_gains_are_what_acting_changes() -> None:
    assert gains(np.array([1, 0]), Payoffs(10, -3, -20, 4)).tolist() == [30, -7]


def test_weights_bring_a_resampled_table_back_to_the_true_rate() -> None:
    y = np.array([1] * 50 + [0] * 50)
    weight = row_weights(y, Economics(base_rate=0.1))
    assert weight is not None
    assert weight.sum() == pytest.approx(100)
    assert weight[y == 1].sum() == pytest.approx(10)
    with pytest.raises(FrameError, match="one outcome"):
        row_weights(np.ones(3), Economics(base_rate=0.1))


def test_the_odds_ratio_recovers_probabilities_from_a_resampled_table() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(1, 9, 1_000_000)
    y = rng.random(p.size) < p
    rate = y.mean()
    keep = y | (rng.random(p.size) < rate / (1 - rate))
    learnt = corrected_score(p[keep], rate, y[keep].mean())
    near = np.abs(learnt - 0.5) < 0.02
    assert y[keep][near].mean() == pytest.approx(0.5, abs=0.02)
    back = corrected_score(learnt, y[keep].mean(), rate)
    assert np.allclose(back, p[keep])
    assert corrected_score(np.array([uncorrected_threshold(0.2, 0.5, 0.1)]), 0.5, 0.1)[0] == pytest.approx(0.2)


def test_money_per_year_and_over_the_horizon_follow_the_formula() -> None:
    economics = Economics(rows_per_year=40_000, run_cost_per_year=20_000, build_cost=60_000, horizon_years=2)
    assert net_value_per_year(1.5, economics) == 40_000
    assert horizon_value(40_000, economics) == 20_000
    with pytest.raises(FrameError, match="how many rows"):
        net_value_per_year(1.5, Economics())
