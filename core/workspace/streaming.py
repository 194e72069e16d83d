"""Carries what a person's SELECT yields into a project's table, a batch at a time."""

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa

from core.errors import TouchstoneError
from core.workspace.tables import write_table
from core.workspace.usersql import Running

BATCH_ROWS = 50_000


def stream_select(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    store: tuple[duckdb.DuckDBPyConnection, str],
    *,
    timeout_seconds: float,
    running: Running,
    each: Callable[[int], None] = lambda _n: None,
) -> int:
    """Run a checked SELECT and write its rows to a table, in order; neither side holds more than a few batches.

    Parameters
    ----------
    connection : the engine that the SELECT runs in.
    store : the cursor of a project's transaction, and the table's name.
    each : is told how many rows there are so far; may raise to stop.

    Returns
    -------
    The number of rows.

    Raises
    ------
    SqlError
        When the SELECT fails or takes too long, as ``run_select`` raises it.
    """
    faults: list[Exception] = []

    def batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        n_rows = 0
        try:
            for batch in reader:
                n_rows += batch.num_rows
                each(n_rows)
                yield batch
        except (OSError, TouchstoneError) as error:
            faults.append(error)  # the table's writer would tell of it in its own words
            raise

    with running.cursor(connection, sql, timeout_seconds) as cursor:
        reader = cursor.sql(sql).to_arrow_reader(BATCH_ROWS)
        try:
            return write_table(*store, pa.RecordBatchReader.from_batches(reader.schema, batches(reader)))
        except (duckdb.Error, OSError):
            if faults:
                raise faults[0] from None
            raise
