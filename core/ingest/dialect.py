"""Finds out how a delimited text is written, and says why it is thought so.

``dialect_of(sample, settings)`` looks at the beginning of a text; ``core.ingest.delimited.written`` at a file.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.ingest.dialect_score import Scored, best_marks, width_of
from core.ingest.evidence import assumptions
from core.ingest.header import head_of
from core.ingest.rows import Lines, Row, is_blank, row_from
from core.ingest.shapes import ColumnShape, column_shapes
from core.ingest.source import Assumption, ReaderSettings
from core.ingest.tokens import Marks, split, split_to

_MOST_LINES = 1000
_MOST_HEAD = 20
_COMMENTS = ("#", "%", "//")
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.{1,3}?)\"?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Before:
    """A line that stands before the table."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""How a delimited text is written.

    Attributes
    ----------
    marks : delimiter, quote and escape, also to be had by these names; ``quote`` is "" when there is none.
    comment : what a line that is left out begins with, or "".
    line_end : "\n", "\r\n", "\r" or "mixed".
    n_columns : cells of a row.
    header : the names as they stand in the source, or None; ``header_line`` is where they begin, or where the first
        row does, from 1, and ``n_header_rows`` over how many rows they go (0 without names).
    n_skipped : rows before the first row of data as DuckDB's ``skip`` counts them, the header among them: blank lines
        count, and a row with line ends in its values is one.
    first_line, first_row : the line on which the first row of data begins, from 1, or would begin; its cells.
    before : the lines that precede the table and are neither blank nor comments.
    shapes : what each column's values look like.
    is_plain : whether DuckDB's strict reader reads the beginning as this module does, given delimiter, quote, escape
        and ``skip``, so that it is worth trying; where it rejects nothing, nothing is to be repaired.
    assumed : what nobody stated, with the evidence.
    """

    marks: Marks
    comment: str
    line_end: str
    n_columns: int
    header: tuple[str, ...] | None
    header_line: int
    n_header_rows: int
    n_skipped: int
    first_line: int
    first_row: tuple[str, ...]
    before: tuple[Before, ...]
    shapes: tuple[ColumnShape, ...]
    is_plain: bool
    assumed: tuple[Assumption, ...] = ()

    @property
    def delimiter(self) -> str:
        """One character or more, ", " or "blanks"."""
        return self.marks.delimiter

    @property
    def quote(self) -> str:
        """The quote, or "" for none."""
        return self.marks.quote

    @property
    def escape(self) -> str:
        """The quote itself, a backslash or another character."""
        return self.marks.escape


def dialect_of(sample: str, settings: ReaderSettings | None = None) -> Dialect:
    """Find out how ``sample``, whole lines from a text's beginning, is written; what is stated is not questioned."""
    wanted = settings or ReaderSettings()
    lines = list(io.StringIO(sample.removeprefix("\ufeff"), newline=""))[:_MOST_LINES]
    said = _SEPARATOR.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    comment = wanted.comment or _comment(lines)
    table = [line for line in lines[1 if said else 0 :] if line.strip() and not is_comment(line, comment)]
    delimiter = wanted.delimiter or (said[1].replace("\\t", "\t") if said else "")
    found = best_marks(table, delimiter, wanted.quote, wanted.escape)
    marks = found[0].marks
    rows = _rows(lines, marks, comment, bool(said))
    width = _width(rows, found[0])
    if width == 1 and not wanted.delimiter and _are_wrapped(rows, marks):
        return _of_wrapped(lines, rows, wanted)
    shaped = [_whole(row, marks, width) for row in rows[:_MOST_HEAD]] + rows[_MOST_HEAD:]
    head = head_of(
        shaped, width, stated=wanted.header, line=wanted.header_row or None, n_rows=wanted.n_header_rows or None
    )
    data = rows[head.n_before + head.n_rows :]
    first_line = data[0].line if data else len(lines) + 1
    header_line = rows[head.n_before].line if head.n_before < len(rows) else first_line
    line_end = _line_end(lines, rows)
    skipped = rows[: head.n_before + head.n_rows]
    n_skipped = first_line - 1 - sum(map(_n_within, skipped))
    dialect = Dialect(
        marks=marks,
        comment=comment,
        line_end=line_end,
        n_columns=width,
        header=head.names,
        header_line=header_line,
        n_header_rows=head.n_rows,
        n_skipped=n_skipped,
        first_line=first_line,
        first_row=tuple(data[0].values) if data else (),
        before=tuple(Before(row.line, row.text) for row in rows[: head.n_before]),
        shapes=column_shapes([row.values for row in data if row.status == "good"], width),
        is_plain=_is_plain(marks, width, line_end, skipped) and not wanted.comment and "\x00" not in sample,
    )
    if comment and marks.quote and any(marks.quote in line for line in lines if is_comment(line, comment)):
        dialect = replace(dialect, is_plain=False)
    return replace(dialect, assumed=assumptions(dialect, wanted, found, head, bool(said)))


