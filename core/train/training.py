"""Trains the candidates under a budget, scores every row out of fold, and says how good each is."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pyarrow as pa

from core.errors import TrainError
from core.scoring.contract import ColumnSpec
from core.scoring.model import Calibrator, Family, ModelFiles
from core.scoring.scorer import Scorer
from core.scoring.sigmoid import sigmoid
from core.train.boosted import THREADS, learning_rate
from core.train.calibration import fit_sigmoid
from core.train.candidates import CANDIDATES, Candidate
from core.train.checks import check_learnable
from core.train.fitting import FitRows, Fitted, Growth
from core.train.interval import Interval
from core.train.metrics import metric_intervals, unit_codes
from core.train.pace import Pace, Watch
from core.train.split import Assignment

N_REPLICATES = 500


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What to try, and for how long.

    Attributes
    ----------
    budget_seconds : for all fits together, > 0.
    seed : of everything that is drawn.
    candidates : names in ``CANDIDATES``, trained in this order.
    rounds : a replay: by candidate, the rounds of each fold's model and then of the final one, as a result recorded
        them. The clock is not looked at then.
    learning_rate : of boosted trees, in (0, 1]; None takes a longer step where the budget is short for the data.
    """

    budget_seconds: float = 60.0
    seed: int = 0
    candidates: tuple[str, ...] = ("constant", "linear", "boosted_trees")
    rounds: Mapping[str, tuple[int, ...]] | None = None
    learning_rate: float | None = None


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """One candidate: its final model, and how it did on rows that its fold's model had not seen.

    Attributes
    ----------
    name, title, family : which it is.
    files : the final model, fitted on every row before or outside the holdout, and its calibrator.
    score : (n,) float64 in [0, 1], out of fold and calibrated; nan where a row was not scored (holdout and the like).
    margin : (n,) float64, the score's log-odds.
    n_rounds : of the final model; 0 for a model without rounds.
    rounds : of each fold's model and then of the final one; empty for a model without rounds.
    params : what was set and chosen, plain values.
    cut_short : how many of the fits, the final one included, ran out of time before they had the rounds they wanted.
    fit_seconds : for all folds and the final model.
    metrics : ``roc_auc``, ``pr_auc``, ``brier``, ``log_loss`` of the out-of-fold scores, ranked within folds.
    size_bytes : of the files.
    """

    name: str
    title: str
    family: Family
    files: ModelFiles
    score: np.ndarray
    margin: np.ndarray
    n_rounds: int
    rounds: tuple[int, ...]
    params: dict[str, object]
    cut_short: int
    fit_seconds: float
    metrics: dict[str, Interval]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TrainResult:
    """All candidates, in the order of the settings; a replay follows ``rounds`` and ``learning_rate``."""

    candidates: tuple[CandidateResult, ...]
    rounds: dict[str, tuple[int, ...]]
    learning_rate: float


def train(
    features: pa.Table,
    y: np.ndarray,
    assignment: Assignment,
    columns: Sequence[ColumnSpec],
    settings: TrainSettings | None = None,
    *,
    groups: np.ndarray | None = None,
    **watch: Unpack[Watch],
) -> TrainResult:
    """Train every candidate on every fold, then on all rows but the holdout.

    Everything fitted (levels, medians, scales, rounds, penalties) is fitted on the rows that the fold may learn from.
    A fold's margins are calibrated on the out-of-fold margins of the other folds, the final model's on all of them.
    The same inputs give the same bytes while the budget does not bite, and always when ``settings.rounds`` is given.

    Parameters
    ----------
    features : n rows with at least ``columns``; those of the holdout are never looked at.
    y : (n,) int8, 1 is the positive class; anything in the holdout.
    assignment : where each row went.
    columns : the features.
    settings : what to try; the defaults when None.
    groups : (n,) labels of rows that belong together, for intervals and inner splits; None when rows stand alone.
    watch : ``progress(work done, work in all, what is being done)``; ``cancelled()``, asked at every tree.

    Raises
    ------
    TrainError
        When there is nothing to learn from: no feature, not two classes, fewer than ten rows of one, a fold that may
        learn from one class only; or when a candidate is not known.
    CancelledError
        When somebody stopped the training.
    """
    settings = settings or TrainSettings()
    unknown = [name for name in settings.candidates if name not in CANDIDATES]
    if unknown or not settings.candidates:
        raise TrainError(f"There is no candidate {unknown}.", hint=f"Choose from {', '.join(CANDIDATES)}.")
    if settings.learning_rate is not None and not 0 < settings.learning_rate <= 1:
        raise TrainError(f"A learning rate of {settings.learning_rate} cannot be.", hint="Choose one above 0, up to 1.")
    if not settings.budget_seconds > 0:
        raise TrainError(f"A budget of {settings.budget_seconds} s cannot be.", hint="Choose one above 0.")
    check_learnable(y, assignment, columns)
    used = np.flatnonzero(~assignment.holdout)
    rows = FitRows(
        features.select([column.name for column in columns]).take(pa.array(used)),
        np.asarray(y)[used].astype(np.int8),
        tuple(columns),
        None if groups is None else unit_codes(np.asarray(groups)[used]),
        None if assignment.position is None else assignment.position[used],
        settings.seed,
    )
    course = _Course(rows, assignment, used, settings, watch)
    results = tuple(course.result(CANDIDATES[name]) for name in settings.candidates)
    course.pace.finish()
    return TrainResult(results, {one.name: one.rounds for one in results if one.rounds}, course.learning_rate)


