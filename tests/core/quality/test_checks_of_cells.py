"""Checks that name cells: dependencies, units, outliers, patterns, slips, bounds, two values in one cell."""

import duckdb
import numpy as np
import pytest

from core.quality.finding import Finding
from core.quality.units import cut_between_units
from tests.core.quality.conftest import only

CITY = "CASE range % 20 " + " ".join(f"WHEN {n} THEN 'city {chr(97 + n)}'" for n in range(20)) + " END"
COUNTY = "CASE (range % 20) // 4 " + " ".join(f"WHEN {n} THEN 'county {chr(97 + n)}'" for n in range(5)) + " END"


def n_at_fault(found: Finding, connection: duckdb.DuckDBPyConnection) -> int:
    return connection.sql(f"SELECT count(*) FROM t WHERE {found.where}").fetchall()[0][0]


def fixed(found: Finding, connection: duckdb.DuckDBPyConnection) -> dict[str, list]:
    step = found.remedy_action.removeprefix("step:").replace("{table}", "t")
    return connection.sql(step).to_arrow_table().to_pydict()


def test_q21_cells_against_what_another_column_tells_are_found_shown_and_put_right(checked, connection):
    wrong = f"CASE WHEN range IN (7, 403, 1200) THEN 'county e' ELSE {COUNTY} END"
    found = only(checked(city=CITY, county=wrong)["Q21"])
    assert (found.column, found.others, found.severity) == ("county", ("city",), "warning")
    assert (found.numbers["n"], n_at_fault(found, connection)) == (3, 3)
    assert [(one.row_number, one.values) for one in found.examples] == [
        (8, {"city": "city h", "county": "county e"}),
        (404, {"city": "city d", "county": "county e"}),
        (1201, {"city": "city a", "county": "county e"}),
    ]
    assert fixed(found, connection)["county"][7] == "county b"
    assert [fixed(found, connection)["county"][row] for row in (403, 1200)] == ["county a", "county a"]


def test_q21_a_cell_that_is_empty_where_its_twins_are_not_is_found(checked, connection):
    found = only(checked(city=CITY, county=f"CASE WHEN range <> 7 THEN {COUNTY} END")["Q21"])
    assert "such as nothing where they have 'county b'" in found.evidence
    assert n_at_fault(found, connection) == 1
    assert fixed(found, connection)["county"][7] == "county b"


def test_q21_in_a_large_table_all_rows_are_found_though_a_sample_was_looked_at(checked, connection):
    wrong = f"CASE WHEN range % 301 = 7 THEN 'county e' ELSE {COUNTY} END"
    found = only(checked(n=60_000, city=CITY, county=wrong)["Q21"])
    asked = "SELECT count(*) FROM range(60000) WHERE range % 301 = 7 AND range % 20 < 16"
    expected = connection.sql(asked).fetchall()[0][0]
    assert found.numbers["n"] == expected
    assert "in a sample of" in found.evidence


@pytest.mark.parametrize(
    "county",
    [
        COUNTY,
        f"CASE WHEN hash(range) % 10 = 0 THEN 'county e' ELSE {COUNTY} END",
        "CASE WHEN hash(range) % 50 = 0 THEN 'rare' ELSE 'usual' END",
        f"CASE WHEN range % 20 = 3 AND range % 60 = 3 THEN 'county e' ELSE {COUNTY} END",
        f"CASE WHEN range % 97 = 0 THEN 'abroad' ELSE {COUNTY} END",
    ],
    ids=["exact", "loose", "nearly constant", "a second answer", "a level of its own"],
)
def test_q21_what_holds_exactly_loosely_or_by_a_rule_of_its_own_is_left_alone(checked, county: str):
    extra = {"abroad": "range % 97 = 0"} if "abroad" in county else {}
    assert checked(city=CITY, county=county, **extra)["Q21"].status == "clear"


@pytest.mark.parametrize(
    ("factor", "what"), [(2.54, "inches"), (10, "decimal"), (100, "percent"), (1000, "thousand"), (0.4536, "pounds")]
)
def test_q22_a_few_rows_in_another_unit_are_found_and_brought_to_the_same(checked, connection, factor, what):
    height = "(60 + (hash(range + 20) % 1000) / 60.0)"
    found = only(checked(height=f"CASE WHEN range % 50 = 0 THEN {height} * {factor} ELSE {height} END")["Q22"])
    assert (found.column, found.numbers["n"]) == ("height", 40)
    assert what in found.evidence
    assert n_at_fault(found, connection) == 40
    values = fixed(found, connection)["height"]
    assert max(values) / min(values) < 1.5


def test_q22_units_written_beside_numbers_are_found_and_taken_away(checked, connection):
    volume = (
        "CAST(10 + hash(range) % 9 AS VARCHAR) || CASE range % 3 WHEN 0 THEN ' oz' WHEN 1 THEN ' ounce' ELSE '' END"
    )
    found = only(checked(volume=volume)["Q22"])
    assert n_at_fault(found, connection) == 1334
    assert {type(value) for value in fixed(found, connection)["volume"]} == {float}
    for one_unit in (
        "CAST(10 + hash(range) % 9 AS VARCHAR) || ' oz'",
        "CASE hash(range) % 2 WHEN 0 THEN '1.Low' ELSE '2.High' END",
    ):
        assert checked(volume=one_unit)["Q22"].status == "clear"


