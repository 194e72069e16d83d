"""Gives a step another name, in the steps that read it too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.prepare.recipe import Step
from core.prepare.sqltext import name_sql
from core.prepare.syntax import cte_entries, nodes
from core.workspace.functions import syntax_tree

Node = Mapping[str, Any]
_NAME = re.compile(rb'"(?:[^"]|"")*"|\w+|[^\x00-\x7f\W]+')


def renamed(steps: Sequence[Step], old: str, new: str) -> tuple[Step, ...]:
    """Return the steps with one of them called otherwise, and every step after it reading it by its new name.

    Only what names the step is rewritten, found in DuckDB's syntax tree: not text, not comments, not a column or
    a common table expression of the same name. A step that does not parse stays as it is.

    Parameters
    ----------
    old : the step's name as it is spelled in ``steps``; where there is none, the steps come back as they were.
    new : not checked here; ``check_recipe`` does.
    """
    at = next((place for place, step in enumerate(steps) if step.name == old), len(steps))
    later = [replace(step, sql=_rewritten(step.sql, old, new)) for step in steps[at + 1 :]]
    return (*steps[:at], *(replace(step, name=new) for step in steps[at : at + 1]), *later)


def _rewritten(sql: str, old: str, new: str) -> str:
    tree = syntax_tree(sql)
    if tree.get("error") or not tree["statements"]:
        return sql
    data, name = sql.encode(), name_sql(new).encode()
    for place in sorted(set(_places(tree["statements"][0]["node"], old.lower())), reverse=True):
        found = _NAME.match(data, place)
        if found and found.group().decode().strip('"').replace('""', '"').lower() == old.lower():
            data = data[:place] + name + data[found.end() :]
    return data.decode()


def _places(tree: Node, old: str) -> Iterator[int]:
    """Yield, in bytes, where the SQL names the step: as a table, and in front of a column or a star."""
    tables = list(_tables(tree, old))
    yield from (table["query_location"] for table in tables)
    aliases = {str(one["alias"]).lower() for one in nodes(tree) if one.get("alias") and "class" not in one}
    if old in aliases or not any(not table.get("alias") for table in tables):
        return
    for one in nodes(tree):
        qualified = one.get("class") == "COLUMN_REF" and len(one["column_names"]) > 1
        before = one["column_names"][0] if qualified else one.get("relation_name") if one.get("class") == "STAR" else ""
        if before and str(before).lower() == old:
            yield one["query_location"]


def _tables(tree: object, old: str) -> Iterator[Node]:
    """Yield the references to the step, passing over those that a common table expression of its name stands for."""
    pending: list[tuple[object, bool]] = [(tree, False)]
    while pending:
        node, hidden = pending.pop()
        if isinstance(node, list):
            pending += [(child, hidden) for child in node]
        elif isinstance(node, Mapping):
            for name, body in cte_entries(node):
                pending.append((body, hidden))
                hidden = hidden or name == old
            if node.get("type") == "BASE_TABLE" and not hidden and node["table_name"].lower() == old:
                yield node
            pending += [(child, hidden) for key, child in node.items() if key != "cte_map"]
