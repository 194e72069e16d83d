import pytest

from core.prepare import Recipe, Step, depends_on_other_rows
from core.prepare.dependence import decision_tables

TABLES = ["bookings", "more", "weather"]


def recipe(*steps: tuple[str, str]) -> Recipe:
    return Recipe(tuple(Step(name, sql) for name, sql in steps))


def found(*steps: tuple[str, str], key: tuple[str, ...] = ("id",)) -> list[tuple[str, str]]:
    return [(one.step, one.what) for one in depends_on_other_rows(recipe(*steps), TABLES, key)]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT *, avg(x) OVER (PARTITION BY c ORDER BY t) AS a FROM bookings", "avg OVER"),
        ("SELECT *, lag(x) OVER (PARTITION BY c ORDER BY t) AS a FROM bookings", "lag OVER"),
        ("SELECT *, row_number() OVER () AS n FROM bookings", "row_number OVER"),
        ("SELECT * FROM bookings QUALIFY row_number() OVER (PARTITION BY c ORDER BY t) = 1", "row_number OVER"),
        ("SELECT DISTINCT c FROM bookings", "DISTINCT"),
        ("SELECT DISTINCT ON (c) * FROM bookings", "DISTINCT"),
        ("SELECT * FROM bookings ORDER BY t LIMIT 100", "LIMIT"),
        ("SELECT c, x FROM bookings UNION SELECT c, x FROM more", "UNION"),
        ("SELECT * FROM bookings EXCEPT SELECT * FROM more", "EXCEPT"),
        ("SELECT * FROM bookings WHERE x > (SELECT avg(x) FROM bookings)", "a query in the query"),
        ("SELECT * FROM bookings WHERE c IN (SELECT c FROM bookings WHERE x > 1)", "a query in the query"),
        ("SELECT b.*, p.x AS y FROM bookings b JOIN bookings p ON p.c = b.c AND p.t < b.t", "JOIN"),
        ("SELECT b.*, s.a FROM bookings b JOIN (SELECT c, avg(x) AS a FROM bookings GROUP BY c) s USING (c)", "JOIN"),
        (
            "SELECT b.*, h.n FROM bookings b LEFT JOIN LATERAL "
            "(SELECT count(*) AS n FROM bookings e WHERE e.c = b.c AND e.t < b.t) h ON true",
            "JOIN",
        ),
        (
            "WITH s AS (SELECT c, count(*) AS n FROM bookings GROUP BY c) SELECT * FROM bookings JOIN s USING (c)",
            "JOIN",
        ),
        ("SELECT c, sum(x) AS x FROM bookings GROUP BY ALL", "GROUP BY"),
        ("SELECT c FROM (SELECT * FROM bookings) GROUP BY 1", "GROUP BY"),
    ],
)
def test_what_looks_at_other_decisions_is_found(sql: str, what: str):
    assert ("made", what) in found(("made", sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT *, x + 1 AS y FROM bookings WHERE x > 0 ORDER BY t",
        "SELECT * FROM bookings UNION ALL SELECT * FROM more",
        "SELECT b.*, w.temp FROM bookings b LEFT JOIN weather w ON w.day = b.day",
        "SELECT b.*, w.a FROM bookings b JOIN (SELECT day, avg(temp) AS a FROM weather GROUP BY day) w USING (day)",
        "SELECT b.*, w.n FROM bookings b LEFT JOIN LATERAL "
        "(SELECT count(*) AS n FROM weather e WHERE e.day < b.day) w ON true",
        "SELECT *, (SELECT max(temp) FROM weather w WHERE w.day < b.day) AS hottest FROM bookings b",
        "SELECT * FROM bookings b WHERE day IN (SELECT day FROM weather ORDER BY temp LIMIT 3)",
        "SELECT list_sum([x, y]) AS a, greatest(x, y) AS b FROM bookings",
        # One decision is made of several rows of its own.
        "SELECT id, count(*) AS n, max(x) AS x FROM bookings GROUP BY id",
        "SELECT id AS booking, count(*) AS n FROM bookings GROUP BY 1",
        "SELECT id, sum(x) AS x FROM bookings GROUP BY ALL",
        "SELECT *, sum(x) OVER (PARTITION BY id ORDER BY t) AS so_far FROM bookings",
        "SELECT DISTINCT id, c FROM bookings",
        "SELECT b.*, p.y FROM bookings b JOIN (SELECT id, x AS y FROM bookings) p USING (id)",
        "SELECT b.*, p.y FROM bookings b JOIN (SELECT id, x AS y FROM bookings) p ON p.id = b.id",
    ],
)
def test_lookups_and_what_stays_within_one_unit_are_left_alone(sql: str):
    assert found(("made", sql)) == []


def test_without_a_key_every_aggregate_over_the_decision_rows_counts():
    assert found(("made", "SELECT id, count(*) AS n FROM bookings GROUP BY id"), key=()) == [
        ("made", "GROUP BY"),
        ("made", "count"),
    ]


def test_a_side_step_made_of_the_decision_rows_counts_and_one_that_nobody_reads_does_not():
    steps = (
        ("clean", "SELECT * FROM bookings WHERE x > 0"),
        ("part", "SELECT c, x FROM bookings"),
        ("rates", "SELECT c, avg(x) AS rate FROM part GROUP BY c"),
        ("climate", "SELECT day, avg(temp) AS mean FROM weather GROUP BY day"),
        ("aside", "SELECT count(*) AS n FROM bookings"),
        ("final", "SELECT clean.*, mean FROM clean JOIN climate USING (day)"),
    )
    assert found(*steps) == []
    joined = (*steps[:-1], ("final", "SELECT clean.*, rate FROM clean JOIN rates USING (c)"))
    assert found(*joined) == [("rates", "GROUP BY"), ("rates", "avg"), ("final", "JOIN")]


def test_what_is_declared_to_run_upstream_is_told_as_such():
    steps = Recipe((Step("first", "SELECT DISTINCT c FROM bookings", upstream=True),))
    (one,) = depends_on_other_rows(steps, TABLES)
    assert one.upstream
    assert one.sentence.endswith("depends on the others.")


def test_the_decision_rows_are_followed_through_unions_and_joins():
    steps = recipe(
        ("all", "SELECT * FROM bookings UNION ALL BY NAME SELECT * FROM more"),
        ("final", 'WITH x AS (SELECT * FROM "all") SELECT x.* FROM weather RIGHT JOIN x USING (day)'),
    )
    assert decision_tables(steps) == {"final", "all", "bookings", "more"}
