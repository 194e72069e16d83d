"""Which rows are learnt from, which are judged on, and which nobody looks at before the verdict."""

from dataclasses import dataclass

import numpy as np

from core.errors import TrainError
from core.frame.records import SplitChoice
from core.train.hashing import hashed
from core.train.metrics import unit_codes

MIN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where every row went.

    Attributes
    ----------
    method : "random", "group", "order" or "time".
    holdout : (n,) bool, set aside for the verdict.
    fold : (n,) int8, 0 … n_folds − 1: the fold whose model scores the row; −1 for the holdout, and for rows that are
        never scored out of fold (the first block of a split in time, and rows inside the gap before the holdout).
    n_folds : how many folds there are; fewer than asked for when a time column has few distinct values.
    position : (n,) float64, the row's place in time (days) or order; None for random and group.
    gap : in units of ``position``, left out between what is learnt from and what is judged.
    fold_start : (n_folds,) position at which each fold begins; empty for random and group.
    holdout_start : position at which the holdout begins; inf for random and group.
    """

    method: str
    holdout: np.ndarray
    fold: np.ndarray
    n_folds: int
    position: np.ndarray | None = None
    gap: float = 0.0
    fold_start: tuple[float, ...] = ()
    holdout_start: float = float("inf")

    def training_rows(self, fold: int | None = None) -> np.ndarray:
        """Rows that the model of a fold may learn from.

        Parameters
        ----------
        fold : 0 … n_folds − 1; None for the final model, the one that the holdout judges.

        Returns
        -------
        (n,) bool. Random and group: every other fold. Order and time: only rows before the fold began (less the gap).
        """
        if self.position is None:
            return ~self.holdout & (self.fold != fold if fold is not None else True)
        start = self.holdout_start if fold is None else self.fold_start[fold]
        before = self.position < start - self.gap if self.gap else self.position < start
        return ~self.holdout & before

    def scored_rows(self, fold: int) -> np.ndarray:
        """(n,) bool, the rows that the model of a fold scores."""
        return self.fold == fold


def assign(
    n_rows: int,
    choice: SplitChoice,
    *,
    keys: np.ndarray | None = None,
    times: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    y: np.ndarray | None = None,
) -> Assignment:
    """Set the holdout aside and deal the rest into folds.

    Parameters
    ----------
    n_rows : rows, in the file's own order (which is what method "order" goes by).
    choice : method, shares and seed.
    keys : (n,) integers or strings that name a row, hashed by method "random"; the rows' numbers when None.
    times : (n,) datetime64 or numbers of days, for method "time".
    groups : (n,) labels, for method "group"; rows without one stand alone.
    y : (n,) 0 or 1; when given, random and group splits keep the share of positives even over holdout and folds.

    Returns
    -------
    The assignment. Random and group splits depend on which rows there are, not on their order.

    Raises
    ------
    TrainError
        When there are too few rows, groups or distinct times, a time is missing, or a share cannot be.
    """
    _check(n_rows, choice)
    y = np.zeros(n_rows, dtype=np.int8) if y is None else np.asarray(y, dtype=np.int8)
    if choice.method == "random":
        return _random(hashed(np.arange(1, n_rows + 1) if keys is None else keys, choice.seed), choice, y)
    if choice.method == "group":
        if groups is None:
            raise TrainError("The split is by group, but no group column is given.", hint="Choose one on Frame.")
        return _grouped(np.asarray(groups), choice, y)
    if choice.method == "time":
        return _ordered(_days(times, n_rows), choice, choice.gap_days)
    return _ordered(np.arange(n_rows, dtype=np.float64), choice, 0.0)


def _check(n_rows: int, choice: SplitChoice) -> None:
    if choice.method not in ("random", "group", "order", "time"):
        raise TrainError(f"There is no split {choice.method!r}.", hint="Choose random, group, order or time.")
    if n_rows < MIN_ROWS:
        raise TrainError(f"{n_rows} rows cannot be split.", hint=f"At least {MIN_ROWS} are needed; load more data.")
    if not 0 < choice.holdout_share <= 0.8:
        raise TrainError(f"A holdout share of {choice.holdout_share} cannot be.", hint="Choose one above 0, up to 0.8.")
    if not 2 <= choice.n_folds <= 20:
        raise TrainError(f"{choice.n_folds} folds cannot be.", hint="Choose from 2 to 20.")
    if choice.gap_days < 0:
        raise TrainError(f"A gap of {choice.gap_days} days cannot be.", hint="Choose 0 or more.")


def _random(hash_: np.ndarray, choice: SplitChoice, y: np.ndarray) -> Assignment:
    """Within each class, rows in order of their hash: first the holdout, then one block per fold."""
    holdout = np.zeros(y.size, dtype=bool)
    fold = np.full(y.size, -1, dtype=np.int8)
    order = np.argsort(hash_, kind="stable")
    for label in (1, 0):
        rows = order[y[order] == label]
        n_held = round(choice.holdout_share * rows.size)
        holdout[rows[:n_held]] = True
        rest = rows[n_held:]
        fold[rest] = np.arange(rest.size) * choice.n_folds // max(rest.size, 1)
    return Assignment("random", holdout, fold, choice.n_folds)


def _grouped(groups: np.ndarray, choice: SplitChoice, y: np.ndarray) -> Assignment:
    """Whole groups: in order of their hash into the holdout while they fit, the others to the emptiest fold."""
    unit = unit_codes(groups, y.size)
    first = np.unique(unit, return_index=True)[1]
    labels = groups[first]
    text = np.array([f"{label}\x1f{i if label is None else ''}" for i, label in enumerate(labels.tolist())])
    order = np.argsort(hashed(text, choice.seed), kind="stable")
    size, positives = np.bincount(unit), np.bincount(unit, weights=y)
    if size.size < choice.n_folds + 1:
        raise TrainError(
            f"The group column has {size.size} values; {choice.n_folds} folds and a holdout need {choice.n_folds + 1}.",
            hint="Choose another group column, fewer folds, or a random split on Frame.",
        )
    room = choice.holdout_share * y.size
    home = np.full(size.size, -2, dtype=np.int64)
    n_held = 0
    for code in order[: size.size - choice.n_folds].tolist():
        if n_held + size[code] / 2 <= room or not n_held:
            home[code], n_held = -1, n_held + int(size[code])
    _deal(home, order, size, positives, choice.n_folds)
    row_home = home[unit]
    return Assignment("group", row_home == -1, np.maximum(row_home, -1).astype(np.int8), choice.n_folds)


def _deal(home: np.ndarray, order: np.ndarray, size: np.ndarray, positives: np.ndarray, n_folds: int) -> None:
    """Give each group without a home to a fold: those with most positives first, to where there are fewest."""
    rest = order[home[order] == -2]
    rest = rest[np.lexsort((-size[rest], -positives[rest]))]
    load = [(0.0, 0, fold) for fold in range(n_folds)]
    n_left = rest.size
    for code in rest.tolist():
        empty = [entry for entry in load if entry[1] == 0]
        by_rows = positives[code] == 0
        among = empty if empty and n_left <= len(empty) else load
        chosen = min(among, key=lambda entry: (entry[1], entry[0], entry[2]) if by_rows else entry)
        home[code] = chosen[2]
        load[chosen[2]] = (chosen[0] + float(positives[code]), chosen[1] + int(size[code]), chosen[2])
        n_left -= 1


def _days(times: np.ndarray | None, n_rows: int) -> np.ndarray:
    """(n,) float64 days; missing times are refused."""
    if times is None:
        raise TrainError("The split is by time, but no time column is given.", hint="Choose one on Frame.")
    times = np.asarray(times)
    if times.dtype.kind == "M":
        missing = np.isnat(times)
        days = times.astype("datetime64[us]").astype(np.int64) / 86_400e6
    else:
        days = times.astype(np.float64)
        missing = ~np.isfinite(days)
    if missing.any():
        raise TrainError(
            f"{int(missing.sum())} of {n_rows} rows have no time, so they cannot be placed before or after others.",
            hint="Leave them out in Prepare, or choose another split on Frame.",
        )
    return days


def _ordered(position: np.ndarray, choice: SplitChoice, gap: float) -> Assignment:
    """The last share is the holdout; before it, blocks of equally many rows, the first of which is only learnt from."""
    value, counts = np.unique(position, return_counts=True)
    before = np.cumsum(counts) - counts  # rows strictly earlier than each value
    holdout_start = _first_value(value, before, (1 - choice.holdout_share) * position.size)
    holdout = position >= holdout_start
    usable = ~holdout & (position < holdout_start - gap if gap else True)
    edges = [
        _first_value(value, before, usable.sum() * block / (choice.n_folds + 1))
        for block in range(1, choice.n_folds + 1)
    ]
    first, last = position.min(), position[usable].max() if usable.any() else -np.inf
    starts = sorted({edge for edge in edges if edge > first + gap and edge <= last})
    if len(starts) < 2:
        raise TrainError(
            f"{value.size} distinct times with a gap of {gap:g} days leave fewer than two folds to judge on.",
            hint="Choose a shorter gap, a finer time column, or another split on Frame.",
        )
    fold = (np.searchsorted(np.array(starts), position, side="right") - 1).astype(np.int8)
    fold[~usable] = -1
    return Assignment(choice.method, holdout, fold, len(starts), position, gap, tuple(starts), float(holdout_start))


def _first_value(value: np.ndarray, before: np.ndarray, n_rows: float) -> float:
    """The first distinct value that has at least ``n_rows`` rows before it; the last one when none has."""
    return float(value[min(int(np.searchsorted(before, round(n_rows))), value.size - 1)])
