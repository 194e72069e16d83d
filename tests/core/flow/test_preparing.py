"""A fault in a step is told at its step and its line."""

import pytest

from core import flow
from core.errors import SqlError
from tests.core.flow.conftest import AUTHOR, Make


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("SELECT * FROM cases", "SELECT nothing FROM first", "Step 'second': "),
        ("SELECT *\nFROM cases", "SELECT id,\n  nothing\nFROM first", "Step 'second': Line 2: "),
        ("SELECT *,\n nothing\nFROM cases", "SELECT * FROM first", "Step 'first': Line 2: "),
    ],
)
def test_a_column_that_is_not_there_is_told_at_its_step_and_line(
    make: Make, first: str, second: str, told: str
) -> None:
    project = make()
    steps = [flow.Step("first", first), flow.Step("second", second)]
    with pytest.raises(SqlError) as caught:
        flow.preview(project, steps, "second")
    assert caught.value.problem.startswith(told)
    assert "nothing" in caught.value.problem
    before = flow.recipe(project)
    flow.start_prepare(project, steps, AUTHOR)
    view = flow.wait(project, "prepare")
    assert view.state == "failed"
    assert view.problem.startswith(told)
    assert flow.recipe(project) == before, "nothing is lost"
