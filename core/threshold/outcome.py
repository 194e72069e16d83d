"""What comes of acting: right and wrong acts, precision, recall and money."""

from dataclasses import dataclass

import numpy as np

from core.frame.records import Economics
from core.threshold.capacity import policy_acts, rule_acts
from core.threshold.payoffs import gains, row_weights
from core.threshold.rows import ScoredRows

NONE, ALL = "acting on none", "acting on all"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The confusion matrix of a policy on a sample, and its money.

    Attributes
    ----------
    n_rows, n_positive : size of the sample.
    n_acted, tp, fp, fn, tn : counts of rows; not whole where capacity is shared among rows.
    precision : share of acts that are right, nan without an act; at the true base rate when one is given.
    recall : share of positives acted on, nan without a positive.
    share_acted : share of rows acted on, at the true base rate when one is given.
    value : currency, what the sample gains against acting on none; at the true base rate when one is given.
    gain_per_row : ``value`` / ``n_rows``.
    """

    n_rows: int
    n_positive: int
    n_acted: float
    tp: float
    fp: float
    fn: float
    tn: float
    precision: float
    recall: float
    share_acted: float
    value: float
    gain_per_row: float


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be done without a model.

    Attributes
    ----------
    name : "acting on none", "acting on all" or the incumbent's.
    share : (n,) how often each row is acted on, within the capacity.
    marginal : as in :class:`core.threshold.capacity.Acts`.
    outcome : what comes of it.
    """

    name: str
    share: np.ndarray
    marginal: np.ndarray | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Today:
    """The best that can be done without a model, chosen on the sample.

    Attributes
    ----------
    best : the option with the highest value; an earlier one on a tie.
    options : act on none, act on all and, if there is one, the incumbent.
    """

    best: Option
    options: tuple[Option, ...]

    @property
    def name(self) -> str:
        """The best option's name."""
        return self.best.name

    @property
    def value(self) -> float:
        """Currency, what the sample gains with it against acting on none."""
        return self.best.outcome.value

    @property
    def incumbent(self) -> Option | None:
        """What is done today, if anybody said."""
        return self.options[2] if len(self.options) > 2 else None


def outcome(rows: ScoredRows, economics: Economics, threshold: float) -> Outcome:
    """Compute what comes of acting where score >= threshold, within the capacity."""
    return outcome_of(rows, economics, policy_acts(rows, economics, threshold).share)


def outcome_of(rows: ScoredRows, economics: Economics, share: np.ndarray) -> Outcome:
    """Compute what comes of acting on rows.

    Parameters
    ----------
    share : (n,) in [0, 1], how often each row is acted on.
    """
    positive = rows.y == 1
    n, n_positive = rows.n_rows, int(positive.sum())
    tp, acted = float(share[positive].sum()), float(share.sum())
    weight = row_weights(rows.y, economics)
    weighted = share if weight is None else share * weight
    acts, hits = float(weighted.sum()), float(weighted[positive].sum())
    value = float(weighted @ gains(rows.y, economics.payoffs))
    return Outcome(
        n_rows=n,
        n_positive=n_positive,
        n_acted=acted,
        tp=tp,
        fp=acted - tp,
        fn=n_positive - tp,
        tn=n - n_positive - acted + tp,
        precision=hits / acts if acts > 0 else float("nan"),
        recall=tp / n_positive if n_positive else float("nan"),
        share_acted=acts / n if n else float("nan"),
        value=value,
        gain_per_row=value / n if n else float("nan"),
    )


def todays(rows: ScoredRows, economics: Economics) -> Today:
    """Find the best of acting on none, acting on all and the incumbent, each within the same capacity.

    The choice is made on these very rows and then held fixed. The best of three on a sample looks a little better than
    it is, so that a model's advantage over it comes out a little too small rather than too large.
    """
    names = [NONE, ALL]
    masks = [np.zeros(rows.n_rows, dtype=bool), np.ones(rows.n_rows, dtype=bool)]
    if rows.today is not None:
        names.append(economics.incumbent.name if economics.incumbent else "today's rule")
        masks.append(rows.today)
    options = []
    for name, mask in zip(names, masks, strict=True):
        acts = rule_acts(rows, economics, mask)
        options.append(Option(name, acts.share, acts.marginal, outcome_of(rows, economics, acts.share)))
    best = max(options, key=lambda option: option.outcome.value)
    return Today(best, tuple(options))
