"""Finds steps in which a decision row depends on other rows without a bound in time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.prepare.recipe import Recipe
from core.prepare.syntax import function_calls
from core.workspace.functions import syntax_tree

Node = Mapping[str, Any]

_INEQUALITIES = {
    "COMPARE_LESSTHAN",
    "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_BETWEEN",
}
# Window functions that look at later rows whatever their frame.
_FORWARD = {"lead", "last_value", "ntile", "cume_dist", "percent_rank", "nth_value", "fill"}
_FRAMELESS = {"row_number", "rank", "dense_rank", "rank_dense", "lag"}
_PAST_ENDS = {
    "CURRENT_ROW_RANGE",
    "CURRENT_ROW_ROWS",
    "CURRENT_ROW_GROUPS",
    "EXPR_PRECEDING_RANGE",
    "EXPR_PRECEDING_ROWS",
    "EXPR_PRECEDING_GROUPS",
}


@dataclass(frozen=True, slots=True)
class Unbounded:
    """One window or aggregate in a step that may see rows from after the decision.

    ``function`` is the function as called, ``reason`` a sentence.
    """

    step: str
    function: str
    reason: str


def window_without_bound(recipe: Recipe, tables: Collection[str]) -> tuple[Unbounded, ...]:
    """Find windows and aggregates over the decision rows, or what they are made from, that time does not bound.

    The decision rows are made from what the last step reads first, and so on back to a loaded table; side tables
    that are only joined do not count. A window is bounded when it is ordered, ascending, and its frame ends at the
    current row or before. An aggregate is bounded when its own SELECT compares two columns by < or > (in WHERE or
    in a join), as a self-join on earlier rows does.

    Returns
    -------
    In the order of the steps; empty when every one is bounded.
    """
    trees = {step.name.lower(): _select(step.sql) for step in recipe.steps}
    spine = _spine(recipe, trees)
    found = []
    for step in recipe.steps:
        for function, reason in _unbounded(trees[step.name.lower()], spine):
            one = Unbounded(step.name, function, reason)
            if one not in found:
                found.append(one)
    return tuple(found)


def first_relation(sql: str) -> str:
    """Return the first table of a SELECT's FROM, through its own common table expressions, or ""."""
    return _first_table(_select(sql), {})


def _select(sql: str) -> Node:
    return syntax_tree(sql)["statements"][0]["node"]


def _spine(recipe: Recipe, trees: Mapping[str, Node]) -> frozenset[str]:
    names, current = set(), recipe.steps[-1].name.lower()
    while current and current not in names:
        names.add(current)
        current = _first_table(trees[current], {}).lower() if current in trees else ""
    return frozenset(names)


def _first_table(node: Node, ctes: Mapping[str, Node]) -> str:
    """Follow the leftmost relation down to a table's name."""
    ctes = {**ctes, **{entry["key"].lower(): entry["value"]["query_node"] for entry in _entries(node)}}
    kind = node.get("type")
    if kind in ("SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"):
        first = node.get("left") or next(iter(node.get("children") or []), None)
        return _first_table(first, ctes) if first else ""
    if kind == "SELECT_NODE":
        return _first_table(node["from_table"], ctes)
    if kind == "JOIN":
        return _first_table(node["left"], ctes)
    if kind == "SUBQUERY":
        return _first_table(node["subquery"]["node"], ctes)
    if kind == "PIVOT":
        return _first_table(node["source"], ctes)
    if kind == "BASE_TABLE":
        name = node["table_name"]
        inner = ctes.get(name.lower())
        if inner is None:
            return name
        return _first_table(inner, {key: value for key, value in ctes.items() if key != name.lower()})
    return ""


def _entries(node: Node) -> Sequence[Node]:
    return (node.get("cte_map") or {}).get("map", [])


def _unbounded(node: object, spine: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (function, reason) for every SELECT below ``node`` that reads the spine."""
    if isinstance(node, list):
        for child in node:
            yield from _unbounded(child, spine)
        return
    if not isinstance(node, Mapping):
        return
    for entry in _entries(node):
        if _tables(entry["value"]) & spine:
            spine |= {entry["key"].lower()}
    if node.get("type") == "SELECT_NODE" and _tables(node["from_table"]) & spine:
        bounded = _compares_columns([node["where_clause"], node["from_table"]])
        for call in function_calls(node):
            yield from _judged(call, bounded)
    for child in node.values():
        yield from _unbounded(child, spine)


def _judged(call: Node, bounded: bool) -> Iterator[tuple[str, str]]:
    name = call["function_name"]
    if call["class"] != "WINDOW":
        if not bounded:
            yield name, f"{name}() adds up rows whatever their time, also those from after the decision."
    elif not call["orders"]:
        yield f"{name} OVER", f"{name}() OVER has no ORDER BY, so it sees every row of its partition, later ones too."
    elif call["orders"][0]["type"] == "DESCENDING":
        yield f"{name} OVER", f"{name}() OVER is ordered descending, so it looks at later rows first."
    elif name in _FORWARD and not (name in ("last_value", "nth_value") and call["end"] in _PAST_ENDS):
        yield f"{name} OVER", f"{name}() OVER looks at later rows."
    elif name not in _FRAMELESS and call["end"] not in _PAST_ENDS:
        yield f"{name} OVER", f"{name}() OVER has a frame that reaches past the current row."


def _tables(node: object) -> frozenset[str]:
    """Return the lower-case names of all tables below ``node``."""
    names, pending = set(), [node]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, Mapping):
            if one.get("type") == "BASE_TABLE":
                names.add(one["table_name"].lower())
            pending.extend(one.values())
    return frozenset(names)


def _compares_columns(roots: list[object]) -> bool:
    pending = list(roots)
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, Mapping):
            if node.get("type") in _INEQUALITIES:
                sides = [node.get(key) for key in ("left", "right", "input", "lower", "upper")]
                if sum(_mentions_column(side) for side in sides if side) >= 2:
                    return True
            pending.extend(node.values())
    return False


def _mentions_column(node: object) -> bool:
    if isinstance(node, list):
        return any(_mentions_column(child) for child in node)
    if isinstance(node, Mapping):
        return node.get("class") == "COLUMN_REF" or any(_mentions_column(child) for child in node.values())
    return False
