import duckdb
import pytest

from core.prepare import ColumnEdge, Recipe, Step, check_recipe, lineage, origins, target_reads
from core.prepare.tracing import traced as traced_query

SCHEMAS = {
    "flights": {"Origin": "VARCHAR", "delay": "BIGINT", "tail": "VARCHAR"},
    "weather": {"Origin": "VARCHAR", "temp": "DOUBLE"},
}


def traced(*steps: tuple[str, str]):
    recipe = check_recipe(Recipe(tuple(Step(name, sql) for name, sql in steps)), list(SCHEMAS))
    return lineage(recipe, SCHEMAS)


def test_columns_are_traced_through_joins_stars_and_expressions():
    found = traced(
        ("joined", "SELECT f.*, w.temp + f.delay AS Mix FROM flights f LEFT JOIN weather w USING (Origin)"),
        ("final", "SELECT * EXCLUDE (tail) REPLACE (Mix * 2 AS Mix) FROM joined"),
    )
    assert found.unknown_steps == ()
    assert found.tables == (("flights", "joined"), ("weather", "joined"), ("joined", "final"))
    assert set(found.columns) == {
        ColumnEdge("flights", "Origin", "joined", "Origin"),
        ColumnEdge("flights", "delay", "joined", "delay"),
        ColumnEdge("flights", "tail", "joined", "tail"),
        ColumnEdge("flights", "delay", "joined", "Mix"),
        ColumnEdge("weather", "temp", "joined", "Mix"),
        ColumnEdge("joined", "Origin", "final", "Origin"),
        ColumnEdge("joined", "delay", "final", "delay"),
        ColumnEdge("joined", "Mix", "final", "Mix"),
    }


def test_the_same_recipe_gives_the_same_lineage_in_the_same_order():
    steps = ("joined", "SELECT delay, temp, temp * delay AS x FROM flights JOIN weather USING (Origin)")
    assert traced(steps) == traced(steps)


def test_common_table_expressions_are_seen_through():
    found = traced(("a", "WITH w AS (SELECT temp AS t FROM weather) SELECT max(t) AS hottest FROM w"))
    assert found.columns == (ColumnEdge("weather", "temp", "a", "hottest"),)


def test_a_step_that_cannot_be_taken_apart_is_named_and_its_tables_are_known_all_the_same():
    found = traced(
        ("odd", "SELECT COLUMNS('de.*') FROM flights"),
        ("after", "SELECT * FROM odd JOIN weather ON true"),
    )
    assert "odd" in found.unknown_steps
    assert ("flights", "odd") in found.tables
    assert ("odd", "after") in found.tables


def test_columns_of_a_step_that_are_known_otherwise_are_used():
    recipe = Recipe((Step("odd", "SELECT COLUMNS('de.*') FROM flights"), Step("after", "SELECT * FROM odd")))
    found = lineage(recipe, {**SCHEMAS, "odd": {"delay": "BIGINT"}})
    assert ColumnEdge("odd", "delay", "after", "delay") in found.columns


def test_columns_go_by_the_names_that_duckdb_gives_them():
    found = traced(("both", "SELECT f.*, w.*, delay AS Delay_Twice FROM flights f JOIN weather w USING (Origin)"))
    made = {(edge.source_table, edge.source_column): edge.column for edge in found.columns if edge.column != "Origin"}
    assert made[("weather", "Origin")] == "Origin_1"
    assert {edge.column for edge in found.columns} >= {"Delay_Twice", "temp", "tail"}


def test_a_feature_is_followed_back_to_the_loaded_columns_through_every_step():
    found = traced(
        ("hot", "SELECT Origin, max(temp) AS hottest FROM weather GROUP BY Origin"),
        ("joined", "SELECT f.*, h.hottest FROM flights f LEFT JOIN hot h ON h.Origin = f.Origin"),
        ("final", "SELECT *, hottest - delay AS gap FROM joined"),
    )
    gap = origins(found, "final", "gap")
    assert set(gap.columns) == {("weather", "temp"), ("flights", "delay")}
    assert [(edge.source_table, edge.step) for edge in gap.edges][:2] == [("joined", "final"), ("joined", "final")]
    assert gap.unknown_steps == ()
    assert origins(found, "final", "nothing").columns == ()


def test_what_hides_behind_an_unknown_step_is_said():
    schemas = {**SCHEMAS, "odd": {"delay": "BIGINT"}}
    steps = (Step("odd", "SELECT COLUMNS('de.*') FROM flights"), Step("after", "SELECT delay * 2 AS d FROM odd"))
    found = origins(lineage(Recipe(steps), schemas), "after", "d")
    assert (found.columns, found.unknown_steps) == ((), ("odd",))


