"""A real PostgreSQL server, read through the flow as the page reads it."""

import json
import socket
import threading
import time

import pytest

from core import flow
from core.errors import LoadError, SqlRefusedError
from core.flow.connections import connection_of, database_tables, start_load_database
from core.workspace import home as homes
from tests.postgres import PASSWORD

AUTHOR = "ana"


@pytest.fixture
def project(home):
    yield flow.create("Shop", AUTHOR)
    homes.close_all()


@pytest.fixture(scope="module")
def shop(postgres):
    postgres.execute(
        "CREATE TYPE mood AS ENUM ('happy', 'it''s')",
        "CREATE SCHEMA sales",
        'CREATE TABLE sales."Order Lines" (id int PRIMARY KEY, what text)',
        "INSERT INTO sales.\"Order Lines\" VALUES (2, 'b'), (1, 'a'), (3, NULL)",
        "CREATE TABLE customers AS SELECT i AS id, 'c' || i AS name FROM generate_series(1, 40000) i",
        "CREATE VIEW few AS SELECT * FROM customers WHERE id < 10",
        "CREATE FUNCTION put(n int) RETURNS int LANGUAGE sql AS 'INSERT INTO customers VALUES (n, NULL) RETURNING id'",
        "CREATE ROLE clerk LOGIN PASSWORD 'clerk'",
        "ANALYZE",
    )
    return postgres


@pytest.fixture(scope="module")
def connection(shop):
    return connection_of("shop", shop.url())


def loaded(project, connection, asked, table="t"):
    """Load and return the job as it ended."""
    start_load_database(project, connection, asked, table, AUTHOR)
    return flow.wait(project, "load")


def rows(project, connection, asked):
    """Load and return the rows, as DuckDB shows them as text."""
    view = loaded(project, connection, asked)
    assert view.state == "done", f"{view.problem} {view.hint}"
    info = flow.dataset(project).tables[0]
    shown = ", ".join(f'CAST("{name}" AS VARCHAR)' for name, _ in info.columns)
    return dict(info.columns), project.cursor().execute(f'SELECT {shown} FROM "{info.physical}"').fetchall(), info


