"""Rewrites a text row by row so that a strict reader takes it; what does not fit is put right or left out."""

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from core.errors import LoadError
from core.ingest.dialect import Dialect, is_comment
from core.ingest.encoding import open_text
from core.ingest.header import has_header
from core.ingest.repair import mended, reason
from core.ingest.rows import Lines, Row, is_blank, row_from, rows_of
from core.ingest.shapes import n_strange
from core.ingest.source import N_REJECTED_SHOWN, Assumption, Rejected, Repaired
from core.ingest.stopping import check
from core.ingest.tokens import BLANKS, Marks, is_strict

_LONGEST_LINE = 1 << 25
_MOST_AFTER = 20


@dataclass(slots=True)
class Rewritten:
    """A text that a strict reader takes, without names, and what was done to it.

    Attributes
    ----------
    path, marks : the new text, and what it is written with; lines end in a line feed.
    repaired, n_repaired, rejected, n_rejected : as in Source.
    assumed : further tables, comments and lines after the table, with the evidence.
    n_longest : characters of the longest row.
    n_rows, parts : rows of data; how many of them precede each place where the row of names came again.
    """

    path: Path
    marks: Marks
    repaired: list[Repaired] = field(default_factory=list)
    n_repaired: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    n_rejected: int = 0
    assumed: list[Assumption] = field(default_factory=list)
    n_longest: int = 0
    n_rows: int = 0
    parts: list[int] = field(default_factory=list)
    _lines: list[int] = field(default_factory=list)
    _shifts: list[int] = field(default_factory=list)

    def source_line(self, line: int) -> int:
        """Return on which line of the source the row stands that begins on this line of the new text."""
        place = bisect_right(self._lines, line) - 1
        return line + self._shifts[place] if place >= 0 else line


def rewritten(text: Path, dialect: Dialect, target: Path) -> Rewritten:
    """Write the rows of ``text``, which is UTF-8, to ``target``; a row at a time is in memory.

    Raises
    ------
    LoadError
        When a line is longer than 32 million characters.
    """
    stem = " " if dialect.delimiter == BLANKS else dialect.delimiter.rstrip(" ") or " "
    mark = dialect.quote or '"'
    result = Rewritten(target, Marks(stem, mark, mark))
    with open_text(text) as source, target.open("w", encoding="utf-8", newline="") as out:
        _Rewriter(dialect, result, Lines(_lines(source, text.name)), out).run()
    return result


def _lines(source: TextIO, name: str) -> Iterator[str]:
    first = True
    while line := source.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise LoadError(f"A line of {name!r} is longer than 32 MB.", hint="Check that it is a table.")
        yield line.removeprefix("\ufeff") if first else line
        first = False


