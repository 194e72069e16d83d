"""Which of DuckDB's functions a person's SQL may call: those whose value depends on their arguments alone."""

import json
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

import duckdb

from core.scoring.engine import scratch

Kind = Literal["scalar", "aggregate", "window", "clock", "volatile", "session", "unknown"]

TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})

# Bare words that DuckDB turns into a call when no column has that name.
CLOCK_WORDS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})
SESSION_WORDS = frozenset({"current_catalog", "current_schema", "current_role", "current_user", "session_user"})

# The catalog calls these consistent, but they read the clock.
_CLOCK = CLOCK_WORDS | {
    "current_localtime",
    "current_localtimestamp",
    "get_current_time",
    "get_current_timestamp",
    "now",
    "today",
    "transaction_timestamp",
}
# Consistent or an aggregate by the catalog, yet not a function of the arguments alone, or a door to other SQL.
_REFUSED = frozenset(
    {"json_deserialize_sql", "json_serialize_plan", "json_serialize_sql", "parse_duckdb_log_message", "version"}
)
_RANDOM = frozenset({"gen_random_uuid", "random", "reservoir_quantile", "setseed", "uuid", "uuidv4", "uuidv7"})

_CALLABLE = frozenset({"scalar", "aggregate", "window", "macro"})

_lock = threading.Lock()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return scratch(memory_limit="256MB")


def syntax_tree(sql: str) -> dict[str, Any]:
    """Return DuckDB's own reading of ``sql``, as ``json_serialize_sql`` gives it; faults come back under "error"."""
    with _lock:
        row = _engine().execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    return json.loads(row[0])


def first_other_statement(sql: str) -> str:
    """Return the first word of the first statement that is not a SELECT, or ""."""
    with _lock:
        statements = _engine().extract_statements(sql)
    others = [statement.query.split() for statement in statements if statement.type != duckdb.StatementType.SELECT]
    return others[0][0].upper().rstrip(";") if others and others[0] else ""


@cache
def _catalog() -> dict[str, list[tuple[str, str | None, str | None]]]:
    """Return each function's overloads by name: (type, stability, definition of a macro)."""
    with _lock:
        rows = (
            _engine()
            .execute("SELECT lower(function_name), function_type, stability, macro_definition FROM duckdb_functions()")
            .fetchall()
        )
    overloads: dict[str, list[tuple[str, str | None, str | None]]] = {}
    for name, function_type, stability, definition in rows:
        overloads.setdefault(name, []).append((function_type, stability, definition))
    return overloads


def function_names() -> list[str]:
    """Return the names a person may call, for suggestions."""
    return [
        name for name in _catalog() if function_kind(name) in ("scalar", "aggregate", "window") and name.isidentifier()
    ]


@cache
def reserved_words() -> frozenset[str]:
    """Return the words, in lower case, that name a table or column only between double quotes."""
    with _lock:
        rows = _engine().execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'")
        return frozenset(name for (name,) in rows.fetchall())


@cache
def function_kind(name: str) -> Kind:
    """Say what calling ``name`` means: usable (scalar, aggregate, window), or why it is not.

    A macro that comes with DuckDB is what its definition is: usable when everything it calls is.
    """
    name = name.lower()
    if name in _CLOCK:
        return "clock"
    if name in _RANDOM:
        return "volatile"
    if name in _REFUSED or name.startswith("__internal"):
        return "session"
    if name in ("unnest", "error"):  # one is bound outside the catalog, the other only stops the query
        return "scalar"
    kinds = {_overload_kind(name, *overload) for overload in _catalog().get(name, []) if overload[0] in _CALLABLE}
    for worst in ("clock", "volatile", "session", "window", "aggregate", "scalar"):
        if worst in kinds:
            return worst
    return "unknown"


def _overload_kind(name: str, function_type: str, stability: str | None, definition: str | None) -> Kind:
    if function_type == "macro":
        return _macro_kind(name, definition or "")
    return function_type if stability == "CONSISTENT" else "session"


def _macro_kind(name: str, definition: str) -> Kind:
    tree = syntax_tree(f"SELECT {definition}")
    if tree["error"]:
        return "session"
    kinds: set[Kind] = {"scalar"}
    for node in _nodes(tree["statements"][0]["node"]["select_list"]):
        if node.get("class") == "SUBQUERY":
            kinds.add("session")
        elif node.get("class") == "FUNCTION":
            path = node["qualified_name"]["path"]
            # A macro that calls its own name calls another overload of it, which is judged beside this one.
            if path[-1].lower() != name or len(path) != 1:
                kinds.add(function_kind(path[-1]) if len(path) == 1 else "session")
        elif node.get("class") == "COLUMN_REF" and node["column_names"][-1] in CLOCK_WORDS:
            kinds.add("clock")
    for worst in ("clock", "volatile", "session", "unknown", "window", "aggregate"):
        if worst in kinds:
            return worst
    return "scalar"


def _nodes(tree: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(tree, Mapping):
        yield tree
        for child in tree.values():
            yield from _nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _nodes(child)
