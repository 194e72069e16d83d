import pytest

from core.errors import ContractError
from core.scoring.contract import ColumnSpec, DecisionRowContract, validate
from core.scoring.rows import MAX_ROWS, table_from_rows

CONTRACT = DecisionRowContract(
    1,
    (ColumnSpec("age", "number", True), ColumnSpec("place", "category", True), ColumnSpec("member", "boolean", True)),
)
ROW = {"age": 30, "place": "north", "member": True}


def test_rows_become_the_contracts_columns():
    table = table_from_rows([ROW, {"member": 0, "place": 7, "age": None, "id": 1}, dict.fromkeys(ROW)], CONTRACT)
    assert table.to_pydict() == {
        "age": [30.0, None, None],
        "place": ["north", "7", None],
        "member": [True, False, None],
    }
    assert validate(table, CONTRACT) == table


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({}, "list of 1 to"),
        ([], "list of 1 to"),
        ([ROW] * (MAX_ROWS + 1), "list of 1 to"),
        (["x"], "Row 1 is 'x'"),
        ([ROW, {"age": 1}], "Row 2 lacks 'place', 'member'"),
        ([ROW, {**ROW, "age": "old"}], "'age', row 2: 'old' is not a number"),
        ([{**ROW, "age": True}], "'age', row 1: True is not a number"),
        ([{**ROW, "age": 10**400}], "'age', row 1"),
        ([{**ROW, "place": 1.5}], "'place', row 1: 1.5 is not text"),
        ([{**ROW, "place": "\ud800"}], "not Unicode"),
        ([{**ROW, "member": "yes"}], "'member', row 1: 'yes' is not true or false"),
        ([{**ROW, "member": 2}], "'member', row 1: 2 is not"),
        ([{**ROW, "age": [1], "place": {}}], r"'age', row 1: \[1\] is not a number. 'place', row 1: {} is not text"),
    ],
)
def test_what_is_wrong_is_named(rows, said):
    with pytest.raises(ContractError, match=said):
        table_from_rows(rows, CONTRACT)
