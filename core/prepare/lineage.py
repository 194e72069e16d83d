"""Which tables and columns each step is made from, and over the whole recipe which loaded columns a feature is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.prepare.recipe import Recipe, Step
from core.prepare.tracing import Untraced, traced
from core.workspace.usersql import tables_read


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """A column of a step that is computed from a column of a loaded table or an earlier step.

    ``same`` says that it is that column unchanged; two edges are equal whatever it says.
    """

    source_table: str
    source_column: str
    step: str
    column: str
    same: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where every table and column comes from.

    Attributes
    ----------
    tables : (from, to) pairs; ``from`` is a loaded table or a step, ``to`` a step.
    columns : edges between columns, for the steps that could be taken apart.
    unknown_steps : steps whose columns could not be traced; their tables are known all the same.
    """

    tables: tuple[tuple[str, str], ...]
    columns: tuple[ColumnEdge, ...]
    unknown_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origins:
    """What one column is made from.

    Attributes
    ----------
    columns : (loaded table, column), in order.
    edges : every edge on the way, nearest to the column first.
    unknown_steps : steps on the way whose columns could not be traced: there may be more origins behind them.
    """

    columns: tuple[tuple[str, str], ...]
    edges: tuple[ColumnEdge, ...]
    unknown_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetRead:
    """A column, other than the target, that a step computes from the target."""

    step: str
    column: str
    sentence: str


def lineage(recipe: Recipe, schemas: Mapping[str, Mapping[str, str]]) -> Lineage:
    """Trace a checked recipe.

    Parameters
    ----------
    recipe : as ``check_recipe`` returns it.
    schemas : table to column to type, in DuckDB's words, of the loaded tables; of steps too where they are known, so
        that what reads a step that cannot be taken apart is traced all the same.

    Returns
    -------
    Tables by DuckDB's own syntax tree, columns by sqlglot's.
    """
    known = {table: dict(columns) for table, columns in schemas.items()}
    tables: list[tuple[str, str]] = []
    edges: list[ColumnEdge] = []
    unknown: list[str] = []
    earlier = [table for table in schemas if table not in {step.name for step in recipe.steps}]
    for step in recipe.steps:
        read = tables_read(step.sql, earlier)
        tables += [(name, step.name) for name in earlier if name in read]
        found = _column_edges(step, {name: known[name] for name in read if name in known}, known.get(step.name))
        if found is None or any(name not in known for name in read):
            unknown.append(step.name)
        else:
            edges += found[1]
            known.setdefault(step.name, found[0])
        earlier.append(step.name)
    return Lineage(tuple(tables), tuple(edges), tuple(unknown))


def _column_edges(
    step: Step, known: Mapping[str, Mapping[str, str]], described: Mapping[str, str] | None
) -> tuple[dict[str, str], list[ColumnEdge]] | None:
    """Return the step's columns and the edges into them, or None where it cannot be taken apart."""
    names = {name.lower(): name for name in known}
    schema = {name.lower(): {column: kind or "unknown" for column, kind in known[name].items()} for name in known}
    spelled = {(name.lower(), column.lower()): column for name in known for column in known[name]}
    try:
        outputs = traced(step.sql, schema)
    except Untraced:
        return None
    if described is not None and len(described) == len(outputs):
        columns = list(described)
    else:
        columns = _as_duckdb_names(step.sql, [one.name for one in outputs], spelled.values())
    edges = [
        ColumnEdge(names[table], spelled.get((table, leaf), leaf), step.name, column, output.same)
        for column, output in zip(columns, outputs, strict=True)
        for table, leaf in sorted(output.leaves)
    ]
    return dict.fromkeys(columns, ""), edges


def _as_duckdb_names(sql: str, outputs: list[str], columns: Collection[str]) -> list[str]:
    """Return the names of the columns as DuckDB would: spelled as written, and the second of a name with _1 behind."""
    lower = {column.lower(): column for column in columns}
    found: list[str] = []
    for output in outputs:
        place = sql.lower().rfind(output.lower()) if output.lower() not in lower else -1
        name = lower.get(output.lower()) or (sql[place : place + len(output)] if place >= 0 else output)
        taken = {one.lower() for one in found}
        numbered = (f"{name}_{n}" for n in range(1, len(outputs) + 1))
        found.append(name if name.lower() not in taken else next(one for one in numbered if one.lower() not in taken))
    return found


def origins(found: Lineage, step: str, column: str) -> Origins:
    """Follow a column of a step back to the columns of loaded tables that it is made from.

    Parameters
    ----------
    found : the lineage of the recipe.
    """
    steps = {to for _, to in found.tables} | {edge.step for edge in found.columns} | set(found.unknown_steps)
    waiting, seen = [(step, column)], {(step, column)}
    ends: list[tuple[str, str]] = []
    edges: list[ColumnEdge] = []
    unknown: list[str] = []
    while waiting:
        here = waiting.pop(0)
        if here[0] not in steps:
            ends.append(here)
            continue
        if here[0] in found.unknown_steps and here[0] not in unknown:
            unknown.append(here[0])
        for edge in found.columns:
            if (edge.step, edge.column) == here:
                edges.append(edge)
                source = (edge.source_table, edge.source_column)
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
    return Origins(tuple(ends), tuple(edges), tuple(unknown))


def target_reads(recipe: Recipe, found: Lineage, target: str) -> tuple[TargetRead, ...]:
    """Find the columns that steps compute from the target, which after the step that makes it nothing may read.

    The target is followed back from the last step for as long as it is passed on unchanged. What it is made from is
    not the target: whether that is known in time is a matter of its availability.

    Returns
    -------
    In the order of the steps; empty when the last step has no such column.
    """
    if not recipe.steps or not target:
        return ()
    carries = {(recipe.steps[-1].name, target.lower())}
    for edge in reversed(found.columns):  # edges come in the order of the steps
        if edge.same and (edge.step, edge.column.lower()) in carries:
            carries.add((edge.source_table, edge.source_column.lower()))
    reads: list[TargetRead] = []
    for edge in found.columns:
        from_target = (edge.source_table, edge.source_column.lower()) in carries
        if from_target and (edge.step, edge.column.lower()) not in carries:
            how = "is the target under another name" if edge.same else "is computed from the target"
            sentence = f"{edge.column} in step {edge.step!r} {how}, {edge.source_table}.{edge.source_column}."
            read = TargetRead(edge.step, edge.column, sentence)
            if read not in reads:
                reads.append(read)
    return tuple(reads)
