"""Finds which rows of a text name its columns, and what stands before them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ingest.rows import Row
from core.ingest.shapes import is_missing, is_number, is_value

_MOST_HEADER_ROWS = 5
_MOST_BEFORE = 100


@dataclass(frozen=True, slots=True)
class Head:
    """Where a table begins.

    Attributes
    ----------
    n_before : rows that precede the header, or the first row where there is none.
    n_rows : rows that the names go over, 0 without names.
    names : the columns' names as they stand in the source, or None.
    why : the evidence, a sentence.
    """

    n_before: int
    n_rows: int
    names: tuple[str, ...] | None
    why: str


def head_of(
    rows: Sequence[Row], width: int, *, stated: bool | None = None, line: int | None = None, n_rows: int | None = None
) -> Head:
    """Find the header of a table of ``width`` columns; ``line`` is the one that it is stated to begin on."""
    values = [row.values for row in rows]
    if line is not None:
        start = next((place for place, row in enumerate(rows) if row.line >= line), len(rows))
    else:
        start = _start(values, width, stated)
    if stated is False or start >= len(rows):
        return Head(min(start, len(rows)), 0, None, "That is what was said.")
    first, below = values[start], [row for row in values[start + 1 :] if len(row) == width]
    sure = stated or line is not None or n_rows is not None
    if not sure and len(first) == width and not has_header(first, below):
        return Head(start, 0, None, _why_none(first))
    if n_rows is None:
        n_rows = _n_rows(values[start:], width)
    names = _names(values[start : start + n_rows], width, below)
    return Head(start, n_rows, names, "That is what was said." if sure else _why(first, below, n_rows))


def _start(rows: Sequence[Sequence[str]], width: int, stated: bool | None) -> int:
    """Return the place of the first row that belongs to the table."""
    start = next((place for place, row in enumerate(rows) if len(row) == width), 0)
    if start and stated is not False and _may_name(rows[start - 1], width) and not _has_names(rows, start, width):
        return start - 1
    full = next(
        (
            place
            for place in range(start, min(len(rows), start + _MOST_BEFORE))
            if len(rows[place]) == width and not _is_sparse(rows[place])
        ),
        start,
    )
    if full > start and stated is not False and all(_is_sparse(row) for row in rows[start:full]):
        # One or two filled cells in a table that is otherwise full are a title, if the names follow.
        below = [row for row in rows[full + 1 :] if len(row) == width]
        usual = sum(not _is_sparse(row) for row in below) >= 0.8 * len(below)
        if usual and has_header(rows[full], below) and not _spans(rows[full - 1], rows[full]):
            return full
    return start


def _has_names(rows: Sequence[Sequence[str]], start: int, width: int) -> bool:
    return has_header(rows[start], [row for row in rows[start + 1 :] if len(row) == width])


def _may_name(row: Sequence[str], width: int) -> bool:
    return len(row) in (width - 1, width + 1) and len(row) > 1 and not any(map(is_number, row))


def _is_sparse(row: Sequence[str]) -> bool:
    return len(row) > 2 and sum(bool(cell.strip()) for cell in row) <= max(1, len(row) // 4)


def _spans(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Say whether names stand over several columns: two or more in the upper row, blanks after them."""
    return sum(bool(cell.strip()) for cell in upper) >= 2 and len(upper) == len(lower)


