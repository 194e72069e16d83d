"""Each check beside a fault that is planted for it and beside clean data."""

import pytest

from core.quality import CHECKS
from tests.core.quality.conftest import CLEAN, only


def test_clean_data_has_no_finding_at_all(checked):
    results = checked(
        id="range", unit_key=("id",), at="TIMESTAMP '2013-01-01' + INTERVAL (range) MINUTE", order_column="at"
    )
    assert {code: result.findings for code, result in results.items() if result.status == "finding"} == {}
    assert all(result.reason for result in results.values())


def test_every_check_says_what_it_asks_and_codes_are_in_order():
    assert [one.code for one in CHECKS] == [f"Q{number:02d}" for number in range(1, len(CHECKS) + 1)]
    assert all(one.question.endswith("?") for one in CHECKS)


def test_q01_missing_values_are_counted(checked):
    found = only(checked(x="CASE WHEN range % 10 > 0 THEN range END")["Q01"])
    assert (found.column, found.severity, found.numbers["n"]) == ("x", "note", 200)
    assert found.evidence == "200 of 2,000 rows (10 %) have no value."
    assert only(checked(x="CASE WHEN range % 10 > 7 THEN range END")["Q01"]).severity == "warning"
    assert "no value" in only(checked(x="NULL::DOUBLE")["Q01"]).evidence


def test_q01_an_empty_outcome_leads_back_to_frame(checked):
    found = only(checked(y="CASE WHEN range % 10 > 0 THEN range % 4 = 0 END")["Q01"])
    assert (found.column, found.severity) == ("y", "warning")
    assert "Frame" in found.remedy


@pytest.mark.parametrize(
    ("word", "severity"), [("?", "warning"), ("NULL", "warning"), (" ", "warning"), ("unknown", "note")]
)
def test_q02_a_word_for_no_value_is_found(checked, connection, word: str, severity: str):
    found = only(checked(colour=f"CASE WHEN range % 20 = 0 THEN '{word}' ELSE 'red' || range % 3 END")["Q02"])
    assert (found.column, found.severity, found.numbers["n"]) == ("colour", severity, 100)
    fixed = connection.sql(found.remedy_action.removeprefix("step:").replace("{table}", "t")).to_arrow_table()
    assert fixed["colour"].null_count == 100


@pytest.mark.parametrize("sentinel", [999, 99999, -1])
def test_q02_a_number_for_no_value_is_found(checked, connection, sentinel: int):
    found = only(checked(x=f"CASE WHEN range % 20 = 0 THEN {sentinel} ELSE range % 28 END")["Q02"])
    assert (found.column, found.numbers["n"], found.numbers["value"]) == ("x", 100, sentinel)
    fixed = connection.sql(found.remedy_action.removeprefix("step:").replace("{table}", "t")).to_arrow_table()
    assert fixed["x"].null_count == 100


@pytest.mark.parametrize(
    "sql", ["range % 1000", "range % 100", "range % 5 - 2", "CASE WHEN range = 1 THEN 999 ELSE range % 9 END"]
)
def test_q02_a_round_number_among_others_is_left_alone(checked, sql: str):
    assert checked(amount=sql)["Q02"].status == "clear"


def test_q03_a_constant_column_is_found(checked):
    found = only(checked(colour="'red'")["Q03"])
    assert (found.column, found.severity) == ("colour", "warning")
    assert found.remedy_action == 'step:SELECT * EXCLUDE ("colour") FROM {table}'
    assert only(checked(colour="CASE WHEN range = 5 THEN 'blue' ELSE 'red' END")["Q03"]).severity == "note"
    assert checked(colour="CASE WHEN range % 50 = 5 THEN 'blue' ELSE 'red' END")["Q03"].status == "clear"


def test_q04_an_identifier_is_found_unless_it_is_the_key(checked):
    assert only(checked(id="'customer ' || range")["Q04"]).column == "id"
    assert only(checked(id="range")["Q04"]).column == "id"
    assert checked(id="range", unit_key=("id",))["Q04"].status == "clear"
    assert checked(measure="sqrt(range)")["Q04"].status == "clear"


