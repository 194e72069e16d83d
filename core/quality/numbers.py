"""Columns of numbers, times and booleans: read once, grouped in ascending parts, and tallied."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from core.quality.bins import cuts, no_cells
from core.quality.dates import Calendar
from core.quality.groups import Batch, Groups, Reading, batches
from core.quality.levels import Levels
from core.quality.ordered import Ordered, Part, gathered, ordered
from core.quality.rowcodes import N_CODES, Rows
from core.quality.tally import Tally
from core.scoring.prepare import quoted

_ENDLESS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Aside:
    """The rows of a column that are not tallied.

    ``missing``, ``lowest`` (minus infinity) and ``highest`` (infinity, not a number): (64,) rows by code; ``endless``
    names which of these there are.
    """

    missing: np.ndarray
    lowest: np.ndarray = field(default_factory=lambda: no_cells(1)[0])
    highest: np.ndarray = field(default_factory=lambda: no_cells(1)[0])
    endless: set[str] = field(default_factory=set)

    def put(self, batch: Batch, reading: Reading) -> Part:
        """Count a batch's rows that are not finite, and return the others."""
        value, code = batch.value, batch.code
        np.subtract(self.missing, np.bincount(code, minlength=N_CODES), out=self.missing)
        finite = _finite(value, reading)
        if finite.all():
            return value, code
        low = ~finite & (value < 0)
        for cells, which in ((self.lowest, low), (self.highest, ~finite & ~low)):
            np.add(cells, np.bincount(code[which], minlength=N_CODES), out=cells)
        self.endless.update(map(str, np.unique(value[~finite]).tolist()))
        return value[finite], code[finite]


@dataclass(slots=True)
class Numbers:
    """A column's tally, the rows outside of it, and its values in the even sample, with their row ids.

    ``far``: rows below and above the fences. ``exact``: the values as text, of a type that neither 64 bits nor a float
    can hold.
    """

    reading: Reading
    sample: tuple[np.ndarray, np.ndarray]
    tally: Tally
    calendar: Calendar | None
    aside: Aside
    far: tuple[int, int] = (0, 0)
    exact: Levels | None = None

    @property
    def missing(self) -> np.ndarray:
        """(64,) rows without a value by code."""
        return self.aside.missing

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
    aside = Aside(rows.by_code.copy())
    if read is None:
        return _in_parts(rows, reading, aside)
    sample = _sampled(read)
    parts = [aside.put(batch, reading) for batch in read]
    read.clear()
    found = _started(reading, sample, aside, sum(value.size for value, _ in parts))
    together = ordered(parts)
    del parts
    _take(found, together)
    found.far = together.outside(*found.fences) if found.tally.n else (0, 0)
    return found


def _in_parts(rows: Rows, reading: Reading, aside: Aside) -> Numbers:
    sample = _sampled(list(batches(rows, reading, f"AND rowid % {rows.every} = 0")))
    finite = f"isfinite({quoted(reading.column)})" if not reading.whole or reading.endless else "true"
    total = rows.cursor.execute(
        f"SELECT count(*) FILTER ({quoted(reading.column)} IS NOT NULL AND {finite}) FROM {quoted(rows.table)}"
    ).fetchall()[0][0]
    found = _started(reading, sample, aside, total)
    for part in _parts(rows, reading, sample[0]):
        _take(found, gathered((aside.put(batch, reading) for batch in part), rows.part_rows))
    return found


def _started(reading: Reading, sample: tuple[np.ndarray, np.ndarray], aside: Aside, total: int) -> Numbers:
    value = np.sort(sample[0][_finite(sample[0], reading)])
    centre = float(value.mean()) if value.size else 0.0
    tally = Tally(cuts(value), total, centre if np.isfinite(centre) else 0.0)
    return Numbers(reading, sample, tally, Calendar() if reading.endless else None, aside)


def _take(found: Numbers, rows: Ordered | Groups) -> None:
    for block in rows.blocks():
        found.tally.add(block)
        if found.calendar is not None:
            found.calendar.add(block)


def _parts(rows: Rows, reading: Reading, sample: np.ndarray) -> Iterator[Iterator[Batch]]:
    """Cut the range of values so that each part holds no more different values than memory should."""
    value, n = np.unique(sample[_finite(sample, reading)], return_counts=True)
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


def _sampled(read: list[Batch]) -> tuple[np.ndarray, np.ndarray]:
    """Return the values and row ids that are in the even sample."""
    if not read:
        return np.empty(0), np.empty(0, dtype=np.int64)
    return np.concatenate([one.value[one.sample] for one in read]), np.concatenate([one.rowid for one in read])
