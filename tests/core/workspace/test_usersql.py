import time

import duckdb
import pytest

from core.errors import SqlError, SqlRefusedError
from core.scoring.engine import scratch
from core.workspace.functions import function_kind
from core.workspace.usersql import check_expression, check_select, run_select, tables_read

ALLOWED = [
    "SELECT * FROM flights;",
    "SELECT * FROM FLIGHTS -- a comment ; with a semicolon",
    "FROM flights SELECT origin",
    "WITH a AS (SELECT * FROM flights), b AS (SELECT * FROM a) SELECT * FROM b JOIN a USING (origin)",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r",
    "SELECT date_trunc('day', t), nullif(a, b), if(a, b, c), split_part(a, '-', 1), coalesce(a, 1) FROM flights",
    "SELECT lag(a) OVER (PARTITION BY b ORDER BY c), list_transform(l, lambda x: x + 1) FROM flights",
    "SELECT sum(a) FILTER (WHERE b > 1), count(DISTINCT c), quantile_cont(a, .5), wavg(a, b) FROM flights GROUP BY ALL",
    "SELECT * FROM flights, unnest([1, 2]), range(3), generate_series(1, 2)",
    "SELECT * FROM flights f ASOF JOIN weather w ON f.t >= w.t AND f.origin = w.origin",
    "PIVOT flights ON carrier IN ('UA', 'AA') USING sum(delay)",
    "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b), COLUMNS('x.*') FROM flights ORDER BY ALL LIMIT 3",
    "SELECT a::DECIMAL(3, 1), TRY_CAST(a AS INTEGER), extract(hour FROM t), t AT TIME ZONE 'UTC' FROM flights",
    "SELECT strptime(a, '%Y'), age(t, u), epoch(t), a SIMILAR TO 'x', a ILIKE 'b', -a, a // 2, a->>'$.b' FROM flights",
    "SELECT origin FROM flights WHERE origin IN (SELECT origin FROM weather) AND EXISTS (FROM weather)",
    "SELECT CASE WHEN a IS NULL THEN 0 ELSE 1 END, a BETWEEN 1 AND 2, [x + 1 FOR x IN l IF x > 0] FROM flights",
    'SELECT user, "user" FROM flights',
    "VALUES (1, 2)",
]

REFUSED = {
    "WITH x AS (DELETE FROM flights RETURNING *) SELECT * FROM x": "DELETE",
    "WITH x AS (INSERT INTO flights VALUES (1) RETURNING *) SELECT * FROM x": "INSERT",
    "WITH x AS (UPDATE flights SET a = 1 RETURNING *) SELECT * FROM x": "UPDATE",
    "WITH x AS (COPY flights TO 'x.csv') SELECT 1": "COPY",
    "SELECT * FROM (WITH x AS (DELETE FROM flights RETURNING *) SELECT * FROM x)": "DELETE",
    "COPY flights TO 'x.csv'": "COPY",
    "ATTACH 'other.duckdb'": "ATTACH",
    "PRAGMA version": "PRAGMA",
    "SET threads = 1": "SET",
    "LOAD httpfs": "LOAD",
    "INSTALL httpfs": "INSTALL",
    "CREATE TABLE x AS SELECT 1": "CREATE",
    "EXPLAIN SELECT 1": "EXPLAIN",
    "BEGIN": "BEGIN",
    "CALL pragma_version()": "CALL",
    "DESCRIBE flights": "DESCRIBE",
    "SUMMARIZE flights": "SUMMARIZE",
    "SELECT * FROM (SHOW TABLES)": "SHOW",
    "PIVOT flights ON carrier": "PIVOT",
    "SELECT 1; SELECT 2": "2 statements",
    "SELECT 1; DROP TABLE flights": "DROP",
    "SELECT * FROM read_csv('x.csv')": "read_csv",
    "SELECT * FROM glob('*')": "glob",
    "SELECT * FROM query('SELECT 1')": "query",
    "SELECT * FROM query_table('flights')": "query_table",
    "SELECT * FROM duckdb_tables()": "duckdb_tables",
    "SELECT * FROM sniff_csv('x')": "sniff_csv",
    "SELECT * FROM json_execute_serialized_sql('{}')": "json_execute_serialized_sql",
    "SELECT * FROM 'file.csv'": "file.csv",
    "SELECT * FROM records": "records",
    "SELECT * FROM python_variable": "python_variable",
    "SELECT * FROM duckdb_tables": "duckdb_tables",
    "SELECT * FROM sqlite_master": "sqlite_master",
    "SELECT * FROM information_schema.tables": "information_schema.tables",
    "SELECT * FROM main.flights": "main.flights",
    "SELECT * FROM flights AT (VERSION => 1)": "version",
    "SELECT * FROM flights WHERE a IN (SELECT body FROM records)": "records",
    "SELECT (SELECT max(body) FROM records)": "records",
    "SELECT * FROM flights, LATERAL (SELECT * FROM records)": "records",
    "WITH records AS (SELECT * FROM records) SELECT * FROM records": "records",
    "WITH RECURSIVE records AS (SELECT * FROM records) SELECT * FROM records": "records",
    "WITH RECURSIVE records(n) AS (SELECT n FROM records UNION ALL SELECT 1) SELECT * FROM records": "records",
    "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a": "'b'",
    "SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x), x": "'x'",
    "SELECT random()": "random",
    "SELECT uuid()": "uuid",
    "SELECT main.random()": "main.random",
    "SELECT a.upper() FROM flights": "a.upper",
    "SELECT reservoir_quantile(a, .5) FROM flights": "reservoir_quantile",
    "SELECT * FROM flights TABLESAMPLE 10%": "sample",
    "SELECT * FROM flights USING SAMPLE 5": "sample",
    "SELECT now()": "clock",
    "SELECT today()": "clock",
    "SELECT current_date": "clock",
    "SELECT localtimestamp": "clock",
    "SELECT current_localtimestamp()": "clock",
    "SELECT age(t) FROM flights": "clock",
    "SELECT ago(INTERVAL 1 DAY)": "clock",
    "SELECT pg_sleep(9)": "pg_sleep",
    "SELECT nextval('s')": "nextval",
    "SELECT current_setting('threads')": "current_setting",
    "SELECT getvariable('x')": "getvariable",
    "SELECT getenv('HOME')": "getenv",
    "SELECT current_schema": "current_schema",
    "SELECT version()": "version",
    "SELECT format_type(1, 2)": "format_type",
    "SELECT pg_get_viewdef(1)": "pg_get_viewdef",
    "SELECT json_serialize_plan('SELECT 1')": "json_serialize_plan",
    "SELECT ?": "parameter",
    "SELECT $name": "parameter",
    "SELECT CAST(1 AS main.thing)": "main.thing",
    "SELECT DEFAULT": "DEFAULT",
    "SELECT 1\x00 FROM records": "control character",
}


