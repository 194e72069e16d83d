"""Opens the small DuckDB in which SQL written by people runs: no files, no network, no settings to change."""

from pathlib import Path

import duckdb


def scratch(
    *, threads: int = 1, memory_limit: str = "4GB", temp_folder: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a hardened in-memory DuckDB.

    One thread is the default on purpose: with one, rows come out in one order and floating sums add up in one order,
    so that preparation gives the same bytes on every machine of an architecture.

    Parameters
    ----------
    threads : how many threads may run a query.
    memory_limit : DuckDB's own notation; what does not fit spills to ``temp_folder``.
    temp_folder : where to spill; without it nothing spills.
    """
    config = {
        "enable_external_access": "false",
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": str(threads),
        "memory_limit": memory_limit,
    }
    if temp_folder is not None:
        config["temp_directory"] = str(temp_folder)
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")
    return connection


def file_reader(*, threads: int = 1) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB that may read files: for the rows handed to a batch job, never for SQL written by people."""
    return duckdb.connect(":memory:", config={"threads": str(threads), "python_enable_replacements": "false"})
