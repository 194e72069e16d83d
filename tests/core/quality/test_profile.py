from collections.abc import Callable

import duckdb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.ingest.column_types import columns_of
from core.quality import Profile, TargetExpr, profile
from core.quality.association import grouped_auc

Profiled = Callable[..., Profile]


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


@pytest.fixture
def profiled(connection) -> Profiled:
    def profiling(select: str, target: str | None = None, training: str | None = None) -> Profile:
        connection.execute(f"CREATE OR REPLACE TABLE t AS {select}")
        chosen = TargetExpr("y", target) if target else None
        return profile(connection, "t", columns_of(connection, "t"), training=training, target=chosen)

    return profiling


def test_numbers_agree_with_numpy(profiled, connection):
    one = profiled("SELECT CASE WHEN range % 7 > 0 THEN sqrt(range) END AS x FROM range(10_000)").column("x")
    values = np.sqrt([i for i in range(10_000) if i % 7])
    assert (one.n_rows, one.n_missing, one.n_distinct) == (10_000, 10_000 - values.size, values.size)
    assert (one.minimum, one.maximum) == (values.min(), values.max())
    assert one.mean == pytest.approx(values.mean())
    assert one.std == pytest.approx(values.std(ddof=1))
    assert one.quantiles == pytest.approx(np.quantile(values, (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)), abs=0.05)
    assert sum(bar[2] for bar in one.histogram) == values.size
    assert all(low < high for low, high, *_ in one.histogram)


def test_a_histogram_of_few_values_has_a_bar_for_each_with_its_share_of_positives(profiled):
    one = profiled("SELECT range % 3 AS x, range % 3 = 1 AS y FROM range(300)", "y").column("x")
    assert [(bar[0], bar[2], bar[3]) for bar in one.histogram] == [(0, 100, 0.0), (1, 100, 1.0), (2, 100, 0.0)]


def test_one_wild_value_does_not_flatten_the_histogram(profiled):
    one = profiled("SELECT CASE WHEN range = 0 THEN 1e9 ELSE range END AS x FROM range(10_000)").column("x")
    assert max(bar[2] for bar in one.histogram) < 1000


def test_top_values_come_with_their_share_of_positives_on_training_rows_only(profiled):
    select = "SELECT CASE WHEN range < 600 THEN 'a' ELSE 'b' END AS x, range % 2 = 0 AS y, range AS id FROM range(1000)"
    one = profiled(select, "y", training="id < 600 AND id % 2 = 0").column("x")
    assert one.top == (("a", 600, 1.0), ("b", 400, None))


def test_text_times_booleans_and_lists_are_described(profiled):
    found = profiled(
        "SELECT 'x' || range % 30 AS s, DATE '2013-01-01' + CAST(range AS INTEGER) AS d, range % 2 = 0 AS b, "
        "[range] AS l, CAST(range AS DECIMAL(9, 2)) AS m FROM range(400)"
    )
    assert [column.kind for column in found.columns] == ["text", "time", "boolean", "other", "number"]
    assert found.column("s").n_rare_levels == 30
    assert found.column("s").n_rare_rows == 400
    assert (found.column("d").minimum, found.column("d").maximum) == ("2013-01-01T00:00:00", "2014-02-04T00:00:00")
    assert found.column("m").maximum == 399.0


def test_facts_on_text_are_counted(profiled):
    text = profiled(
        "SELECT unnest(['1', '2.5', ' ', '', 'NULL', '2013-01-01', 'Yes', 'yes', ' padded', NULL]) AS s"
    ).column("s")
    facts = text.text
    assert facts is not None
    assert (facts.n_blank, facts.n_number, facts.n_time, facts.n_padded, facts.n_variants) == (2, 2, 1, 1, 1)
    assert dict(facts.missing_words) == {" ": 1, "": 1, "NULL": 1}
    assert text.n_missing == 1


def test_a_table_without_values_or_rows_does_not_fail(profiled):
    for select in (
        "SELECT NULL::DOUBLE AS x, NULL::VARCHAR AS s, true AS y FROM range(10)",
        "SELECT 1 AS x, true AS y LIMIT 0",
    ):
        found = profiled(select, "y")
        assert found.column("x").auc in (None, 0.5)
        assert found.column("x").histogram in ((), ((1.0, 1.0, 0, None),))


