"""A recipe that could not score one row by itself trains only when the step is declared to run upstream."""

import pytest

from core import flow
from core.errors import TrainError
from core.poc import read_text
from tests.core.flow.conftest import AUTHOR, Make, finish, train

LEANING = "SELECT *, avg(a) OVER (PARTITION BY c) AS around FROM cases"


def prepare(project, *steps: flow.Step) -> None:
    flow.start_prepare(project, steps, AUTHOR)
    finish(project, "prepare")


def test_train_refuses_what_depends_on_other_rows_and_names_the_step_and_the_way_out(make: Make) -> None:
    project = make()
    assert flow.row_dependence(project) == ()
    prepare(project, flow.Step("leaning", LEANING), flow.Step("final", "SELECT * FROM leaning"))
    (found,) = flow.row_dependence(project)
    assert (found.step, found.what, found.upstream) == ("leaning", "avg OVER", False)
    with pytest.raises(TrainError) as caught:
        flow.start_training(project, flow.TrainSettings(budget_seconds=1.0), AUTHOR)
    assert caught.value.problem.startswith("In step 'leaning', a decision depends on which other rows are there: avg()")
    assert "declare that 'leaning' runs upstream" in caught.value.hint


def test_declared_to_run_upstream_it_trains_and_is_another_recipe(make: Make) -> None:
    project = make()
    prepare(project, flow.Step("leaning", LEANING))
    plain = project.head("recipe")
    assert "upstream" not in str(plain.body)
    prepare(project, flow.Step("leaning", LEANING, upstream=True))
    assert project.head("recipe").digest != plain.digest
    assert flow.recipe(project).steps[0].upstream
    assert [one.upstream for one in flow.row_dependence(project)] == [True]
    train(project, 1.0)
    assert flow.run(project) is not None


def test_a_poc_yaml_keeps_what_is_declared(make: Make, tmp_path) -> None:
    project = make()
    prepare(project, flow.Step("leaning", LEANING, upstream=True), flow.Step("final", "SELECT * FROM leaning"))
    text = flow.poc_yaml(project, tmp_path)
    assert text.count("upstream: true") == 1
    (tmp_path / flow.dataset(project).tables[0].source_name).touch()
    assert read_text(text, tmp_path).upstream == ("leaning",)


def test_steps_being_written_are_judged_before_they_are_saved(make: Make) -> None:
    project = make()
    steps = [flow.Step("one", "SELECT * FROM cases ORDER BY a LIMIT 100")]
    assert [one.what for one in flow.row_dependence(project, steps)] == ["LIMIT"]
