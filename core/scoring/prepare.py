"""Runs the recipe: named SQL steps over source tables, ending in one row per decision."""

import re
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from .errors import SqlError

BATCH_ROWS = 50_000
_TOKEN = re.compile(
    r"""[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$(\w*)\$.*?\$\1\$|(?P<comment>--[^\n]*|/\*.*?\*/)|.""",
    re.DOTALL,
)


def compose(steps: Sequence[tuple[str, str]], upto: str | None = None) -> str:
    """Return the recipe as one SELECT: a common table expression per step, all rows of the last.

    Parameters
    ----------
    steps : (name, SELECT) in order; each may read source tables and earlier steps.
    upto : the step to end at; without it the last.

    Raises
    ------
    SqlError
        When there is no step, or none of that name.
    """
    names = [name for name, _ in steps]
    last = upto if upto is not None else (names[-1] if names else None)
    if last not in names:
        raise SqlError(f"There is no step {last!r}.", hint=f"Steps: {', '.join(names) or 'none yet'}.")
    used = steps[: names.index(last) + 1]
    expressions = ",\n".join(f"{quoted(name)} AS (\n{statement(sql)}\n)" for name, sql in used)
    return f"WITH {expressions}\nSELECT * FROM {quoted(last)}"


def numbered(steps: Sequence[tuple[str, str]]) -> str:
    """Return the recipe as one SELECT whose first column, row_number, counts the rows as the recipe yields them."""
    return f"SELECT row_number() OVER () AS row_number, * FROM (\n{compose(steps)}\n) AS recipe"


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def statement(sql: str) -> str:
    """Return a statement without the semicolon, and what comments follow it, at its end."""
    end, semicolon = 0, -1
    for token in _TOKEN.finditer(sql):
        if token.group() == ";":
            semicolon = token.start() if semicolon < 0 else semicolon
        elif not token.group("comment") and not token.group().isspace():
            end, semicolon = token.end(), -1
    return sql[:semicolon].rstrip() if semicolon >= end else sql.rstrip()


def prepare(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[tuple[str, str]],
    sources: Mapping[str, pa.Table | pa.RecordBatchReader],
) -> pa.Table:
    """Return the decision rows that the recipe makes of source tables.

    Parameters
    ----------
    connection : from :func:`~.engine.scratch`; gets one table per source. One thread, for the same bytes everywhere.
    steps : (name, SELECT) in order.
    sources : rows by table name; a reader is read batch by batch, once.

    Returns
    -------
    ``row_number`` (int64, 1..n in the order in which the recipe yields the rows), then the last step's columns.

    Raises
    ------
    SqlError
        When a step fails; the message is DuckDB's.
    """
    reader = prepared_batches(connection, steps, sources)
    try:
        return reader.read_all()
    except OSError as error:
        raise SqlError(f"The recipe fails: {first_line(error)}") from error


def prepared_batches(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[tuple[str, str]],
    sources: Mapping[str, pa.Table | pa.RecordBatchReader],
) -> pa.RecordBatchReader:
    """Do the same as :func:`prepare`, a batch at a time; a step that fails later raises OSError from the reader."""
    for name, rows in sources.items():
        add_source(connection, name, rows)
    try:
        relation = connection.sql(numbered(steps))
        if [name.lower() for name in relation.columns].count("row_number") > 1:
            raise SqlError("The last step has a column row_number.", hint="Give it another name: Touchstone adds one.")
        return relation.to_arrow_reader(BATCH_ROWS)
    except duckdb.Error as error:
        raise SqlError(f"The recipe fails: {first_line(error)}") from error


def add_source(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Put the rows of a source into a table of the connection.

    Raises
    ------
    SqlError
        When there is a table of that name, or DuckDB cannot hold a type.
    """
    connection.register("arriving source", rows)
    try:
        connection.execute(f'CREATE TABLE {quoted(name)} AS SELECT * FROM "arriving source"')
    except duckdb.Error as error:
        raise SqlError(f"Table {name!r} cannot be read: {first_line(error)}") from error
    finally:
        connection.unregister("arriving source")


def first_line(error: Exception) -> str:
    """Return what DuckDB says, without the excerpt of the query below it."""
    return str(error).split("\n", 1)[0]
