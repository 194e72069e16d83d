"""Big tables and blobs of a project, each named by a digest."""

import hashlib

import duckdb
import pyarrow as pa


def quoted(name: str) -> str:
    """Return an identifier in double quotes, safe in SQL."""
    return '"' + name.replace('"', '""') + '"'


def write_table(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | pa.RecordBatchReader) -> int:
    """Create or replace a table from Arrow rows, inside the cursor's transaction; return how many rows it has."""
    cursor.register("incoming_rows", rows)
    try:
        cursor.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM incoming_rows")
    finally:
        cursor.unregister("incoming_rows")
    return int(cursor.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()[0][0])


def read_table(cursor: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> pa.Table:
    """Return the rows of a query of ours as an Arrow table."""
    return cursor.sql(query, params=values or None).to_arrow_table()


def batches(cursor: duckdb.DuckDBPyConnection, name: str, size: int = 50_000) -> pa.RecordBatchReader:
    """Return a table's rows as a stream of Arrow batches, in the order they were stored."""
    return cursor.sql(f"SELECT * FROM {quoted(name)}").to_arrow_reader(size)


def write_blob(cursor: duckdb.DuckDBPyConnection, content: bytes) -> str:
    """Store bytes once, under their sha256, which is returned."""
    digest = hashlib.sha256(content).hexdigest()
    cursor.execute("INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO NOTHING", [digest, content])
    return digest


def read_blob(cursor: duckdb.DuckDBPyConnection, digest: str) -> bytes:
    """Return the bytes stored under a sha256.

    Raises
    ------
    KeyError
        When there are none: the caller holds a digest that no record gave it.
    """
    row = cursor.execute("SELECT bytes FROM blobs WHERE digest = ?", [digest]).fetchone()
    if row is None:
        raise KeyError(digest)
    return bytes(row[0])
