"""Contributions: exact, equal to shap's, summed up over rows and along a column."""

import numpy as np
import pyarrow as pa
import pytest
import xgboost

from core.errors import NotReadyError
from core.explain import dependence, explain, importances, shared_credit, to_shap
from core.scoring.contract import ColumnSpec
from core.scoring.encode import Encoder
from core.scoring.model import Calibrator, save_boosted
from core.scoring.scorer import Scorer

NAMES = ("strong", "weak", "useless", "twin")


def rows(n: int = 3000, seed: int = 0) -> tuple[pa.Table, np.ndarray]:
    rng = np.random.default_rng(seed)
    strong, weak, useless = rng.normal(size=(3, n))
    twin = strong + 0.1 * rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(1 - 1.5 * strong + 0.4 * weak))).astype(np.int8)
    weak = np.where(rng.random(n) < 0.05, np.nan, weak)
    return pa.table({"strong": strong, "weak": weak, "useless": useless, "twin": twin}), y


def boosted(table: pa.Table, y: np.ndarray, calibrator: Calibrator | None = None) -> tuple[Scorer, xgboost.Booster]:
    kinds = {
        name: "number" if pa.types.is_floating(table.schema.field(name).type) else "category"
        for name in table.column_names
    }
    encoder = Encoder.fit(table, [ColumnSpec(name, kind, True) for name, kind in kinds.items()])
    data = xgboost.DMatrix(
        encoder.encode(table),
        y,
        feature_types=encoder.feature_types,
        enable_categorical=True,
        feature_names=table.column_names,
    )
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 30)
    return Scorer.from_files(save_boosted(booster, encoder, calibrator or Calibrator())), booster


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return rows()[0]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return boosted(*rows())[0]


def test_contributions_and_the_base_value_add_up_to_the_margin(table: pa.Table, scorer: Scorer) -> None:
    found = explain(scorer, table)
    assert found.columns == NAMES and found.n_all == found.rows.size == 3000
    assert np.abs(found.base_value + found.values.sum(axis=1) - scorer.margin(table)).max() < 1e-5


def test_a_sample_is_random_the_same_for_a_seed_and_says_of_how_many_rows_it_is(
    table: pa.Table, scorer: Scorer
) -> None:
    some = explain(scorer, table, max_rows=100, seed=3)
    assert some.rows.tolist() == explain(scorer, table, max_rows=100, seed=3).rows.tolist()
    assert some.n_all == 3000 and some.rows.max() > 2500
    assert np.array_equal(some.values, explain(scorer, table, max_rows=None).values[some.rows])


@pytest.mark.filterwarnings("ignore:The set_.* function will be deprecated:PendingDeprecationWarning")
def test_contributions_equal_shaps_tree_explainer() -> None:
    import shap

    table, y = rows(500)
    scorer, booster = boosted(table, y)
    expected = shap.TreeExplainer(booster)(table.to_pandas())
    found = to_shap(explain(scorer, table), table)
    assert np.abs(found.values - expected.values).max() < 1e-4
    assert np.abs(found.base_values - expected.base_values).max() < 1e-4
    assert isinstance(found, shap.Explanation) and found.feature_names == list(NAMES)
    assert found.data[7, 0] == table.column("strong")[7].as_py()


def test_contributions_are_those_of_the_calibrated_margin() -> None:
    table, y = rows(500)
    plain, _ = boosted(table, y)
    sharper, _ = boosted(table, y, Calibrator(2.0, 0.5))
    first, second = explain(plain, table), explain(sharper, table)
    assert np.allclose(second.values, 2 * first.values)
    assert second.base_value == pytest.approx(2 * first.base_value + 0.5)


def test_columns_are_ranked_by_how_far_they_move_scores_with_an_interval(table: pa.Table, scorer: Scorer) -> None:
    found = importances(explain(scorer, table), table)
    names = [one.column for one in found]
    assert names[0] == "strong" and set(names[2:]) <= {"useless", "twin", "weak"}
    assert sum(one.share for one in found) == pytest.approx(1)
    for one in found:
        values = np.abs(explain(scorer, table).values[:, NAMES.index(one.column)])
        assert one.size.value == pytest.approx(values.mean())
        half = 1.645 * values.std() / np.sqrt(values.size)
        assert one.size.high - one.size.low == pytest.approx(2 * half, rel=0.25)
    by_name = {one.column: one.direction for one in found}
    assert by_name["strong"] == 1 and by_name["weak"] == -1


def test_rows_of_one_group_make_the_interval_wider_when_they_are_alike(table: pa.Table, scorer: Scorer) -> None:
    few = table.take(pa.array(np.repeat(np.arange(100), 10)))
    found = explain(scorer, few)
    alone, together = importances(found, few)[0], importances(found, few, groups=np.repeat(np.arange(100), 10))[0]
    assert together.size.high - together.size.low > 2 * (alone.size.high - alone.size.low)


def test_dependence_bins_hold_every_row_once_and_missing_values_last(table: pa.Table, scorer: Scorer) -> None:
    found = explain(scorer, table)
    weak = dependence(found, table, "weak")
    assert weak.kind == "number" and sum(weak.n) == 3000 and weak.label[-1] is None
    assert weak.n[-1] == table.column("weak").to_pandas().isna().sum()
    values = found.values[:, 1]
    assert np.average(weak.mean, weights=weak.n) == pytest.approx(values.mean())
    assert all(a <= b for a, b in zip(weak.high[:-2], weak.low[1:-1], strict=True))
    assert weak.mean[0] > weak.mean[-2]
    with pytest.raises(NotReadyError, match="does not use 'nothing'"):
        dependence(found, table, "nothing")


def test_levels_booleans_and_whole_numbers_have_a_bin_each() -> None:
    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "green", "blue"], 600)
    y = (rng.random(600) < np.where(colour == "red", 0.6, 0.2)).astype(np.int8)
    levels = pa.array([None if i % 50 == 0 else str(c) for i, c in enumerate(colour)])
    table = pa.table({"colour": levels, "count": rng.integers(0, 4, 600).astype(float)})
    scorer, _ = boosted(table, y)
    found = explain(scorer, table)
    colours = dependence(found, table, "colour")
    assert colours.kind == "category" and set(colours.label) == {"red", "green", "blue", None}
    assert max(colours.mean) == colours.mean[colours.label.index("red")]
    assert dependence(found, table, "count").label == (0.0, 1.0, 2.0, 3.0)
    assert {one.column: one.direction for one in importances(found, table)}["colour"] == 0


def test_columns_that_move_together_are_named(table: pa.Table, scorer: Scorer) -> None:
    said = shared_credit(explain(scorer, table), table)
    assert len(said) == 1 and said[0].startswith("strong and twin move together (rank correlation 0.9")


def test_no_row_cannot_be_explained(scorer: Scorer, table: pa.Table) -> None:
    with pytest.raises(NotReadyError, match="no row"):
        explain(scorer, table.slice(0, 0))
