"""What a profile says besides counts: of numbers, times and text, along the outcome and along time."""

import duckdb
import pytest

from core.ingest.column_types import columns_of
from core.quality import Profile, Rate, TargetExpr, profile


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


@pytest.fixture
def profiled(connection):
    def profiling(select: str, target: str | None = None, **given: str) -> Profile:
        connection.execute(f"CREATE OR REPLACE TABLE t AS {select}")
        chosen = TargetExpr("y", target) if target else None
        return profile(connection, "t", columns_of(connection, "t"), target=chosen, **given)

    return profiling


def test_numbers_say_how_they_end_and_what_lies_far_out(profiled):
    facts = (
        profiled(
            "SELECT unnest([-1, -1, 0, 0.5, 9000, NULL] || ['inf', 'nan']::DOUBLE[] || range(1, 101)::DOUBLE[]) AS x"
        )
        .column("x")
        .number
    )
    assert (facts.n_not_finite, facts.n_negative, facts.n_zero) == (2, 2, 1)
    assert facts.n_whole == 104
    assert (facts.n_lowest, facts.next_lowest, facts.n_highest, facts.next_highest) == (2, 0.0, 1, 100.0)
    assert (facts.n_far_low, facts.n_far_high) == (0, 1)
    assert dict(facts.magnitudes) == {-1: 1, 0: 11, 1: 90, 2: 1, 3: 1}


def test_times_say_their_gaps_and_how_fresh_they_are(profiled):
    found = profiled(
        "SELECT DATE '2013-01-07' + CAST(CASE WHEN range < 14 THEN range ELSE range + 20 END AS INTEGER) AS d, "
        "TIMESTAMP '2013-01-07 08:00' + INTERVAL (range) HOUR AS at FROM range(28)"
    )
    facts = found.column("d").dates
    assert (facts.n_days, facts.n_days_with_rows, facts.n_midnight) == (48, 28, 28)
    assert (facts.longest_gap_seconds, facts.gap_from, facts.gap_to) == (
        21 * 86_400,
        "2013-01-20T00:00:00",
        "2013-02-10T00:00:00",
    )
    assert facts.median_gap_seconds == 86_400
    assert facts.empty_days_share == pytest.approx(20 / 48)
    assert facts.lag_seconds == 0
    assert sum(facts.weekdays) == 28
    hourly = found.column("at").dates
    assert (hourly.n_days, hourly.n_midnight, hourly.median_gap_seconds) == (2, 1, 3600)
    assert hourly.weekdays == (16, 12, 0, 0, 0, 0, 0)
    assert hourly.lag_seconds == 45 * 86_400 + 13 * 3600


def test_times_without_an_end_are_counted_and_left_out(profiled):
    one = profiled("SELECT unnest([TIMESTAMP '2013-01-01', TIMESTAMP 'infinity', NULL]) AS at").column("at")
    assert (one.n_missing, one.n_distinct, one.number.n_not_finite, one.maximum) == (1, 2, 1, "2013-01-01T00:00:00")


def test_zoned_times_and_nanoseconds_are_told_in_utc(profiled, connection):
    connection.execute("SET TimeZone = 'UTC'")
    found = profiled(
        "SELECT TIMESTAMPTZ '2013-01-01 02:00:00+02' AS z, TIMESTAMP_NS '2013-01-01 00:00:00.123456789' AS n "
        "FROM range(3)"
    )
    assert found.column("z").minimum == "2013-01-01T00:00:00"
    assert found.column("z").top[0][:2] == ("2013-01-01 00:00:00+00", 3)
    assert found.column("n").minimum == "2013-01-01T00:00:00"


