"""Real data, from the file to a bundle that gives the app's scores again, to the bit, where nothing of the app is."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import flow, journey
from core.bundle import unpack
from core.flow.framing import ROW
from core.flow.loading import raw_tables
from core.flow.rows import features
from core.flow.runs import model_files
from core.poc import Poc, read
from core.scoring.contract import DecisionRowContract, validate
from core.scoring.scorer import Scorer
from core.workspace import Project
from core.workspace.home import close_all
from core.workspace.tables import quoted, read_table
from tests.fresh import FreshEnvironments

ROOT = Path(__file__).resolve().parents[2]
JOURNEYS = sorted((ROOT / "tests" / "core" / "journeys").glob("*.yaml"))
SAMPLES = sorted((ROOT / "data" / "samples").glob("*/poc.yaml"))
BUDGET_SECONDS = 5.0


@dataclass(frozen=True)
class Walked:
    """A journey that was walked: what it said, its project, where it ended, and its bundle, unpacked elsewhere."""

    poc: Poc
    project: Project
    arrival: journey.Arrival
    bundle: Path


def name_of(path: Path) -> str:
    return path.parent.name if path.name == "poc.yaml" else path.stem


@pytest.fixture(scope="module", params=SAMPLES + JOURNEYS, ids=name_of)
def walked(request, tmp_path_factory) -> Iterator[Walked]:
    if request.param in JOURNEYS and not (ROOT.parent / "shared" / "data").is_dir():
        pytest.skip("../shared/data is not here: it holds the real data set that this journey reads.")
    folder = tmp_path_factory.mktemp(name_of(request.param))
    before = os.environ["TOUCHSTONE_HOME"]
    os.environ["TOUCHSTONE_HOME"] = str(folder / "home")
    try:
        poc = read(request.param)
        poc = replace(poc, train=poc.train | {"budget_seconds": BUDGET_SECONDS}, export=folder / "out")
        arrival = journey.walk(poc, "a test", lambda line: None)
        slug = next(card.slug for card in flow.list_projects())
        yield Walked(poc, flow.open_project(slug), arrival, unpack(arrival.bundle, folder / "elsewhere"))
    finally:
        close_all()
        os.environ["TOUCHSTONE_HOME"] = before


def app_scores(project: Project) -> np.ndarray:
    """Return the score of every prepared row, as the app scores it, in the order of the prepared table."""
    chosen = flow.policy(project)
    view = flow.run(project, chosen.run)
    names = [column.name for column in view.columns]
    rows = features(project, names)
    contract = DecisionRowContract(1, view.columns)
    return Scorer.from_files(model_files(project, view, chosen.candidate)).score(validate(rows, contract))


def write_sources(project: Project, folder: Path) -> None:
    """Write the raw tables as engineering has them: a Parquet file each."""
    folder.mkdir()
    for name, physical in raw_tables(project).items():
        table = read_table(project.cursor(), f"SELECT * FROM {quoted(physical)} ORDER BY rowid")
        pq.write_table(table, folder / f"{name}.parquet")


def test_the_verdict_rests_on_figures_that_were_computed(walked):
    verdict = flow.verdict(walked.project).verdict
    assert walked.arrival.outcome == verdict.outcome in ("go", "no-go", "not yet")
    assert len(verdict.gates) >= 5
    judged = [gate for gate in verdict.gates if gate.value is not None]
    assert judged
    assert all(math.isfinite(gate.value.value) for gate in judged)


def test_a_column_known_only_afterwards_is_no_feature(walked):
    after = {name for name, when in walked.poc.availability.items() if when == "after"}
    view = flow.run(walked.project, None)
    assert not after & {column.name for column in view.columns}


def test_the_bundle_verifies_to_the_bit_in_a_fresh_environment(walked, fresh: FreshEnvironments):
    python = fresh.python(walked.bundle / "requirements.txt")
    hidden = fresh.run(python, "-c", f"open({str(ROOT / 'README.md')!r})", cwd=walked.bundle, ok=False)
    assert "out of sight" in hidden.stderr
    done = fresh.run(python, "-m", "scoring", "verify", cwd=walked.bundle)
    assert "Proved: equal to the bit." in done.stdout


def test_every_row_gets_the_apps_score_to_the_bit_from_the_source_tables(walked, fresh: FreshEnvironments, tmp_path):
    write_sources(walked.project, tmp_path / "sources")
    python = fresh.python(walked.bundle / "requirements.txt")
    output = tmp_path / "scores.parquet"
    fresh.run(python, "-m", "scoring", "score", tmp_path / "sources", "--output", output, cwd=walked.bundle)
    there = pq.read_table(output)
    expected = app_scores(walked.project)
    key = list(walked.poc.frame.decision.unit_key) or [ROW]
    here = features(walked.project, key)
    assert there.num_rows == len(expected) == flow.prepared(walked.project).n_rows
    assert all(there[name].cast(pa.string()).equals(here[name].cast(pa.string())) for name in key)
    assert there["score"].to_numpy().tobytes() == expected.tobytes()
    assert len(np.unique(expected)) > 1
