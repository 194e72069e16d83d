import threading

import duckdb
import pytest

from core.errors import SqlError
from core.prepare import Recipe, Step, StepChange, check_recipe, step_changes
from core.workspace.usersql import Running

TABLES = ["flights", "weather"]


@pytest.fixture(autouse=True)
def tables(engine: duckdb.DuckDBPyConnection) -> None:
    engine.execute(
        "CREATE TABLE flights AS SELECT range AS id, range % 3 AS origin,"
        " CASE WHEN range % 10 = 0 THEN NULL ELSE 'x' END AS tail FROM range(90)"
    )
    engine.execute("CREATE TABLE weather AS SELECT 0 AS origin, 'a' AS wind UNION ALL SELECT 0, NULL")


def changes(engine: duckdb.DuckDBPyConnection, *key: str, **steps: str) -> list[StepChange]:
    recipe = check_recipe(Recipe(tuple(Step(name, sql) for name, sql in steps.items())), TABLES)
    return list(step_changes(engine, recipe, unit_key=key))


def test_rows_columns_types_and_empty_values_are_counted_before_and_after(engine):
    late, by = changes(
        engine,
        late="SELECT * EXCLUDE (tail) REPLACE (CAST(origin AS VARCHAR) AS origin), nullif(id, 30) AS n FROM flights"
        " WHERE id >= 30",
        by="SELECT origin, count(*) AS n FROM late GROUP BY ALL",
    )
    assert (late.n_rows, late.source, late.n_source_rows) == (60, "flights", 90)
    assert (late.added, late.dropped, late.retyped) == (("n",), ("tail",), (("origin", "BIGINT", "VARCHAR"),))
    assert late.nulls_before == {"id": 0, "origin": 0, "tail": 9}
    assert late.nulls_after == {"id": 0, "origin": 0, "n": 1}
    assert (by.source, by.n_source_rows, by.n_rows) == ("late", 60, 3)
    assert by.columns == (("origin", "VARCHAR"), ("n", "BIGINT"))
    assert by.seconds > 0


def test_a_step_that_drops_or_multiplies_units_is_warned_of(engine):
    kept, joined = changes(
        engine,
        "id",
        kept="SELECT CAST(id AS INTEGER) AS id, origin FROM flights WHERE id > 6",
        joined="SELECT kept.*, wind FROM kept LEFT JOIN weather USING (origin)",
    )
    assert (kept.unit.n_before, kept.unit.n_after, kept.unit.n_lost) == (90, 83, 7)
    assert kept.warning == "kept drops 7 of 90 units, such as 0, 1, 2, 3, 4."
    assert (joined.unit.n_lost, joined.unit.n_multiplied) == (0, 27)
    assert joined.warning == "joined yields 27 units more often than before, such as 12, 15, 18, 21, 24."


def test_a_key_that_the_step_makes_is_checked_for_coming_once(engine):
    (made,) = changes(engine, "unit", made="SELECT id % 80 AS unit FROM flights")
    assert made.unit.n_before is None
    assert made.warning == "made yields 10 units more than once, such as 0, 1, 2, 3, 4."


def test_a_step_beside_the_decision_rows_has_no_units(engine):
    aside, final = changes(
        engine,
        "id",
        aside="SELECT id, tail FROM flights WHERE tail IS NOT NULL",
        final="SELECT flights.*, aside.tail AS t FROM flights LEFT JOIN aside USING (id)",
    )
    assert aside.unit is None
    assert final.warning == ""
    assert final.unit.n_after == 90


def test_nothing_of_the_steps_stays(engine):
    changes(engine, a="SELECT * FROM flights", b="SELECT id FROM a")
    assert {name for (name,) in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()} == set(TABLES)


def test_a_step_that_fails_while_it_runs_is_told_at_its_line(engine):
    with pytest.raises(SqlError, match="Step 'b': Line 2: ") as caught:
        changes(engine, a="SELECT * FROM flights", b="SELECT id,\n  nothing\nFROM a")
    assert (caught.value.step, caught.value.line, caught.value.column, caught.value.token) == ("b", 2, 3, "nothing")
    with pytest.raises(SqlError, match="Step 'a'"):
        changes(engine, a="SELECT CAST(tail AS INTEGER) AS n FROM flights")


def test_a_step_that_takes_too_long_is_stopped_and_so_is_one_that_is_cancelled(engine):
    endless = check_recipe(Recipe((Step("endless", "SELECT count(*) AS n FROM range(10000000000)"),)), TABLES)
    with pytest.raises(SqlError, match="Step 'endless': The query took longer than 0.3 seconds"):
        list(step_changes(engine, endless, timeout_seconds=0.3))
    running = Running()
    timer = threading.Timer(0.3, running.interrupt)
    timer.start()
    with pytest.raises(SqlError, match="was stopped"):
        list(step_changes(engine, endless, running=running))
    timer.join()
