"""Reads a table of an SQLite file in batches; a column's type is what its values are, not what it was declared."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from core.errors import LoadError
from core.ingest.column_types import typed
from core.ingest.database_settled import moment
from core.ingest.databasefile import chosen_table
from core.ingest.delimited import TextTable
from core.ingest.handover import store
from core.ingest.source import ReaderSettings, unique_names
from core.scoring.prepare import quoted

_ROWS = 10_000
_EXACT_IN_FLOAT = 2**53
_TEXTS = ("CHAR", "CLOB", "TEXT")


def read_sqlite(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read the table ``settings.member`` of an SQLite file, or its only one; ``folder`` is not needed.

    SQLite keeps any kind of value in any column. All whole numbers make BIGINT, with fractions DOUBLE, only bytes
    BLOB; several kinds in one column make a text, which is noted, and typed if all its values are of one kind after
    all. Texts that are all dates or times become that, since SQLite has no type for them.

    Raises
    ------
    LoadError
        When the file is damaged or locked; when there is no such table, or several and none was chosen.
    """
    with _opened(path) as source:
        name = chosen_table([name for name, _ in _tables(source)], settings.member, path.name)
        columns = [(row[1], str(row[2] or "").upper()) for row in source.execute(f"PRAGMA table_info({quoted(name)})")]
        names = unique_names([column for column, _ in columns])
        kinds = [_kind(source, name, column) for column, _ in columns]
        schema = pa.schema([(name, kind.arrow) for name, kind in zip(names, kinds, strict=True)])
        rows = _batches(source, name, kinds, schema)
        store(connection, table, schema, rows)
    notes = [
        f"Column {name!r} holds values of several kinds ({kind.shown}): they were read as text."
        for name, kind in zip(names, kinds, strict=True)
        if kind.shown
    ]
    _find_types(
        connection, table, settings, list(zip(names, (declared for _, declared in columns), kinds, strict=True))
    )
    return TextTable(replace(settings, kind="sqlite", member=name), tuple(names), (), 0, tuple(notes))


def sqlite_tables(path: Path) -> list[tuple[str, int | None]]:
    """Return the tables of an SQLite file, views and its own left out, with how many rows each has if that is quick."""
    with _opened(path) as source:
        return _tables(source)


class _Kind(NamedTuple):
    """What a column's values are: the Arrow type that holds them, and the kinds in words where there are several."""

    arrow: pa.DataType
    shown: str = ""


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=3, check_same_thread=False)
        ) as connection:
            connection.text_factory = lambda found: found.decode("utf-8", errors="replace")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            yield connection
    except (sqlite3.Error, UnicodeError) as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise LoadError(f"{path.name!r} is being written by another program.", hint="Try again later.") from error
        if isinstance(error, UnicodeError) or "malformed" in text or "not a database" in text:
            raise LoadError(
                f"{path.name!r} is a damaged or encrypted SQLite database.", hint="Export it again."
            ) from error
        raise LoadError(f"{path.name!r} cannot be read: {text}.", hint="Export the table as CSV or Parquet.") from error


def _tables(source: sqlite3.Connection) -> list[tuple[str, int | None]]:
    rows = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    ).fetchall()
    return [(name, None) for (name,) in rows]


def _kind(source: sqlite3.Connection, table: str, column: str) -> _Kind:
    """Look at the storage class of every value."""
    named = quoted(column)
    found = source.execute(
        f"SELECT typeof({named}), count(*), min({named}), max({named}) FROM {quoted(table)} GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    classes = {row[0]: row for row in found if row[0] != "null"}
    largest = max((abs(value) for value in classes.get("integer", ("", 0, 0, 0))[2:]), default=0)
    if not classes or set(classes) == {"text"}:
        return _Kind(pa.string())
    if set(classes) == {"integer"}:
        return _Kind(pa.int64())
    if set(classes) <= {"integer", "real"} and largest <= _EXACT_IN_FLOAT:
        return _Kind(pa.float64())
    if set(classes) == {"blob"}:
        return _Kind(pa.binary())
    shown = ", ".join(f"{_WORDS[name]} {row[1]:,}" for name, row in classes.items())
    return _Kind(pa.string(), shown)


_WORDS = {"integer": "whole numbers", "real": "numbers", "text": "texts", "blob": "bytes"}


def _batches(
    source: sqlite3.Connection, table: str, kinds: Sequence[_Kind], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    cursor = source.execute(f"SELECT * FROM {quoted(table)}")
    while rows := cursor.fetchmany(_ROWS):
        arrays = []
        for values, kind in zip(zip(*rows, strict=True), kinds, strict=True):
            if pa.types.is_string(kind.arrow):
                values = [value if value is None or isinstance(value, str) else _text(value) for value in values]
            arrays.append(pa.array(values, kind.arrow))
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return repr(value)


def _find_types(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    settings: ReaderSettings,
    columns: Sequence[tuple[str, str, _Kind]],
) -> None:
    """Give texts a type where that is certain: dates anywhere, numbers only where the column was not declared text."""
    open_texts = [
        name
        for name, declared, kind in columns
        if pa.types.is_string(kind.arrow) and name not in settings.types and not any(w in declared for w in _TEXTS)
    ]
    if open_texts:
        typed(connection, table, open_texts, settings)
    for name, declared, kind in columns:
        if name in settings.types:
            continue
        if pa.types.is_string(kind.arrow) and name not in open_texts:
            found = moment(connection, table, name)
        else:
            found = "BOOLEAN" if "BOOL" in declared and _is_yes_no(connection, table, name, kind) else ""
        if found:
            connection.execute(f"ALTER TABLE {quoted(table)} ALTER {quoted(name)} TYPE {found}")


def _is_yes_no(connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: _Kind) -> bool:
    if not pa.types.is_int64(kind.arrow):
        return False
    column = quoted(name)
    return bool(connection.execute(f"SELECT bool_and({column} IN (0, 1)) FROM {quoted(table)}").fetchall()[0][0])