@pytest.mark.parametrize("seed", range(10))
def test_q22_one_distribution_however_skewed_is_not_cut(seed):
    random = np.random.default_rng(seed)
    for values in (
        random.lognormal(3, 1.5, 3000),
        random.normal(100, 3, 3000),
        random.exponential(5, 3000),
        random.pareto(1.2, 3000) + 1,
        random.integers(1, 400, 3000).astype(float),
        np.concatenate((random.normal(20, 2, 2000), random.normal(75, 6, 1000))),
    ):
        assert cut_between_units(values) is None


def test_q23_values_far_beyond_all_others_are_found_and_weigh_by_what_they_change(checked, connection):
    found = only(checked(x="CASE WHEN range = 9 THEN 90000 ELSE (hash(range) % 10000) / 100.0 END")["Q23"])
    assert (found.severity, found.numbers["n"], found.examples[0].row_number) == ("warning", 1, 10)
    assert "standard deviation" in found.evidence
    assert fixed(found, connection)["x"][9] is None
    found = only(checked(x="CASE WHEN range = 9 THEN 700 ELSE (hash(range) % 10000) / 100.0 END")["Q23"])
    assert found.severity == "note"


@pytest.mark.parametrize("x", ["exp((hash(range) % 9999) / 1500.0)", "1 / (1 + hash(range) % 300)", "hash(range) % 3"])
def test_q23_long_tails_are_left_alone(checked, x: str):
    assert checked(x=x)["Q23"].status == "clear"


def test_q26_codes_written_otherwise_than_all_others_are_found(checked, connection):
    code = "chr(65 + CAST(hash(range) % 26 AS INTEGER)) || '-' || (1000 + hash(range + 1) % 900)"
    wrong = f"CASE WHEN range IN (3, 900) THEN replace({code}, '-', 'x') ELSE {code} END"
    found = only(checked(code=wrong)["Q26"])
    assert (found.severity, n_at_fault(found, connection)) == ("warning", 2)
    assert [one.row_number for one in found.examples] == [4, 901]
    assert fixed(found, connection)["code"].count(None) == 2
    for clean in (code, "CASE WHEN range % 100 = 0 THEN '65+' ELSE '18-' || (20 + range % 40) END", "'word ' || range"):
        assert checked(code=clean)["Q26"].status == "clear"


def test_q27_slips_of_a_frequent_level_are_found_and_written_as_it(checked, connection):
    level = "CASE range % 3 WHEN 0 THEN 'birmingham' WHEN 1 THEN 'sheffield' ELSE 'acute care hospitals' END"
    wrong = f"CASE range WHEN 3 THEN 'birminghxm' WHEN 5 THEN 'acutx care hxspitals' ELSE {level} END"
    found = only(checked(level=wrong)["Q27"])
    assert (found.numbers["n"], n_at_fault(found, connection)) == (2, 2)
    assert fixed(found, connection)["level"][3] == "birmingham"
    assert fixed(found, connection)["level"][5] == "acute care hospitals"


@pytest.mark.parametrize(
    "rare", ["birmingham 2", "type ab", "PRI", "shuffled", "level 12", "leeds"], ids=lambda rare: rare.replace(" ", "_")
)
def test_q27_rare_levels_that_are_words_or_codes_of_their_own_are_left_alone(checked, rare: str):
    usual = "CASE range % 4 WHEN 0 THEN 'birmingham 1' WHEN 1 THEN 'type aa' WHEN 2 THEN 'PRT' ELSE 'level 13' END"
    assert checked(level=f"CASE range WHEN 3 THEN '{rare}' ELSE {usual} END")["Q27"].status == "clear"


def test_q28_values_piled_up_at_a_bound_are_noted(checked, connection):
    found = only(checked(gain="least(hash(range) % 300, 250)")["Q28"])
    assert (found.severity, found.numbers["value"]) == ("note", 250)
    assert n_at_fault(found, connection) == found.numbers["n"] > 250
    assert only(checked(gain="greatest(hash(range) % 300, 50)")["Q28"]).numbers["value"] == 50
    for free in (
        "hash(range) % 300",
        "floor(-ln((1 + hash(range) % 999) / 1000.0) * 40)",
        "greatest(hash(range) % 300, 90) - 90",
    ):
        assert checked(gain=free)["Q28"].status == "clear"


def test_q29_two_values_in_one_cell_are_found_and_parted(checked, connection):
    state = "CASE range % 4 WHEN 0 THEN 'CA' WHEN 1 THEN 'WI' WHEN 2 THEN 'TX' ELSE 'MO' END"
    town = "'town ' || chr(97 + CAST(hash(range) % 20 AS INTEGER))"
    results = checked(
        town=f"CASE WHEN range % 40 = 7 THEN {town} || ' ' || {state} ELSE {town} END",
        state=f"CASE WHEN range % 40 <> 7 THEN {state} END",
    )
    assert {one.column for one in results["Q29"].findings} == {"town", "state"}
    found = results["Q29"].findings[0]
    assert n_at_fault(found, connection) == 50
    made = fixed(found, connection)
    assert made["state"].count(None) == 0
    assert all(len(name.split()) == 2 for name in made["town"])
    assert checked(town=town, state=f"CASE WHEN range % 40 <> 7 THEN {state} END")["Q29"].status == "clear"
