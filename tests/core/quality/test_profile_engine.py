"""The profile against other implementations, in parts, on several threads, and with every type of column."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from core.ingest.column_types import columns_of
from core.quality import Profile, TargetExpr, profile
from core.quality.groups import Groups
from core.quality.ordered import gathered, joined, ordered
from core.quality.pairs import correlation, determined
from core.quality.profile import QUANTILES
from core.quality.repeats import n_repeated
from core.workspace.plain import from_plain, to_plain

MIXED = """SELECT range AS id,
    CASE WHEN hash(range) % 20 > 0 THEN sqrt(range + 1) * (CAST(hash(range + 1) % 1000 AS INTEGER) - 500) END AS x,
    CAST(hash(range + 2) % 100000 AS INTEGER) AS many, CAST(hash(range + 3) % 7 AS SMALLINT) AS few,
    CASE WHEN hash(range + 4) % 9 > 0 THEN 'level ' || (hash(range + 5) % 5000) END AS levels,
    'row-' || (hash(range + 6) % 100000) || '-' || range AS name,
    TIMESTAMP '2013-01-01' + INTERVAL (hash(range + 7) % 50000000) SECOND AS made_at,
    DATE '2013-01-01' + CAST(hash(range + 8) % 300 AS INTEGER) AS day,
    hash(range + 9) % 3 = 0 AS flag, CAST((hash(range + 10) % 1000) / 100 AS DECIMAL(12, 2)) AS amount,
    CASE WHEN hash(range + 11) % 10 > 0 THEN hash(range + 12) % 4 = 0 END AS y FROM range({n})"""


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


def looked(connection: duckdb.DuckDBPyConnection, target: str | None = "y", **given: str) -> Profile:
    chosen = TargetExpr("y", target) if target else None
    return profile(connection, "t", columns_of(connection, "t"), target=chosen, **given)


def test_a_profile_holds_all_that_summarize_says_and_holds_it_exactly(connection):
    connection.execute(f"CREATE TABLE t AS {MIXED.format(n=5000)}")
    found = looked(connection)
    summary = connection.execute("SUMMARIZE t").fetchall()
    assert [row[0] for row in summary] == [column.name for column in found.columns]
    for (name, kind, low, high, _, mean, std, *_, n, missing), one in zip(summary, found.columns, strict=True):
        assert (kind, n) == (one.type, one.n_rows)
        assert float(missing) == pytest.approx(100 * one.n_missing / one.n_rows, abs=0.01)
        distinct = connection.execute(f"SELECT count(DISTINCT {name}) FROM t").fetchall()[0][0]
        assert one.n_distinct == distinct
        if one.kind == "number":
            assert (float(low), float(high)) == (one.minimum, one.maximum)
            assert one.mean == pytest.approx(float(mean), rel=1e-9)
            assert one.std == pytest.approx(float(std), rel=1e-9)
            quartiles = f"SELECT quantile_disc({name}::DOUBLE, {list(QUANTILES)}) FROM t"
            assert one.quantiles == tuple(connection.execute(quartiles).fetchall()[0][0])
        elif one.kind == "text":
            assert (low, high) == (one.text.first, one.text.last)
        elif one.kind == "time":
            assert (low[:10], high[:10]) == (one.minimum[:10], one.maximum[:10])
            assert mean[:10] == one.dates.mean[:10]
            middle = connection.execute(f"SELECT quantile_disc({name}, 0.5)::TIMESTAMP::VARCHAR FROM t").fetchall()[0][
                0
            ]
            assert one.dates.quantiles[3] == middle.replace(" ", "T")
        else:
            assert {low, high} == {value for value, *_ in one.top}


def test_top_values_are_those_of_a_plain_group_by(connection):
    connection.execute(f"CREATE TABLE t AS {MIXED.format(n=5000)}")
    found = looked(connection, training="id % 3 > 0")
    for name in ("few", "levels", "flag", "day", "amount", "y"):
        rows = connection.execute(
            f"SELECT {name}::VARCHAR, count(*), count(*) FILTER (y AND id % 3 > 0) / "
            f"nullif(count(y) FILTER (id % 3 > 0), 0) FROM t WHERE {name} IS NOT NULL "
            f"GROUP BY {name} ORDER BY 2 DESC, {name} LIMIT 20"
        ).fetchall()
        if name == "y":
            rows = [(value, n, None) for value, n, _ in rows]
        assert found.column(name).top == tuple(rows), name


def in_parts(connection: duckdb.DuckDBPyConnection, **given: str) -> Profile:
    connection.execute("SET memory_limit = '120MB'")
    found = looked(connection, **given)
    connection.execute("RESET memory_limit")
    return found


def test_a_column_read_in_parts_gives_what_it_gives_at_once_on_one_thread_and_on_four(connection):
    connection.execute(f"CREATE TABLE t AS {MIXED.format(n=300_000)}")
    given = {"training": "id % 3 > 0", "order": "made_at"}
    whole = looked(connection, **given)
    parts = in_parts(connection, **given)
    connection.execute("SET threads = 4")
    four = looked(connection, **given)
    connection.execute("SET threads = 1")
    assert looked(connection, **given) == whole == four
    assert parts == whole


def test_the_auc_is_scikit_learns_with_ties_missing_and_endless_values(connection):
    rng = np.random.default_rng(3)
    y = rng.random(30_000) < 0.2
    x = np.round(rng.normal(y * 0.8), 1)
    chance = rng.random(x.size)
    x[y & (chance < 0.1)], x[~y & (chance < 0.1)] = np.inf, -np.inf
    missing = ~y & (chance > 0.9)
    table = pa.table({"x": pa.array(x, mask=missing), "y": y})
    connection.register("made", table)
    connection.execute("CREATE TABLE t AS SELECT * FROM made")
    ranked = np.where(missing, -1e9, np.clip(x, -1e6, 1e6))
    assert looked(connection).column("x").auc == pytest.approx(roc_auc_score(y, ranked), abs=1e-12)


def test_groups_of_any_numbers_are_those_of_a_plain_count():
    rng = np.random.default_rng(0)
    code = rng.integers(0, 40, 3000).astype(np.uint8)
    next_door = np.nextafter(rng.normal(size=1000), 9)
    for value in (
        rng.integers(-50, 50, 3000),
        rng.integers(-(2**62), 2**62, 3000),
        rng.integers(-(2**40), 2**40, 3000),
        rng.normal(size=3000),
        np.concatenate([next_door, np.nextafter(next_door, 9), -next_door]),
        np.where(rng.random(3000) < 0.5, -0.0, 0.0),
    ):
        halves = [(value[:1000], code[:1000]), (value[1000:], code[1000:])]
        pairs, n = np.unique(np.rec.fromarrays([value + 0, code]), return_counts=True)
        for found in (
            joined(ordered([(value, code)])),
            joined(ordered(halves)),
            joined(gathered(halves, 500)),
        ):
            assert (found.value == pairs["f0"]).all()
            assert (found.code == pairs["f1"]).all()
            assert (found.n == n).all()
        assert sum(block.n.sum() for block in found.blocks()) == 3000


def test_blocks_never_cut_a_value_in_two():
    value = np.repeat(np.arange(20.0), 9001)
    code = np.zeros(value.size, dtype=np.uint8)
    for held in (Groups(value, code, np.ones(value.size, dtype=int)), ordered([(value, code)])):
        blocks = list(held.blocks())
        assert len(blocks) > 1
        assert all(a.value[-1] < b.value[0] for a, b in zip(blocks, blocks[1:], strict=False))
        assert sum(block.n.sum() for block in blocks) == value.size


def test_a_value_in_more_rows_than_a_block_holds_is_grouped_by_code_and_rows_outside_are_counted():
    rng = np.random.default_rng(1)
    for most in (0.0, -(2**60), 2**40):
        value = np.concatenate([np.full(90_000, most), most + 1 + np.arange(9000), [most - 5]])
        code = rng.integers(0, 60, value.size).astype(np.uint8)
        found = ordered([(value[:50_000], code[:50_000]), (value[50_000:], code[50_000:])])
        assert found.outside(most - 2, most + 1e9) == (1, 0)
        assert found.outside(most - 9, most) == (0, 9000)
        groups = joined(found)
        assert (groups.n[groups.value == most] == np.bincount(code[value == most])).all()
        assert groups.n.sum() == value.size


def test_wide_numbers_are_told_apart_to_the_last_digit(connection):
    connection.execute(
        "CREATE TABLE t AS SELECT 12345678901234567890::HUGEINT * 1000 + range % 10 AS h, "
        "9007199254740993 + range % 10 AS b, true AS y FROM range(500)"
    )
    found = looked(connection)
    assert (found.column("h").n_distinct, found.column("b").n_distinct) == (10, 10)
    assert found.column("h").top[0][:2] == ("12345678901234567890000", 50)
    assert found.column("b").top[0][:2] == ("9007199254740993", 50)


def test_a_record_of_twenty_columns_stays_small_and_comes_back_the_same(connection):
    connection.execute(
        f"CREATE TABLE t AS SELECT a.*, b.* RENAME (y AS z) FROM ({MIXED.format(n=3000)}) a JOIN "
        f"({MIXED.format(n=3000)}) b USING (id)"
    )
    found = looked(connection, order="made_at", training="id % 3 > 0")
    text = json.dumps(to_plain(found))
    assert len(found.columns) >= 20
    assert len(text) < 300_000
    assert from_plain(Profile, json.loads(text)) == found


def test_repeated_rows_are_counted_the_same_in_memory_and_in_the_database(connection):
    connection.execute(
        "CREATE TABLE t AS SELECT range % 700 AS a, CASE WHEN range % 2 = 0 THEN 'x' END AS b FROM range(1000)"
    )
    assert n_repeated(connection, "t", ["a", "b"], 1000) == 300
    assert n_repeated(connection, "t", ["a", "b"], 10**12) == 300
    assert n_repeated(connection, "t", [], 1000) == 0


def test_pairs_agree_with_numpy_and_with_a_plain_count():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 5000))
    assert correlation(x, x + y) == pytest.approx(np.corrcoef(x, x + y)[0, 1], abs=1e-8)
    assert correlation(x, np.full(5000, np.nan)) is None
    assert correlation(x, np.ones(5000)) is None
    a = rng.integers(0, 40, 20_000)
    assert determined(a, a // 4) == 1.0
    assert determined(a // 4, a) < 0.3
    wrong = np.where(rng.random(a.size) < 0.02, (a // 4 + 1) % 10, a // 4)
    assert 0.97 < determined(a, wrong) < 0.99
    assert determined(a, (rng.random(a.size) < 0.001).astype(int)) < 0.2
