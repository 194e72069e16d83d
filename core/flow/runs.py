"""Runs: what was trained, how the candidates compare, and the rows they were judged on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.errors import NotReadyError
from core.flow.common import needed
from core.flow.framing import ROW, frame
from core.flow.rows import todays_acts
from core.scoring.contract import ColumnSpec
from core.scoring.model import ModelFiles
from core.threshold import decision_metrics
from core.train.interval import Interval
from core.train.latency import Latency
from core.workspace import Project, Record
from core.workspace.plain import from_plain
from core.workspace.tables import quoted, read_blob, read_table


@dataclass(frozen=True, slots=True)
class CandidateView:
    """One candidate of a run: how well it ranks and calibrates out of fold, and what it costs to run.

    ``cut_short`` is how many of its fits the budget ended early.
    """

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
    cut_short: int = 0


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
    cut_short: int = 0


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
            one.cut_short,
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
