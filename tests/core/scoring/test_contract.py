import decimal

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ContractError, FormatError
from core.scoring.contract import ColumnSpec, DecisionRowContract, surprises, validate
from core.scoring.jsonfile import from_bytes, to_bytes

CONTRACT = DecisionRowContract(
    1,
    (
        ColumnSpec("age", "number", False, low=18.0, high=80.0, availability="before"),
        ColumnSpec("place", "category", True, levels=("north", "south")),
        ColumnSpec("member", "boolean", True),
    ),
)


def rows(**columns):
    whole = {"age": [30.0, 40.0], "place": ["north", None], "member": [True, None], **columns}
    return pa.table(whole)


def test_a_contract_survives_json():
    assert DecisionRowContract.from_json(from_bytes(to_bytes(CONTRACT.to_json()), "contract")) == CONTRACT


@pytest.mark.parametrize("content", [{}, {"format": 2, "columns": []}, {"format": 1, "columns": [{"name": "x"}]}])
def test_another_format_or_none_is_refused(content):
    with pytest.raises(FormatError):
        DecisionRowContract.from_json(content)


def test_columns_come_out_in_the_order_and_the_types_of_the_contract():
    table = pa.table({"more": [1, 2], "member": [0, 1], "place": [7, 8], "age": [decimal.Decimal("1.5"), None]})
    checked = validate(table, CONTRACT)
    assert checked.schema.types == [pa.float64(), pa.string(), pa.bool_()]
    assert checked.to_pydict() == {"age": [1.5, None], "place": ["7", "8"], "member": [False, True]}


def test_text_in_a_dictionary_and_columns_of_nothing_but_nulls_are_taken():
    table = rows(place=pa.array(["north", "x"]).dictionary_encode(), age=pa.nulls(2), member=pa.nulls(2, pa.string()))
    assert validate(table, CONTRACT).to_pydict()["place"] == ["north", "x"]


def test_every_missing_column_is_named():
    with pytest.raises(ContractError, match=r"Missing: 'age', 'member'\."):
        validate(pa.table({"place": ["x"]}), CONTRACT)


def test_the_first_bad_value_of_every_wrong_column_is_named():
    with pytest.raises(ContractError) as error:
        validate(rows(age=[None, "old"], place=[1.5, 2.5], member=[0, 2]), CONTRACT)
    assert "'age', row 2: 'old' is not a number." in error.value.problem
    assert "'place', row 1: 1.5 is not text." in error.value.problem
    assert "'member', row 2: 2 is not true or false." in error.value.problem


@pytest.mark.parametrize("wrong", [[True, False], ["1", "2"], [[1.0], [2.0]]])
def test_only_numbers_are_numbers(wrong):
    with pytest.raises(ContractError):
        validate(rows(age=wrong), CONTRACT)


def test_what_training_has_not_seen_is_counted():
    table = pa.table(
        {
            "age": [None, np.nan, np.inf, 10.0, 90.0, 50.0],
            "place": ["north", "mars", None, "mars", "south", ""],
            "member": [None] * 6,
        }
    )
    assert surprises(table, CONTRACT) == {
        "age": {"missing": 1, "not_finite": 2, "below": 1, "above": 1},
        "place": {"unseen": 3},
    }


def test_rows_like_those_of_training_surprise_nobody():
    assert surprises(rows(), CONTRACT) == {}
    assert surprises(rows().slice(0, 0), CONTRACT) == {}
