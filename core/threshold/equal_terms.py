"""A model against the incumbent on equal terms: the same number of acts, or the same money."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from core.frame.records import Economics
from core.threshold.bootstrap import interval, replicate_sums, unit_sums, units
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
    other_acted, other_value = float(weight @ other.share), float(weight @ (other.share * gain))
    acts = np.bincount(place, weights=weight), np.bincount(place, weights=weight * gain)
    n_acted = _first_reaching(*acts, other_value)
    reached = bool(np.isfinite(n_acted))
    point = 1 - n_acted / other_acted if reached else float("nan")
    saved = _saved(rows, other, (weight, gain, place), how)
    enough = reached and np.isfinite(saved).mean() > 1 - how.alpha / 2
    spread = interval(point, saved, how.alpha, units(rows).n) if enough else Interval(point, np.nan, np.nan)
    return EqualValue(reached, n_acted if reached else float("nan"), other_acted, spread)


def _saved(
    rows: ScoredRows, other: Option, columns: tuple[np.ndarray, np.ndarray, np.ndarray], how: Resampling
) -> np.ndarray:
    """Replicates of the share of acts that are saved, with scores put into at most 2,000 cells of adjacent ones."""
    weight, gain, place = columns
    n_cells = min(N_CELLS, int(place.max()) + 1)
    cell = place * n_cells // (int(place.max()) + 1)
    chosen = units(rows)
    unit = np.arange(rows.n_rows) if chosen.code is None else chosen.code
    shape = (chosen.n, n_cells)
    acts = csr_array((weight, (unit, cell)), shape=shape).T
    value = csr_array((weight * gain, (unit, cell)), shape=shape).T
    taken = weight * other.share
    others = unit_sums(np.stack([taken, taken * gain], axis=1), chosen)
    rng, found = np.random.default_rng(how.seed), []
    for _ in range(min(VALUE_REPLICATES, how.n_replicates)):
        drawn = np.bincount(rng.integers(chosen.n, size=chosen.n), minlength=chosen.n).astype(np.float64)
        other_acted, other_value = drawn @ others
        reaching = _first_reaching(acts @ drawn, value @ drawn, other_value)
        found.append(1 - reaching / other_acted if other_acted > 0 else np.nan)
    return np.array(found)


def _first_reaching(acts: np.ndarray, value: np.ndarray, goal: float) -> float:
    """Acts at which the running value first reaches a goal, between two scores in proportion; infinite when never.

    Parameters
    ----------
    acts, value : (c,) rows acted on and currency won at each score, descending.
    """
    if goal <= 1e-9:
        return 0.0
    acted, left = np.r_[0.0, np.cumsum(acts)], np.r_[0.0, np.cumsum(value)] - goal
    reached = np.flatnonzero(left >= -1e-9)
    if not reached.size:
        return float("inf")
    i = int(reached[0])
    part = left[i - 1] / (left[i - 1] - left[i])
    return float(acted[i - 1] + part * (acted[i] - acted[i - 1]))