@pytest.mark.parametrize("sql", ALLOWED)
def test_ordinary_sql_passes(sql: str):
    assert check_select(sql, ["flights", "weather"])


@pytest.mark.parametrize(("sql", "named"), REFUSED.items())
def test_anything_else_is_refused_with_a_sentence_that_names_it(sql: str, named: str):
    with pytest.raises(SqlRefusedError) as caught:
        check_select(sql, ["flights", "weather"])
    assert named.lower() in caught.value.problem.lower()
    assert caught.value.problem.endswith(".")
    if "There is no function" not in caught.value.problem:
        assert caught.value.hint


def test_what_is_allowed_also_runs_in_the_hardened_engine():
    engine = scratch()
    for sql in (
        "SELECT if(true, 1, 2) AS a",
        "SELECT wavg(x, 1) AS a FROM range(3) t(x)",
        "SELECT list_sum([1, 2]) AS a",
    ):
        assert run_select(engine, check_select(sql, [])).num_rows == 1


def test_every_function_that_the_catalog_calls_volatile_is_refused():
    rows = duckdb.connect().execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE function_type IN ('scalar', 'aggregate', 'window') AND stability <> 'CONSISTENT'"
    )
    names = {name for (name,) in rows.fetchall()} - {"error"}
    assert len(names) > 20
    assert {name for name in names if function_kind(name) in ("scalar", "aggregate", "window")} == set()


def test_the_sql_comes_back_without_its_closing_semicolon():
    assert (
        check_select("SELECT 'ä;' AS ö FROM flights ; -- done\n/* ; */", ["flights"]) == "SELECT 'ä;' AS ö FROM flights"
    )


def test_a_syntax_error_carries_its_line():
    with pytest.raises(SqlError) as caught:
        check_select("SELECT\n  ä,\n  FROM flights WHERE AND", ["flights"])
    assert caught.value.line == 3
    assert caught.value.problem.startswith("Line 3: ")


def test_a_refusal_carries_its_line_and_offers_close_names():
    with pytest.raises(SqlRefusedError) as caught:
        check_select("SELECT 'ü'\nFROM flights\nJOIN wether USING (origin)", ["flights", "weather"])
    assert caught.value.line == 3
    assert "Did you mean weather?" in caught.value.hint


@pytest.mark.parametrize("sql", ["", "  \n", "-- only a comment", ";"])
def test_no_sql_at_all_is_said(sql: str):
    with pytest.raises(SqlError, match="no SQL"):
        check_select(sql, [])


def test_a_sum_of_two_hundred_columns_passes_and_ten_thousand_brackets_do_not_crash():
    assert check_select("SELECT " + " + ".join(f"c{i}" for i in range(200)) + " FROM flights", ["flights"])
    with pytest.raises(SqlError):
        check_select("SELECT " + "(" * 10_000 + "1" + ")" * 10_000, [])


