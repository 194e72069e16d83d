"""What nothing can be learnt from, said before the work begins."""

from collections.abc import Sequence

import numpy as np

from core.errors import TrainError
from core.scoring.contract import ColumnSpec
from core.train.split import Assignment

MIN_PER_CLASS = 10


def check_outcome(y: np.ndarray) -> None:
    """Refuse an outcome that nothing can be learnt from.

    Parameters
    ----------
    y : outcomes of the rows outside the holdout.

    Raises
    ------
    TrainError
        When they are not two values, 0 and 1, with at least ten rows each.
    """
    values, counts = np.unique(y, return_counts=True)
    hint = "Choose another target or positive class on Frame."
    if values.size > 2:
        raise TrainError(f"The outcome has {values.size} different values; a yes or no is needed.", hint=hint)
    if values.size < 2:
        raise TrainError("Every row to learn from has the same outcome, so there is nothing to tell apart.", hint=hint)
    if not np.array_equal(values, [0, 1]):
        raise TrainError(f"The outcome is {values[0]} or {values[1]}, not 0 or 1.", hint=hint)
    if counts.min() < MIN_PER_CLASS:
        which = "positive" if counts[1] < counts[0] else "negative"
        raise TrainError(
            f"Only {counts.min()} of {counts.sum():,} rows to learn from are {which}.",
            hint=f"At least {MIN_PER_CLASS} are needed, and 200 for figures to rely on: load more data, or rows "
            "from a longer time.",
        )


def check_learnable(y: np.ndarray, assignment: Assignment, columns: Sequence[ColumnSpec]) -> None:
    """Refuse what no candidate could learn from.

    Parameters
    ----------
    y : (n,) outcomes; those of the holdout are not looked at.
    assignment : where each row went.
    columns : the features.

    Raises
    ------
    TrainError
        When there is no feature, the outcome is none (see :func:`check_outcome`), or a fold learns from one class only.
    """
    if not columns:
        raise TrainError(
            "There is no column to learn from.",
            hint="Set the availability of columns on Quality, or add some in Prepare.",
        )
    check_outcome(np.asarray(y)[~assignment.holdout])
    for fold in [*range(assignment.n_folds), None]:
        learnt = np.asarray(y)[assignment.training_rows(fold)]
        if not 0 < int(learnt.sum()) < learnt.size:
            which = "the final model" if fold is None else f"fold {fold + 1}"
            raise TrainError(
                f"The {learnt.size:,} rows that {which} may learn from all have the same outcome.",
                hint="Choose fewer folds, or another split on Frame.",
            )
