"""What each column that nobody has spoken for is worth: the money lost if it is not there when we decide."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.charts.numbers import money, money_interval, number
from core.errors import NotReadyError
from core.flow.choosing import policy
from core.flow.contract import availability
from core.flow.framing import frame
from core.flow.money import default_candidate, money_rows, needed_run
from core.flow.quality import quality
from core.flow.rows import Rows, assignment, features
from core.flow.runs import RunRows, RunView, run, run_record, run_rows
from core.quality.finding import enumerated
from core.scoring.contract import ColumnSpec
from core.threshold import Price, ScoredRows, price
from core.train.split import Assignment
from core.train.training import TrainSettings, train
from core.workspace import Job, Project, Record
from core.workspace.plain import from_plain, to_plain

MOST_ROUNDS = 100
QUICK_LEARNING_RATE = 0.15
BUDGET_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ColumnPrice:
    """What is lost without one column, or without several together."""

    columns: tuple[str, ...]
    price: Price


@dataclass(frozen=True, slots=True)
class PricesView:
    """What the columns of unknown availability are worth.

    Attributes
    ----------
    run, candidate : which model was trained again without them.
    together : without all of them at once; None when there are none.
    columns : one at a time, the dearest first.
    unpriced : columns for which the time did not suffice.
    n_rounds : the most rounds that a model grew here, 0 when it has none: prices compare quick models with each other.
    """

    digest: str
    stale: bool
    run: str
    candidate: str
    currency: str
    together: ColumnPrice | None
    columns: tuple[ColumnPrice, ...]
    unpriced: tuple[str, ...]
    n_rounds: int
    seconds: float


def unspoken(project: Project, view: RunView | None = None) -> tuple[str, ...]:
    """Return the features of a run (the current one when None) of which nobody has said when they are known."""
    found = view or run(project)
    if found is None:
        return ()
    known = availability(project)
    return (
        tuple(column.name for column in found.columns if known.get(column.name, "unknown") == "unknown")
        if found
        else ()
    )


def prices(project: Project) -> PricesView | None:
    """Return what was computed last, or None."""
    record = project.head("prices")
    if record is None or not record.result:
        return None
    result = record.result
    return PricesView(
        record.digest,
        not project.is_current(record),
        record.parents[0],
        record.body["candidate"],
        result["currency"],
        from_plain(ColumnPrice, result["together"]) if result["together"] else None,
        from_plain(tuple[ColumnPrice, ...], result["columns"]),
        tuple(result["unpriced"]),
        result["n_rounds"],
        result["seconds"],
    )


def start_pricing(project: Project, author: str, budget_seconds: float = BUDGET_SECONDS) -> str:
    """Price the columns that nobody has spoken for, in the background.

    Raises
    ------
    NotReadyError
        When nothing is trained, the run is stale, or somebody has spoken for every column.
    """
    view = needed_run(project, None)
    if view.stale:
        raise NotReadyError("What the run rests on has changed since.", hint="Train again, then price its columns.")
    if not unspoken(project, view):
        raise NotReadyError("Somebody has said of every column when it is known.", hint="There is nothing to price.")
    key = f"{view.digest} {budget_seconds}"
    return project.jobs.start(
        "price", lambda job: price_run(project, author, job, budget_seconds), author=author, key=key
    )


def price_run(project: Project, author: str, job: Job, budget_seconds: float = BUDGET_SECONDS) -> Record:
    """Train the candidate again without each column, and without all of them, and record what that costs.

    Every training here, the one with all columns included, grows at most ``MOST_ROUNDS`` rounds: what is compared was
    made alike. All columns at once come first, then one by one in the order of how well each ranks alone, as long as
    the budget lasts; what is left is named.
    """
    began = time.monotonic()
    view = needed_run(project, None)
    record = run_record(project, view.digest)
    economics = project.head("economics")
    if economics is None:
        raise NotReadyError("There are no payoffs yet.", hint="Say on Frame what each outcome is worth.")
    mine = policy(project)
    candidate = mine.candidate if mine and mine.run == view.digest else default_candidate(view)
    names = _by_strength(project, unspoken(project, view))
    job.progress(0, len(names) + 2, "Training with every column")
    bench = _Bench(project, view, candidate, record, job)
    every = bench.scored(())
    found: list[ColumnPrice] = []
    unpriced: list[str] = []
    longest = 0.0
    for i, left_out in enumerate([names, *((name,) for name in names if len(names) > 1)]):
        if i and time.monotonic() - began + longest > budget_seconds:
            unpriced += left_out
            continue
        one = time.monotonic()
        what = left_out[0] if len(left_out) == 1 else f"all {len(left_out)} columns that nobody has spoken for"
        job.progress(i + 1, len(names) + 2, f"Training without {what}")
        found.append(ColumnPrice(left_out, bench.price(every, left_out)))
        longest = max(longest, time.monotonic() - one)
    single = found[1:] if len(names) > 1 else found
    result = {
        "currency": frame(project).economics.currency,
        "together": to_plain(found[0]),
        "columns": to_plain(sorted(single, key=lambda one: -one.price.per_year.value)),
        "unpriced": unpriced,
        "n_rounds": max(bench.rounds, default=0),
        "seconds": time.monotonic() - began,
    }
    job.check()
    parents = (view.digest, economics.digest)
    return project.save("prices", {"candidate": candidate}, author=author, parents=parents, result=result)


def _by_strength(project: Project, names: Sequence[str]) -> tuple[str, ...]:
    """Put columns in order of how well each ranks alone, as far as Quality has looked."""
    report = quality(project)
    alone = {column.name: column.auc or 0.5 for column in report.profile.columns} if report else {}
    return tuple(sorted(names, key=lambda name: (-alone.get(name, 0.5), name)))


class _Bench:
    """Trains one candidate without some columns, again and again, on the same rows and folds."""

    def __init__(self, project: Project, view: RunView, candidate: str, record: Record, job: Job) -> None:
        self._project, self._view, self._job = project, view, job
        self._rows: Rows
        self._parts: Assignment
        self._rows, self._parts = assignment(project)
        names = [column.name for column in view.columns]
        self._table: pa.Table = features(project, names, self._rows.row_number)
        self._found: RunRows = run_rows(project, view.digest, candidate)
        recorded = view.candidate(candidate).rounds
        self.rounds = tuple(min(n, MOST_ROUNDS) for n in recorded)
        quick = bool(recorded) and max(recorded) > MOST_ROUNDS
        rate = float(record.body["learning_rate"])
        self._settings = TrainSettings(
            seed=int(record.body["seed"]),
            candidates=(candidate,),
            rounds={candidate: self.rounds} if self.rounds else {},
            learning_rate=max(rate, QUICK_LEARNING_RATE) if quick else rate,
        )

    def scored(self, left_out: Sequence[str]) -> ScoredRows:
        """Return the rows scored out of fold by models that never saw some columns; the constant when none is left."""
        columns: tuple[ColumnSpec, ...] = tuple(one for one in self._view.columns if one.name not in left_out)
        settings: TrainSettings = self._settings
        if not columns:
            columns, settings = self._view.columns, replace(settings, candidates=("constant",), rounds={})
        silent: Mapping[str, object] = {"cancelled": self._job.cancelled}
        trained = train(
            self._table, self._rows.y, self._parts, columns, settings, groups=self._rows.groups, **silent
        ).candidates[0]
        self._job.check()
        return money_rows(self._project, self._found, np.isfinite(trained.score), trained.score, "training")

    def price(self, every: ScoredRows, left_out: Sequence[str]) -> Price:
        """Return what is lost without some columns."""
        fold = self._found.fold[np.isfinite(self._found.score)][every.kept]
        return price(every, self.scored(left_out), fold, frame(self._project).economics)


def price_lines(project: Project, digest: str) -> list[str]:
    """Say in sentences what the columns of unknown availability are worth, for the report on a run.

    Parameters
    ----------
    digest : the run that the report is about; prices of another run are not told.
    """
    view = needed_run(project, digest)
    names = [column.name for column in view.columns if column.availability == "unknown"]
    if not names:
        return []
    found = prices(project)
    if found is None or found.run != view.digest or found.together is None:
        they = f"{enumerated(names)} {'is' if len(names) == 1 else 'are'}"
        return [f"Nobody has said when {they} known, and what that may cost was not computed."]
    told = [
        f"Nobody has said when {one.columns[0]} is known. {_lost(one.price, found.currency)}" for one in found.columns
    ]
    if len(names) > 1:
        alone = f"Without all {len(names)} columns of which nobody has said when they are known, taken together: "
        told.append(alone + _lost(found.together.price, found.currency))
    if found.unpriced:
        told.append(f"Not priced, for the time was up: {enumerated(found.unpriced)}.")
    return told


def _lost(found: Price, currency: str) -> str:
    per_year = found.per_year
    ends = f"90 % interval {money_interval(per_year, currency)}"
    ranks = f"ROC AUC {number(found.roc_auc_with)} with, {number(found.roc_auc_without)} without, out of fold."
    if per_year.low <= 0 <= per_year.high:
        return f"What is lost if not there when we decide cannot be told from nothing ({ends} a year); {ranks}"
    if per_year.high < 0:
        return f"Without it the model does better, by {money(-per_year.value, currency)} a year ({ends}); {ranks}"
    return f"If not there when we decide, {money(per_year.value, currency)} a year are lost ({ends}); {ranks}"
