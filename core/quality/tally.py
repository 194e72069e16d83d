"""Everything that a column of numbers or times is asked, answered while its groups pass by once in ascending order."""

from dataclasses import dataclass, field

import numpy as np

from core.quality.bins import N_BARS, Cuts, no_cells
from core.quality.groups import Groups
from core.quality.rowcodes import N_CODES, negatives, positives

N_TOP = 20
RARE_ROWS = 20
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_POWERS = 10.0 ** np.arange(-12, 20)


@dataclass(slots=True)
class Tally:
    """What is known of the finite values so far.

    Attributes
    ----------
    cuts, total : the bins' beginnings, and the rows there will be.
    centre : near the mean, taken off before squaring.
    cells : (bins, 64) rows between all cuts by code.
    few : value to its cells while there are at most 24 values, then None.
    top : (value, n, training rows with an outcome, positives), most frequent first.
    sums : (64,) sum of the values less ``centre`` by code; ``squares``: of their squares.
    ranked_twice : twice the pairs of a positive above a negative training row, ties counting half.
    """

    cuts: Cuts
    total: int
    centre: float
    cells: np.ndarray = field(init=False)
    few: dict[float, np.ndarray] | None = field(default_factory=dict)
    top: list[tuple[float, int, int, int]] = field(default_factory=list)
    quantiles: dict[float, float] = field(default_factory=dict)
    lowest: list[tuple[float, int]] = field(default_factory=list)
    highest: list[tuple[float, int]] = field(default_factory=list)
    sums: np.ndarray = field(default_factory=lambda: np.zeros(N_CODES))
    squares: float = 0.0
    n: int = 0
    n_distinct: int = 0
    n_rare_levels: int = 0
    n_rare_rows: int = 0
    n_negative: int = 0
    n_zero: int = 0
    n_whole: int = 0
    magnitudes: np.ndarray = field(default_factory=lambda: np.zeros(_POWERS.size - 1, dtype=np.int64))
    n_negatives: int = 0
    ranked_twice: int = 0

    def __post_init__(self) -> None:
        """Make room."""
        self.cells = no_cells(self.cuts.every.size + 1)

    def add(self, groups: Groups) -> None:
        """Take in the next groups; all their values are above those before."""
        if not groups.value.size:
            return
        starts = groups.starts
        alone = starts.size == groups.value.size
        value = groups.value if alone else groups.value[starts]
        sizes = groups.n if alone else np.add.reduceat(groups.n, starts)
        below = np.concatenate(([0], np.cumsum(sizes)))
        self._count(value, sizes, below)
        if alone and below[-1] == value.size:
            self._rank_single(groups.code)
        else:
            self._rank(groups, starts)
        self._fill(groups, starts, value)
        self._most_frequent(groups, starts, value, sizes)
        self._moments(groups)
        self.n += int(below[-1])

    def _count(self, value: np.ndarray, sizes: np.ndarray, below: np.ndarray) -> None:
        self.n_distinct += value.size
        single = below[-1] == value.size  # no value comes twice, so there is nothing to add up
        rare = sizes < RARE_ROWS
        self.n_rare_levels += value.size if single else int(np.count_nonzero(rare))
        self.n_rare_rows += value.size if single else int(sizes[rare].sum())
        for share in QUANTILES:
            at = share * self.total - self.n
            if share not in self.quantiles and at <= below[-1]:
                self.quantiles[share] = value[max(0, int(np.searchsorted(below, at)) - 1)]
        ends = [(one, int(n)) for one, n in zip(value[:2].tolist(), sizes[:2], strict=True)]
        self.lowest = (self.lowest + ends)[:2]
        self.highest = (self.highest + [(one, int(n)) for one, n in zip(value[-2:].tolist(), sizes[-2:], strict=True)])[
            -2:
        ]
        zero = np.searchsorted(value, 0)
        above = np.searchsorted(value, 0, side="right")
        self.n_negative += int(below[zero])
        self.n_zero += int(below[above] - below[zero])
        if value.dtype.kind == "i":
            self.n_whole += int(below[-1])
        else:
            whole = value == np.floor(value)
            self.n_whole += int(np.count_nonzero(whole) if single else sizes[whole].sum())
        positive, negative = (
            below[np.searchsorted(value, _POWERS)],
            below[np.searchsorted(value, -_POWERS, side="right")],
        )
        self.magnitudes += np.diff(positive) - np.diff(negative)

    def _rank_single(self, code: np.ndarray) -> None:
        """Rank rows that all have a value of their own."""
        positive = positives(code)
        below = np.cumsum(negatives(code), dtype=np.int64)
        n_positive = int(np.count_nonzero(positive))
        self.ranked_twice += 2 * (int(below[positive].sum()) + self.n_negatives * n_positive)
        self.n_negatives += int(below[-1])

    def _rank(self, groups: Groups, starts: np.ndarray) -> None:
        positive, negative = (
            np.add.reduceat(which(groups.code) * groups.n, starts) for which in (positives, negatives)
        )
        n_positive, n_negative = int(positive.sum()), int(negative.sum())
        if n_positive:
            below = np.cumsum(negative)
            below += below - negative
            at = np.flatnonzero(positive)
            self.ranked_twice += int((positive[at] * below[at]).sum()) + 2 * self.n_negatives * n_positive
        self.n_negatives += n_negative

    def _fill(self, groups: Groups, starts: np.ndarray, value: np.ndarray) -> None:
        ends = np.searchsorted(groups.value, self.cuts.every).tolist()
        for place, (begin, end) in enumerate(zip([0, *ends], [*ends, groups.value.size], strict=True)):
            if end > begin:
                self.cells[place] += _by_code(groups.code[begin:end], groups.n[begin:end])
        if self.few is None or len(self.few) + value.size > N_BARS:
            self.few = None
            return
        place = np.repeat(np.arange(value.size), np.diff(starts, append=groups.value.size))
        self.few |= zip(value.tolist(), _crossed(place, groups, value.size), strict=True)

    def _most_frequent(self, groups: Groups, starts: np.ndarray, value: np.ndarray, sizes: np.ndarray) -> None:
        """Of values in as many rows the smaller come first."""
        if len(self.top) == N_TOP:
            # A value in as many rows as the last one is larger than it, so it comes after.
            found = np.flatnonzero(sizes > self.top[-1][1])
        else:
            found = np.arange(sizes.size)
        if found.size > N_TOP:
            found = found[np.argsort(-sizes[found], kind="stable")[:N_TOP]]
        ends = np.append(starts, groups.value.size)
        for at in found:
            code, n = (part[ends[at] : ends[at + 1]] for part in (groups.code, groups.n))
            positive = int(n[positives(code)].sum())
            trained = positive + int(n[negatives(code)].sum())
            self.top.append((value[at].item(), int(sizes[at]), trained, positive))
        self.top.sort(key=lambda one: (-one[1], one[0]))
        del self.top[N_TOP:]

    def _moments(self, groups: Groups) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest, there is no spread to tell
            away = groups.value - self.centre
            weighted = away * groups.n
            self.sums += np.bincount(groups.code, weights=weighted, minlength=N_CODES)
            self.squares += float((weighted * away).sum())


def _by_code(code: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Count rows by code, (64,)."""
    return np.bincount(code, weights=n, minlength=N_CODES).astype(np.int64)


def _crossed(place: np.ndarray, groups: Groups, k: int) -> np.ndarray:
    """Count rows by place and code, (k, 64)."""
    found = np.bincount(place * N_CODES + groups.code, weights=groups.n, minlength=k * N_CODES)
    return found.astype(np.int64).reshape(k, N_CODES)
