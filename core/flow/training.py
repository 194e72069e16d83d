"""Train: the candidates, on a fixed split, in the background."""

import time

import numpy as np
import pyarrow as pa

from core.errors import TouchstoneError
from core.flow.choosing import threshold_view
from core.flow.contract import availability, ensure_contract
from core.flow.dependence import check_independence
from core.flow.framing import ROW, frame, prepared_columns
from core.flow.rows import assignment, ensure_split, features
from core.train.checks import check_outcome
from core.train.columns import column_specs
from core.train.latency import Latency, latency
from core.train.training import CandidateResult, TrainSettings, train
from core.workspace import Job, Project, Record
from core.workspace.plain import to_plain
from core.workspace.tables import write_blob, write_table


def start_training(project: Project, settings: TrainSettings, author: str) -> str:
    """Train in the background and return the job's id.

    Raises
    ------
    NotReadyError, FrameError
        At once, when the frame or the prepared table is not ready for it.
    TrainError
        When a decision row depends on other rows in a step that is not declared to run upstream.
    """
    check_independence(project)
    ensure_split(project, author)
    found, parts = assignment(project)
    check_outcome(found.y[~parts.holdout])
    key = repr((settings, project.heads()["split"], ensure_contract(project, author).digest))

    def work(job: Job) -> None:
        train_run(project, settings, author, job)
        job.message = "Weighing every threshold"
        _weigh(project)

    return project.jobs.start("train", work, author=author, key=key)


def _weigh(project: Project) -> None:
    """Compute what Threshold shows first, so that the page opens at once; it says itself what is missing for it."""
    try:
        threshold_view(project)
    except TouchstoneError:
        return


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
    specs = column_specs(table, parts.training_rows(), availability(project))
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
        times[candidate.name] = latency(candidate.files, table, budget_seconds=1.0)
    body = {
        "candidates": [candidate.name for candidate in found.candidates],
        "seed": settings.seed,
        "learning_rate": found.learning_rate,
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
        "cut_short": candidate.cut_short,
        "fit_seconds": candidate.fit_seconds,
        "size_bytes": candidate.size_bytes,
        "latency": to_plain(measured),
    }
