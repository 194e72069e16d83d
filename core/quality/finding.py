"""What a check looks at and what it says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import duckdb

from core.prepare.bounds import Unbounded
from core.prepare.lineage import TargetRead
from core.quality.profile import ColumnProfile, Profile, TargetExpr
from core.quality.sample import Sample

Severity = Literal["blocking", "warning", "note"]
Dimension = Literal["accuracy", "completeness", "consistency", "validity", "uniqueness", "timeliness", "learning"]


@dataclass(frozen=True, slots=True)
class Example:
    """A row at fault: its number in the table, from 1, and what stands in the columns in question, as text."""

    row_number: int
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or may be.

    Attributes
    ----------
    evidence : a sentence with numbers; ``numbers`` holds them.
    remedy : what to do, a sentence.
    remedy_action : what a click can do: "availability:after", or "step:" and a SELECT over ``{table}``; or "".
    where : SQL that is true for the rows at fault; "" where the finding is about a column or the table as a whole.
    others : further columns that it is about, such as the one that should determine this one.
    examples : up to five rows at fault, the first of the table.
    """

    code: str
    title: str
    column: str | None
    severity: Severity
    evidence: str
    numbers: Mapping[str, float | int | str]
    remedy: str
    remedy_action: str = ""
    where: str = ""
    others: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What checks need besides the profile.

    Attributes
    ----------
    cursor, table : where the rows are, for checks that must look at them again; nothing is written.
    target : the outcome, or None while nobody has said.
    training : SQL condition that selects training rows, or None for all.
    unit_key : columns that name a row; empty for the row's number.
    availability : column to "before", "at", "after" or "unknown"; what is not in it is unknown.
    order_column : the column that rows are ordered by in time, or "".
    empty_outcome : what Frame says an empty outcome means; "" while nobody has said.
    unbounded : what ``core.prepare.window_without_bound`` found, or None when there is no recipe.
    target_reads : what ``core.prepare.target_reads`` found, or None when there is no recipe or no outcome.
    group_column : the column whose rows belong together, or "".
    outcome_window_days : an outcome is known only after so many days.
    as_of : ISO date of today, or "" where freshness is not judged against the calendar.
    sample : rows that checks may look at one by one; ``check`` draws it when it is not given.
    """

    cursor: duckdb.DuckDBPyConnection
    table: str
    target: TargetExpr | None = None
    training: str | None = None
    unit_key: tuple[str, ...] = ()
    availability: Mapping[str, str] = field(default_factory=dict)
    order_column: str = ""
    empty_outcome: str = ""
    unbounded: tuple[Unbounded, ...] | None = None
    target_reads: tuple[TargetRead, ...] | None = None
    group_column: str = ""
    outcome_window_days: float = 0.0
    as_of: str = ""
    sample: Sample | None = None

    def drawn(self) -> Sample:
        """Return the sample; NotApplicableError when there is none."""
        if self.sample is None:
            raise NotApplicableError("No rows were drawn to look at.")
        return self.sample

    def known(self, column: str) -> str:
        """Return when a column is known."""
        return self.availability.get(column, "unknown")

    def features(self, profile: Profile) -> Iterator[ColumnProfile]:
        """Yield the columns that a model could use: not the outcome, not the key, nothing declared after."""
        for column in profile.columns:
            if not self.is_outcome(column.name) and not self.is_key(column.name) and self.known(column.name) != "after":
                yield column

    def is_outcome(self, column: str) -> bool:
        """Say whether a column is the outcome."""
        return self.target is not None and column == self.target.column

    def is_key(self, column: str) -> bool:
        """Say whether a column names the row: in the key, or the number that Prepare gives."""
        return column in self.unit_key or column == "row_number"


class NotApplicableError(Exception):
    """A check has nothing to look at; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a dimension of quality; "learning" is what only a model needs.

    ``function`` yields findings, or raises NotApplicableError.
    """

    code: str
    title: str
    dimension: Dimension
    question: str
    function: Callable[[Profile, Context], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; ``reason`` is a sentence where it does not apply or nothing was found."""

    code: str
    title: str
    status: Literal["finding", "clear", "not applicable"]
    reason: str
    findings: tuple[Finding, ...] = ()


def share(part: float, whole: float) -> str:
    """Write a share of rows in percent, never rounding something to nothing or to all."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 0.1:
        return "under 0.1 %"
    if 99.9 < percent < 100:
        return "over 99.9 %"
    return f"{percent:.1f} %" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:.0f} %"


def counted(n: int, noun: str) -> str:
    """Write a number of things: 1 row, 2 rows."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def enumerated(names: Sequence[str], most: int = 8) -> str:
    """Write names as words: a, b and c; beyond ``most`` of them, how many more there are. A name comes once."""
    found = list(dict.fromkeys(names))
    if len(found) > most:
        return f"{', '.join(found[:most])} and {len(found) - most} more"
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
