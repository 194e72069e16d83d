"""Splits a row of a delimited text into cells: as the marks say, or the likeliest way where its quotes are broken."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

BLANKS = "blanks"
NO_QUOTE = "none"
_MOST_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that a delimited text is made with.

    Attributes
    ----------
    delimiter : one or more characters; ", " is a comma that blanks may follow, and "blanks" any run of blanks.
    quote : '"', "'" or another character, or "" when quotes are ordinary characters.
    escape : what makes a quote within a quoted value an ordinary character: the quote itself, a backslash or another.
    """

    delimiter: str
    quote: str
    escape: str

    @property
    def is_plain(self) -> bool:
        """Whether cells end at one literal string and a quote is doubled, as Python's and DuckDB's readers want it."""
        return self.delimiter != BLANKS and self.delimiter.strip(" ") in ("", self.delimiter) and self.is_doubled

    @property
    def is_doubled(self) -> bool:
        """Whether a quote within a value is written twice."""
        return self.escape in ("", self.quote)


class Cells(NamedTuple):
    """What a row was split into.

    ``status`` is "good", "open" when a quote is not closed at the end, or "broken" when one is closed before the end
    of its value; what is broken has no cells.
    """

    values: list[str]
    quoted: list[bool]
    status: Literal["good", "open", "broken"]


class _Patterns(NamedTuple):
    delimiter: re.Pattern[str]
    bare: re.Pattern[str]
    opening: re.Pattern[str]
    inside: re.Pattern[str]
    closing: re.Pattern[str]


@cache
def _patterns(marks: Marks) -> _Patterns:
    if marks.delimiter == BLANKS:
        mark, around = " +", ""
    elif marks.delimiter.startswith(" ") or marks.delimiter == "\t":
        mark, around = re.escape(marks.delimiter), ""
    else:
        stem = marks.delimiter.rstrip(" ")
        mark, around = re.escape(stem) + (" *" if stem != marks.delimiter else ""), " *"
    quote, escape = re.escape(marks.quote), re.escape(marks.escape)
    inside = (
        f"[^{quote}]*(?:{quote}{quote}[^{quote}]*)*"
        if marks.is_doubled
        else f"(?:[^{quote}{escape}]|{escape}.|{escape}$)*"
    )
    return _Patterns(
        re.compile(mark),
        re.compile(rf"(?:(?!{mark}).)*" if len(mark.replace("\\", "")) > 1 else f"[^{mark}]*", re.DOTALL),
        re.compile(around + quote),
        re.compile(inside if quote else "", re.DOTALL),
        re.compile(rf"{quote}{around}(?={mark}|\Z)"),
    )


def split(row: str, marks: Marks, *, inside: bool = False) -> Cells:
    """Split a row, without its line end, where its marks say.

    With ``inside`` the row continues a quoted value, whose rest is the first cell.
    """
    if not inside and (not marks.quote or marks.quote not in row):
        cells = bare_cells(row, marks)
        return Cells(cells, [False] * len(cells), "good")
    patterns = _patterns(marks)
    values: list[str] = []
    quoted: list[bool] = []
    place = _first(row, marks)
    while True:
        opened = None if inside else patterns.opening.match(row, place)
        if inside or opened:
            end = patterns.inside.match(row, place if inside else opened.end()).end()  # type: ignore[union-attr]
            values.append(_unescaped(row[place if inside else opened.end() : end], marks))  # type: ignore[union-attr]
            quoted.append(True)
            inside = False
            if end == len(row):
                return Cells(values, quoted, "open")
            closed = patterns.closing.match(row, end)
            if closed is None:
                return Cells([], [], "broken")
            place = closed.end()
        else:
            end = patterns.bare.match(row, place).end()  # type: ignore[union-attr]
            values.append(row[place:end])
            quoted.append(False)
            place = end
        if place >= len(row):
            return Cells(values, quoted, "good")
        place = patterns.delimiter.match(row, place).end()  # type: ignore[union-attr]
        if place == len(row) and marks.delimiter == BLANKS:
            return Cells(values, quoted, "good")


def bare_cells(row: str, marks: Marks) -> list[str]:
    """Split a row that has no quotes."""
    if marks.delimiter == BLANKS:
        return row.split(" ") if not row.strip(" ") else [cell for cell in row.split(" ") if cell]
    stem = marks.delimiter.rstrip(" ")
    if stem and stem != marks.delimiter:
        return [cell.lstrip(" ") for cell in row.split(stem)]
    return row.split(marks.delimiter)


