"""Finds the narrowest type that every value of a text column has, and makes the column that."""

from collections.abc import Collection, Mapping, Sequence

import duckdb

from core.ingest.forms import Form, candidates
from core.ingest.source import Assumption, Column, ReaderSettings
from core.ingest.stopping import check
from core.ingest.value_evidence import assumption, is_open, kept_as_text
from core.scoring.prepare import quoted

N_FIRST = 100
N_SAMPLED = 10_000

Forms = dict[str, list[Form]]


def typed(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    settings: ReaderSettings,
    *,
    is_temporary: bool = True,
) -> tuple[Assumption, ...]:
    """Give the text columns ``names`` of a table the type that all their values have; return what that assumes.

    Every value of a column is looked at, not a sample. Words such as NULL or ? stay text: whether they mean
    "missing" is for Quality to ask. A column without any value stays text.

    Parameters
    ----------
    table : replaced, its rows in the same order.
    names : those columns of it, all VARCHAR, whose type is open.
    settings : marks and the order of dates that are stated are not found out. ``missing`` has been applied before.
    """
    sampled = fitting(connection, table, first_candidates(connection, table, names, settings), N_SAMPLED)
    chosen: dict[str, Form] = {}
    assumed: list[Assumption] = []
    for name, forms in fitting(connection, table, sampled, 0).items():
        if not forms:
            continue
        if forms[0].is_plain:
            chosen[name] = forms[0]
        elif is_open(connection, table, name, forms):
            assumed.append(kept_as_text(connection, table, name, forms))
        else:
            said = assumption(connection, table, name, forms[0], settings)
            assumed += [said] if said else []
            chosen[name] = forms[0]
    retype(connection, table, {name: form.value(quoted(name)) for name, form in chosen.items()}, is_temporary)
    return tuple(assumed)


def without_words(
    connection: duckdb.DuckDBPyConnection, table: str, names: Collection[str], words: Sequence[str]
) -> None:
    """Make the values of text columns that are one of some words, but for blanks around them, no value."""
    if words and names:
        retype(connection, table, {name: missing(quoted(name), words) for name in names}, True)


def missing(text: str, words: Sequence[str]) -> str:
    """Return the SQL ``text`` as no value where it is one of some words."""
    if not words:
        return text
    listed = ", ".join("'" + word.strip().replace("'", "''") + "'" for word in words)
    return f"CASE WHEN trim({text}) IN ({listed}) THEN NULL ELSE {text} END"


def retype(connection: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, str], is_temporary: bool) -> None:
    """Replace columns of a table by SQL over it; the rows stay in their order."""
    if not values:
        return
    check()
    replaced = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in values.items())
    kind = "TEMP TABLE" if is_temporary else "TABLE"
    connection.execute(
        f"CREATE OR REPLACE {kind} {quoted(table)} AS SELECT * REPLACE ({replaced}) FROM {quoted(table)} ORDER BY rowid"
    )


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Column, ...]:
    """Return the columns of a table with their types."""
    rows = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return tuple(Column(row[0], row[1]) for row in rows)


def open_texts(connection: duckdb.DuckDBPyConnection, table: str, stated: Collection[str]) -> list[str]:
    """Return the columns of a table that are text, but for those of which somebody said so."""
    return [one.name for one in columns_of(connection, table) if one.type == "VARCHAR" and one.name not in stated]


def first_candidates(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], settings: ReaderSettings
) -> Forms:
    """Return for each column the forms that its first hundred values have; columns without a value are left out."""
    found: Forms = {}
    head = connection.sql(f"SELECT * FROM {quoted(table)} LIMIT {N_FIRST}").to_arrow_table()
    for name in names:
        values = [value for value in head.column(name).to_pylist() if value is not None]
        if not values:
            query = f"SELECT {quoted(name)} FROM {quoted(table)} WHERE {quoted(name)} IS NOT NULL LIMIT {N_FIRST}"
            values = [row[0] for row in connection.execute(query).fetchall()]
        if values:
            found[name] = candidates(values, settings)
    return found


def fitting(connection: duckdb.DuckDBPyConnection, table: str, possible: Forms, limit: int) -> Forms:
    """Keep of the possible forms those that fit every value of the first ``limit`` rows, or of all (0).

    Where a plain form fits, it is the first of those kept, and those after it are kept untried: nothing but a value
    further on makes them matter.
    """
    found: Forms = {}
    waiting = dict(possible)
    while waiting:
        tried = {name: forms[:1] if forms and forms[0].is_plain else forms for name, forms in waiting.items()}
        fits = _tried(connection, table, tried, limit)
        later: Forms = {}
        for name, forms in waiting.items():
            if not forms or not forms[0].is_plain:
                found[name] = fits[name]
            elif fits[name]:
                found[name] = forms
            else:
                later[name] = forms[1:]
        waiting = later
    return {name: found[name] for name in possible}


def _tried(connection: duckdb.DuckDBPyConnection, table: str, tried: Forms, limit: int) -> Forms:
    """Return which of the forms fit, in one pass."""
    check()
    tests = [(name, form) for name, forms in tried.items() for form in forms]
    if not tests:
        return tried
    counted = ", ".join(
        f"count({quoted(name)}) = count(CASE WHEN {form.fits(quoted(name))} THEN 1 END)" for name, form in tests
    )
    rows = f"(SELECT * FROM {quoted(table)} LIMIT {limit})" if limit else quoted(table)
    fits = connection.execute(f"SELECT {counted} FROM {rows}").fetchall()[0]
    kept: Forms = {name: [] for name in tried}
    for (name, form), fit in zip(tests, fits, strict=True):
        if fit:
            kept[name].append(form)
    return kept
