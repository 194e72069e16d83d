import pytest

from core.errors import SqlError

CASES = """CREATE TABLE cases AS FROM (VALUES
    (1, TIMESTAMP '2024-03-03 23:59:00', DATE '2024-03-05', 'N/A', 5.0, 'red'),
    (2, TIMESTAMP '2023-12-31 00:00:00', DATE '2023-12-30', ' n/a ', 'nan'::DOUBLE, 'blue'),
    (3, NULL, NULL, 'x', NULL, NULL),
    (4, TIMESTAMP '2024-01-01 10:00:00', DATE '2024-01-01', NULL, -999, 'red')
) AS t(id, "at", "until when", word, amount, colour)"""


@pytest.fixture(autouse=True)
def cases(engine) -> None:
    engine.execute(CASES)


def test_parts_of_a_date_are_what_the_calendar_says(run):
    found = run("date_parts", "id", source="cases", column="at", parts=["hour", "year", "weekday"], until="until when")
    assert [(row["at_year"], row["at_weekday"], row["at_hour"]) for row in found] == [
        (2024, 7, 23),
        (2023, 7, 0),
        (None, None, None),
        (2024, 1, 10),
    ]
    assert [row["days_at_to_until when"] for row in found] == [2, -1, None, 0]


def test_words_become_missing_and_numbers_too(run, notes):
    found = run("missing_words", "id", source="cases", columns=["word", "amount"], words=["N/A", "-999"])
    assert [row["word"] for row in found] == [None, " n/a ", "x", None]
    assert found[3]["amount"] is None
    loose = run("missing_words", "id", source="cases", columns=["word"], words=["N/A"], match="loose")
    assert [row["word"] for row in loose] == [None, None, "x", None]
    assert [note.severity for note in notes("missing_words", source="cases", columns=["word"], words=["none"])] == [
        "warning"
    ]
    assert "word: 1" in notes("missing_words", source="cases", columns=["word"], words=["N/A"])[0].sentence


def test_a_clip_leaves_missing_values_and_not_a_number_alone(run, notes):
    found = run("clip", "id", source="cases", column="amount", low=0, high=3.5)
    assert [row["amount"] for row in found[:1] + found[2:]] == [3.5, None, 0]
    assert found[1]["amount"] != found[1]["amount"]
    assert "1 values are raised" in notes("clip", source="cases", column="amount", low=0)[0].sentence


def test_bounds_are_proposed_from_the_column_itself(engine, suggested):
    engine.execute("CREATE TABLE many AS SELECT range AS n FROM range(101)")
    assert suggested("clip", source="many", column="n") == {"low": 1.0, "high": 99.0}


def test_rare_levels_become_one_and_missing_stays_missing(run, suggested, notes):
    found = run("rare_levels", "id", source="cases", column="colour", keep=["red"], other="an'other")
    assert [row["colour"] for row in found] == ["red", "an'other", None, "red"]
    assert suggested("rare_levels", source="cases", column="colour") == {"keep": ("red", "blue")}
    told = notes("rare_levels", source="cases", column="colour", keep=["red", "green"])[0]
    assert (told.severity, told.examples) == ("warning", ("green",))


@pytest.mark.parametrize(
    ("code", "values", "said"),
    [
        ("clip", {"source": "cases", "column": "amount"}, "Neither bound"),
        ("clip", {"source": "cases", "column": "amount", "low": 2, "high": 1}, "above the highest"),
        ("clip", {"source": "cases", "column": "amount", "low": "much"}, "'much'"),
        ("clip", {"source": "cases", "column": "word", "low": 2}, "needs a number"),
        ("clip", {"source": "cases", "column": "nowhere", "low": 2}, "no column 'nowhere'"),
        ("clip", {"source": "nowhere", "column": "amount", "low": 2}, "no table 'nowhere'"),
        ("clip", {"source": "cases", "low": 2}, "not answered"),
        ("date_parts", {"source": "cases", "column": "at", "parts": ["eon"]}, "'eon'"),
        ("date_parts", {"source": "cases", "column": "at", "parts": []}, "No part"),
        ("missing_words", {"source": "cases", "columns": ["amount"], "words": ["x"]}, "none of these words"),
        ("nothing", {}, "no ready-made step 'nothing'"),
    ],
)
def test_what_is_missing_or_wrong_in_a_form_is_said(run, code, values, said):
    with pytest.raises(SqlError, match=said) as caught:
        run(code, **values)
    assert caught.value.hint