TYPES = {
    "true::boolean": ("BOOLEAN", "true"),
    "1::smallint": ("SMALLINT", "1"),
    "9223372036854775807::bigint": ("BIGINT", "9223372036854775807"),
    "0.1::real": ("FLOAT", "0.1"),
    "'NaN'::double precision": ("DOUBLE", "nan"),
    "12345678901234567.89::numeric(19, 2)": ("DECIMAL(19,2)", "12345678901234567.89"),
    "0.12345678901234567890123::numeric": ("DECIMAL(24,23)", "0.12345678901234567890123"),
    "12::numeric": ("BIGINT", "12"),
    "1e40::numeric": ("DOUBLE", "1e+40"),
    "'NaN'::numeric": ("DOUBLE", "nan"),
    "date '2024-02-29'": ("DATE", "2024-02-29"),
    "time '23:59:59.5'": ("TIME", "23:59:59.5"),
    "timestamp '1066-10-14 09:00:00.123456'": ("TIMESTAMP", "1066-10-14 09:00:00.123456"),
    "timestamptz '2024-07-01 12:00+02'": ("TIMESTAMP WITH TIME ZONE", "2024-07-01 10:00:00+00"),
    "interval '1 day 2 hours'": ("VARCHAR", "1 day 02:00:00"),
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": ("VARCHAR", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    """'{"a": [1, "Zoë"]}'::jsonb""": ("VARCHAR", '{"a": [1, "Zoë"]}'),
    "array[1, null, 3]": ("INTEGER[]", "[1, NULL, 3]"),
    "array['a', 'b,c']": ("VARCHAR[]", "[a, 'b,c']"),
    "'\\x00ff'::bytea": ("BLOB", "\\x00\\xFF"),
    "'it''s'::mood": ("VARCHAR", "it's"),
    "'  x  '::char(6)": ("VARCHAR", "  x   "),
    "'10.0.0.1'::inet": ("VARCHAR", "10.0.0.1"),
    "int4range(1, 5)": ("VARCHAR", "[1,5)"),
    "''::text": ("VARCHAR", ""),
    "'%s :x {y}'::text": ("VARCHAR", "%s :x {y}"),
}


def test_every_type_of_postgresql_keeps_its_value_beside_a_null(project, connection):
    named = ", ".join(f"{value} AS c{n}" for n, value in enumerate(TYPES))
    nulls = ", ".join("NULL" for _ in TYPES)
    types, found, _ = rows(project, connection, f"SELECT {named} UNION ALL SELECT {nulls}")
    by_value = {value: (types[f"c{n}"], found[0][n]) for n, value in enumerate(TYPES)}
    assert by_value == TYPES
    assert set(found[1]) == {None}


def test_values_that_no_type_here_can_hold_are_missing_and_counted(project, connection):
    asked = (
        "SELECT unnest(array[date 'infinity', '0044-03-15 BC', '2024-01-01']) AS d, 'NaN'::numeric(4, 1) AS n,"
        " time '24:00:00' AS t"
    )
    _, found, info = rows(project, connection, asked)
    assert [row[0] for row in found] == [None, None, "2024-01-01"]
    assert len(info.notes) == 3
    assert "'infinity', are missing: 2." in info.notes[0]


def test_columns_of_one_name_are_told_apart(project, connection):
    types, found, _ = rows(project, connection, 'SELECT 1 AS a, 2 AS a, 3 AS rowid, 4 AS "\u00e4 b"')
    assert list(types) == ["a", "a_2", "rowid_2", "ä b"]
    assert found == [("1", "2", "3", "4")]


def test_tables_are_listed_with_the_servers_own_count(connection):
    assert [(table.name, table.is_view, table.n_rows) for table in database_tables(connection)] == [
        ("public.customers", False, 40_000),
        ("public.few", True, None),
        ('sales."Order Lines"', False, 3),
    ]


@pytest.mark.parametrize("asked", ['sales."Order Lines"', 'SALES."order lines" ;'])
def test_a_table_is_read_in_the_order_of_its_key(project, connection, asked):
    _, found, info = rows(project, connection, asked)
    assert found == [("1", "a"), ("2", "b"), ("3", None)]
    assert info.n_rows == 3


def test_a_table_in_many_batches_is_whole_and_read_again_it_is_the_same(project, connection):
    _, found, info = rows(project, connection, "SELECT * FROM customers ORDER BY id")
    assert [int(row[0]) for row in found] == list(range(1, 40_001))
    first = flow.dataset(project).digest
    rows(project, connection, "SELECT * FROM customers ORDER BY id")
    assert flow.dataset(project).digest == first
    assert rows(project, connection, "SELECT * FROM customers WHERE id < 9 ORDER BY id")[2].sha256 != info.sha256


def test_neither_the_password_nor_an_option_is_anywhere_in_the_project(project, shop):
    url = shop.url() + "?application_name=hidden-option"
    rows(project, connection_of("shop", url), "few")
    info = flow.dataset(project).tables[0]
    assert info.source_name == f"postgresql://postgres@127.0.0.1:{shop.port}/postgres"
    assert (info.settings.kind, info.settings.query) == ("database", "few")
    for table in ("records", "events", "jobs"):
        text = json.dumps(project.cursor().execute(f"SELECT CAST({table} AS VARCHAR) FROM {table}").fetchall())
        assert PASSWORD not in text
        assert "s3cret" not in text
        assert "hidden-option" not in text
    assert "s3cret" not in repr(connection_of("shop", url))


@pytest.mark.parametrize(
    ("asked", "problem", "hint"),
    [
        ("customer", "no table 'customer'", "public.customers"),
        ("public.Feww", "no table 'public.Feww'", "public.few"),
        ("lines", "no table 'lines'", "Tables: public.customers"),
        ("SELECT id,\n  nme\nFROM customers", "line 2", "Correct"),
        ("SELECT id\nFROM customers\nWHERE\n GROUP", "line 4", "Correct"),
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist', "Correct"),
        ("SELECT 1 / (id - 7) FROM customers", "division by zero", "Correct"),
        ("SELECT * FROM customers WHERE id < 0", "no rows", "ask for more"),
        ("SELECT nextval(pg_get_serial_sequence('log', 'id'))", "does not exist", "Correct"),
        ("SELECT put(1)", "would change the database", "one SELECT"),
        ("SELECT array[[1, 2], [3, 4]] AS a", "'a' holds values that do not fit", "as text"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_and_changes_nothing(project, connection, asked, problem, hint):
    view = loaded(project, connection, asked)
    assert view.state == "failed"
    assert problem in view.problem
    assert hint in view.hint
    assert flow.dataset(project) is None


def test_a_second_statement_is_refused_before_the_server_hears_of_it(project, connection, shop):
    with pytest.raises(SqlRefusedError, match="more than one statement"):
        start_load_database(project, connection, "SELECT 1; DROP TABLE customers", "t", AUTHOR)
    assert shop.execute("SELECT count(*) FROM customers") == [(40_000,)]


def test_a_user_without_the_right_gets_a_sentence(project, shop):
    clerk = connection_of("shop", shop.url().replace("postgres:s3cret%2Fp%40ss%3Aword", "clerk:clerk"))
    view = loaded(project, clerk, "SELECT * FROM customers")
    assert "clerk may not read that: permission denied for table customers" in view.problem
    assert [table.name for table in database_tables(clerk)] == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda url: url.replace("s3cret", "wrong"), "refused the password of postgres"),
        (lambda url: url.replace("postgres:s3cret", "nobody:s3cret"), "refused the password of nobody"),
        (lambda url: url + "x", "no database 'postgresx'"),
        (lambda url: url.replace("127.0.0.1", "no-such-host.invalid"), "no host 'no-such-host.invalid'"),
        (lambda url: url.rpartition(":")[0] + ":1/postgres", "Nothing answers at 127.0.0.1:1"),
    ],
)
def test_no_way_in_gets_a_sentence_without_the_password(project, shop, change, problem):
    wrong = connection_of("shop", change(shop.url()))
    with pytest.raises(LoadError, match=problem) as caught:
        database_tables(wrong)
    assert "s3cret" not in str(caught.value)
    assert loaded(project, wrong, "SELECT 1").problem == caught.value.problem


def running(shop, words):
    """Return the queries that hold some words and run on the server now."""
    return shop.execute(
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        f" AND application_name <> 'test' AND query ILIKE '%{words}%'"
    )


def test_cancel_stops_the_server_while_it_executes(project, connection, shop):
    job = start_load_database(project, connection, "SELECT pg_sleep(60), 'ab' AS x", "t", AUTHOR)
    wait_until(lambda: running(shop, "touchstone"))
    began = time.monotonic()
    flow.cancel(project, job)
    assert flow.wait(project, "load").state == "cancelled"
    assert time.monotonic() - began < 2
    wait_until(lambda: not running(shop, "touchstone"))
    assert flow.dataset(project) is None


def test_cancel_in_the_middle_of_the_rows_records_nothing(project, connection, shop):
    asked = "SELECT i, pg_sleep(CASE WHEN i > 21000 THEN 0.01 END) FROM generate_series(1, 60000) i"
    job = start_load_database(project, connection, asked, "t", AUTHOR)
    wait_until(lambda: "21,000" in flow.job(project, "load").message)
    flow.cancel(project, job)
    assert flow.wait(project, "load").state == "cancelled"
    wait_until(lambda: not running(shop, "touchstone"))
    assert flow.dataset(project) is None
    assert project.cursor().execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'incoming%'"
    ).fetchall() == [(0,)]


def test_a_connection_dropped_in_the_middle_gets_a_sentence_with_the_rows_that_had_come(project, connection, shop):
    asked = "SELECT i, pg_sleep(CASE WHEN i > 21000 THEN 0.01 END) AS slow FROM generate_series(1, 60000) i"
    start_load_database(project, connection, asked, "t", AUTHOR)
    wait_until(lambda: "21,000" in flow.job(project, "load").message)
    shop.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query LIKE '%touchstone%' AND pid <> pg_backend_pid()"
    )
    view = flow.wait(project, "load")
    assert view.state == "failed"
    assert f"connection to 127.0.0.1:{shop.port} was lost after 21,000 rows" in view.problem
    assert "Nothing was recorded" in view.hint
    assert flow.dataset(project) is None


@pytest.mark.parametrize("asked", ["customers", "SELECT 1"])
def test_cancel_does_not_wait_for_a_server_that_never_answers(project, asked):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        job = start_load_database(
            project, connection_of("s", f"postgresql://u:p@127.0.0.1:{port}/d"), asked, "t", AUTHOR
        )
        time.sleep(0.3)
        began = time.monotonic()
        flow.cancel(project, job)
        assert flow.wait(project, "load").state == "cancelled"
        assert time.monotonic() - began < 2


def test_the_servers_own_time_limit_gets_a_sentence(project, shop):
    limited = connection_of("shop", shop.url() + "?options=-c%20statement_timeout%3D200")
    view = loaded(project, limited, "SELECT pg_sleep(30)")
    assert "stopped the query after a time limit of its own" in view.problem


def test_threads_and_connections_are_gone_afterwards(project, connection, shop):
    rows(project, connection, "few")
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("database-")])
    backends = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    wait_until(lambda: shop.execute(backends) == [(0,)])


def wait_until(holds, seconds=10.0):
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not come to that."
        time.sleep(0.05)