class _Rewriter:
    def __init__(self, dialect: Dialect, result: Rewritten, lines: Lines, out: TextIO) -> None:
        self.dialect, self.result, self.lines, self.out = dialect, result, lines, out
        self.width = dialect.n_columns
        self.writer = (
            csv.writer(out, delimiter=result.marks.delimiter, quotechar=result.marks.quote, lineterminator="\n")
            if len(result.marks.delimiter) == 1
            else None
        )
        self.n_lines = self.shift = self.n_nul = self.n_comments = 0
        self.further = 0
        self.further_line = 0
        self.after_blank = False
        self.tail: list[tuple[int, Row]] = []
        self.tail_after_blank = False

    def run(self) -> None:
        """Rewrite all rows and say what stood around the table."""
        for before in self.dialect.before:
            self._reject(before.line, "It stands before the table.", before.text)
        for _ in range(self.dialect.first_line - 1):
            if next(self.lines, None) is None:
                break
        first = self.dialect.header[0].strip() if self.dialect.header else ""
        for line in self.lines:
            if not self.lines.number & 1023:
                check()
            if "\x00" in line:
                line, self.n_nul = line.replace("\x00", ""), self.n_nul + 1
            body = line.rstrip("\r\n")
            if is_comment(line, self.dialect.comment):
                self.n_comments += 1
            elif is_blank(line, self.dialect.marks):
                self.after_blank = True
            elif self._is_verbatim(body) and not (first and body.lstrip(" \"'").startswith(first)):
                self._written(self.lines.number, body)
            else:
                self._take(row_from(line, self.lines, self.dialect.marks, self.width))
        self._finish()

    def _is_verbatim(self, body: str) -> bool:
        """Say whether a row can be copied as it is."""
        marks = self.dialect.marks
        if self.further or not marks.is_plain or (not marks.quote and self.result.marks.quote in body):
            return False
        return is_strict(body, marks, self.width)

    def _take(self, row: Row) -> None:
        after_blank, self.after_blank = self.after_blank, False
        fits = row.status == "good" and len(row.values) == self.width
        if self.further:
            if not fits or self.further == self.width or n_strange(row.values, self.dialect.shapes):
                why = f"It belongs to another table, which begins at line {self.further_line}."
                return self._reject(row.line, why, row.text)
            self.further = 0
        if fits:
            if self.dialect.header and self._is_header(row.values):
                return self._again(row)
            return self._write(row.line, row.values)
        if row.status == "good" and self._begins_another(row):
            return None
        found = mended(row, self.dialect)
        if found is None:
            if not self.tail:
                self.tail_after_blank = after_blank
            self.tail.append((len(self.result.rejected), row))
            return self._reject(row.line, reason(row, self.dialect), row.text)
        self.result.n_repaired += 1
        if len(self.result.repaired) < N_REJECTED_SHOWN:
            after = self.result.marks.delimiter.join(found.cells)
            self.result.repaired.append(Repaired(row.line, found.what, row.text[:500], after[:500]))
        return self._write(row.line, found.cells)

    def _is_header(self, values: list[str]) -> bool:
        names = [value.strip() for value in values]
        return any(names) and tuple(names) == tuple(name.strip() for name in self.dialect.header or ())

    def _again(self, row: Row) -> None:
        self.result.parts.append(self.result.n_rows)
        why = f"The names come again at line {row.line}; the rows after it have the same columns."
        self.result.assumed.append(Assumption("tables", f"one, continued at line {row.line}", why))

    def _begins_another(self, row: Row) -> bool:
        """Say whether a row of another width is the header of another table, whose rows follow it."""
        n = len(row.values)
        if n < 2 or sum(bool(value.strip()) for value in row.values) < max(2, n // 2):
            return False
        ahead = [line for line in (next(self.lines, None) for _ in range(8)) if line is not None]
        self.lines.give_back(ahead)
        rows = [one.values for one in rows_of(ahead, self.dialect.marks)]
        alike = [values for values in rows if len(values) == n]
        if len(alike) < max(2, len(rows) - 1) or not has_header(row.values, alike):
            return False
        self.further, self.further_line = n, row.line
        why = (
            f"The row at line {row.line} names {n} columns where the table has {self.width}, and rows of {n} follow it."
        )
        self.result.assumed.append(Assumption("tables", "the first", f"{why} That is another table; it was left out."))
        self._reject(row.line, "It names the columns of another table.", row.text)
        return True

    def _write(self, line: int, values: list[str]) -> None:
        marks = self.result.marks
        if self.writer is not None and not any("\r" in value or "\n" in value for value in values):
            self._moved(line)
            self.result.n_longest = max(self.result.n_longest, self.writer.writerow(values))
            self.n_lines += 1
            self.result.n_rows += 1
            return
        doubled = marks.quote * 2
        quoted = [f"{marks.quote}{value.replace(marks.quote, doubled)}{marks.quote}" for value in values]
        self._written(line, marks.delimiter.join(quoted))

    def _written(self, line: int, body: str) -> None:
        self._moved(line)
        self.out.write(body + "\n")
        if len(body) > self.result.n_longest:
            self.result.n_longest = len(body)
        self.n_lines += 1 + body.count("\n")
        self.result.n_rows += 1

    def _moved(self, line: int) -> None:
        """Note by how many lines the source is ahead of the new text from here on."""
        if self.tail:
            self.tail.clear()
        if line - self.n_lines - 1 != self.shift:
            self.shift = line - self.n_lines - 1
            self.result._lines.append(self.n_lines + 1)
            self.result._shifts.append(self.shift)

    def _reject(self, line: int, why: str, text: str) -> None:
        self.result.n_rejected += 1
        if len(self.result.rejected) < N_REJECTED_SHOWN:
            self.result.rejected.append(Rejected(line, "", why, text[:500]))

    def _finish(self) -> None:
        add = self.result.assumed.append
        if self.n_comments:
            why = f"Lines that begin with {self.dialect.comment!r} and are no rows: {self.n_comments:,}."
            add(Assumption("comment", f"{self.n_comments:,} left out", why))
        if self.n_nul:
            add(
                Assumption(
                    "bytes", "NUL removed", f"Lines with bytes of value zero, which no text has: {self.n_nul:,}."
                )
            )
        short = [row for _, row in self.tail if len(row.values) < self.width]
        if 0 < len(self.tail) <= _MOST_AFTER and len(short) == len(self.tail):
            first, last = short[0], short[-1]
            if self.tail_after_blank or len(first.values) == 1:
                lines = f"line {first.line}" if first is last else f"lines {first.line} to {last.line}"
                add(Assumption("footer", lines, f"After it no row has {self.width} values up to the end of the file."))
                for place, row in self.tail:
                    if place < len(self.result.rejected) and self.result.rejected[place].line == row.line:
                        what = replace(self.result.rejected[place], reason="It stands after the table.")
                        self.result.rejected[place] = what
