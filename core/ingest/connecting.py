"""Connections to database servers, as Streamlit's secrets name them; passwords go to the driver and nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from core.errors import LoadError

CONNECT_SECONDS = 10
# Dialect to the package that its usual driver comes in, for those that SQLAlchemy or a package of its own speaks.
_PACKAGES = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm_db_sa",
    "ibm_db_sa": "ibm_db_sa",
    "mariadb": "PyMySQL",
    "mssql": "pyodbc",
    "mysql": "PyMySQL",
    "oracle": "oracledb",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino",
}
_DRIVER_PACKAGES = {"psycopg2": "psycopg2-binary", "pymysql": "PyMySQL", "mysqldb": "mysqlclient", "pyodbc": "pyodbc"}
# The driver for a dialect that names none: the one whose package is pure Python, or ours.
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_DRIVERS |= {"oracle": "oracle+oracledb"}


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """Where a database is and how to get in.

    Attributes
    ----------
    name : what people call it: ``<name>`` of ``[connections.<name>]`` in Streamlit's secrets.
    url : SQLAlchemy's URL, which may hold a password: it is shown by nothing here.
    """

    name: str
    url: URL = field(repr=False)

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the kind of database: ``postgresql``, ``mysql``, ``sqlite``."""
        return self.url.get_backend_name()

    @property
    def shown(self) -> str:
        """What is recorded and shown: dialect, user, host, port and database, without password and options."""
        place = URL.create(self.dialect, self.url.username, None, self.url.host, self.url.port, self.url.database)
        return place.render_as_string(hide_password=True)

    @property
    def host(self) -> str:
        """The server's host and port, or the file, for sentences."""
        if not self.url.host:
            return self.url.database or self.dialect
        return f"{self.url.host}:{self.url.port}" if self.url.port else self.url.host


def connection_of(name: str, said: str | Mapping[str, Any]) -> ConnectionSpec:
    """Return the connection that a URL, or a section of Streamlit's secrets, describes.

    Parameters
    ----------
    said : a URL; or what ``st.connection(name, type="sql")`` takes: ``url``, or ``dialect`` with optional ``driver``,
        ``username``, ``password``, ``host``, ``port``, ``database`` and ``query``.

    Raises
    ------
    LoadError
        When it is no URL, or no dialect is said. The sentence never repeats what was said, which may hold a password.
    """
    hint = "In .streamlit/secrets.toml give url, or dialect, host, port, database, username and password."
    try:
        if isinstance(said, str) or said.get("url"):
            text = said if isinstance(said, str) else str(said["url"])
            url = sqlalchemy.make_url(re.sub(r"^postgres(?=[:+])", "postgresql", text.strip()))
        elif said.get("dialect") or said.get("drivername"):
            driver = f"+{said['driver']}" if said.get("driver") else ""
            dialect = str(said.get("drivername") or f"{said['dialect']}{driver}")
            port = int(said["port"]) if said.get("port") else None
            user, password = said.get("username") or said.get("user"), said.get("password")
            options = dict(said.get("query") or {})
            url = URL.create(dialect, user, password, said.get("host"), port, said.get("database"), options)
        else:
            raise LoadError(f"The connection {name!r} says neither a URL nor a dialect.", hint=hint)
    except (ArgumentError, ValueError, TypeError) as error:
        raise LoadError(f"The connection {name!r} is not described by a URL that can be read.", hint=hint) from error
    if "+" not in url.drivername:
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    return ConnectionSpec(name, url)


def engine_of(connection: ConnectionSpec) -> sqlalchemy.Engine:
    """Return an engine that keeps no connection open of its own.

    Raises
    ------
    LoadError
        When the driver is not installed; the hint names its package. Or when there is no such dialect.
    """
    url, dialect = connection.url, connection.dialect
    arguments: dict[str, object] = {}
    if dialect in ("postgresql", "mysql", "mariadb") and "connect_timeout" not in url.query:
        arguments["connect_timeout"] = CONNECT_SECONDS
    if dialect == "sqlite" and url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        url = url.set(database=f"file:{url.database}", query={**url.query, "mode": "ro", "uri": "true"})
    try:
        return sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except NoSuchModuleError as error:
        if dialect == "duckdb":
            raise LoadError("A DuckDB file is not a server.", hint="Load it as a file.") from error
        package = _PACKAGES.get(dialect)
        if package:
            raise _missing(connection, package) from error
        raise LoadError(
            f"The connection {connection.name!r} names a database {dialect!r} that SQLAlchemy does not know.",
            hint="Check its spelling, or install the package that speaks it.",
        ) from error
    except ModuleNotFoundError as error:
        driver = url.drivername.partition("+")[2]
        package = _DRIVER_PACKAGES.get(driver) or _PACKAGES.get(dialect) or error.name or driver
        raise _missing(connection, package) from error
    except (ArgumentError, TypeError, ValueError) as error:
        raise LoadError(
            f"The connection {connection.name!r} has an option that its driver does not know.", hint="Check its URL."
        ) from error


def _missing(connection: ConnectionSpec, package: str) -> LoadError:
    return LoadError(
        f"The driver for {connection.dialect} is not installed where Touchstone runs.",
        hint=f"Install it with: pip install {package}",
    )
