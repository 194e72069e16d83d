"""A column's rows grouped by value and row code, in ascending parts that fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.quality.rowcodes import IN_SAMPLE, N_CODES, Rows
from core.scoring.prepare import quoted

_BATCH_ROWS = 125_000
_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows that share a value and a code.

    Attributes
    ----------
    value : (g,) int64 or finite float64, ascending.
    code : (g,) uint8 below 64, what the rows are (``core.quality.rowcodes``).
    n : (g,) rows, int64.
    """

    value: np.ndarray
    code: np.ndarray
    n: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where each different value begins."""
        if not self.value.size:
            return np.empty(0, dtype=np.int64)
        return np.concatenate(([0], np.flatnonzero(self.value[1:] != self.value[:-1]) + 1))

    def blocks(self) -> Iterator["Groups"]:
        """Yield them in pieces that fit into the processor's cache, no value in two of them."""
        begin, size = 0, self.value.size
        while begin < size:
            end = min(begin + _BLOCK, size)
            if end < size:
                # Back to where the value begins, or on to where it ends when it fills the block.
                first = int(np.searchsorted(self.value, self.value[end]))
                end = first if first > begin else int(np.searchsorted(self.value, self.value[end], side="right"))
            yield Groups(self.value[begin:end], self.code[begin:end], self.n[begin:end])
            begin = end

    def outside(self, low: float, high: float) -> tuple[int, int]:
        """Count the rows below ``low`` and those above ``high``."""
        below, above = (self.value < low, self.value > high)
        return int(self.n[below].sum()), int(self.n[above].sum())


def _added(value: np.ndarray, code: np.ndarray, n: np.ndarray) -> Groups:
    """Add up neighbours that share value and code."""
    changes = np.flatnonzero((value[1:] != value[:-1]) | (code[1:] != code[:-1])) + 1
    starts = np.concatenate(([0], changes))
    return Groups(value[starts], code[starts], np.add.reduceat(n, starts))


def merged(parts: list[Groups]) -> Groups:
    """Put groups of different rows together."""
    if len(parts) == 1:
        return parts[0]
    value, code, n = (np.concatenate([getattr(part, name) for part in parts]) for name in ("value", "code", "n"))
    order = np.lexsort((code, value))
    return _added(value[order], code[order], n[order])


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is read as numbers: SQL for the value, int64 or float64, and the value that stands for "endless"."""

    column: str
    sql: str
    whole: bool
    endless: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a column that have a value.

    Attributes
    ----------
    value : (m,) int64 or float64; code : (m,) uint8 below 64.
    sample : places among these of the rows of the even sample, and ``rowid`` theirs in the table.
    """

    value: np.ndarray
    code: np.ndarray
    sample: np.ndarray
    rowid: np.ndarray


def batches(rows: Rows, reading: Reading, where: str = "") -> Iterator[Batch]:
    """Read the rows that have a value, some of them at a time."""
    query = (
        f"SELECT {reading.sql} AS value, rowid AS r FROM {quoted(rows.table)} "
        f"WHERE {quoted(reading.column)} IS NOT NULL {where}"
    )
    for batch in rows.cursor.sql(query).to_arrow_reader(_BATCH_ROWS):
        value, at = (batch.column(index).to_numpy(zero_copy_only=False) for index in (0, 1))
        code = rows.code[at]
        sample = np.flatnonzero(code & IN_SAMPLE)
        code &= N_CODES - 1
        # A copy, because the batch's memory is freed as a whole only.
        yield Batch(value.astype(np.int64 if reading.whole else np.float64), code, sample, at[sample])
