"""Ways about DuckDB's own syntax tree of a step."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from core.workspace.functions import function_kind, syntax_tree

Node = Mapping[str, Any]


@lru_cache(maxsize=256)
def select_tree(sql: str) -> Node:
    """Return the tree of a checked SELECT; to be read only."""
    return syntax_tree(sql)["statements"][0]["node"]


def cte_entries(node: Node) -> list[tuple[str, Node]]:
    """Return (name in lower case, query) of the common table expressions that a query begins with."""
    listed = (node.get("cte_map") or {}).get("map", [])
    return [(entry["key"].lower(), entry["value"]["query_node"]) for entry in listed]


def nodes(tree: object) -> Iterator[Node]:
    """Yield every node, in reading order."""
    pending = [tree]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(reversed(one))
        elif isinstance(one, Mapping):
            yield one
            pending.extend(reversed(list(one.values())))


def tables_below(tree: object) -> frozenset[str]:
    """Return the lower-case names of all tables, common table expressions included, below a node."""
    return frozenset(one["table_name"].lower() for one in nodes(tree) if one.get("type") == "BASE_TABLE")


def column_name(node: Node) -> str:
    """Return a column reference's own name in lower case, without its table; "" for anything else."""
    return str(node["column_names"][-1]).lower() if node.get("class") == "COLUMN_REF" else ""


def function_calls(select: Node) -> Iterator[Node]:
    """Yield windows and aggregates of this SELECT itself, not of SELECTs inside it."""
    parts = ("select_list", "where_clause", "having", "qualify", "modifiers", "group_expressions")
    pending: list[object] = [select.get(part) for part in reversed(parts)]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(reversed(node))
        elif isinstance(node, Mapping) and node.get("class") != "SUBQUERY":
            kind = node.get("class")
            if kind == "WINDOW" or (kind == "FUNCTION" and function_kind(node["function_name"]) == "aggregate"):
                yield node
            pending.extend(reversed(list(node.values())))
