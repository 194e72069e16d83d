"""Errors planted in real tables, from a seed: which of their cells findings mark, and which others."""

from dataclasses import dataclass

import duckdb
import numpy as np

from core.ingest import read_source
from core.ingest.column_types import columns_of
from core.quality import Context, findings, profile
from core.scoring.prepare import quoted
from tests.benchmarks.real_sets import SHARED

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHARE = 0.005


@dataclass(frozen=True)
class Plan:
    """A file and the columns that get slips of a letter, values of another row, and another unit (times a factor)."""

    path: str
    slips: tuple[str, ...] = ()
    swaps: tuple[str, ...] = ()
    units: tuple[tuple[str, float], ...] = ()


PLANS = {
    "adult": Plan("adult/adult.data", ("column_4", "column_6", "column_7", "column_14"), ("column_5",)),
    "telco_churn": Plan(
        "telco_churn/Telco-Customer-Churn.csv",
        ("PaymentMethod", "Contract", "InternetService"),
        (),
        (("MonthlyCharges", 100.0),),
    ),
    "bank_marketing": Plan(
        "bank_marketing/bank-additional-full.csv", ("education", "job", "poutcome"), (), (("nr.employed", 1000.0),)
    ),
}


def slipped(text: str, random: np.random.Generator) -> str:
    """Return a text with one of its letters replaced by another."""
    places = [place for place, letter in enumerate(text) if letter.isalpha()]
    place = int(random.choice(places))
    letter = str(random.choice([letter for letter in LETTERS if letter != text[place].lower()]))
    return text[:place] + letter + text[place + 1 :]


def planted(name: str, seed: int) -> tuple[int, int, int]:
    """Plant errors in half a percent of the rows of each column; return how many, how many marked, how many of both.

    Marked are cells that findings above "note" name and that the table without the errors does not get marked.
    """
    plan, random = PLANS[name], np.random.default_rng(seed)
    with duckdb.connect(config={"threads": 2}) as connection:
        source = read_source(SHARED / plan.path, connection)
        connection.execute(f"CREATE TABLE t AS SELECT * FROM {quoted(source.table)}").fetchall()
        before = _marked(connection)
        wrong: set[tuple[int, str]] = set()
        for column in (*plan.slips, *plan.swaps, *(one for one, _ in plan.units)):
            wrong |= _planted(connection, column, plan, random)
        after = _marked(connection) - before
    return len(wrong), len(after), len(after & wrong)


def _planted(
    connection: duckdb.DuckDBPyConnection, column: str, plan: Plan, random: np.random.Generator
) -> set[tuple[int, str]]:
    name = quoted(column)
    values = [row[0] for row in connection.sql(f"SELECT {name} FROM t ORDER BY rowid").fetchall()]
    able = [
        row for row, value in enumerate(values) if value is not None and (column not in plan.slips or len(value) > 4)
    ]
    chosen = random.choice(able, int(SHARE * len(values)), replace=False)
    levels = sorted(set(filter(None, values)), key=str)
    factors = dict(plan.units)
    wrong = set()
    for row in map(int, chosen):
        if column in factors:
            made = values[row] * factors[column]
        elif column in plan.slips:
            made = slipped(values[row], random)
        else:
            made = next(one for one in random.permutation(levels).tolist() if one != values[row])
        connection.execute(f"UPDATE t SET {name} = ? WHERE rowid = ?", [made, row]).fetchall()
        wrong.add((row, column))
    return wrong


def _marked(connection: duckdb.DuckDBPyConnection) -> set[tuple[int, str]]:
    looked = profile(connection, "t", columns_of(connection, "t"))
    cells = set()
    for one in findings(looked, Context(connection, "t")):
        if one.severity != "note" and one.where and one.column:
            rows = connection.sql(f"SELECT rowid FROM t WHERE {one.where}").fetchall()
            cells |= {(int(row[0]), one.column) for row in rows}
    return cells
