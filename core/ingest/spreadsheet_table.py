"""Finds the table on a sheet: which rows name its columns, what stands before them, and what merged cells mean."""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import LoadError
from core.ingest.header import has_header

Cell = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None
Merge = tuple[tuple[int, int], tuple[int, int]]

_MOST_HEADER_ROWS = 10
_FULL = 0.6
_RANGE = re.compile(r"\$?([A-Za-z]{0,3})\$?(\d{0,7})(?::\$?([A-Za-z]{0,3})\$?(\d{0,7}))?")


@dataclass(frozen=True, slots=True)
class Area:
    """Rows and columns of a sheet, from 0, both ends included; None is as far as there is something."""

    first_row: int = 0
    first_column: int = 0
    last_row: int | None = None
    last_column: int | None = None

    def holds(self, row: int) -> bool:
        """Say whether a row lies in it."""
        return row >= self.first_row and (self.last_row is None or row <= self.last_row)


def area_of(cells: str) -> Area:
    """Return the range that ``B3:F200`` names; ``B:F``, ``3:200`` and ``B3`` (from there on) are ranges as well.

    Raises
    ------
    LoadError
        When it is none.
    """
    text = cells.strip()
    found = _RANGE.fullmatch(text)
    if not text:
        return Area()
    if not found or not any(found.groups()) or text.endswith(":"):
        raise LoadError(f"{cells!r} is not a range of cells.", hint="Write it as B3:F200, B:F or 3:200.")
    left, top, right, bottom = found.groups()
    area = Area(
        int(top) - 1 if top else 0,
        column_number(left) if left else 0,
        int(bottom) - 1 if bottom else None,
        column_number(right) if right else None,
    )
    if (area.last_row or area.first_row) < area.first_row or (area.last_column or 10**9) < area.first_column:
        raise LoadError(f"The range {cells!r} ends before it begins.", hint="Write it as B3:F200.")
    return area


def column_number(letters: str) -> int:
    """Return a column's place, from 0, for its letters: A, B … Z, AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True, slots=True)
class Block:
    """A table on a sheet; rows and columns are those of the sheet, from 0.

    Attributes
    ----------
    header : the rows that name the columns, none where nothing does.
    first : the first row of data.
    names : for each of ``columns``, None where it has no name.
    before : the rows in front of the table that hold something else.
    """

    header: range
    first: int
    columns: tuple[int, ...]
    names: tuple[str | None, ...]
    before: tuple[int, ...]


def filled(rows: Iterable[Sequence[Cell]], merges: Sequence[Merge]) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet with the value of merged cells in every cell that they cover."""
    by_row: dict[int, list[Merge]] = {}
    for merge in merges:
        for row in range(merge[0][0], merge[1][0] + 1):
            by_row.setdefault(row, []).append(merge)
    values: dict[Merge, Cell] = {}
    for number, cells in enumerate(rows):
        row = list(cells)
        for merge in by_row.get(number, ()):
            (top, left), (_, right) = merge
            if number == top:
                values[merge] = row[left] if left < len(row) else None
            row += [None] * (right + 1 - len(row))
            row[left : right + 1] = [values.get(merge)] * (right + 1 - left)
        yield row


def block_of(
    head: Sequence[tuple[int, Sequence[Cell]]],
    used: Sequence[int],
    merges: Sequence[Merge],
    *,
    header: bool | None = None,
    header_row: int | None = None,
    n_header_rows: int | None = None,
) -> Block:
    """Find the table in the first rows of a sheet.

    Parameters
    ----------
    head : numbered rows as they are saved: what is merged stands in the first cell only. Blank ones are left out.
    used : the columns in which any row has something.
    header, header_row (from 1), n_header_rows : as stated.
    """
    rows = {number: [row[at] if at < len(row) else None for at in used] for number, row in head}
    across, down = _by_direction(merges)
    start = header_row - 1 if header_row is not None else _start(rows, down, used, across)
    if header is False:
        return Block(range(start, start), start, tuple(used), (None,) * len(used), _before(rows, start))
    n_rows = n_header_rows or _n_rows(start, merges, used)
    whole = dict(zip((number for number, _ in head), filled_head(head, merges), strict=True))
    texts = {n: [text_of(row[at] if at < len(row) else None) or "" for at in used] for n, row in whole.items()}
    is_stated = header is True or header_row is not None or n_header_rows is not None
    below = [row for number, row in texts.items() if number > start]
    if not is_stated and n_rows == 1 and not has_header(texts[start], below):
        return Block(range(start, start), start, tuple(used), (None,) * len(used), _before(rows, start))
    names = tuple(
        _joined([texts[row][place] for row in range(start, start + n_rows) if row in texts])
        for place in range(len(used))
    )
    return Block(range(start, start + n_rows), start + n_rows, tuple(used), names, _before(rows, start))


def filled_head(head: Sequence[tuple[int, Sequence[Cell]]], merges: Sequence[Merge]) -> list[list[Cell]]:
    """Return numbered rows, some of which are left out, with merged values repeated."""
    if not head:
        return []
    numbered = dict(head)
    rows = list(filled([numbered.get(number, ()) for number in range(head[-1][0] + 1)], merges))
    return [rows[number] for number, _ in head]


def text_of(cell: Cell) -> str | None:
    """Return a cell as text; a number without a fraction has none, a day no time."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
    return str(cell)


def _by_direction(merges: Sequence[Merge]) -> tuple[list[Merge], list[Merge]]:
    """Return the merges that go over several columns, and those that only go down."""
    return [m for m in merges if m[0][1] < m[1][1]], [m for m in merges if m[0][1] == m[1][1]]


def _start(rows: dict[int, list[Cell]], down: Sequence[Merge], used: Sequence[int], across: Sequence[Merge]) -> int:
    """Return the first row of the table: the first that is nearly full, or the names over several columns above it."""
    place = {column: at for at, column in enumerate(used)}
    counts = {number: sum(cell is not None for cell in row) for number, row in rows.items()}
    for (top, column), (bottom, _) in down:
        for number in range(top + 1, bottom + 1):
            if number in counts and column in place:
                counts[number] += 1
    most = max(counts.values())
    start = next(number for number, n in counts.items() if n >= min(most, max(2, _FULL * most)))
    while start - 1 in rows:
        above = [merge for merge in across if merge[0][0] <= start - 1 <= merge[1][0]]
        n_named = sum(cell is not None for cell in rows[start - 1])
        is_title = n_named < 2 and any(merge[0][1] <= used[0] for merge in above)
        if not above or is_title:
            break
        start -= 1
    return start


def _n_rows(start: int, merges: Sequence[Merge], used: Sequence[int]) -> int:
    """Count the rows of names: a name over several columns has others below it; one over several rows ends there."""
    last = start
    for (top, left), (bottom, right) in sorted(merges):
        if start <= top <= last and used[0] <= left <= used[-1]:
            last = max(last, bottom + (right > left))
    return min(last - start + 1, _MOST_HEADER_ROWS)


def _joined(parts: Sequence[str]) -> str | None:
    kept: list[str] = []
    for part in (" ".join(part.split()) for part in parts):
        if part and (not kept or kept[-1] != part):
            kept.append(part)
    return " ".join(kept) or None


def _before(rows: dict[int, list[Cell]], start: int) -> tuple[int, ...]:
    return tuple(number for number, row in rows.items() if number < start and any(cell is not None for cell in row))
