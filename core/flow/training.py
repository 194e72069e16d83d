"""Train: the candidates, on a fixed split, and how they compare with each other and with today."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from core.errors import NotReadyError
from core.flow.common import needed
from core.flow.contract import availability, ensure_contract
from core.flow.framing import ROW, frame, prepared_columns
from core.flow.rows import assignment, ensure_split, features, todays_acts
from core.scoring.contract import ColumnSpec
from core.scoring.model import ModelFiles
from core.threshold import decision_metrics
from core.train.checks import check_outcome
from core.train.columns import column_specs
from core.train.interval import Interval
from core.train.latency import Latency, latency
from core.train.training import CandidateResult, TrainSettings, train
from core.workspace import Job, Project, Record
from core.workspace.plain import from_plain, to_plain
from core.workspace.tables import quoted, read_blob, read_table, write_blob, write_table


@dataclass(frozen=True, slots=True)
class CandidateView:
    """One candidate of a run: how well it ranks and calibrates out of fold, and what it costs to run."""

    name: str
    title: str
    family: str
    n_rounds: int
    rounds: tuple[int, ...]
    params: dict[str, object]
    metrics: dict[str, Interval]
    fit_seconds: float
    size_bytes: int
    latency: Latency
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class RunView:
    """One training: its candidates, the columns they learnt from, and those left out with the reason."""

    digest: str
    stale: bool
    author: str
    created_at: datetime
    candidates: tuple[CandidateView, ...]
    columns: tuple[ColumnSpec, ...]
    unused: dict[str, str]
    seconds: float

    def candidate(self, name: str) -> CandidateView:
        """Return a candidate by its name; NotReadyError names the choices."""
        for found in self.candidates:
            if found.name == name:
                return found
        known = ", ".join(found.name for found in self.candidates)
        raise NotReadyError(f"There is no candidate {name!r} in this run.", hint=f"Choose one of {known}.")


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """One line of the leaderboard; today's rule has no score, so it has a precision and a recall instead."""

    name: str
    family: str
    metrics: dict[str, Interval]
    fit_seconds: float | None
    one_row_ms: float | None
    ten_thousand_rows_ms: float | None
    machine: str
    size_bytes: int | None


def start_training(project: Project, settings: TrainSettings, author: str) -> str:
    """Train in the background and return the job's id.

    Raises
    ------
    NotReadyError, FrameError
        At once, when the frame or the prepared table is not ready for it.
    """
    ensure_split(project, author)
    found, parts = assignment(project)
    check_outcome(found.y[~parts.holdout])
    key = repr((settings, project.heads().get("split"), project.heads().get("contract")))
    return project.jobs.start("train", lambda job: train_run(project, settings, author, job), author=author, key=key)


def barred(project: Project) -> dict[str, str]:
    """Return the prepared columns that are never a feature, each with the reason."""
    decision = frame(project).decision
    reasons = {decision.target: "the target", decision.decision_time: "the decision time", decision.group: "the group"}
    reasons |= dict.fromkeys(decision.unit_key, "part of the unit key")
    known = availability(project)
    reasons |= {name: "known only after the decision" for name, when in known.items() if when == "after"}
    names = [column.name for column in prepared_columns(project)]
    return {name: reasons[name] for name in names if name in reasons}


def train_run(project: Project, settings: TrainSettings, author: str, job: Job) -> Record:
    """Train the candidates and record them with their models and out-of-fold scores."""
    job.progress(0, 1, "Splitting")
    split = ensure_split(project, author)
    contract = ensure_contract(project, author)
    rows, parts = assignment(project)
    excluded = barred(project)
    names = [column.name for column in prepared_columns(project) if column.name not in excluded]
    table = features(project, names, rows.row_number)
    specs = column_specs(table, ~parts.holdout, availability(project))
    started = time.monotonic()
    found = train(
        table,
        rows.y,
        parts,
        specs.columns,
        settings,
        groups=rows.groups,
        progress=job.part(0.02, 0.93),
        cancelled=job.cancelled,
    )
    job.check()
    seconds = time.monotonic() - started
    times = {}
    for number, candidate in enumerate(found.candidates):
        job.progress(0.93 + 0.06 * number / len(found.candidates), 1, f"Timing {candidate.name}")
        times[candidate.name] = latency(candidate.files, table, budget_seconds=2.0)
    body = {
        "candidates": [candidate.name for candidate in found.candidates],
        "seed": settings.seed,
        "rounds": {name: list(rounds) for name, rounds in found.rounds.items()},
    }
    with project.transaction() as cursor:
        listed = []
        for candidate in found.candidates:
            blobs = {path: write_blob(cursor, content) for path, content in sorted(candidate.files.items())}
            listed.append(_facts(candidate, times[candidate.name]) | {"files": blobs})
        result = {
            "candidates": listed,
            "columns": to_plain(specs.columns),
            "unused": excluded | {one.name: one.reason for one in specs.unused},
            "seconds": seconds,
        }
        record = project.save_with(
            cursor, "run", body, author=author, parents=(split.digest, contract.digest), result=result
        )
        job.check()
        scores = {f"score_{candidate.name}": candidate.score for candidate in found.candidates}
        place = np.arange(len(rows.y))
        stored = {"place": place, ROW: rows.row_number, "y": rows.y, "fold": parts.fold, "holdout": parts.holdout}
        stored |= {} if rows.times is None else {"at": rows.times}
        stored |= {} if rows.groups is None else {"unit_group": rows.groups}
        write_table(cursor, f"scores_{record.short}", pa.table(stored | scores))
    return record


