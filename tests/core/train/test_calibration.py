"""Calibration turns margins into probabilities, whatever they are."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.scoring.sigmoid import sigmoid
from core.train.calibration import fit_sigmoid


def drawn(n: int, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=n) * 2
    return raw, (rng.random(n) < sigmoid(slope * raw + intercept)).astype(np.int8)


def test_it_finds_slope_and_intercept_as_logistic_regression_does():
    raw, y = drawn(5_000, 0.6, -1.0)
    found = fit_sigmoid(raw, y, np.zeros(y.size, dtype=int))
    peer = LogisticRegression(C=1e6, tol=1e-10).fit(raw[:, None], y)
    assert found.slope == pytest.approx(peer.coef_[0, 0], abs=2e-3)
    assert found.intercept == pytest.approx(peer.intercept_[0], abs=2e-3)


def test_the_mean_score_is_the_share_of_positives():
    raw, y = drawn(2_000, 0.3, 2.0)
    found = fit_sigmoid(raw, y, np.arange(2_000) % 5)
    assert sigmoid(found.slope * raw + found.intercept).mean() == pytest.approx(y.mean(), abs=2e-3)


def test_levels_that_differ_between_folds_do_not_bend_the_slope():
    raw, y = drawn(5_000, 1.0, -1.0)
    fold = np.arange(5_000) % 5
    assert fit_sigmoid(raw + 3.0 * fold, y, fold).slope == pytest.approx(1.0, abs=0.1)


def test_a_margin_that_ranks_the_wrong_way_round_gives_next_to_the_base_rate_and_keeps_its_order():
    raw, y = drawn(1_000, -1.0, -1.0)
    found = fit_sigmoid(raw, y, np.zeros(1_000, dtype=int))
    assert found.slope > 0
    assert sigmoid(found.slope * raw + found.intercept) == pytest.approx(np.full(1_000, y.mean()), abs=0.01)


@pytest.mark.parametrize("n_positive", [1, 2, 5])
def test_a_handful_of_separated_positives_stays_finite_and_below_certainty(n_positive):
    raw = np.append(np.linspace(-3, -1, 100), np.full(n_positive, 5.0))
    y = np.append(np.zeros(100), np.ones(n_positive)).astype(np.int8)
    found = fit_sigmoid(raw, y, np.zeros(y.size, dtype=int))
    assert np.isfinite(found.slope) and found.slope > 0
    assert sigmoid(found.slope * raw + found.intercept).max() < (n_positive + 1.5) / (n_positive + 2)


def test_a_constant_margin_gives_the_base_rate():
    y = (np.arange(100) < 20).astype(np.int8)
    found = fit_sigmoid(np.full(100, 3.0), y, np.zeros(100, dtype=int))
    assert sigmoid(np.array([found.slope * 3.0 + found.intercept]))[0] == pytest.approx(0.2, abs=0.01)