def test_text_says_its_shapes_lengths_and_what_they_look_like(profiled):
    facts = (
        profiled(
            "SELECT CASE WHEN range % 10 = 0 THEN 'Müller 7' ELSE 'AB-' || (100 + range % 500) END s FROM range(1000)"
        )
        .column("s")
        .text
    )
    assert facts.shapes == (("AA-999", 900, 450, "AB-101"), ("Aaaaaa 9", 100, 1, "Müller 7"))
    assert (facts.n_shapes, facts.shortest, facts.longest) == (2, 6, 8)
    assert facts.mean_length == pytest.approx(6.2)
    assert (facts.first, facts.last) == ("AB-101", "Müller 7")


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("mail", ["ann.lee+x@mail.example.org", "A1@b-c.de"], ["ann at example", "@x", "a@b"]),
        ("telephone", ["+49 30 1234567", "(030) 123-4567", "030/123 4567", "+4930123456"], ["2013", "12-3", "1.5"]),
        ("IP address", ["192.168.0.1"], ["1.2.3"]),
        ("UUID", ["3f2504e0-4f89-11d3-9a0c-0305e82c3301"], ["3f2504e0"]),
        ("bank account", ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00"], ["DE89"]),
        ("decimal comma", ["1,5", "-12.345,67"], ["1,234", "1.5"]),
        ("number with a unit", ["12.0 oz", "5%", "$ 12.50", "30cm"], ["12", "oz", "a12"]),
        ("web address", ["https://example.org/a", "www.example.org"], ["example"]),
    ],
)
def test_what_a_text_is_can_be_told_by_its_shape(profiled, name: str, yes: list[str], no: list[str]):
    listed = ", ".join(f"'{value}'" for value in yes + no)
    facts = profiled(f"SELECT unnest([{listed}]) AS s").column("s").text
    assert dict(facts.patterns).get(name) == len(yes)


def test_the_outcome_along_a_column_is_counted_on_training_rows(profiled):
    found = profiled(
        "SELECT range AS id, range % 1000 AS x, CASE WHEN range % 4 > 0 THEN range % 3 END AS k, "
        "CASE range % 2 WHEN 0 THEN 'a' ELSE 'b' END AS s, range % 1000 >= 500 AS y FROM range(10_000)",
        "y",
        training="id < 5000",
    )
    along = found.column("x").rates
    assert len(along) == 10
    assert [(rate.n, rate.n_training, rate.share) for rate in along] == [(1000, 500, float(i >= 5)) for i in range(10)]
    assert (along[0].low, along[0].high, along[9].high) == (0.0, 100.0, 999.0)
    by_value = found.column("k").rates
    assert [rate.value for rate in by_value] == ["0", "1", "2", None]
    assert by_value[3] == Rate(None, None, None, 2500, 1250, 625)
    assert [(rate.value, rate.n, rate.n_training) for rate in found.column("s").rates] == [
        ("a", 5000, 2500),
        ("b", 5000, 2500),
    ]
    assert found.column("y").rates == ()


def test_early_and_late_rows_and_both_parts_of_the_split_are_counted(profiled):
    found = profiled(
        "SELECT range AS id, CASE WHEN range < 500 THEN 'a' WHEN range < 900 THEN 'b' END AS s, "
        "range % 100 + CASE WHEN range < 500 THEN 0 ELSE 1000 END AS x, range % 5 = 0 AS y, -range AS back "
        "FROM range(1000)",
        "y",
        training="id % 2 = 0",
        order="id",
    )
    s = found.column("s").early_late
    assert (s.labels, s.first, s.second) == (("a", "b", "no value"), (500, 0, 0), (0, 400, 100))
    x = found.column("x")
    assert (x.early_late.first_mean, x.early_late.second_mean) == (49.5, 1049.5)
    assert (sum(x.early_late.first), sum(x.early_late.second)) == (500, 500)
    assert (x.train_holdout.first_mean, x.train_holdout.second_mean) == (549, 550)
    assert found.column("id").early_late is None
    assert (found.early_outcome, found.late_outcome) == ((250, 50), (250, 50))
    assert {column.name for column in found.columns if column.follows_order} == {"back"}


def test_what_follows_the_order_but_for_one_row_does_not_follow_it(profiled):
    x = "CASE WHEN range = 150001 THEN 0 ELSE range // 10 END"
    found = profiled(f"SELECT range AS at, {x} AS x, range // 7 AS z FROM range(200_000)", order="at")
    assert not found.column("x").follows_order
    assert found.column("z").follows_order


def test_without_an_order_or_a_split_nothing_is_said_of_them(profiled):
    one = profiled("SELECT range AS x, range % 2 = 0 AS y FROM range(100)", "y").column("x")
    assert (one.early_late, one.train_holdout, one.follows_order) == (None, None, False)
