"""A scratch engine that holds some of a project's tables under their given names: user SQL sees nothing else."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import duckdb

from core.scoring.engine import scratch
from core.workspace.connection import BESIDE, share_of_memory
from core.workspace.project import Project
from core.workspace.streaming import BATCH_ROWS, Each, carry
from core.workspace.tables import batches, quoted
from core.workspace.usersql import Running

_MOST = 2


class _Kept:
    """One engine, filled by whoever asks first; others who want the same one wait for that."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.engine: duckdb.DuckDBPyConnection | None = None


_kept: "OrderedDict[tuple[object, ...], _Kept]" = OrderedDict()
_lock = threading.Lock()


def sandbox(
    project: Project,
    tables: Mapping[str, str],
    *,
    only: Mapping[str, str] | None = None,
    running: Running | None = None,
    each: Each = lambda _n: None,
) -> duckdb.DuckDBPyConnection:
    """Return a hardened one-threaded engine with copies of a project's tables.

    The last two are kept, so that previews after the first are quick. What does not fit a third of the memory limit is
    spilled to a folder beside the project.

    Parameters
    ----------
    tables : given name to the name of the big table in the project's file.
    only : given name to a condition in SQL over that table: of it only those rows are copied.
    running : through which the copying can be interrupted.
    each : is told how many rows are copied.
    """
    some = dict(only or {})
    key = (str(project.path), project.meta("identity"), *sorted(tables.items()), *sorted(some.items()))
    with _lock:
        held = _kept.setdefault(key, _Kept())
        _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    with held.lock:
        if held.engine is None:
            held.engine = _filled(project, tables, some, running or Running(), each)
        return held.engine


def _filled(
    project: Project, tables: Mapping[str, str], only: Mapping[str, str], running: Running, each: Each
) -> duckdb.DuckDBPyConnection:
    engine = scratch(memory_limit=share_of_memory(BESIDE), temp_folder=Path(f"{project.path}.sandbox.tmp"))
    reading = project.cursor()
    with running.watched(engine, reading):
        _copy(reading, engine, tables, only, each)
    return engine


def _copy(
    reading: duckdb.DuckDBPyConnection,
    engine: duckdb.DuckDBPyConnection,
    tables: Mapping[str, str],
    only: Mapping[str, str],
    each: Each,
) -> None:
    done = 0
    for name, physical in tables.items():
        if name in only:
            query = f"SELECT * FROM {quoted(physical)} WHERE {only[name]} ORDER BY rowid"
            rows = reading.sql(query).to_arrow_reader(BATCH_ROWS)
        else:
            rows = batches(reading, physical)
        done += carry(rows, (engine, name), lambda n, before=done: each(before + n))


def forget(project: Project) -> None:
    """Drop the engines kept for a project."""
    with _lock:
        dropped = [_kept.pop(key) for key in list(_kept) if key[0] == str(project.path)]
    for held in dropped:
        with held.lock:
            if held.engine:
                held.engine.close()
