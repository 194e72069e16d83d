"""Checks of timing, labels, parts, personal data and the calendar, each beside a planted fault and clean data."""

import pytest

from core.prepare import Recipe, Step, check_recipe, lineage, target_reads
from core.quality.personal import has_luhn, is_card, is_iban
from tests.core.quality.conftest import CLEAN, only

AT = "TIMESTAMP '2023-01-01' + INTERVAL (range * 400) MINUTE"
Y = CLEAN["y"]
PARTS = {"part": "range", "training": "part % 5 <> 0"}


def test_q17_a_time_after_the_decision_is_found_with_its_share_for_either_outcome(checked, connection):
    closed = f"CASE WHEN {Y} THEN {AT} + INTERVAL 3 DAY ELSE {AT} - INTERVAL 30 DAY END"
    found = only(checked(at=AT, order_column="at", closed=closed)["Q17"])
    assert (found.column, found.severity, found.remedy_action) == ("closed", "warning", "availability:after")
    assert "in 100 % of positive and 0 % of negative training rows" in found.evidence
    assert len(found.examples) == 5
    planned = checked(at=AT, order_column="at", closed=closed, availability={"closed": "at"})
    assert only(planned["Q17"]).severity == "note"
    assert checked(at=AT, order_column="at", opened=f"{AT} - INTERVAL 3 DAY")["Q17"].status == "clear"
    assert checked(at=AT, order_column="at", day=f"CAST({AT} AS DATE)")["Q17"].status == "clear"


def test_q17_the_date_of_what_knows_the_outcome_is_found(checked):
    stage = f"CASE WHEN {Y} THEN 'gone' ELSE 'here' END"
    found = only(checked(stage=stage, stage_date="DATE '2023-01-01' + CAST(hash(range) % 90 AS INTEGER)")["Q17"])
    assert (found.column, found.severity) == ("stage_date", "warning")
    assert "'stage', which knows the outcome" in found.evidence


def test_q17_a_column_filled_as_the_outcome_comes_and_one_named_as_the_newest_state_are_asked_about(checked):
    filled = f"CASE WHEN {Y} OR hash(range + 4) % 4 = 0 THEN CAST(hash(range) % 3 AS VARCHAR) END"
    found = only(checked(n=4000, note=filled)["Q17"])
    assert "filled in 100 % of positive and 25 % of negative" in found.evidence
    newest = f"CASE WHEN ({Y}) = (hash(range + 5) % 4 > 0) THEN 'call' ELSE 'mail' END"
    assert only(checked(last_activity=newest)["Q17"]).column == "last_activity"
    assert checked(activity=newest)["Q17"].status == "clear"
    assert checked(last_activity=newest, availability={"last_activity": "at"})["Q17"].status == "clear"
    assert checked(target=None)["Q17"].status == "not applicable"


def test_q18_equal_rows_of_both_outcomes_are_counted_on_training_rows(checked):
    twins = {name: CLEAN[name].replace("range", "(range // 2)") for name in ("x", "amount", "colour", "flag")}
    found = only(checked(**twins)["Q18"])
    assert (found.column, found.severity) == ("y", "warning")
    assert "2,000 of 2,000 training rows have a twin" in found.evidence
    first, second = found.examples[:2]
    assert first.row_number + 1 == second.row_number
    assert first.values["x"] == second.values["x"]
    assert {first.values["y"], second.values["y"]} == {"true", "false"}
    known = checked(**twins, told=Y, availability={"told": "after"})
    assert only(known["Q18"]).numbers["n"] == found.numbers["n"]
    halves = checked(**twins, half="NULL", part="range // 500", training="part < 2", unit_key=("part",))
    assert only(halves["Q18"]).numbers["of"] == 1000
    same = checked(**twins, y=Y.replace("range", "(range // 2)"))
    assert same["Q18"].status == "clear"
    assert same["Q05"].status == "finding"


def test_q19_a_holdout_of_another_kind_is_found_and_a_later_one_left_to_q11(checked):
    moved = {"x": "hash(range) % 100 + CASE WHEN range % 5 = 0 THEN 30 ELSE 0 END"}
    found = only(checked(**moved, **PARTS, unit_key=("part",))["Q19"])
    assert (found.column, found.severity) == ("x", "warning")
    assert checked(**PARTS, unit_key=("part",))["Q19"].status == "clear"
    late = checked(at=AT, order_column="at", part="range", training="part < 1500", unit_key=("part",))
    assert "latest" in late["Q19"].reason
    assert checked()["Q19"].status == "not applicable"


def test_q20_a_group_on_both_sides_is_found_and_a_split_by_group_is_clean(checked):
    group = {"customer": "range // 4", "part": "range", "group_column": "customer", "unit_key": ("part",)}
    found = only(checked(**group, training="part % 5 <> 0")["Q20"])
    assert (found.column, found.severity) == ("customer", "warning")
    assert found.numbers["rows"] == 400
    assert checked(**group, training="customer % 5 <> 0")["Q20"].status == "clear"


def test_q20_holdout_rows_that_are_in_training_too_are_counted(checked):
    twins = {name: sql.replace("range", "(range % 1500)") for name, sql in CLEAN.items()}
    found = only(checked(**twins, part="range", training="part < 1500", unit_key=("part",))["Q20"])
    assert (found.column, found.severity, found.numbers["n"]) == (None, "warning", 500)
    assert [one.row_number for one in found.examples[:2]] == [1, 1501]


