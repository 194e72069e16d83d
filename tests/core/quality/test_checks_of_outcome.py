"""The checks that look at the outcome, at time and at other columns, each beside a planted fault and clean data."""

import pytest

from core.ingest.column_types import columns_of
from core.prepare import Recipe, Step, window_without_bound
from core.quality import Context, TargetExpr, findings, profile
from tests.core.quality.conftest import CLEAN, NOISE, only


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
def test_q10_columns_of_auc_92_and_71_that_are_known_beforehand_are_no_leaks_and_never_block(checked, seed: int):
    noise = f"ln((hash(range + {100 + seed}) % 9999 + 1) / (10000 - hash(range + {100 + seed}) % 9999)) / 1.7"
    y = "CASE WHEN hash(range + 3) % 4 = 0 THEN 1 ELSE 0 END"
    income, status = f"{y} * 2.1 + {noise}", f"{y} * 0.8 + {noise.replace('range +', 'range * 3 +')}"
    for availability in ({"income": "before", "status": "before"}, {"income": "at", "status": "at"}, {}):
        result = checked(income=income, status=status, availability=availability)["Q10"]
        assert [(one.column, one.severity) for one in result.findings] == (
            [] if availability else [("income", "warning")]
        )
        assert availability or 0.88 < result.findings[0].numbers["auc"] < 0.95


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
    assert set(fixed["colour"].to_pylist()) == {"Google", "bing"}


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
