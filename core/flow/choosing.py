"""Threshold: money at every cut, what holds it back, and the policy that is chosen."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.errors import FrameError
from core.flow.common import needed
from core.flow.framing import frame
from core.flow.money import Kept, default_candidate, needed_run, scored
from core.flow.runs import RunView
from core.frame import Economics
from core.threshold import (
    Best,
    Comparison,
    CrossFitted,
    EqualTerms,
    ScoredRows,
    Today,
    ValueCurve,
    bayes_threshold,
    compare,
    cross_fitted,
    equal_terms,
    gains,
    policy_curve,
    policy_metrics,
    room,
    room_notes,
    thin,
    todays,
    uncorrected_threshold,
    value_curve,
)
from core.train.interval import Interval
from core.workspace import Project


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
    bayes : the score from which acting pays, from the payoffs alone; with a base rate of its own, the score that
        stands for that probability on these rows.
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


_sums = Kept(4)


_cuts = Kept(64)


def threshold_view(project: Project, digest: str | None = None, candidate: str | None = None) -> ThresholdView:
    """Return a candidate's money at every cut; the current run and its best candidate when not said.

    Raises
    ------
    NotReadyError
        When nothing is trained. FrameError when the economics do not allow a figure.
    """
    view = needed_run(project, digest)
    name = candidate or default_candidate(view)
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")
    key = (str(project.path), view.digest, name, economics.digest)
    sums = _sums.get(key, lambda: _summed(project, view, name))
    chosen = policy(project)
    mine = chosen if chosen and chosen.run == view.digest and chosen.candidate == name else None
    return _threshold_view(project, view, name, sums, mine.threshold if mine else sums.best.threshold)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What takes long about a candidate's money, and does not depend on the chosen policy."""

    rows: ScoredRows
    curve: ValueCurve
    within: ValueCurve
    today: Today
    best: Best
    fitted: CrossFitted
    equal: EqualTerms | None


def _summed(project: Project, view: RunView, name: str) -> _Sums:
    economics = frame(project).economics
    rows, found = scored(project, view, name)
    curve = value_curve(rows.score, gains(rows.y, economics.payoffs), rows.y)
    within = policy_curve(rows, economics)
    fitted = cross_fitted(rows, found.fold[np.isfinite(found.score)][rows.kept], economics)
    return _Sums(rows, curve, within, todays(rows, economics), fitted.in_sample, fitted, equal_terms(rows, economics))


def _threshold_view(project: Project, view: RunView, name: str, sums: _Sums, start: float) -> ThresholdView:
    economics = frame(project).economics
    rows, best = sums.rows, sums.best
    points = _points(rows, economics, sums.curve, sums.within, sums.today, best)
    keep = [start, best.threshold, *(point.threshold for point in points if point.threshold is not None)]
    return ThresholdView(
        run=view.digest,
        candidate=name,
        candidates=tuple(one.name for one in view.candidates),
        stale=view.stale,
        n_rows=rows.n_rows,
        n_positive=int(rows.y.sum()),
        n_scores=len(sums.curve.threshold) - 1,
        currency=economics.currency,
        curve=thin(sums.curve, 500, keep),
        within=thin(sums.within, 500, keep),
        points=points,
        best=best,
        cross_fitted=sums.fitted,
        bayes=_pays_from(rows, economics),
        today=sums.today,
        equal=sums.equal,
        notes=(*rows.notes, *room_notes(rows, economics)),
        start=start,
    )


def _pays_from(rows: ScoredRows, economics: Economics) -> float:
    """The score from which acting pays: resampled rows score higher or lower than the probability in production."""
    found = bayes_threshold(economics.payoffs)
    if economics.base_rate is None:
        return found
    return uncorrected_threshold(found, float(rows.y.mean()), economics.base_rate)


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
    view = needed_run(project, digest)
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
    view = needed_run(project, digest)
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
