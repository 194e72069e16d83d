"""A scratch engine that holds some of a project's tables under their given names: user SQL sees nothing else."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import duckdb

from core.scoring.engine import scratch
from core.workspace.connection import memory_limit
from core.workspace.project import Project
from core.workspace.tables import batches, quoted

_kept: "OrderedDict[tuple[object, ...], duckdb.DuckDBPyConnection]" = OrderedDict()
_lock = threading.Lock()
_MOST = 2


def sandbox(project: Project, tables: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """Return a hardened one-threaded engine with copies of a project's tables.

    The last two are kept, so that previews after the first are quick.

    Parameters
    ----------
    tables : given name to the name of the big table in the project's file.
    """
    key = (str(project.path), project.meta("identity"), *sorted(tables.items()))
    with _lock:
        found = _kept.get(key)
        if found is None:
            found = scratch(memory_limit=memory_limit(), temp_folder=Path(f"{project.path}.sandbox.tmp"))
            for name, physical in tables.items():
                found.register("incoming_rows", batches(project.cursor(), physical))
                found.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM incoming_rows")
                found.unregister("incoming_rows")
            _kept[key] = found
            while len(_kept) > _MOST:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return found


def forget(project: Project) -> None:
    """Drop the engines kept for a project."""
    with _lock:
        for key in [key for key in _kept if key[0] == str(project.path)]:
            _kept.pop(key).close()
