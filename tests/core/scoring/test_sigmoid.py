import math

import numpy as np

from core.scoring.sigmoid import sigmoid


def test_it_is_the_logistic_function():
    margin = np.linspace(-700, 700, 200_001)
    expected = np.array([1.0 / (1.0 + math.exp(-one)) for one in margin.tolist()])
    assert np.allclose(sigmoid(margin), expected, rtol=1e-15, atol=0)


def test_it_never_falls_and_ends_at_0_and_1():
    margin = np.sort(np.random.default_rng(0).normal(size=200_000) * 8)
    assert (np.diff(sigmoid(margin)) >= 0).all()
    ends = sigmoid(np.array([-np.inf, -800.0, 0.0, 800.0, np.inf]))
    assert ends[0] < 1e-300 and ends[2] == 0.5 and ends[4] == 1.0


def test_a_value_has_the_same_bits_wherever_it_stands():
    margin = np.random.default_rng(1).normal(size=1_000) * 5
    together = sigmoid(margin)
    assert all((sigmoid(margin[start : start + 13]) == together[start : start + 13]).all() for start in range(987))
    assert (sigmoid(np.repeat(margin, 3)[::3]) == together).all()
