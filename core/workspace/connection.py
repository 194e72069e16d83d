"""Opens DuckDB files, each at most once in a process, with everything closed that a project does not need."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import LockedError, ProjectError

# Parts of the memory limit: what a project's own connection may use, and what an engine that works beside it may.
# With what Python holds meanwhile (batches, a column that is profiled) both together stay within the limit.
OWN, BESIDE = 2 / 3, 1 / 3
# With less DuckDB cannot even spill a sort.
LEAST_MB = 128


def memory_limit() -> str:
    """Half of the machine's memory in DuckDB's notation, or what TOUCHSTONE_MEMORY says."""
    said = os.environ.get("TOUCHSTONE_MEMORY", "")
    if said:
        return said
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "4GB"
    return f"{max(1, total // 2**31)}GB"


def share_of_memory(share: float) -> str:
    """Return a share of the memory limit, in DuckDB's notation."""
    said = re.fullmatch(r"\s*([\d.]+)\s*([A-Za-z%]*)\s*", memory_limit())
    if said is None:
        return memory_limit()
    units = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
    number, unit = float(said.group(1)), said.group(2)
    if unit.lower() not in units:
        return memory_limit()
    return f"{max(LEAST_MB, int(number * units[unit.lower()] * share / 1e6))}MB"


def incoming_path(path: Path) -> Path:
    """Return the one file besides the project's own that its connection may open; it is there while a source loads."""
    return path.resolve().with_name(f"{path.name}.incoming")


@contextmanager
def within_reach(path: Path, source: Path) -> Iterator[Path | None]:
    """Let the connection to the project file ``path`` read a source for a while, by a link of another name.

    The name is None where a link cannot be made: on another disk, of a file that belongs to somebody else, or while
    another source is being read.
    """
    near = incoming_path(path)
    try:
        os.link(source.resolve(), near)
    except (OSError, NotImplementedError):
        yield None
        return
    try:
        yield near
    finally:
        near.unlink(missing_ok=True)


def open_file(path: Path, called: str = "") -> duckdb.DuckDBPyConnection:
    """Open a project's file; through the connection no other file can be read or written but ``incoming_path``.

    ``called`` is the name that a person knows it by, when that is not the file's own.

    Raises
    ------
    LockedError
        When another process holds the file.
    ProjectError
        When the file is not a DuckDB database.
    """
    config = {
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": share_of_memory(OWN),
        "threads": os.environ.get("TOUCHSTONE_THREADS", str(os.cpu_count() or 2)),
        "temp_directory": f"{path}.tmp",
    }
    try:
        connection = duckdb.connect(str(path), config=config)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            found = re.search(r"PID (\d+)", str(error))
            holder = f" (process {found.group(1)})" if found else ""
            raise LockedError(
                f"The project {path.stem!r} is open in another program{holder}.",
                hint="Close it there, or work on a duplicate.",
            ) from error
        raise ProjectError(
            f"{called or path.name!r} cannot be opened as a project.", hint="Choose a file that Touchstone has saved."
        ) from error
    except (duckdb.SerializationException, duckdb.CatalogException, duckdb.InternalException) as error:
        problem = f"{called or path.name!r} is damaged: {error}"
        raise ProjectError(problem, hint="Open an earlier download of it.") from error
    near = incoming_path(path)
    near.unlink(missing_ok=True)  # a crash may have left it
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    # DuckDB takes the list of allowed paths only while access is open, and before the lock.
    connection.execute("SET allowed_paths = [" + "'" + str(near).replace("'", "''") + "'" + "]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def open_reader(temp_folder: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that may read files: sources are read by it, and handed over as Arrow batches."""
    temp_folder.mkdir(parents=True, exist_ok=True)
    config = {
        "autoinstall_known_extensions": "false",
        "python_enable_replacements": "false",
        "memory_limit": share_of_memory(BESIDE),
        "temp_directory": str(temp_folder),
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
