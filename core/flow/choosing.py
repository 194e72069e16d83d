"""Threshold: money at every cut, what holds it back, and the policy that is chosen."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np

from core.errors import FrameError, NotReadyError
from core.flow.common import needed
from core.flow.framing import frame
from core.flow.rows import todays_acts
from core.flow.training import RunRows, RunView, run, run_rows
from core.frame import Economics
from core.threshold import (
    Best,
    Comparison,
    CrossFitted,
    EqualTerms,
    ScoredRows,
    Times,
    Today,
    ValueCurve,
    bayes_threshold,
    best_threshold,
    compare,
    cross_fitted,
    equal_terms,
    gains,
    policy_curve,
    policy_metrics,
    room,
    room_notes,
    scored_rows,
    thin,
    todays,
    value_curve,
)
from core.train.interval import Interval
from core.workspace import Project

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Point:
    """A named way to act on the curve's rows: "none", "all", "incumbent", "optimum" (in-sample) or "capacity"."""

    kind: str
    name: str
    n_acted: float
    value: float
    threshold: float | None


@dataclass(frozen=True, slots=True)
class ThresholdView:
    """A candidate's money at every cut, on out-of-fold rows.

    Attributes
    ----------
    curve : exact at every distinct score, without a capacity. within : the same within the capacity.
    best : the best threshold within the capacity, in-sample. cross_fitted : money at thresholds that other folds chose.
    bayes : the probability from which acting pays, from the payoffs alone.
    start : the threshold to show first: the policy's, else the cut between these two that is in-sample best.
    """

    run: str
    candidate: str
    candidates: tuple[str, ...]
    stale: bool
    n_rows: int
    n_positive: int
    n_scores: int
    currency: str
    curve: ValueCurve
    within: ValueCurve
    points: tuple[Point, ...]
    best: Best
    cross_fitted: CrossFitted
    bayes: float
    today: Today
    equal: EqualTerms | None
    notes: tuple[str, ...]
    start: float


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What one threshold brings: money against today, and precision, recall and share acted on with intervals."""

    threshold: float
    comparison: Comparison
    metrics: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy that was chosen; a threshold of infinity acts on no row."""

    digest: str
    stale: bool
    run: str
    candidate: str
    threshold: float
    author: str
    created_at: datetime


class _Kept:
    """The last few values that took long, by what they were made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]  # type: ignore[return-value]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


_rows = _Kept(4)
_views = _Kept(8)
_cuts = _Kept(64)


def default_candidate(view: RunView) -> str:
    """Return the candidate that ranks best out of fold; the constant only when there is nothing else."""
    able = [one for one in view.candidates if one.family != "constant"] or list(view.candidates)
    return max(able, key=lambda one: one.metrics["roc_auc"].value).name


def _needed_run(project: Project, digest: str | None) -> RunView:
    found = run(project, digest)
    if found is None:
        raise NotReadyError("Nothing is trained yet.", hint="Train a model on the page Train.")
    return found


def scored(project: Project, view: RunView, candidate: str) -> tuple[ScoredRows, RunRows]:
    """Return a candidate's out-of-fold rows as money is computed on them, and the rows of the run they come from."""
    view.candidate(candidate)
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")
    key = (str(project.path), view.digest, candidate, economics.digest)

    def make() -> tuple[ScoredRows, RunRows]:
        found = run_rows(project, view.digest, candidate)
        return money_rows(project, found, np.isfinite(found.score), found.score, "training"), found

    return _rows.get(key, make)


def money_rows(project: Project, found: RunRows, part: np.ndarray, score: np.ndarray, name: str) -> ScoredRows:
    """Return some rows of a run as money is computed on them.

    Parameters
    ----------
    part : (n,) bool, which rows. score : (n,) floats in [0, 1] there. name : "training" or "holdout".
    """
    said = frame(project)
    economics = said.economics
    acts = todays_acts(project, economics, found.row_number, found.table)
    times = Times(found.at[part], found.at[~part], said.decision.time_zone) if found.at is not None else None
    return scored_rows(
        score[part],
        found.y[part],
        economics,
        times=times,
        group=found.group[part] if found.group is not None else None,
        today=acts[part] if acts is not None else None,
        part=name,
    )


