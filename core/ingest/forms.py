"""The ways in which numbers, dates and times are written, and the SQL that tells and reads each of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.ingest.source import ReaderSettings

_BLANKS = r"[ \t\r\n\f\v]*"
_EXACT = 2**53 - 1
"""Up to here a DOUBLE tells every whole number from the next."""

UNITS = "%$€£¥"
DateOrder = Literal["", "year", "day", "month"]


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing the values of a type.

    Attributes
    ----------
    type : DuckDB's.
    pattern : of a whole value without blanks around it, in the common part of RE2 and Python's regular expressions.
    decimal, thousands : the marks within a number; "" where the form has none, and " " for blanks of any width.
    unit : a sign of money, or "%", that stands with every number.
    order : which part of a date comes first, where that is not ISO's way of writing it.
    formats : for dates and times that DuckDB's cast does not read, what ``strptime`` is told.
    """

    type: str
    pattern: str
    decimal: str = ""
    thousands: str = ""
    unit: str = ""
    order: DateOrder = ""
    formats: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB's own cast reads it."""
        return not (self.decimal or self.thousands or self.unit or self.order)

    def value(self, text: str) -> str:
        """Return the SQL of the value that the SQL ``text`` stands for; mostly NULL where it is not of this form."""
        if self.formats:
            formats = ", ".join(f"'{one}'" for one in self.formats)
            return f"CAST(TRY_STRPTIME(trim({text}, {_TRIMMED}), [{formats}]) AS {self.type})"
        if self.unit:
            text = f"replace({text}, '{self.unit}', '')"
        if self.thousands == " ":
            text = f"regexp_replace({text}, '[ \\x{{00A0}}\\x{{202F}}]', '', 'g')"
        elif self.thousands:
            text = f"replace({text}, {_quoted(self.thousands)}, '')"
        if self.decimal == ",":
            text = f"replace({text}, ',', '.')"
        if self.type == "BOOLEAN":
            text = f"trim({text}, {_TRIMMED})"
        return f"TRY_CAST({text} AS {self.type})"

    def fits(self, text: str) -> str:
        """Return the SQL that says whether the SQL ``text`` is of this form and nothing is lost by reading it so."""
        matches = f"regexp_full_match({text}, {_quoted(_BLANKS + '(?:' + self.pattern + ')' + _BLANKS)})"
        value = self.value(text)
        if self.unit:
            matches = f"contains({text}, '{self.unit}') AND {matches}"
        if self.type != "DOUBLE":
            return f"({matches} AND {value} IS NOT NULL)"
        mark = self.decimal or "."
        # A whole number of more than 15 digits is a code: as a DOUBLE it would become another one.
        small = f"abs({value}) <= {_EXACT} OR isfinite({value}) AND regexp_matches({text}, '[{mark}eE]')"
        return f"({matches} AND ({small}))"

    def matches(self, value: str) -> bool:
        """Say whether a value has the pattern, as far as Python can tell."""
        return self.unit in value and re.fullmatch(f"{_BLANKS}(?:{self.pattern}){_BLANKS}", value, re.ASCII) is not None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_TRIMMED = "chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_WHOLE = r"(?:0|[1-9][0-9]*)"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"

# In this order the first that fits all values wins. A leading zero keeps a code a text.
BOOLEAN = Form("BOOLEAN", r"[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]")
BIGINT = Form("BIGINT", rf"[-+]?{_WHOLE}")
DOUBLE = Form("DOUBLE", rf"[-+]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
DATE = Form("DATE", r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIMESTAMP = Form("TIMESTAMP", rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[ T]{_CLOCK})?")
TIMESTAMPTZ = Form(
    "TIMESTAMP WITH TIME ZONE",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[-+][0-9]{2}(?::?[0-9]{2})?)",
)
PLAIN = (BOOLEAN, BIGINT, DOUBLE, DATE, TIMESTAMP, TIMESTAMPTZ)

_MARKS = ((".", ","), (",", "."), (",", " "), (".", " "), (".", "'"))
_GROUPS = {",": ",", ".": r"\.", " ": "[ \u00a0\u202f]", "'": "'"}


def _numbers(unit: str, marks: Sequence[tuple[str, str]]) -> Iterator[Form]:
    """Yield the ways of writing numbers with marks, or with a unit and perhaps marks."""
    sign = re.escape(unit) if unit == "$" else unit
    before, after = (rf"(?:{sign} ?)?", rf"(?: ?{sign})?") if unit else ("", "")
    for kind in ("BIGINT", "DOUBLE"):
        if unit:
            plain = BIGINT.pattern if kind == "BIGINT" else DOUBLE.pattern
            unsigned = plain.removeprefix("[-+]?")
            yield Form(kind, rf"[-+]?{before}(?:{unsigned}){after}", unit=unit)
        for decimal, thousands in marks:
            group = _GROUPS[thousands]
            whole = rf"(?:{_WHOLE}|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+)"
            part = "" if kind == "BIGINT" else rf"(?:{_GROUPS[decimal]}[0-9]+)?"
            yield Form(kind, rf"[-+]?{before}{whole}{part}{after}", decimal, thousands, unit)


_TIMES = (
    ("DATE", "", ("",)),
    ("TIMESTAMP", r"(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?", ("", " %H:%M", " %H:%M:%S")),
    (
        "TIMESTAMP",
        r"(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? ?[AaPp][Mm])?",
        ("", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", " %I:%M:%S%p"),
    ),
)


def _dates() -> Iterator[Form]:
    """Yield the ways of writing dates other than ISO's: years of four digits, one separator throughout."""
    orders: tuple[tuple[DateOrder, str, str], ...] = (
        ("year", "[0-9]{{4}}{0}[0-9]{{1,2}}{0}[0-9]{{1,2}}", "%Y{0}%m{0}%d"),
        ("day", "[0-9]{{1,2}}{0}[0-9]{{1,2}}{0}[0-9]{{4}}", "%d{0}%m{0}%Y"),
        ("month", "[0-9]{{1,2}}{0}[0-9]{{1,2}}{0}[0-9]{{4}}", "%m{0}%d{0}%Y"),
    )
    for kind, clock, suffixes in _TIMES:
        for order, pattern, day in orders:
            for mark in "/.-":
                formats = tuple(day.format(mark) + suffix for suffix in suffixes)
                yield Form(kind, pattern.format(re.escape(mark)) + clock, order=order, formats=formats)


_DATES = tuple(_dates())


def candidates(values: Sequence[str], settings: ReaderSettings) -> list[Form]:
    """Return the forms that every one of some values of a column has, in the order in which they are preferred.

    Marks and the order of dates that the settings state rule out the others.
    """
    if not values:
        return []
    decimal, thousands = settings.decimal, settings.thousands
    marks = [pair for pair in _MARKS if (not decimal or pair[0] == decimal) and (not thousands or pair[1] == thousands)]
    if decimal and not marks:
        marks = [pair for pair in _MARKS if pair[0] == decimal]
    forms = [form for form in PLAIN if not (form is DOUBLE and (decimal == "," or thousands == "."))]
    forms += _numbers("", marks)
    for unit in UNITS:
        if all(unit in value for value in values):
            forms += [form for form in _numbers(unit, marks) if form.decimal != "." or decimal != ","]
    excluded = {True: "month", False: "day", None: ""}[settings.day_first]
    forms += [form for form in _DATES if not excluded or form.order != excluded]
    return [form for form in forms if all(form.matches(value) for value in values)]
