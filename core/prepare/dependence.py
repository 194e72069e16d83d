"""Finds steps in which a decision row depends on which other rows happen to be there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.prepare.recipe import Recipe
from core.prepare.syntax import column_name, cte_entries, function_calls, nodes, select_tree, tables_below

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dependence:
    """One place where a decision row's values, or whether it is there at all, hang on other rows.

    ``what`` is the construct as SQL names it, ``sentence`` says what hangs on what, ``upstream`` whether the step is
    declared to run before the service, over all rows.
    """

    step: str
    what: str
    sentence: str
    upstream: bool = False


def decision_tables(recipe: Recipe) -> frozenset[str]:
    """Return, in lower case, the steps and loaded tables whose rows become the decision rows.

    They are found backwards from the last step: what it reads first, both sides of a UNION, and so on down to a
    loaded table. What is only joined to them does not count.
    """
    trees = {step.name.lower(): select_tree(step.sql) for step in recipe.steps}
    found: set[str] = set()
    waiting = [recipe.steps[-1].name.lower()] if recipe.steps else []
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in trees:
                waiting += [table.lower() for table in _carriers(trees[name], {})]
    return frozenset(found)


def depends_on_other_rows(
    recipe: Recipe, tables: Collection[str], unit_key: Sequence[str] = ()
) -> tuple[Dependence, ...]:
    """Find windows, aggregates, DISTINCT, LIMIT and self-joins over the decision rows or what they are made from.

    Lookups into other tables are left alone, aggregated or not: they do not change with the decisions that are asked
    for. So is what stays within one unit: GROUP BY, PARTITION BY, DISTINCT or a join over the whole ``unit_key``.

    Parameters
    ----------
    recipe : checked.
    tables : names of the loaded tables.
    unit_key : the columns that name a decision; () when a row of the result is one.

    Returns
    -------
    In the order of the steps, each once. A step whose name is not read by the last one, directly or not, is left out.
    """
    own = set(decision_tables(recipe))
    known = {table.lower() for table in tables} | {step.name.lower() for step in recipe.steps}
    needed = _needed(recipe)
    key = frozenset(name.lower() for name in unit_key)
    found: list[Dependence] = []
    for step in recipe.steps:
        if step.name.lower() not in needed:
            continue
        tree = select_tree(step.sql)
        for what, sentence in _found(tree, frozenset(own & known), key):
            one = Dependence(step.name, what, sentence, step.upstream)
            if one not in found:
                found.append(one)
        if tables_below(tree) & own:
            own.add(step.name.lower())
    return tuple(found)


def _needed(recipe: Recipe) -> frozenset[str]:
    """Return the steps that the last one reads, directly or not, and itself."""
    reads = {step.name.lower(): tables_below(select_tree(step.sql)) for step in recipe.steps}
    found: set[str] = set()
    waiting = [recipe.steps[-1].name.lower()] if recipe.steps else []
    while waiting:
        name = waiting.pop()
        if name in reads and name not in found:
            found.add(name)
            waiting += reads[name]
    return frozenset(found)


def _carriers(node: Node, ctes: Mapping[str, Node]) -> list[str]:
    """Return the tables whose rows a query passes on, through its own common table expressions."""
    ctes = {**ctes, **dict(cte_entries(node))}
    kind = node.get("type")
    if kind == "SET_OPERATION_NODE":
        children = node.get("children") or [node.get("left"), node.get("right")]
        some = children if str(node.get("setop_type")).startswith("UNION") else children[:1]
        return [name for child in some if child for name in _carriers(child, ctes)]
    if kind == "RECURSIVE_CTE_NODE":
        return _carriers(node["left"], ctes)
    if kind == "SELECT_NODE":
        return _carriers(node["from_table"], ctes)
    if kind == "JOIN":
        sides = {"RIGHT": ("right",), "FULL": ("left", "right")}.get(str(node.get("join_type")), ("left",))
        return [name for side in sides for name in _carriers(node[side], ctes)]
    if kind == "SUBQUERY":
        return _carriers(node["subquery"]["node"], ctes)
    if kind == "PIVOT":
        return _carriers(node["source"], ctes)
    if kind == "BASE_TABLE":
        name = node["table_name"]
        inner = ctes.get(name.lower())
        if inner is None:
            return [name]
        return _carriers(inner, {key: value for key, value in ctes.items() if key != name.lower()})
    return []


def _found(node: object, own: frozenset[str], key: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (what, sentence) for every query below ``node`` that reads the decision rows."""
    if isinstance(node, list):
        for child in node:
            yield from _found(child, own, key)
        return
    if not isinstance(node, Mapping):
        return
    for name, body in cte_entries(node):
        own = own | {name} if tables_below(body) & own else own - {name}
    if node.get("type") == "SELECT_NODE":
        yield from _in_select(node, own, key)
    if node.get("type") == "SET_OPERATION_NODE" and tables_below(node) & own:
        operation = str(node.get("setop_type", ""))
        if operation in ("EXCEPT", "INTERSECT") or (operation.startswith("UNION") and not node.get("setop_all")):
            operation = operation.replace("_", " ")
            yield operation, f"{operation} compares the rows with each other: which of them stay depends on the others."
        yield from _in_modifiers(node, key)
    for child in node.values():
        yield from _found(child, own, key)


