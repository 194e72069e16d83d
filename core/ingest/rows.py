"""Puts the lines of a delimited text together to rows, so that a quote that never closes costs its own line only."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.ingest.tokens import Marks, loose, split, split_to

_FURTHEST = 1 << 22


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the text.

    Attributes
    ----------
    line : where it begins, from 1.
    text : without its line end; a quoted value may hold line ends.
    values, quoted : its cells and which of them are quoted; those of ``loose`` where its quotes are broken.
    status : "good", "open" when a quote is never closed, "broken" when one is closed within a value.
    """

    line: int
    text: str
    values: list[str]
    quoted: list[bool]
    status: Literal["good", "open", "broken"]


class Lines(Iterator[str]):
    """Lines with their ends, of which some can be given back; ``number`` is that of the last one, from 1."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self.number = 0

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put the lines that were taken last, in their order, before those to come."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def is_blank(line: str, marks: Marks) -> bool:
    """Say whether a line holds nothing, not even empty cells."""
    bare = line.rstrip("\r\n")
    return not bare or (not bare.strip() and (marks.delimiter not in bare or not marks.delimiter.strip(" ")))


def row_from(line: str, lines: Lines, marks: Marks, width: int | None = None) -> Row:
    """Return the row that begins with ``line``, the one that ``lines`` gave last.

    A quoted value goes on over line ends as long as that leads to a row in good order, of ``width`` cells if that is
    known or else not to be had from the line alone; where it does not, the line is the row.
    """
    number, text = lines.number, line.rstrip("\r\n")
    cells = split(text, marks)
    if cells.status == "good":
        return Row(number, text, cells.values, cells.quoted, "good")
    if cells.status == "open":
        row = _continued(line, lines, marks, width)
        if row is not None:
            return row
    values, quoted, _ = loose(text, marks)
    return Row(number, text, values, quoted, cells.status)


def _continued(line: str, lines: Lines, marks: Marks, width: int | None) -> Row | None:
    number = lines.number
    first = line.rstrip("\r\n")
    values, quoted, _ = split(first, marks)
    taken: list[str] = []
    texts, last, n_chars = [first], line, 0
    while n_chars < _FURTHEST and (width is None or len(values) <= width):
        following = next(lines, None)
        if following is None:
            break
        taken.append(following)
        n_chars += len(following)
        end = last[len(last.rstrip("\r\n")) :]
        text = following.rstrip("\r\n")
        more = split(text, marks, inside=True)
        if more.status == "broken":
            break
        values[-1] += end + more.values[0]
        values.extend(more.values[1:])
        quoted.extend(more.quoted[1:])
        texts += [end, text]
        last = following
        if more.status == "good":
            if width is None or len(values) == width or split_to(first, marks, width) is None:
                return Row(number, "".join(texts), values, quoted, "good")
            break
    lines.give_back(taken)
    return None


def rows_of(lines: Iterable[str], marks: Marks) -> list[Row]:
    """Return all rows of some lines but the blank ones."""
    source = Lines(lines)
    return [row_from(line, source, marks) for line in source if not is_blank(line, marks)]
