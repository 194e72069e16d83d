"""Prepare: SQL steps over the raw tables become one table with one row per decision."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from core.errors import NotReadyError, SqlError
from core.flow.common import needed
from core.flow.framing import ROW, frame
from core.flow.loading import dataset, raw_tables
from core.flow.sampling import row_sample
from core.prepare import (
    Lineage,
    Recipe,
    Step,
    StepChange,
    check_recipe,
    recipe_body,
    recipe_from_body,
)
from core.prepare import lineage as lineage_of
from core.prepare import step_changes as changes_of
from core.prepare.recipe import in_step
from core.scoring.prepare import compose, numbered
from core.workspace import Job, Project
from core.workspace.plain import from_plain, to_plain
from core.workspace.records import digest_of
from core.workspace.sandbox import sandbox
from core.workspace.streaming import stream_select
from core.workspace.tables import quoted
from core.workspace.usersql import Running, run_select

TIMEOUT_SECONDS = 3_600.0
PREVIEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a step, how many it has in all, and how long that took.

    Attributes
    ----------
    n_used, n_available : rows that were read of the tables that decision rows are made from, and rows there are.
    note : a sentence when not all were used, else "".
    """

    rows: pd.DataFrame
    n_rows: int
    seconds: float
    n_used: int = 0
    n_available: int = 0
    note: str = ""

    @property
    def sampled(self) -> bool:
        """Whether a sample was used."""
        return bool(self.note)


@dataclass(frozen=True, slots=True)
class PreparedInfo:
    """The prepared table: its size, its columns with types, and what each step made of the rows.

    ``changes`` and ``lineage`` are empty where an older version recorded the recipe.
    """

    digest: str
    n_rows: int
    columns: tuple[tuple[str, str], ...]
    step_rows: dict[str, int]
    seconds: float
    changes: tuple[StepChange, ...] = ()
    lineage: Lineage | None = None


def recipe(project: Project) -> Recipe | None:
    """Return the recipe as it was last saved, or None."""
    record = project.head("recipe")
    return recipe_from_body(record.body) if record else None


def prepared(project: Project) -> PreparedInfo | None:
    """Return what the saved recipe yields, or None."""
    record = project.head("recipe")
    if record is None:
        return None
    result = record.result
    columns = tuple((name, kind) for name, kind in result["columns"])
    changes = from_plain(tuple[StepChange, ...], result.get("changes", []))
    traced = from_plain(Lineage, result["lineage"]) if "lineage" in result else None
    return PreparedInfo(
        record.digest, result["n_rows"], columns, result["step_rows"], result["seconds"], changes, traced
    )


def preview(project: Project, steps: Sequence[Step], name: str, n: int = 50, running: Running | None = None) -> Preview:
    """Run the steps up to one of them and return its first rows.

    All rows are read, but for tables of more than two million: of those a sample, and the preview says so.

    Raises
    ------
    SqlError, SqlRefusedError
        When a step does not pass the gates, fails, or takes longer than a minute.
    """
    checked = check_recipe(Recipe(tuple(steps)), list(raw_tables(project)))
    started = time.monotonic()
    query = compose(checked.pairs(), upto=name)
    sample = row_sample(project, checked)
    engine = sandbox(project, raw_tables(project), only=sample.only, running=running)
    with _placed(checked.pairs()):
        counted = f"SELECT count(*) AS n FROM ({query}) AS step"
        n_rows = run_select(engine, counted, timeout_seconds=PREVIEW_SECONDS, running=running)
        first = f"SELECT * FROM ({query}) AS step LIMIT {int(n)}"
        rows = run_select(engine, first, timeout_seconds=PREVIEW_SECONDS, running=running)
    seconds = time.monotonic() - started
    return Preview(rows.to_pandas(), n_rows["n"][0].as_py(), seconds, sample.n_used, sample.n_available, sample.note)


