"""The tables of a database, and the query that reads one."""

from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import Connection
from sqlalchemy.exc import NoSuchTableError

from core.errors import TouchstoneError
from core.ingest.connecting import ConnectionSpec, engine_of
from core.ingest.database_errors import is_driver_error, missing_table, sentence_of
from core.ingest.database_query import TableName, asked_of

# Schemas that belong to the database itself.
_OWN = ("information_schema", "pg_", "sys", "performance_schema", "mysql")
_POSTGRES_TABLES = """
SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), c.reltuples::bigint, n.nspname = current_schema()
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname <> current_schema(), 1, 2
"""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table or view that the connection's user may read.

    Attributes
    ----------
    name : with its schema, quoted where needed: what can be given back to ask for it.
    n_rows : the server's own estimate, None where it has none.
    """

    name: str
    is_view: bool
    n_rows: int | None


def database_tables(connection: ConnectionSpec) -> tuple[DatabaseTable, ...]:
    """Return the tables and views of a database, those of the usual schema first.

    Raises
    ------
    LoadError
        When there is no way in: wrong password, unknown host, nothing that answers, no driver.
    """
    engine = engine_of(connection)
    try:
        with engine.connect() as opened:
            return tuple(_tables(opened))
    except Exception as error:
        if not is_driver_error(error):
            raise
        raise sentence_of(error, connection) from error


def query_of(connection: ConnectionSpec, said: str) -> str:
    """Return the one SELECT that is asked for; a table's rows come in the order of its primary key.

    Raises
    ------
    LoadError
        When there is no such table; the hint names those that are called nearly so.
    SqlRefusedError
        When it is neither a table nor one SELECT.
    """
    asked = asked_of(said, connection.dialect)
    if isinstance(asked, str):
        return asked
    engine = engine_of(connection)
    try:
        with engine.connect() as opened:
            return _of_table(opened, asked, connection)
    except Exception as error:
        if isinstance(error, TouchstoneError) or not is_driver_error(error):
            raise
        raise sentence_of(error, connection) from error


def _tables(opened: Connection) -> list[DatabaseTable]:
    if opened.dialect.name == "postgresql":
        return [
            DatabaseTable(_named(opened, schema, name), is_view, n if n >= 0 else None)
            for schema, name, is_view, n, _ in opened.exec_driver_sql(_POSTGRES_TABLES)
        ]
    asked = sqlalchemy.inspect(opened)
    usual = asked.default_schema_name
    schemas = [schema for schema in asked.get_schema_names() if not schema.lower().startswith(_OWN)]
    found = []
    for schema in sorted(schemas, key=lambda schema: (schema != usual, schema)):
        said = "" if schema == usual else schema
        for names, is_view in ((asked.get_table_names(schema), False), (asked.get_view_names(schema), True)):
            found += [DatabaseTable(_named(opened, said, name), is_view, None) for name in sorted(names)]
    return found


def _named(opened: Connection, schema: str, name: str) -> str:
    prepared = opened.dialect.identifier_preparer
    return f"{prepared.quote(schema)}.{prepared.quote(name)}" if schema else prepared.quote(name)


def _of_table(opened: Connection, asked: TableName, connection: ConnectionSpec) -> str:
    inspector = sqlalchemy.inspect(opened)
    schema, name = asked.schema or None, asked.name
    try:
        is_there = inspector.has_table(name, schema)
        key = inspector.get_pk_constraint(name, schema)["constrained_columns"] if is_there else []
    except NoSuchTableError:
        # SQLite says that a table is there in whatever case, and then does not find it.
        is_there, key = False, []
    if not is_there:
        # As SQL has it, names that were not quoted match in either case.
        known = [table.name for table in _tables(opened)]
        usual = f"{inspector.default_schema_name}.{name}".lower()
        for other in known:
            found = asked_of(other, opened.dialect.name)
            if isinstance(found, TableName) and found != asked and str(found).lower() in (str(asked).lower(), usual):
                return _of_table(opened, found, connection)
        raise missing_table(str(asked), known, connection)
    prepared = opened.dialect.identifier_preparer
    whole = prepared.quote_identifier(name)
    if schema:
        whole = f"{prepared.quote_identifier(schema)}.{whole}"
    order = f" ORDER BY {', '.join(map(prepared.quote_identifier, key))}" if key else ""
    return f"SELECT * FROM {whole}{order}"
