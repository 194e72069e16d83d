import sqlite3
from contextlib import closing

import pytest

from core.errors import LoadError, SqlRefusedError
from core.ingest.connecting import connection_of
from core.ingest.database import DatabaseStream, WiderError
from core.ingest.database_query import TableName, asked_of
from core.ingest.database_tables import database_tables, query_of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("orders", TableName("", "orders")),
        (" public.orders ;", TableName("public", "orders")),
        ('s."a ""b"""', TableName("s", 'a "b"')),
        ("[dbo].[Order Lines]", TableName("dbo", "Order Lines")),
        ("SELECT ';' AS x; -- done", "SELECT ';' AS x"),
        ("(SELECT 1) UNION SELECT 2", "(SELECT 1) UNION SELECT 2"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("SELECT $$a;b$$", "SELECT $$a;b$$"),
        ("SELECT form WHERE FROM", "SELECT form WHERE FROM"),
    ],
)
def test_what_is_asked_is_a_table_or_one_select(said, expected):
    assert asked_of(said, "postgresql") == expected


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; COMMIT; DROP TABLE a", "more than one statement"),
        ("DROP TABLE a", "begins with DROP"),
        ("CALL f()", "begins with CALL"),
        ("WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a", "holds DELETE"),
        ("SELECT * INTO b FROM a", "holds INTO"),
        ("SELECT 'a", "not closed"),
    ],
)
def test_what_does_more_than_read_is_refused(said, words):
    with pytest.raises(SqlRefusedError, match=words):
        asked_of(said, "postgresql")


def test_nothing_asked_gets_a_sentence():
    with pytest.raises(LoadError, match="Neither a table nor a query"):
        asked_of(" \n", "postgresql")


@pytest.mark.parametrize(
    ("said", "shown", "driver"),
    [
        ("postgres://u:p@h/d", "postgresql://u@h/d", "postgresql+psycopg"),
        ({"url": "postgresql://u:p@h:5432/d?sslmode=require"}, "postgresql://u@h:5432/d", "postgresql+psycopg"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql://u@h/d", "postgresql+psycopg2"),
        (
            {"dialect": "mysql", "username": "u", "password": "p@/:", "host": "h", "port": "3306", "database": "d"},
            "mysql://u@h:3306/d",
            "mysql+pymysql",
        ),
        ({"dialect": "mssql", "driver": "pyodbc", "host": "h"}, "mssql://h", "mssql+pyodbc"),
    ],
)
def test_a_connection_is_described_as_streamlits_secrets_do_and_shown_without_the_password(said, shown, driver):
    connection = connection_of("shop", said)
    assert connection.shown == shown
    assert connection.url.drivername == driver
    assert repr(connection) == "ConnectionSpec(name='shop')"


@pytest.mark.parametrize(
    "said", ["", "h:s3cret@", {"host": "h", "password": "s3cret"}, {"dialect": "mysql", "port": "x"}]
)
def test_a_connection_that_cannot_be_read_gets_a_sentence_without_what_was_said(said):
    with pytest.raises(LoadError, match="connection 'shop'") as caught:
        connection_of("shop", said)
    assert "secrets.toml" in caught.value.hint
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("snowflake://u:p@account/d", "pip install snowflake-sqlalchemy"),
        ("mysql+mysqldb://u:p@h/d", "pip install mysqlclient"),
        ("oracle://u:p@h/d", "pip install oracledb"),
        ("duckdb:///x.duckdb", "Load it as a file"),
        ("nosuch://h", "does not know"),
    ],
)
def test_a_driver_that_is_missing_is_named_with_its_package(url, words):
    with pytest.raises(LoadError) as caught:
        database_tables(connection_of("shop", url))
    assert words in str(caught.value)


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, paid, note TEXT, day DATE)")
        made.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [(n, n, "x", "2024-01-31") for n in range(3000)])
        made.execute("INSERT INTO orders VALUES (3000, 1.5, NULL, NULL)")
        made.execute("INSERT INTO orders VALUES (3001, 2, 7, NULL)")
        made.commit()
    return connection_of("file", f"sqlite:///{path}")


def table_of(connection, query):
    """Read a query as the flow does: again, when the values turned out to be of a wider kind."""
    kinds = ()
    while True:
        with DatabaseStream(connection, query, lambda: None, kinds) as stream:
            try:
                return stream.reader(lambda n: None).read_all(), stream
            except WiderError as wider:
                assert not kinds
                kinds = wider.kinds


def test_a_driver_that_says_no_types_is_read_by_the_values_also_when_a_late_one_is_of_another_kind(sqlite):
    assert [table.name for table in database_tables(sqlite)] == ["orders"]
    query = query_of(sqlite, "ORDERS")
    table, stream = table_of(sqlite, query)
    assert [str(field.type) for field in table.schema] == ["int64", "double", "string", "string"]
    assert table["id"].to_pylist() == list(range(3002))
    assert table["paid"].to_pylist() == [*map(float, range(3000)), 1.5, 2.0]
    assert table["note"].to_pylist()[-2:] == [None, "7"]
    assert stream.n_rows == 3002


def test_the_digest_is_that_of_the_rows_however_they_arrive(sqlite, monkeypatch):
    whole = table_of(sqlite, "SELECT id, day FROM orders ORDER BY id")[1].sha256
    monkeypatch.setattr("core.ingest.database._MOST_ROWS", 77)
    assert table_of(sqlite, "SELECT id, day FROM orders ORDER BY id")[1].sha256 == whole
    assert table_of(sqlite, "SELECT id, day FROM orders ORDER BY id DESC")[1].sha256 != whole
    assert table_of(sqlite, "SELECT id, day AS d FROM orders ORDER BY id")[1].sha256 != whole


def test_sqlite_is_opened_to_read_only_and_a_file_that_is_not_there_is_not_made(sqlite, tmp_path):
    with pytest.raises(LoadError, match="no database"):
        database_tables(connection_of("file", f"sqlite:///{tmp_path / 'gone.db'}"))
    assert not (tmp_path / "gone.db").exists()
    with pytest.raises(LoadError, match="no table 'order'") as caught:
        query_of(sqlite, "order")
    assert "orders" in caught.value.hint
