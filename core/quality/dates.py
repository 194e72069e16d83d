"""Gaps and freshness of a column of times, while its groups pass by in ascending order."""

from dataclasses import dataclass, field, replace

import numpy as np

from core.quality.facts import DateFacts
from core.quality.groups import Groups

_DAY = 86_400_000_000
_MOST_GAPS = 1_000_000


@dataclass(slots=True)
class Calendar:
    """What is known of the times so far, in microseconds since 1970.

    ``gaps`` counts gaps between neighbouring values by the leading bits of their length, so that the median is known
    to five digits without holding them all.
    """

    days: list[np.ndarray] = field(default_factory=list)
    weekdays: np.ndarray = field(default_factory=lambda: np.zeros(7, dtype=np.int64))
    n_midnight: int = 0
    last: int | None = None
    longest: tuple[int, int] = (0, 0)
    gaps: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    def add(self, groups: Groups) -> None:
        """Take in the next groups; all their values are above those before."""
        value = groups.value
        if not value.size:
            return
        first, last = int(value[0]) // _DAY, int(value[-1]) // _DAY
        days = np.arange(first, last + 1) if last - first < 4 * value.size else np.unique(value // _DAY)
        below = np.concatenate(([0], np.cumsum(groups.n)))
        begin = np.searchsorted(value, days * _DAY)
        rows = below[np.searchsorted(value, (days + 1) * _DAY)] - below[begin]
        self.n_midnight += int((below[np.searchsorted(value, days * _DAY, side="right")] - below[begin]).sum())
        # The first of January 1970 was a Thursday.
        self.weekdays += np.bincount((days + 3) % 7, weights=rows, minlength=7).astype(np.int64)
        self.days.append(days[rows > 0])
        self._add_gaps(value[groups.starts])

    def _add_gaps(self, values: np.ndarray) -> None:
        if self.last is not None:
            values = np.concatenate(([self.last], values))
        self.last = int(values[-1])
        gap = np.diff(values)
        if not gap.size:
            return
        widest = int(gap.argmax())
        self.longest = max(self.longest, (int(gap[widest]), -int(values[widest])))
        leading = np.sort(gap.astype(np.float32).view(np.int32) >> 7)
        starts = np.concatenate(([0], np.flatnonzero(leading[1:] != leading[:-1]) + 1))
        self.gaps.append((leading[starts], np.diff(np.append(starts, leading.size))))
        if sum(key.size for key, _ in self.gaps) > _MOST_GAPS:
            self.gaps = [_counted(*map(np.concatenate, zip(*self.gaps, strict=True)))]

    def facts(self) -> DateFacts | None:
        """Return what was found, None without a value."""
        if not self.days:
            return None
        days = np.unique(np.concatenate(self.days))
        length, begin = self.longest[0], -self.longest[1]
        return DateFacts(
            n_days=int(days[-1] - days[0] + 1),
            n_days_with_rows=int(days.size),
            longest_gap_seconds=length / 1e6,
            gap_from=iso(begin) if length else "",
            gap_to=iso(begin + length) if length else "",
            median_gap_seconds=self._median_gap(),
            n_midnight=self.n_midnight,
            weekdays=tuple(map(int, self.weekdays)),
        )

    def _median_gap(self) -> float:
        if not self.gaps:
            return 0.0
        key, n = _counted(*map(np.concatenate, zip(*self.gaps, strict=True)))
        below = np.cumsum(n)
        leading = int(key[np.searchsorted(below, below[-1] / 2)])
        middle = np.array([(leading << 7) + 64], dtype=np.int32).view(np.float32)[0]
        return float(f"{middle:.5g}") / 1e6


def _counted(key: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add up what has the same key."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.concatenate(([0], np.flatnonzero(key[1:] != key[:-1]) + 1))
    return key[starts], np.add.reduceat(n[order], starts)


def iso(microseconds: float) -> str:
    """Write a time as ISO text to the second."""
    return str(np.datetime_as_string(np.datetime64(int(microseconds) // 1_000_000, "s")))


def with_lag(facts: DateFacts, newest: float, newest_of_all: float) -> DateFacts:
    """Say how much older the newest value is than the newest of the table, both in seconds."""
    return replace(facts, lag_seconds=max(0.0, newest_of_all - newest))
