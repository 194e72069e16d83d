"""The samples: their files are the ones that their README names, and their recipes give what their POC needs."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from core.poc import Poc, read
from core.scoring.engine import scratch
from core.scoring.prepare import prepare

FOLDER = Path(__file__).resolve().parents[1] / "data" / "samples"
IDS = sorted(path.parent.name for path in FOLDER.glob("*/poc.yaml"))


def prepared(poc: Poc) -> pa.Table:
    sources = {
        source.table: pq.read_table(source.path) if source.path.suffix == ".parquet" else pacsv.read_csv(source.path)
        for source in poc.sources
    }
    return prepare(scratch(), poc.steps, sources)


@pytest.fixture(scope="module")
def flights() -> pa.Table:
    return prepared(read(FOLDER / "flights" / "poc.yaml"))


def test_the_readme_names_every_file_with_its_size_and_its_digest():
    said = re.findall(r"^\| (\S+/\S+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$", (FOLDER / "README.md").read_text(), re.M)
    files = [path for path in sorted(FOLDER.glob("*/*")) if path.suffix in (".parquet", ".csv")]
    found = [
        (path.relative_to(FOLDER).as_posix(), f"{path.stat().st_size:,}", hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    ]
    assert said == found


def test_every_sample_is_listed_with_a_source_and_a_licence():
    listed = {entry["id"]: entry for entry in json.loads((FOLDER / "samples.json").read_text())}
    assert sorted(listed) == IDS == ["flights", "german_credit"]
    assert all(entry["source"] and entry["licence"] and entry["n_rows"] for entry in listed.values())


def test_a_flight_is_one_row_named_by_its_key_in_the_order_of_time(flights):
    keys = flights["flight_id"].to_pylist()
    assert flights.num_rows == len(set(keys)) == 336_776
    by_key = flights.sort_by("flight_id")["decided_at"].to_numpy()
    assert (by_key[1:] >= by_key[:-1]).all()


def test_a_flight_without_an_arrival_has_no_outcome_and_the_others_have_one(flights):
    late = flights["late"]
    assert late.null_count == flights["arr_delay"].null_count == 9_430
    assert late.filter(pc.greater(flights["arr_delay"], 60)).unique().to_pylist() == ["yes"]
    assert late.filter(pc.less_equal(flights["arr_delay"], 60)).unique().to_pylist() == ["no"]


def test_todays_rule_is_right_in_13_percent_of_its_acts_in_the_last_fifth_of_the_year(flights):
    known = flights.filter(pc.is_valid(flights["late"])).sort_by("flight_id")
    last = known.slice(int(known.num_rows * 0.8))
    acted = last.filter(pc.and_(pc.equal(last["origin"], "EWR"), pc.greater_equal(last["hour"], 17)))
    right = pc.sum(pc.equal(acted["late"], "yes")).as_py()
    assert round(right / acted.num_rows, 2) == 0.13


def test_the_weather_of_a_flight_was_over_three_hours_before_its_departure(flights):
    weather = pq.read_table(FOLDER / "flights" / "weather.parquet")
    seen = {(row["origin"], row["time_hour"]): row["temp"] for row in weather.to_pylist()}
    known = flights.filter(pc.is_valid(flights["temp"])).slice(50_000, 5_000).to_pylist()
    for row in known:
        observed_at = row["decided_at"].replace(minute=0) - timedelta(hours=1)
        assert row["temp"] == seen[row["origin"], observed_at]


def test_german_credit_has_700_good_and_300_bad_risks_and_leaves_sex_and_origin_out():
    table = prepared(read(FOLDER / "german_credit" / "poc.yaml"))
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(table["creditability"]).to_pylist()}
    assert counts == {"good": 700, "bad": 300}
    assert not {"personal_status_and_sex", "foreign_worker"} & set(table.column_names)
