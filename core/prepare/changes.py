"""What each step of a recipe makes of its rows, its columns and the units that are decided on."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from core.errors import SqlError
from core.prepare.bounds import first_relation
from core.prepare.dependence import decision_tables
from core.prepare.recipe import Recipe, Step, in_step
from core.prepare.syntax import select_tree, tables_below
from core.scoring.prepare import quoted
from core.workspace.usersql import Running, sql_error

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What a step makes of the decision's units.

    Attributes
    ----------
    key : the columns that name a unit.
    n_before : units in what the step mainly reads, None where the key is made by the step.
    n_after : units that the step yields.
    n_lost, lost : units that it drops, and examples of their keys.
    n_multiplied, multiplied : units that come more often than before (more than once where the key is new).
    """

    key: tuple[str, ...]
    n_before: int | None
    n_after: int
    n_lost: int = 0
    lost: tuple[str, ...] = ()
    n_multiplied: int = 0
    multiplied: tuple[str, ...] = ()

    def warning(self, step: str) -> str:
        """Return the sentence to warn with, "" when every unit came through once."""
        parts = []
        if self.n_lost:
            parts.append(f"drops {self.n_lost:,} of {self.n_before or 0:,} units, such as {', '.join(self.lost)}")
        if self.n_multiplied:
            often = "more than once" if self.n_before is None else "more often than before"
            parts.append(f"yields {self.n_multiplied:,} units {often}, such as {', '.join(self.multiplied)}")
        return f"{step} {' and '.join(parts)}." if parts else ""


