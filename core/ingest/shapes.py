"""What the values of a column look like, so that it shows in which column a value stands."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_NUMBER = re.compile(r"\s*[-+]?[$€£]?(\d{1,3}([.,' ]\d{3})+|\d+)?([.,]\d+)?([eE][-+]?\d+)?\s*%?\s*")
_DATE = re.compile(
    r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[AP]M|[-+]\d\d:?\d\d)?)?\s*"
)
_TIME = re.compile(r"\s*\d{1,2}:\d{2}(:\d{2})?\s*")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-", "--", ".", "nil", "missing", "unknown", "#n/a"))
_FEWEST = 5


@lru_cache(maxsize=1 << 15)
def is_number(cell: str) -> bool:
    """Say whether a cell is a number as people write them, with or without thousands marks and a unit of money."""
    return cell.isdecimal() or (_DIGITS.search(cell) is not None and _NUMBER.fullmatch(cell) is not None)


@lru_cache(maxsize=1 << 15)
def is_moment(cell: str) -> bool:
    """Say whether a cell is a date or a time of the day."""
    return _DATE.fullmatch(cell) is not None or _TIME.fullmatch(cell) is not None


def is_value(cell: str) -> bool:
    """Say whether a cell is a number or a date, which the name of a column is not."""
    return is_number(cell) or _DATE.fullmatch(cell) is not None


def is_missing(cell: str) -> bool:
    """Say whether a cell is blank or a word that people write where there is no value."""
    return cell.strip().lower() in _MISSING


@lru_cache(maxsize=8192)
def shape_of(cell: str) -> str:
    """Return "number", or the cell with its digits as one 9 and its letters as one a: ``MG-8769`` is ``a-9``."""
    cell = cell.strip()
    if is_number(cell):
        return "number"
    return _LETTERS.sub("a", _DIGITS.sub("9", cell[:200]))


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What a column's values look like.

    Attributes
    ----------
    shapes : the few shapes that nearly all its values have, or None when they are of many.
    has_blanks : whether some row has no value in it.
    is_text : whether none of its values is a number or a date.
    """

    shapes: frozenset[str] | None
    has_blanks: bool
    is_text: bool

    def admits(self, cell: str) -> bool:
        """Say whether a cell can stand in this column, judging by the others."""
        if is_missing(cell):
            return self.has_blanks or bool(cell.strip())
        bare = cell.strip("\"' ")
        if self.shapes is not None:
            return shape_of(bare) in self.shapes
        return not (self.is_text and is_value(bare))


def column_shapes(rows: Sequence[Sequence[str]], width: int) -> tuple[ColumnShape, ...]:
    """Return what each column's values look like in those of the rows that have ``width`` cells.

    Rows that end early count as blank at their end where they are a fifth or more of all: such a writer leaves out
    what is empty at the end of a row.
    """
    whole = [row for row in rows if len(row) == width]
    short = [row for row in rows if 1 < len(row) < width]
    if len(short) >= 0.2 * len(rows):
        whole += [[*row, *[""] * (width - len(row))] for row in short]
    return tuple(_shape([row[index] for row in whole]) for index in range(width))


def _shape(cells: Sequence[str]) -> ColumnShape:
    filled = [cell for cell in cells if not is_missing(cell)]
    counts = Counter(map(shape_of, filled))
    common = [shape for shape, n in counts.most_common(4) if n >= 0.01 * len(filled)]
    known = len(filled) >= _FEWEST and sum(counts[shape] for shape in common) >= 0.98 * len(filled)
    is_text = len(filled) >= _FEWEST and not any(map(is_value, filled))
    return ColumnShape(frozenset(common) if known else None, len(filled) < len(cells), is_text)


def fits(cells: Sequence[str], shapes: Sequence[ColumnShape]) -> bool:
    """Say whether every cell can stand where it does."""
    return all(shape.admits(cell) for cell, shape in zip(cells, shapes, strict=True))


def n_strange(cells: Sequence[str], shapes: Sequence[ColumnShape]) -> int:
    """Count the cells that cannot stand where they do."""
    return sum(not shape.admits(cell) for cell, shape in zip(cells, shapes, strict=True))
