"""Gaps and freshness of a column of times, while its groups pass by in ascending order."""

from dataclasses import dataclass, field, replace

import numpy as np

from core.quality.facts import DateFacts
from core.quality.groups import Groups

_DAY = 86_400_000_000


@dataclass(slots=True)
class Calendar:
    """What is known of the times so far, in microseconds since 1970.

    ``gaps`` counts gaps between neighbouring values by the leading bits of their length, so that the median is known
    to five digits without holding them all.
    """

    days: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    weekdays: np.ndarray = field(default_factory=lambda: np.zeros(7, dtype=np.int64))
    n_midnight: int = 0
    last: int | None = None
    longest: tuple[int, int, int] = (0, 0, 0)
    gaps: dict[int, int] = field(default_factory=dict)

    def add(self, groups: Groups) -> None:
        """Take in the next groups; all their values are above those before."""
        if not groups.value.size:
            return
        day = groups.value // _DAY
        starts = np.concatenate(([0], np.flatnonzero(day[1:] != day[:-1]) + 1))
        rows = np.add.reduceat(groups.n, starts)
        self.weekdays += np.bincount((day[starts] + 3) % 7, weights=rows, minlength=7).astype(np.int64)
        self.days = np.union1d(self.days, day[starts])
        first = groups.value[starts] == day[starts] * _DAY
        if first.any():
            # Several groups of a midnight differ in their code only.
            self.n_midnight += int(groups.n[groups.value == day * _DAY].sum())
        values = groups.value[groups.starts]
        if self.last is not None:
            values = np.concatenate(([self.last], values))
        self.last = int(values[-1])
        gap = np.diff(values)
        if gap.size:
            widest = int(gap.argmax())
            self.longest = max(self.longest, (int(gap[widest]), -int(values[widest]), 0))
            leading, n = np.unique(gap.astype(np.float32).view(np.int32) >> 7, return_counts=True)
            for key, count in zip(leading.tolist(), n.tolist(), strict=True):
                self.gaps[key] = self.gaps.get(key, 0) + count

    def facts(self) -> DateFacts | None:
        """Return what was found, None without a value."""
        if not self.days.size:
            return None
        length, begin = self.longest[0], -self.longest[1]
        return DateFacts(
            n_days=int(self.days[-1] - self.days[0] + 1),
            n_days_with_rows=int(self.days.size),
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
        keys = np.array(sorted(self.gaps), dtype=np.int64)
        below = np.cumsum([self.gaps[key] for key in keys.tolist()])
        key = keys[np.searchsorted(below, below[-1] / 2)]
        middle = np.array([(key << 7) + 64], dtype=np.int32).view(np.float32)[0]
        return float(f"{middle:.5g}") / 1e6


def iso(microseconds: float) -> str:
    """Write a time as ISO text to the second."""
    return str(np.datetime_as_string(np.datetime64(int(microseconds) // 1_000_000, "s")))


def with_lag(facts: DateFacts, newest: float, newest_of_all: float) -> DateFacts:
    """Say how much older the newest value is than the newest of the table, both in seconds."""
    return replace(facts, lag_seconds=max(0.0, newest_of_all - newest))