def test_tables_read_are_those_of_the_list_and_not_the_expressions_own():
    sql = "WITH weather AS (SELECT 1 AS origin) SELECT * FROM Flights JOIN weather USING (origin)"
    assert tables_read(sql, ["flights", "weather", "planes"]) == {"flights"}


@pytest.mark.parametrize(
    "sql",
    [
        "a > 1 OR b",
        "poutcome = 'success' OR (contact = 'cellular' AND AGE > 60)",
        "list_contains(list_transform(l, lambda x: x + a), 1)",
        "CASE WHEN a THEN 1 END -- why",
        "s.field > 1",
        '"two words" IS NOT NULL;',
        "current_date > 1",
    ],
)
def test_a_scalar_expression_over_the_columns_passes(sql: str):
    columns = ["a", "b", "poutcome", "contact", "age", "l", "s", "two words", "current_date"]
    kept = check_expression(sql, columns)
    assert duckdb.connect().execute("SELECT json_serialize_sql(?)", [f"SELECT ({kept}) AND true"]).fetchall()


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("a) OR (b", "parse"),
        ("a), (b", "parse"),
        ("a FROM t", "more than one"),
        ("a AS b", "more than one"),
        ("a WHERE b", "more than one"),
        ("a ORDER BY b", "more than one"),
        ("a, b", "more than one"),
        ("SELECT 1", "whole query"),
        ("(SELECT 1)", "SELECT inside"),
        ("a IN (SELECT b FROM t)", "SELECT inside"),
        ("sum(a) > 1", "more than one row"),
        ("unnest(l)", "more than one row"),
        ("row_number() OVER () > 1", "window"),
        ("*", "star"),
        ("COLUMNS('a')", "star"),
        ("#1", "position"),
        ("random() > .5", "random"),
        ("current_date > a", "clock"),
        ("a > ?", "parameter"),
        ("a > 1; DROP TABLE x", "DROP"),
        ("agee > 60", "agee"),
        ("x > 1", "'x'"),
        ("", "empty"),
        ("-- nothing", "empty"),
    ],
)
def test_more_or_less_than_a_scalar_expression_is_refused(sql: str, named: str):
    with pytest.raises(SqlError) as caught:
        check_expression(sql, ["a", "b", "l", "age"])
    assert named.lower() in caught.value.problem.lower()


def test_an_unknown_column_in_an_expression_carries_its_line_and_close_names():
    with pytest.raises(SqlError) as caught:
        check_expression("a > 1\nAND agee > 60", ["a", "age"])
    assert caught.value.line == 2
    assert "age" in caught.value.hint


def test_a_query_gives_its_rows():
    assert run_select(scratch(), "SELECT 1 AS a, 'x' AS b").to_pylist() == [{"a": 1, "b": "x"}]


def test_a_ten_minute_cross_join_ends_by_time_out_and_the_connection_goes_on():
    engine = scratch()
    engine.execute("CREATE TABLE t AS SELECT range AS a FROM range(100000)")
    sql = check_select("SELECT count(*) AS n FROM t a, t b, t c WHERE a.a + b.a + c.a = 7", ["t"])
    started = time.monotonic()
    with pytest.raises(SqlError, match="took longer than 0.3 seconds"):
        run_select(engine, sql, timeout_seconds=0.3)
    assert time.monotonic() - started < 10
    assert run_select(engine, "SELECT count(*) AS n FROM t").to_pylist() == [{"n": 100000}]


def test_nothing_is_written_even_when_the_first_gate_is_passed_over():
    engine = scratch()
    engine.execute("CREATE TABLE t AS SELECT 1 AS a")
    for sql in ("INSERT INTO t VALUES (2)", "DROP TABLE t", "CREATE TABLE u AS SELECT 1", "DELETE FROM t"):
        with pytest.raises(SqlError):
            run_select(engine, sql)
    with pytest.raises(SqlError):
        run_select(engine, "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x")
    assert run_select(engine, "SELECT * FROM t").to_pylist() == [{"a": 1}]


def test_files_settings_and_python_variables_are_out_of_reach_in_the_engine(tmp_path):
    import pyarrow as pa

    frame = pa.table({"a": [1]})
    (tmp_path / "x.csv").write_text("a\n1\n")
    assert frame.num_rows == 1
    for sql in (
        "SELECT * FROM frame",
        f"SELECT * FROM '{tmp_path}/x.csv'",
        f"SELECT * FROM read_csv('{tmp_path}/x.csv')",
    ):
        with pytest.raises(SqlError):
            run_select(scratch(), sql)


def test_a_failure_while_running_is_one_sentence_with_its_line():
    engine = scratch()
    with pytest.raises(SqlError) as caught:
        run_select(engine, "SELECT x,\n  missing_column\nFROM range(3) t(x)")
    assert caught.value.line == 2
    assert "missing_column" in caught.value.problem
    assert "\n" not in caught.value.problem
