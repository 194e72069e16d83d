"""The linear model is scikit-learn's, and what is written down scores as what was fitted."""

import json
import warnings

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from core.scoring.scorer import Scorer
from core.train.columns import column_specs
from core.train.fitting import FitRows
from core.train.linear import fit_linear
from core.train.logistic import logistic_regression
from core.train.pace import Pace


def pace() -> Pace:
    clock = Pace([1.0], 60.0)
    clock.start("a fit")
    return clock


def rows_of(table: pa.Table, y: np.ndarray) -> FitRows:
    return FitRows(table, y, column_specs(table, np.ones(y.size, dtype=bool), {}).columns)


@pytest.mark.parametrize("strength", [0.01, 1.0, 100.0])
def test_logistic_regression_equals_scikit_learns(strength):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 12)) * np.geomspace(0.2, 5, 12)
    y = (rng.random(800) < 1 / (1 + np.exp(-x[:, 0] - x[:, 1] + 2))).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000).fit(x, y)
    found = logistic_regression(csr_matrix(x), y, strength)
    assert found[:-1] == pytest.approx(peer.coef_[0], abs=2e-4)
    assert found[-1] == pytest.approx(peer.intercept_[0], abs=2e-4)


def test_classes_that_a_column_separates_stay_finite():
    x = np.linspace(-1, 1, 200)
    weights = logistic_regression(csr_matrix(x[:, None]), (x > 0).astype(int), 1.0)
    assert np.all(np.isfinite(weights))


def test_the_model_finds_the_truth_and_ignores_noise(table_of):
    table, y = table_of(6_000)
    fitted = fit_linear(rows_of(table, y), pace())
    content = json.loads(fitted.files["model/linear.json"])
    term = {one["name"]: one for one in content["columns"]}
    assert term["x"]["coefficient"] / term["x"]["scale"] == pytest.approx(1.2, abs=0.15)
    assert abs(term["z"]["coefficient"]) < 0.1
    levels = dict(zip(["blue", "green", "grey", "red"], term["colour"]["coefficients"], strict=True))
    assert levels["grey"] - levels["red"] == pytest.approx(2.0, abs=0.4)
    assert term["flag"]["coefficients"][1] - term["flag"]["coefficients"][0] == pytest.approx(0.8, abs=0.25)


def test_missing_and_unseen_values_are_scored(table_of):
    table, y = table_of(800)
    scorer = Scorer.from_files(fit_linear(rows_of(table, y), pace()).files)
    odd = pa.table(
        {
            "x": pa.array([None, np.inf], pa.float64()),
            "z": pa.array([None, 1e300], pa.float64()),
            "colour": pa.array([None, "violet"], pa.string()),
            "flag": pa.array([None, None], pa.bool_()),
        }
    )
    score = scorer.score(odd)
    assert np.all((score >= 0) & (score <= 1))


def test_a_column_that_is_constant_or_huge_does_no_harm(table_of):
    table, y = table_of(600)
    table = table.append_column("same", pa.array(np.full(600, 7.0))).append_column(
        "huge", pa.array(np.arange(600) * 1e30)
    )
    rows = FitRows(table, y, column_specs(table.slice(0, 600), np.ones(600, dtype=bool), {}).columns)
    assert np.all(np.isfinite(Scorer.from_files(fit_linear(rows, pace()).files).margin(table)))
