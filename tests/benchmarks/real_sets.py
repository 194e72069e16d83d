"""The seven real sets and the faults that are known to be in them, as the checks should say them."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.ingest import read_source
from core.ingest.column_types import columns_of
from core.quality import Context, Finding, TargetExpr, findings, profile
from core.scoring.prepare import quoted

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
SAMPLES = ROOT / "data" / "samples"


@dataclass(frozen=True)
class Fault:
    """One fault: the codes that may name it, the column (None for the table), and words that the evidence has."""

    what: str
    codes: tuple[str, ...]
    column: str | None
    said: str = ""

    def is_in(self, found: list[Finding]) -> bool:
        return any(
            one.code in self.codes and one.column == self.column and self.said.lower() in one.evidence.lower()
            for one in found
        )


@dataclass(frozen=True)
class RealSet:
    """A table: where it is, how it is made of the source ``s``, its outcome, and what is wrong with it."""

    path: Path
    target: TargetExpr | None
    faults: tuple[Fault, ...]
    select: str = "SELECT * FROM s"
    order: str = ""
    second: Path | None = None
    as_it_stands: bool = False

    @property
    def is_here(self) -> bool:
        return self.path.exists()


def found_in(one: RealSet) -> list[Finding]:
    """Read a set and check it; one row in five is the holdout."""
    with duckdb.connect(config={"threads": 2}) as connection:
        for name, path in (("s", one.path), ("s2", one.second)):
            if path is None:
                continue
            read = f"read_csv('{path}', header=false, all_varchar=true)" if one.as_it_stands else ""
            if path.suffix == ".parquet":
                read = f"read_parquet('{path}')"
            read = read or quoted(read_source(path, connection).table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {read}").fetchall()
        connection.execute(
            f"CREATE TABLE t AS SELECT row_number() OVER () AS row_number, * FROM ({one.select})"
        ).fetchall()
        training, columns = "row_number % 5 <> 0", columns_of(connection, "t")
        looked = profile(connection, "t", columns, training=training, target=one.target, order=one.order)
        context = Context(connection, "t", one.target, training, order_column=one.order, unit_key=("row_number",))
        return list(findings(looked, context))


def _words(column: str, word: str = "") -> Fault:
    return Fault(f"{word or 'a word'} in {column} means no value", ("Q02",), column, word)


_CONSTANT_OF_LEADS = (
    "Magazine",
    "Receive More Updates About Our Courses",
    "Update me on Supply Chain Content",
    "Get updates on DM Content",
    "I agree to pay the amount through cheque",
)
_MONTHS = "strptime(arrival_date_year || ' ' || arrival_date_month || ' ' || arrival_date_day_of_month, '%Y %B %-d')"

SETS = {
    "bank_marketing": RealSet(
        SHARED / "bank_marketing" / "bank-additional-full.csv",
        TargetExpr("y", "y = 'yes'"),
        (
            Fault("duration is known only after the call", ("Q10",), "duration", "0.81"),
            Fault("pdays = 999 means never", ("Q02",), "pdays", "999"),
            *(_words(name, "unknown") for name in ("job", "marital", "education", "default", "housing", "loan")),
            Fault("12 duplicate rows", ("Q05",), None, "12 of 41,188"),
            Fault("later rows differ: the outcome", ("Q11",), "y"),
            Fault("later rows differ: euribor3m", ("Q11",), "euribor3m"),
            Fault("later rows differ: contact", ("Q11",), "contact"),
        ),
        order="row_number",
    ),
    "telco_churn": RealSet(
        SHARED / "telco_churn" / "Telco-Customer-Churn.csv",
        TargetExpr("Churn", "Churn = 'Yes'"),
        (
            Fault("11 blank TotalCharges make it text", ("Q06",), "TotalCharges", "11 of 7,043"),
            Fault("customerID names a row", ("Q04",), "customerID"),
        ),
    ),
    "adult": RealSet(
        SHARED / "adult" / "adult.data",
        TargetExpr("column_15", "column_15 LIKE '>50K%'"),
        (
            *(_words(name, "?") for name in ("column_2", "column_7", "column_14")),
            Fault("labels of the test file end in a full stop", ("Q16",), "column_15", "'<=50K' and '<=50K.'"),
            Fault("capital-gain is capped at 99999", ("Q28",), "column_11", "99,999"),
            Fault("education twice", ("Q12",), "column_5", "column_4"),
        ),
        select="SELECT * FROM s UNION ALL SELECT * FROM s2",
        second=SHARED / "adult" / "adult.test",
    ),
    "adult, byte for byte": RealSet(
        SHARED / "adult" / "adult.data",
        TargetExpr("column14", "trim(column14) = '>50K'"),
        tuple(Fault("a blank after each comma", ("Q16",), f"column{n:02}", "begin or end") for n in (1, 3, 5, 9)),
        as_it_stands=True,
    ),
    "lead_scoring": RealSet(
        SHARED / "lead_scoring" / "Leads.csv",
        TargetExpr("Converted", "Converted = 1"),
        (
            Fault("Tags is filled in after contact", ("Q10",), "Tags", "0.92"),
            Fault("Lead Quality is filled in after contact", ("Q17",), "Lead Quality"),
            Fault("Lead Profile is filled in after contact", ("Q17",), "Lead Profile"),
            Fault("Last Activity is filled in after contact", ("Q17",), "Last Activity"),
            *(_words(name, "Select") for name in ("Specialization", "How did you hear about X Education", "City")),
            *(Fault(f"{name} is constant", ("Q03",), name, "All 9,240") for name in _CONSTANT_OF_LEADS),
        ),
    ),
    "hotel_bookings": RealSet(
        SHARED / "hotel_bookings" / "hotel_bookings.csv.gz",
        TargetExpr("is_canceled", "is_canceled = 1"),
        (
            Fault("reservation_status is the target", ("Q10",), "reservation_status", "1.000"),
            Fault("reservation_status_date is after it", ("Q17",), "reservation_status_date"),
            Fault("31,994 duplicate rows", ("Q05",), None, "31,994"),
            *(_words(name, "NULL") for name in ("country", "agent", "company")),
            Fault("adr down to −6.38", ("Q07",), "adr", "-6.38"),
            Fault("adr up to 5400", ("Q07", "Q23"), "adr", "5,400"),
        ),
    ),
    "hotel_bookings, decided on arrival": RealSet(
        SHARED / "hotel_bookings" / "hotel_bookings.csv.gz",
        TargetExpr("is_canceled", "is_canceled = 1"),
        (Fault("reservation_status_date lies after it", ("Q17",), "reservation_status_date", "after the decision"),),
        select=f"SELECT *, {_MONTHS} AS arrives_at FROM s",
        order="arrives_at",
    ),
    "flights": RealSet(
        SAMPLES / "flights" / "flights.parquet",
        TargetExpr("late", "late"),
        (
            Fault("arr_delay is the outcome", ("Q10",), "arr_delay"),
            Fault("dep_delay is known after departure", ("Q10",), "dep_delay"),
            *(
                Fault(f"{name} is filled with the outcome", ("Q13",), name)
                for name in ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
            ),
        ),
        select="SELECT *, CASE WHEN arr_delay IS NOT NULL THEN arr_delay > 60 END AS late FROM s",
        order="row_number",
    ),
    "flights, their weather": RealSet(
        SAMPLES / "flights" / "weather.parquet",
        None,
        (Fault("a wind of 1,048 miles an hour", ("Q07", "Q23"), "wind_speed", "1,048"),),
    ),
    "german_credit": RealSet(
        SAMPLES / "german_credit" / "applicants.csv",
        TargetExpr("creditability", "creditability = 'bad'"),
        (),
    ),
}  # fmt: skip
