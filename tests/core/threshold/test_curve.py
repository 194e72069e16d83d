"""The value curve against a plain loop and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.errors import FrameError
from core.frame import Payoffs
from core.threshold import gains, thin, value_curve


def sample(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = np.round(rng.random(n), 2)
    return score, (rng.random(n) < score).astype(np.int8)


def test_every_entry_equals_a_confusion_matrix_at_its_threshold() -> None:
    score, y = sample()
    payoffs = Payoffs(80, -5, -1, 2)
    curve = value_curve(score, gains(y, payoffs), y)
    assert curve.threshold[0] == np.inf and curve.value[0] == 0 and curve.n_acted[0] == 0
    assert curve.threshold[1:].tolist() == sorted(set(score.tolist()), reverse=True)
    nothing = payoffs.fn * y.sum() + payoffs.tn * (1 - y).sum()
    for threshold, n_acted, n_right, value in zip(
        curve.threshold, curve.n_acted, curve.n_right, curve.value, strict=True
    ):
        tn, fp, fn, tp = confusion_matrix(y, score >= threshold, labels=[0, 1]).ravel()
        total = payoffs.tp * tp + payoffs.fp * fp + payoffs.fn * fn + payoffs.tn * tn
        assert (n_acted, n_right) == (tp + fp, tp)
        assert value == pytest.approx(total - nothing, abs=1e-9)


def test_rows_of_one_score_stay_together_whatever_their_order() -> None:
    score = np.array([0.5, 0.9, 0.5, 0.5])
    y = np.array([1, 1, 0, 0])
    curve = value_curve(score, np.array([10.0, 10.0, -4.0, -4.0]), y)
    assert curve.threshold.tolist() == [np.inf, 0.9, 0.5]
    assert curve.value.tolist() == [0, 10, 12]
    assert [curve.at(t) for t in (np.inf, 1.0, 0.9, 0.7, 0.5, 0.0)] == [0, 0, 1, 1, 2, 2]


def test_a_thinned_curve_keeps_ends_best_and_what_it_is_told_and_stays_exact() -> None:
    rng = np.random.default_rng(3)
    score = rng.random(20_000)
    y = (rng.random(20_000) < score**3).astype(np.int8)
    curve = value_curve(score, gains(y, Payoffs(10, -4)), y)
    few = thin(curve, 100, keep=[0.123])
    assert few.threshold.size < 110
    exact = dict(zip(curve.threshold.tolist(), curve.value.tolist(), strict=True))
    assert all(exact[t] == v for t, v in zip(few.threshold.tolist(), few.value.tolist(), strict=True))
    assert few.value.max() == curve.value.max()
    assert (few.threshold[0], few.threshold[-1]) == (np.inf, curve.threshold[-1])
    assert curve.threshold[curve.at(0.123)] in few.threshold


def test_a_gain_that_is_not_a_number_is_refused_by_row() -> None:
    with pytest.raises(FrameError, match="row 1 is nan"):
        value_curve(np.array([0.1, 0.2]), np.array([1.0, np.nan]), np.array([0, 1]))
