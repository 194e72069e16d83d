"""Prepare: SQL steps over the raw tables become one table with one row per decision."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from core.errors import NotReadyError, SqlError
from core.flow.common import needed
from core.flow.framing import ROW
from core.flow.loading import dataset, raw_tables
from core.prepare import Lineage, Recipe, Step, check_recipe
from core.prepare import lineage as lineage_of
from core.prepare.recipe import in_step
from core.scoring.prepare import compose, numbered
from core.workspace import Job, Project
from core.workspace.records import digest_of
from core.workspace.sandbox import sandbox
from core.workspace.tables import quoted, write_table
from core.workspace.usersql import run_select

TIMEOUT_SECONDS = 600.0
PREVIEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a step, how many it has in all, and how long that took."""

    rows: pd.DataFrame
    n_rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PreparedInfo:
    """The prepared table: its size, its columns with types, and the rows that each step yields."""

    digest: str
    n_rows: int
    columns: tuple[tuple[str, str], ...]
    step_rows: dict[str, int]
    seconds: float


def recipe(project: Project) -> Recipe | None:
    """Return the recipe as it was last saved, or None."""
    record = project.head("recipe")
    return recipe_of(record.body) if record else None


def recipe_of(body: dict) -> Recipe:
    """Return the recipe that a record's body describes."""
    return Recipe(tuple(Step(step["name"], step["sql"]) for step in body["steps"]))


def prepared(project: Project) -> PreparedInfo | None:
    """Return what the saved recipe yields, or None."""
    record = project.head("recipe")
    if record is None:
        return None
    result = record.result
    columns = tuple((name, kind) for name, kind in result["columns"])
    return PreparedInfo(record.digest, result["n_rows"], columns, result["step_rows"], result["seconds"])


def preview(project: Project, steps: Sequence[Step], name: str, n: int = 50) -> Preview:
    """Run the steps up to one of them, on all rows, and return its first rows.

    Raises
    ------
    SqlError, SqlRefusedError
        When a step does not pass the gates, fails, or takes longer than a minute.
    """
    checked = check_recipe(Recipe(tuple(steps)), list(raw_tables(project)))
    started = time.monotonic()
    query = compose([(step.name, step.sql) for step in checked.steps], upto=name)
    engine = sandbox(project, raw_tables(project))
    with _placed(checked.pairs()):
        counted = f"SELECT count(*) AS n FROM ({query}) AS step"
        n_rows = run_select(engine, counted, timeout_seconds=PREVIEW_SECONDS)
        first = f"SELECT * FROM ({query}) AS step LIMIT {int(n)}"
        rows = run_select(engine, first, timeout_seconds=PREVIEW_SECONDS)
    return Preview(rows.to_pandas(), n_rows["n"][0].as_py(), time.monotonic() - started)


def lineage(project: Project, steps: Sequence[Step]) -> Lineage:
    """Return which tables and columns each step's columns come from."""
    found = dataset(project)
    schemas = {table.name: dict(table.columns) for table in found.tables} if found else {}
    return lineage_of(Recipe(tuple(steps)), schemas)


def start_prepare(project: Project, steps: Sequence[Step], author: str) -> str:
    """Check the steps now, run them in the background, and record recipe and prepared table.

    Raises
    ------
    SqlError, SqlRefusedError
        At once, when a step does not pass the first gate.
    """
    needed(project, "dataset", "Load a table first.")
    checked = check_recipe(Recipe(tuple(steps)), list(raw_tables(project)))
    key = repr(checked)
    return project.jobs.start("prepare", lambda job: prepare(project, checked, author, job), author=author, key=key)


def prepare(project: Project, checked: Recipe, author: str, job: Job) -> None:
    """Run a checked recipe and record it with the table it yields."""
    parent = needed(project, "dataset", "Load a table first.")
    started = time.monotonic()
    job.progress(0, 4, "Copying the raw tables into the sandbox")
    engine = job.interruptible(sandbox(project, raw_tables(project)).cursor())
    pairs = [(step.name, step.sql) for step in checked.steps]
    step_rows = {}
    for number, (name, _) in enumerate(pairs):
        job.progress(1 + number / len(pairs), 4, f"Counting the rows of {name}")
        query = f"SELECT count(*) AS n FROM ({compose(pairs, upto=name)}) AS step"
        with _placed(pairs):
            counted = run_select(engine, query, timeout_seconds=TIMEOUT_SECONDS)
        step_rows[name] = counted["n"][0].as_py()
    job.progress(2, 4, "Preparing the rows")
    rows = prepared_rows(engine, pairs)
    if rows.num_rows == 0:
        raise NotReadyError("The recipe yields no rows.", hint="Look at the row counts of its steps.")
    job.progress(3, 4, f"Storing {rows.num_rows:,} rows")
    with project.transaction() as cursor:
        body = {"steps": [{"name": name, "sql": sql} for name, sql in pairs]}
        result = {"n_rows": rows.num_rows, "step_rows": step_rows, "seconds": time.monotonic() - started}
        parents = (parent.digest,)
        name = f"prepared_{digest_of('recipe', body, parents)[:12]}"
        write_table(cursor, name, rows)
        described = cursor.execute(f"DESCRIBE {quoted(name)}").fetchall()
        result["columns"] = [[column, kind] for column, kind, *_ in described if column != ROW]
        job.check()
        project.save_with(cursor, "recipe", body, author=author, parents=parents, result=result)


@contextmanager
def _placed(pairs: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Tell a fault's place in the composed query as its step and the line within that."""
    try:
        yield
    except SqlError as error:
        line = getattr(error, "line", None)
        first = 2  # compose() puts a step's name on a line of its own, and closes it on another
        for name, sql in pairs:
            n_lines = sql.count("\n") + 1
            if line is not None and first <= line < first + n_lines:
                problem = error.problem.removeprefix(f"Line {line}: ")
                if n_lines > 1:
                    problem = f"Line {line - first + 1}: {problem}"
                raise in_step(SqlError(problem, hint=error.hint), name) from error
            first += n_lines + 2
        raise


def prepared_rows(engine: object, pairs: Sequence[tuple[str, str]]) -> pa.Table:
    """Return what the steps yield in a sandbox, numbered in the order they yield it."""
    rows = run_select(engine, numbered(pairs), timeout_seconds=TIMEOUT_SECONDS)
    names = [name.lower() for name in rows.column_names]
    for taken in (ROW, "rowid"):
        if names.count(taken) > (taken == ROW):
            raise SqlError(f"The last step has a column {taken}.", hint="Give it another name: that one is taken.")
    return rows
