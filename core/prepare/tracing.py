"""Takes one step apart with sqlglot: which columns of the tables it reads each of its columns is computed from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

Leaf = tuple[str, str]
"""A table and a column of it, both as sqlglot spells them: in lower case."""


class Untraced(Exception):
    """The step holds something whose columns cannot be followed."""


@dataclass(frozen=True, slots=True)
class Output:
    """One column of a query: its name, what it is computed from, and whether it is that column unchanged."""

    name: str
    leaves: frozenset[Leaf]
    same: bool = False


def traced(sql: str, schema: Mapping[str, Mapping[str, str]]) -> tuple[Output, ...]:
    """Return the columns of a SELECT, in order.

    Parameters
    ----------
    sql : in DuckDB's dialect, checked.
    schema : table in lower case to column to type, of every table that it reads.

    Raises
    ------
    Untraced
        For what sqlglot does not take apart: PIVOT, COLUMNS(…), a whole row as a value, and others.
    """
    try:
        parsed = sqlglot.parse_one(sql, read="duckdb")
        if parsed.find(exp.Columns, exp.Pivot):
            raise Untraced(sql)  # their columns depend on names and values that sqlglot does not look up
        tree = qualify(parsed, schema=dict(schema), dialect="duckdb", identify=False)
        while isinstance(tree, exp.Subquery) and not tree.args.get("joins"):
            tree = tree.this
        scope = build_scope(tree)
        if scope is None:
            raise Untraced(sql)
        return _Tracer({name.lower() for name in schema}).outputs(scope)
    except (SqlglotError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise Untraced(sql) from error


class _Tracer:
    """Follows columns through the queries inside a query; each is looked at once."""

    def __init__(self, tables: set[str]) -> None:
        self.tables = tables
        self._known: dict[int, tuple[Output, ...]] = {}

    def outputs(self, scope: Scope) -> tuple[Output, ...]:
        if id(scope) not in self._known:
            self._known[id(scope)] = ()  # a recursive query meets itself with nothing yet
            self._known[id(scope)] = self._outputs(scope)
        return self._known[id(scope)]

    def _outputs(self, scope: Scope) -> tuple[Output, ...]:
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            return self._united(scope, query)
        if isinstance(query, exp.Lateral | exp.Subquery) and scope.subquery_scopes:
            return self.outputs(scope.subquery_scopes[0])
        if not isinstance(query, exp.Select):
            raise Untraced(type(query).__name__)
        if any(isinstance(one, exp.Star) or one.is_star for one in query.selects):
            raise Untraced("*")
        windows = {one.name.lower(): one for one in query.args.get("windows") or []}
        return tuple(self._output(one, scope, windows) for one in query.selects)

    def _united(self, scope: Scope, query: exp.SetOperation) -> tuple[Output, ...]:
        left, right = (self.outputs(part) for part in scope.set_operation_scopes)
        if query.args.get("by_name"):
            others = {one.name: one for one in right}
            names = [one.name for one in left] + [one.name for one in right if one.name not in {o.name for o in left}]
            ours = {one.name: one for one in left}
            return tuple(_merged([side[name] for side in (ours, others) if name in side]) for name in names)
        if len(right) not in (0, len(left)):
            raise Untraced("UNION")
        return tuple(_merged(pair) for pair in zip(left, right, strict=True)) if right else left

    def _output(self, item: exp.Expression, scope: Scope, windows: Mapping[str, exp.Expression]) -> Output:
        value = item.unalias()
        if isinstance(value, exp.Column):
            found = self._column(value, scope)
            return Output(item.alias_or_name, found.leaves, found.same)
        leaves = set(self._leaves(value, scope))
        for window in value.find_all(exp.Window):
            named = windows.get(str(window.args.get("alias") or "").strip('"').lower())
            leaves |= set(self._leaves(named, scope)) if named else set()
        return Output(item.alias_or_name, frozenset(leaves))

    def _leaves(self, value: exp.Expression, scope: Scope) -> Iterator[Leaf]:
        """Yield what a value is computed from; of a query inside it also what that filters by."""
        inner = {id(one.expression): one for one in scope.subquery_scopes}
        pending: list[exp.Expression] = [value]
        while pending:
            node = pending.pop()
            if isinstance(node, exp.Column):
                yield from self._column(node, scope).leaves
            elif id(node) in inner:
                yield from self._query(inner[id(node)])
            elif isinstance(node, exp.TableColumn) or (
                isinstance(node, exp.Query) and not isinstance(node, exp.Subquery)
            ):
                raise Untraced("a whole row, or a query that has no scope")
            else:
                pending.extend(node.iter_expressions())

    def _query(self, scope: Scope) -> Iterator[Leaf]:
        for one in self.outputs(scope):
            yield from one.leaves
        if isinstance(scope.expression, exp.Select):
            for part in ("where", "having", "qualify"):
                if scope.expression.args.get(part):
                    yield from self._leaves(scope.expression.args[part], scope)

    def _column(self, column: exp.Column, scope: Scope) -> Output:
        here: Scope | None = scope
        while here is not None and column.table not in here.sources:
            here = here.parent
        if here is None:
            raise Untraced(f"{column.table}.{column.name}")
        source = here.sources[column.table]
        if isinstance(source, exp.Table):
            if source.name.lower() in self.tables:
                return Output(column.name, frozenset({(source.name.lower(), column.name.lower())}), same=True)
            return Output(column.name, frozenset(self._leaves_of_function(source, here)))
        if isinstance(source.expression, exp.Lateral | exp.Subquery) or source.is_correlated_subquery:
            query = source.subquery_scopes[0] if source.subquery_scopes else source
            made = self._named(self.outputs(query), column.name)
            return Output(column.name, made.leaves | frozenset(self._filters(query)))
        if isinstance(source.expression, exp.Unnest):
            return Output(column.name, frozenset(self._leaves_of_function(source.expression, here)))
        if isinstance(source.expression, exp.Values):
            return Output(column.name, frozenset())
        return self._named(self.outputs(source), column.name)

    def _filters(self, scope: Scope) -> Iterator[Leaf]:
        where = scope.expression.args.get("where") if isinstance(scope.expression, exp.Select) else None
        if where:
            yield from self._leaves(where, scope)

    def _leaves_of_function(self, source: exp.Expression, scope: Scope) -> Iterator[Leaf]:
        for column in source.find_all(exp.Column):
            yield from self._column(column, scope).leaves

    def _named(self, outputs: Sequence[Output], name: str) -> Output:
        for one in outputs:
            if one.name.lower() == name.lower():
                return one
        raise Untraced(name)


def _merged(parts: Sequence[Output]) -> Output:
    return Output(
        parts[0].name,
        frozenset().union(*(one.leaves for one in parts)),
        all(one.same for one in parts),
    )
