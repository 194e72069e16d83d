"""Rows of a column of numbers in ascending order, grouped block by block while they pass by."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.quality.groups import Groups, merged
from core.quality.rowcodes import N_CODES

_CODE_BITS = N_CODES.bit_length() - 1
_LOW = N_CODES - 1
# Cells that are counted directly, without sorting.
_CELLS = 1 << 21
# Rows that are looked at together: what is made of them stays in the processor's cache.
_BLOCK = 1 << 15
_ONES = np.ones(_BLOCK, dtype=np.int64)
_ONES.flags.writeable = False
_NO_SIGN = np.int64(np.iinfo(np.int64).max)

# Values, int64 or finite float64, and codes, uint8 below 64, of some rows.
Part = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows in ascending order; nothing else is made of all of them at once.

    Attributes
    ----------
    key : (m,) int64 ascending, with the code in the last six bits: below it the value, or what ``bits`` begin with.
    bits : (m,) int64 ascending, the values where they take all 64 bits; None where they are in ``key``.
    floats : whether ``bits`` stand for floats.
    """

    key: np.ndarray
    bits: np.ndarray | None
    floats: bool

    def blocks(self) -> Iterator[Groups]:
        """Yield groups in pieces that fit into the processor's cache, no value in two of them."""
        begin, size = 0, self.key.size
        while begin < size:
            end = min(begin + _BLOCK, size)
            first = self._begin_of(end) if end < size else end
            if first > begin:
                yield self._grouped(begin, first)
                begin = first
            else:
                end = self._end_of(begin)
                yield self._of_one_value(begin, end)
                begin = end

    def outside(self, low: float, high: float) -> tuple[int, int]:
        """Count the rows below ``low`` and those above ``high``."""
        rows = range(self.key.size)
        below = bisect_left(rows, low, key=self._value)
        return below, len(rows) - bisect_right(rows, high, key=self._value)

    def _value(self, at: int) -> float:
        return float(self._values(self._bits(slice(at, at + 1)))[0])

    def _bits(self, where: slice) -> np.ndarray:
        return self.key[where] >> _CODE_BITS if self.bits is None else self.bits[where]

    def _values(self, bits: np.ndarray) -> np.ndarray:
        return (bits ^ ((bits >> 63) & _NO_SIGN)).view(np.float64) if self.floats else bits

    def _begin_of(self, at: int) -> int:
        """Return where the value of a row begins."""
        if self.bits is None:
            return int(np.searchsorted(self.key, self.key[at] & ~_LOW))
        return int(np.searchsorted(self.bits, self.bits[at]))

    def _end_of(self, at: int) -> int:
        if self.bits is None:
            return int(np.searchsorted(self.key, self.key[at] | _LOW, side="right"))
        return int(np.searchsorted(self.bits, self.bits[at], side="right"))

    def _grouped(self, begin: int, end: int) -> Groups:
        key, bits = self.key[begin:end], self._bits(slice(begin, end))
        code = (key & _LOW).astype(np.uint8)
        if self.bits is None:
            changes = np.flatnonzero(key[1:] != key[:-1])
        else:
            changes = np.flatnonzero((bits[1:] != bits[:-1]) | (code[1:] != code[:-1]))
        if changes.size + 1 == bits.size:
            return Groups(self._values(bits), code, _ONES[: bits.size])
        starts = np.concatenate(([0], changes + 1))
        return Groups(self._values(bits[starts]), code[starts], np.diff(np.append(starts, bits.size)))

    def _of_one_value(self, begin: int, end: int) -> Groups:
        """Group rows that share a value, however many: their codes ascend, so that their ends are found."""
        key = self.key[begin:end]
        ends = np.searchsorted(key, (key[0] & ~_LOW) | np.arange(N_CODES), side="right")
        n = np.diff(ends, prepend=0)
        code = np.flatnonzero(n)
        value = self._values(self._bits(slice(begin, begin + 1)))
        return Groups(np.repeat(value, code.size), code.astype(np.uint8), n[code])


def gathered(parts: Iterable[Part], most: int) -> Ordered | Groups:
    """Order the rows of parts; of more than ``most`` of them only groups are kept."""
    held: list[Part] = []
    groups: list[Groups] = []
    n = 0
    for part in parts:
        held.append(part)
        n += part[0].size
        if n >= most:
            groups.append(joined(ordered(held)))
            held, n = [], 0
            if sum(one.value.size for one in groups[1:]) > most // 4:
                groups = [merged(groups)]
    if not groups:
        return ordered(held)
    return merged([*groups, joined(ordered(held))] if held else groups)


