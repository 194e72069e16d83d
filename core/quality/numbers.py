"""Columns of numbers, times and booleans: read once, grouped in ascending parts, and tallied."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from core.quality.bins import cuts, no_cells
from core.quality.dates import Calendar
from core.quality.groups import Batch, Groups, Reading, batches, grouped, merged
from core.quality.levels import Levels
from core.quality.rowcodes import IN_SAMPLE, N_CODES, Rows
from core.quality.tally import Tally
from core.scoring.prepare import quoted

_ENDLESS = 2**63 - 1


@dataclass(slots=True)
class Numbers:
    """A column's tally, the rows outside of it, and its values in the even sample.

    ``missing``, ``lowest`` (minus infinity) and ``highest`` (infinity, not a number): (64,) rows by code; ``endless``
    names which of these there are. ``far``: rows below and above the fences. ``exact``: the values as text, of a type
    that neither 64 bits nor a float can hold.
    """

    reading: Reading
    sample: Batch
    tally: Tally
    calendar: Calendar | None
    missing: np.ndarray
    lowest: np.ndarray = field(default_factory=lambda: no_cells(1)[0])
    highest: np.ndarray = field(default_factory=lambda: no_cells(1)[0])
    endless: set[str] = field(default_factory=set)
    far: tuple[int, int] = (0, 0)
    exact: Levels | None = None

    @property
    def fences(self) -> tuple[float, float]:
        """Three interquartile ranges below the first and above the third quartile, as the values are held."""
        first, third = (float(self.tally.quantiles[share]) for share in (0.25, 0.75))
        return first - 3 * (third - first), third + 3 * (third - first)


def reading_of(column: str, type_name: str) -> Reading:
    """Say how a column of numbers, times or booleans is read: exactly, where 64 bits can hold it."""
    name, kind = quoted(column), type_name.upper()
    if kind.startswith(("DATE", "TIMESTAMP")):
        # A time without an end ("infinity") stands for itself.
        sql = f"CASE WHEN isfinite({name}) THEN epoch_us({name}) ELSE {_ENDLESS} END"
        return Reading(column, sql, True, _ENDLESS)
    if kind in ("BOOLEAN", "BOOL"):
        return Reading(column, f"CAST({name} AS BIGINT)", True)
    if is_whole(type_name):
        return Reading(column, f"CAST({name} AS BIGINT)", True)
    return Reading(column, f"CAST({name} AS DOUBLE)", False)


def is_wide(type_name: str) -> bool:
    """Say whether different values of a type may be the same as floats."""
    kind = type_name.upper()
    if kind.startswith("DECIMAL"):
        return int(kind.removeprefix("DECIMAL(").split(",")[0]) > 15
    return kind in ("HUGEINT", "UHUGEINT", "UBIGINT", "BIGNUM")


def is_whole(type_name: str) -> bool:
    """Say whether a type holds whole numbers of at most 64 bits with a sign."""
    return type_name.upper() in (
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "INT"
    )  # fmt: skip


def numbers(rows: Rows, reading: Reading, read: list[Batch] | None) -> Numbers:
    """Tally a column; ``read`` are its rows where they are held already, else it is read part by part."""
    whole = rows.n_rows <= rows.part_rows
    parts: Iterable[Iterable[Batch]]
    if read is not None:
        batch = _joined(read, reading)
        chosen = np.flatnonzero(rows.code[batch.rowid] & IN_SAMPLE)
        sample = Batch(batch.value[chosen], batch.rowid[chosen])
        parts = [[batch]]
        total = int(np.count_nonzero(_finite(batch.value, reading)))
    else:
        sample = _joined(list(batches(rows, reading, f"AND rowid % {rows.every} = 0")), reading)
        parts = _parts(rows, reading, sample)
        finite = f"isfinite({quoted(reading.column)})" if not reading.whole or reading.endless else "true"
        total = rows.cursor.execute(
            f"SELECT count(*) FILTER ({quoted(reading.column)} IS NOT NULL AND {finite}) FROM {quoted(rows.table)}"
        ).fetchall()[0][0]
    ordered = np.sort(sample.value[_finite(sample.value, reading)])
    centre = float(ordered.mean()) if ordered.size else 0.0
    tally = Tally(cuts(ordered), total, centre if np.isfinite(centre) else 0.0)
    found = Numbers(reading, sample, tally, Calendar() if reading.endless else None, rows.by_code.copy())
    for part in parts:
        groups = _taken(found, rows, part)
        if groups is None:
            continue
        for block in groups.blocks():
            tally.add(block)
            if found.calendar is not None:
                found.calendar.add(block)
        if whole:
            low, high = found.fences
            begin, end = np.searchsorted(groups.value, low), np.searchsorted(groups.value, high, side="right")
            found.far = int(groups.n[:begin].sum()), int(groups.n[end:].sum())
    return found


def _taken(found: Numbers, rows: Rows, part: Iterable[Batch]) -> Groups | None:
    """Group the finite values of a part, and count the other rows."""
    groups: list[Groups] = []
    for batch in part:
        code, value = rows.code[batch.rowid] & (N_CODES - 1), batch.value
        found.missing -= np.bincount(code, minlength=N_CODES)
        finite = _finite(value, found.reading)
        if not finite.all():
            low = ~finite & (value < 0)
            found.lowest += np.bincount(code[low], minlength=N_CODES)
            found.highest += np.bincount(code[~finite & ~low], minlength=N_CODES)
            found.endless |= set(map(str, np.unique(value[~finite]).tolist()))
            value, code = value[finite], code[finite]
        if value.size:
            groups.append(grouped(value, code))
        if sum(one.value.size for one in groups[1:]) > rows.part_rows // 4:
            groups = [merged(groups)]
    return merged(groups) if groups else None


def _parts(rows: Rows, reading: Reading, sample: Batch) -> Iterator[Iterator[Batch]]:
    """Cut the range of values so that each part holds no more different values than memory should."""
    value, n = np.unique(sample.value[_finite(sample.value, reading)], return_counts=True)
    # What is alone in the sample stands for as many values as rows were left out.
    expected = value.size * 8 + int((n == 1).sum()) * rows.every
    k = int(max(1, -(-expected // rows.part_rows)))
    begins = np.unique(value[(np.arange(1, k) * value.size) // k]) if value.size else value
    ends = [None, *begins.tolist(), None]
    for low, high in zip(ends[:-1], ends[1:], strict=True):
        above = f"AND {reading.sql} >= {low!r}" if low is not None else ""
        below = f"AND {reading.sql} < {high!r}" if high is not None else ""
        yield batches(rows, reading, f"{above} {below}")


def _finite(value: np.ndarray, reading: Reading) -> np.ndarray:
    if value.dtype.kind == "f":
        return np.isfinite(value)
    return value != reading.endless if reading.endless is not None else np.ones(value.size, dtype=bool)


def _joined(read: list[Batch], reading: Reading) -> Batch:
    if len(read) == 1:
        return read[0]
    empty = np.empty(0, dtype=np.int64 if reading.whole else np.float64)
    return Batch(
        np.concatenate([empty, *(batch.value for batch in read)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(batch.rowid for batch in read)]),
    )
