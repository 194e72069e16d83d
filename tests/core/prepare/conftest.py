"""A scratch engine with small tables, and ready-made steps run on it."""

from collections.abc import Callable

import duckdb
import pytest

from core.prepare import Recipe, Schemas, Step, check_recipe, ready_made
from core.scoring.engine import scratch
from core.workspace.usersql import run_select

Rows = list[dict[str, object]]


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    return scratch()


def schemas_of(engine: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the tables of an engine with their columns and types."""
    found: dict[str, dict[str, str]] = {}
    for (table,) in engine.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
        described = engine.execute(f'DESCRIBE "{table}"').fetchall()
        found[table] = {column: kind for column, kind, *_ in described}
    return found


@pytest.fixture
def run(engine: duckdb.DuckDBPyConnection) -> Callable[..., Rows]:
    """Return a function that writes a ready-made step, passes it through the gate, and returns its rows."""

    def rows(code: str, by: str = "", /, **values: object) -> Rows:
        schemas: Schemas = schemas_of(engine)
        sql = ready_made(code).sql(values, schemas)
        checked = check_recipe(Recipe((Step("made", sql),)), list(schemas))
        query = f"SELECT * FROM (\n{checked.steps[0].sql}\n)" + (f" ORDER BY {by}" if by else "")
        return run_select(engine, query).to_pylist()

    return rows


@pytest.fixture
def notes(engine: duckdb.DuckDBPyConnection) -> Callable[..., list]:
    """Return a function that asks what a ready-made step asks before it is written."""

    def told(code: str, **values: object) -> list:
        found = []
        for check in ready_made(code).checks(values, schemas_of(engine)):
            check_recipe(Recipe((Step("asked", check.query),)), list(schemas_of(engine)))
            found.append(check.tell(run_select(engine, check.query).to_pylist()[0]))
        return found

    return told


@pytest.fixture
def suggested(engine: duckdb.DuckDBPyConnection) -> Callable[..., dict[str, object]]:
    """Return a function that asks the data for answers."""

    def proposed(code: str, **values: object) -> dict[str, object]:
        found = ready_made(code).suggestion(values, schemas_of(engine))
        assert found is not None
        return found.propose(run_select(engine, found.query).to_pylist()[0])

    return proposed
