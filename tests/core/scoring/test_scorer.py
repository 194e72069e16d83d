import numpy as np
import pyarrow as pa
import pytest
import xgboost

from core.errors import ContractError, FormatError
from core.scoring import scorer as scorer_module
from core.scoring.encode import Encoder
from core.scoring.linear import LevelTerm, Linear, NumberTerm
from core.scoring.model import Calibrator, save_linear
from core.scoring.reasons import Reason, reasons
from core.scoring.scorer import Contributions, Scorer
from tests.bundle import made

FAMILIES = ("boosted_trees", "linear", "constant")


@pytest.fixture(params=FAMILIES)
def scorer(request) -> Scorer:
    return Scorer.from_files(made.model(request.param))


def test_a_row_gets_the_same_bits_alone_in_any_batch_and_on_two_threads(scorer, monkeypatch):
    table = made.prepared()
    together = scorer.score(table)
    alone = np.concatenate([scorer.score(table.slice(row, 1)) for row in range(table.num_rows)])
    assert (alone == together).all()
    turned = scorer.score(table.take(np.arange(table.num_rows)[::-1]))
    assert (turned[::-1] == together).all()
    two = Scorer.from_files(made.model(scorer.family), threads=2)
    assert (two.score(table) == together).all()
    monkeypatch.setattr(scorer_module, "BATCH_ROWS", 7)
    assert (scorer.score(table) == together).all()


def test_contributions_sum_to_the_margin_and_are_the_same_alone(scorer):
    table = made.prepared()
    found = scorer.contributions(table)
    assert found.columns == scorer.columns == tuple(column.name for column in made.COLUMNS)
    sums = found.base_value + found.values.sum(axis=1)
    margin = scorer.margin(table)
    assert np.abs(sums - margin).max() < 1e-5 * max(1.0, np.abs(margin).max())
    alone = scorer.contributions(table.slice(302, 1))
    assert (alone.values[0] == found.values[302]).all()


def test_no_rows_get_no_scores(scorer):
    empty = made.prepared().slice(0, 0)
    assert scorer.score(empty).shape == (0,)
    assert scorer.contributions(empty).values.shape == (0, 5)


def test_margins_of_trees_are_those_of_xgboost_itself():
    files = made.model("boosted_trees")
    scorer = Scorer.from_files(files)
    booster = xgboost.Booster()
    booster.load_model(bytearray(files["model/model.ubj"]))
    data = xgboost.DMatrix(
        scorer.encoder.encode(made.prepared()), feature_types=scorer.encoder.feature_types, enable_categorical=True
    )
    expected = booster.predict(data, output_margin=True).astype(np.float64)
    assert (scorer.raw_margin(made.prepared()) == expected).all()
    assert (scorer.margin(made.prepared()) == 0.9 * expected - 0.05).all()
    contributions = booster.predict(data, pred_contribs=True).astype(np.float64)
    assert np.abs(scorer.contributions(made.prepared()).values - 0.9 * contributions[:, :-1]).max() < 1e-5


def test_margins_of_the_linear_model_are_those_of_a_plain_loop():
    scorer = Scorer.from_files(made.model("linear"))
    linear = scorer.model.linear
    for row, coded in enumerate(scorer.encoder.encode(made.prepared()).astype(np.float64)):
        total = linear.intercept
        for term, x in zip(linear.terms, coded.tolist(), strict=True):
            if isinstance(term, NumberTerm):
                filled = term.median if x != x else x
                total += term.coefficient * ((filled - term.mean) / term.scale) + (term.missing if x != x else 0.0)
            else:
                total += term.missing if x != x else term.coefficients[int(x)]
        assert scorer.raw_margin(made.prepared().slice(row, 1))[0] == total


def test_linear_contributions_average_to_nothing_over_training():
    scorer = Scorer.from_files(made.model("linear"))
    values = scorer.contributions(made.prepared().slice(0, 300)).values
    assert np.abs(values.mean(axis=0)).max() < 1e-9


def test_scores_are_probabilities_and_rise_with_the_margin(scorer):
    score, margin = scorer.score(made.prepared()), scorer.margin(made.prepared())
    assert ((score >= 0) & (score <= 1)).all()
    order = np.argsort(margin)
    assert (np.diff(score[order]) >= 0).all()


def test_the_model_survives_its_files(scorer):
    files = made.model(scorer.family)
    assert {type(content) for content in files.values()} == {bytes}
    if scorer.family != "boosted_trees":
        linear = Linear.from_bytes(files["model/linear.json"])
        assert linear == scorer.model.linear
        assert linear.to_bytes() == files["model/linear.json"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_missing_or_damaged_file_is_refused(family):
    files = made.model(family)
    for path in files:
        with pytest.raises(FormatError, match=path.split("/")[1]):
            Scorer.from_files({other: content for other, content in files.items() if other != path})
        with pytest.raises(FormatError):
            Scorer.from_files({**files, path: b"damaged"})


def test_terms_that_are_not_the_encoders_columns_are_refused():
    encoder = Encoder.fit(made.prepared(), made.COLUMNS)
    with pytest.raises(FormatError):
        save_linear(0.0, (LevelTerm("member", "boolean", (0.0, 1.0)),), encoder, Calibrator())


def test_rows_of_another_type_are_refused(scorer):
    table = made.prepared()
    at = table.column_names.index("age")
    with pytest.raises(ContractError, match="'age', row 1: 'x'"):
        scorer.score(table.set_column(at, "age", pa.array(["x"] * table.num_rows)))


def test_reasons_are_the_largest_contributions_and_the_values_as_they_stand():
    found = Contributions(("a", "b", "c"), np.array([[0.1, -2.0, 0.1], [0.0, 0.0, 0.5]]), 0.0)
    table = pa.table({"c": [True, None], "b": ["x", "y"], "a": [1.5, 2.5]})
    assert reasons(found, table, 2) == [[Reason("b", "x", -2.0), Reason("a", 1.5, 0.1)], [Reason("c", None, 0.5)]]
    assert reasons(found, table, 0) == [[], []]
