"""Finds the delimiter, quote and escape of a text.

Those are chosen under which rows have the most regular shape and cells look most like data, after van den Burg,
Nazábal & Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.ingest.rows import Row, rows_of
from core.ingest.shapes import is_moment, is_number
from core.ingest.tokens import BLANKS, NO_QUOTE, Marks

DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ")
# Tried only where they are in the text, and at least in every other line.
_RARE = ("||", "::", "~~", "^^", "|~|", "~|~", "\x1f", "\x01", "§", "¦", "¬")
_SCORED = 200
_ADDRESS = re.compile(r"(https?|ftp|s3|file)://\S+|[^\s@,;|]+@[^\s@,;|]+\.\w+")
_PLAIN_TEXT = re.compile(r"[^,;\t|^~]*")


@dataclass(frozen=True, slots=True)
class Scored:
    """Marks, how well they fit, and the rows that they make of the lines."""

    marks: Marks
    score: float
    rows: list[Row]

    @property
    def width(self) -> int:
        """How many cells most rows have."""
        return width_of([row.values for row in self.rows])


def best_marks(lines: Sequence[str], delimiter: str = "", quote: str = "", escape: str = "") -> list[Scored]:
    """Return the candidates for a text's marks, the best first; what is stated is not questioned."""
    text = "".join(lines[:_SCORED])
    quotes = [_quote_char(quote)] if quote else (['"', "'"] if "'" in text else ['"'])
    tried = [delimiter] if delimiter else _delimiters(text, lines[:_SCORED])
    found = []
    for order, one in enumerate(tried):
        for mark in quotes:
            for inner in [escape] if escape else ["", *_escapes(text, one, mark)]:
                marks = Marks(one, mark, inner or mark)
                rows = rows_of(lines[:_SCORED], marks)
                found.append((_score(rows, one), -order, Scored(marks, 0.0, rows)))
    found.sort(key=lambda candidate: candidate[:2], reverse=True)
    best = [Scored(one.marks, score, one.rows) for score, _, one in found]
    return best if delimiter else _unless_sentences(best, text, lines)


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells the rows have: the number most have, or the first that half as many rows have."""
    counts = Counter(len(row) for row in rows)
    if not counts:
        return 1
    most = max(counts.values())
    common = [width for width, n in counts.items() if n == most or (n >= 0.5 * most and n >= 10)]
    return next(len(row) for row in rows if len(row) in common)


def _quote_char(stated: str) -> str:
    return "" if stated == NO_QUOTE else stated


def _delimiters(text: str, lines: Sequence[str]) -> list[str]:
    """Return what may be the delimiter, likely ones first."""
    rare = [one for one in _RARE if sum(one in line for line in lines) >= 0.5 * len(lines)]
    # A sign that is never alone is half of a delimiter, and not one with a blank value after every other.
    halves = {one[0] for one in rare if len(one) == 2 and text.count(one[0]) == 2 * text.count(one)}
    few = 0.2 * len(lines) if len(lines) > 10 else 1
    common = [one for one in DELIMITERS if one == "," or sum(one in line for line in lines) >= few]
    if "  " in text and len({len(line.split()) for line in lines}) == 1 < len(lines):
        common = [BLANKS if one == " " else one for one in common]
    return [*([", "] if _is_spaced(text) else []), *rare, *[one for one in common if one not in halves]]


def _is_spaced(text: str) -> bool:
    """Say whether commas are followed by a blank, as good as always; one at the end of a line is."""
    return text.count(", ") > 0 and text.count(", ") + len(re.findall(r",\r?$", text, re.M)) >= 0.98 * text.count(",")


def _escapes(text: str, delimiter: str, quote: str) -> list[str]:
    """Return what may escape a quote instead of another quote: a sign before nearly all quotes within values."""
    if not quote:
        return []
    edge = re.escape((delimiter.strip(" ") or delimiter) if delimiter != BLANKS else " ")
    mark = re.escape(quote)
    inner = re.findall(rf"(?<!^)([^{mark}\n\r])(?<!{edge}){mark}(?! *{edge}| *\r?$|{mark})", text, re.M)
    counts = Counter(inner)
    signs = {sign: n for sign, n in counts.items() if not sign.isalnum() and not sign.isspace() and sign not in "(['-"}
    return [sign for sign, n in signs.items() if n >= 0.8 * len(inner) and (sign == "\\" or n >= 3)]


def _score(rows: Sequence[Row], delimiter: str) -> float:
    """Pattern score times type score, as in the paper; a cell of text that holds a delimiter counts half.

    Blanks separate words as well as values, so they need rows of one shape and a column of numbers. Quotes that are
    broken under some marks speak against them, and quotes that are used speak a little for them.
    """
    cells = [cell for row in rows for cell in row.values]
    if not rows or not cells or (delimiter in (" ", BLANKS) and not _is_table([row.values for row in rows])):
        return 0.0
    widths = Counter(len(row.values) for row in rows)
    pattern = sum(n * max(0.001, width - 1) / width for width, n in widths.items()) / len(widths)
    in_order = 1 - 0.2 * sum(row.status != "good" for row in rows) / len(rows)
    in_use = 1 + 0.01 * sum(sum(row.quoted) for row in rows) / len(cells)
    return pattern * in_order * in_use * _type_score(rows) / len(cells)


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    width = width_of(rows)
    shaped = [row for row in rows if len(row) == width]
    numbers = [sum(is_number(row[index]) for row in shaped) for index in range(width)]
    return width > 1 and max(numbers) >= 0.8 * len(shaped) - 1 and len(shaped) > 1


def _type_score(rows: Sequence[Row]) -> float:
    return sum(
        _cell_score(cell, is_quoted) for row in rows for cell, is_quoted in zip(row.values, row.quoted, strict=True)
    )


def _cell_score(cell: str, is_quoted: bool) -> float:
    if is_number(cell) or is_moment(cell):
        return 1.0
    bare = cell.strip()
    if not bare or is_quoted:
        return 0.9
    if _ADDRESS.fullmatch(bare):
        return 1.0
    return 0.9 if _PLAIN_TEXT.fullmatch(bare) and '"' not in (bare[0], bare[-1]) else 0.4


def _unless_sentences(best: list[Scored], text: str, lines: Sequence[str]) -> list[Scored]:
    """Put a delimiter that does not occur first where the text is one column.

    A text of sentences has commas too; a table has them in nearly every row.
    """
    first = best[0]
    alone = sum(len(row.values) == 1 for row in first.rows)
    if first.width > 1 and alone < 0.4 * len(first.rows):
        return best
    absent = next((one for one in (*DELIMITERS[:6], "\x1f") if one not in text), ",")
    marks = Marks(absent, first.marks.quote, first.marks.escape)
    return [Scored(marks, first.score, rows_of(lines[:_SCORED], marks)), *best]