def joined(rows: Ordered | Groups) -> Groups:
    """Return all groups in one."""
    if isinstance(rows, Groups):
        return rows
    blocks = list(rows.blocks())
    return Groups(*(np.concatenate([getattr(one, name) for one in blocks]) for name in ("value", "code", "n")))


def ordered(parts: Sequence[Part]) -> Ordered | Groups:
    """Order the rows of all parts; whole numbers that are close together are counted instead."""
    filled = [part for part in parts if part[0].size]
    if not filled:
        return Groups(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.int64))
    if filled[0][0].dtype.kind == "f":
        return _exactly(filled, True)
    low = min(int(value.min()) for value, _ in filled)
    high = max(int(value.max()) for value, _ in filled)
    if (high - low + 1) * N_CODES <= _CELLS:
        return _counted(filled, low, high)
    if max(-low, high) >= 1 << (62 - _CODE_BITS):
        return _exactly(filled, False)
    key = np.empty(sum(value.size for value, _ in filled), dtype=np.int64)
    for where, (value, code) in _places(filled):
        np.bitwise_or(value << _CODE_BITS, code, out=key[where])
    key.sort()
    return Ordered(key, None, False)


def _places(parts: Sequence[Part]) -> Iterator[tuple[slice, Part]]:
    begin = 0
    for part in parts:
        end = begin + part[0].size
        yield slice(begin, end), part
        begin = end


def _counted(parts: Sequence[Part], low: int, high: int) -> Groups:
    n_cells = (high - low + 1) * N_CODES
    cells = np.zeros(n_cells, dtype=np.int64)
    held: list[np.ndarray] = []
    for place, (value, code) in enumerate(parts, 1):
        held.append(((value - low) << _CODE_BITS) | code)
        # Adding up all cells should cost less than what was counted.
        if sum(key.size for key in held) >= n_cells // 2 or place == len(parts):
            cells += np.bincount(np.concatenate(held), minlength=n_cells)
            held = []
    filled = np.flatnonzero(cells)
    return Groups((filled >> _CODE_BITS) + low, (filled & _LOW).astype(np.uint8), cells[filled])


def _exactly(parts: Sequence[Part], floats: bool) -> Ordered:
    """Sort the values, and by themselves their beginnings with the codes: a row of either is a row of the other."""
    n = sum(value.size for value, _ in parts)
    key, bits = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for where, (value, code) in _places(parts):
        bits[where] = _as_bits(value)
        np.bitwise_or(bits[where] & ~_LOW, code, out=key[where])
    key.sort()
    bits.sort()
    alike = _alike(bits)
    if alike.size:
        _put_right(key, alike, parts)
    return Ordered(key, bits, floats)


def _as_bits(value: np.ndarray) -> np.ndarray:
    """Return int64 in the order of the values."""
    if value.dtype.kind == "i":
        return value
    bits = (value + 0.0).view(np.int64)  # adding nothing makes a negative zero positive
    bits ^= (bits >> 63) & _NO_SIGN
    return bits


def _alike(bits: np.ndarray) -> np.ndarray:
    """Return the beginnings that different values share."""
    found = []
    for begin in range(0, bits.size - 1, _BLOCK):
        some = bits[begin : begin + _BLOCK + 1]
        apart = (some[1:] ^ some[:-1]).view(np.uint64)
        apart -= np.uint64(1)  # of equal values: the largest number
        found.append(some[:-1][apart < np.uint64(_LOW)] & ~_LOW)
    return np.unique(np.concatenate(found)) if found else bits[:0]


def _put_right(key: np.ndarray, alike: np.ndarray, parts: Sequence[Part]) -> None:
    """Order the codes by the whole value where values begin alike."""
    chosen = []
    for value, code in parts:
        bits = _as_bits(value)
        begins = bits & ~_LOW
        which = np.flatnonzero(alike[np.minimum(np.searchsorted(alike, begins), alike.size - 1)] == begins)
        chosen.append((bits[which], code[which]))
    bits, code = (np.concatenate(listed) for listed in zip(*chosen, strict=True))
    order = np.lexsort((code, bits))
    first, last = np.searchsorted(key, alike), np.searchsorted(key, alike | _LOW, side="right")
    before = np.concatenate(([0], np.cumsum(last - first)[:-1]))
    key[np.arange(bits.size) + np.repeat(first - before, last - first)] = ((bits & ~_LOW) | code)[order]
