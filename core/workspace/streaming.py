"""Carries rows from one engine into a table of another, a batch at a time."""

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa

from core.errors import TouchstoneError
from core.workspace.tables import write_table
from core.workspace.usersql import Running

BATCH_ROWS = 50_000
Each = Callable[[int], None]
"""Is told how many rows there are so far; may raise to stop."""


def stream_select(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    store: tuple[duckdb.DuckDBPyConnection, str],
    *,
    timeout_seconds: float,
    running: Running,
    each: Each = lambda _n: None,
) -> int:
    """Run a checked SELECT and write its rows to a table, in order; neither side holds more than a few batches.

    Parameters
    ----------
    connection : the engine that the SELECT runs in.
    store : the cursor of a project's transaction, and the table's name.

    Returns
    -------
    The number of rows.

    Raises
    ------
    SqlError
        When the SELECT fails or takes too long, as ``run_select`` raises it.
    """
    with running.cursor(connection, sql, timeout_seconds) as cursor:
        return carry(cursor.sql(sql).to_arrow_reader(BATCH_ROWS), store, each)


def carry(
    reader: pa.RecordBatchReader, store: tuple[duckdb.DuckDBPyConnection, str], each: Each = lambda _n: None
) -> int:
    """Write batches to a table and return how many rows it has.

    What fails on the reading side, or is raised by ``each``, comes out as it was raised there.
    """
    faults: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        n_rows = 0
        try:
            for batch in reader:
                n_rows += batch.num_rows
                each(n_rows)
                yield batch
        except (OSError, duckdb.Error, TouchstoneError) as error:
            faults.append(error)  # the table's writer would tell of it in its own words
            raise

    try:
        return write_table(*store, pa.RecordBatchReader.from_batches(reader.schema, batches()))
    except (duckdb.Error, OSError):
        if faults:
            raise faults[0] from None
        raise
