"""What each step of a recipe makes of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from core.errors import SqlError
from core.prepare.bounds import first_relation
from core.prepare.recipe import Recipe, in_step
from core.scoring.prepare import compose, quoted
from core.workspace.usersql import run_select


@dataclass(frozen=True, slots=True)
class StepChange:
    """What one step yields: how many rows and columns, and how many rows more or fewer than what it mainly reads.

    ``source`` is the first table of its FROM, "" when it has none; ``n_source_rows`` its rows.
    """

    step: str
    n_rows: int
    columns: tuple[tuple[str, str], ...]
    source: str
    n_source_rows: int


def step_changes(
    connection: duckdb.DuckDBPyConnection, recipe: Recipe, *, timeout_seconds: float = 60.0
) -> Iterator[StepChange]:
    """Run a checked recipe step by step and yield what each one makes of its rows.

    Parameters
    ----------
    connection : an engine that holds the loaded tables under their given names.
    timeout_seconds : for each step.

    Raises
    ------
    SqlError
        When a step fails; the sentence names it.
    """
    for position, step in enumerate(recipe.steps):
        upto = recipe.pairs()[: position + 1]
        source = first_relation(step.sql)
        try:
            counted = f"SELECT count(*) AS n FROM ({compose(upto)})"
            n_rows = run_select(connection, counted, timeout_seconds=timeout_seconds)["n"][0].as_py()
            schema = run_select(connection, f"DESCRIBE {compose(upto)}", timeout_seconds=timeout_seconds)
            n_source = 0
            if source:
                earlier = upto[:-1]
                reading = f"SELECT count(*) AS n FROM {quoted(source)}"
                query = compose((*earlier, ("rows read", reading)))
                n_source = run_select(connection, query, timeout_seconds=timeout_seconds)["n"][0].as_py()
        except SqlError as error:
            raise in_step(error, step.name) from error
        columns = tuple(zip(schema["column_name"].to_pylist(), schema["column_type"].to_pylist(), strict=True))
        yield StepChange(step.name, n_rows, columns, source, n_source)
