"""Reads one plain file of any kind as one table."""

import hashlib
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.arrowfile import read_arrow
from core.ingest.column_types import columns_of, open_texts, typed, without_words
from core.ingest.databasefile import read_duckdb
from core.ingest.delimited import TextTable, read_delimited
from core.ingest.kinds import kind_of
from core.ingest.plain_types import plain_type
from core.ingest.source import Assumption, Column, ReaderSettings, Source, check_types, unique_names
from core.ingest.spreadsheet import read_excel
from core.ingest.sqlitefile import read_sqlite
from core.ingest.structured import read_json, read_parquet
from core.ingest.value_evidence import words
from core.scoring.prepare import quoted

TABLE = "source_rows"
_READERS = {
    "csv": read_delimited,
    "parquet": read_parquet,
    "json": read_json,
    "excel": read_excel,
    "arrow": read_arrow,
    "duckdb": read_duckdb,
    "sqlite": read_sqlite,
}


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    settings: ReaderSettings | None = None,
    *,
    folder: Path | None = None,
) -> Source:
    """Read ``path`` into a temporary table of ``connection``.

    Parameters
    ----------
    connection : one that may read files; the table is named in ``Source.table`` and replaced by the next call.
    settings : what is known about the file; the rest is found out.
    folder : where copies go that a different encoding or a repair needs; the system's own without it.

    Raises
    ------
    LoadError
        When the file is not one of the kinds, is empty or damaged, or the settings do not fit it.
    """
    wanted = settings or ReaderSettings()
    kind = kind_of(path)
    if wanted.kind and wanted.kind != kind and not {wanted.kind, kind} <= {"csv", "json"}:
        raise LoadError(f"{path.name!r} is {_CALLED[kind]}, not {_CALLED[wanted.kind]}.", hint="Leave the kind open.")
    assumed: tuple[Assumption, ...] = ()
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        if (wanted.kind or kind) == "csv":
            read, assumed = _read_csv(path, connection, wanted, Path(scratch))
        else:
            read = _READERS[wanted.kind or kind](path, connection, wanted, TABLE, Path(scratch))
    if read.settings.kind == "csv":
        columns = columns_of(connection, TABLE)
    else:
        _rename(connection)
        _cast(connection, wanted)
        columns = columns_of(connection, TABLE)
    n_rows = int(connection.execute(f"SELECT count(*) FROM {quoted(TABLE)}").fetchall()[0][0])
    if n_rows == 0:
        raise LoadError(f"{path.name!r} has no rows.", hint="Choose another file.")
    used = replace(read.settings, types={column.name: column.type for column in columns})
    return Source(
        used,
        columns,
        n_rows,
        path.stat().st_size,
        sha256_of(path),
        read.rejected,
        read.n_rejected,
        TABLE,
        read.notes,
        read.assumed + assumed,
        read.repaired,
        read.n_repaired,
    )


def _read_csv(
    path: Path, connection: duckdb.DuckDBPyConnection, wanted: ReaderSettings, folder: Path
) -> tuple[TextTable, tuple[Assumption, ...]]:
    """Read a text and make its columns what their values are.

    DuckDB reads a stated type in one way of writing only. Where it rejected values, the column is read as text once
    more, and keeps the type when all its values have it in another way.
    """
    misread, failed = {name for name, kind in wanted.types.items() if kind != "VARCHAR"}, None
    try:
        read = read_delimited(path, connection, wanted, TABLE, folder)
        misread &= {one.column for one in read.rejected}
    except LoadError as error:
        if not misread:
            raise
        failed = error
    if misread:
        others = {name: kind for name, kind in wanted.types.items() if name not in misread}
        again = read_delimited(path, connection, replace(wanted, types=others), TABLE, folder)
        assumed = _typed(connection, again.names, wanted, others)
        found = {column.name: column.type for column in columns_of(connection, TABLE)}
        if all(found.get(name) == wanted.types[name] for name in misread):
            return again, assumed
        if failed:
            raise failed
        read = read_delimited(path, connection, wanted, TABLE, folder)
    return read, _typed(connection, read.names, wanted, wanted.types)


def _typed(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], wanted: ReaderSettings, stated: Collection[str]
) -> tuple[Assumption, ...]:
    texts = [column.name for column in columns_of(connection, TABLE) if column.type == "VARCHAR"]
    without_words(connection, TABLE, texts, wanted.missing)
    assumed = typed(connection, TABLE, [name for name in names if name not in stated], wanted)
    return assumed + words(connection, TABLE, open_texts(connection, TABLE, stated))


_CALLED = {
    "csv": "a delimited text",
    "parquet": "a Parquet file",
    "json": "JSON",
    "excel": "an Excel workbook",
    "arrow": "an Arrow file",
    "duckdb": "a DuckDB database",
    "sqlite": "an SQLite database",
    "database": "a database on a server",
}


def _rename(connection: duckdb.DuckDBPyConnection) -> None:
    """Give columns names that are not blank and differ, as for every other kind, and types that can be worked with."""
    columns = columns_of(connection, TABLE)
    wanted = [
        Column(name, plain_type(connection, TABLE, column))
        for name, column in zip(unique_names([column.name for column in columns]), columns, strict=True)
    ]
    if wanted != list(columns):
        named = ", ".join(
            f"{quoted(old.name)} AS {quoted(new.name)}"
            if old.type == new.type
            else f"CAST({quoted(old.name)} AS {new.type}) AS {quoted(new.name)}"
            for old, new in zip(columns, wanted, strict=True)
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(TABLE)} AS SELECT {named} FROM {quoted(TABLE)}")


def _cast(connection: duckdb.DuckDBPyConnection, settings: ReaderSettings) -> None:
    found = {column.name: column.type for column in columns_of(connection, TABLE)}
    check_types(settings.types, found)
    for name, kind in settings.types.items():
        if kind == found[name]:
            continue
        try:
            connection.execute(f"ALTER TABLE {quoted(TABLE)} ALTER {quoted(name)} TYPE {kind}")
        except duckdb.Error as error:
            reason = str(error).split("\n", 1)[0]
            raise LoadError(f"Column {name!r} cannot be made {kind}: {reason}", hint="Leave its type open.") from error
