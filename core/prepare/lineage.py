"""Which tables and columns each step is made from."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage as column_lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from core.prepare.recipe import Recipe, Step
from core.workspace.usersql import tables_read


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """A column of a step that is computed from a column of a loaded table or an earlier step."""

    source_table: str
    source_column: str
    step: str
    column: str


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


def lineage(recipe: Recipe, schemas: Mapping[str, Mapping[str, str]]) -> Lineage:
    """Trace a checked recipe.

    Parameters
    ----------
    recipe : as ``check_recipe`` returns it.
    schemas : table to column to type, in DuckDB's words, of the loaded tables; steps may be given too, and are
        then not derived.

    Returns
    -------
    Tables by DuckDB's own syntax tree, columns by sqlglot's.
    """
    known = {table: dict(columns) for table, columns in schemas.items()}
    tables: list[tuple[str, str]] = []
    columns: list[ColumnEdge] = []
    unknown: list[str] = []
    earlier = [table for table in schemas if table not in {step.name for step in recipe.steps}]
    for step in recipe.steps:
        read = tables_read(step.sql, earlier)
        tables += [(name, step.name) for name in earlier if name in read]
        traced = _column_edges(step, {name: known[name] for name in read if name in known})
        if traced is None or any(name not in known for name in read):
            unknown.append(step.name)
        else:
            columns += traced[1]
            known.setdefault(step.name, traced[0])
        earlier.append(step.name)
    return Lineage(tuple(tables), tuple(columns), tuple(unknown))


def _column_edges(step: Step, known: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, str], list[ColumnEdge]] | None:
    """Return the step's columns and the edges into them, or None where sqlglot cannot take the step apart."""
    names = {name.lower(): name for name in known}
    schema = {name.lower(): {column: kind or "unknown" for column, kind in known[name].items()} for name in known}
    spelled = {(name.lower(), column.lower()): column for name in known for column in known[name]}
    try:
        parsed = sqlglot.parse_one(step.sql, read="duckdb")
        if parsed.find(exp.Columns):
            return None  # which columns it means depends on their names, which sqlglot does not look up
        written = {column.lower(): column for name in known for column in known[name]}
        written |= {identifier.name.lower(): identifier.name for identifier in parsed.find_all(exp.Identifier)}
        tree = qualify(parsed, schema=schema, dialect="duckdb", identify=False)
        scope = build_scope(tree)
        outputs = [selected.alias_or_name for selected in tree.selects]
        if scope is None or not outputs or "*" in outputs or len(set(outputs)) < len(outputs):
            return None
        edges: list[ColumnEdge] = []
        for column in outputs:
            nodes = list(column_lineage(column, tree, schema=schema, dialect="duckdb", scope=scope).walk())
            leaves = {
                (node.expression.name.lower(), node.name.rsplit(".", 1)[-1].strip('"').lower())
                for node in nodes
                if isinstance(node.expression, exp.Table) and node.expression.name.lower() in names
            }
            edges += [
                ColumnEdge(names[table], spelled.get((table, leaf), leaf), step.name, written.get(column, column))
                for table, leaf in sorted(leaves)
            ]
    except (SqlglotError, ValueError, KeyError, RecursionError):
        return None
    return {written.get(column, column): "" for column in outputs}, edges