def test_q20_an_entity_whose_rows_have_like_outcomes_is_noted(checked):
    rows = {"customer_id": "range // 4", "y": "hash(range // 4 + 3) % 4 = 0", "part": "range"}
    found = only(checked(**rows, training="part % 5 <> 0", unit_key=("part",))["Q20"])
    assert (found.column, found.severity) == ("customer_id", "note")
    alone = rows | {"y": CLEAN["y"]}
    assert checked(**alone, training="part % 5 <> 0", unit_key=("part",))["Q20"].status == "clear"


@pytest.mark.parametrize(
    ("name", "sql", "said", "severity"),
    [
        ("contact", "'jane.doe' || range || '@example.org'", "mail addresses", "warning"),
        ("remark", "CASE WHEN range % 50 = 0 THEN 'a' || range || '@example.org' ELSE 'no' END", "mail", "warning"),
        ("reach", "'+44 20 7946 ' || lpad(CAST(range % 1000 AS VARCHAR), 4, '0')", "telephone numbers", "warning"),
        ("account", "if(range % 3 = 0, 'DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432')", "IBAN", "warning"),
        ("paid_with", "if(range % 3 = 0, '4111 1111 1111 1111', '5500005555555559')", "card", "warning"),
        ("insured", "(100 + range % 900) || '-12-' || (1000 + range)", "social security", "warning"),
        ("last_name", "'Name' || (range % 300)", "a name", "note"),
        ("CustomerPhone", "(2000000000 + range * 37)", "a telephone number", "note"),
        ("date_of_birth", "DATE '1970-01-01' + CAST(hash(range) % 9000 AS INTEGER)", "a date of birth", "note"),
    ],
)  # fmt: skip
def test_q24_personal_data_is_found_by_what_is_written_and_by_name(checked, connection, name, sql, said, severity):
    found = only(checked(**{name: sql})["Q24"])
    assert (found.column, found.severity) == (name, severity)
    assert said in found.evidence
    assert name not in connection.sql(found.remedy_action[5:].replace("{table}", "t")).columns


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("order_number", "4000000000000000 + hash(range) % 100000000000"),
        ("telephone", "CASE WHEN range % 2 = 0 THEN 'yes' ELSE 'none' END"),
        ("product_name", "'Thing ' || (range % 300)"),
        ("sold", "'2023-' || (10 + range % 3) || '-' || (10 + range % 19)"),
        ("price", "(range % 900) || '.' || (10 + range % 90)"),
    ],
)
def test_q24_numbers_dates_and_names_of_things_are_left_alone(checked, name: str, sql: str):
    assert checked(**{name: sql})["Q24"].status == "clear"


def test_check_digits_are_those_of_the_standards():
    assert all(map(has_luhn, ("79927398713", "4111111111111111", "378282246310005")))
    assert not any(map(has_luhn, ("79927398710", "4111111111111112")))
    assert is_card("4111-1111-1111-1111")
    assert not any(map(is_card, ("4111111111111112", "0000000000000000", "1234")))
    assert all(map(is_iban, ("GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NL91ABNA0417164300")))
    assert not any(map(is_iban, ("GB82WEST12345698765431", "DE00370400440532013000", "HELLO")))


def test_q25_old_rows_rows_to_come_and_missing_days_are_found(checked):
    old = checked(at=AT, order_column="at", as_of="2027-01-01")["Q25"]
    assert only(old).severity == "warning"
    assert "The newest row is of 2024-07-09" in only(old).evidence
    ahead = only(checked(at=AT, order_column="at", as_of="2024-07-01")["Q25"])
    assert "rows of days after 2024-07-01" in ahead.evidence
    assert len(ahead.examples) == 5
    hole = f"{AT} + CASE WHEN range > 1000 THEN INTERVAL 40 DAY ELSE INTERVAL 0 DAY END"
    gap = only(checked(at=hole, order_column="at", as_of="2024-09-01")["Q25"])
    assert gap.numbers["days"] == 40
    assert checked(at=AT, order_column="at", as_of="2024-08-01")["Q25"].status == "clear"
    assert checked()["Q25"].status == "not applicable"


def test_q25_weekends_are_a_rhythm_and_no_gap(checked):
    weekdays = "DATE '2023-01-02' + CAST((range // 25) * 7 + range % 5 AS INTEGER)"
    assert checked(at=weekdays, order_column="at")["Q25"].status == "clear"


def test_q25_last_outcomes_that_are_not_final_are_found(checked):
    y = f"range < 1880 AND {Y}"
    found = only(checked(at=AT, order_column="at", y=y)["Q25"])
    assert (found.column, found.severity) == ("at", "warning")
    assert "may not be known yet" in found.evidence
    assert checked(at=AT, order_column="at")["Q25"].status == "clear"


def test_q30_a_column_that_a_step_makes_from_the_outcome_blocks_until_it_is_said_to_come_after(checked):
    recipe = Recipe(
        (
            Step("labelled", "SELECT *, amount > 9 AS y FROM raw"),
            Step("prepared", "SELECT x, colour, y, CAST(y AS INTEGER) * 2 AS twice FROM labelled"),
        )
    )
    recipe = check_recipe(recipe, ["raw"])
    traced = lineage(recipe, {"raw": {"x": "DOUBLE", "amount": "BIGINT", "colour": "VARCHAR"}})
    reads = target_reads(recipe, traced, "y")
    made = {"twice": f"CAST({Y} AS INTEGER) * 2", "target_reads": reads}
    found = only(checked(**made)["Q30"])
    assert (found.column, found.severity, found.remedy_action) == ("twice", "blocking", "availability:after")
    assert only(checked(**made, availability={"twice": "after"})["Q30"]).severity == "note"
    assert checked(target_reads=())["Q30"].status == "clear"
    assert checked()["Q30"].status == "not applicable"
