"""Data that nobody tidied up: what it is called, what it means and when; and what the flights give away."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import flow
from core.errors import FrameError
from core.flow.rows import rows
from core.frame import Capacity, Criteria, Criterion, Decision, Economics, Payoffs, SplitChoice
from core.workspace import Project
from core.workspace.home import close_all
from tests.core.flow.conftest import AUTHOR, finish, judge, load, prepare, table_of, train

FLIGHTS = Path(__file__).resolve().parents[3] / "data" / "samples" / "flights"
AFTERWARDS = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")
CRITERIA = Criteria((Criterion("net_value_per_year", at_least=0.0),))


@pytest.fixture
def start(home, tmp_path):
    """Return a function that makes a prepared project of a table, framed as said."""

    def started(table: pa.Table, capacity: Capacity | None = None, **said: object) -> Project:
        project = flow.create("awkward", AUTHOR)
        decision = {"question": "Call?", "target": "y", "positive": "yes", "empty_outcome": "excluded"} | said
        flow.save_decision(project, Decision(**decision, affected="no", split=SplitChoice(n_folds=3)), AUTHOR)
        money = Economics(payoffs=Payoffs(tp=10, fp=-4), rows_per_year=8766, capacity=capacity)
        flow.save_economics(project, money, AUTHOR)
        flow.save_criteria(project, CRITERIA, AUTHOR)
        load(project, table, tmp_path / "cases.parquet")
        prepare(project)
        return project

    yield started
    close_all()


def test_columns_may_be_called_as_the_programs_own_are(start):
    names = ["rowid", "place", "value", 'a "select"', "level", "y"]
    project = start(table_of(400, 0, 1.2).rename_columns(names), decision_time="place", unit_key=("rowid_2",))
    train(project, 1.0)
    judge(project)
    assert flow.verdict(project).metrics["roc_auc"].value > 0.7
    assert {column.name for column in flow.run(project).columns} == {"value", 'a "select"', "level"}


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (pa.array([1, 0] * 30), "1.0"),
        (pa.array([1.0, 0.0] * 30), "1"),
        (pa.array([True, False] * 30), "True"),
        (pa.array([True, False] * 30), "1"),
        (pa.array(["1", "0"] * 30), "1"),
        (pa.array([-1, 0] * 30), "-1"),
        (pa.array(np.array(["2025-01-01", "2025-02-01"] * 30, dtype="datetime64[D]")), "2025-01-01"),
    ],
)
def test_a_positive_value_is_found_however_it_is_written(start, values, positive):
    found = rows(start(pa.table({"a": range(60), "y": values}), positive=positive))
    assert found.y.tolist() == [1, 0] * 30


def test_a_positive_value_that_does_not_occur_is_said_with_those_that_do(start):
    with pytest.raises(FrameError, match=r"No outcome in 'y' is 'nope'.* Choose one of no, yes"):
        rows(start(table_of(60, 0, 1.0), positive="nope"))


def test_an_outcome_that_is_not_a_number_is_empty(start):
    found = rows(start(pa.table({"y": pa.array([1.0, 0.0, float("nan"), None] * 20)}), positive="1"))
    assert (found.n_all, found.n_empty, found.y.tolist()) == (80, 40, [1, 0] * 20)


def test_a_key_named_like_an_outcome_orders_the_rows(start):
    table = pa.table({"y": range(60, 0, -1), "late": ["yes", "no", "no"] * 20})
    found = rows(start(table, target="late", unit_key=("y",)))
    assert found.row_number.tolist() == list(range(60, 0, -1))


def test_a_decision_time_that_is_text_is_refused_before_anything_is_trained(start):
    with pytest.raises(FrameError, match=r"'at' is of type VARCHAR, .* Cast it to TIMESTAMP in Prepare"):
        rows(start(pa.table({"at": ["soon", "late"] * 30, "y": ["yes", "no"] * 30}), decision_time="at"))


def test_a_time_zone_that_does_not_exist_is_refused(start):
    with pytest.raises(FrameError, match=r"There is no time zone 'Mars/Olympus'"):
        start(table_of(60, 0, 1.0), time_zone="Mars/Olympus")


@pytest.mark.parametrize("kind", ["date", "zoned", "plain"])
def test_days_begin_at_midnight_where_the_decision_is_made_through_a_change_of_clocks(start, kind):
    hours = pd.date_range("2025-03-03", "2025-03-17", freq="h", tz="America/New_York", inclusive="left", unit="ns")
    at = {"date": hours.date, "zoned": hours, "plain": hours.tz_convert("UTC").tz_localize(None)}[kind]
    project = start(
        pa.table({"at": pa.array(at), "y": np.where(np.arange(len(hours)) % 3, "no", "yes")}),
        Capacity(2, "day"),
        decision_time="at",
        time_zone="America/New_York",
    )
    found = rows(project)
    assert pd.DatetimeIndex(found.times, tz="UTC").tz_convert("America/New_York").date.tolist() == hours.date.tolist()


def test_flights_columns_that_are_known_only_afterwards_are_flagged_when_nobody_has_said_when(home, tmp_path):
    project = flow.create("flights", AUTHOR)
    load(project, pq.read_table(FLIGHTS / "flights.parquet"), tmp_path / "flights.parquet")
    known = "origin, dest, carrier, month, hour, minute, distance"
    late = "CASE WHEN arr_delay > 60 THEN 'yes' WHEN arr_delay <= 60 THEN 'no' END AS late"
    prepare(project, f"SELECT {known}, {', '.join(AFTERWARDS)}, {late} FROM cases")
    decision = Decision(question="Rebook?", target="late", positive="yes", empty_outcome="excluded")
    flow.save_decision(project, decision, AUTHOR)
    flow.start_quality(project, AUTHOR)
    finish(project, "quality")
    report = flow.quality(project)
    listed = [one for result in report.results for one in result.findings if one.code in ("Q10", "Q13")]
    close_all()
    assert {one.column for one in listed if one.severity in ("blocking", "warning")} == set(AFTERWARDS)
    assert ("Q10", "arr_delay") in {(one.code, one.column) for one in listed if one.severity == "blocking"}
