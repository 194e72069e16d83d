"""Walks DuckDB's syntax tree of a person's SQL and lets through only the kinds of node that it knows."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import SqlError, SqlRefusedError
from core.workspace.functions import CLOCK_WORDS, SESSION_WORDS, TABLE_FUNCTIONS, function_kind, function_names

_STATEMENTS = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"}
_RELATIONS = {"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST", "PIVOT", "TABLE_FUNCTION"}
_MODIFIERS = {"ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
_EXPRESSIONS = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "OPERATOR",
    "POSITIONAL_REFERENCE",
    "STAR",
    "SUBQUERY",
    "TYPE",
    "WINDOW",
}
_NOT_IN_AN_EXPRESSION = {
    "SUBQUERY": "a SELECT inside it",
    "WINDOW": "a window (OVER)",
    "STAR": "a star (*)",
    "POSITIONAL_REFERENCE": "a column by its position (#1)",
}
_REASONS = {
    "clock": (
        "{name} reads the clock: the same data would give another answer tomorrow.",
        "Use the column that holds the decision time instead.",
    ),
    "volatile": (
        "{name} gives another value each time it runs.",
        "For a repeatable choice of rows use a hash of the key, for example hash(id) % 10 = 0.",
    ),
    "session": (
        "{name} depends on where or when it runs, or runs other SQL, so it cannot be used here.",
        "Use functions of the columns only.",
    ),
}
_NOWHERE = 2**64 - 1
_WORD = re.compile(r'"(?:[^"]|"")*"|\w+|[^\w\s]')


@dataclass(frozen=True, slots=True)
class Gate:
    """Refuses a syntax tree that holds anything but known nodes, given tables and harmless functions.

    Attributes
    ----------
    tables : names that may be read, lower case to as given.
    text : what the person wrote, for the line of a refusal.
    columns : for a scalar expression, the columns it may use, lower case to as given; None for a SELECT.
    offset : characters put in front of ``text`` before it was parsed.
    read : the tables that ``check`` came across, as given.
    """

    tables: Mapping[str, str]
    text: str
    columns: Mapping[str, str] | None = None
    offset: int = 0
    read: set[str] = field(default_factory=set)

    def check(self, tree: object) -> None:
        """Walk ``tree`` and raise at the first node, in reading order, that may not be there."""
        # Pairs of a node and the lower-case names visible there: common table expressions, or in a scalar
        # expression the parameters of lambdas. A stack, since long sums nest deeper than Python's own.
        pending: list[tuple[object, frozenset[str]]] = [(tree, frozenset())]
        while pending:
            node, scope = pending.pop()
            if isinstance(node, list):
                pending.extend((child, scope) for child in reversed(node))
            elif isinstance(node, Mapping):
                pending.extend(reversed(self._check_node(node, scope)))

    def _check_node(self, node: Mapping[str, Any], scope: frozenset[str]) -> list[tuple[object, frozenset[str]]]:
        """Check one node and return what is below it, each with the names that it sees."""
        kind = node.get("class") or node.get("type")
        if isinstance(kind, str):
            self._check_kind(kind, node)
        if node.get("sample"):
            raise self._refusal("A sample picks other rows each time it runs.", _REASONS["volatile"][1], node)
        checks = {
            "BASE_TABLE": self._check_table,
            "COLUMN_REF": self._check_column,
            "FUNCTION": self._check_function,
            "WINDOW": self._check_function,
            "TABLE_FUNCTION": self._check_table_function,
            "TYPE": self._check_type,
            "PIVOT": self._check_pivot,
        }
        if kind in checks:
            checks[kind](node, scope)
        if kind == "CONSTANT":
            return []
        if kind == "TABLE_FUNCTION":
            return [(node["function"]["arguments"], scope)]
        below: list[tuple[object, frozenset[str]]] = []
        if kind == "LAMBDA" and self.columns is not None:
            scope |= {name.lower() for name in _lambda_parameters(node["lhs"])}
        # Each common table expression sees those before it and never itself, save for the recursive part of a
        # recursive one: there DuckDB would read the table of that name.
        for entry in node.get("cte_map", {}).get("map", []):
            below.append((entry["value"], scope))
            scope |= {entry["key"].lower()}
        own = {node["cte_name"].lower()} if kind == "RECURSIVE_CTE_NODE" else frozenset()
        for key, child in node.items():
            if key != "cte_map":
                below.append((child, scope | own if key == "right" else scope))
        return below

    def _check_kind(self, kind: str, node: Mapping[str, Any]) -> None:
        if self.columns is not None and kind in _NOT_IN_AN_EXPRESSION:
            raise self._refusal(
                f"The expression has {_NOT_IN_AN_EXPRESSION[kind]}.", "Write one value per row over the columns.", node
            )
        if "class" in node and kind in _EXPRESSIONS:
            return
        if "class" not in node and kind in _STATEMENTS | _RELATIONS | _MODIFIERS:
            return
        if kind.endswith("_QUERY_NODE"):
            raise self._refusal(
                f"{kind.split('_')[0]} changes or writes data.", "A step only reads: write one SELECT.", node
            )
        named = {
            "SHOW_REF": "DESCRIBE, SHOW and SUMMARIZE look at the database, not at rows.",
            "PARAMETER": "The SQL has a parameter (? or $name).",
        }
        raise self._refusal(named.get(kind, f"{kind} is not allowed here."), "Write one SELECT over the tables.", node)

    def _check_table(self, node: Mapping[str, Any], scope: frozenset[str]) -> None:
        path = node["qualified_name"]["path"]
        name = ".".join(path)
        known = [*self.tables.values(), *sorted(scope)]
        if node.get("at_clause"):
            raise self._refusal("AT (…) reads another version of a table.", "Read the table as it is.", node)
        if len(path) == 1 and name.lower() in scope:
            return
        if len(path) == 1 and name.lower() in self.tables:
            self.read.add(self.tables[name.lower()])
            return
        hint = close_names(name, known) or "Load a table first."
        if any(char in name for char in "./\\*:"):
            hint = f"Files are read on Load; schemas are not used. {hint}"
        raise self._refusal(f"There is no table {name!r} that this SQL may read.", hint, node)

    def _check_column(self, node: Mapping[str, Any], scope: frozenset[str]) -> None:
        names = node["column_names"]
        first = names[0].lower()
        if self.columns is not None and (first in self.columns or first in scope):
            return
        if len(names) == 1 and first in CLOCK_WORDS | SESSION_WORDS:
            problem, hint = _REASONS["clock" if first in CLOCK_WORDS else "session"]
            raise self._refusal(problem.format(name=names[0]), hint, node)
        if self.columns is not None:
            hint = close_names(names[0], self.columns.values())
            raise self._fault(SqlError, f"There is no column {names[0]!r}.", hint, node)

    def _check_function(self, node: Mapping[str, Any], _scope: frozenset[str]) -> None:
        path, name = node["qualified_name"]["path"], node["function_name"]
        if len(path) != 1:
            hint = f"Write {name}(…) with everything between the brackets."
            raise self._refusal(f"{'.'.join(path)}(…) names a function through another name.", hint, node)
        kind = function_kind(name)
        if name.lower() == "age" and len(node["arguments"]) == 1:
            kind = "clock"
        if kind == "unknown":
            raise self._refusal(f"There is no function {name!r}.", close_names(name, function_names(), all_of=0), node)
        if kind in _REASONS:
            problem, hint = _REASONS[kind]
            raise self._refusal(problem.format(name=f"{name}()"), hint, node)
        if self.columns is not None and (kind in ("aggregate", "window") or name.lower() == "unnest"):
            problem = f"{name}() looks at more than one row, or makes more than one."
            raise self._refusal(problem, "Compute it in a recipe step and use that column here.", node)

    def _check_table_function(self, node: Mapping[str, Any], _scope: frozenset[str]) -> None:
        name = ".".join(node["function"]["qualified_name"]["path"])
        if name.lower() not in TABLE_FUNCTIONS:
            problem = f"{name}(…) cannot be read from here."
            raise self._refusal(
                problem, f"Files are read on Load. There are: {', '.join(sorted(TABLE_FUNCTIONS))}.", node
            )

    def _check_type(self, node: Mapping[str, Any], _scope: frozenset[str]) -> None:
        if len(node["qualified_name"]["path"]) != 1:
            name = ".".join(node["qualified_name"]["path"])
            raise self._refusal(f"There is no type {name!r}.", "Use a plain type such as INTEGER or VARCHAR.", node)

    def _check_pivot(self, node: Mapping[str, Any], _scope: frozenset[str]) -> None:
        if any(pivot.get("pivot_enum") for pivot in node["pivots"]):
            raise self._refusal("PIVOT over a type depends on the database.", "List the values: IN ('a', 'b').", node)

    def _refusal(self, problem: str, hint: str, node: Mapping[str, Any]) -> SqlError:
        return self._fault(SqlRefusedError, problem, hint, node)

    def _fault(self, error: type[SqlError], problem: str, hint: str, node: Mapping[str, Any]) -> SqlError:
        place = node.get("query_location", _NOWHERE)
        if place == _NOWHERE:
            return at_line(error(problem, hint=hint), None)
        line, column = place_of(self.text, max(place - self.offset, 0))
        return at_line(error(on_line(problem, line, self.text), hint=hint), line, column, self.text)


def _lambda_parameters(lhs: Mapping[str, Any]) -> list[str]:
    if lhs.get("class") == "COLUMN_REF":
        return list(lhs["column_names"])
    return [name for argument in lhs.get("arguments", []) for name in _lambda_parameters(argument["expression"])]


def close_names(name: str, known: Collection[str], *, all_of: int = 12) -> str:
    """Offer the names that look like this one, else the first ``all_of`` that there are."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=3)
    if near:
        return f"Did you mean {', '.join(by_lower[match] for match in near)}?"
    offered = list(by_lower.values())[:all_of]
    return f"There are: {', '.join(offered)}{', …' if len(by_lower) > all_of else ''}." if offered else ""


def on_line(problem: str, line: int | None, text: str) -> str:
    """Put the line in front of the sentence where it is known and ``text`` has more than one."""
    return problem if line is None or "\n" not in text.strip() else f"Line {line}: {problem}"


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1 and in characters, of a place that is told in bytes."""
    before = text.encode()[:offset].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def at_line(error: SqlError, line: int | None, column: int | None = None, text: str = "") -> SqlError:
    """Give the error its place as attributes and return it.

    ``line`` and ``column`` count from 1, None where not known; ``token`` is the word of ``text`` that stands there.
    """
    rows = text.split("\n")
    word = _WORD.match(rows[line - 1], column - 1) if line and column and line <= len(rows) else None
    error.line, error.column, error.token = line, column, word.group() if word else ""
    return error
