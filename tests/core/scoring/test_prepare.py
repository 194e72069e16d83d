import duckdb
import pyarrow as pa
import pytest

from core.errors import SqlError
from core.scoring.engine import scratch
from core.scoring.prepare import compose, prepare, statement

SOURCE = pa.table({"x": [3, 1, 2], "text": ["a;", "--b", None]})


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("SELECT 1 ; ; -- done; really\n", "SELECT 1"),
        ("SELECT 1; /* so; */ -- it\n/* is */", "SELECT 1"),
        ("SELECT ';' AS x", "SELECT ';' AS x"),
        ("SELECT '--;' AS x -- y", "SELECT '--;' AS x -- y"),
        ("SELECT 'it''s;' ;", "SELECT 'it''s;'"),
        ('SELECT 1 AS "a;--";', 'SELECT 1 AS "a;--"'),
        ("SELECT $$;--$$;", "SELECT $$;--$$"),
        ("SELECT $q$;$$;$q$;", "SELECT $q$;$$;$q$"),
        (r"SELECT e'\';' ;", r"SELECT e'\';'"),
        ("", ""),
    ],
)
def test_only_the_semicolon_at_the_end_is_taken_away(sql, kept):
    assert statement(sql) == kept


def test_steps_read_the_ones_before_whatever_they_end_in():
    steps = [("first", "SELECT x + 1 AS y FROM source; -- one"), ('se"cond', "SELECT y * 2 AS z FROM first -- two")]
    found = prepare(scratch(), steps, {"source": SOURCE})
    assert found.to_pydict() == {"row_number": [1, 2, 3], "z": [8, 4, 6]}
    assert duckdb.sql(compose([("a", "SELECT 1 AS x"), ("b", "SELECT nothing FROM a")], upto="a")).fetchall() == [(1,)]


def test_a_step_that_is_not_there_is_refused():
    with pytest.raises(SqlError, match="'c'"):
        compose([("a", "SELECT 1")], upto="c")
    with pytest.raises(SqlError):
        compose([])


def test_rows_arrive_from_a_reader_batch_by_batch():
    many = pa.table({"x": list(range(120_000))})
    found = prepare(scratch(), [("all", "SELECT sum(x) AS total FROM source")], {"source": many.to_reader(1_000)})
    assert int(found.column("total")[0].as_py()) == sum(range(120_000))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT CAST(text AS INTEGER) AS n FROM source", "Could not convert"),
        ("SELECT 1 AS row_number", "row_number"),
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv|disabled|Permission"),
    ],
)
def test_a_recipe_that_fails_says_what_duckdb_says(sql, said):
    with pytest.raises(SqlError, match=said):
        prepare(scratch(), [("a", sql)], {"source": SOURCE})


def test_two_tables_of_one_name_are_refused():
    connection = scratch()
    prepare(connection, [("a", "SELECT 1")], {"source": SOURCE})
    with pytest.raises(SqlError, match="source"):
        prepare(connection, [("a", "SELECT 1")], {"source": SOURCE})


def test_floating_sums_are_the_same_bytes_every_time():
    values = pa.table({"g": [n % 7 for n in range(60_000)], "v": [1.0 / (n + 1) for n in range(60_000)]})
    steps = [("sums", "SELECT g, sum(v) AS s, avg(v) AS m FROM source GROUP BY g")]
    assert len({str(prepare(scratch(), steps, {"source": values}).to_pydict()) for _ in range(5)}) == 1
