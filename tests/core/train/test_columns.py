"""Which columns a model may read, and why not the others."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa

from core.train.columns import column_specs

N = 200


def table() -> pa.Table:
    return pa.table(
        {
            "amount": np.append(np.arange(N - 1, dtype=float), 9e9),
            "price": pa.array([Decimal("1.50"), None] * (N // 2)),
            "colour": pa.array(["red", "blue"] * (N // 2)).dictionary_encode(),
            "flag": pa.array([True, False] * (N // 2)),
            "after": np.arange(N),
            "day": pa.array([dt.date(2024, 1, 1)] * N),
            "tags": pa.array([["a"]] * N),
            "nothing": pa.array([None] * N, type=pa.float64()),
            "always": pa.array(["x"] * N),
            "name": pa.array([f"person {i}" for i in range(N)]),
            "target": np.arange(N) % 2,
        }
    )


def test_columns_get_their_kind_range_and_levels_from_training_rows_alone():
    training = np.arange(N) < N - 1
    found = column_specs(table(), training, {"after": "after", "flag": "before"}, exclude=["target"])
    by_name = {column.name: column for column in found.columns}
    assert list(by_name) == ["amount", "price", "colour", "flag"]
    assert [by_name[name].kind for name in by_name] == ["number", "number", "category", "boolean"]
    assert (by_name["amount"].low, by_name["amount"].high) == (0.0, N - 2.0)
    assert by_name["colour"].levels == ("blue", "red")
    assert (by_name["price"].nullable, by_name["amount"].nullable) == (True, False)
    assert (by_name["flag"].availability, by_name["amount"].availability) == ("before", "unknown")


def test_every_unused_column_says_why():
    found = column_specs(table(), np.ones(N, dtype=bool), {"after": "after"}, exclude=["target"])
    reasons = {column.name: column.reason for column in found.unused}
    assert list(reasons) == ["after", "day", "tags", "nothing", "always", "name"]
    assert reasons["after"] == "known only after the decision"
    assert "date" in reasons["day"]
    assert "list" in reasons["tags"]
    assert "empty" in reasons["nothing"]
    assert "same value" in reasons["always"]
    assert "200 different values" in reasons["name"]


def test_a_value_filled_only_in_the_holdout_does_not_make_a_feature():
    values = pa.array([None] * 100 + ["a", "b"] * 50, type=pa.string())
    found = column_specs(pa.table({"late": values}), np.arange(N) < 100, {})
    assert not found.columns
    assert found.unused[0].reason == "empty in every training row"


def test_infinite_numbers_stay_out_of_the_range():
    found = column_specs(pa.table({"x": [1.0, np.inf, 2.0, -np.inf]}), np.ones(4, dtype=bool), {})
    assert (found.columns[0].low, found.columns[0].high) == (1.0, 2.0)
