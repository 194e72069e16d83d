"""Whether a decision could be made for one row alone, or hangs on which other rows happen to be there."""

from collections.abc import Sequence

from core.errors import TrainError
from core.flow.framing import frame
from core.flow.loading import raw_tables
from core.flow.preparing import recipe
from core.prepare import Dependence, Recipe, Step, check_recipe, depends_on_other_rows
from core.workspace import Project


def row_dependence(project: Project, steps: Sequence[Step] | None = None) -> tuple[Dependence, ...]:
    """Return where a decision row depends on other rows, declared to run upstream or not.

    Parameters
    ----------
    steps : as they are being written; None takes the saved recipe.

    Raises
    ------
    SqlError, SqlRefusedError
        When a step does not pass the gate.
    """
    saved = recipe(project) if steps is None else Recipe(tuple(steps))
    if saved is None or not saved.steps:
        return ()
    tables = list(raw_tables(project))
    checked = saved if steps is None else check_recipe(saved, tables)
    return depends_on_other_rows(checked, tables, frame(project).decision.unit_key)


def check_independence(project: Project) -> None:
    """Refuse a recipe that could not score one row by itself.

    Raises
    ------
    TrainError
        When a decision row depends on other rows and the step is not declared to run upstream; the sentence names it.
    """
    found = [one for one in row_dependence(project) if not one.upstream]
    if found:
        names = ", ".join(dict.fromkeys(repr(one.step) for one in found))
        raise TrainError(
            f"In step {found[0].step!r}, a decision depends on which other rows are there: {found[0].sentence}",
            hint=f"The service sees one row at a time. On Prepare, declare that {names} runs upstream of it, over all"
            " rows; or look the value up in another table; or name the unit's key on Frame if the rows are one unit's.",
        )
