"""Writing a recipe: what is wrong with each step while it is written, which columns it has, what a form would find."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from core.errors import SqlError
from core.flow.loading import dataset, raw_tables
from core.prepare import Recipe, Step, check_recipe, ready_made
from core.prepare.readymade_form import Note, Schemas
from core.scoring.engine import scratch
from core.scoring.prepare import compose, quoted, statement
from core.workspace import Project
from core.workspace.functions import function_kind, function_names
from core.workspace.sandbox import sandbox
from core.workspace.usersql import Running, run_select, tables_read

FORM_SECONDS = 20.0
_KIND = re.compile(r"^(?:Binder|Catalog|Conversion|Parser|Invalid Input) Error: ")
_NO_COLUMN = re.compile(
    r'Table "([^"]+)" does not have a column named "([^"]+)"|Referenced column "([^"]+)" not found in FROM clause'
    r'|Referenced table "([^"]+)" not found'
)
_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:''|[^'])*'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StepLook:
    """One step as it stands, without having been run.

    Attributes
    ----------
    columns : (name, type) of each; None where they are not known.
    problem, hint : what is wrong with it and the way out; "" where nothing is.
    line, column : where, from 1; 0 where the place is not known.
    reads : the tables and steps that it reads, where it could be parsed.
    waits_for : the steps with a fault that it reads, so that nothing can be said of it yet.
    """

    name: str
    columns: tuple[tuple[str, str], ...] | None = None
    problem: str = ""
    hint: str = ""
    line: int = 0
    column: int = 0
    reads: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()


def step_looks(project: Project, steps: Sequence[Step]) -> tuple[StepLook, ...]:
    """Check every step and bind it to the columns it reads; no row is read, so this takes milliseconds.

    A fault in one step does not hide those of others: a step that reads a faulty one waits for it.
    """
    found = dataset(project)
    schemas = {table.name: tuple(table.columns) for table in (found.tables if found else ())}
    engine = scratch(memory_limit="200MB")
    try:
        return tuple(_looked(engine, tuple(steps), schemas))
    finally:
        engine.close()


def _looked(
    engine: duckdb.DuckDBPyConnection, steps: tuple[Step, ...], schemas: Mapping[str, tuple[tuple[str, str], ...]]
) -> Iterable[StepLook]:
    for name, columns in schemas.items():
        _empty_table(engine, name, columns)
    good: list[Step] = []
    faulty: set[str] = set()
    for step in steps:
        try:
            checked = _checked(good, step, [*schemas, *faulty])
            reads = sorted(tables_read(checked.sql, faulty | {*schemas, *(one.name for one in good)}))
            waits = tuple(name for name in reads if name in faulty)
            if waits:
                faulty.add(step.name)
                yield StepLook(step.name, reads=tuple(reads), waits_for=waits)
                continue
            columns = _bound(engine, checked)
        except SqlError as error:
            faulty.add(step.name)
            yield _fault(step, error)
            continue
        good.append(checked)
        _empty_table(engine, step.name, columns)
        yield StepLook(step.name, columns, reads=tuple(reads))


def _checked(good: Sequence[Step], step: Step, tables: Sequence[str]) -> Step:
    return check_recipe(Recipe((*good, step)), tables).steps[-1]


def _bound(engine: duckdb.DuckDBPyConnection, step: Step) -> tuple[tuple[str, str], ...]:
    """Run a step over tables without rows: its faults are told at their place in the person's own text."""
    run_select(engine, statement(step.sql), timeout_seconds=FORM_SECONDS)
    described = run_select(engine, f"DESCRIBE {compose([(step.name, step.sql)])}", timeout_seconds=FORM_SECONDS)
    return tuple(zip(described["column_name"].to_pylist(), described["column_type"].to_pylist(), strict=True))


def _empty_table(engine: duckdb.DuckDBPyConnection, name: str, columns: Sequence[tuple[str, str]]) -> None:
    listed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
    try:
        engine.execute(f"CREATE TABLE {quoted(name)} ({listed})")
    except duckdb.Error as error:
        raise SqlError(f"{' '.join(str(error).split())}", hint="Give every column a name of its own.") from error