def test_q05_repeated_rows_are_found_beside_a_key_of_their_own(checked):
    repeated = {name: sql.replace("range", "(range % 1500)") for name, sql in CLEAN.items()}
    found = only(checked(**repeated)["Q05"])
    assert (found.severity, found.numbers["n"]) == ("warning", 500)
    assert found.remedy_action == "step:SELECT DISTINCT * FROM {table}"
    found = only(checked(id="range", unit_key=("id",), **repeated)["Q05"])
    assert found.numbers["n"] == 500
    assert "but id" in found.evidence


def test_q06_numbers_with_a_few_blanks_are_found(checked, connection):
    found = only(checked(x="CASE WHEN range < 11 THEN ' ' ELSE CAST(range AS VARCHAR) END")["Q06"])
    assert found.evidence == "11 of 2,000 rows are blank text; every other value is a number."
    fixed = connection.sql(found.remedy_action.removeprefix("step:").replace("{table}", "t")).to_arrow_table()
    assert (str(fixed["x"].type), fixed["x"].null_count) == ("double", 11)


def test_q06_words_among_numbers_and_dates_are_named_and_codes_and_prose_left_alone(checked):
    found = only(checked(x="CASE WHEN range % 2 = 0 THEN 'NULL' ELSE CAST(range AS VARCHAR) END")["Q06"])
    assert found.evidence == "1,000 of 2,000 rows are something else ('NULL' in 1,000); every other value is a number."
    found = only(
        checked(
            x="CASE WHEN range < 9 THEN 'soon' ELSE '2013-01-' || lpad(CAST(range % 28 + 1 AS VARCHAR), 2, '0') END"
        )["Q06"]
    )
    assert "date or time" in found.evidence
    assert checked(x="lpad(CAST(range % 900 AS VARCHAR), 5, '0')")["Q06"].status == "clear"
    assert checked(x="CASE WHEN range % 3 = 0 THEN '7' ELSE 'seven' END")["Q06"].status == "clear"


@pytest.mark.parametrize(
    ("name", "sql", "named"),
    [
        ("adr", "CASE WHEN range = 3 THEN -6.38 ELSE range % 500 END", "down to -6.38"),
        ("age", "CASE WHEN range = 3 THEN 140 ELSE range % 90 END", "too old"),
        ("age", "range % 90 - 20", "negative"),
        ("adr", "CASE WHEN range = 3 THEN 5400 ELSE range % 500 END", "the next is 499"),
        (
            "at",
            "CASE WHEN range = 3 THEN DATE '1066-10-14' ELSE DATE '2013-01-01' + CAST(range % 300 AS INTEGER) END",
            "1066",
        ),
        (
            "at",
            "CASE WHEN range = 3 THEN DATE '9999-12-31' ELSE DATE '2013-01-01' + CAST(range % 300 AS INTEGER) END",
            "9999",
        ),
        ("rate", "CASE WHEN range = 3 THEN 'inf'::DOUBLE ELSE range / 7 END", "not finite"),
    ],
)
def test_q07_values_that_cannot_be_are_found(checked, name: str, sql: str, named: str):
    assert named in only(checked(**{name: sql})["Q07"]).evidence


@pytest.mark.parametrize(
    ("name", "sql"),
    [("delay", "range % 300 - 40"), ("income", "exp((hash(range) % 1000) / 200.0)"), ("passenger", "range % 9 - 3")],
)
def test_q07_frequent_negatives_and_long_tails_are_left_alone(checked, name: str, sql: str):
    assert checked(**{name: sql})["Q07"].status == "clear"


def test_q08_rare_levels_are_counted(checked):
    found = only(checked(colour="CASE WHEN range < 30 THEN 'rare' || range % 3 ELSE 'often' || range % 4 END")["Q08"])
    assert (found.numbers["n"], found.numbers["of"], found.numbers["rows"]) == (3, 7, 30)
