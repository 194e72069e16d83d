"""The history step is point-in-time correct: against a plain loop, and by changing what comes later."""

import datetime as dt
import math
import random
from functools import cache

import duckdb
import pyarrow as pa
import pytest

from core.errors import SqlError
from core.prepare import ready_made
from core.scoring.engine import scratch
from core.workspace.usersql import check_select, run_select

DAY = dt.timedelta(days=1)
START = dt.datetime(2025, 1, 1)
WHAT = ("count", "sum", "mean", "min", "max", "last", "days_since_last")
VALUES = {
    "source": "decisions",
    "keys": ["who", "shop"],
    "time": "at",
    "events": "events",
    "event_keys": ["person", "shop"],
    "event_time": "seen",
    "what": WHAT,
    "measures": ["paid", "points"],
    "windows": [1, 2.5],
}
Row = dict[str, object]


def moments(rng: random.Random, n: int, dates: bool) -> list[dt.datetime | None]:
    """Few different moments, so that many coincide; some are missing."""
    found = [START + rng.randrange(12) * (DAY if dates else DAY / 2) for _ in range(n)]
    return [None if rng.random() < 0.1 else moment for moment in found]


def made(seed: int, dates: bool = False) -> tuple[pa.Table, pa.Table]:
    """Random decisions and events: ties, missing keys, times and values, keys that only one side has."""
    rng = random.Random(seed)
    n, m = rng.randrange(1, 30), rng.randrange(0, 60)
    type_ = pa.date32() if dates else pa.timestamp("us")
    some = lambda values: rng.choice(values)  # noqa: E731
    decisions = {
        "id": list(range(n)),
        "who": [some([None, "a", "b", "c"]) for _ in range(n)],
        "shop": [some([1, 2]) for _ in range(n)],
        "at": pa.array(moments(rng, n, dates), type_),
    }
    events = {
        "person": [some([None, "a", "b", "d"]) for _ in range(m)],
        "shop": [some([1, 2]) for _ in range(m)],
        "seen": pa.array(moments(rng, m, dates), type_),
        "paid": pa.array([some([None, rng.uniform(-1e6, 1e6), rng.uniform(0, 1e-6)]) for _ in range(m)], pa.float64()),
        "points": pa.array([some([None, 0, 1, 7]) for _ in range(m)], pa.int64()),
    }
    return pa.table(decisions), pa.table(events)


@cache
def one_engine() -> duckdb.DuckDBPyConnection:
    return scratch()


def features(decided: pa.Table, happened: pa.Table, **values: object) -> list[Row]:
    """Run the written step and return its rows by id."""
    engine = one_engine()
    for name, table in (("decisions", decided), ("events", happened)):
        engine.register("arriving", table)
        engine.execute(f"CREATE OR REPLACE TABLE {name} AS FROM arriving")
        engine.unregister("arriving")
    described = {
        name: {column: kind for column, kind, *_ in engine.execute(f"DESCRIBE {name}").fetchall()}
        for name in ("decisions", "events")
    }
    sql = check_select(ready_made("history").sql({**VALUES, **values}, described), list(described))
    return run_select(engine, f"SELECT * FROM (\n{sql}\n) ORDER BY id").to_pylist()


def span(event: Row, decision: Row, days: float | None) -> bool:
    """Say in plain Python whether an event counts for a decision."""
    if event["person"] is None or (event["person"], event["shop"]) != (decision["who"], decision["shop"]):
        return False
    if event["seen"] is None or decision["at"] is None or not event["seen"] < decision["at"]:
        return False
    return days is None or event["seen"] >= decision["at"] - dt.timedelta(days=days)


def by_hand(decision: Row, events: list[Row]) -> Row:
    """Compute one decision's features with loops."""
    found: Row = {}
    for label, days in (("_1d", 1), ("_2_5d", 2.5), ("", None)):
        rows = [event for event in events if span(event, decision, days)]
        found[f"events_count{label}"] = len(rows)
        for name in ("paid", "points"):
            values = [row[name] for row in rows if row[name] is not None]
            found[f"events_{name}_sum{label}"] = math.fsum(values) if values else None
            found[f"events_{name}_mean{label}"] = math.fsum(values) / len(values) if values else None
            found[f"events_{name}_min{label}"] = min(values, default=None)
            found[f"events_{name}_max{label}"] = max(values, default=None)
    rows = [event for event in events if span(event, decision, None)]
    for name in ("paid", "points"):
        known = [(row["seen"], row[name]) for row in rows if row[name] is not None]
        found[f"events_{name}_last"] = max(known)[1] if known else None
    last = max((row["seen"] for row in rows), default=None)
    found["events_days_since_last"] = (decision["at"] - last) / DAY if last is not None else None
    return found


RUNNING = {"form": "running"}
FORMS = {
    "plain": {},
    "plain, all of the past": {"windows": []},
    "running totals": {**RUNNING, "what": ["count", "sum", "mean", "last", "days_since_last"]},
    "running totals, all of the past": {**RUNNING, "windows": []},
}