def _in_select(select: Node, own: frozenset[str], key: frozenset[str]) -> Iterator[tuple[str, str]]:
    reads = bool(tables_below(select["from_table"]) & own)
    if reads:
        grouped = _grouped(select)
        if (select.get("group_expressions") or _all_groups(select)) and not key_covered(key, grouped):
            yield "GROUP BY", "GROUP BY makes one row of several decisions' rows."
        for call in function_calls(select):
            yield from _in_call(call, grouped, key, select)
        yield from _in_modifiers(select, key)
        yield from _in_joins(select["from_table"], own, key)
    parts = ("select_list", "where_clause", "having", "qualify")
    for one in (inner for part in parts for inner in nodes(select.get(part)) if inner.get("class") == "SUBQUERY"):
        if tables_below(one["subquery"]) & own and not _equal_columns(one["subquery"]) >= key | _none(key):
            yield "a query in the query", "A query inside it looks into the rows of other decisions."


def _none(key: frozenset[str]) -> frozenset[str]:
    """Return what no columns can cover where there is no key."""
    return frozenset() if key else frozenset({""})


def key_covered(key: frozenset[str], columns: Collection[str]) -> bool:
    """Return whether some columns hold the whole unit key, so that what they group stays within one unit."""
    return bool(key) and key <= set(columns)


def _in_call(call: Node, grouped: Collection[str], key: frozenset[str], select: Node) -> Iterator[tuple[str, str]]:
    name = call["function_name"].removesuffix("_star")
    if call["class"] == "WINDOW":
        parts = [column_name(part) for part in call.get("partitions") or []]
        if not key_covered(key, _aliased(parts, select)):
            yield f"{name} OVER", f"{name}() OVER looks at the rows of other decisions."
    elif not key_covered(key, grouped):
        yield name, f"{name}() sums up the rows of many decisions."


def _in_modifiers(node: Node, key: frozenset[str]) -> Iterator[tuple[str, str]]:
    for modifier in node.get("modifiers") or []:
        kind = modifier.get("type")
        if kind in ("LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"):
            yield "LIMIT", "LIMIT keeps a number of rows: whether one stays depends on the others."
        if kind == "DISTINCT_MODIFIER":
            targets = [column_name(one) for one in modifier.get("distinct_on_targets") or []]
            outputs = targets or [item.get("alias") or column_name(item) for item in node.get("select_list") or []]
            if not key_covered(key, [name.lower() for name in outputs]):
                yield "DISTINCT", "DISTINCT makes one row of several: whether one stays depends on the others."


def _in_joins(relation: Node, own: frozenset[str], key: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the joins of the decision rows with themselves that are not over the whole unit key."""
    if relation.get("type") != "JOIN":
        return
    left, right = relation["left"], relation["right"]
    if tables_below(left) & own and tables_below(right) & own:
        using = {name.lower() for name in relation.get("using_columns") or []}
        if not key_covered(key, using | _equal_columns(relation.get("condition"))):
            yield "JOIN", "A join puts the rows of other decisions beside each."
    yield from _in_joins(left, own, key)
    yield from _in_joins(right, own, key)


def _grouped(select: Node) -> list[str]:
    """Return the columns that a SELECT groups by, by their names and by what the SELECT calls them."""
    items = select.get("select_list") or []
    names: list[str] = []
    expressions = select.get("group_expressions") or []
    if _all_groups(select):
        expressions = [item for item in items if not list(function_calls({"select_list": [item]}))]
    for one in expressions:
        text = str(one["literal"]["text"]) if one.get("class") == "CONSTANT" else ""
        place = int(text) if text.isdigit() else 0
        item = items[place - 1] if 0 < place <= len(items) else one
        names += [column_name(item), str(item.get("alias") or "").lower()]
    return _aliased([name for name in names if name], select)


def _all_groups(select: Node) -> bool:
    return select.get("aggregate_handling") == "FORCE_AGGREGATES"


def _aliased(columns: Sequence[str], select: Node) -> list[str]:
    """Return columns with the names under which the SELECT passes them on."""
    renamed = {
        str(item["alias"]).lower(): column_name(item) for item in select.get("select_list") or [] if item.get("alias")
    }
    return [*columns, *(alias for alias, column in renamed.items() if column and column in columns)]


def _equal_columns(node: object) -> frozenset[str]:
    """Return the columns that a condition sets equal to a column of the same name."""
    found = set()
    for one in nodes(node):
        if one.get("type") == "COMPARE_EQUAL":
            left, right = column_name(one["left"]), column_name(one["right"])
            if left and left == right:
                found.add(left)
    return frozenset(found)
