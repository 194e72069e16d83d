from core.prepare import ColumnEdge, Recipe, Step, check_recipe, lineage

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