def test_infinite_and_not_a_number_values_are_no_reason_to_fail(profiled):
    one = profiled("SELECT unnest([1.0, 'inf'::DOUBLE, 'nan'::DOUBLE, '-inf'::DOUBLE, NULL]) AS x").column("x")
    assert (one.n_missing, one.minimum, one.maximum) == (1, 1.0, 1.0)


def test_the_auc_of_groups_is_scikit_learns():
    rng = np.random.default_rng(0)
    score = rng.integers(0, 30, 5000)
    y = rng.random(5000) < score / 60
    positive = np.bincount(score, weights=y)
    negative = np.bincount(score, weights=~y)
    assert grouped_auc(np.arange(30.0), positive, negative) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    assert grouped_auc(np.arange(3.0), np.ones(3), np.zeros(3)) is None


def simulated(connection: duckdb.DuckDBPyConnection, n: int = 20_000) -> None:
    import pyarrow as pa

    rng = np.random.default_rng(1)
    y = rng.random(n) < 0.3
    strong = rng.normal(np.where(y, 1.99, 0.0))
    weak = rng.normal(np.where(y, 0.78, 0.0))
    table = pa.table(
        {
            "strong": strong,
            "against": -strong,
            "weak": weak,
            "middle": np.where(y, rng.normal(0, 0.2, n), rng.choice([-3.0, 3.0], n)),
            "noise": rng.normal(size=n),
            "noisy_levels": [f"l{code}" for code in rng.integers(0, n // 2, n)],
            "few_levels": np.where(y == (rng.random(n) < 0.9), "a", "b"),
            "filled": pa.array(
                [1.0 if one and chance < 0.9 else None for one, chance in zip(y, rng.random(n), strict=True)]
            ),
            "name": [f"id{i}" for i in range(n)],
            "y": y,
        }
    )
    connection.register("made", table)
    connection.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM made")


def test_the_auc_of_one_column_is_that_of_the_column_whatever_its_direction_shape_or_kind(connection):
    simulated(connection)
    found = profile(connection, "t", columns_of(connection, "t"), target=TargetExpr("y", "y"))
    auc = {column.name: column.auc for column in found.columns}
    assert auc["strong"] == pytest.approx(0.92, abs=0.01)
    assert auc["against"] == pytest.approx(auc["strong"], abs=1e-9)
    assert auc["weak"] == pytest.approx(0.71, abs=0.01)
    assert auc["middle"] > 0.95
    assert auc["few_levels"] == pytest.approx(0.9, abs=0.01)
    assert auc["filled"] == pytest.approx(0.95, abs=0.01)
    assert auc["y"] is None
    values = connection.execute("SELECT strong, y FROM t").fetchnumpy()
    assert auc["strong"] == pytest.approx(roc_auc_score(values["y"], values["strong"]), abs=1e-9)


def test_noise_of_any_number_of_levels_scores_one_half(connection):
    simulated(connection)
    found = profile(connection, "t", columns_of(connection, "t"), target=TargetExpr("y", "y"))
    for name in ("noise", "noisy_levels", "name"):
        assert found.column(name).auc == pytest.approx(0.5, abs=0.02)


def test_statistics_with_the_outcome_see_training_rows_only(connection):
    simulated(connection)
    # Outside of training the outcome is turned round; were it seen, the figures would move.
    connection.execute("CREATE OR REPLACE TABLE u AS SELECT *, rowid % 2 = 0 AS train FROM t")
    columns = columns_of(connection, "t")
    whole = profile(connection, "u", columns, training="train", target=TargetExpr("y", "y"))
    connection.execute("UPDATE u SET y = NOT y WHERE NOT train")
    turned = profile(connection, "u", columns, training="train", target=TargetExpr("y", "y"))
    for before, after in zip(whole.columns, turned.columns, strict=True):
        if before.name != "y":
            assert before == after
    assert (whole.n_training, whole.n_positive) == (turned.n_training, turned.n_positive)


def test_the_same_rows_give_the_same_profile_on_one_thread_and_on_two(connection):
    simulated(connection)
    columns = columns_of(connection, "t")
    found = []
    for threads in (1, 2, 2):
        connection.execute(f"SET threads = {threads}")
        found.append(profile(connection, "t", columns, target=TargetExpr("y", "y")))
    assert found[0] == found[1] == found[2]