def _facts(candidate: CandidateResult, measured: Latency) -> dict[str, object]:
    return {
        "name": candidate.name,
        "title": candidate.title,
        "family": candidate.family,
        "rounds": list(candidate.rounds),
        "n_rounds": candidate.n_rounds,
        "params": to_plain(candidate.params),
        "metrics": to_plain(candidate.metrics),
        "fit_seconds": candidate.fit_seconds,
        "size_bytes": candidate.size_bytes,
        "latency": to_plain(measured),
    }


def runs(project: Project) -> list[RunView]:
    """Return every run, newest first."""
    return [_view(project, record) for record in project.history("run")]


def run(project: Project, digest: str | None = None) -> RunView | None:
    """Return a run by its digest or the first digits of it, the current one when None; None before any.

    Raises
    ------
    NotReadyError
        When there is no such run; the choices are named.
    """
    if not digest:
        head = project.head("run")
        return _view(project, head) if head else None
    return _view(project, run_record(project, digest))


def run_record(project: Project, digest: str | None) -> Record:
    """Return the record of a run, the current one when ``digest`` is None or empty."""
    if not digest:
        return needed(project, "run", "Train one on the page Train.")
    found = project.record(digest)
    if found is None or found.kind != "run":
        known = ", ".join(record.short for record in project.history("run")) or "none yet"
        raise NotReadyError(
            f"There is no run {digest!r} in this project.", hint=f"Choose one of {known} or train one on Train."
        )
    return found


def _view(project: Project, record: Record) -> RunView:
    result = record.result
    return RunView(
        record.digest,
        not project.is_current(record),
        record.author,
        record.created_at,
        from_plain(tuple[CandidateView, ...], result["candidates"]),
        from_plain(tuple[ColumnSpec, ...], result["columns"]),
        result["unused"],
        result["seconds"],
    )


def model_files(project: Project, view: RunView, candidate: str) -> ModelFiles:
    """Return the files of a candidate's model, as the bundle lays them out."""
    cursor = project.cursor()
    return {path: read_blob(cursor, digest) for path, digest in view.candidate(candidate).files.items()}


@dataclass(frozen=True, slots=True)
class RunRows:
    """The rows of a run in the order of the unit key; all arrays (n,), those of the holdout included.

    Attributes
    ----------
    row_number : names the row in the prepared table ``table``.
    y, holdout : outcome and whether the row waits for the verdict.
    fold : the fold whose model scored it, -1 where none did.
    score : out of fold, not-a-number where none.
    at, group : decision time and group, None without.
    """

    table: str
    row_number: np.ndarray
    y: np.ndarray
    holdout: np.ndarray
    fold: np.ndarray
    score: np.ndarray
    at: np.ndarray | None
    group: np.ndarray | None


def run_rows(project: Project, digest: str, candidate: str) -> RunRows:
    """Return the rows that a run learnt from and will be judged on, with a candidate's out-of-fold scores.

    Raises
    ------
    NotReadyError
        When the run's big table was dropped to free space.
    """
    record = run_record(project, digest)
    name = f"scores_{record.short}"
    if not project.has_table(name):
        raise NotReadyError(f"The scores of run {record.short} were dropped.", hint="Train again on the page Train.")
    found = read_table(project.cursor(), f"SELECT * FROM {quoted(name)} ORDER BY place")
    split = project.record(record.parents[0])
    recipe = project.record(split.parents[0]) if split else None
    named = set(found.column_names)

    def column(name: str) -> np.ndarray | None:
        return found[name].to_numpy(zero_copy_only=False) if name in named else None

    return RunRows(
        f"prepared_{recipe.short}" if recipe else "",
        found[ROW].to_numpy(),
        found["y"].to_numpy(),
        found["holdout"].to_numpy(zero_copy_only=False).astype(bool),
        found["fold"].to_numpy(),
        found[f"score_{candidate}"].to_numpy(zero_copy_only=False).astype(float),
        column("at"),
        column("unit_group"),
    )


def leaderboard(project: Project, view: RunView) -> tuple[LeaderboardRow, ...]:
    """Return the candidates of a run and today's rule, judged on the same out-of-fold rows."""
    found = [
        LeaderboardRow(
            one.title,
            one.family,
            one.metrics,
            one.fit_seconds,
            one.latency.one_row_ms,
            one.latency.ten_thousand_rows_ms,
            one.latency.machine,
            one.size_bytes,
        )
        for one in view.candidates
    ]
    economics = frame(project).economics
    rows = run_rows(project, view.digest, view.candidates[0].name)
    acts = todays_acts(project, economics, rows.row_number, rows.table)
    if acts is not None:
        scored = np.isfinite(rows.score)
        groups = rows.group[scored] if rows.group is not None else None
        metrics = decision_metrics(rows.y[scored], acts[scored], groups)
        name = economics.incumbent.name if economics.incumbent else "today's rule"
        found.insert(1, LeaderboardRow(name, "today", metrics, None, None, None, "", None))
    return tuple(found)


def recorded_rounds(view: RunView) -> Mapping[str, tuple[int, ...]]:
    """Return the rounds of each candidate's models, for a replay that does not look at the clock."""
    return {one.name: one.rounds for one in view.candidates if one.rounds}
