"""Small projects made through the flow, as the pages make them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import flow
from core.frame import Criteria, Criterion, Decision, Economics, Payoffs, SplitChoice
from core.workspace import Project, home

AUTHOR = "ana"
Make = Callable[..., Project]


def finish(project: Project, kind: str) -> None:
    """Wait for work and fail with its sentence when it did not end well."""
    view = flow.wait(project, kind)
    assert view is not None
    assert view.state == "done", f"{kind}: {view.problem} {view.hint}"


def table_of(n: int, seed: int, effect: float) -> pa.Table:
    """A table whose columns a, b and c raise the odds of ``y`` by ``effect``; 0 makes the outcome pure noise."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=n)
    c = rng.choice(["red", "green", "blue"], n)
    margin = -0.8 + effect * (a - 0.7 * b + (c == "red"))
    y = rng.random(n) < 1 / (1 + np.exp(-margin))
    days = np.datetime64("2025-01-01", "us") + (np.arange(n) * 3_600_000_000).astype("timedelta64[us]")
    return pa.table({"id": np.arange(n), "at": days, "a": a, "b": b, "c": c, "y": np.where(y, "yes", "no")})


def load(project: Project, table: pa.Table, path: Path, name: str = "cases") -> None:
    """Load a table through a Parquet file."""
    pq.write_table(table, path)
    flow.start_load(project, [flow.SourceFile(path, name)], AUTHOR)
    finish(project, "load")


def prepare(project: Project, sql: str = "SELECT * FROM cases") -> None:
    """Save a recipe of one step."""
    flow.start_prepare(project, [flow.Step("prepared", sql)], AUTHOR)
    finish(project, "prepare")


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a function that makes a framed and prepared project in a home of its own."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))

    def made(n: int = 600, seed: int = 0, effect: float = 1.2, payoffs: Payoffs | None = None) -> Project:
        project = flow.create(f"Case {seed} {effect} {payoffs}", AUTHOR)
        split = SplitChoice(n_folds=3, seed=seed)
        decision = Decision(
            question="Call them?",
            unit_key=("id",),
            target="y",
            positive="yes",
            empty_outcome="excluded",
            decision_time="at",
            affected="no",
            split=split,
        )
        flow.save_decision(project, decision, AUTHOR)
        worth = payoffs or Payoffs(tp=10, fp=-4)
        economics = Economics(payoffs=worth, rows_per_year=10_000, horizon_years=2, run_cost_per_year=100)
        flow.save_economics(project, economics, AUTHOR)
        flow.save_criteria(project, Criteria((Criterion("net_value_per_year", at_least=0.0),)), AUTHOR)
        load(project, table_of(n, seed, effect), tmp_path / f"cases{seed}{effect}.parquet")
        prepare(project)
        return project

    yield made
    home.close_all()


def train(project: Project, seconds: float = 5.0) -> None:
    """Train the three candidates."""
    flow.start_training(project, flow.TrainSettings(budget_seconds=seconds), AUTHOR)
    finish(project, "train")


def judge(project: Project) -> None:
    """Go from a trained project to its verdict."""
    flow.start_quality(project, AUTHOR)
    finish(project, "quality")
    flow.save_policy(project, None, None, flow.threshold_view(project).best.threshold, AUTHOR)
    flow.open_holdout(project, AUTHOR)
    finish(project, "verdict")