TABLES = {
    "t": {"id": "INTEGER", "g": "INTEGER", "x": "INTEGER", "y": "INTEGER"},
    "e": {"k": "INTEGER", "v": "INTEGER", "w": "INTEGER"},
}
QUERIES = [
    "SELECT *, x + y AS s FROM t",
    "SELECT * EXCLUDE (g) REPLACE (x * 2 AS x) FROM t",
    "SELECT * RENAME (x AS z) FROM t",
    "SELECT id, sum(x) OVER w AS s FROM t WINDOW w AS (PARTITION BY g ORDER BY y, id)",
    "SELECT id, row_number() OVER (ORDER BY y DESC, x) AS place FROM t",
    "WITH a AS (SELECT id, x AS b FROM t), c AS (SELECT id, b + 1 AS b FROM a) "
    "SELECT c.id, c.b, t.y FROM c JOIN t USING (id)",
    "SELECT g, count(*) FILTER (x > 2) AS n, max(y) AS m FROM t GROUP BY ALL ORDER BY g",
    "SELECT id, x AS a FROM t UNION ALL SELECT k, v FROM e",
    "SELECT id, x AS a FROM t UNION ALL BY NAME SELECT v AS a, k AS id, w FROM e",
    "SELECT t.id, (SELECT sum(v) FROM e WHERE e.k = t.g AND e.w < t.x) AS s FROM t ORDER BY id",
    "SELECT d.*, h.* FROM t d LEFT JOIN LATERAL "
    "(SELECT count(*) AS n, sum(v) AS s FROM e WHERE k = d.g AND w < d.x) h ON true",
    "SELECT x AS a, a * 2 AS b, b + y AS c FROM t",
    "SELECT id, list_transform([x, y], lambda q: q + g) AS l FROM t",
    "SELECT id, CASE WHEN x > 2 THEN 'many' ELSE CAST(y AS VARCHAR) END AS word FROM t",
    "FROM (SELECT id, greatest(x, y) AS top FROM t) SELECT top, id",
]


def outcome(sql: str, changed: tuple[str, str] | None) -> list[tuple]:
    """Run a query over small tables in one of which a column holds other values."""
    engine = duckdb.connect()
    for table, columns in TABLES.items():
        values = [
            f"({'hash' if (table, column) == changed else 'abs'}(i * {n + 3}) % {11 if column == 'id' else 7})::INTEGER"
            f" AS {column}"
            for n, column in enumerate(columns)
        ]
        engine.execute(f"CREATE TABLE {table} AS SELECT {', '.join(values)} FROM range(1, 11) AS r(i)")
    return list(zip(*engine.execute(sql).fetchall(), strict=True))


@pytest.mark.parametrize("sql", QUERIES)
def test_no_column_changes_with_one_that_it_is_not_said_to_come_from(sql: str):
    outputs = traced_query(sql, TABLES)
    before = outcome(sql, None)
    keys = {("t", "id"), ("t", "g"), ("e", "k")}  # by these rows are matched, or put in order
    for table, columns in TABLES.items():
        for column in columns:
            if (table, column) in keys:
                continue
            after = outcome(sql, (table, column))
            for output, one, other in zip(outputs, before, after, strict=True):
                if sorted(map(repr, one)) != sorted(map(repr, other)):
                    assert (table, column) in output.leaves, (output, table, column)


def test_what_a_step_computes_from_the_target_is_found():
    recipe = Recipe(
        (
            Step("made", "SELECT *, delay > 60 AS late FROM flights"),
            Step("rates", "SELECT Origin, avg(CAST(late AS INTEGER)) AS late_share FROM made GROUP BY Origin"),
            Step(
                "final",
                "SELECT made.*, late_share, late AS was FROM made JOIN rates USING (Origin) WHERE late IS NOT NULL",
            ),
        )
    )
    found = target_reads(recipe, lineage(recipe, SCHEMAS), "Late")
    assert [(one.step, one.column) for one in found] == [("rates", "late_share"), ("final", "was")]
    assert found[0].sentence == "late_share in step 'rates' is computed from the target, made.late."
    assert found[1].sentence == "was in step 'final' is the target under another name, made.late."
    assert target_reads(recipe, lineage(recipe, SCHEMAS), "nothing") == ()


def test_what_the_target_is_made_from_is_not_the_target():
    recipe = Recipe((Step("final", "SELECT *, delay / 2 AS half, delay > 60 AS late FROM flights"),))
    assert target_reads(recipe, lineage(recipe, SCHEMAS), "late") == ()
    loaded = Recipe((Step("final", "SELECT *, delay / 2 AS half FROM flights"),))
    assert [one.column for one in target_reads(loaded, lineage(loaded, SCHEMAS), "delay")] == ["half"]
