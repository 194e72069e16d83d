"""Hands rows to DuckDB as a stream of Arrow batches, and keeps what is raised on the way, which DuckDB hides."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from core.scoring.prepare import quoted

_INCOMING = "incoming_batches"


def store(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> None:
    """Replace the temporary table by the rows of some batches; an error raised by their maker is raised as it was."""
    raised: list[Exception] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:
            raised.append(error)
            raise

    connection.register(_INCOMING, pa.RecordBatchReader.from_batches(schema, watched()))
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {_INCOMING}")
    except duckdb.Error:
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.unregister(_INCOMING)
