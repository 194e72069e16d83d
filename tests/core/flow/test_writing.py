"""What is said of steps while they are written: columns, faults at their place, who waits for whom, what forms find."""

import pytest

from core import flow
from core.flow import asking
from tests.core.flow.conftest import AUTHOR, finish

Step = flow.Step


@pytest.fixture
def project(make):
    return make(n=300)


def only(project, sql):
    return flow.step_looks(project, [Step("one", sql)])[0]


def test_columns_and_types_are_known_without_running(project):
    looks = flow.step_looks(
        project, [Step("one", "SELECT id, a + b AS s FROM cases"), Step("two", "SELECT s FROM one")]
    )
    assert looks[0].columns == (("id", "BIGINT"), ("s", "DOUBLE"))
    assert looks[1].columns == (("s", "DOUBLE"),)
    assert [look.reads for look in looks] == [("cases",), ("one",)]


def test_a_step_that_would_fail_on_its_rows_is_not_run(project):
    assert only(project, "SELECT CAST(c AS INTEGER) AS n FROM cases").problem == ""


@pytest.mark.parametrize(
    ("sql", "place", "problem", "hint"),
    [
        ("SELECT *\nFROM cases\nWHERE idd = 3", (3, 7), "Nothing that is read here has a column 'idd'.", "mean id"),
        ("SELECT k.aa,\n 1 AS x\nFROM cases AS k", (1, 8), "'k' has no column 'aa'.", "Did you mean a"),
        ("SELECT 1 AS x,\n  q.a\nFROM cases", (2, 3), "'q' is not read here.", "Did you mean cases?"),
        ("SELECT\n FROM cases WHERE", (2, 13), "does not parse", "Check commas"),
        ("SELECT * FROM case", (1, 15), "", ""),
        ("SELECT *\nFROM casses", (2, 6), "There is no table 'casses'", "Did you mean cases?"),
        ("SELECT id,\n count(*) FROM cases", (1, 8), "must appear in the GROUP BY clause", ""),
        ("SELECT rond(a) FROM cases", (1, 8), "There is no function 'rond'.", "round"),
        ("", (0, 0), "There is no SQL here.", "Write a SELECT."),
    ],
)
def test_a_fault_is_told_at_its_line_and_column_in_plain_words(project, sql, place, problem, hint):
    found = only(project, sql)
    assert found.columns is None
    assert (found.line, found.column) == place
    assert problem in found.problem
    assert hint in found.hint
    assert "Error:" not in found.problem


def test_a_place_that_duckdb_does_not_tell_is_found_outside_of_comments_and_texts(project):
    joined = "SELECT k.id -- k.nope\nFROM cases AS k\nLEFT JOIN cases AS e ON e.id = k.id\n"
    sql = f"{joined}WHERE k.c <> 'k.nope' AND k.nope > 3"
    assert (only(project, sql).line, only(project, sql).column) == (4, 27)


def test_a_fault_hides_neither_other_faults_nor_sound_steps_and_its_readers_wait(project):
    steps = [
        Step("bad", "SELECT nope FROM cases"),
        Step("reads_it", "SELECT * FROM bad"),
        Step("reads_that", "SELECT * FROM reads_it JOIN cases USING (id)"),
        Step("sound", "SELECT count(*) AS n FROM cases"),
        Step("worse", "SELECT FROM sound"),
    ]
    looks = flow.step_looks(project, steps)
    assert [bool(look.problem) for look in looks] == [True, False, False, False, True]
    assert [look.waits_for for look in looks] == [(), ("bad",), ("reads_it",), (), ()]
    assert looks[3].columns == (("n", "BIGINT"),)


def test_names_that_no_step_can_have_are_faults_of_that_step(project):
    looks = flow.step_looks(
        project, [Step("cases", "SELECT 1 AS x"), Step("", "SELECT 1 AS x"), Step("1a", "SELECT 1")]
    )
    assert all(look.problem for look in looks)


def test_a_recipe_without_data_has_faults_and_no_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    project = flow.create("Empty", AUTHOR)
    assert "no table" in only(project, "SELECT * FROM cases").problem
    assert flow.schemas_of(project, ()) == {}


def test_every_function_that_is_offered_may_be_called_and_each_once():
    offered = [name for names in flow.sql_functions().values() for name in names.split()]
    assert {"function", "aggregate", "window"} <= set(flow.sql_functions())
    assert len(offered) == len(set(offered))
    assert {"round", "sum", "row_number", "date_trunc"} <= set(offered)
    assert not {"random", "now", "read_csv", "getenv"} & set(offered)


def test_a_form_hears_from_the_data_and_its_suggestion_answers_it(project):
    steps = [Step("one", "SELECT * FROM cases")]
    values = {"source": "one", "column": "a"} | flow.ready_made_suggestion(
        project, steps, "clip", {"source": "one", "column": "a"}
    )
    assert values["low"] < 0 < values["high"]
    assert flow.form_notes(project, steps, "clip", values) is None
    flow.ask_form(project, steps, "clip", values, AUTHOR)
    finish(project, "form")
    (note,) = flow.form_notes(project, steps, "clip", values)
    assert "of 300" in note.sentence


def test_a_preview_is_asked_for_once_and_kept_until_the_data_is_let_go(project):
    steps = [Step("one", "SELECT id FROM cases WHERE id < 7"), Step("two", "SELECT * FROM one")]
    assert flow.previewed(project, steps, "one") is None
    flow.ask_preview(project, steps, "one", AUTHOR)
    finish(project, "preview")
    assert flow.previewed(project, steps, "one").n_rows == 7
    other = [steps[0], Step("two", "SELECT 1 AS x")]
    assert flow.previewed(project, other, "one").n_rows == 7
    asking.forget(project)
    assert flow.previewed(project, steps, "one") is None


def test_what_a_run_counted_holds_for_a_step_while_nothing_it_is_made_from_changes(project):
    recipe = [Step("one", "SELECT * FROM cases"), Step("two", "SELECT *, a + 1 AS d FROM one")]
    flow.start_prepare(project, recipe, AUTHOR)
    finish(project, "prepare")

    def known(steps):
        return {
            name: one.n_rows
            for name, one in flow.known_changes(project, steps, flow.step_looks(project, steps)).items()
        }

    assert known(recipe) == {"one": 300, "two": 300}
    edited = [recipe[0], Step("two", "SELECT * FROM one WHERE id < 10")]
    assert known(edited) == {"one": 300}
    assert known([Step("one", "SELECT * FROM cases WHERE id < 10"), recipe[1]]) == {}
    flow.ask_changes(project, edited, AUTHOR)
    finish(project, "counting")
    assert known(edited) == {"one": 300, "two": 10}
    assert known(recipe) == {"one": 300, "two": 300}
