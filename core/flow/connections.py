"""Load from a database: its tables, and a job that streams one, or a query, into the project."""

import re
import time

import duckdb

from core.errors import LoadError
from core.flow.loading import record_tables, table_entry
from core.ingest import Column, ReaderSettings, Source
from core.ingest.connecting import ConnectionSpec, connection_of
from core.ingest.database import DatabaseStream, WiderError
from core.ingest.database_query import asked_of
from core.ingest.database_settled import settle
from core.ingest.database_tables import DatabaseTable, database_tables
from core.workspace import Job, Project
from core.workspace.tables import quoted, write_table

__all__ = ["ConnectionSpec", "DatabaseTable", "connection_of", "database_tables", "start_load_database"]


def start_load_database(
    project: Project, connection: ConnectionSpec, query_or_table: str, table: str, author: str
) -> str:
    """Stream a table, or the rows of one SELECT, into the project in the background; return the job's id.

    The query runs in a transaction that only reads. What is recorded names dialect, user, host, port, database and
    query, never a password; the sha256 is that of the rows (see ``core.ingest.canonical``).

    Raises
    ------
    LoadError
        At once, when the table's name is not one, or neither a table nor a query is said.
    SqlRefusedError
        At once, when it is more than one SELECT.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", table):
        raise LoadError(f"{table!r} cannot name a table.", hint="Use letters, digits and underscores.")
    asked_of(query_or_table, connection.dialect)
    key = f"{connection.shown}|{query_or_table}>{table}"
    return project.jobs.start(
        "load",
        lambda job: load_database(project, connection, query_or_table, table, job),
        author=author,
        key=key,
    )


def load_database(project: Project, connection: ConnectionSpec, said: str, table: str, job: Job) -> None:
    """Stream rows into a raw table and record it, or nothing."""
    job.progress(0, 1, f"Asking {connection.host}")
    try:
        _load(project, connection, said, table, job, ())
    except WiderError as wider:
        _load(project, connection, said, table, job, wider.kinds)


def _load(
    project: Project,
    connection: ConnectionSpec,
    said: str,
    table: str,
    job: Job,
    kinds: tuple[str, ...],
) -> None:
    started = time.monotonic()
    with project.transaction() as cursor, DatabaseStream(connection, said, job.check, kinds) as stream:
        job.interruptible(cursor)
        job.interruptible(stream)
        waiting = f"incoming_{job.id}"
        n_rows = _stored(cursor, waiting, stream, job)
        notes = settle(cursor, waiting, stream.names, stream.plans)
        described = cursor.execute(f"DESCRIBE {quoted(waiting)}").fetchall()
        columns = tuple(Column(row[0], row[1]) for row in described)
        types = {column.name: column.type for column in columns}
        settings = ReaderSettings(kind="database", member=connection.name, query=said.strip(), types=types)
        source = Source(settings, columns, n_rows, stream.n_bytes, stream.sha256, (), 0, waiting, notes)
        choice, facts = table_entry(source, table, connection.shown, job.author)
        cursor.execute(f"DROP TABLE IF EXISTS {quoted(facts['physical'])}")
        cursor.execute(f"ALTER TABLE {quoted(waiting)} RENAME TO {quoted(facts['physical'])}")
        record_tables(project, cursor, [(choice, facts | {"seconds": time.monotonic() - started})], job.author, job)


def _stored(cursor: duckdb.DuckDBPyConnection, name: str, stream: DatabaseStream, job: Job) -> int:
    """Write the stream as a table; return how many rows it has."""

    def progress(done: int) -> None:
        total = max(stream.n_expected or 0, done + 1)
        job.progress(0.98 * done, total, f"Reading row {done:,}")

    try:
        return write_table(cursor, name, stream.reader(progress))
    except duckdb.Error:
        if stream.failure is not None:
            raise stream.failure from None
        raise
