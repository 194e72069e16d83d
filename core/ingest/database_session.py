"""Sessions with a database that only read: rows come from a cursor on the server, a few thousand at a time."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy
from sqlalchemy import Connection

from core.ingest.connecting import ConnectionSpec, engine_of
from core.ingest.database_types import KEPT_BY_DRIVER, ColumnPlan, kind_of, plan_of, postgres_plan

Rows = list[Sequence[Any]]
_EXPLAIN = "EXPLAIN (FORMAT JSON) "
_READ_ONLY = {
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "postgresql": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


class Session(ABC):
    """One query that is being read.

    Attributes
    ----------
    n_expected : how many rows the server thinks it will send, or None.
    offset : how many characters of ours stand before the query in what the server was last told.
    """

    n_expected: int | None = None
    offset: int = 0

    @abstractmethod
    def start(self, query: str) -> None:
        """Begin the query; rows are not read yet."""

    @abstractmethod
    def fetch(self, n: int) -> Rows:
        """Return the next rows, at most ``n``; none at the end."""

    @abstractmethod
    def plans(self, first: Rows, kinds: Sequence[str]) -> list[ColumnPlan]:
        """Return how each column becomes an array; ``kinds`` is what an earlier reading found, if there was one."""

    @abstractmethod
    def cancel(self) -> None:
        """Stop what the server is doing, from another thread."""

    @abstractmethod
    def close(self) -> None:
        """Roll back and let go of the connection."""


def session_of(connection: ConnectionSpec) -> Session:
    """Open a session: psycopg's own for PostgreSQL, SQLAlchemy's for every other driver."""
    engine = engine_of(connection)
    if connection.dialect == "postgresql" and engine.dialect.driver == "psycopg":
        return _Postgres(engine)
    return _AnyDialect(engine)


class _Postgres(Session):
    """psycopg with a cursor on the server; exact numbers, dates and the rest arrive as the server's own text."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._pooled = engine.raw_connection()
        self._driver: Any = self._pooled.driver_connection
        self._driver.rollback()
        self._driver.read_only = True
        self._cursor: Any = None

    def start(self, query: str) -> None:
        from psycopg.types.string import TextLoader

        for info in self._driver.adapters.types:
            for number in (info.oid, info.array_oid):
                if number and number not in KEPT_BY_DRIVER:
                    self._driver.adapters.register_loader(number, TextLoader)
        settings = (
            "SET LOCAL TimeZone = 'UTC'",
            "SET LOCAL DateStyle = 'ISO, YMD'",
            "SET LOCAL IntervalStyle = 'postgres'",
        )
        for setting in settings:
            self._driver.execute(setting)
        self.offset = len(_EXPLAIN)
        # Prepared, so that the server itself refuses a second statement.
        plan = self._driver.execute(_EXPLAIN + query, prepare=True).fetchone()[0]
        self.n_expected = int(json.loads(plan)[0]["Plan"]["Plan Rows"])
        self._cursor = self._driver.cursor("touchstone")
        self.offset = len('DECLARE "touchstone" CURSOR FOR ')
        self._cursor.execute(query)

    def fetch(self, n: int) -> Rows:
        return self._cursor.fetchmany(n)

    def plans(self, first: Rows, kinds: Sequence[str]) -> list[ColumnPlan]:
        return [
            postgres_plan(column.name, column.type_code, column.precision, column.scale)
            for column in self._cursor.description or ()
        ]

    def cancel(self) -> None:
        self._driver.cancel_safe(timeout=1.5)

    def close(self) -> None:
        from psycopg import Error

        if self._cursor is not None:
            with suppress(Error):
                self._cursor.close()
        self._pooled.invalidate()


class _AnyDialect(Session):
    """Any driver of SQLAlchemy's; types are found from the values."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._connection: Connection = engine.connect()
        self._dialect = engine.dialect.name
        self._result: Any = None

    def start(self, query: str) -> None:
        if self._dialect in _READ_ONLY:
            self._connection.exec_driver_sql(_READ_ONLY[self._dialect])
        streaming = self._connection.execution_options(stream_results=True, no_parameters=True)
        self._result = streaming.exec_driver_sql(query)

    def fetch(self, n: int) -> Rows:
        return self._result.fetchmany(n)

    def plans(self, first: Rows, kinds: Sequence[str]) -> list[ColumnPlan]:
        names = [column[0] for column in self._result.cursor.description]
        columns = list(zip(*first, strict=True)) or [()] * len(names)
        found = kinds or [kind_of(values) for values in columns]
        return [plan_of(name, kind, self._dialect == "sqlite") for name, kind in zip(names, found, strict=True)]

    def cancel(self) -> None:
        driver: Any = self._connection.connection.driver_connection
        stop: Callable[[], None] | None = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None)
        if stop:
            stop()

    def close(self) -> None:
        self._connection.invalidate()
        self._connection.close()