def threshold_view(project: Project, digest: str | None = None, candidate: str | None = None) -> ThresholdView:
    """Return a candidate's money at every cut; the current run and its best candidate when not said.

    Raises
    ------
    NotReadyError
        When nothing is trained. FrameError when the economics do not allow a figure.
    """
    view = _needed_run(project, digest)
    name = candidate or default_candidate(view)
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")
    chosen = policy(project)
    mine = chosen if chosen and chosen.run == view.digest and chosen.candidate == name else None
    key = (str(project.path), view.digest, name, economics.digest, mine.digest if mine else "", view.stale)
    return _views.get(key, lambda: _threshold_view(project, view, name, mine))


def _threshold_view(project: Project, view: RunView, name: str, mine: PolicyView | None) -> ThresholdView:
    economics = frame(project).economics
    rows, found = scored(project, view, name)
    curve = value_curve(rows.score, gains(rows.y, economics.payoffs), rows.y)
    within = policy_curve(rows, economics)
    best = best_threshold(rows, economics)
    today = todays(rows, economics)
    fitted = cross_fitted(rows, found.fold[np.isfinite(found.score)][rows.kept], economics)
    start = mine.threshold if mine else best.threshold
    points = _points(rows, economics, curve, within, today, best)
    keep = [start, best.threshold, *(point.threshold for point in points if point.threshold is not None)]
    return ThresholdView(
        run=view.digest,
        candidate=name,
        candidates=tuple(one.name for one in view.candidates),
        stale=view.stale,
        n_rows=rows.n_rows,
        n_positive=int(rows.y.sum()),
        n_scores=len(curve.threshold) - 1,
        currency=economics.currency,
        curve=thin(curve, 500, keep),
        within=thin(within, 500, keep),
        points=points,
        best=best,
        cross_fitted=fitted,
        bayes=bayes_threshold(economics.payoffs),
        today=today,
        equal=equal_terms(rows, economics),
        notes=(*rows.notes, *room_notes(rows, economics)),
        start=start,
    )


def _points(
    rows: ScoredRows, economics: Economics, curve: ValueCurve, within: ValueCurve, today: Today, best: Best
) -> tuple[Point, ...]:
    kinds = ("none", "all", "incumbent")
    found = [
        Point(kind, option.name, option.outcome.n_acted, option.outcome.value, None)
        for kind, option in zip(kinds, today.options, strict=False)
    ]
    place = within.at(best.threshold)
    found.append(Point("optimum", "best in-sample", float(within.n_acted[place]), best.value, best.threshold))
    limit = room(rows, economics)
    if limit is not None and within.n_acted[-1] < curve.n_acted[-1]:
        full = int(np.searchsorted(within.n_acted, within.n_acted.max() * (1 - 1e-9)))
        n_acted, value = float(within.n_acted[full]), float(within.value[full])
        found.append(Point("capacity", "capacity", n_acted, value, float(within.threshold[full])))
    return tuple(found)


def at_threshold(project: Project, digest: str | None, candidate: str | None, threshold: float) -> AtThreshold:
    """Return what one threshold brings, with 90 % intervals, on out-of-fold rows."""
    view = _needed_run(project, digest)
    name = candidate or default_candidate(view)
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")

    def make() -> AtThreshold:
        rows, _ = scored(project, view, name)
        said = frame(project).economics
        return AtThreshold(threshold, compare(rows, said, threshold), policy_metrics(rows, said, threshold))

    return _cuts.get((str(project.path), view.digest, name, economics.digest, threshold), make)


def save_policy(project: Project, digest: str | None, candidate: str | None, threshold: float, author: str) -> None:
    """Choose a candidate and the threshold from which it is acted on.

    Raises
    ------
    FrameError
        When the threshold is not in [0, 1] (infinity acts on no row).
    """
    view = _needed_run(project, digest)
    name = candidate or default_candidate(view)
    view.candidate(name)
    if not (0 <= threshold <= 1 or threshold == math.inf):
        raise FrameError(f"A threshold of {threshold:g} is not possible.", hint="Choose one from 0 to 1.")
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")
    body = {"candidate": name, "threshold": None if threshold == math.inf else float(threshold)}
    project.save("policy", body, author=author, parents=(view.digest, economics.digest))


def policy(project: Project) -> PolicyView | None:
    """Return the policy that was chosen, or None."""
    record = project.head("policy")
    if record is None:
        return None
    said = record.body["threshold"]
    return PolicyView(
        record.digest,
        not project.is_current(record),
        record.parents[0],
        record.body["candidate"],
        math.inf if said is None else said,
        record.author,
        record.created_at,
    )
