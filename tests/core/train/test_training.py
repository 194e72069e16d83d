"""Training: honest, repeatable, within its time, and stopped when asked to."""

import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import xgboost
from sklearn.metrics import roc_auc_score

from core.errors import CancelledError, TrainError
from core.frame.records import SplitChoice
from core.scoring.scorer import Scorer
from core.train import fitting
from core.train.boosted import learning_rate
from core.train.columns import column_specs
from core.train.fitting import Fitted
from core.train.latency import latency
from core.train.split import Assignment, assign
from core.train.training import TrainResult, TrainSettings, _final_rounds, train


def trained(
    table: pa.Table, y: np.ndarray, choice: SplitChoice | None = None, **settings
) -> tuple[TrainResult, Assignment]:
    assignment = assign(y.size, choice or SplitChoice(), y=y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    return train(table, y, assignment, columns, TrainSettings(**{"budget_seconds": 300.0, **settings})), assignment


@pytest.fixture(scope="module")
def course(table_of):
    table, y = table_of(1_000)
    return table, y, *trained(table, y)


def test_every_candidate_scores_every_row_outside_the_holdout_once(course):
    _, _, result, assignment = course
    assert [one.name for one in result.candidates] == ["constant", "linear", "boosted_trees"]
    for one in result.candidates:
        assert np.array_equal(np.isnan(one.score), assignment.holdout)
        assert np.array_equal(np.isnan(one.margin), assignment.holdout)
        inside = one.score[~assignment.holdout]
        assert np.all((inside > 0) & (inside < 1))


def test_models_beat_the_constant_and_come_near_the_truth(course):
    table, y, result, assignment = course
    constant, linear, boosted = (one.metrics["roc_auc"] for one in result.candidates)
    assert (constant.value, constant.low, constant.high) == (0.5, 0.5, 0.5)
    assert not any(one.cut_short for one in result.candidates)
    assert linear.low > 0.7 and boosted.low > 0.7
    held = pa.array(assignment.holdout)
    for one in result.candidates[1:]:
        assert roc_auc_score(y[assignment.holdout], Scorer.from_files(one.files).score(table.filter(held))) > 0.7


def test_scores_are_calibrated_out_of_fold(course):
    _, y, result, assignment = course
    inside = ~assignment.holdout
    for one in result.candidates:
        assert one.score[inside].mean() == pytest.approx(y[inside].mean(), abs=0.01)
        assert one.metrics["log_loss"].value <= result.candidates[0].metrics["log_loss"].value + 1e-9


def test_the_holdout_is_never_looked_at(course):
    table, y, result, assignment = course
    poisoned = y.copy()
    poisoned[assignment.holdout] = 77
    held = pa.array(assignment.holdout)
    spoilt = {
        "x": pa.compute.if_else(held, 1e30, table["x"]),
        "z": pa.compute.if_else(held, None, table["z"]),
        "colour": pa.compute.if_else(held, "poison", table["colour"]),
        "flag": pa.compute.if_else(held, None, table["flag"]),
    }
    columns = column_specs(pa.table(spoilt), assignment.training_rows(), {}).columns
    again = train(pa.table(spoilt), poisoned, assignment, columns, TrainSettings(budget_seconds=300.0))
    for before, after in zip(result.candidates, again.candidates, strict=True):
        assert after.files == before.files
        assert np.array_equal(after.score, before.score, equal_nan=True)


def test_the_same_inputs_give_the_same_bytes_and_another_seed_does_not(course):
    table, y, result, _ = course
    again, _ = trained(table, y)
    assert [one.files for one in again.candidates] == [one.files for one in result.candidates]
    assert [one.metrics for one in again.candidates] == [one.metrics for one in result.candidates]
    other, _ = trained(table, y, seed=1, candidates=("boosted_trees",))
    assert other.candidates[0].files != result.candidates[2].files


@pytest.mark.parametrize("rows_are", ["few", "many"])
def test_a_replay_follows_the_recorded_rounds_and_gives_the_same_bytes(table_of, monkeypatch, rows_are):
    monkeypatch.setattr(fitting, "SMALL", 10_000 if rows_are == "few" else 100)
    table, y = table_of(900)
    first, _ = trained(table, y, candidates=("boosted_trees",), budget_seconds=0.4)
    recorded = {"rounds": first.rounds, "learning_rate": first.learning_rate}
    replay, _ = trained(table, y, candidates=("boosted_trees",), budget_seconds=99.0, **recorded)
    assert replay.rounds == first.rounds
    assert len(first.rounds["boosted_trees"]) == 6
    assert replay.candidates[0].files == first.candidates[0].files
    assert np.array_equal(replay.candidates[0].score, first.candidates[0].score, equal_nan=True)
    with pytest.raises(TrainError, match="2 rounds are recorded"):
        trained(table, y, candidates=("boosted_trees",), rounds={"boosted_trees": (3, 4)})


def test_a_fold_never_learns_from_what_it_scores(table_of):
    table, _ = table_of(400)
    rng = np.random.default_rng(5)
    noise = rng.permutation(400).astype(str)
    table = table.append_column("label", pa.array([f"group {int(value) // 3}" for value in noise]))
    aucs, inside = [], []
    for seed in range(5):
        y = (np.random.default_rng(seed).random(400) < 0.4).astype(np.int8)
        result, _ = trained(table, y, candidates=("linear", "boosted_trees"), budget_seconds=2.0)
        found = [one.metrics["roc_auc"] for one in result.candidates]
        aucs += [one.value for one in found]
        inside += [one.low <= 0.5 <= one.high for one in found]
    assert abs(np.mean(aucs) - 0.5) < 0.05
    assert np.mean(inside) >= 0.6


def test_levels_are_those_of_the_rows_that_were_learnt_from(course):
    table, y, _, assignment = course
    fold_of = np.where(assignment.holdout, 9, assignment.fold)
    table = table.append_column("fold", pa.array([f"only in {k}" for k in fold_of]))
    result, _ = trained(table, y, candidates=("linear",))
    assert result.candidates[0].metrics["roc_auc"].value > 0.7


def test_boosted_trees_are_as_good_as_stock_xgboost(table_of):
    table, y = table_of(3_000, seed=2)
    result, assignment = trained(table, y, candidates=("boosted_trees",))
    score = Scorer.from_files(result.candidates[0].files).score(table.filter(pa.array(assignment.holdout)))
    frame = table.to_pandas()
    frame["colour"] = frame["colour"].astype("category")
    stock = xgboost.XGBClassifier(enable_categorical=True, n_jobs=1)
    stock.fit(frame[~assignment.holdout], y[~assignment.holdout])
    peer = stock.predict_proba(frame[assignment.holdout])[:, 1]
    assert roc_auc_score(y[assignment.holdout], score) > roc_auc_score(y[assignment.holdout], peer)


@pytest.mark.parametrize("method", ["order", "group"])
def test_other_splits_train_too(table_of, method):
    table, y = table_of(900)
    choice = SplitChoice(method=method, n_folds=3)
    groups = np.arange(900) // 6
    assignment = assign(900, choice, groups=groups, y=y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    result = train(table, y, assignment, columns, TrainSettings(budget_seconds=10.0), groups=groups)
    for one in result.candidates:
        assert np.array_equal(np.isnan(one.score), assignment.fold < 0)
    assert result.candidates[2].metrics["roc_auc"].low > 0.65


def test_few_rows_with_few_positives_train(table_of):
    table, y = table_of(500, base=-5.0)
    assert 12 <= y.sum() <= 40
    result, _ = trained(table, y)
    assert all(np.isfinite(one.metrics["roc_auc"].value) for one in result.candidates)
    assert result.candidates[1].metrics["roc_auc"].value > 0.6


def test_a_short_budget_cuts_rounds_and_still_gives_every_candidate(table_of):
    table, y = table_of(20_000)
    result, assignment = trained(table, y, budget_seconds=0.5)
    assert len(result.candidates) == 3
    assert not np.isnan(result.candidates[2].score[~assignment.holdout]).any()
    assert min(result.rounds["boosted_trees"]) >= 10
    assert result.candidates[2].cut_short >= 1


def test_folds_that_ran_out_of_time_have_no_say_in_the_final_rounds():
    def fold(rounds: int, cut: bool) -> Fitted:
        return Fitted({}, rounds, {}, cut)

    alike = np.array([80, 80, 80])
    assert _final_rounds([fold(90, False), fold(12, True), fold(110, False)], alike) == 100
    assert _final_rounds([fold(11, True), fold(12, True), fold(10, True)], alike) == 12
    assert _final_rounds([fold(5, False), fold(60, False), fold(70, False)], np.array([20, 50, 80])) == 65


def test_a_budget_too_short_for_the_data_takes_longer_steps_in_every_fit_alike():
    assert learning_rate(4_000, 20, 10.0) == 0.05
    assert 0.05 < learning_rate(200_000, 20, 1.5) < 0.3
    assert learning_rate(5_000_000, 20, 1.0) == 0.3


def test_progress_grows_to_the_end_and_names_what_is_done(table_of):
    table, y = table_of(400)
    seen: list[tuple[int, int, str]] = []
    assignment = assign(400, SplitChoice(), y=y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    train(table, y, assignment, columns, progress=lambda *report: seen.append(report))
    done = [report[0] for report in seen]
    assert done == sorted(done)
    assert done[0] == 0 and done[-1] == seen[-1][1]
    assert {"Linear model: fold 2 of 5", "Boosted trees: final model"} <= {report[2] for report in seen}


def test_cancelling_stops_within_a_second(table_of):
    table, y = table_of(20_000)
    asked: list[float] = []

    def cancelled() -> bool:
        if seen and seen[-1] == "Boosted trees: fold 2 of 5" and not asked:
            asked.append(time.monotonic())
        return bool(asked)

    seen: list[str] = []
    assignment = assign(y.size, SplitChoice(), y=y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    with pytest.raises(CancelledError):
        train(table, y, assignment, columns, progress=lambda *report: seen.append(report[2]), cancelled=cancelled)
    assert time.monotonic() - asked[0] < 2
    assert seen[-1] == "Boosted trees: fold 2 of 5"


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.zeros(300), "the same outcome"),
        (np.arange(300), "240 different values"),
        (np.arange(300) % 2 + 1, "1 or 2, not 0 or 1"),
        (np.arange(300) < 3, "are positive"),
    ],
)
def test_an_outcome_that_teaches_nothing_gets_a_sentence(table_of, y, says):
    table, _ = table_of(300)
    assignment = assign(300, SplitChoice(), keys=np.arange(300))
    y = np.where(assignment.holdout, 0, y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    with pytest.raises(TrainError, match=says) as caught:
        train(table, y.astype(np.int16), assignment, columns)
    assert caught.value.hint


def test_other_things_that_cannot_be_trained_get_a_sentence(table_of):
    table, y = table_of(300)
    assignment = assign(300, SplitChoice(), y=y)
    columns = column_specs(table, assignment.training_rows(), {}).columns
    with pytest.raises(TrainError, match="no column"):
        train(table, y, assignment, ())
    with pytest.raises(TrainError, match="no candidate"):
        train(table, y, assignment, columns, TrainSettings(candidates=("oracle",)))
    with pytest.raises(TrainError, match="learning rate of 2"):
        train(table, y, assignment, columns, TrainSettings(learning_rate=2.0))
    with pytest.raises(TrainError, match="budget of 0"):
        train(table, y, assignment, columns, TrainSettings(budget_seconds=0))
    late = np.arange(300) >= 150
    ordered = assign(300, replace(SplitChoice(), method="order"))
    with pytest.raises(TrainError, match="fold 1 may learn from"):
        train(table, late.astype(np.int8), ordered, columns)


def test_latency_is_measured_through_the_scorer(course):
    table, _, result, _ = course
    found = latency(result.candidates[1].files, table, n=20, budget_seconds=0.2)
    assert 0 < found.one_row_ms < found.ten_thousand_rows_ms
    assert found.n_one_row == 20 and found.n_ten_thousand_rows >= 5
    assert "Python" in found.machine
