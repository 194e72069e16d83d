"""The tables of a project's file, its format number, and what an uploaded file has to prove."""

import json

import duckdb

from core.errors import FormatError, ProjectError
from core.workspace.records import digest_of

FORMAT = 1

TABLES = """  -- every TIMESTAMP is UTC
CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE records (
    kind VARCHAR NOT NULL, digest VARCHAR PRIMARY KEY, parents VARCHAR[] NOT NULL, body JSON NOT NULL,
    result JSON NOT NULL, author VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL);
CREATE TABLE heads (kind VARCHAR PRIMARY KEY, digest VARCHAR NOT NULL, author VARCHAR NOT NULL,
    saved_at TIMESTAMP NOT NULL);
CREATE SEQUENCE event_numbers;
CREATE TABLE events (number BIGINT PRIMARY KEY, created_at TIMESTAMP NOT NULL, author VARCHAR NOT NULL,
    what VARCHAR NOT NULL, kind VARCHAR NOT NULL, digest VARCHAR NOT NULL, detail JSON NOT NULL);
CREATE TABLE jobs (id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, author VARCHAR NOT NULL, state VARCHAR NOT NULL,
    message VARCHAR NOT NULL, hint VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP);
CREATE TABLE blobs (digest VARCHAR PRIMARY KEY, bytes BLOB NOT NULL);
"""

MIGRATIONS: dict[int, str] = {}
"""SQL that lifts a file from the format that is the key to the next one."""


def create(cursor: duckdb.DuckDBPyConnection, name: str, identity: str) -> None:
    """Lay out an empty project."""
    cursor.execute(TABLES)
    cursor.executemany(
        "INSERT INTO meta VALUES (?, ?)", [["format", str(FORMAT)], ["name", name], ["identity", identity]]
    )


def migrate(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring an older file to this format in one transaction; leave a current one alone.

    Raises
    ------
    FormatError
        When the file is newer than this program, or not a project at all.
    """
    try:
        row = cursor.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    except duckdb.CatalogException as error:
        raise FormatError(
            "This DuckDB file is not a Touchstone project.", hint="Load it as data on the page Load instead."
        ) from error
    found = int(row[0]) if row else 0
    if found > FORMAT:
        raise FormatError(
            f"The project has format {found}; this version reads formats up to {FORMAT}.",
            hint="Install a newer version.",
        )
    if found == FORMAT:
        return
    cursor.execute("BEGIN")
    for step in range(found, FORMAT):
        cursor.execute(MIGRATIONS[step])
    cursor.execute("UPDATE meta SET value = ? WHERE key = 'format'", [str(FORMAT)])
    cursor.execute("COMMIT")


def distrust(cursor: duckdb.DuckDBPyConnection) -> None:
    """Check a file that came from outside: no views, macros, sequences or schemas, the tables, every digest recomputed.

    Raises
    ------
    ProjectError
        Naming what does not belong in a project, or the record whose digest does not fit.
    """
    for what, query in (
        ("view", "SELECT view_name FROM duckdb_views() WHERE NOT internal"),
        ("macro", "SELECT function_name FROM duckdb_functions() WHERE NOT internal"),
        ("sequence", "SELECT sequence_name FROM duckdb_sequences() WHERE sequence_name <> 'event_numbers'"),
        ("schema", "SELECT schema_name FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'"),
    ):
        found = cursor.execute(query).fetchone()
        if found:
            raise ProjectError(
                f"The file contains a {what} ({found[0]!r}), which no project has.",
                hint="Ask the sender for a file downloaded from the page Projects.",
            )
    rows = cursor.execute("SELECT kind, digest, parents, body FROM records").fetchall()
    for kind, digest, parents, body in rows:
        if digest_of(kind, json.loads(body), tuple(parents)) != digest:
            raise ProjectError(
                f"The {kind} {digest[:12]} was changed after it was recorded.",
                hint="Ask the sender for a file downloaded from the page Projects.",
            )
    _check_tables(cursor)


def _check_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """Check that every table of the current dataset is there with the rows and columns that its record tells."""
    found = cursor.execute(
        "SELECT result FROM records JOIN heads USING (kind, digest) WHERE kind = 'dataset'"
    ).fetchall()
    tables = json.loads(found[0][0]).get("tables", {}) if found and found[0][0] else {}
    for name, facts in tables.items():
        columns = cursor.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [facts["physical"]]
        ).fetchall()
        if [column for (column,) in columns] != [column for column, _ in facts["columns"]]:
            raise ProjectError(
                f"The table {name!r} is not in the file as it was recorded.",
                hint="Ask the sender for a file downloaded from the page Projects.",
            )
        quoted = '"' + str(facts["physical"]).replace('"', '""') + '"'
        n_rows = cursor.execute(f"SELECT count(*) FROM {quoted}").fetchall()[0][0]
        if n_rows != facts["n_rows"]:
            raise ProjectError(
                f"The table {name!r} has {n_rows:,} rows in the file; {facts['n_rows']:,} were recorded.",
                hint="Ask the sender for a file downloaded from the page Projects.",
            )
