"""Reads whatever a path stands for as one table: a file, a compressed one, an archive, a folder, a pattern."""

import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from core.ingest.folder import Members, members_of, read_together
from core.ingest.reader import read_file
from core.ingest.source import ReaderSettings, Source


def read_source(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    settings: ReaderSettings | None = None,
    *,
    folder: Path | None = None,
) -> Source:
    """Read ``path`` into a temporary table of ``connection``.

    Parameters
    ----------
    path : a file of any kind, compressed or not; an archive or a folder of files that have the same columns, read as
        one table with a column ``source_file``; or a pattern such as ``sales/2024-*.csv``.
    connection : one that may read files; the table is named in ``Source.table`` and replaced by the next call.
    settings : what is known about the file; the rest is found out. ``member`` chooses within an archive or a folder.
    folder : where copies go that unpacking, a different encoding or a repair needs; the system's own without it.

    Raises
    ------
    LoadError
        When it is not one of the kinds, is empty or damaged, or the settings do not fit it; when files that shall be
        one table have different columns.
    """
    wanted = settings or ReaderSettings()
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        members = members_of(path, wanted, Path(scratch))
        if members.is_plain:
            return read_file(path, connection, wanted, folder=folder)
        source = _read(members, connection, wanted, folder)
        return replace(source, n_bytes=members.n_bytes, sha256=members.sha256)


def _read(
    members: Members, connection: duckdb.DuckDBPyConnection, wanted: ReaderSettings, folder: Path | None
) -> Source:
    if not members.is_one:
        return read_together(
            members, connection, wanted, lambda path, said: read_file(path, connection, said, folder=folder)
        )
    only = members.files[0]
    # What is chosen within an archive is no choice within the file that it holds.
    said = replace(wanted, member="") if only.name else wanted
    source = read_file(only.path, connection, said, folder=folder)
    return replace(source, settings=replace(source.settings, member=only.name)) if only.name else source
