import random

import pytest

from core.errors import SqlError
from core.prepare import READY_MADE, Recipe, Step, depends_on_other_rows, lineage, ready_made
from tests.core.prepare.conftest import schemas_of


@pytest.fixture(autouse=True)
def tables(engine) -> None:
    engine.execute(
        "CREATE TABLE orders AS FROM (VALUES (1, 'a'), (2, 'b'), (3, 'x'), (4, NULL), (5, 'a')) AS t(id, sku)"
    )
    engine.execute(
        "CREATE TABLE prices AS FROM (VALUES ('a', 5, DATE '2024-01-01'), ('a', 7, DATE '2024-06-01'), ('b', 1, NULL),"
        " ('b', 3, NULL), (NULL, 9, DATE '2024-01-01')) AS t(sku, id, since)"
    )


ASKED = {"source": "orders", "other": "prices", "keys": ["sku"], "take": ["id"]}


@pytest.mark.parametrize(("several", "expected"), [("first", 5), ("last", 7)])
def test_a_join_neither_loses_nor_multiplies_rows(run, several, expected):
    found = run("join", "id", **ASKED, several=several, order="since")
    assert [(row["id"], row["prices_id"]) for row in found] == [
        (1, expected),
        (2, 1),
        (3, None),
        (4, None),
        (5, expected),
    ]


def test_the_same_row_is_joined_whatever_the_order_in_the_table(engine, run):
    seen = set()
    for seed in range(5):
        rows = [("a", 3, "u"), ("a", 3, "t"), ("a", 1, None), ("b", None, "t"), ("b", None, None)]
        random.Random(seed).shuffle(rows)
        engine.execute("CREATE OR REPLACE TABLE many (sku VARCHAR, n INTEGER, word VARCHAR)")
        engine.executemany("INSERT INTO many VALUES (?, ?, ?)", rows)
        for several in ("first", "last"):
            found = run("join", "id", source="orders", other="many", keys=["sku"], several=several)
            seen.add((several, tuple((row["n"], row["word"]) for row in found)))
    assert len(seen) == 2


def test_a_join_that_multiplies_rows_says_so_before(run, notes):
    assert len(run("join", **ASKED, several="all")) == 8
    match, doubles = notes("join", **ASKED, several="all")
    assert match.severity == "warning"
    assert "The rows become 8: 3 more" in match.sentence
    assert (doubles.severity, set(doubles.examples)) == ("warning", {"a", "b"})


def test_the_check_counts_what_finds_no_partner(notes):
    match, doubles = notes("join", **ASKED, order="since")
    assert match.sentence.startswith("3 of 5 rows find their key in prices. 1 have a key that is not there, 1 an empty")
    assert match.examples == ("x",)
    assert doubles.severity == "note"
    assert "the first by since is taken" in doubles.sentence


def test_keys_that_do_not_pair_are_refused(run):
    with pytest.raises(SqlError, match="1 columns on one side, 2 on the other"):
        run("join", **ASKED, other_keys=["sku", "id"])
    with pytest.raises(SqlError, match="'orders' has no column 'since'"):
        run("join", source="prices", other="orders", keys=["since"])


@pytest.mark.parametrize(("which", "kept"), [("first", [5, 1, 9]), ("last", [7, 1, 9])])
def test_the_duplicate_that_stays_is_always_the_same(run, which, kept):
    found = run("drop_duplicates", "sku NULLS LAST", source="prices", keys=["sku"], order="since", which=which)
    assert [row["id"] for row in found] == kept


def test_the_check_counts_the_duplicates_that_go(notes):
    (note,) = notes("drop_duplicates", source="orders", keys=["sku"])
    assert (note.sentence, note.examples) == ("1 of 5 rows go.", ("a",))


def test_every_ready_made_step_can_be_traced_and_the_lookups_depend_on_no_other_decision(engine):
    engine.execute("CREATE TABLE seen AS SELECT 'a' AS sku, TIMESTAMP '2024-01-01' AS at_, 2.5 AS paid")
    engine.execute("CREATE TABLE asked AS SELECT 1 AS id, 'a' AS sku, TIMESTAMP '2024-02-01' AS at_, '7' AS word")
    schemas = schemas_of(engine)
    past = {"keys": ["sku"], "time": "at_", "events": "seen", "event_keys": ["sku"], "event_time": "at_"}
    answers = {
        "join": {"other": "prices", "keys": ["sku"]},
        "history": {**past, "what": ["count", "sum", "last"], "measures": ["paid"]},
        "date_parts": {"column": "at_"},
        "missing_words": {"columns": ["word"]},
        "cast": {"columns": ["word"]},
        "clip": {"column": "id", "low": 1},
        "rare_levels": {"column": "word", "keep": ["7"]},
        "drop_duplicates": {"keys": ["id"]},
        "rename": {"columns": ["word"], "names": ["text"]},
        "drop_columns": {"columns": ["word"]},
    }
    assert set(answers) == {one.code for one in READY_MADE}
    for code, values in answers.items():
        made = Recipe((Step("made", ready_made(code).sql({"source": "asked", **values}, schemas)),))
        assert lineage(made, schemas).unknown_steps == (), code
        assert depends_on_other_rows(made, list(schemas), ("id",)) == (), code
    running = {"source": "asked", **answers["history"], "form": "running", "windows": [30]}
    made = Recipe((Step("made", ready_made("history").sql(running, schemas)),))
    assert lineage(made, schemas).unknown_steps == ()
    assert depends_on_other_rows(made, list(schemas), ("id",)) == ()
    own = ready_made("history").sql({"source": "asked", **past, "events": "asked"}, schemas)
    assert depends_on_other_rows(Recipe((Step("made", own),)), list(schemas), ("id",))
