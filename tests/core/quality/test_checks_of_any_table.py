"""Every check on tables of any kind: each type there is, a single row, nothing but nulls, hundreds of columns."""

import duckdb
import pytest

from core.ingest.column_types import columns_of
from core.quality import CHECKS, CheckResult, Context, TargetExpr, check, profile
from core.workspace.plain import from_plain, to_plain

TYPES = {
    "whole": "CAST(range % 7 AS TINYINT)",
    "huge": "CAST(range AS HUGEINT) * 10000000000000000000",
    "exact": "CAST(range / 7 AS DECIMAL(18, 4))",
    "single": "CAST(sqrt(range) AS FLOAT)",
    "not_finite": "CASE range % 9 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE ELSE range END",
    "flag": "range % 2 = 0",
    "text": "'a \"b\" it''s 100% ' || (range % 5)",
    "long": "repeat('long text ' || (range % 40), 60)",
    "level": "CAST(CASE range % 2 WHEN 0 THEN 'x' ELSE 'y' END AS ENUM ('x', 'y'))",
    "name": "CAST(md5(CAST(range AS VARCHAR)) AS UUID)",
    "day": "DATE '2020-01-01' + CAST(range AS INTEGER)",
    "moment": "TIMESTAMP '2020-01-01' + INTERVAL (range) HOUR",
    "zoned": "TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (range) HOUR",
    "endless": "CASE WHEN range % 3 = 0 THEN 'infinity'::DATE ELSE DATE '2021-01-01' END",
    "hour": "TIME '00:00:01' + INTERVAL (range) SECOND",
    "list": "[range, range + 1]",
    "struct": "{'a': range, 'b': 'c'}",
    "map": "MAP {'a': range}",
    "blob": "CAST('ab' AS BLOB)",
    "span": "INTERVAL (range) DAY",
    "nothing": "NULL",
    "nothing_at_all": "NULL::VARCHAR",
    "blank": "''",
    "strange\nname; --": "range % 3",
}


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


def results_of(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, str], n: int, **given: object
) -> list[CheckResult]:
    selected = ", ".join(sql + ' AS "' + name.replace('"', '""') + '"' for name, sql in columns.items())
    connection.execute(
        f"CREATE OR REPLACE TABLE t AS SELECT range AS row_number, {selected} FROM range({n})"
    ).fetchall()
    target = TargetExpr("flag", "flag")
    training = "row_number % 4 <> 0"
    looked = profile(connection, "t", columns_of(connection, "t"), training=training, target=target, **given)
    context = Context(
        connection, "t", target, training, order_column=given.get("order", ""), group_column="whole", as_of="2026-01-01"
    )
    return list(check(looked, context))


@pytest.mark.parametrize(
    ("n", "order"),
    [
        *((n, order) for n in (1, 60, 1500) for order in ("", "moment", "zoned", "text", "endless", "nothing_at_all")),
        (2, "day"),
        (45_000, "whole"),
    ],
)
def test_no_check_stumbles_over_a_type_and_what_is_found_can_be_stored(connection, n: int, order: str):
    results = results_of(connection, TYPES, n, order=order)
    assert [one.code for one in results] == [one.code for one in CHECKS]
    assert from_plain(tuple[CheckResult, ...], to_plain(results)) == tuple(results)
    for result in results:
        for found in result.findings:
            if found.where:
                assert connection.sql(f"SELECT count(*) FROM t WHERE {found.where}").fetchall()[0][0] > 0, found
            if found.remedy_action.startswith("step:"):
                step = found.remedy_action[5:].replace("{table}", "t")
                assert connection.sql(f"SELECT count(*) FROM ({step})").fetchall()[0][0] > 0, found


def test_a_hundred_columns_are_checked_without_a_query_for_every_pair(connection):
    columns = {f"x{place}": f"hash(range + {place}) % {3 + place}" for place in range(100)}
    results = results_of(connection, columns | {"flag": "hash(range) % 3 = 0", "whole": "range // 2"}, 1000)
    assert len(results) == len(CHECKS)


def test_the_same_rows_give_the_same_findings_on_one_thread_and_on_four(connection):
    columns = {name: TYPES[name] for name in ("whole", "exact", "not_finite", "flag", "text", "moment", "blank")}
    found = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        found.append(results_of(connection, columns, 125_000, order="moment"))
    assert found[0] == found[1]
