import pytest

from core.errors import SqlError, SqlRefusedError
from core.prepare import Recipe, Step, check_recipe, recipe_body, recipe_from_body
from core.workspace.usersql import run_select


def recipe(**steps: str) -> Recipe:
    return Recipe(tuple(Step(name, sql) for name, sql in steps.items()))


def test_each_step_may_read_the_tables_and_the_steps_before_it():
    checked = check_recipe(recipe(a="SELECT * FROM flights;", b="SELECT * FROM a -- last"), ["flights"])
    assert checked.pairs() == (("a", "SELECT * FROM flights"), ("b", "SELECT * FROM a -- last"))


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ({}, "no steps"),
        ({"a b": "SELECT 1"}, "'a b'"),
        ({"1a": "SELECT 1"}, "'1a'"),
        ({"": "SELECT 1"}, "''"),
        ({"flights": "SELECT 1"}, "loaded table called 'flights'"),
        ({"Flights": "SELECT 1"}, "loaded table called 'Flights'"),
        ({"a": "SELECT 1", "A": "SELECT 2"}, "step called 'A'"),
        ({"a": "SELECT * FROM b", "b": "SELECT 1"}, "Step 'a'"),
        ({"a": "SELECT * FROM a"}, "Step 'a'"),
        ({"a": "SELECT 1", "b": "DELETE FROM flights"}, "Step 'b'"),
        ({"a": "SELECT now()"}, "Step 'a'"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_said_with_the_name_of_the_step(steps: dict[str, str], named: str):
    with pytest.raises(SqlError) as caught:
        check_recipe(recipe(**steps), ["flights"])
    assert named in caught.value.problem
    assert caught.value.hint


def test_a_refused_step_keeps_its_line_and_its_kind_and_names_itself():
    with pytest.raises(SqlRefusedError) as caught:
        check_recipe(recipe(a="SELECT 1", b="SELECT *\nFROM records"), ["flights"])
    assert (caught.value.step, caught.value.line) == ("b", 2)


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT a,\n  b b c\nFROM flights", (2, 7, "c")),
        ("SELECT a,\n  now()\nFROM flights", (2, 3, "now")),
        ("SELECT 'äöü', nosuch(a) FROM flights", (1, 15, "nosuch")),
        ('SELECT a\nFROM "no such"', (2, 6, '"no such"')),
    ],
)
def test_a_fault_is_placed_by_line_column_and_word(sql: str, place: tuple[int, int, str]):
    with pytest.raises(SqlError) as caught:
        check_recipe(recipe(a=sql), ["flights"])
    assert (caught.value.line, caught.value.column, caught.value.token) == place


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT a,\n  " + "a + " * 60 + "nothing\nFROM flights", (2, 243, "nothing")),
        ("SELECT a,\n\t\tnothing + a\nFROM flights", (2, 3, "nothing")),
        ("SELECT substr(a, 'x', 2, 3)\nFROM flights", (1, 8, "substr")),
    ],
)
def test_what_duckdb_points_at_is_placed_too(engine, sql: str, place: tuple[int, int, str]):
    engine.execute("CREATE TABLE flights AS SELECT 1 AS a")
    with pytest.raises(SqlError) as caught:
        run_select(engine, sql)
    assert (caught.value.line, caught.value.column, caught.value.token) == place
    assert "Candidate functions" not in caught.value.problem


def test_what_is_not_declared_is_not_recorded():
    steps = Recipe((Step("a", "SELECT 1"), Step("b", "SELECT 2", upstream=True)))
    body = recipe_body(steps)
    assert body == {"steps": [{"name": "a", "sql": "SELECT 1"}, {"name": "b", "sql": "SELECT 2", "upstream": True}]}
    assert recipe_from_body(body) == steps
    assert check_recipe(steps, []) == steps