def _is_plain(marks: Marks, width: int, line_end: str, skipped: Sequence[Row]) -> bool:
    whole = all(row.status == "good" and not (marks.quote and row.text.count(marks.quote) % 2) for row in skipped)
    return marks.is_plain and width > 1 and line_end != "mixed" and whole


def is_comment(line: str, comment: str) -> bool:
    """Say whether a line begins with the comment's mark."""
    return bool(comment) and line.lstrip(" \t").startswith(comment)


def _comment(lines: Sequence[str]) -> str:
    """Return what the lines before the first other one begin with, where that is a mark of comments."""
    top = next((line.lstrip(" \t") for line in lines if line.strip()), "")
    mark = next((one for one in _COMMENTS if top.startswith(one)), "")
    others = [line for line in lines if line.strip() and not is_comment(line, mark)]
    n_comments = sum(is_comment(line, mark) for line in lines)
    return mark if mark and n_comments < len(others) and not _is_marked_header(lines, mark) else ""


def _is_marked_header(lines: Sequence[str], mark: str) -> bool:
    """Say whether a single line with the mark is the row of names, as in ``#id,name``."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2 or is_comment(filled[1], mark):
        return False
    signs = [one for one in ",;\t|" if filled[1].count(one)]
    return any(filled[0].count(one) == filled[1].count(one) for one in signs)


def _rows(lines: Sequence[str], marks: Marks, comment: str, said: bool) -> list[Row]:
    source = Lines(lines)
    if said:
        next(source)
    return [
        row_from(line, source, marks) for line in source if not is_blank(line, marks) and not is_comment(line, comment)
    ]


def _width(rows: Sequence[Row], scored: Scored) -> int:
    """Return how many columns there are: as many as names, where rows end early because their end is blank."""
    values = [row.values for row in rows if row.status == "good"] or [row.values for row in rows]
    width = width_of(values) if values else scored.width
    first = values[0] if values else []
    if len(first) > width and all(cell.strip() for cell in first) and len(set(first)) == len(first):
        n_as_wide = sum(len(row) == len(first) for row in values[1:])
        if n_as_wide and not any(len(row) > len(first) for row in values):
            return len(first)
    return width


def _n_within(row: Row) -> int:
    """Count the line ends within a row."""
    return len(list(io.StringIO(row.text, newline=""))) - 1 if "\n" in row.text or "\r" in row.text else 0


def _are_wrapped(rows: Sequence[Row], marks: Marks) -> bool:
    """Say whether every row is one quoted value that holds a row, three cells wide or more and all equally wide."""
    if len(rows) < 3 or not all(row.quoted == [True] and "\n" not in row.text for row in rows):
        return False
    for one in (",", ";", "\t", "|"):
        inner = [split(row.values[0], Marks(one, marks.quote, marks.quote)) for row in rows]
        if len({len(cells.values) for cells in inner}) == 1 and len(inner[0].values) >= 3:
            return all(cells.status == "good" for cells in inner)
    return False


def _of_wrapped(lines: Sequence[str], rows: Sequence[Row], wanted: ReaderSettings) -> Dialect:
    """Find out how the rows are written that are quoted as a whole."""
    inner = list(lines)
    for row in rows:
        inner[row.line - 1] = row.values[0] + "\n"
    dialect = dialect_of("".join(inner), wanted)
    why = f"Each of the first {len(rows)} rows is one quoted value, and what is within has {dialect.n_columns} values."
    return replace(dialect, is_plain=False, assumed=(*dialect.assumed, Assumption("rows", "quoted as a whole", why)))


def _whole(row: Row, marks: Marks, width: int) -> Row:
    """Return a row with broken quotes in as many cells as the others have, where that can be done."""
    if row.status == "good":
        return row
    cells = split_to(row.text, marks, width)
    return row if cells is None else replace(row, values=cells.values, quoted=cells.quoted)


def _line_end(lines: Sequence[str], rows: Sequence[Row]) -> str:
    within = {row.line - 1 + place for row in rows for place in range(_n_within(row))}
    ends = {line[len(line.rstrip("\r\n")) :] for place, line in enumerate(lines) if place not in within} - {""}
    return "\n" if not ends else ends.pop() if len(ends) == 1 else "mixed"
