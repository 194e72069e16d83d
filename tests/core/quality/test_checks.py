"""Each check beside a fault that is planted for it and beside clean data."""

from collections.abc import Callable

import duckdb
import pytest

from core.ingest.column_types import columns_of
from core.prepare import Recipe, Step, window_without_bound
from core.quality import CHECKS, CheckResult, Context, Finding, TargetExpr, check, findings, profile
from core.scoring.prepare import quoted

N = 2000
# A noisy but faultless table: a number, a second number, a level, a flag and an outcome.
CLEAN = {
    "x": "(hash(range) % 10000) / 100.0",
    "amount": "(hash(range + 7) % 5000)",
    "colour": "CASE hash(range + 1) % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'green' ELSE 'blue' END",
    "flag": "hash(range + 2) % 2 = 0",
    "y": "hash(range + 3) % 4 = 0",
}
# Logistic, of its own in every row.
NOISE = "ln((hash(range + 9) % 999 + 1) / (1000 - hash(range + 9) % 999)) / 1.8"

Checked = Callable[..., dict[str, CheckResult]]


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


@pytest.fixture
def checked(connection) -> Checked:
    def checking(n: int = N, target: str | None = "y", **given: object) -> dict[str, CheckResult]:
        context_fields = ("unit_key", "availability", "order_column", "unbounded", "training")
        context = {name: given.pop(name) for name in context_fields if name in given}
        columns = {name: sql for name, sql in (CLEAN | given).items() if sql}
        selected = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
        connection.execute(f"CREATE OR REPLACE TABLE t AS SELECT {selected} FROM range({n})")
        chosen = TargetExpr("y", target) if target else None
        looked = profile(connection, "t", columns_of(connection, "t"), training=context.get("training"), target=chosen)
        return {one.code: one for one in check(looked, Context(connection, "t", chosen, **context))}

    return checking


def only(result: CheckResult) -> Finding:
    assert result.status == "finding", result.reason
    assert len(result.findings) == 1, result.findings
    return result.findings[0]


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


def test_q09_too_few_of_a_class_and_none_of_it(checked):
    assert only(checked(y="range % 20 = 0")["Q09"]).severity == "warning"
    assert only(checked(y="range % 20 <> 0")["Q09"]).evidence.startswith("100 negatives in 2,000")
    assert only(checked(y="false")["Q09"]).severity == "blocking"
    assert only(checked(y="true")["Q09"]).severity == "blocking"
    assert checked(target=None)["Q09"].status == "not applicable"
    assert only(checked(training="range_id % 2 = 0", range_id="range", y="range % 4 = 1")["Q09"]).severity == "blocking"


def test_q10_a_column_that_knows_the_outcome_blocks_until_somebody_says_when_it_is_known(checked):
    leak = {"leak": "CASE WHEN hash(range + 3) % 4 = 0 THEN 'Cancelled' ELSE 'Stayed' END"}
    found = only(checked(**leak)["Q10"])
    assert (found.column, found.severity, found.remedy_action) == ("leak", "blocking", "availability:after")
    assert found.numbers["auc"] == 1.0
    for known in ("before", "at"):
        assert only(checked(**leak, availability={"leak": known})["Q10"]).severity == "note"
    assert checked(**leak, availability={"leak": "after"})["Q10"].status == "clear"
    assert checked(**leak, target=None)["Q10"].status == "not applicable"
    assert "by chance" in checked(**leak, y="range < 15")["Q10"].reason


def test_q10_a_strong_column_is_asked_about_and_a_middling_one_is_not(checked):
    strong = f"CASE WHEN {CLEAN['y']} THEN 1.9 ELSE 0 END + {NOISE}"
    found = only(checked(strong=strong)["Q10"])
    assert found.severity == "warning"
    assert 0.85 < found.numbers["auc"] < 0.97
    middling = strong.replace("1.9", "0.7")
    assert checked(middling=middling)["Q10"].status == "clear"


def test_q10_a_column_far_above_the_rest_is_asked_about(checked):
    apart = f"CASE WHEN {CLEAN['y']} THEN 1.05 ELSE 0 END + {NOISE}"
    alone = only(checked(apart=apart)["Q10"])
    assert 0.75 < alone.numbers["auc"] < 0.80
    assert checked(apart=apart, second=apart.replace("range + 9", "range + 11"))["Q10"].status == "clear"


@pytest.mark.parametrize("seed", range(5))
def test_q10_columns_known_beforehand_of_auc_92_and_71_never_block(checked, seed: int):
    noise = f"ln((hash(range + {100 + seed}) % 9999 + 1) / (10000 - hash(range + {100 + seed}) % 9999)) / 1.7"
    y = "CASE WHEN hash(range + 3) % 4 = 0 THEN 1 ELSE 0 END"
    income, status = f"{y} * 2.1 + {noise}", f"{y} * 0.8 + {noise.replace('range +', 'range * 3 +')}"
    for availability in ({"income": "before", "status": "before"}, {"income": "at", "status": "at"}, {}):
        result = checked(income=income, status=status, availability=availability)["Q10"]
        assert {one.column for one in result.findings} == {"income"}
        assert {one.severity for one in result.findings} == ({"note"} if availability else {"warning"})
        assert 0.88 < result.findings[0].numbers["auc"] < 0.95


