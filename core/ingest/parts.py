"""What a person can choose from within a source: sheets, tables, members of an archive, files of a folder."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.ingest.archive import is_archive, member_names, packing_of, unpacked
from core.ingest.databasefile import duckdb_tables
from core.ingest.folder import file_names
from core.ingest.kinds import kind_of
from core.ingest.spreadsheet import sheet_sizes
from core.ingest.sqlitefile import sqlite_tables

_MOST = 1_000
_MOST_UNPACKED_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One choice within a source.

    Attributes
    ----------
    name : what ``settings.sheet`` (a workbook) or ``settings.member`` (everything else) takes.
    n_rows : how many rows it has, or about how many; None where that is not quick to know.
    n_bytes : its size, for a file.
    """

    name: str
    n_rows: int | None = None
    n_bytes: int | None = None


def parts(path: Path, opened: Callable[[Path], AbstractContextManager[duckdb.DuckDBPyConnection]]) -> tuple[Part, ...]:
    """Return the sheets of a workbook, the tables of a database file, or the files of an archive or a folder.

    Parameters
    ----------
    opened : opens a DuckDB that may read files, given a folder for what it puts on disk.

    Returns
    -------
    At most a thousand; none for a source that is one table. What is compressed besides is looked into only up to a
    quarter of a gigabyte.

    Raises
    ------
    LoadError
        When there is no such file, or it is damaged.
    """
    if path.is_dir():
        found = [Part(name, None, (path / name).stat().st_size) for name in file_names(path)]
        return tuple(found[:_MOST])
    if not path.is_file() or not path.stat().st_size:
        return ()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        if packing_of(path) not in ("", "zip", "tar") and path.stat().st_size > _MOST_UNPACKED_BYTES:
            return ()
        inside = unpacked(path, Path(scratch))
        if is_archive(inside):
            return tuple(Part(name, None, size) for name, size in member_names(inside)[:_MOST])
        kind = kind_of(inside)
        if kind == "excel":
            return tuple(Part(name, n) for name, n in sheet_sizes(inside))
        if kind == "sqlite":
            return tuple(Part(name, n) for name, n in sqlite_tables(inside)[:_MOST])
        if kind == "duckdb":
            with opened(Path(scratch)) as connection:
                return tuple(Part(name, n) for name, n in duckdb_tables(inside, connection)[:_MOST])
    return ()
