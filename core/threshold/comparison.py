"""A policy against today: money per year and over the horizon, with intervals, paired."""

from dataclasses import dataclass

import numpy as np

from core.frame.records import Economics
from core.threshold.bootstrap import FEW, Units, interval, replicate_sums, unit_sums, units, wider
from core.threshold.capacity import Acts, policy_acts, room_notes
from core.threshold.outcome import Outcome, Today, outcome_of, todays
from core.threshold.payoffs import check_volume, gains, horizon_value, net_value_per_year, row_weights
from core.threshold.rows import ScoredRows
from core.train.interval import Interval

MIN_POSITIVES = {"training": 200, "holdout": 50}


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made: ``alpha`` is the chance to miss, so that 0.1 gives 90 % intervals."""

    n_replicates: int = 1000
    seed: int = 0
    alpha: float = 0.10


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a policy is worth against today.

    Attributes
    ----------
    net_value_per_year : currency; rows_per_year × mean(gain under the policy − gain of today) − the cost of running.
    horizon_value : currency; horizon × net value per year − the cost of building.
    gain_per_row : currency; mean(gain under the policy − gain of today), without costs.
    win_share : share of replicates in which the net value per year is above 0, ties counted half.
    policy, today : what comes of each on these rows.
    today_name : which of the three today is.
    level : of the intervals, 0.9 unless said otherwise.
    unit, n_units : what was drawn, and of how many.
    notes : what a reader must know beside the figures, a sentence each.
    """

    net_value_per_year: Interval
    horizon_value: Interval
    gain_per_row: Interval
    win_share: float
    policy: Outcome
    today: Outcome
    today_name: str
    level: float
    unit: str
    n_units: int
    notes: tuple[str, ...] = ()


def compare(
    rows: ScoredRows, economics: Economics, threshold: float, resampling: Resampling | None = None
) -> Comparison:
    """Compare acting where score >= threshold with today, within the capacity, on the same resamples.

    Today is chosen on these rows and held fixed in every resample: see :func:`core.threshold.outcome.todays`.

    Raises
    ------
    FrameError
        When the rows per year are not known.
    """
    acts = policy_acts(rows, economics, threshold)
    z = linear(acts, gains(rows.y, economics.payoffs), row_weights(rows.y, economics))
    return compare_acts(rows, economics, acts.share, z, resampling)


def linear(
    acts: Acts, quantity: np.ndarray, weight: np.ndarray | None = None, own: np.ndarray | None = None
) -> np.ndarray:
    """Spread the sum of a quantity over acted rows so that sums over resampled rows follow the limited room.

    Where room binds, a resample with more rows above the cut does not act more often: the marginal row goes. So a row
    adds ``share · (quantity − m) + m · mean(share)``, with m the quantity of a marginal act; the sum over the sample
    itself stays Σ share · quantity. (The first-order term of a trimmed sum.)

    Parameters
    ----------
    acts : what is done about (n,) rows.
    quantity : (n,) what acting on a row brings.
    weight : (n,) how much a row counts, with mean 1.
    own : (n,) bool, the rows of which the result is wanted, so that their sum is the one that stays; None: all.

    Returns
    -------
    (m,), one for each of the m rows in ``own``.
    """
    own = np.ones(acts.share.size, dtype=bool) if own is None else own
    share, quantity_there = acts.share[own], quantity[own]
    if acts.marginal is None:
        return share * quantity_there
    marginal = float(acts.marginal @ quantity)
    return share * (quantity_there - marginal) + marginal * np.average(
        share, weights=None if weight is None else weight[own]
    )


def compare_acts(
    rows: ScoredRows, economics: Economics, share: np.ndarray, z: np.ndarray, resampling: Resampling | None = None
) -> Comparison:
    """Compare any way of acting with today.

    Parameters
    ----------
    share : (n,) how often the policy acts on each row.
    z : (n,) currency, what each row adds to the policy's gain in a resample (:func:`linear`).
    """
    check_volume(economics)
    how = resampling or Resampling()
    today = todays(rows, economics)
    weight = row_weights(rows.y, economics)
    today_z = linear(Acts(today.best.share, today.best.marginal), gains(rows.y, economics.payoffs), weight)
    policy = outcome_of(rows, economics, share)
    chosen = units(rows)
    gain, drawn, few = paired_gain(rows, economics, share - today.best.share, z - today_z, how)
    net = net_value_per_year(drawn, economics)
    return Comparison(
        net_value_per_year=_through(gain, economics, over_horizon=False),
        horizon_value=_through(gain, economics, over_horizon=True),
        gain_per_row=gain,
        win_share=float(np.mean(net > 0) + 0.5 * np.mean(net == 0)),
        policy=policy,
        today=today.best.outcome,
        today_name=today.name,
        level=1 - how.alpha,
        unit=chosen.name,
        n_units=chosen.n,
        notes=notes(rows, economics, chosen, today) + _few_differences(few),
    )