def _fault(step: Step, error: SqlError) -> StepLook:
    line, column = getattr(error, "line", None) or 0, getattr(error, "column", None) or 0
    said = error.problem.removeprefix(f"Step {step.name!r}: ").removeprefix(f"Line {line}: ")
    problem, hint = _in_words(said, error.hint or "")
    if not line:
        line, column = _place(step.sql, said)
    return StepLook(step.name, None, problem, hint, line, column)


def _in_words(said: str, hint: str) -> tuple[str, str]:
    """Return what DuckDB says of names as a person would, with the names that it offers as the way out."""
    said = _KIND.sub("", said)
    named = _NO_COLUMN.match(said)
    if not named:
        return said[:1].upper() + said[1:], hint
    table, column, other, unknown = named.groups()
    names = re.findall(r'"([^"]+)"', said.partition("Candidate ")[2])
    if table:
        problem = f"{table!r} has no column {column!r}."
    else:
        problem = f"Nothing that is read here has a column {other!r}." if other else f"{unknown!r} is not read here."
    return problem, f"Did you mean {', '.join(names)}?" if names else hint


def _place(sql: str, said: str) -> tuple[int, int]:
    """Return line and column of the column that a message names: DuckDB does not always say where it is."""
    named = _NO_COLUMN.match(_KIND.sub("", said)) or re.match(r'()()Column "([^"]+)"', _KIND.sub("", said))
    if not named:
        return 0, 0
    table, column, other = named.groups()[:3]
    if not (column or other):
        return 0, 0
    wanted = rf'\b{re.escape(table)}"?\s*\.\s*"?{re.escape(column)}\b' if table else rf"\b{re.escape(other)}\b"
    bare = _QUIET.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), sql)
    found = re.search(wanted, bare, re.IGNORECASE)
    if not found:
        return 0, 0
    before = sql[: found.start()]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@cache
def sql_functions() -> dict[str, str]:
    """Return the functions that a step may call: names between blanks, by "function", "aggregate" and "window"."""
    found: dict[str, list[str]] = {}
    for name in sorted(function_names()):
        kind = function_kind(name)
        found.setdefault("function" if kind == "scalar" else kind, []).append(name)
    return {kind: " ".join(names) for kind, names in found.items()}


def schemas_of(project: Project, looks: Sequence[StepLook]) -> Schemas:
    """Return table or step to column to type, for all that is known."""
    found = dataset(project)
    schemas = {table.name: dict(table.columns) for table in (found.tables if found else ())}
    return schemas | {look.name: dict(look.columns) for look in looks if look.columns is not None}


def ready_made_notes(
    project: Project,
    steps: Sequence[Step],
    code: str,
    values: Mapping[str, object],
    running: Running | None = None,
) -> tuple[Note, ...]:
    """Ask the data what a ready-made step's form should say before the step is added.

    Raises
    ------
    SqlError
        When an answer is missing or wrong, an earlier step fails, or it takes longer than 20 seconds.
    """
    checks = ready_made(code).checks(values, _schemas(project, steps))
    return tuple(check.tell(_row(project, steps, check.query, running)) for check in checks)


def ready_made_suggestion(
    project: Project, steps: Sequence[Step], code: str, values: Mapping[str, object]
) -> dict[str, object]:
    """Return the answers that the data proposes for a ready-made step, by parameter; errors as for the notes."""
    found = ready_made(code).suggestion(values, _schemas(project, steps))
    return found.propose(_row(project, steps, found.query)) if found else {}


def _schemas(project: Project, steps: Sequence[Step]) -> Schemas:
    return schemas_of(project, step_looks(project, steps))


def _row(project: Project, steps: Sequence[Step], query: str, running: Running | None = None) -> Mapping[str, object]:
    """Return the one row of a query over the tables and the steps."""
    names = [step.name for step in steps]
    read = tables_read(query, [*raw_tables(project), *names])
    last = max((names.index(name) for name in read if name in names), default=-1)
    pairs = [(step.name, step.sql) for step in steps[: last + 1]]
    engine = sandbox(project, raw_tables(project), running=running)
    composed = compose([*pairs, ("ready made", query)])
    answer = run_select(engine, composed, timeout_seconds=FORM_SECONDS, running=running)
    return answer.to_pylist()[0]
