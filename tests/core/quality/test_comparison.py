"""Two versions of a table: what is said of them is what a plain loop counts."""

from collections import Counter

import duckdb
import numpy as np
import pytest

from core.ingest import Column
from core.quality import comparison
from core.quality.comparison import MISSING, OTHERS, ColumnChange, compare
from core.quality.drift import stability_index


@pytest.fixture
def cursor() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE early AS SELECT range AS id, range % 97 AS age, "
        "CASE WHEN range % 10 > 0 THEN range % 3 END AS k, "
        "['north', 'south', 'east'][1 + range % 3] AS city, "
        "DATE '2024-01-01' + CAST(range % 200 AS INTEGER) AS day, range / 7 AS amount FROM range(2000)"
    )
    connection.execute(
        "CREATE TABLE late AS SELECT * REPLACE (CASE WHEN id % 4 = 0 THEN 'west' ELSE city END AS city, "
        "age + 40 AS age) FROM early WHERE id >= 500"
    )
    return connection


def columns(cursor: duckdb.DuckDBPyConnection, table: str) -> list[Column]:
    return [Column(row[0], row[1]) for row in cursor.sql(f"DESCRIBE {table}").fetchall()]


def compared(cursor: duckdb.DuckDBPyConnection, before: str = "early", after: str = "late"):
    return compare(cursor, (before, after), columns(cursor, before), columns(cursor, after))


def of(found, name: str) -> ColumnChange:
    return next(column for column in found.columns if column.name == name)


def test_a_table_compared_with_itself_has_every_row_in_common_and_nothing_moved(cursor):
    found = compared(cursor, "early", "early")
    assert (found.n_before, found.n_after, found.n_common) == (2000, 2000, 2000)
    for column in found.columns:
        assert column.before == column.after
        assert column.psi in (None, 0.0)


def test_rows_in_common_are_counted_as_often_as_they_are_in_both(cursor):
    cursor.execute("CREATE TABLE a AS SELECT unnest([1, 1, 1, 2, 3, NULL]) AS x")
    cursor.execute("CREATE TABLE b AS SELECT unnest([1, 1, 2, 2, 4, NULL]) AS x")
    assert compared(cursor, "a", "b").n_common == 4


def test_shares_and_the_index_are_those_of_a_loop(cursor):
    found = of(compared(cursor), "age")
    before, after = (
        [row[0] for row in cursor.sql(f"SELECT age FROM {table} ORDER BY id").fetchall()] for table in ("early", "late")
    )
    edges = sorted({sorted(before)[int(np.ceil(len(before) * share / 10)) - 1] for share in range(1, 10)})
    counts = [Counter(int(np.searchsorted(edges, value)) for value in rows) for rows in (before, after)]
    expected = [(counts[0][bin] / len(before), counts[1][bin] / len(after)) for bin in range(len(edges) + 1)]
    assert [cell[1:] for cell in found.cells] == expected
    padded = [np.array([count[bin] for bin in range(len(edges) + 1)] + [0], float) for count in counts]
    assert found.psi == pytest.approx(stability_index(*padded))
    assert found.psi > 0.25
    assert found.before.mean == pytest.approx(np.mean(before))
    assert found.after.quantiles[5] == sorted(after)[len(after) // 2 - 1]


def test_levels_that_are_new_and_gone_are_counted(cursor):
    cursor.execute("DELETE FROM late WHERE city = 'south'")
    found = of(compared(cursor), "city")
    assert (found.n_new_levels, found.n_gone_levels) == (1, 1)
    assert {cell[0] for cell in found.cells} == {"north", "south", "east", "west"}
    assert sum(cell[1] for cell in found.cells) == pytest.approx(1)
    assert sum(cell[2] for cell in found.cells) == pytest.approx(1)


def test_missing_values_are_a_cell_of_their_own(cursor):
    cursor.execute("UPDATE late SET k = NULL")
    found = of(compared(cursor), "k")
    assert found.cells[-1][0] == MISSING
    assert found.cells[-1][1:] == (0.1, 1.0)
    assert (found.before.missing_share, found.after.missing_share) == (0.1, 1.0)
    assert found.psi > 1


def test_times_are_ranges_of_dates(cursor):
    found = of(compared(cursor), "day")
    assert found.cells[0][0].startswith("up to 2024-01-")
    assert sum(cell[1] for cell in found.cells) == pytest.approx(1)


def test_text_that_names_rows_has_no_levels_and_a_column_of_another_kind_is_not_compared(cursor):
    cursor.execute("CREATE TABLE a AS SELECT 'n' || range AS name, range AS age FROM range(1000)")
    cursor.execute("CREATE TABLE b AS SELECT 'm' || range AS name, 'x' || range AS age FROM range(1000)")
    found = compared(cursor, "a", "b")
    assert (of(found, "name").cells, of(found, "name").psi) == ((), None)
    assert (of(found, "age").kind, of(found, "age").psi) == ("", None)


def test_many_levels_are_cut_to_the_most_frequent_and_the_rest(cursor):
    cursor.execute("CREATE TABLE a AS SELECT 'l' || (range % 90) AS level FROM range(9000)")
    found = of(compared(cursor, "a", "a"), "level")
    assert len(found.cells) == comparison.N_LEVELS + 1
    assert found.cells[-1][0] == OTHERS


def test_a_large_table_is_compared_on_every_kth_row_and_says_so(cursor, monkeypatch):
    monkeypatch.setattr(comparison, "N_COMPARED", 300)
    monkeypatch.setattr(comparison, "MOST_ROWS_IN_COMMON", 3000)
    found = compared(cursor)
    assert (found.n_before, found.n_after) == (2000, 1500)
    assert (found.n_compared_before, found.n_compared_after) == (286, 300)
    assert found.n_common is None
    assert found == compared(cursor)


@pytest.mark.parametrize("value", ["'nan'::DOUBLE", "'inf'::DOUBLE", "NULL::DOUBLE", "1e308::DOUBLE"])
def test_numbers_that_are_none_break_nothing(cursor, value):
    cursor.execute(f"CREATE TABLE a AS SELECT CASE WHEN range % 2 = 0 THEN {value} ELSE range END AS x FROM range(100)")
    cursor.execute("CREATE TABLE b AS SELECT range::DOUBLE AS x FROM range(100)")
    for before, after in (("a", "b"), ("b", "a")):
        cells = of(compared(cursor, before, after), "x").cells
        assert cells


def test_tables_without_rows_or_shared_columns_are_told_apart_by_their_columns(cursor):
    cursor.execute("CREATE TABLE a AS SELECT 1 AS x WHERE false")
    cursor.execute("CREATE TABLE b AS SELECT 1 AS y")
    assert compared(cursor, "a", "b").columns == ()
    assert compared(cursor, "a", "a").n_common == 0