def test_q11_a_column_and_an_outcome_that_move_in_time_are_found(checked):
    at = {"at": "TIMESTAMP '2013-01-01' + INTERVAL (range) MINUTE", "order_column": "at"}
    found = only(
        checked(**at, colour="CASE WHEN range < 1000 THEN 'red' || range % 3 ELSE 'blue' || range % 3 END")["Q11"]
    )
    assert (found.column, found.severity) == ("colour", "warning")
    found = only(checked(**at, x="range % 100 + CASE WHEN range < 1000 THEN 0 ELSE 30 END")["Q11"])
    assert "the mean goes from 49.5 to 79.5" in found.evidence
    found = only(checked(**at, y="hash(range + 3) % CASE WHEN range < 1000 THEN 10 ELSE 3 END = 0")["Q11"])
    assert found.column == "y"


def test_q11_the_time_by_another_name_is_left_alone_and_without_time_it_does_not_apply(checked):
    at = {"at": "TIMESTAMP '2013-01-01' + INTERVAL (range) MINUTE", "order_column": "at"}
    results = checked(**at, year="2010 + range // 200", countdown="-range", serial="range * 3")
    assert results["Q11"].status == "clear"
    assert checked()["Q11"].status == "not applicable"
    assert checked(order_column="gone")["Q11"].status == "not applicable"


def test_q12_copies_are_found_by_value_and_by_correlation(checked):
    code = CLEAN["colour"].replace("'red'", "1").replace("'green'", "2").replace("'blue'", "3")
    found = only(checked(code=code)["Q12"])
    assert (found.column, found.numbers["other"]) == ("code", "colour")
    found = only(checked(miles=f"({CLEAN['x']}) * 1.609 + 3")["Q12"])
    assert "correlation 1.0000" in found.evidence
    assert checked(other=f"({CLEAN['x']}) + hash(range + 5) % 40")["Q12"].status == "clear"


def test_q12_two_nearly_constant_columns_are_not_copies(checked):
    rare = {
        "a": "CASE WHEN range % 500 = 0 THEN 'x' ELSE 'o' END",
        "b": "CASE WHEN range % 400 = 1 THEN 'x' ELSE 'o' END",
    }
    assert checked(**rare)["Q12"].status == "clear"


def test_q13_a_column_that_is_empty_where_the_outcome_is_gets_found(checked):
    y = "CASE WHEN range % 10 > 0 THEN hash(range + 3) % 4 = 0 END"
    landed = "CASE WHEN range % 10 > 0 THEN hash(range + 5) % 900 END"
    found = only(checked(y=y, landed=landed)["Q13"])
    assert (found.column, found.severity, found.remedy_action) == ("landed", "warning", "availability:after")
    assert "200 of 200 rows without an outcome (100 %)" in found.evidence
    assert only(checked(y=y, landed=landed, availability={"landed": "at"})["Q13"]).severity == "note"
    assert checked(y=y, landed=landed, availability={"landed": "after"})["Q13"].status == "clear"
    assert checked(y=y, often="CASE WHEN range % 3 > 0 THEN range % 90 END")["Q13"].status == "clear"
    assert checked(landed=landed)["Q13"].status == "not applicable"


def test_q14_an_unbounded_window_of_the_recipe_is_handed_on(checked):
    recipe = Recipe((Step("rates", "SELECT *, avg(x) OVER (PARTITION BY colour) AS mean FROM raw"),))
    found = only(checked(unbounded=window_without_bound(recipe, ["raw"]))["Q14"])
    assert "'rates'" in found.evidence
    assert checked(unbounded=())["Q14"].status == "clear"
    assert checked()["Q14"].status == "not applicable"


def test_q15_a_key_that_repeats_or_is_empty_or_absent_blocks(checked):
    found = only(checked(id="range // 2", unit_key=("id",))["Q15"])
    assert (found.severity, found.numbers["n"]) == ("blocking", 1000)
    assert only(checked(id="CASE WHEN range > 0 THEN range END", unit_key=("id",))["Q15"]).numbers["empty"] == 1
    assert only(checked(unit_key=("gone",))["Q15"]).severity == "blocking"
    assert checked(a="range // 2", b="range % 2", unit_key=("a", "b"))["Q15"].status == "clear"
    assert checked()["Q15"].status == "not applicable"


def test_q16_levels_spelt_in_several_ways_are_found(checked, connection):
    found = only(checked(colour="CASE range % 3 WHEN 0 THEN 'Google' WHEN 1 THEN 'google ' ELSE 'bing' END")["Q16"])
    assert "'Google' and 'google '" in found.evidence
    fixed = connection.sql(found.remedy_action.removeprefix("step:").replace("{table}", "t")).to_arrow_table()
    assert set(fixed["colour"].to_pylist()) == {"google", "bing"}


def test_findings_come_blocking_first(connection, checked):
    checked(id="range // 2", leak=CLEAN["y"], colour="'red'")
    looked = profile(connection, "t", columns_of(connection, "t"), target=TargetExpr("y", "y"))
    context = Context(connection, "t", TargetExpr("y", "y"), unit_key=("id",))
    severities = [finding.severity for finding in findings(looked, context)]
    assert severities[0] == "blocking"
    assert severities == sorted(severities, key=["blocking", "warning", "note"].index)


def test_names_with_quotes_and_blanks_are_no_trouble_to_any_check(checked):
    odd = {'a "b" c': "CASE WHEN range % 9 = 0 THEN '?' ELSE CAST(range AS VARCHAR) END", "it's": "range % 9 - 1"}
    results = checked(**odd, order_column="it's", unit_key=('a "b" c',))
    assert results["Q15"].status == "finding"


def test_a_table_without_rows_has_no_findings(checked):
    assert {result.status for result in checked(n=0).values()} == {"not applicable"}
