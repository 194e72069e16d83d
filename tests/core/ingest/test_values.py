from datetime import date, datetime

import duckdb
import pytest

from core.ingest import ReaderSettings, read_source


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


@pytest.fixture
def read(tmp_path, connection):
    """Read one column "v" beside a column of row numbers; return its type, its values and what was assumed of it."""

    def reading(*values: str, **settings: object):
        rows = "".join(f"{number};{value}\n" for number, value in enumerate(values, start=1))
        (tmp_path / "a.csv").write_text(f"n;v\n{rows}", encoding="utf-8")
        stated = ReaderSettings(delimiter=";", header=True, **settings)
        source = read_source(tmp_path / "a.csv", connection, stated)
        found = connection.execute(f'SELECT v FROM "{source.table}"').fetchall()
        said = [one for one in source.assumed if one.what in ("numbers", "dates", "missing")]
        return source.columns[1].type, [value for (value,) in found], said

    return reading


@pytest.mark.parametrize(
    ("values", "kind", "meant"),
    [
        (("1.234,5", "0,25", "-3"), "DOUBLE", [1234.5, 0.25, -3.0]),
        (("1,234.5", "12", "0.5"), "DOUBLE", [1234.5, 12.0, 0.5]),
        (("1 234,5", "12,25", "1"), "DOUBLE", [1234.5, 12.25, 1.0]),
        (("1\u202f234,5", "12,25", "1"), "DOUBLE", [1234.5, 12.25, 1.0]),
        (("1'234", "12", "1'234'567"), "BIGINT", [1234, 12, 1234567]),
        (("1,234,567", "12"), "BIGINT", [1234567, 12]),
        (("1.234.567", "12"), "BIGINT", [1234567, 12]),
        (("12,5", "3,25"), "DOUBLE", [12.5, 3.25]),
        (("12 %", "3 %"), "BIGINT", [12, 3]),
        (("12.5%", "-3%"), "DOUBLE", [12.5, -3.0]),
        (("$1,234.50", "-$3.00"), "DOUBLE", [1234.5, -3.0]),
        (("5 €", "1.250,99 €"), "DOUBLE", [5.0, 1250.99]),
    ],
)
def test_marks_within_numbers_are_found_out_and_said(read, values, kind, meant):
    found, got, said = read(*values)
    assert (found, got) == (kind, meant)
    assert [one.what for one in said] == ["numbers"]


@pytest.mark.parametrize(
    "values",
    [
        ("1,234", "2,500"),  # thousands, or three decimals
        ("$5", "5 €"),  # two currencies
        ("007", "012"),  # a code
        ("1,23,456", "1"),
        ("12345678901234567890", "1"),  # as a DOUBLE it would become another one
        ("9007199254740993", "1.5"),
        ("nan", "1.5"),
        ("inf", "1"),
        ("1e999", "1"),
        ("1_000", "2"),
        ("0x10", "2"),
        ("31/12/24", "30/12/24"),  # of which century?
        ("31/12/2024", "12/31/2024"),
        ("31/02/2024", "01/02/2024"),
        ("2024-02-30", "2024-02-01"),
        ("yes", "no"),
        ("12:30", "13:45"),
    ],
)
def test_what_is_not_certain_stays_the_text_that_it_is(read, values):
    found, got, _ = read(*values)
    assert (found, tuple(got)) == ("VARCHAR", values)


def test_a_column_of_values_that_can_be_read_in_two_ways_says_so_and_a_setting_decides(read):
    _, _, said = read("1,234", "2,500")
    assert said[0].value == "v: text"
    assert "'1,234'" in said[0].why
    assert read("1,234", "2,500", decimal=".")[:2] == ("BIGINT", [1234, 2500])
    assert read("1,234", "2,500", decimal=",")[:2] == ("DOUBLE", [1.234, 2.5])
    assert read("1,234", "2,500", thousands=",")[:2] == ("BIGINT", [1234, 2500])
    assert read("1.234", "2.500", decimal=",")[:2] == ("BIGINT", [1234, 2500])
    assert read("1.234", "2.500")[:2] == ("DOUBLE", [1.234, 2.5])


def test_a_comma_before_three_digits_parts_thousands_when_smaller_numbers_do_without(read):
    values = [f"{thousand},{rest:03}" for thousand in range(1, 6) for rest in (0, 5, 120, 999)]
    assert read(*values)[0] == "VARCHAR"
    kind, got, _ = read(*values, "7", "950")
    assert (kind, got[0], got[-2:]) == ("BIGINT", 1000, [7, 950])


@pytest.mark.parametrize(
    ("values", "kind", "meant"),
    [
        (("31/12/2024", "01/02/2024"), "DATE", [date(2024, 12, 31), date(2024, 2, 1)]),
        (("12/31/2024", "1/2/2024"), "DATE", [date(2024, 12, 31), date(2024, 1, 2)]),
        (("31.12.2024", "01.02.2024"), "DATE", [date(2024, 12, 31), date(2024, 2, 1)]),
        (("2024/12/31", "2024/1/2"), "DATE", [date(2024, 12, 31), date(2024, 1, 2)]),
        (
            ("31.12.2024 23:15", "01.02.2024 07:00:30"),
            "TIMESTAMP",
            [datetime(2024, 12, 31, 23, 15), datetime(2024, 2, 1, 7, 0, 30)],
        ),
        (
            ("12/31/2024 11:15 PM", "1/2/2024 12:00 am"),
            "TIMESTAMP",
            [datetime(2024, 12, 31, 23, 15), datetime(2024, 1, 2, 0, 0)],
        ),
    ],
)
def test_the_order_of_day_and_month_is_decided_by_the_values(read, values, kind, meant):
    assert read(*values)[:2] == (kind, meant)


def test_one_value_beyond_the_first_ten_thousand_decides_the_order_of_day_and_month(read):
    values = ["03/04/2024"] * 12_000
    kind, _, said = read(*values)
    assert kind == "VARCHAR"
    assert said[0].value == "v: text"
    kind, got, said = read(*values, "13/04/2024")
    assert (kind, got[0]) == ("DATE", date(2024, 4, 3))
    assert said[0].why.startswith("1 of its 12,001 values, such as '13/04/2024'")
    kind, got, said = read(*values, day_first=False)
    assert (kind, got[0], said) == ("DATE", date(2024, 3, 4), [])


def test_words_that_mean_no_value_are_named_and_are_missing_when_that_is_said(read):
    values = ["1.5", "N/A", "2", "3", "4", "N/A", "-"]
    kind, got, said = read(*values)
    assert (kind, got) == ("VARCHAR", values)
    assert said[0].value == "v: text"
    assert "'N/A' (2), '-' (1)" in said[0].why
    kind, got, said = read(*values, missing=("N/A", "-"))
    assert (kind, got, said) == ("DOUBLE", [1.5, None, 2.0, 3.0, 4.0, None, None], [])


def test_a_stated_type_is_read_in_whatever_way_the_column_writes_it(read):
    assert read("31/12/2024", "01/02/2024", types={"v": "DATE"})[1][0] == date(2024, 12, 31)
    assert read("1.234,5", "2,5", types={"v": "DOUBLE"})[1] == [1234.5, 2.5]
    assert read("007", "012", types={"v": "BIGINT"})[1] == [7, 12]
