"""A column's rows grouped by value and row code, in ascending parts that fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.quality.rowcodes import N_CODES, Rows
from core.scoring.prepare import quoted

_CODE_BITS = N_CODES.bit_length() - 1
_LOW = N_CODES - 1
# Cells that are counted directly, without sorting.
_CELLS = 1 << 21
_BATCH_ROWS = 125_000
_BLOCK = 1 << 15
_NO_SIGN = np.int64(np.iinfo(np.int64).max)


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


def grouped(value: np.ndarray, code: np.ndarray) -> Groups:
    """Group finite values and their codes; by counting where values are close together, else by sorting once."""
    if not value.size:
        return Groups(value, code, np.empty(0, dtype=np.int64))
    if value.dtype.kind == "f":
        return _grouped_floats(value, code)
    low, high = int(value.min()), int(value.max())
    if (high - low + 1) * N_CODES <= _CELLS:
        cells = np.bincount(((value - low) << _CODE_BITS) | code)
        filled = np.flatnonzero(cells)
        return Groups((filled >> _CODE_BITS) + low, _codes(filled), cells[filled])
    if max(-low, high) < 1 << (62 - _CODE_BITS):
        key = (value << _CODE_BITS) | code
        key.sort()
        key, n = _runs(key)
        return Groups(key >> _CODE_BITS, _codes(key), n)
    return _by_order(value, code)


def _grouped_floats(value: np.ndarray, code: np.ndarray) -> Groups:
    """Sort the bits with the code in place of the last six, and the values; both agree on what is equal, or else."""
    bits = (value + 0.0).view(np.int64)  # adding nothing makes a negative zero positive
    bits = bits ^ ((bits >> 63) & _NO_SIGN)
    key = (bits & ~_LOW) | code
    key.sort()
    bits.sort()
    if np.count_nonzero((key[1:] ^ key[:-1]) & ~_LOW) != np.count_nonzero(bits[1:] != bits[:-1]):
        return _by_order(value + 0.0, code)
    code = _codes(key)
    starts = np.flatnonzero((bits[1:] != bits[:-1]) | (code[1:] != code[:-1]))
    if starts.size + 1 < bits.size:
        starts = np.concatenate(([0], starts + 1))
        n = np.diff(np.append(starts, bits.size))
        bits, code = bits[starts], code[starts]
    else:
        n = np.ones(bits.size, dtype=np.int64)
    return Groups((bits ^ ((bits >> 63) & _NO_SIGN)).view(np.float64), code, n)


def _codes(key: np.ndarray) -> np.ndarray:
    return (key & _LOW).astype(np.uint8)


def _by_order(value: np.ndarray, code: np.ndarray) -> Groups:
    order = np.lexsort((code, value))
    return _added(value[order], code[order], np.ones(value.size, dtype=np.int64))


def _runs(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return ordered[starts], np.diff(np.append(starts, ordered.size))


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
    """Rows of a column that have a value: ``value`` and ``rowid``, both (m,)."""

    value: np.ndarray
    rowid: np.ndarray


def batches(rows: Rows, reading: Reading, where: str = "") -> Iterator[Batch]:
    """Read the rows that have a value, at most ``part_rows`` of them at a time."""
    query = (
        f"SELECT {reading.sql} AS value, rowid AS r FROM {quoted(rows.table)} "
        f"WHERE {quoted(reading.column)} IS NOT NULL {where}"
    )
    dtype = np.int64 if reading.whole else np.float64
    held: list[tuple[np.ndarray, np.ndarray]] = []
    n = 0
    for batch in rows.cursor.sql(query).to_arrow_reader(_BATCH_ROWS):
        value, at = (batch.column(index).to_numpy(zero_copy_only=False) for index in (0, 1))
        held.append((value.astype(dtype, copy=False), at))
        n += at.size
        if n >= rows.part_rows:
            yield Batch(*map(np.concatenate, zip(*held, strict=True)))
            held, n = [], 0
    if held:
        yield Batch(*map(np.concatenate, zip(*held, strict=True)))
