"""The two gates for SQL that a person wrote: what it says is checked, and what it runs in can change nothing."""

import re
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from core.errors import SqlError, SqlRefusedError
from core.workspace.functions import first_other_statement, syntax_tree
from core.workspace.sqlgate import Gate, at_line, on_line, place_of


def check_select(sql: str, tables: Collection[str]) -> str:
    """Check that ``sql`` is one SELECT over ``tables`` that can neither change nor reach anything else.

    Parameters
    ----------
    sql : what the person wrote; a closing semicolon and comments are allowed.
    tables : names it may read; common table expressions of its own come on top.

    Returns
    -------
    The SQL without its closing semicolon and what follows it.

    Raises
    ------
    SqlError
        When it does not parse; ``line`` (from 1) is an attribute where the place is known.
    SqlRefusedError
        When it parses and is not allowed; the sentence names what, the hint what to write instead.
    """
    statement = _single_statement(sql, first_line=1)
    Gate({name.lower(): name for name in tables}, sql).check(statement)
    return _trimmed(sql)


def tables_read(sql: str, tables: Collection[str]) -> frozenset[str]:
    """Return which of ``tables`` a SELECT reads; raises as ``check_select`` does."""
    gate = Gate({name.lower(): name for name in tables}, sql)
    gate.check(_single_statement(sql, first_line=1))
    return frozenset(gate.read)


def check_expression(sql: str, columns: Collection[str]) -> str:
    """Check that ``sql`` is one scalar expression over ``columns``: no SELECT, aggregate or window inside.

    Parameters
    ----------
    sql : for example ``"poutcome = 'success' OR age > 60"``; whoever embeds it puts it in parentheses.
    columns : names it may use, compared as SQL does, without regard to case.

    Returns
    -------
    The expression, without a closing semicolon.

    Raises
    ------
    SqlError
        When it does not parse or names a column that is not there; ``line`` where known.
    SqlRefusedError
        When it is more than a scalar expression.
    """
    cleaned = _trimmed(sql, comments=True).strip()
    if not cleaned:
        raise SqlError("The expression is empty.", hint="Write a condition such as age > 60.")
    if cleaned.split(maxsplit=1)[0].lower() in ("select", "with", "from", "values"):
        raise SqlRefusedError("This is a whole query where one expression is expected.", hint=_EXPRESSION_HINT)
    # Once bare, once in parentheses: what is one expression both ways cannot change its surroundings' meaning.
    _bare_item(f"SELECT\n{cleaned}\n", cleaned)
    item = _bare_item(f"SELECT (\n{cleaned}\n)", cleaned)
    Gate({}, cleaned, columns={name.lower(): name for name in columns}, offset=len("SELECT (\n")).check(item)
    return cleaned


_EXPRESSION_HINT = "Write one expression over the columns, such as age > 60 AND contact = 'cellular'."


def _bare_item(query: str, cleaned: str) -> Mapping[str, Any]:
    node = _single_statement(query, first_line=2)
    items = node.get("select_list", [])
    empty = ("where_clause", "having", "qualify", "sample")
    plain = (
        node["type"] == "SELECT_NODE"
        and len(items) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not any(node[key] for key in empty)
        and not node["modifiers"]
        and not node["group_expressions"]
        and not items[0].get("alias")
    )
    if not plain:
        raise SqlRefusedError(f"{_shown(cleaned)} is more than one expression.", hint=_EXPRESSION_HINT)
    return items[0]


