"""What a candidate is given to learn from, how it holds rows back inside, and what it gives back."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.scoring.contract import ColumnSpec
from core.scoring.model import ModelFiles
from core.train.hashing import hashed

SMALL = 10_000
INNER_SHARE = 0.15
INNER_FOLDS = 4


@dataclass(frozen=True, slots=True)
class FitRows:
    """The rows that one fit may learn from, and nothing else.

    Attributes
    ----------
    table : n rows with at least the columns of ``columns``.
    y : (n,) int8, 1 is the positive class.
    columns : what each column is.
    units : (n,) int64, rows of one number belong together; None when each row stands alone.
    position : (n,) float64 place in time or order; None when there is none.
    seed : of everything that is drawn.
    """

    table: pa.Table
    y: np.ndarray
    columns: tuple[ColumnSpec, ...]
    units: np.ndarray | None = None
    position: np.ndarray | None = None
    seed: int = 0

    def take(self, rows: np.ndarray) -> "FitRows":
        """Return some of the rows, by a (n,) bool mask."""
        return replace(
            self,
            table=self.table.filter(pa.array(rows, type=pa.bool_())),
            y=self.y[rows],
            units=None if self.units is None else self.units[rows],
            position=None if self.position is None else self.position[rows],
        )


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown; a model without rounds does not look at it.

    Attributes
    ----------
    learning_rate : how much of each tree is kept, in (0, 1]; the same for every fold and the final model.
    rounds : choose nothing and grow so many trees (fewer only when time runs out); a replay when it is the number that
        an earlier fit of the same rows recorded. None chooses.
    whole : hold no row back to choose by; needs ``rounds``.
    """

    learning_rate: float
    rounds: int | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model and what was chosen on the way.

    Attributes
    ----------
    files : the model, its calibrator still the identity.
    n_rounds : trees, or 0 where a model has none.
    params : plain values, to be recorded.
    cut : whether time ran out before the rounds were chosen or grown.
    """

    files: ModelFiles
    n_rounds: int
    params: dict[str, object]
    cut: bool = False


def n_inner(n_rows: int) -> int:
    """How many times rows are held back inside a fit of so many rows."""
    return INNER_FOLDS if n_rows < SMALL else 1


def inner_splits(rows: FitRows) -> list[np.ndarray]:
    """Hold back rows inside a fit, to choose rounds or the strength of a penalty by.

    Returns
    -------
    (n,) bool masks of the rows held back. With few rows, four masks that cover every row once; from 10,000 rows on one
    mask of 15 %, the latest when rows have a place in time. Units stay whole, classes are held back evenly.
    Empty when a class is too small for that.
    """
    n_masks = n_inner(rows.y.size)
    small = n_masks > 1
    n_parts = INNER_FOLDS if small else round(1 / INNER_SHARE)
    if not small and rows.position is not None:
        masks = [rows.position >= np.quantile(rows.position, 1 - INNER_SHARE)]
    else:
        part = _parts(rows, n_parts)
        masks = [part == k for k in range(n_masks)]
    return masks if all(_both(rows.y[mask]) and _both(rows.y[~mask]) for mask in masks) else []


def _parts(rows: FitRows, n_parts: int) -> np.ndarray:
    """(n,) a part for each row, by hash: within each class when rows stand alone, else for whole units."""
    n = rows.y.size
    if rows.units is not None:
        labels, unit = np.unique(rows.units, return_inverse=True)
        order = np.argsort(hashed(np.arange(labels.size), rows.seed + 1), kind="stable")
        part_of_unit = np.empty(labels.size, dtype=np.int64)
        part_of_unit[order] = np.arange(labels.size) % n_parts
        return part_of_unit[unit]
    order = np.argsort(hashed(np.arange(n), rows.seed + 1), kind="stable")
    part = np.empty(n, dtype=np.int64)
    for label in (0, 1):
        members = order[rows.y[order] == label]
        part[members] = np.arange(members.size) % n_parts
    return part


def _both(y: np.ndarray) -> bool:
    return bool(y.size) and 0 < int(y.sum()) < y.size
