"""contract.yaml says what is enforced, and what it allows is scored."""

import numpy as np
import pyarrow as pa
import pytest
import yaml

from scoring.contract import ARROW, surprises, validate
from scoring.errors import ContractError

LOGICAL = {"number": "number", "category": "string", "boolean": "boolean"}


@pytest.fixture(scope="module")
def document(folder) -> dict:
    return yaml.safe_load((folder / "contract.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(bundle) -> pa.Table:
    return bundle.golden_table("golden/rows.parquet")


def test_the_standard_and_the_enforced_contract_say_the_same(bundle, document):
    assert (document["kind"], document["apiVersion"]) == ("DataContract", "v3.1.0")
    tables = {one["name"]: one["properties"] for one in document["schema"]}
    told = [(one["name"], one["logicalType"]) for one in tables["decision_row"]]
    assert told == [(one.name, LOGICAL[one.kind]) for one in bundle.contract.columns]
    for source in bundle.sources:
        assert {one["name"]: one["physicalType"] for one in tables[source.table]} == dict(source.columns)


def test_every_file_that_the_config_names_is_there(folder):
    config = yaml.safe_load((folder / "bundle.yaml").read_text(encoding="utf-8"))
    assert config["format"] == 1
    named = [*config["preparation"], *config["model"]["files"], *config["evidence"], config["policy"]]
    assert all((folder / path).is_file() for path in [*named, *config["contract"].values()])


def test_the_order_of_columns_and_further_columns_change_nothing(bundle, rows):
    turned = rows.select(rows.column_names[::-1]).append_column("one more", pa.nulls(rows.num_rows))
    assert (bundle.scorer.score(turned) == bundle.scorer.score(rows)).all()


def test_a_row_without_a_column_is_refused_and_each_is_named(bundle, rows):
    names = [column.name for column in bundle.contract.columns]
    with pytest.raises(ContractError) as error:
        validate(rows.drop_columns(names), bundle.contract)
    assert all(repr(name) in error.value.problem for name in names)


def test_nothing_but_nulls_is_scored(bundle):
    columns = bundle.contract.columns
    empty = pa.table({column.name: pa.nulls(3, ARROW[column.kind]) for column in columns})
    score = bundle.scorer.score(empty)
    assert np.isfinite(score).all()
    assert (score == score[0]).all()


def test_levels_that_were_never_seen_are_scored_as_missing_and_counted(bundle, rows):
    categories = [column for column in bundle.contract.columns if column.kind == "category"]
    unseen, missing = rows, rows
    for column in categories:
        at = rows.column_names.index(column.name)
        unseen = unseen.set_column(at, column.name, pa.array(["no such level"] * rows.num_rows))
        missing = missing.set_column(at, column.name, pa.nulls(rows.num_rows, pa.string()))
    assert (bundle.scorer.score(unseen) == bundle.scorer.score(missing)).all()
    counted = surprises(unseen, bundle.contract)
    assert all(counted[column.name]["unseen"] == rows.num_rows for column in categories if column.levels)
