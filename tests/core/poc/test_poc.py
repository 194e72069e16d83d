"""The poc.yaml: what it says becomes the records, and what is wrong in it becomes sentences."""

from dataclasses import fields
from pathlib import Path

import pytest

from core.frame import METRICS, Capacity, Criterion, Incumbent, Payoffs, SplitChoice
from core.ingest import ReaderSettings
from core.poc import PocError, read, read_text, text
from core.poc.faults import schema

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = sorted((ROOT / "data" / "samples").glob("*/poc.yaml"))

ISSUE = """
format: 1
project: bank-campaign
data:
  - {table: campaign, path: bank-additional-full.csv}
recipe:
  - {step: prepared, sql: "SELECT * FROM campaign"}
frame:
  decision: Call this customer?
  target: {column: y, positive: "yes"}
  currency: EUR
  payoffs: {tp: 80, fp: -5, fn: 0, tn: 0}
  capacity: {n_actions: 3000, period: year}
  rows_per_year: 40000
  horizon_years: 2
  costs: {build: 60000, run_per_year: 20000}
  incumbent: {name: today's rule, sql: "poutcome = 'success' OR (contact = 'cellular' AND age > 60)"}
  columns: {duration: {availability: after}}
  split: {method: order, holdout_share: 0.2}
  criteria: [{metric: net_value_per_year, at_least: 20000}, {metric: recall, at_least: 0.1}]
train: {budget_seconds: 60}
export: {folder: out}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank-additional-full.csv").write_text("y\nyes\n")
    return tmp_path


def faults_of(said: str, folder: Path) -> tuple[str, ...]:
    with pytest.raises(PocError) as caught:
        read_text(said, folder)
    return caught.value.faults


def test_the_shape_that_was_agreed_is_read_as_it_was_written(folder):
    poc = read_text(ISSUE, folder)
    decision, economics = poc.frame.decision, poc.frame.economics
    assert poc.project == "bank-campaign"
    assert poc.sources[0].path == folder / "bank-additional-full.csv"
    assert poc.steps == (("prepared", "SELECT * FROM campaign"),)
    assert (decision.question, decision.target, decision.positive) == ("Call this customer?", "y", "yes")
    assert decision.split == SplitChoice(method="order", holdout_share=0.2)
    assert decision.unit_key == ()
    assert economics.payoffs == Payoffs(tp=80, fp=-5)
    assert economics.capacity == Capacity(3000, "year", "ranked")
    assert (economics.rows_per_year, economics.horizon_years) == (40000, 2)
    assert (economics.build_cost, economics.run_cost_per_year) == (60000, 20000)
    assert economics.incumbent == Incumbent(sql="poutcome = 'success' OR (contact = 'cellular' AND age > 60)")
    assert poc.availability == {"duration": "after"}
    assert poc.frame.criteria.items == (
        Criterion("net_value_per_year", at_least=20000),
        Criterion("recall", at_least=0.1),
    )
    assert poc.train == {"budget_seconds": 60}
    assert poc.export == folder / "out"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_every_sample_is_read_and_written_back_as_the_same_poc(path):
    poc = read(path)
    assert read_text(text(poc, path.parent), path.parent) == poc


def test_the_agreed_shape_survives_being_written_and_read(folder):
    poc = read_text(ISSUE, folder)
    assert read_text(text(poc, folder), folder) == poc


READ = """delimiter: ";", quote: none, escape: "\\\\", comment: "#", encoding: cp1252, header: false, header_row: 3,
     n_header_rows: 2, decimal: ",", thousands: ".", day_first: true, missing: ["N/A", "?"], sheet: Data,
     cells: B3:F200, member: a.csv, types: {y: VARCHAR}"""


def test_every_setting_of_the_reader_can_be_said_and_survives_being_written(folder):
    poc = read_text(ISSUE.replace("path: bank", f"{READ}, kind: csv, path: bank"), folder)
    settings = poc.sources[0].settings
    assert (settings.delimiter, settings.escape, settings.missing) == (";", "\\", ("N/A", "?"))
    assert (settings.header, settings.header_row, settings.day_first) == (False, 3, True)
    said = {one.name for one in fields(settings) if getattr(settings, one.name) not in ("", None)}
    assert said == {one.name for one in fields(ReaderSettings)} - {"query"}
    assert read_text(text(poc, folder), folder) == poc


def test_a_folder_and_a_database_are_sources_too(folder):
    (folder / "months").mkdir()
    said = ISSUE.replace(
        "path: bank-additional-full.csv}",
        "path: months}\n  - {table: people, connection: crm, query: SELECT 1 AS y}",
    )
    poc = read_text(said, folder)
    assert poc.sources[0].path == folder / "months"
    assert (poc.sources[1].path, poc.sources[1].connection) == (None, "crm")
    assert poc.sources[1].settings == ReaderSettings(query="SELECT 1 AS y")
    assert "connection: crm" in text(poc, folder)
    assert read_text(text(poc, folder), folder) == poc


def test_files_of_one_pattern_are_a_source(folder):
    said = ISSUE.replace("path: bank-additional-full.csv", 'path: "bank-*.csv"')
    assert read_text(said, folder).sources[0].path == folder / "bank-*.csv"


def test_nothing_said_about_reading_leaves_everything_to_find_out(folder):
    assert read_text(ISSUE, folder).sources[0].settings is None


def test_the_schema_knows_the_metrics_that_the_frame_knows():
    metric = schema()["$defs"]["frame"]["properties"]["criteria"]["items"]["properties"]["metric"]
    assert metric["enum"] == list(METRICS)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("format: 1", "format: 2", "format is 2; this version reads 1."),
        ("project: bank-campaign", "project: []", "project is []; it has to be text (put it in quotes)."),
        ("period: year", "period: fortnight", "choose one of day, week, month, year."),
        ("target: {", "targt: {", "frame has no key 'targt'; choose one of decision, unit, unit_key, target,"),
        ("target: {", "targt: {", "frame needs the key 'target'."),
        ("n_actions: 3000", "n_actions: -1", "frame.capacity.n_actions is -1; it has to be at least 0."),
        ("tp: 80", "tp: many", "frame.payoffs.tp is 'many'; it has to be a number."),
        ("recall, at_least: 0.1", "recall", "frame.criteria[2] needs exactly one of at_least or at_most."),
        ("metric: recall", "metric: recal", "choose one of net_value_per_year, net_value_over_horizon, recall,"),
        ("step: prepared", "step: 1st step", "use letters, digits and underscores, and no digit first."),
        ("bank-additional-full.csv", "gone.csv", "data[1].path: there is no file"),
        ("step: prepared", "step: campaign", "recipe has a step 'campaign', which is a table's name too."),
        ("method: order", "method: time", "A split by time needs the decision time."),
        ("metric: recall, at_least: 0.1", "metric: net_value_per_year, at_least: 1", "There are two criteria on"),
        ("holdout_share: 0.2", "holdout_share: .9", "frame.split.holdout_share is 0.9; it has to be at most 0.5."),
        (
            "train: {",
            "policy: {threshold: 2}\ntrain: {",
            "policy.threshold is 2; it has to be a number from 0 to 1, or",
        ),
        ("budget_seconds: 60", "budget_seconds: 0", "train.budget_seconds is 0; it has to be more than 0."),
        ("path: bank-additional-full.csv", "nothing: x", "data[1] needs exactly one of path or connection."),
        ("path: bank", "connection: crm, path: bank", "data[1] needs exactly one of path or connection."),
        ("path: bank-additional-full.csv", "connection: crm", "data[1] has 'connection' and needs 'query' with it."),
        ("path: bank", "cells: 3, path: bank", "data[1].cells is 3; it has to be text"),
        ("path: bank", "cells: B3-F9, path: bank", "data[1].cells is 'B3-F9'; write a range of cells, as in B3:F200."),
        ("path: bank", "header_row: 0, path: bank", "data[1].header_row is 0; it has to be at least 1."),
        ("path: bank", "decimal: x, path: bank", "data[1].decimal is 'x'; choose one of ., ,."),
        ("path: bank", "kind: pdf, path: bank", "choose one of csv, parquet, json, excel, arrow, duckdb, sqlite"),
        ('recipe:\n  - {step: prepared, sql: "SELECT * FROM campaign"}', "recipe: []", "recipe is empty."),
    ],
)
def test_each_fault_is_named_with_its_place_and_its_choices(folder, old, new, sentence):
    assert old in ISSUE
    found = faults_of(ISSUE.replace(old, new), folder)
    assert any(sentence in fault for fault in found), found


def test_all_faults_are_told_at_once(folder):
    said = (
        ISSUE.replace("period: year", "period: never").replace("tp: 80", "tp: many").replace("format: 1", "format: 9")
    )
    assert len(faults_of(said, folder)) == 3


def test_yes_and_no_stay_words_and_a_number_as_positive_becomes_its_text(folder):
    assert read_text(ISSUE.replace('positive: "yes"', "positive: yes"), folder).frame.decision.positive == "yes"
    assert read_text(ISSUE.replace('positive: "yes"', "positive: 1"), folder).frame.decision.positive == "1"
    assert read_text(ISSUE.replace('positive: "yes"', "positive: true"), folder).frame.decision.positive == "true"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "The file is empty"),
        ("- a\n- b\n", "it has to be a mapping of names to values"),
        ("format: 1\nformat: 1\n", "(line 2): the key 'format' stands twice."),
        ("format: [1", "The file is not YAML"),
        ("format: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_poc_at_all_gets_a_sentence(tmp_path, said, sentence):
    assert sentence in " ".join(faults_of(said, tmp_path))


def test_a_missing_file_and_one_that_is_not_text_get_a_sentence(tmp_path):
    with pytest.raises(PocError, match="cannot be read"):
        read(tmp_path / "poc.yaml")
    (tmp_path / "poc.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PocError, match="is not UTF-8 text"):
        read(tmp_path / "poc.yaml")
