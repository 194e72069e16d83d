import math

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from core.errors import ContractError, FormatError
from core.scoring.__main__ import main
from core.scoring.batch import read_decision_rows, score_prepared, score_sources, source_files, write
from core.scoring.folder import BundleFolder
from core.scoring.policy import Capacity
from core.scoring.verify import refuse_unless_proved, verify
from tests.bundle import made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made.made(tmp_path_factory.mktemp("built"), "linear")[0]


@pytest.fixture(scope="module")
def bundle(folder) -> BundleFolder:
    return BundleFolder.open(folder)


@pytest.fixture
def tables(tmp_path):
    pa_csv.write_csv(made.sources()["customers"], tmp_path / "customers.csv")
    pq.write_table(made.sources()["orders"], tmp_path / "orders.parquet")
    return tmp_path


def test_files_of_either_kind_give_the_scores_of_the_prepared_rows(bundle, tables):
    scored = score_sources(bundle, source_files(bundle, tables), n_reasons=2)
    assert scored.column_names == ["id", "score", "action", "expected_gain", "reasons"]
    rows = made.prepared().slice(0, 300)
    assert scored.column("score").to_pylist() == bundle.scorer.score(rows).tolist()
    gain = [score * 80.0 - (1 - score) * 5.0 for score in scored.column("score").to_pylist()]
    assert all(math.isclose(*pair) for pair in zip(scored.column("expected_gain").to_pylist(), gain, strict=True))
    assert all(reason.count(" = ") == 2 for reason in scored.column("reasons").to_pylist())


def test_acts_are_counted_a_day_across_batches(bundle):
    rows = made.prepared().slice(0, 300)
    scored = score_prepared(bundle, rows.to_batches(max_chunksize=7))
    acts = {}
    for day, action in zip(rows.column("asked_at").to_pylist(), scored.column("action").to_pylist(), strict=True):
        acts.setdefault(day.date(), []).append(action)
    assert max(day.count("act") for day in acts.values()) == 2
    willing = bundle.scorer.score(rows) >= bundle.policy.threshold
    assert scored.column("action").to_pylist().count("act") < willing.sum()


def test_without_a_unit_key_a_row_has_its_number_and_without_capacity_the_threshold_decides(tmp_path):
    policy = made.replace(made.spec().policy, capacity=None)
    bundle = BundleFolder.open(made.made(tmp_path, "linear", unit_key=(), policy=policy)[0])
    rows = made.prepared().drop_columns(["id", "asked_at", "row_number"])
    scored = score_prepared(bundle, rows.to_batches(max_chunksize=100))
    assert scored.column("row_number").to_pylist() == list(range(1, 304))
    acts = [action == "act" for action in scored.column("action").to_pylist()]
    assert acts == (bundle.scorer.score(rows) >= policy.threshold).tolist()


def test_a_capacity_that_is_first_come_first_served_takes_the_first(tmp_path):
    policy = made.replace(made.spec().policy, capacity=Capacity(1, "day", "arrival"), threshold=0.0)
    bundle = BundleFolder.open(made.made(tmp_path, "linear", policy=policy)[0])
    scored = score_prepared(bundle, made.prepared().slice(0, 16).to_batches())
    assert [row for row, action in enumerate(scored.column("action").to_pylist()) if action == "act"] == [0, 8]


def test_what_cannot_be_scored_is_said(bundle, tables, tmp_path):
    with pytest.raises(ContractError, match="No file for orders"):
        score_sources(bundle, {"customers": tables / "customers.csv"})
    with pytest.raises(ContractError, match="a folder with a file for each of customers, orders"):
        source_files(bundle, tables / "customers.csv")
    pa_csv.write_csv(pa.table({"customer": [1], "amount": ["much"]}), tables / "bad.csv")
    with pytest.raises(ContractError, match="bad.csv"):
        score_sources(bundle, {**source_files(bundle, tables), "orders": tables / "bad.csv"})
    pa_csv.write_csv(pa.table({"customer": [1]}), tables / "lacking.csv")
    with pytest.raises(ContractError, match="lacking.csv lacks 'amount'"):
        score_sources(bundle, {**source_files(bundle, tables), "orders": tables / "lacking.csv"})
    (tables / "empty.parquet").write_bytes(b"")
    with pytest.raises(ContractError, match="empty.parquet"):
        read_decision_rows(tables / "empty.parquet")
    with pytest.raises(ContractError, match="no row"):
        score_prepared(bundle, made.prepared().slice(0, 0).to_batches())
    with pytest.raises(ContractError, match="'asked_at'"):
        score_prepared(bundle, made.prepared().drop_columns(["asked_at"]).to_batches())
    with pytest.raises(FormatError):
        write(pa.table({"x": [1]}), tmp_path / "out.xlsx")


def test_the_command_line_scores_and_says_what_is_wrong(folder, tables, tmp_path, capsys):
    bundle = ["--bundle", str(folder)]
    output = tmp_path / "scores.csv"
    assert main([*bundle, "score", str(tables), "--output", str(output), "--reasons", "1"]) == 0
    assert "300 rows scored" in capsys.readouterr().out
    assert pa_csv.read_csv(output).num_rows == 300
    assert not list(tmp_path.glob("*.partial"))
    for wrong in (
        [str(tables / "none"), "--output", str(output)],
        [str(tables), "--output", str(folder / "scores.csv")],
        [str(tables), "--output", str(tmp_path / "no folder" / "scores.csv")],
        [str(tables), "--output", str(output), "--reasons", "-1"],
    ):
        assert main([*bundle, "score", *wrong]) == 2
        assert capsys.readouterr().err.strip()


def test_the_cheap_layers_are_enough_to_score(folder):
    report = refuse_unless_proved(folder)
    assert {layer.name for layer in report.layers if layer.ok is None} == {"preparation", "reasons"}
    assert verify(folder).ok
