"""The rows that money is computed on: score, outcome, and what is needed to hold a policy to its capacity."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import FrameError
from core.frame.records import Economics
from core.threshold.periods import whole_periods

Part = Literal["training", "holdout"]
MIN_SIMULATED_PERIODS = 2
NO_TIMES = np.empty(0, dtype="datetime64[us]")


@dataclass(frozen=True, slots=True)
class Times:
    """When the rows are decided.

    Attributes
    ----------
    at : (n,) datetime64 in UTC, the rows' own.
    elsewhere : (m,) datetime64 in UTC, of rows that exist but are not in the sample.
    time_zone : where a day begins at midnight.
    """

    at: np.ndarray
    elsewhere: np.ndarray
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Rows with a score and an outcome, in the order of the unit key.

    Attributes
    ----------
    score : (n,) float64 in [0, 1], for the positive class.
    y : (n,) int8, 1 is the positive class.
    today : (n,) bool, what the incumbent acts on; None without an incumbent.
    group : (n,) labels of rows that belong together; None when rows are independent.
    period : (n,) int64 codes from 0 of whole calendar periods; None when capacity is not simulated period by period.
    period_names : the name of each code.
    n_periods : whole calendar periods, those without a row included.
    arrival : (n,) numbers, smaller comes first; only with ``period``.
    part : "training" (scores out of fold) or "holdout".
    kept : (n,) int64, the position of each row among those given to :func:`scored_rows`.
    notes : what was left out or could not be done, a sentence each.
    """

    score: np.ndarray
    y: np.ndarray
    today: np.ndarray | None = None
    group: np.ndarray | None = None
    period: np.ndarray | None = None
    period_names: tuple[str, ...] = ()
    n_periods: int = 0
    arrival: np.ndarray | None = None
    part: Part = "training"
    kept: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.score.size)


def scored_rows(
    score: np.ndarray,
    y: np.ndarray,
    economics: Economics,
    *,
    times: Times | None = None,
    group: np.ndarray | None = None,
    today: np.ndarray | None = None,
    part: Part = "training",
) -> ScoredRows:
    """Put together the rows that money is computed on.

    Rows without a score are left out. With a capacity per day, week or month and at least two whole periods, rows of
    partial periods are left out too and capacity is simulated period by period; otherwise it will be a share of rows.

    Parameters
    ----------
    score : (n,) floats in [0, 1], nan where a row was never scored.
    y : (n,) 0 or 1, 1 is the positive class.
    economics : its capacity decides whether periods are needed.
    times : when rows are decided; None without a decision time. Give it for random splits as well: their periods turn
        out to be partial.
    group, today : (n,) as in :class:`ScoredRows`; a missing (null) entry of ``today`` is not an act.
    part : what the rows are.

    Raises
    ------
    FrameError
        When a score lies outside [0, 1] or no row has one.
    """
    score = np.asarray(score, dtype=np.float64)
    keep = ~np.isnan(score)
    if not keep.any():
        raise FrameError("No row has a score.", hint="Train a model first.")
    if score[keep].min() < 0 or score[keep].max() > 1:
        bad = float(score[keep].min()) if score[keep].min() < 0 else float(score[keep].max())
        raise FrameError(f"A score of {bad:g} is not a probability.", hint="Scores lie between 0 and 1.")
    capacity, notes, code, names, n_periods = economics.capacity, (), None, (), 0
    if capacity is not None and capacity.period != "year":
        unscored = times.at[~keep] if times else NO_TIMES
        elsewhere = np.concatenate([times.elsewhere, unscored]) if times else NO_TIMES
        at = times.at[keep] if times else NO_TIMES
        found = whole_periods(at, elsewhere, capacity.period, times.time_zone if times else "UTC")
        if len(found.names) >= MIN_SIMULATED_PERIODS:
            inside = np.zeros(score.size, dtype=bool)
            inside[keep] = found.code >= 0
            n_left_out = int(keep.sum() - inside.sum())
            notes = (f"{n_left_out:,} rows of partial {capacity.period}s are left out.",) if n_left_out else ()
            keep, code, names, n_periods = inside, found.code[found.code >= 0], found.names, found.n_calendar
        else:
            notes = (
                f"These rows hold fewer than {MIN_SIMULATED_PERIODS} whole {capacity.period}s, so capacity is taken as "
                f"a share of rows; that some {capacity.period}s are busier than others is not counted.",
            )
    return ScoredRows(
        score=score[keep],
        y=np.asarray(y, dtype=np.int8)[keep],
        today=None if today is None else np.equal(np.asarray(today)[keep], True),
        group=None if group is None else np.asarray(group)[keep],
        period=code,
        period_names=names,
        n_periods=n_periods,
        arrival=None if code is None or times is None else times.at[keep].astype("datetime64[us]").astype(np.int64),
        part=part,
        kept=np.flatnonzero(keep),
        notes=notes,
    )
