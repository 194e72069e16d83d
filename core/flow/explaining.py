"""Explain: what moves the scores, over all rows and for one of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.errors import NotReadyError
from core.explain import Dependence, Explanation, Importance, Step, dependence, explain, importances, steps, summary
from core.explain import shared_credit as credit
from core.flow.choosing import policy
from core.flow.common import needed
from core.flow.framing import ROW
from core.flow.money import default_candidate
from core.flow.rows import features
from core.flow.runs import RunRows, RunView, model_files, run, run_record, run_rows
from core.scoring.scorer import Scorer
from core.workspace import Job, Project, Record
from core.workspace.plain import from_plain, to_plain
from core.workspace.tables import quoted, read_table, write_table

SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """What moves the scores of a candidate, on a stated sample of the rows it learnt from.

    Attributes
    ----------
    n_rows, n_all : rows that were explained, of how many.
    base_value : the log odds before any column.
    importances : the largest first. shared_credit : sentences about columns that move together.
    row_numbers : of the explained rows.
    """

    digest: str
    stale: bool
    run: str
    candidate: str
    n_rows: int
    n_all: int
    base_value: float
    importances: tuple[Importance, ...]
    shared_credit: tuple[str, ...]
    row_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RowReasons:
    """Why one row got its score: steps from the base value to it, a summary, and the row's own values."""

    row_number: int
    score: float
    margin: float
    base_value: float
    contributions_sum: float
    steps: tuple[Step, ...]
    summary: str
    values: dict[str, object]


def _chosen(project: Project) -> tuple[RunView, str]:
    """Return the run and candidate in question: the policy's, else the current run's best."""
    mine = policy(project)
    view = run(project, mine.run if mine and not mine.stale else None)
    if view is None:
        raise NotReadyError("Nothing is trained yet.", hint="Train a model on the page Train.")
    return view, mine.candidate if mine and mine.run == view.digest else default_candidate(view)


def start_explaining(project: Project, author: str) -> str:
    """Explain a sample of rows in the background."""
    view, candidate = _chosen(project)
    key = f"{view.digest} {candidate}"
    return project.jobs.start("explain", lambda job: explain_run(project, author, job), author=author, key=key)


def explain_run(project: Project, author: str, job: Job) -> Record:
    """Compute contributions of a sample of training rows and record what they say."""
    view, candidate = _chosen(project)
    record = run_record(project, view.digest)
    job.progress(0, 3, f"Explaining {SAMPLE_ROWS:,} rows")
    scorer = Scorer.from_files(model_files(project, view, candidate), threads=2)
    found = run_rows(project, view.digest, candidate)
    rows, table = _sample(project, found, scorer.columns)
    job.check()
    one = explain(scorer, table, max_rows=None)
    job.progress(2, 3, "Summing up")
    groups = found.group[rows] if found.group is not None else None
    result = {
        "importances": to_plain(importances(one, table, groups)),
        "shared_credit": list(credit(one, table)),
        "base_value": one.base_value,
        "n_rows": len(rows),
        "n_all": int((~found.holdout).sum()),
    }
    stored = {ROW: found.row_number[rows]} | {f"c_{name}": one.values[:, i] for i, name in enumerate(one.columns)}
    with project.transaction() as cursor:
        saved = project.save_with(
            cursor, "explanation", {"candidate": candidate}, author=author, parents=(record.digest,), result=result
        )
        write_table(cursor, f"contributions_{saved.short}", pa.table(stored))
        job.check()
    return saved


def _sample(project: Project, found: RunRows, columns: tuple[str, ...]) -> tuple[np.ndarray, pa.Table]:
    """Return places of a random sample of the rows that are no holdout, and their features."""
    place = np.flatnonzero(~found.holdout)
    if len(place) > SAMPLE_ROWS:
        place = np.sort(np.random.default_rng(0).choice(place, SAMPLE_ROWS, replace=False))
    return place, features(project, columns, found.row_number[place], found.table)


def explanation(project: Project) -> ExplanationView | None:
    """Return what moves the scores, or None before anybody asked."""
    record = project.head("explanation")
    if record is None or not record.result:
        return None
    result = record.result
    name = f"contributions_{record.short}"
    numbers: list[int] = []
    if project.has_table(name):
        query = f"SELECT {ROW} FROM {quoted(name)} ORDER BY {ROW}"
        numbers = [number for (number,) in project.cursor().execute(query).fetchall()]
    return ExplanationView(
        record.digest,
        not project.is_current(record),
        record.parents[0],
        record.body["candidate"],
        result["n_rows"],
        result["n_all"],
        result["base_value"],
        from_plain(tuple[Importance, ...], result["importances"]),
        tuple(result["shared_credit"]),
        tuple(numbers),
    )


def contributions(project: Project) -> tuple[Explanation, pa.Table]:
    """Return the contributions of the explained rows and their features, row by row.

    Raises
    ------
    NotReadyError
        When nothing is explained yet.
    """
    record = needed(project, "explanation", "Explain the scores on the page Explain.")
    name = f"contributions_{record.short}"
    if not project.has_table(name):
        raise NotReadyError("The contributions were dropped.", hint="Explain the scores again.")
    stored = read_table(project.cursor(), f"SELECT * FROM {quoted(name)} ORDER BY {ROW}")
    columns = tuple(column.removeprefix("c_") for column in stored.column_names if column != ROW)
    values = np.column_stack([stored[f"c_{column}"].to_numpy() for column in columns]) if columns else np.empty((0, 0))
    found = run_rows(project, record.parents[0], record.body["candidate"])
    table = features(project, columns, stored[ROW].to_numpy(), found.table)
    one = Explanation(columns, values, record.result["base_value"], np.arange(len(stored)), len(stored))
    return one, table


def effect(project: Project, column: str) -> Dependence:
    """Return one column's contribution along its values."""
    one, table = contributions(project)
    return dependence(one, table, column)


def row_reasons(project: Project, row_number: int) -> RowReasons:
    """Return why one row of the prepared table gets its score, computed with the very model that a bundle carries.

    Raises
    ------
    NotReadyError
        When there is no such row.
    """
    record = needed(project, "explanation", "Explain the scores on the page Explain.")
    view = run(project, record.parents[0])
    assert view is not None
    candidate = record.body["candidate"]
    scorer = Scorer.from_files(model_files(project, view, candidate))
    found = run_rows(project, view.digest, candidate)
    if row_number not in found.row_number:
        last = int(found.row_number.max())
        raise NotReadyError(f"There is no row {row_number} with an outcome.", hint=f"Choose one from 1 to {last:,}.")
    table = features(project, scorer.columns, np.array([row_number]), found.table)
    one = scorer.contributions(table)
    mine = policy(project)
    values = {name: table[name][0].as_py() for name in scorer.columns}
    listed = steps(scorer.columns, one.values[0], one.base_value, list(values.values()))
    return RowReasons(
        row_number,
        float(scorer.score(table)[0]),
        float(scorer.margin(table)[0]),
        one.base_value,
        float(one.base_value + one.values[0].sum()),
        listed,
        summary(listed, mine.threshold if mine and not mine.stale else None),
        values,
    )