def _n_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """Count the rows of names: those in which no cell is a value, over columns that hold values from there on."""
    n = 1
    while n < min(_MOST_HEADER_ROWS, len(rows) - 1):
        row, below = rows[n], [one for one in rows[n + 1 :] if len(one) == width]
        if len(row) != width or any(map(is_value, row)):
            break
        columns = [[one[index] for one in below if not is_missing(one[index])] for index in range(width)]
        typed = [index for index, column in enumerate(columns) if _holds_values(column)]
        again = sum(not is_missing(row[index]) and row[index] in column for index, column in enumerate(columns))
        is_over = len(typed) >= max(2, width // 4) and not any(is_missing(row[index]) for index in typed)
        if list(row) != list(rows[n - 1]) and not (is_over and not again):
            break
        n += 1
    return n


def _holds_values(column: Sequence[str]) -> bool:
    return len(column) > 1 and sum(map(is_value, column)) >= 0.8 * len(column)


def _names(header: Sequence[Sequence[str]], width: int, below: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Join the names of each column by a blank, after making the rows of names as wide as the table."""
    rows = [_fitted(list(row), width, below) for row in header]
    joined = _joined(rows)
    if len(rows) > 1 and len(set(joined)) < len(joined):
        # A name over several columns stands over the first of them.
        rows = [_carried(row) for row in rows[:-1]] + rows[-1:]
        joined = _joined(rows)
    return joined


def _joined(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(" ".join(cell.strip() for cell in cells if cell.strip()) for cells in zip(*rows, strict=True))


def _carried(row: Sequence[str]) -> list[str]:
    carried: list[str] = []
    for cell in row:
        carried.append(cell if cell.strip() or not carried else carried[-1])
    return carried


def _fitted(row: list[str], width: int, below: Sequence[Sequence[str]]) -> list[str]:
    """Make names as many as columns: a blank one too many goes, the one that lacks is the last or that of row names."""
    blank = [place for place, cell in enumerate(row) if not cell.strip()]
    while len(row) > width and blank:
        del row[blank.pop()]
    if len(row) == width - 1 and below and _are_row_names([one[0] for one in below], [one[-1] for one in below]):
        row.insert(0, "")
    return (row + [""] * width)[:width]


def _are_row_names(first: Sequence[str], last: Sequence[str]) -> bool:
    """Say whether a first column that has no name numbers or names the rows, as R writes it."""
    return any(cell.strip() for cell in last) and len(set(first)) == len(first) and len(first) > 1


def has_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Say whether ``first`` names the columns of the rows ``below`` it, cells as text.

    A number or an empty row says no, unless the numbers are years in order; text over a column of numbers or dates
    says yes; and where all is text, a first row whose values come again below is data.
    """
    if not any(cell.strip() for cell in first):
        return False
    if any(map(is_value, first)) and not _are_years(first, below):
        return False
    columns = [[row[index] for row in below if row[index].strip()] for index in range(len(first))]
    typed = [column and sum(map(is_value, column)) >= 0.8 * len(column) for column in columns]
    if any(is_typed and not is_missing(cell) for is_typed, cell in zip(typed, first, strict=True)):
        return True
    again = sum(cell in column for cell, column in zip(first, columns, strict=True) if column)
    filled = sum(bool(column) for column in columns)
    return len({cell.strip().lower() for cell in first}) == len(first) and again < max(1, 0.5 * filled)


def _are_years(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    places = [index for index, cell in enumerate(first) if is_value(cell)]
    years = [first[index].strip() for index in places]
    if len(years) < 2 or len(years) == len(first) or not all(map(_is_year, years)):
        return False
    rising = all(before < after for before, after in zip(years, years[1:], strict=False))
    return rising and not all(_is_year(row[index].strip()) for row in below for index in places)


def _is_year(cell: str) -> bool:
    return len(cell) == 4 and cell.isdigit() and "1900" <= cell <= "2100"


def _why_none(first: Sequence[str]) -> str:
    value = next((cell for cell in first if is_value(cell)), None)
    if value is not None:
        return f"The first row holds a value, {value.strip()[:30]!r}, which is no name."
    return "Values of the first row come again in the rows below it."


def _why(first: Sequence[str], below: Sequence[Sequence[str]], n_rows: int) -> str:
    if not below:
        return "It is the only row, and none of its values is a number or a date."
    if n_rows > 1:
        return f"The first {n_rows} rows hold words only, over columns of numbers or dates, or the same words."
    for index, cell in enumerate(first[: len(below[0])]):
        column = [row[index] for row in below if row[index].strip()]
        if column and sum(map(is_value, column)) >= 0.8 * len(column):
            return f"It holds words, such as {cell.strip()[:30]!r}, over columns of numbers or dates."
    return "Its values differ from one another and from those in the rows below it."