class _Course:
    """One training under way: the rows outside the holdout, the folds, the clock."""

    def __init__(
        self,
        rows: FitRows,
        assignment: Assignment,
        used: np.ndarray,
        settings: TrainSettings,
        watch: Watch,
    ) -> None:
        self.rows, self.assignment, self.settings, self.used = rows, assignment, settings, used
        self.fold = assignment.fold[used]
        self.folds = [*range(assignment.n_folds), None]
        self.learnt = [assignment.training_rows(fold)[used] for fold in self.folds]
        weights = [
            CANDIDATES[name].cost * float(learnt.sum()) for name in settings.candidates for learnt in self.learnt
        ]
        self.pace = Pace(weights, settings.budget_seconds, settings.rounds is None, **watch)
        self.learning_rate = settings.learning_rate or self._learning_rate()

    def result(self, candidate: Candidate) -> CandidateResult:
        """Train one candidate on every fold and on all rows, calibrate it, and judge it."""
        began = time.monotonic()
        raw = np.full(self.fold.size, np.nan)
        fitted: list[Fitted] = []
        for i, fold in enumerate(self.folds):
            name = "final model" if fold is None else f"fold {fold + 1} of {self.assignment.n_folds}"
            self.pace.start(f"{candidate.title}: {name}")
            growth = Growth(self.learning_rate, self._rounds(candidate, i, fitted), whole=fold is None)
            one = candidate.fit(self.rows.take(self.learnt[i]), self.pace, growth)
            fitted.append(one)
            if fold is not None:
                judged = pa.array(self.fold == fold)
                raw[self.fold == fold] = Scorer.from_files(one.files, threads=THREADS).raw_margin(
                    self.rows.table.filter(judged)
                )
        fit_seconds = time.monotonic() - began
        return self._judged(candidate, fitted, raw, fit_seconds)

    def _learning_rate(self) -> float:
        """The step that the largest fit's part of the budget allows."""
        costs = sum(CANDIDATES[name].cost for name in self.settings.candidates)
        seconds = self.settings.budget_seconds / max(costs, 1.0) / len(self.folds)
        return learning_rate(max(int(learnt.sum()) for learnt in self.learnt), len(self.rows.columns), seconds)

    def _rounds(self, candidate: Candidate, i: int, fitted: Sequence[Fitted]) -> int | None:
        """Rounds to grow: as recorded; for the final model as the folds chose; None to choose."""
        if not candidate.grows:
            return None
        recorded = (self.settings.rounds or {}).get(candidate.name)
        if recorded is not None:
            if len(recorded) != len(self.folds):
                raise TrainError(
                    f"{len(recorded)} rounds are recorded for {candidate.title}, {len(self.folds)} models are trained.",
                    hint="Replay with the split that the rounds were recorded with.",
                )
            return int(recorded[i])
        if self.folds[i] is not None:
            return None
        return _final_rounds(fitted, np.array([learnt.sum() for learnt in self.learnt[:-1]]))

    def _judged(self, candidate: Candidate, fitted: list[Fitted], raw: np.ndarray, seconds: float) -> CandidateResult:
        scored = self.fold >= 0
        calibrators = [self._calibrator(candidate, raw, scored & (self.fold != fold)) for fold in self.folds[:-1]]
        margin = np.full(self.assignment.fold.size, np.nan)
        for fold, calibrator in enumerate(calibrators):
            own = self.fold == fold
            margin[self.used[own]] = calibrator.slope * raw[own] + calibrator.intercept
        score = np.full(margin.size, np.nan)
        score[self.used[scored]] = sigmoid(margin[self.used[scored]])
        units = None if self.rows.units is None else self.rows.units[scored]
        final = fitted[-1]
        files = {**final.files, "model/calibrator.json": self._calibrator(candidate, raw, scored).to_bytes()}
        rounds = tuple(one.n_rounds for one in fitted) if candidate.grows else ()
        return CandidateResult(
            name=candidate.name,
            title=candidate.title,
            family=candidate.family,
            files=files,
            score=score,
            margin=margin,
            n_rounds=final.n_rounds,
            rounds=rounds,
            params=final.params,
            cut_short=sum(one.cut for one in fitted),
            fit_seconds=seconds,
            metrics=metric_intervals(
                self.rows.y[scored],
                score[self.used[scored]],
                units,
                self.fold[scored],
                N_REPLICATES,
                self.settings.seed,
            ),
            size_bytes=sum(len(content) for content in files.values()),
        )

    def _calibrator(self, candidate: Candidate, raw: np.ndarray, rows: np.ndarray) -> Calibrator:
        """Fit on out-of-fold margins; a constant is calibrated as it is."""
        if candidate.family == "constant":
            return Calibrator()
        return fit_sigmoid(raw[rows], self.rows.y[rows], self.fold[rows])


def _final_rounds(fitted: Sequence[Fitted], n_learnt: np.ndarray) -> int:
    """The median of what the folds chose; of those that had the time for it, the most that any got to when none had.

    The early folds of a split in time learn from little, and stop sooner for it: they have no say.
    """
    chosen = np.array([one.n_rounds for one in fitted])
    in_time = np.array([not one.cut for one in fitted])
    large = n_learnt >= n_learnt.max() / 2
    for say in (in_time & large, in_time):
        if say.any():
            return int(np.median(chosen[say]))
    return int(chosen.max())
