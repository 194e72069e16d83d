"""Confusion, money and today, computed a second time by SQL and by scikit-learn."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from core.frame import Capacity, Economics, Incumbent, Payoffs
from core.threshold import Resampling, ScoredRows, decision_metrics, outcome, policy_metrics, todays

PAYOFFS = Payoffs(60, -10, -3, 1)


def sample(n: int = 3000, seed: int = 0) -> ScoredRows:
    rng = np.random.default_rng(seed)
    score = rng.beta(1, 6, n)
    y = (rng.random(n) < score).astype(np.int8)
    return ScoredRows(score=score, y=y, today=rng.random(n) < 0.3 + 0.3 * y)


def test_money_and_confusion_equal_a_query_over_the_same_rows() -> None:
    rows = sample()
    frame = pd.DataFrame({"score": rows.score, "y": rows.y})
    connection = duckdb.connect()
    connection.register("frame", frame)
    row = connection.execute(
        """SELECT count(*) FILTER (score >= .2), count(*) FILTER (score >= .2 AND y = 1),
                  sum(CASE WHEN score < .2 THEN 0 WHEN y = 1 THEN 60 - -3 ELSE -10 - 1 END) FROM frame"""
    ).fetchone()
    connection.close()
    found = outcome(rows, Economics(payoffs=PAYOFFS), 0.2)
    assert (found.n_acted, found.tp, found.value) == row
    assert found.fp + found.tp + found.fn + found.tn == rows.n_rows
    assert found.precision == pytest.approx(precision_score(rows.y, rows.score >= 0.2))
    assert found.recall == pytest.approx(recall_score(rows.y, rows.score >= 0.2))


def test_ranked_acts_per_period_equal_a_window_query() -> None:
    rng = np.random.default_rng(5)
    n = 3000
    score, day = rng.random(n), rng.integers(0, 30, n)
    rows = ScoredRows(
        score=score,
        y=(rng.random(n) < score).astype(np.int8),
        period=day,
        period_names=tuple(map(str, range(30))),
        n_periods=30,
        arrival=np.arange(n),
    )
    said = Economics(payoffs=PAYOFFS, capacity=Capacity(7, "day"), rows_per_year=365.25 * n / 30)
    connection = duckdb.connect()
    connection.register("frame", pd.DataFrame({"score": score, "y": rows.y, "day": day}))
    row = connection.execute(
        """WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY day ORDER BY score DESC) AS place FROM frame)
           SELECT count(*), sum(CASE WHEN y = 1 THEN 63 ELSE -11 END) FROM ranked WHERE place <= 7 AND score >= .9"""
    ).fetchone()
    connection.close()
    found = outcome(rows, said, 0.9)
    assert (found.n_acted, found.value) == pytest.approx(row)


def test_today_is_the_best_of_none_all_and_the_incumbent() -> None:
    rows = sample()
    named = Incumbent(name="the rule", sql="x")
    names = {}
    for payoffs in (Payoffs(60, -10), Payoffs(60, -1), Payoffs(1, -10)):
        today = todays(rows, Economics(payoffs=payoffs, incumbent=named))
        values = {option.name: option.outcome.value for option in today.options}
        assert today.value == max(values.values()) == values[today.name]
        names[payoffs.fp, payoffs.tp] = today.name
    assert names == {(-10, 60): "the rule", (-1, 60): "acting on all", (-10, 1): "acting on none"}


def test_acting_on_all_within_capacity_is_worth_its_share_of_the_rows() -> None:
    rows = sample()
    said = Economics(payoffs=Payoffs(60, -1), capacity=Capacity(100), rows_per_year=1000)
    by_name = {option.name: option.outcome for option in todays(rows, said).options}
    free = todays(rows, Economics(payoffs=Payoffs(60, -1))).options[1].outcome
    assert by_name["acting on all"].value == pytest.approx(0.1 * free.value)
    assert by_name["today's rule"].share_acted == pytest.approx(0.1)


def test_metrics_of_decisions_are_scikit_learns() -> None:
    rows = sample()
    assert rows.today is not None
    found = decision_metrics(rows.y, rows.today)
    assert found["precision"].value == pytest.approx(precision_score(rows.y, rows.today))
    assert found["recall"].value == pytest.approx(recall_score(rows.y, rows.today))
    assert found["roc_auc"].value == pytest.approx(roc_auc_score(rows.y, rows.today))
    assert found["share_acted"].value == pytest.approx(rows.today.mean())
    assert all(one.low < one.value < one.high for one in found.values())
    grouped = decision_metrics(rows.y, rows.today, groups=np.arange(rows.n_rows) // 2)
    assert {k: v.value for k, v in grouped.items()} == {k: v.value for k, v in found.items()}


def test_metrics_of_a_policy_within_capacity_agree_with_its_outcome() -> None:
    rows = sample()
    for rate in (None, 0.05):
        said = Economics(payoffs=PAYOFFS, capacity=Capacity(100), rows_per_year=1000, base_rate=rate)
        direct, found = outcome(rows, said, 0.1), policy_metrics(rows, said, 0.1, Resampling(50))
        for name in ("precision", "recall", "share_acted"):
            assert found[name].value == pytest.approx(getattr(direct, name))
            assert found[name].low <= found[name].value <= found[name].high


def test_three_acts_that_were_right_are_not_a_certain_precision() -> None:
    y = np.r_[np.ones(3, dtype=np.int8), np.zeros(500, dtype=np.int8), np.ones(40, dtype=np.int8)]
    acted = np.arange(y.size) < 3
    found = decision_metrics(y, acted)["precision"]
    assert found.value == 1 and found.low < 0.55


def test_metrics_that_cannot_be_computed_are_nan() -> None:
    found = decision_metrics(np.zeros(10, dtype=np.int8), np.zeros(10, dtype=bool))
    assert np.isnan(found["precision"].value) and np.isnan(found["recall"].value)