def step_changes(project: Project, steps: Sequence[Step], running: Running | None = None) -> tuple[StepChange, ...]:
    """Run the steps on all rows and return what each makes of rows, columns, empty values and units.

    Raises
    ------
    SqlError, SqlRefusedError
        When a step does not pass the gates, fails, or all together take longer than a minute.
    """
    checked = check_recipe(Recipe(tuple(steps)), list(raw_tables(project)))
    key = frame(project).decision.unit_key
    engine = sandbox(project, raw_tables(project), running=running)
    return tuple(changes_of(engine, checked, unit_key=key, timeout_seconds=PREVIEW_SECONDS, running=running))


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
    """Run a checked recipe on all rows and record it with the table it yields, what each step did, and its lineage."""
    parent = needed(project, "dataset", "Load a table first.")
    started = time.monotonic()
    running = Running()
    job.interruptible(running)
    try:
        changes = _changes(project, checked, job, running)
        body, parents = recipe_body(checked), (parent.digest,)
        name = f"prepared_{digest_of('recipe', body, parents)[:12]}"
        with project.transaction() as cursor:
            n_rows = _stored(project, checked, (cursor, name), changes[-1].n_rows, job, running)
            described = cursor.execute(f"DESCRIBE {quoted(name)}").fetchall()
            result = {
                "n_rows": n_rows,
                "step_rows": {change.step: change.n_rows for change in changes},
                "seconds": time.monotonic() - started,
                "columns": [[column, kind] for column, kind, *_ in described if column != ROW],
                "changes": to_plain(changes),
                "lineage": to_plain(_traced(project, checked, changes)),
            }
            job.check()
            project.save_with(cursor, "recipe", body, author=author, parents=parents, result=result)
    except SqlError:
        job.check()  # what was interrupted because somebody cancelled has not failed
        raise


def _changes(project: Project, checked: Recipe, job: Job, running: Running) -> tuple[StepChange, ...]:
    """Fill the sandbox and run every step once; the first 60 % of the work."""
    found = dataset(project)
    n_rows = sum(table.n_rows for table in found.tables) if found else 0
    message = "Copying the raw tables into the sandbox"
    job.progress(0, 1, message)
    tables = raw_tables(project)
    engine = sandbox(
        project, tables, running=running, each=lambda n: job.progress(0.25 * n / max(n_rows, 1), 1, message)
    )
    names = [step.name for step in checked.steps]

    def began(name: str) -> None:
        job.progress(0.25 + 0.35 * names.index(name) / len(names), 1, f"Counting what {name} does")

    key = frame(project).decision.unit_key
    changes = tuple(
        changes_of(engine, checked, unit_key=key, timeout_seconds=TIMEOUT_SECONDS, running=running, began=began)
    )
    if changes[-1].n_rows == 0:
        raise NotReadyError("The recipe yields no rows.", hint="Look at the row counts of its steps.")
    for column, _ in changes[-1].columns:
        if column.lower() in (ROW, "rowid"):
            raise SqlError(f"The last step has a column {column}.", hint="Give it another name: that one is taken.")
    return changes


def _stored(
    project: Project, checked: Recipe, store: tuple[object, str], n_rows: int, job: Job, running: Running
) -> int:
    """Stream what the recipe yields into the project's table, as one query: the one that production runs."""
    engine = sandbox(project, raw_tables(project), running=running)
    message = f"Storing {n_rows:,} rows"
    job.progress(0.6, 1, message)
    with _placed(checked.pairs(), n_before=1):  # numbered() puts a line in front of compose()
        return stream_select(
            engine,
            numbered(checked.pairs()),
            store,
            timeout_seconds=TIMEOUT_SECONDS,
            running=running,
            each=lambda n: job.progress(0.6 + 0.4 * n / n_rows, 1, message),
        )


def _traced(project: Project, checked: Recipe, changes: Sequence[StepChange]) -> Lineage:
    found = dataset(project)
    schemas = {table.name: dict(table.columns) for table in found.tables} if found else {}
    return lineage_of(checked, schemas | {change.step: dict(change.columns) for change in changes})


@contextmanager
def _placed(pairs: Sequence[tuple[str, str]], n_before: int = 0) -> Iterator[None]:
    """Tell a fault's place in the composed query as its step and the line within that."""
    try:
        yield
    except SqlError as error:
        line = getattr(error, "line", None)
        first = 2 + n_before  # compose() puts a step's name on a line of its own, and closes it on another
        for name, sql in pairs:
            n_lines = sql.count("\n") + 1
            if line is not None and first <= line < first + n_lines:
                problem = error.problem.removeprefix(f"Line {line}: ")
                if n_lines > 1:
                    problem = f"Line {line - first + 1}: {problem}"
                told = SqlError(problem, hint=error.hint)
                told.line, told.column, told.token = line - first + 1, error.column, error.token
                raise in_step(told, name) from error
            first += n_lines + 2
        raise
