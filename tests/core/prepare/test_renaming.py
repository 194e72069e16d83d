import pytest

from core.prepare import Step, renamed


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM old", "SELECT * FROM new"),
        ('SELECT * FROM "Old" AS o -- from old', "SELECT * FROM new AS o -- from old"),
        ("SELECT old.a, 'old', older FROM old WHERE old.b > 1", "SELECT new.a, 'old', older FROM new WHERE new.b > 1"),
        ("SELECT old.* EXCLUDE (old) FROM/*old*/old", "SELECT new.* EXCLUDE (old) FROM/*old*/new"),
        ("SELECT old AS old FROM t", "SELECT old AS old FROM t"),
        ("SELECT x.old FROM old x JOIN t ON x.old = t.old", "SELECT x.old FROM new x JOIN t ON x.old = t.old"),
        ("WITH old AS (SELECT 1 AS a) SELECT a FROM old", "WITH old AS (SELECT 1 AS a) SELECT a FROM old"),
        ("WITH old AS (SELECT * FROM old) SELECT * FROM old", "WITH old AS (SELECT * FROM new) SELECT * FROM old"),
        (
            "SELECT (SELECT max(old.a) FROM old) AS m FROM t AS z",
            "SELECT (SELECT max(new.a) FROM new) AS m FROM t AS z",
        ),
        ("SELECT old.a FROM old AS x JOIN t AS old ON true", "SELECT old.a FROM new AS x JOIN t AS old ON true"),
        ("SELECT 'äöü', old.a FROM old", "SELECT 'äöü', new.a FROM new"),
        ("SELECT FROM old", "SELECT FROM old"),
        ("", ""),
    ],
)
def test_only_what_names_the_step_is_rewritten(sql: str, expected: str):
    first, second = renamed((Step("old", "SELECT * FROM old"), Step("b", sql, upstream=True)), "old", "new")
    assert first == Step("new", "SELECT * FROM old")
    assert second == Step("b", expected, upstream=True)


def test_a_name_that_needs_quotes_gets_them_and_earlier_steps_stay():
    steps = (Step("a", "SELECT * FROM b"), Step("b", "SELECT 1 AS x"), Step("c", "SELECT b.x FROM b"))
    found = renamed(steps, "b", "order")
    assert found == (steps[0], Step("order", steps[1].sql), Step("c", 'SELECT "order".x FROM "order"'))
    assert renamed(steps, "nothing", "x") == steps
