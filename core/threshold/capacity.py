"""Which rows are acted on when there is room for so many only."""

from dataclasses import dataclass

import numpy as np

from core.frame.records import Economics
from core.scoring.policy import acted
from core.threshold.payoffs import check_volume, row_weights
from core.threshold.periods import PERIODS_PER_YEAR
from core.threshold.rows import ScoredRows

ENOUGH_PERIODS = 10
NEAR_CUT_SHARE = 0.02
NEAR_CUT_ROWS = (25, 1_000)


@dataclass(frozen=True, slots=True)
class Room:
    """How many of these rows can be acted on.

    Attributes
    ----------
    acts : at most so many rows in each period of ``period``, in the sample's volume; rarely a whole number.
    period : (n,) int64 codes; all 0 when the sample is one pool.
    pooled : the sample is one pool of which a share can be acted on.
    ratio : rows per period in the sample, as a share of those in production; 1 when pooled.
    """

    acts: float
    period: np.ndarray
    pooled: bool
    ratio: float


@dataclass(frozen=True, slots=True)
class Acts:
    """What is done about every row.

    Attributes
    ----------
    share : (n,) in [0, 1], how often a row is acted on: 1 or 0, or in between where it shares the last room with rows
        that nothing tells apart from it.
    marginal : (n,) weights that sum to 1, over the rows of which one more would be acted on if there were more room;
        None where room does not bind, or binds in each period by itself.
    """

    share: np.ndarray
    marginal: np.ndarray | None = None


def room(rows: ScoredRows, economics: Economics) -> Room | None:
    """Scale the capacity from production's volume to the sample's; None without a capacity.

    Per year, or without whole periods: n_actions × periods per year / rows_per_year of the rows. Otherwise n_actions ×
    (rows per whole calendar period of the sample) / (rows_per_year / periods per year).

    Raises
    ------
    FrameError
        When there is a capacity and the rows per year are not known.
    """
    capacity = economics.capacity
    if capacity is None:
        return None
    check_volume(economics)
    per_year = PERIODS_PER_YEAR[capacity.period]
    in_production = economics.rows_per_year / per_year
    if rows.period is None:
        acts = capacity.n_actions / in_production * rows.n_rows
        return Room(acts, np.zeros(rows.n_rows, dtype=np.int64), True, 1.0)
    ratio = rows.n_rows / rows.n_periods / in_production
    return Room(capacity.n_actions * ratio, rows.period, False, ratio)


def room_notes(rows: ScoredRows, economics: Economics) -> tuple[str, ...]:
    """Say, a sentence each, how capacity was brought to these rows and how far that can be trusted."""
    limit, capacity = room(rows, economics), economics.capacity
    if limit is None or capacity is None:
        return ()
    if limit.pooled:
        share = min(1.0, limit.acts / rows.n_rows)
        return (
            f"{capacity.n_actions:,} acts per {capacity.period} of {economics.rows_per_year:,.0f} rows per year are "
            f"{share:.3g} of rows: {min(limit.acts, rows.n_rows):,.1f} of these {rows.n_rows:,}.",
        )
    notes = []
    if abs(limit.ratio - 1) > 0.01:
        notes.append(
            f"These rows are {limit.ratio:.3g} of production's volume per {capacity.period}, so {capacity.n_actions:,} "
            f"acts count as {limit.acts:,.4g} here."
        )
    if len(rows.period_names) < ENOUGH_PERIODS:
        notes.append(
            f"Only {len(rows.period_names)} whole {capacity.period}s (fewer than {ENOUGH_PERIODS}): how much they "
            "differ is poorly known."
        )
    return tuple(notes)


def policy_acts(rows: ScoredRows, economics: Economics, threshold: float) -> Acts:
    """Say what is acted on at a threshold, within the capacity.

    "ranked": the best of each period at or above the threshold. "arrival": its first ones; where the sample is one
    pool, the order of arrival is not known and the room is shared evenly. Rows with one and the same score share the
    last room evenly, since a score cannot tell which of them comes first.
    """
    willing = acted(rows.score, threshold)
    limit = room(rows, economics)
    if limit is None or economics.capacity is None:
        return Acts(willing.astype(np.float64))
    if economics.capacity.allocation == "arrival":
        return _first_come(rows, economics, limit, willing)
    return best_acts(rows, economics, limit.acts, limit.period, willing)


