"""Turns what a database's driver raises into a sentence: what is wrong, and what to do."""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from sqlalchemy.exc import SQLAlchemyError

from core.errors import LoadError, SqlError, TouchstoneError
from core.ingest.connecting import ConnectionSpec


class _Rule(NamedTuple):
    """Which errors: SQLSTATEs that begin so, or words of the message in small letters; and what is said then."""

    states: tuple[str, ...]
    words: tuple[str, ...]
    problem: str
    hint: str


_RULES = (
    _Rule(
        ("28",),
        ("password authentication failed", "access denied for user", "login failed", "no password supplied"),
        "{host} refused the password of {user}.",
        "Put the right user and password into the connection {name!r} of Streamlit's secrets.",
    ),
    _Rule(
        (),
        ("translate host name", "name or service not known", "resolve host", "getaddrinfo", "nodename nor"),
        "There is no host {server!r}.",
        "Check the host of the connection {name!r}.",
    ),
    _Rule(
        (),
        ("connection refused", "no route to host", "network is unreachable", "could not connect", "can't connect to"),
        "Nothing answers at {host}.",
        "Check host and port of the connection {name!r}, and whether the server runs and can be reached from here.",
    ),
    _Rule(
        (),
        ("timeout expired", "timed out", "connection timeout"),
        "{host} did not answer in time.",
        "Check host and port of the connection {name!r}, or a firewall between here and there.",
    ),
    _Rule(
        ("3D000",),
        ("unknown database", "cannot open database", "unable to open database file"),
        "There is no database {database!r} at {host}.",
        "Check the database of the connection {name!r}.",
    ),
    _Rule(("53300",), ("too many connections",), "{host} has no connection left to give.", "Try again later."),
    _Rule(
        ("57P", "08"),
        (
            "terminating connection",
            "server closed the connection",
            "connection is closed",
            "connection is lost",
            "connection already closed",
            "lost connection",
            "gone away",
            "consuming input failed",
            "connection reset",
            "broken pipe",
        ),
        "The connection to {host} was lost after {n_rows:,} rows.",
        "Nothing was recorded; start it again.",
    ),
    _Rule(
        ("57014",),
        ("statement timeout", "maximum statement execution time exceeded"),
        "{host} stopped the query after a time limit of its own.",
        "Ask for fewer rows or columns, or have the limit raised: {text}",
    ),
    _Rule(
        ("25006",),
        ("read-only transaction", "readonly database"),
        "The query would change the database; Touchstone only reads.",
        "Give a table's name or one SELECT.",
    ),
    _Rule(
        ("42501",),
        ("permission denied", "command denied"),
        "{user} may not read that: {text}.",
        "Ask the database's owner for the right to SELECT.",
    ),
)


def is_driver_error(error: BaseException) -> bool:
    """Say whether an error came from SQLAlchemy, from the network, or from a driver after Python's DB API (PEP 249)."""
    return isinstance(error, SQLAlchemyError | OSError | UnicodeError) or any(
        base.__name__ == "Error" and base.__module__.split(".")[0] not in ("duckdb", "_duckdb")
        for base in type(error).__mro__
    )


def sentence_of(
    error: Exception, connection: ConnectionSpec, *, query: str = "", offset: int = 0, n_rows: int = 0
) -> TouchstoneError:
    """Return the error that a person gets for a driver's.

    Parameters
    ----------
    query : what was asked, to say in which line of it a fault is.
    offset : how many characters of ours stood before it, when the server was told more than the query.
    n_rows : how many rows had arrived.
    """
    if isinstance(error, TouchstoneError):
        return error
    original = getattr(error, "orig", None) or error
    text = _one_line(original, connection)
    low, state = text.lower(), str(getattr(original, "sqlstate", None) or "")
    values = {
        "name": connection.name,
        "host": connection.host,
        "server": connection.url.host or "",
        "user": connection.url.username or "the user",
        "database": connection.url.database or "",
        "n_rows": n_rows,
        "text": text,
    }
    if not state and re.search(r'database "[^"]*" does not exist', low):
        state = "3D000"
    for rule in _RULES:
        named = any(state.startswith(start) for start in rule.states)
        if named or (state[:2] not in ("42", "22") and any(word in low for word in rule.words)):
            return LoadError(rule.problem.format(**values), hint=rule.hint.format(**values))
    return _of_query(text, original, query, offset)


def missing_table(asked: str, known: Sequence[str], connection: ConnectionSpec) -> LoadError:
    """Return the error for a table that is not there; the hint names those that are called nearly so."""
    by_lower = {name.lower(): name for name in known} | {name.lower().rpartition(".")[2]: name for name in known}
    last = asked.lower().rpartition(".")[2]
    near = [*difflib.get_close_matches(asked.lower(), by_lower, 5, 0.6), *difflib.get_close_matches(last, by_lower, 5)]
    if near:
        hint = f"Did you mean {' or '.join(dict.fromkeys(by_lower[name] for name in near))}?"
    elif known:
        hint = f"Tables: {', '.join(known[:20])}{' …' if len(known) > 20 else ''}."
    else:
        hint = "The connection's user sees no table there."
    return LoadError(f"There is no table {asked!r} in {connection.shown}.", hint=hint)


def _of_query(text: str, original: BaseException, query: str, offset: int) -> TouchstoneError:
    """Return an error of the query itself, with its line where the server says the place."""
    place = getattr(getattr(original, "diag", None), "statement_position", None)
    if place and query:
        line = query[: max(0, int(place) - 1 - offset)].count("\n") + 1
        return SqlError(f"The database refuses line {line} of the query: {text}.", hint="Correct the query there.")
    return SqlError(f"The database refuses the query: {text}.", hint="Correct the query, or choose a table.")


def _one_line(error: BaseException, connection: ConnectionSpec) -> str:
    """Return a driver's message in a line, without the password should it be in there."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not re.match(r"LINE \d+:|\^|\(Background on this error|\[SQL:", line)]
    text = "; ".join(kept[:3]) or type(error).__name__
    secret = connection.url.password
    for spelled in (str(secret), quote(str(secret), safe=""), quote_plus(str(secret))) if secret else ():
        text = text.replace(spelled, "***")
    return text.rstrip(".")