class Running:
    """The queries that run now, so that a person who cancels can interrupt them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()

    def interrupt(self) -> None:
        """Stop what runs."""
        with self._lock:
            for cursor in self._cursors:
                cursor.interrupt()

    @contextmanager
    def watched(self, *cursors: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let ``interrupt`` reach what runs on some connections meanwhile."""
        with self._lock:
            self._cursors += cursors
        try:
            yield
        finally:
            with self._lock:
                for cursor in cursors:
                    self._cursors.remove(cursor)

    @contextmanager
    def cursor(
        self, connection: duckdb.DuckDBPyConnection, sql: str, timeout_seconds: float
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor in a read-only transaction that is rolled back, and stop it when it takes too long.

        Raises
        ------
        SqlError
            For whatever DuckDB raises meanwhile; the place is one in ``sql``.
        """
        cursor = connection.cursor()
        expired = threading.Event()

        def stop() -> None:
            expired.set()
            cursor.interrupt()

        timer = threading.Timer(timeout_seconds, stop)
        timer.daemon = True
        try:
            with self.watched(cursor):
                timer.start()
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                yield cursor
        except (duckdb.Error, OSError) as error:  # what fails while batches are read comes as an OSError
            if expired.is_set():
                raise SqlError(
                    f"The query took longer than {timeout_seconds:g} seconds and was stopped.",
                    hint="Filter or aggregate earlier, and check that every join has its condition.",
                ) from error
            raise sql_error(_placed(error, cursor, sql), sql) from error
        finally:
            timer.cancel()
            timer.join()
            cursor.close()  # rolls back


def run_select(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    *,
    timeout_seconds: float = 60.0,
    running: Running | None = None,
) -> pa.Table:
    """Run a checked SELECT on a cursor of its own, in a read-only transaction that is rolled back.

    Parameters
    ----------
    running : through which the query can be interrupted meanwhile.

    Raises
    ------
    SqlError
        With DuckDB's message when it fails, or a sentence when it took longer than ``timeout_seconds``; ``line``
        and ``column`` where known.
    """
    with (running or Running()).cursor(connection, sql, timeout_seconds) as cursor:
        return cursor.sql(sql).to_arrow_table()


def _placed(error: Exception, cursor: duckdb.DuckDBPyConnection, sql: str) -> Exception:
    """Return the same error with its line: DuckDB leaves it out when a relation cannot be bound."""
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)) and "LINE " not in str(error):
        try:
            cursor.execute(sql)
        except duckdb.Error as again:
            if type(again) is type(error):
                return again
    return error


def sql_error(error: Exception, sql: str, n_before: int = 0) -> SqlError:
    """Return what DuckDB says of a query as a sentence, placed in the person's own text.

    Parameters
    ----------
    sql : the query as DuckDB got it.
    n_before : lines of ours in front of the person's text.
    """
    if isinstance(error, duckdb.InterruptException) or str(error).startswith("INTERRUPT"):
        return SqlError("The query was stopped.", hint="Run it again.")
    if isinstance(error, duckdb.OutOfMemoryException) or str(error).startswith("Out of Memory"):
        return SqlError("The query needs more memory than there is.", hint="Filter or aggregate earlier.")
    message, _, place = str(error).partition("\n\nLINE ")
    message = message.partition("\n\tCandidate functions:")[0]  # "+" has some forty
    line, column = _caret(message, place, sql)
    text = "\n".join(sql.split("\n")[n_before:])
    line = line - n_before if line and line > n_before else None
    problem = on_line(f"{' '.join(message.split()).rstrip('.!')}.", line, text)
    return at_line(SqlError(problem, hint="Correct the SQL and try again."), line, column, text)


def _caret(message: str, place: str, sql: str) -> tuple[int | None, int | None]:
    """Return line and column of what DuckDB points at: an excerpt of the line, and below it a caret."""
    number, _, rest = place.partition(": ")
    lines = sql.split("\n")
    if not number.isdigit() or not 0 < int(number) <= len(lines):
        return None, None
    line = lines[int(number) - 1]
    if "\t" in line:  # the caret does not count it as one
        named = re.search(r'"(\w+)"', message)
        found = re.search(rf"\b{named.group(1)}\b", line, re.IGNORECASE) if named else None
        return int(number), found.start() + 1 if found else None
    excerpt, _, below = rest.partition("\n")
    start = line.find(excerpt.removeprefix("...").removesuffix("..."))
    column = below.find("^") - len(f"LINE {number}: ") - (3 if excerpt.startswith("...") else 0)
    return int(number), start + column + 1 if start >= 0 and column >= 0 else None


def _single_statement(sql: str, first_line: int) -> Mapping[str, Any]:
    """Parse; ``first_line`` is the line of the text handed over on which the person's own text begins."""
    control = next((char for char in sql if char < " " and char not in "\t\n\r\f\v"), None)
    if control is not None:
        raise SqlRefusedError(f"The SQL contains the control character {control!r}.", hint="Remove it.")
    try:
        tree = syntax_tree(sql)
    except RecursionError as error:
        raise SqlRefusedError("The SQL is nested too deeply.", hint="Split it into several steps.") from error
    if tree["error"]:
        raise _parse_error(sql, tree, first_line)
    statements = tree["statements"]
    if not statements:
        raise SqlError("There is no SQL here.", hint="Write a SELECT.")
    if len(statements) > 1:
        raise SqlRefusedError(f"There are {len(statements)} statements.", hint="Write one SELECT per step.")
    if statements[0].get("named_param_map"):
        raise SqlRefusedError("The SQL has a parameter (? or $name).", hint="Write the value itself.")
    return statements[0]["node"]


def _parse_error(sql: str, tree: Mapping[str, Any], first_line: int) -> SqlError:
    message = str(tree["error_message"])
    if tree.get("error_type") == "not implemented":
        word = first_other_statement(sql)
        if word == "PIVOT":
            return SqlRefusedError(
                "PIVOT without a list of values depends on the data.", hint="Write PIVOT t ON column IN ('a', 'b') …."
            )
        return SqlRefusedError(f"Only a SELECT is allowed here, not {word}.", hint="Write one SELECT.")
    line, column = None, None
    if str(tree.get("position", "")).isdigit():
        found, column = place_of(sql, int(tree["position"]))
        line = max(found + 1 - first_line, 1)
    problem = on_line(f"The SQL does not parse: {message.rstrip('.')}.", line, sql.strip())
    return at_line(
        SqlError(problem, hint="Check commas, brackets, quotes and the spelling of keywords."),
        line,
        column,
        sql if first_line == 1 else "",
    )


def _trimmed(sql: str, *, comments: bool = False) -> str:
    """Cut the closing semicolon and what follows it, and closing ``comments`` without one too when asked."""
    data = sql.encode()
    end = len(data)
    for offset, kind in reversed(duckdb.tokenize(sql)):
        is_semicolon = data[offset : offset + 1] == b";"
        is_comment = kind == duckdb.token_type.comment
        if not is_semicolon and not is_comment:
            break
        if is_semicolon or comments:
            end = offset
    return data[:end].decode().rstrip()


def _shown(text: str, limit: int = 60) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= limit else flat[: limit - 1] + '…'}”"
