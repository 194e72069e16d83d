import datetime as dt

import pytest

from core.errors import SqlError

TEXTS = ["1,234.5", " 7 ", "1.234,5", "x", None, "-1e3", "12,34", "1,234,567"]


@pytest.fixture(autouse=True)
def table(engine) -> None:
    engine.execute("CREATE TABLE t (n INTEGER, v VARCHAR, day VARCHAR, d DOUBLE)")
    engine.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?)", [(n, text, "31.12.2024", n / 4) for n, text in enumerate(TEXTS)]
    )


@pytest.mark.parametrize(
    ("to", "decimal", "expected"),
    [
        ("number", "point", [1234.5, 7, None, None, None, -1000, None, 1234567]),
        ("number", "comma", [None, 7, 1234.5, None, None, -1000, 12.34, None]),
        ("whole", "point", [None, 7, None, None, None, None, None, 1234567]),
    ],
)
def test_only_numbers_written_as_the_form_says_are_read(run, notes, to, decimal, expected):
    found = run("cast", "n", source="t", columns=["v"], to=to, decimal=decimal)
    assert [row["v"] for row in found] == expected
    n_lost = sum(value is None for value in expected) - 1
    (note,) = notes("cast", source="t", columns=["v"], to=to, decimal=decimal)
    assert note.sentence == f"{n_lost} of 7 values of v cannot be read and become missing."
    assert "x" in note.examples


def test_dates_are_read_by_their_pattern(run, notes):
    found = run("cast", "n", source="t", columns=["day"], to="date", pattern="%d.%m.%Y")
    assert found[0]["day"] == dt.date(2024, 12, 31)
    assert notes("cast", source="t", columns=["day"], to="date", pattern="%m.%d.%Y")[0].severity == "warning"


def test_a_number_stays_the_number_it_is(run):
    assert [row["d"] for row in run("cast", "n", source="t", columns=["d"], to="number", decimal="comma")][:3] == [
        0,
        0.25,
        0.5,
    ]


def test_columns_get_their_new_names_in_order(run):
    found = run("rename", source="t", columns=["v", "day"], names=["a b", "order"])
    assert list(found[0]) == ["n", "a b", "order", "d"]
    for names in (["d", "e"], ["x"], ["x", "X"]):
        with pytest.raises(SqlError):
            run("rename", source="t", columns=["v", "day"], names=names)


def test_columns_are_left_out_and_the_reason_cannot_end_its_comment(run):
    found = run("drop_columns", source="t", columns=["v"], why="a\nSELECT 1; --")
    assert list(found[0]) == ["n", "day", "d"]
    with pytest.raises(SqlError, match="No column would be left"):
        run("drop_columns", source="t", columns=["n", "v", "day", "d"])