@dataclass(frozen=True, slots=True)
class StepChange:
    """What one step yields, against what it mainly reads.

    Attributes
    ----------
    n_rows : rows that it yields.
    columns : (name, DuckDB type).
    source : the first table of its FROM, "" when it has none; n_source_rows its rows.
    added, dropped : columns that the source has not, or that the step has no more.
    retyped : (column, type before, type after).
    nulls_before, nulls_after : empty values by column, of the source and of the step.
    seconds : how long the step took, what it reads being there.
    unit : None where the key is not known or the step is not on the way to the decision rows.
    """

    step: str
    n_rows: int
    columns: tuple[tuple[str, str], ...]
    source: str
    n_source_rows: int
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    retyped: tuple[tuple[str, str, str], ...] = ()
    nulls_before: dict[str, int] = field(default_factory=dict)
    nulls_after: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    unit: UnitChange | None = None

    @property
    def warning(self) -> str:
        """The sentence to warn with, "" when no unit is dropped or multiplied."""
        return self.unit.warning(self.step) if self.unit else ""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A table or step: its columns with types, its rows, and how many values of each column are empty."""

    columns: dict[str, str]
    n_rows: int
    nulls: dict[str, int]


def step_changes(
    connection: duckdb.DuckDBPyConnection,
    recipe: Recipe,
    *,
    unit_key: Sequence[str] = (),
    timeout_seconds: float = 60.0,
    running: Running | None = None,
    began: Callable[[str], None] = lambda _step: None,
) -> Iterator[StepChange]:
    """Run a checked recipe step by step and yield what each one makes of its rows.

    Each step is computed once and kept, spilled to disk where it does not fit, until no later step reads it. Nothing
    of that stays: it happens in a read-only transaction that is rolled back.

    Parameters
    ----------
    connection : an engine that holds the loaded tables under their given names.
    unit_key : the columns that name a decision.
    timeout_seconds : for all steps together.
    running : through which the work can be interrupted.
    began : is told the name of each step before it runs.

    Raises
    ------
    SqlError
        When a step fails; the sentence names it.
    """
    on_the_way = decision_tables(recipe)
    counted: dict[str, _Counted] = {}
    current = recipe.steps[0] if recipe.steps else Step("", "")
    try:
        with (running or Running()).cursor(connection, "", timeout_seconds) as cursor:
            for position, step in enumerate(recipe.steps):
                current = step
                began(step.name)
                seconds = _keep(cursor, step)
                counted[step.name.lower()] = _count(cursor, step.name)
                source = first_relation(step.sql)
                if source and source.lower() not in counted:
                    counted[source.lower()] = _count(cursor, source)
                unit = None
                if unit_key and step.name.lower() in on_the_way:
                    unit = _unit_change(cursor, step.name, source, counted, tuple(unit_key))
                yield _change(step.name, source, counted, seconds, unit)
                _drop_unread(cursor, recipe, position)
    except SqlError as error:
        raise in_step(error, current.name) if not getattr(error, "step", "") else error from error


def _keep(cursor: duckdb.DuckDBPyConnection, step: Step) -> float:
    started = time.monotonic()
    query = f"CREATE TEMP TABLE {quoted(step.name)} AS\n{step.sql}"
    try:
        cursor.execute(query)
    except duckdb.InterruptException:
        raise  # taken too long, or cancelled: that is told by whoever holds the cursor
    except duckdb.Error as error:
        raise sql_error(error, query, n_before=1) from error
    return time.monotonic() - started


def _drop_unread(cursor: duckdb.DuckDBPyConnection, recipe: Recipe, position: int) -> None:
    later = frozenset().union(*(tables_below(select_tree(step.sql)) for step in recipe.steps[position + 1 :]))
    for step in recipe.steps[: position + 1]:
        if step.name.lower() not in later:
            cursor.execute(f"DROP TABLE IF EXISTS {quoted(step.name)}")


def _count(cursor: duckdb.DuckDBPyConnection, name: str) -> _Counted:
    columns = {column: kind for column, kind, *_ in cursor.execute(f"DESCRIBE {quoted(name)}").fetchall()}
    counts = "".join(f", count({quoted(column)})" for column in columns)
    row = cursor.execute(f"SELECT count(*){counts} FROM {quoted(name)}").fetchall()[0]
    nulls = {column: row[0] - n for column, n in zip(columns, row[1:], strict=True)}
    return _Counted(columns, row[0], nulls)


def _change(
    name: str, source: str, counted: Mapping[str, _Counted], seconds: float, unit: UnitChange | None
) -> StepChange:
    after, before = counted[name.lower()], counted.get(source.lower(), _Counted({}, 0, {}))
    had = {column.lower(): kind for column, kind in before.columns.items()}
    has = {column.lower() for column in after.columns}
    retyped = [
        (column, had[column.lower()], kind)
        for column, kind in after.columns.items()
        if had.get(column.lower(), kind) != kind
    ]
    return StepChange(
        name,
        after.n_rows,
        tuple(after.columns.items()),
        source,
        before.n_rows,
        tuple(column for column in after.columns if column.lower() not in had),
        tuple(column for column in before.columns if column.lower() not in has),
        tuple(retyped),
        before.nulls,
        after.nulls,
        seconds,
        unit,
    )


def _unit_change(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    source: str,
    counted: Mapping[str, _Counted],
    key: tuple[str, ...],
) -> UnitChange | None:
    tables = [counted.get(table.lower(), _Counted({}, 0, {})) for table in (name, source)]
    spelled = [{column.lower(): column for column in table.columns} for table in tables]
    if not all(column.lower() in spelled[0] for column in key):
        return None
    known = all(column.lower() in spelled[1] for column in key)
    types = [
        [table.columns.get(names.get(c.lower(), "")) for c in key] for table, names in zip(tables, spelled, strict=True)
    ]
    cast = known and types[0] != types[1]

    def grouped(table: str, names: Mapping[str, str]) -> str:
        columns = [quoted(names[column.lower()]) for column in key]
        listed = ", ".join(f"CAST({c} AS VARCHAR) AS k{n}" if cast else f"{c} AS k{n}" for n, c in enumerate(columns))
        return f"SELECT {listed}, count(*) AS n FROM {quoted(table)} GROUP BY ALL"

    after = grouped(name, spelled[0])
    before = grouped(source, spelled[1]) if known else "SELECT *, 1 AS n FROM (SELECT * EXCLUDE (n) FROM a)"
    match = " AND ".join(f"a.k{n} IS NOT DISTINCT FROM b.k{n}" for n in range(len(key)))
    parts = [f"coalesce(CAST(coalesce(a.k{n}, b.k{n}) AS VARCHAR), 'empty')" for n in range(len(key))]
    shown = " || ' / ' || ".join(parts)
    row = cursor.execute(
        f"WITH a AS ({after}), b AS ({before}), paired AS ("
        f"SELECT coalesce(b.n, 0) AS n_before, coalesce(a.n, 0) AS n_after, {shown} AS unit"
        f" FROM a FULL JOIN b ON {match})"
        " SELECT count(*) FILTER (n_before > 0), count(*) FILTER (n_after > 0), count(*) FILTER (n_after = 0),"
        f" min(unit, {EXAMPLES}) FILTER (n_after = 0), count(*) FILTER (n_after > greatest(n_before, 1)),"
        f" min(unit, {EXAMPLES}) FILTER (n_after > greatest(n_before, 1)) FROM paired"
    ).fetchall()[0]
    return UnitChange(key, row[0] if known else None, row[1], row[2], tuple(row[3] or ()), row[4], tuple(row[5] or ()))
