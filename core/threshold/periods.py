"""Calendar periods of rows, and which of them a sample holds whole."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.scoring.policy import Period

PERIODS_PER_YEAR: dict[Period, float] = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}

MIN_INTERIOR = 3
EDGE_QUANTILE = 0.75
EDGE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Periods:
    """The whole periods of a sample.

    Attributes
    ----------
    code : (n,) int64, the row's period, from 0; −1 for a row of a period that the sample holds only in part.
    names : the period of each code: "2013-11-04", "2013-11" or, for a week, its Monday.
    n_calendar : how many whole periods the calendar has between the first and the last, those without a row included.
    """

    code: np.ndarray
    names: tuple[str, ...]
    n_calendar: int


def whole_periods(at: np.ndarray, elsewhere: np.ndarray, period: Period, time_zone: str = "UTC") -> Periods:
    """Find the calendar periods that a sample holds whole.

    A period is held in part when a row that is not in the sample falls into it. The first and last period of all the
    data are held in part as well, unless their rows reach about as near to the period's ends as in the others.

    Parameters
    ----------
    at : (n,) datetime64 in UTC, the decision time of each row; NaT belongs to no period.
    elsewhere : (m,) datetime64 in UTC, decision times of the rows that exist but are not in the sample (training rows
        beside a holdout, rows that were never scored). Rows that nobody decides on do not belong here.
    period : "day", "week" (from Monday) or "month".
    time_zone : where a day begins at midnight, an IANA name.
    """
    local, other = _local(at, time_zone), _local(elsewhere, time_zone)
    known = ~np.isnat(local)
    label = np.full(local.size, np.iinfo(np.int64).min)
    label[known] = _label(local[known], period)
    other = other[~np.isnat(other)]
    other_label = _label(other, period)
    every_time = np.concatenate([local[known], other])
    every_label = np.concatenate([label[known], other_label])
    partial = set(np.unique(other_label).tolist()) | _cut_short(every_time, every_label, period)
    whole = [value for value in np.unique(label[known]).tolist() if value not in partial]
    code = np.full(local.size, -1, dtype=np.int64)
    if not whole:
        return Periods(code, (), 0)
    place = np.searchsorted(whole, label)
    found = known & (place < len(whole))
    found[found] = np.asarray(whole)[place[found]] == label[found]
    code[found] = place[found]
    n_calendar = whole[-1] - whole[0] + 1 - sum(whole[0] < value < whole[-1] for value in partial)
    return Periods(code, tuple(_name(value, period) for value in whole), int(n_calendar))


def _local(at: np.ndarray, time_zone: str) -> np.ndarray:
    times = np.asarray(at, dtype="datetime64[us]")
    if time_zone in ("", "UTC"):
        return times
    return pd.DatetimeIndex(times, tz="UTC").tz_convert(time_zone).tz_localize(None).to_numpy(dtype="datetime64[us]")


def _label(local: np.ndarray, period: Period) -> np.ndarray:
    if period == "month":
        return local.astype("datetime64[M]").astype(np.int64)
    day = local.astype("datetime64[D]").astype(np.int64)
    return day if period == "day" else (day + 3) // 7


def _start(label: np.ndarray | int, period: Period) -> np.ndarray:
    values = np.asarray(label, dtype=np.int64)
    if period == "month":
        return values.astype("datetime64[M]").astype("datetime64[us]")
    days = values if period == "day" else values * 7 - 3
    return days.astype("datetime64[D]").astype("datetime64[us]")


def _name(label: int, period: Period) -> str:
    return str(_start(label, period).astype("datetime64[M]" if period == "month" else "datetime64[D]"))


def _cut_short(times: np.ndarray, label: np.ndarray, period: Period) -> set[int]:
    """Return those of the first and last period of all the data that seem to be cut short."""
    if not times.size:
        return set()
    order = np.argsort(times, kind="stable")
    times, label = times[order], label[order]
    begins = np.flatnonzero(np.r_[True, label[1:] != label[:-1]])
    labels = label[begins]
    ends = np.r_[begins[1:], times.size] - 1
    start, stop = _start(labels, period), _start(labels + 1, period)
    length = (stop - start).astype(np.float64)
    head = (times[begins] - start).astype(np.float64) / length
    tail = (stop - times[ends]).astype(np.float64) / length
    cut = set()
    for place, gap in ((0, head), (labels.size - 1, tail)):
        interior = gap[1:-1]
        usual = np.quantile(interior, EDGE_QUANTILE) if interior.size >= MIN_INTERIOR else 0.0
        if gap[place] > max(usual, EDGE_SHARE):
            cut.add(int(labels[place]))
    return cut
