"""A model against the incumbent on equal terms: the same number of acts, or the same money."""

from dataclasses import dataclass

import numpy as np

from core.frame.records import Economics
from core.threshold.bootstrap import Units, interval, replicate_sums, unit_sums, units
from core.threshold.capacity import Acts, best_acts
from core.threshold.comparison import Resampling, class_columns, linear, mean_gain
from core.threshold.outcome import Option, outcome_of, todays
from core.threshold.payoffs import check_volume, gains, row_weights
from core.threshold.rows import ScoredRows
from core.train.interval import Interval

VALUE_REPLICATES = 200
N_CELLS = 2_000


@dataclass(frozen=True, slots=True)
class EqualVolume:
    """The model acts on as many rows as the other, in each period where capacity is simulated.

    Attributes
    ----------
    n_acted : rows acted on by each.
    right, other_right : positives among them.
    value_per_year : currency, how much more the model gains in a year; the costs of running are not in it.
    win_share : share of replicates in which the model gains more, ties counted half.
    """

    n_acted: float
    right: float
    other_right: float
    value_per_year: Interval
    win_share: float


@dataclass(frozen=True, slots=True)
class EqualValue:
    """The fewest acts with which the model gains as much as the other.

    Attributes
    ----------
    reached : the model gains as much at some threshold; if not, the rest says nothing.
    n_acted, other_acted : rows acted on by each, capacity per period not counted.
    saved_share : share of the other's acts that the model does without; nan ends when too few replicates reach it.
    """

    reached: bool
    n_acted: float
    other_acted: float
    saved_share: Interval


@dataclass(frozen=True, slots=True)
class EqualTerms:
    """Both comparisons with ``other``: the incumbent, or today where there is none."""

    other: str
    volume: EqualVolume
    value: EqualValue


def equal_terms(rows: ScoredRows, economics: Economics, resampling: Resampling | None = None) -> EqualTerms | None:
    """Compare a model's ranking with the incumbent's acts, whatever threshold is chosen.

    Returns
    -------
    None where the other acts on no row or on every row: then a ranking has nothing to be compared with.

    Raises
    ------
    FrameError
        When the rows per year are not known.
    """
    check_volume(economics)
    today = todays(rows, economics)
    other = today.incumbent or today.best
    if other.share.sum() <= 0 or other.share.min() >= 1:
        return None
    how = resampling or Resampling()
    volume = _equal_volume(rows, economics, other, how)
    return EqualTerms(other.name, volume, _equal_value(rows, economics, other, how))


def _equal_volume(rows: ScoredRows, economics: Economics, other: Option, how: Resampling) -> EqualVolume:
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    taken = other.share if weight is None else other.share * weight
    everyone = np.ones(rows.n_rows, dtype=bool)
    if rows.period is None:
        period: np.ndarray = np.zeros(rows.n_rows, dtype=np.int64)
        acts = best_acts(rows, economics, float(taken.sum()), period, everyone)
    else:
        acts = best_acts(rows, economics, np.bincount(rows.period, weights=taken), rows.period, everyone)
    marginal = 0.0 if acts.marginal is None else float(acts.marginal @ gain)
    if other.marginal is None:
        z = (acts.share - other.share) * (gain - marginal)
    else:
        fixed = Acts(other.share, other.marginal)
        z = linear(acts, gain, weight) - linear(fixed, gain, weight)
    chosen = units(rows)
    sums = unit_sums(class_columns(z, rows.y), chosen)
    value = float(mean_gain(sums.sum(axis=0, keepdims=True), economics.base_rate)[0])
    drawn = mean_gain(replicate_sums(sums, how.n_replicates, how.seed), economics.base_rate)
    scale = economics.rows_per_year
    return EqualVolume(
        n_acted=float(other.share.sum()),
        right=outcome_of(rows, economics, acts.share).tp,
        other_right=other.outcome.tp,
        value_per_year=interval(scale * value, scale * drawn, how.alpha, chosen.n),
        win_share=float(np.mean(drawn > 0) + 0.5 * np.mean(drawn == 0)),
    )


def _equal_value(rows: ScoredRows, economics: Economics, other: Option, how: Resampling) -> EqualValue:
    weight, gain = row_weights(rows.y, economics), gains(rows.y, economics.payoffs)
    weight = np.ones(rows.n_rows) if weight is None else weight
    _, place = np.unique(-rows.score, return_inverse=True)
    acted, value = _curve(place, weight, gain, other)
    n_acted = _first_reaching(acted, value)
    other_acted = float(weight @ other.share)
    place = place * N_CELLS // (int(place.max()) + 1) if place.max() >= N_CELLS else place
    chosen, saved = units(rows), []
    rng = np.random.default_rng(how.seed)
    for _ in range(min(VALUE_REPLICATES, how.n_replicates)):
        drawn = weight * _counts(rng, chosen, rows.n_rows)
        taken = float(drawn @ other.share)
        saved.append(1 - _first_reaching(*_curve(place, drawn, gain, other)) / taken if taken > 0 else np.nan)
    reached = bool(np.isfinite(n_acted))
    point = 1 - n_acted / other_acted if reached else float("nan")
    enough = reached and np.isfinite(saved).mean() > 1 - how.alpha / 2
    spread = interval(point, np.array(saved), how.alpha, chosen.n) if enough else Interval(point, np.nan, np.nan)
    return EqualValue(reached, n_acted if reached else float("nan"), other_acted, spread)


def _counts(rng: np.random.Generator, chosen: Units, n_rows: int) -> np.ndarray:
    drawn = np.bincount(rng.integers(chosen.n, size=chosen.n), minlength=chosen.n)
    return drawn if chosen.code is None else drawn[chosen.code]


def _curve(place: np.ndarray, weight: np.ndarray, gain: np.ndarray, other: Option) -> tuple[np.ndarray, np.ndarray]:
    """Acts and value less the other's value, at every distinct score in descending order, starting at none."""
    acted = np.cumsum(np.bincount(place, weights=weight))
    value = np.cumsum(np.bincount(place, weights=weight * gain))
    return np.r_[0.0, acted], np.r_[0.0, value] - float(weight @ (other.share * gain))


def _first_reaching(acted: np.ndarray, value: np.ndarray) -> float:
    """Acts at which value first reaches 0, between two scores in proportion; infinite when it never does."""
    reached = np.flatnonzero(value >= -1e-9)
    if not reached.size:
        return float("inf")
    i = int(reached[0])
    if i == 0:
        return 0.0
    part = value[i - 1] / (value[i - 1] - value[i]) if value[i] != value[i - 1] else 1.0
    return float(acted[i - 1] + part * (acted[i] - acted[i - 1]))
