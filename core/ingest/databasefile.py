"""Reads a table of another DuckDB file, which is attached to read only."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from core.errors import LoadError
from core.ingest.delimited import TextTable
from core.ingest.source import ReaderSettings
from core.scoring.prepare import quoted

_ATTACHED = "source_file_attached"


def read_duckdb(
    path: Path, connection: duckdb.DuckDBPyConnection, settings: ReaderSettings, table: str, folder: Path
) -> TextTable:
    """Read the table ``settings.member`` of a DuckDB file, or its only one; ``folder`` is not needed.

    Views are not read: they could name any other file.

    Raises
    ------
    LoadError
        When the file is locked, newer than this DuckDB or damaged; when there is no such table, or several and none
        was chosen.
    """
    with _attached(path, connection):
        tables = _tables(connection)
        name = chosen_table([name for name, _ in tables], settings.member, path.name)
        schema, _, plain = name.rpartition(".") if name.count(".") else ("main", "", name)
        try:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS"
                f" SELECT * FROM {quoted(_ATTACHED)}.{quoted(schema)}.{quoted(plain)}"
            )
        except duckdb.Error as error:
            if isinstance(error, duckdb.InterruptException):
                raise
            reason = str(error).split("\n", 1)[0]
            raise LoadError(
                f"The table {name!r} of {path.name!r} cannot be read: {reason}", hint="Export it as Parquet."
            ) from error
    return TextTable(replace(settings, kind="duckdb", member=name), (), (), 0, ())


def duckdb_tables(path: Path, connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return the tables of a DuckDB file, views left out, with about how many rows each has."""
    with _attached(path, connection):
        return _tables(connection)


def chosen_table(names: Sequence[str], wanted: str, file: str) -> str:
    """Return the table that is meant.

    Raises
    ------
    LoadError
        When there is no such table, none at all, or several and none was chosen; the hint lists them.
    """
    if not names:
        raise LoadError(f"{file!r} is a database without tables.", hint="Views are not read; store one as a table.")
    shown = f"Tables: {', '.join(names[:30])}{' …' if len(names) > 30 else ''}."
    if not wanted and len(names) > 1:
        raise LoadError(f"{file!r} holds {len(names)} tables.", hint=f"Choose one. {shown}")
    by_lower = {name.lower(): name for name in names} | {f"main.{name}".lower(): name for name in names}
    found = names[0] if not wanted else wanted if wanted in names else by_lower.get(wanted.lower())
    if found is None:
        raise LoadError(f"There is no table {wanted!r} in {file!r}.", hint=f"{shown} Views are not read.")
    return found


@contextmanager
def _attached(path: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    place = str(path).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{place}' AS {quoted(_ATTACHED)} (READ_ONLY)")
    except duckdb.Error as error:
        raise _refused(path, str(error)) from error
    try:
        yield
    finally:
        connection.execute(f"DETACH {quoted(_ATTACHED)}")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    rows = connection.execute(
        "SELECT concat_ws('.', nullif(schema_name, 'main'), table_name), estimated_size FROM duckdb_tables()"
        " WHERE database_name = ? ORDER BY schema_name <> 'main', schema_name, table_name",
        [_ATTACHED],
    ).fetchall()
    return [(name, int(n)) for name, n in rows]


def _refused(path: Path, text: str) -> LoadError:
    low = text.lower()
    if "lock" in low or "already attached" in low or "unique file handle" in low or "already opened" in low:
        found = re.search(r"PID (\d+)", text)
        holder = f" (process {found.group(1)})" if found else ""
        return LoadError(f"{path.name!r} is open in another program{holder}.", hint="Close it there, or load a copy.")
    if "encrypt" in low:
        return LoadError(
            f"{path.name!r} is encrypted.", hint="Write an unencrypted copy, or export a table as Parquet."
        )
    if "version" in low:
        return LoadError(
            f"{path.name!r} was written by another version of DuckDB, which {duckdb.__version__} here cannot read.",
            hint="Export the table as Parquet there.",
        )
    return LoadError(f"{path.name!r} is a damaged DuckDB database.", hint="Export the table again.")
