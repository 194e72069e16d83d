"""Finds out how a delimited text is written: delimiter, quote, header.

The delimiter is the one under which rows have the most regular shape and cells look most like data, after van den
Burg, Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ")
NO_QUOTE = "none"

_NUMBER = re.compile(r"\s*[-+]?[$€£]?(\d{1,3}([.,' ]\d{3})+|\d+)?([.,]\d+)?([eE][-+]?\d+)?\s*%?\s*")
_DATE = re.compile(
    r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[AP]M|[-+]\d\d:?\d\d)?)?\s*"
)
_TIME = re.compile(r"\s*\d{1,2}:\d{2}(:\d{2})?\s*")
_TEXT_WITHOUT_DELIMITER = re.compile(r"[^,;\t|^~]*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written.

    Attributes
    ----------
    delimiter : one to three characters; ", " when every delimiter is followed by a blank.
    quote : "'" or '"', or "" when quotes are ordinary characters; ``escape`` is a backslash or the quote itself.
    n_columns : what most rows have.
    header : the cells of the row that names the columns, or None; ``n_before`` rows precede it,
        and it ``is_header_ragged`` when it has one cell more or fewer than the rows.
    """

    delimiter: str
    quote: str
    escape: str
    n_columns: int
    header: tuple[str, ...] | None
    n_before: int
    is_header_ragged: bool


def dialect_of(sample: str, *, delimiter: str = "", quote: str = "", header: bool | None = None) -> Dialect:
    """Find out how ``sample``, the beginning of a text, is written; what is stated is not questioned."""
    lines = _lines(sample)[:300]
    if len(lines) > 2 and not lines[-1].endswith(("\n", "\r")):
        lines.pop()
    text = "".join(lines)
    quotes = [_quote_char(quote)] if quote else (['"', "'"] if "'" in text else ['"'])
    escape = "\\" if '\\"' in text and '""' not in text.replace(',""', "") else ""
    tried = [delimiter] if delimiter else [*([", "] if _is_spaced(text) else []), *DELIMITERS]
    candidates = [
        (_score(_rows(text, one, mark, escape), one), -order, one, mark)
        for order, one in enumerate(tried)
        for mark in quotes
    ]
    best = max(candidates, key=lambda candidate: candidate[:2])
    _, _, chosen, mark = best
    rows = _rows(text, chosen, mark, escape)
    width = _width(rows)
    alone = sum(len(row) == 1 for row in rows)
    if not delimiter and (width == 1 or alone >= 0.4 * len(rows)):
        # A text of sentences has commas too; a table has them in nearly every row.
        chosen = next((one for one in DELIMITERS[:6] if one not in text), ",")
        rows = _rows(text, chosen, mark, escape)
        width = _width(rows)
    start, head, ragged = _header(rows, width, header)
    return Dialect(chosen, mark, escape or mark, width, head, start, ragged)


def _quote_char(stated: str) -> str:
    return "" if stated == NO_QUOTE else stated


def _lines(text: str) -> list[str]:
    """Split at line ends only; str.splitlines also splits at characters that a value may hold."""
    return list(io.StringIO(text, newline=""))


def _rows(text: str, delimiter: str, quote: str, escape: str) -> list[list[str]]:
    """Return the rows that are not blank; none where Python's reader gives up."""
    options: dict[str, object] = {"delimiter": delimiter[0], "skipinitialspace": len(delimiter) > 1}
    if quote:
        options |= {"quotechar": quote, "doublequote": escape == "", "escapechar": escape or None}
    else:
        options["quoting"] = csv.QUOTE_NONE
    try:
        rows = list(csv.reader(_lines(text), **options))
    except csv.Error:
        return []
    return [row for row in rows if row and not (len(row) == 1 and not row[0].strip())]


def _score(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """Pattern score times type score, as in the paper; a cell of text that holds a delimiter counts half.

    Blanks separate words as well as values, so they need rows of one shape and a column of numbers.
    """
    if not rows or (delimiter == " " and not _is_table(rows)):
        return 0.0
    widths = Counter(len(row) for row in rows)
    pattern = sum(n * max(0.001, width - 1) / width for width, n in widths.items()) / len(widths)
    cells = [cell for row in rows for cell in row]
    return pattern * sum(map(_cell_score, cells)) / len(cells)


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    width = _width(rows)
    shaped = [row for row in rows if len(row) == width]
    numbers = [sum(is_number(row[index]) for row in shaped) for index in range(width)]
    return width > 1 and max(numbers) >= 0.8 * len(shaped) - 1 and len(shaped) > 1


def _cell_score(cell: str) -> float:
    if is_number(cell) or _DATE.fullmatch(cell) or _TIME.fullmatch(cell):
        return 1.0
    if not cell.strip():
        return 0.9
    return 0.9 if _TEXT_WITHOUT_DELIMITER.fullmatch(cell) and cell.count('"') != 1 else 0.4


def is_number(cell: str) -> bool:
    """Say whether a cell is a number as people write them, with or without thousands marks and a unit of money."""
    return any(char.isdigit() for char in cell) and _NUMBER.fullmatch(cell) is not None


def _width(rows: Sequence[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width)) if counts else 1


def _is_spaced(text: str) -> bool:
    """Say whether commas are followed by a blank, as good as always."""
    return text.count(",") > 0 and text.count(", ") >= 0.98 * text.count(",")


def _header(rows: list[list[str]], width: int, stated: bool | None) -> tuple[int, tuple[str, ...] | None, bool]:
    """Return how many rows precede the first row of the table, and that row where it names the columns."""
    start = next((index for index, row in enumerate(rows) if len(row) == width), 0)
    nearly = rows[0] if rows and start and len(rows[0]) in (width - 1, width + 1) and len(rows[0]) > 1 else None
    if nearly and stated is not False and not any(map(is_number, nearly)):
        return 0, tuple((nearly + [""])[:width]), True
    first = rows[start] if rows else []
    below = rows[start + 1 :]
    named = has_header(first, [row for row in below if len(row) == width]) if stated is None else stated
    return start, tuple(first) if named else None, False


def has_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Say whether ``first`` names the columns of the rows ``below`` it, cells as text.

    A number or an empty row says no; text over a column of numbers or dates says yes; and where all is text, a
    first row whose values come again below is data.
    """
    if not any(cell.strip() for cell in first) or any(_is_value(cell) for cell in first):
        return False
    columns = [[row[index] for row in below if row[index].strip()] for index in range(len(first))]
    if any(column and sum(map(_is_value, column)) >= 0.8 * len(column) for column in columns):
        return True
    again = sum(cell in column for cell, column in zip(first, columns, strict=True) if column)
    filled = sum(bool(column) for column in columns)
    return len({cell.strip().lower() for cell in first}) == len(first) and again < max(1, 0.5 * filled)


def _is_value(cell: str) -> bool:
    return is_number(cell) or _DATE.fullmatch(cell) is not None
