import pytest

from core.prepare import Recipe, Step, window_without_bound


def found(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    recipe = Recipe(tuple(Step(name, sql) for name, sql in steps))
    return [(one.step, one.function) for one in window_without_bound(recipe, ["bookings", "weather"])]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT *, avg(x) OVER (PARTITION BY c) AS a FROM bookings",
        "SELECT *, avg(x) OVER (PARTITION BY c ORDER BY t ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) AS a FROM bookings",
        "SELECT *, avg(x) OVER (ORDER BY t ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS a FROM bookings",
        "SELECT *, lead(x) OVER (PARTITION BY c ORDER BY t) AS a FROM bookings",
        "SELECT *, row_number() OVER (PARTITION BY c ORDER BY t DESC) AS a FROM bookings",
        "SELECT c, avg(x) AS a FROM bookings GROUP BY c",
        "SELECT b.*, s.a FROM bookings b JOIN (SELECT c, avg(x) AS a FROM bookings GROUP BY c) s USING (c)",
        "WITH s AS (SELECT c, avg(x) AS a FROM bookings GROUP BY c) SELECT b.*, s.a FROM bookings b JOIN s USING (c)",
        "SELECT *, (SELECT avg(x) FROM bookings) AS a FROM bookings",
        "SELECT *, x - (SELECT avg(x) FROM bookings p WHERE p.x > 0) AS a FROM bookings",
        "SELECT * FROM bookings QUALIFY count(*) OVER (PARTITION BY c) > 1",
    ],
)
def test_a_window_or_aggregate_over_the_decision_rows_without_a_bound_is_found(sql: str):
    assert [step for step, _ in found(("made", sql))] == ["made"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM bookings",
        "SELECT *, lag(x) OVER (PARTITION BY c ORDER BY t) AS a FROM bookings",
        "SELECT *, avg(x) OVER (PARTITION BY c ORDER BY t) AS a FROM bookings",
        "SELECT *, avg(x) OVER (ORDER BY t RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING) AS a "
        "FROM bookings",
        "SELECT *, count(*) OVER (ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS a FROM bookings",
        "SELECT *, (SELECT avg(p.x) FROM bookings p WHERE p.c = b.c AND p.t < b.t) AS a FROM bookings b",
        "SELECT b.*, w.a FROM bookings b JOIN (SELECT day, avg(temp) AS a FROM weather GROUP BY day) w USING (day)",
        "SELECT list_sum([x, y]) AS a, greatest(x, y) AS b FROM bookings",
    ],
)
def test_bounded_windows_and_side_tables_are_left_alone(sql: str):
    assert found(("made", sql)) == []


def test_the_decision_rows_are_followed_back_through_the_steps():
    steps = (
        ("clean", "SELECT * FROM bookings WHERE x > 0"),
        ("rates", "SELECT c, avg(x) AS rate FROM clean GROUP BY c"),
        ("climate", "SELECT day, avg(temp) AS mean FROM weather GROUP BY day"),
        ("final", "SELECT clean.*, rate, mean FROM clean JOIN rates USING (c) JOIN climate USING (day)"),
    )
    assert found(*steps) == [("rates", "avg")]
