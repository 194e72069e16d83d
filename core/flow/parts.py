"""What there is to choose from within a source, before it is loaded."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from core.ingest.parts import Part
from core.ingest.parts import parts as _parts
from core.workspace.connection import open_reader

__all__ = ["Part", "parts"]


def parts(path: Path) -> tuple[Part, ...]:
    """Return the sheets of a workbook, the tables of a database file, or the files of an archive or a folder.

    None for a source that is one table. A sheet's name goes into ``ReaderSettings.sheet``, any other into ``member``.

    Raises
    ------
    LoadError
        When there is no such file, or it is damaged.
    """
    return _parts(path, _reader)


@contextmanager
def _reader(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(open_reader(folder)) as connection:
        yield connection
