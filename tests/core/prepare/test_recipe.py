import pytest

from core.errors import SqlError, SqlRefusedError
from core.prepare import Recipe, Step, check_recipe


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