@pytest.mark.parametrize("dates", [False, True], ids=["times", "dates"])
@pytest.mark.parametrize("form", FORMS)
def test_features_are_those_of_a_plain_loop_over_strictly_earlier_events(dates: bool, form: str):
    for seed in range(20):
        decisions, events = made(seed, dates)
        listed = events.to_pylist()
        if dates:  # a date begins at midnight
            for row in listed:
                row["seen"] = row["seen"] and dt.datetime.combine(row["seen"], dt.time())
        found = sorted(features(decisions, events, **FORMS[form]), key=lambda row: row["id"])
        assert [row["id"] for row in found] == list(range(len(decisions))), "a row is lost, or comes twice"
        for row, decision in zip(found, decisions.to_pylist(), strict=True):
            if dates and decision["at"]:
                decision["at"] = dt.datetime.combine(decision["at"], dt.time())
            expected = by_hand(decision, listed)
            names = [name for name in row if name.startswith("events")]
            assert len(names) >= 11
            for name in names:
                value = expected[name]
                close = value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-6)
                assert (row[name] if row[name] is None else float(row[name])) == close, (seed, name)


@pytest.mark.parametrize("form", ["plain", "running totals"])
def test_what_happens_at_the_decision_or_later_changes_no_bit_of_it(form: str):
    for seed in range(15):
        decisions, events = made(seed)
        rng = random.Random(seed + 1_000)
        cut = START + rng.randrange(12) * DAY / 2
        early = decisions.filter(pa.array([at is not None and at <= cut for at in decisions["at"].to_pylist()]))
        if not len(early):
            continue
        rows = events.to_pylist()
        changed = [row for row in rows if row["seen"] is not None and row["seen"] < cut]
        for row in rows:  # later events: some gone, some moved further on, some with other values
            if (row["seen"] is None or row["seen"] >= cut) and rng.random() < 0.7:
                later = row["seen"] + rng.randrange(3) * DAY if row["seen"] else None
                changed.append({**row, "seen": later, "paid": rng.uniform(-9, 9), "points": rng.randrange(9)})
        rng.shuffle(changed)
        after = pa.Table.from_pylist(changed, schema=events.schema)
        assert features(early, events, **FORMS[form]) == features(early, after, **FORMS[form])


@pytest.mark.parametrize("form", ["plain", "running totals"])
def test_a_decision_has_the_same_past_whichever_others_are_asked_for(form: str):
    decisions, events = made(7)
    all_of_them = features(decisions, events, **FORMS[form])
    for n in range(len(decisions)):
        assert features(decisions.slice(n, 1), events, **FORMS[form]) == [all_of_them[n]]


def test_extremes_over_some_days_are_refused_as_running_totals():
    decisions, events = made(1)
    with pytest.raises(SqlError, match="The min over 1 days cannot be had"):
        features(decisions, events, what=["min"], form="running")


def test_the_rows_of_one_table_are_each_others_past():
    decisions, _ = made(3)
    rows = [row for row in decisions.to_pylist() if row["who"]]
    table = pa.Table.from_pylist(rows, schema=decisions.schema)
    own = {"events": "decisions", "event_keys": ["who"], "keys": ["who"], "event_time": "at"}
    found = features(table, table, **own, what=["count"], measures=[], windows=[])
    for row in found:
        known = row["at"] and [one for one in rows if one["at"] and one["who"] == row["who"] and one["at"] < row["at"]]
        assert row["decisions_count"] == len(known or [])


@pytest.mark.parametrize("form", ["plain", "running"])
def test_an_event_that_only_tells_its_day_is_no_past_of_a_decision_on_that_day(form: str):
    decisions = {"id": [0, 1], "who": ["a", "a"], "shop": [1, 1], "at": [START + 10 * DAY / 24, START + 34 * DAY / 24]}
    events = {
        "person": ["a", "a"],
        "shop": [1, 1],
        "seen": pa.array([START, START + DAY], pa.date32()),
        "paid": [1.0, 5.0],
        "points": [1, 2],
    }
    what = ("count", "sum", "last", "days_since_last") if form == "running" else WHAT
    first, second = features(pa.table(decisions), pa.table(events), form=form, what=what, windows=[])
    assert (first["events_count"], first["events_paid_sum"], first["events_days_since_last"]) == (0, None, None)
    assert (second["events_count"], second["events_paid_sum"], second["events_paid_last"]) == (1, 1.0, 1.0)
    assert second["events_days_since_last"] == pytest.approx(34 / 24)
    near = features(pa.table(decisions), pa.table(events), form=form, what=("count",), windows=[1])
    assert [row["events_count_1d"] for row in near] == [0, 1]


def test_the_check_counts_rows_without_a_past(engine, notes):
    engine.execute(
        "CREATE TABLE d AS FROM (VALUES ('a', DATE '2025-01-05'), ('a', NULL), ('z', DATE '2025-01-05'),"
        " ('b', DATE '2025-01-01')) AS t(who, day)"
    )
    engine.execute(
        "CREATE TABLE e AS FROM (VALUES ('a', DATE '2025-01-01'), ('b', DATE '2025-01-02'), ('b', NULL)) AS t(who, day)"
    )
    asked = {"source": "d", "keys": ["who"], "time": "day", "events": "e", "event_keys": ["who"], "event_time": "day"}
    first, second = notes("history", **asked, what=["count"])
    assert "2 of 4 rows may have" in first.sentence
    assert "1 have a key that never occurs" in first.sentence
    assert "1 come before the first event" in first.sentence
    assert "1 have no day" in first.sentence
    assert second.sentence.startswith("1 of 3 events")
