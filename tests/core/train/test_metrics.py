"""The metrics and their intervals, against scikit-learn and against simulations."""

import time

import numpy as np
import pytest
from sklearn import metrics as sk

from core.train import metrics
from core.train.interval import percentile_interval
from core.train.metrics import brier, log_loss, metric_intervals, pr_auc, roc_auc, unit_codes


def simulated(n: int, digits: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.15).astype(np.int8)
    return y, np.round(1 / (1 + np.exp(-(rng.normal(size=n) + y - 2))), digits)


@pytest.mark.parametrize(("n", "digits"), [(3, 9), (50, 1), (2_000, 2), (60_000, 9), (60_000, 3)])
def test_metrics_equal_scikit_learns_to_twelve_digits_ties_included(n, digits):
    y, score = simulated(n, digits)
    y[:2] = 0, 1
    assert roc_auc(y, score) == pytest.approx(sk.roc_auc_score(y, score), abs=1e-12)
    assert pr_auc(y, score) == pytest.approx(sk.average_precision_score(y, score), abs=1e-12)
    assert brier(y, score) == pytest.approx(sk.brier_score_loss(y, score), abs=1e-12)
    assert log_loss(y, score) == pytest.approx(sk.log_loss(y, score, labels=[0, 1]), abs=1e-12)
    found = metric_intervals(y, score, n_replicates=2)
    assert found["roc_auc"].value == pytest.approx(sk.roc_auc_score(y, score), abs=1e-12)
    assert found["pr_auc"].value == pytest.approx(sk.average_precision_score(y, score), abs=1e-12)
    assert found["brier"].value == pytest.approx(sk.brier_score_loss(y, score), abs=1e-12)
    assert found["log_loss"].value == pytest.approx(sk.log_loss(y, score, labels=[0, 1]), abs=1e-12)


def test_scores_of_zero_and_one_give_a_finite_log_loss_equal_to_scikit_learns():
    y, score = np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 0.0, 0.3])
    assert log_loss(y, score) == pytest.approx(sk.log_loss(y, score), abs=1e-12)


def test_a_missing_class_makes_a_ranking_undefined_and_not_an_error():
    assert np.isnan(roc_auc(np.ones(5), np.linspace(0, 1, 5)))
    assert np.isnan(pr_auc(np.zeros(5), np.linspace(0, 1, 5)))


def test_with_folds_the_ranking_is_the_share_of_pairs_within_a_fold():
    y, score = simulated(900, 2)
    folds = np.arange(900) % 3
    score = score + folds  # levels differ between folds and must not matter
    pairs = [int(y[folds == k].sum()) * int((y[folds == k] == 0).sum()) for k in range(3)]
    each = [sk.roc_auc_score(y[folds == k], score[folds == k]) for k in range(3)]
    precision = [sk.average_precision_score(y[folds == k], score[folds == k]) for k in range(3)]
    positives = [int(y[folds == k].sum()) for k in range(3)]
    found = metric_intervals(y, score, folds=folds, n_replicates=2)
    assert found["roc_auc"].value == pytest.approx(np.average(each, weights=pairs), abs=1e-12)
    assert found["pr_auc"].value == pytest.approx(np.average(precision, weights=positives), abs=1e-12)


@pytest.mark.parametrize("grouped", [False, True])
def test_a_bootstrap_replicate_is_the_metric_of_the_resampled_rows(grouped):
    y, score = simulated(400, 2)
    groups = np.repeat(np.arange(100), 4) if grouped else None
    n_units = 100 if grouped else 400
    found = metric_intervals(y, score, groups, n_replicates=50, seed=3)
    # the same draws, the slow way; rows were put in descending order of (score, class) before they were drawn
    order = np.lexsort((y, -score))
    rng, slow = np.random.default_rng(3), []
    for _ in range(50):
        weight = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units)
        rows = np.repeat(np.arange(400), weight[np.arange(400) // 4]) if grouped else np.repeat(order, weight)
        slow.append(
            [
                sk.roc_auc_score(y[rows], score[rows]),
                sk.average_precision_score(y[rows], score[rows]),
                sk.brier_score_loss(y[rows], score[rows]),
                sk.log_loss(y[rows], score[rows]),
            ]
        )
    for column, name in enumerate(("roc_auc", "pr_auc", "brier", "log_loss")):
        expected = percentile_interval(found[name].value, np.array(slow)[:, column])
        assert (found[name].low, found[name].high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_intervals_of_groups_are_wider_when_their_rows_say_the_same():
    y, score = simulated(500, 9)
    y, score, groups = np.repeat(y, 8), np.repeat(score, 8), np.repeat(np.arange(500), 8)
    alone = metric_intervals(y, score)["roc_auc"]
    together = metric_intervals(y, score, groups)["roc_auc"]
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_cells_give_the_intervals_of_the_exact_bootstrap(monkeypatch):
    y, score = simulated(12_000, 9)
    rows = metric_intervals(y, score)
    monkeypatch.setattr(metrics, "EXACT_ROWS", 1_000)
    monkeypatch.setattr(metrics, "N_CELLS", 400)
    cells = metric_intervals(y, score)
    assert cells != rows
    for name, exact in rows.items():
        width = exact.high - exact.low
        assert cells[name].value == pytest.approx(exact.value, abs=1e-12)
        assert cells[name].low == pytest.approx(exact.low, abs=0.2 * width)
        assert cells[name].high == pytest.approx(exact.high, abs=0.2 * width)


def test_nine_in_ten_intervals_cover_the_truth():
    truth = roc_auc(*simulated(1_000_000, 9, seed=99))
    covered = [
        interval.low <= truth <= interval.high
        for seed in range(120)
        for interval in [metric_intervals(*simulated(600, 9, seed), n_replicates=200)["roc_auc"]]
    ]
    assert 0.82 <= np.mean(covered) <= 0.97


def test_noise_has_a_ranking_of_a_half_within_its_interval():
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(40):
        found = metric_intervals((rng.random(400) < 0.2).astype(int), rng.random(400), n_replicates=200)["roc_auc"]
        inside.append(found.low <= 0.5 <= found.high)
    assert np.mean(inside) >= 0.75


def test_the_same_seed_gives_the_same_interval_and_another_a_different_one():
    y, score = simulated(300, 9)
    assert metric_intervals(y, score, seed=5) == metric_intervals(y, score, seed=5)
    assert metric_intervals(y, score, seed=5) != metric_intervals(y, score, seed=6)


def test_five_hundred_replicates_of_many_rows_take_seconds():
    y, score = simulated(270_000, 9)
    began = time.process_time()
    metric_intervals(y, score)
    assert time.process_time() - began < 8


def test_units_are_numbered_and_rows_without_one_stand_alone():
    labels = np.array(["a", None, "b", "a", None], dtype=object)
    assert unit_codes(labels).tolist() == [0, 1, 2, 0, 3]
    assert unit_codes(np.array([1.0, np.nan, np.nan, 1.0])).tolist() == [0, 1, 2, 0]