def paired_gain(
    rows: ScoredRows, economics: Economics, share: np.ndarray, z: np.ndarray, how: Resampling
) -> tuple[Interval, np.ndarray, bool]:
    """Compute by how much one way of acting gains more per row than another, on the same resamples.

    Parameters
    ----------
    share : (n,) how much more often the one acts on each row.
    z : (n,) currency, how much more each row adds to its gain in a resample (:func:`linear`).

    Returns
    -------
    The mean per row with its interval, the mean of every replicate, and whether the two differ on so few rows that the
    interval was widened for it.
    """
    chosen = units(rows)
    sums = unit_sums(class_columns(z, rows.y), chosen)
    extra = _unseen(rows, economics, share)
    value = mean_gain(sums.sum(axis=0, keepdims=True), economics.base_rate)[0]
    drawn = mean_gain(replicate_sums(sums, how.n_replicates, how.seed), economics.base_rate)
    gain = interval(value, drawn, how.alpha, chosen.n)
    if len(extra):
        padded = replicate_sums(np.concatenate([sums, extra]), how.n_replicates, how.seed)
        gain = wider(gain, interval(value, mean_gain(padded, economics.base_rate), how.alpha, chosen.n))
    return gain, drawn, len(extra) > 0


def class_columns(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (n, 4): z of positives, z of negatives, positives, negatives; :func:`mean_gain` reads their sums."""
    positive = (np.asarray(y) == 1).astype(np.float64)
    return np.stack([z * positive, z * (1 - positive), positive, 1 - positive], axis=1)


def mean_gain(sums: np.ndarray, base_rate: float | None) -> np.ndarray:
    """Mean of z over rows, from (b, 4) sums of :func:`class_columns`; each class at its true rate when one is given."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if base_rate is None:
            return (sums[:, 0] + sums[:, 1]) / (sums[:, 2] + sums[:, 3])
        return base_rate * sums[:, 0] / sums[:, 2] + (1 - base_rate) * sums[:, 1] / sums[:, 3]


def positive_notes(n_positive: int, part: str) -> tuple[str, ...]:
    """Say when there are too few positives to trust a figure; ``part`` is "training" or "holdout"."""
    least = MIN_POSITIVES[part]
    if n_positive >= least:
        return ()
    rows = "training rows" if part == "training" else "holdout"
    return (f"Only {n_positive:,} positives in the {rows} (fewer than {least}): every figure here is poorly known.",)


def notes(rows: ScoredRows, economics: Economics, chosen: Units, today: Today) -> tuple[str, ...]:
    """Collect what a reader must know beside the figures of a sample."""
    found = [*positive_notes(int(rows.y.sum()), rows.part), *rows.notes, *room_notes(rows, economics)]
    if economics.base_rate is not None:
        found.append(
            f"Rows are weighted from {float(rows.y.mean()):.3g} positives to the true {economics.base_rate:.3g}."
        )
    if rows.group is not None and chosen.name == "period":
        found.append("Whole periods are drawn; rows of one group in different periods count as independent.")
    if chosen.n < 2:
        found.append(f"There is only one {chosen.name}: no interval can be given.")
    if today.incumbent is not None and today.name != today.incumbent.name:
        found.append(
            f"{today.incumbent.name} is worth less than {today.name}, which is what the model is held against."
        )
    return tuple(found)


def _through(gain: Interval, economics: Economics, *, over_horizon: bool) -> Interval:
    ends = []
    for value in (gain.value, gain.low, gain.high):
        per_year = net_value_per_year(value, economics)
        ends.append(float(horizon_value(per_year, economics) if over_horizon else per_year))
    return Interval(*ends)


def _unseen(rows: ScoredRows, economics: Economics, difference: np.ndarray) -> np.ndarray:
    """One row of each outcome for every direction in which policy and today differ on few rows of one outcome.

    A bootstrap never draws what the sample does not hold: three rows left alone that all were negatives would make
    leaving them alone a certain gain. With fewer than five rows of either outcome, one more of each is drawn along.

    Returns
    -------
    (e, 4) sums as of :func:`class_columns`, without counting as rows.
    """
    extra = []
    gain = gains(np.array([1, 0]), economics.payoffs)
    for sign in (1.0, -1.0):
        there = sign * difference > 1e-9
        n, n_positive = int(there.sum()), int(rows.y[there].sum())
        if n and min(n_positive, n - n_positive) < FEW:
            size = sign * float(np.abs(difference[there]).mean())
            extra += [[size * gain[0], 0.0, 0.0, 0.0], [0.0, size * gain[1], 0.0, 0.0]]
    return np.array(extra).reshape(-1, 4)


def _few_differences(few: bool) -> tuple[str, ...]:
    if not few:
        return ()
    return (
        f"Policy and today differ on fewer than {FEW} rows of one outcome; the interval allows for one more of each.",
    )
