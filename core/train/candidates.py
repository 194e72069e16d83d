"""The models that are tried, from cheap to dear."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.scoring.encode import Encoder
from core.scoring.model import Calibrator, Family, save_linear
from core.train.boosted import fit_boosted
from core.train.columns import MAX_LEVELS
from core.train.fitting import FitRows, Fitted, Growth
from core.train.linear import fit_linear
from core.train.pace import Pace


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to learn.

    Attributes
    ----------
    name : as settings and records call it.
    title : as a person reads it.
    family : of the model that comes out.
    cost : of a fit, against boosted trees on the same rows; shares out progress and time.
    grows : whether it has rounds, which are chosen inside a fold, recorded, and carried over to the final model.
    fit : what learns.
    """

    name: str
    title: str
    family: Family
    cost: float
    grows: bool
    fit: Callable[[FitRows, Pace, Growth], Fitted]


def fit_constant(rows: FitRows, pace: Pace) -> Fitted:
    """Score every row with the share of positives: what any model has to beat.

    Raises
    ------
    CancelledError
        When somebody stopped the training.
    """
    pace.check()
    encoder = Encoder.fit(rows.table, rows.columns, max_levels=MAX_LEVELS)
    n_positive = int(rows.y.sum())
    share = (n_positive + 0.5) / (rows.y.size + 1.0)
    return Fitted(save_linear(math.log(share / (1 - share)), (), encoder, Calibrator()), 0, {"positive_share": share})


CANDIDATES = {
    candidate.name: candidate
    for candidate in (
        Candidate("constant", "Constant", "constant", 0.01, False, lambda rows, pace, _: fit_constant(rows, pace)),
        Candidate("linear", "Linear model", "linear", 0.15, False, lambda rows, pace, _: fit_linear(rows, pace)),
        Candidate("boosted_trees", "Boosted trees", "boosted_trees", 1.0, True, fit_boosted),
    )
}