def loose(row: str, marks: Marks) -> Cells:
    """Split a row so that a quoted value ends at the first quote that a delimiter or the end of the row follows.

    Quotes within a value need no escape then; a quote that nothing closes is an ordinary character.
    """
    patterns = _patterns(marks)
    values: list[str] = []
    quoted: list[bool] = []
    place = _first(row, marks)
    while True:
        opened = patterns.opening.match(row, place) if marks.quote else None
        closed = patterns.closing.search(row, opened.end()) if opened else None
        if opened and closed:
            values.append(_unescaped(row[opened.end() : closed.start()], marks))
            place = closed.end()
        else:
            end = patterns.bare.match(row, place).end()  # type: ignore[union-attr]
            values.append(row[place:end])
            place = end
        quoted.append(closed is not None)
        if place >= len(row):
            return Cells(values, quoted, "good")
        place = patterns.delimiter.match(row, place).end()  # type: ignore[union-attr]


def split_to(row: str, marks: Marks, width: int) -> Cells | None:
    """Split a row into exactly ``width`` cells so that as few quotes as can be are taken for ordinary characters.

    A quote at the beginning of a value that is taken so costs two, one within a quoted value one. The least cost by
    dynamic programming over the places where a cell can begin; None where no way leads to that width, or where
    finding it takes too long.
    """
    patterns = _patterns(marks)
    closings = [found.span() for found in patterns.closing.finditer(row)] if marks.quote else []
    n_places = sum(1 for _ in patterns.delimiter.finditer(row))
    if n_places + 1 < width or width * (n_places + 1) * (len(closings) + 1) > _MOST_STEPS:
        return None
    layers: list[dict[int, _Step]] = [{_first(row, marks): _Step(0, -1, "", False)}]
    for n in range(width):
        following: dict[int, _Step] = {}
        for place, step in layers[-1].items():
            for end, text, is_quoted, cost in _ways(row, marks, patterns, closings, place):
                if (end >= len(row)) != (n == width - 1):
                    continue
                after = patterns.delimiter.match(row, end).end() if end < len(row) else len(row) + 1  # type: ignore[union-attr]
                if after not in following or step.cost + cost < following[after].cost:
                    following[after] = _Step(step.cost + cost, place, text, is_quoted)
        layers.append(following)
    place = len(row) + 1
    if place not in layers[-1]:
        return None
    steps = []
    for layer in reversed(layers[1:]):
        steps.append(layer[place])
        place = layer[place].before
    return Cells([step.text for step in reversed(steps)], [step.is_quoted for step in reversed(steps)], "good")


class _Step(NamedTuple):
    cost: int
    before: int
    text: str
    is_quoted: bool


def _ways(
    row: str, marks: Marks, patterns: _Patterns, closings: Sequence[tuple[int, int]], place: int
) -> list[tuple[int, str, bool, int]]:
    """Return the ends that a cell beginning at ``place`` can have, with its text and what that costs."""
    end = patterns.bare.match(row, place).end()  # type: ignore[union-attr]
    opened = patterns.opening.match(row, place) if marks.quote else None
    ways = [(end, row[place:end], False, 2 if opened else 0)]
    if opened:
        for start, stop in closings:
            if start >= opened.end():
                inner = row[opened.end() : start]
                text = _unescaped(inner, marks)
                ways.append((stop, text, True, _n_loose(inner, marks)))
    return ways


def _n_loose(inner: str, marks: Marks) -> int:
    """Count the quotes in a quoted value that are not escaped."""
    if marks.is_doubled:
        return inner.replace(marks.quote * 2, "").count(marks.quote)
    return inner.replace(marks.escape * 2, "").replace(marks.escape + marks.quote, "").count(marks.quote)


def _first(row: str, marks: Marks) -> int:
    return len(row) - len(row.lstrip(" ")) if marks.delimiter == BLANKS else 0


def _unescaped(text: str, marks: Marks) -> str:
    if marks.is_doubled:
        return text.replace(marks.quote * 2, marks.quote) if marks.quote in text else text
    if marks.escape not in text:
        return text
    return re.sub(f"{re.escape(marks.escape)}([{re.escape(marks.escape + marks.quote)}])", r"\1", text)


def is_strict(row: str, marks: Marks, width: int) -> bool:
    """Say quickly whether a row of plain marks has ``width`` cells and no broken quote; False may be mistaken."""
    if marks.quote not in row or not marks.quote:
        return row.count(marks.delimiter) == width - 1
    if len(marks.delimiter) > 1 or f"{marks.delimiter} {marks.quote}" in row or row[0] == " ":
        return False
    try:
        rows = list(csv.reader([row], delimiter=marks.delimiter, quotechar=marks.quote, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == width
