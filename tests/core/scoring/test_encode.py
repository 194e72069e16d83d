import numpy as np
import pyarrow as pa
import pytest

from core.errors import FormatError
from core.scoring.contract import ColumnSpec
from core.scoring.encode import EncodedColumn, Encoder

COLUMNS = (
    ColumnSpec("age", "number", True),
    ColumnSpec("place", "category", True),
    ColumnSpec("member", "boolean", True),
)


def test_levels_are_learnt_from_the_rows_that_are_given():
    table = pa.table({"age": [1, 2, 3, 4], "place": ["b", "a", "b", None], "member": [True, None, False, True]})
    encoder = Encoder.fit(table, COLUMNS)
    assert encoder.columns[1].levels == ("a", "b")
    expected = np.array([[1, 1, 1], [2, 0, np.nan], [3, 1, 0], [4, np.nan, 1]], dtype=np.float32)
    assert np.array_equal(encoder.encode(table), expected, equal_nan=True)
    assert encoder.encode(table).dtype == np.float32
    assert encoder.feature_types == ["q", "c", "q"]


def test_the_most_frequent_levels_are_kept_and_ties_go_by_name():
    table = pa.table({"place": ["c", "c", "b", "a", "d"]})
    assert Encoder.fit(table, COLUMNS[1:2], max_levels=2).columns[0].levels == ("a", "c")


def test_a_level_that_was_not_learnt_is_missing():
    encoder = Encoder((EncodedColumn("place", "category", ("a", "b")),))
    coded = encoder.encode(pa.table({"place": ["b", "z", "", None]}))[:, 0]
    assert np.array_equal(coded, [1, np.nan, np.nan, np.nan], equal_nan=True)


def test_numbers_out_of_single_precision_stay_finite_and_those_not_finite_are_missing():
    encoder = Encoder((EncodedColumn("age", "number"),))
    coded = encoder.encode(pa.table({"age": [1e300, -1e300, np.inf, -np.inf, np.nan]}))[:, 0]
    largest = np.finfo(np.float32).max
    assert np.array_equal(coded, [largest, -largest, np.nan, np.nan, np.nan], equal_nan=True)


def test_an_encoder_survives_its_file():
    encoder = Encoder((EncodedColumn("âge", "number"), EncodedColumn('p"l', "category", ("", "x"))))
    again = Encoder.from_bytes(encoder.to_bytes())
    assert again == encoder
    assert again.to_bytes() == encoder.to_bytes()


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"format": 2}', b"\xff\xfe"])
def test_a_damaged_file_is_refused_by_name(raw):
    with pytest.raises(FormatError, match=r"model/encoder\.json"):
        Encoder.from_bytes(raw)