def rule_acts(rows: ScoredRows, economics: Economics, willing: np.ndarray) -> Acts:
    """Say what a rule without a score acts on, within the capacity.

    Parameters
    ----------
    willing : (n,) bool, what the rule would act on. "ranked": nothing ranks these rows, so that the room is shared
        evenly among them. "arrival": first come, first served.
    """
    limit = room(rows, economics)
    if limit is None or economics.capacity is None:
        return Acts(willing.astype(np.float64))
    if economics.capacity.allocation == "arrival":
        return _first_come(rows, economics, limit, willing)
    return _shared_evenly(rows, economics, limit, willing)


def best_acts(
    rows: ScoredRows, economics: Economics, n_acts: float | np.ndarray, period: np.ndarray, willing: np.ndarray
) -> Acts:
    """Act on the willing rows with the highest scores.

    Parameters
    ----------
    n_acts : acts there is room for: in every period, or (n_periods,) in each.
    period : (n,) int64 codes from 0.
    willing : (n,) bool, rows that can be acted on at all.
    """
    weight = row_weights(rows.y, economics)
    share = fill(-rows.score, period, n_acts, weight) * willing
    if np.ndim(n_acts) or period.any() or share.sum() >= willing.sum() - 1e-9:
        return Acts(share)
    return Acts(share, _around_cut(rows.score, share, willing, weight))


def fill(key: np.ndarray, period: np.ndarray, n_acts: float | np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Share out the room of each period in ascending order of ``key``; equal keys share what is left evenly.

    Parameters
    ----------
    key : (n,) numbers.
    period : (n,) int64 codes from 0.
    n_acts : room in every period, or (n_periods,) in each.
    weight : (n,) how much room a row takes; 1 each when None.

    Returns
    -------
    (n,) in [0, 1]; ``weight`` × share never sums to more than the room of a period.
    """
    if not key.size:
        return np.empty(0)
    order = np.lexsort((key, period))
    sorted_period, sorted_key = period[order], key[order]
    new_period = np.r_[True, sorted_period[1:] != sorted_period[:-1]]
    new_tie = new_period | np.r_[True, sorted_key[1:] != sorted_key[:-1]]
    starts = np.flatnonzero(new_tie)
    tie = np.cumsum(new_tie) - 1
    taken = np.ones(key.size) if weight is None else weight[order]
    size = np.add.reduceat(taken, starts)
    before = np.cumsum(size) - size
    first_tie = tie[np.flatnonzero(new_period)]
    before -= np.repeat(before[first_tie], np.diff(np.r_[first_tie, size.size]))
    limit = n_acts if np.ndim(n_acts) == 0 else np.asarray(n_acts)[sorted_period[starts]]
    share = np.empty(key.size)
    share[order] = np.clip((limit - before) / size, 0.0, 1.0)[tie]
    return share


def _first_come(rows: ScoredRows, economics: Economics, limit: Room, willing: np.ndarray) -> Acts:
    if limit.pooled or rows.arrival is None:
        return _shared_evenly(rows, economics, limit, willing)
    weight = row_weights(rows.y, economics)
    share = np.zeros(rows.n_rows)
    subset = None if weight is None else weight[willing]
    share[willing] = fill(rows.arrival[willing], limit.period[willing], limit.acts, subset)
    return Acts(share)


def _shared_evenly(rows: ScoredRows, economics: Economics, limit: Room, willing: np.ndarray) -> Acts:
    weight = row_weights(rows.y, economics)
    wanted = willing.astype(np.float64) if weight is None else willing * weight
    total = np.bincount(limit.period, weights=wanted)
    part = np.minimum(1.0, limit.acts / np.where(total > 0, total, 1.0))
    share = willing * part[limit.period]
    binds = limit.pooled and total.size > 0 and total[0] > limit.acts
    return Acts(share, wanted / total[0] if binds else None)


def _around_cut(score: np.ndarray, share: np.ndarray, willing: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Weights of the rows around the last that room was left for: those tied with it and their neighbours in rank."""
    order = np.argsort(-score, kind="stable")
    order = order[willing[order]]
    cut = int(np.searchsorted(-share[order], -0.5, side="right"))
    last = int(np.searchsorted(-share[order], 0.0, side="left"))
    first = int(np.searchsorted(-share[order], -1.0, side="right"))
    width = int(np.clip(NEAR_CUT_SHARE * score.size, *NEAR_CUT_ROWS))
    near = order[min(first, max(0, cut - width)) : max(last, cut + width)]
    weights = np.zeros(score.size)
    weights[near] = 1.0 if weight is None else weight[near]
    return weights / weights.sum()
