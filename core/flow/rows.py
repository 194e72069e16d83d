"""The rows of a project as arrays: outcomes, times, groups, today's acts and the split, all in one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import FrameError, NotReadyError, SqlError
from core.flow.common import needed
from core.flow.framing import ROW, frame, prepared_columns, prepared_table
from core.frame import Decision, Economics
from core.quality.profile import kind_of
from core.train.split import Assignment, assign
from core.workspace import Project, Record
from core.workspace.tables import quoted, read_table, write_table
from core.workspace.usersql import check_expression, run_select

MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that have an outcome, in the order of the unit key; of the recipe where that is what the split goes by.

    Attributes
    ----------
    row_number : (n,) int64, names the row in the prepared table.
    y : (n,) int8, 1 is the positive class.
    key : (n,) what is hashed by a random split.
    times : (n,) datetime64[us] or None. groups : (n,) text or None.
    n_all : rows of the prepared table; n_empty of them without an outcome, n_young too young to have one.
    """

    row_number: np.ndarray
    y: np.ndarray
    key: np.ndarray
    times: np.ndarray | None
    groups: np.ndarray | None
    n_all: int
    n_empty: int
    n_young: int


@dataclass(frozen=True, slots=True)
class SplitView:
    """How many rows learn, how many wait for the verdict, and how many are left out and why."""

    digest: str
    method: str
    n_train: int
    n_holdout: int
    n_empty: int
    n_young: int
    n_folds: int
    positives_train: int
    positives_holdout: int


def rows(project: Project) -> Rows:
    """Return the rows that have an outcome.

    Raises
    ------
    FrameError
        When the target has one class, or too many values to be a yes or no.
    NotReadyError
        When there is no prepared table, or the frame does not say what the outcome is.
    """
    decision = frame(project).decision
    names = [column.name for column in prepared_columns(project)]
    table = prepared_table(project)
    if not decision.target or not decision.positive:
        raise NotReadyError(
            "The frame does not say what the outcome is.", hint="Choose target and positive class on Frame."
        )
    for name in (decision.target, decision.decision_time, decision.group, *decision.unit_key):
        if name and name not in names:
            raise FrameError(
                f"The frame names {name!r}, which is not prepared.", hint=f"Choose from {', '.join(names)}."
            )
    _check_time(project, decision)
    return _rows(project, table, decision)


def _check_time(project: Project, decision: Decision) -> None:
    """Refuse a decision time that is text or a number: the bundle counts periods, and has to read the same in it."""
    kinds = {column.name: column.type for column in prepared_columns(project)}
    name = decision.decision_time
    if name and kind_of(kinds[name]) != "time":
        raise FrameError(
            f"{name!r} is of type {kinds[name]}, not a date or a time.", hint="Cast it to TIMESTAMP in Prepare."
        )


def _rows(project: Project, table: str, decision: Decision) -> Rows:
    cursor = project.cursor()
    key = [quoted(name) for name in decision.unit_key]
    text_key = " || chr(31) || ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in key)
    parts = [
        quoted(ROW),
        f"CAST({outcome_sql(project, decision)} AS INTEGER) AS y",
        f"{text_key or quoted(ROW)} AS key",
        f"{_moment(project, decision)} AS at" if decision.decision_time else "NULL AS at",
        f"CAST({quoted(decision.group)} AS VARCHAR) AS unit_group" if decision.group else "NULL AS unit_group",
    ]
    by_file = decision.split.method == "order"
    order = ", ".join(f"p.{name}" for name in ([] if by_file else key) + [ROW])
    found = read_table(cursor, f"SELECT {', '.join(parts)} FROM {quoted(table)} AS p ORDER BY {order}")
    y = found["y"].to_numpy(zero_copy_only=False).astype(float)
    _check_levels(cursor, table, decision, bool(np.any(y == 1)))
    empty = np.isnan(y)
    young = np.zeros(len(y), dtype=bool)
    times = found["at"].to_numpy(zero_copy_only=False).astype("datetime64[us]") if decision.decision_time else None
    if times is not None and np.isnat(times).all():
        raise FrameError(f"{decision.decision_time!r} does not hold times.", hint="Cast it to TIMESTAMP in Prepare.")
    if times is not None and decision.outcome_window_days:
        young = times > np.nanmax(times) - np.timedelta64(int(decision.outcome_window_days * 86_400e6), "us")
    if decision.empty_outcome in ("negative", "positive"):
        y = np.where(empty, float(decision.empty_outcome == "positive"), y)
        empty = np.zeros(len(y), dtype=bool)
    elif empty.any() and not decision.empty_outcome:
        raise NotReadyError(
            f"{int(empty.sum()):,} rows have no outcome.",
            hint="Say on Frame what that means: excluded, negative or positive.",
        )
    keep = ~empty & ~young
    groups = found["unit_group"].to_numpy(zero_copy_only=False)[keep] if decision.group else None
    return Rows(
        found[ROW].to_numpy()[keep],
        y[keep].astype(np.int8),
        found["key"].to_numpy(zero_copy_only=False)[keep],
        times[keep] if times is not None else None,
        groups,
        len(y),
        int(empty.sum()),
        int((young & ~empty).sum()),
    )


def _moment(project: Project, decision: Decision) -> str:
    """SQL for the decision time in UTC: a date begins at midnight in the frame's time zone, as in the bundle."""
    name = quoted(decision.decision_time)
    kinds = {column.name: column.type for column in prepared_columns(project)}
    if kinds[decision.decision_time] != "DATE" or decision.time_zone in ("", "UTC"):
        return f"TRY_CAST({name} AS TIMESTAMP)"
    zone = decision.time_zone.replace("'", "''")
    return f"CAST(timezone('{zone}', CAST({name} AS TIMESTAMP)) AS TIMESTAMP)"


def outcome_sql(project: Project, decision: Decision) -> str:
    """Return SQL over the prepared table that is true for a positive outcome, false for another, null for none.

    A number is positive that has the same value ("1" is 1.0), and so is a boolean; one that is not a number is empty.
    """
    target, positive = quoted(decision.target), "'" + decision.positive.replace("'", "''") + "'"
    wanted, empty = f"CAST({target} AS VARCHAR) = {positive}", f"{target} IS NULL"
    kind = {column.name: kind_of(column.type) for column in prepared_columns(project)}[decision.target]
    if kind in ("number", "boolean"):
        same = {"number": "DOUBLE", "boolean": "BOOLEAN"}[kind]
        wanted += f" OR coalesce(CAST({target} AS {same}) = TRY_CAST({positive} AS {same}), false)"
    if kind == "number":
        empty += f" OR isnan(CAST({target} AS DOUBLE))"
    return f"CASE WHEN {empty} THEN NULL ELSE ({wanted}) END"


def _check_levels(cursor: Any, table: str, decision: Decision, found: bool) -> None:  # noqa: ANN401 - a DuckDB cursor
    """Refuse a target that is no yes or no; ``found`` says whether the positive value occurs."""
    target = quoted(decision.target)
    counted = cursor.execute(
        f"SELECT CAST({target} AS VARCHAR) AS v, count(*) FROM {quoted(table)} WHERE {target} IS NOT NULL"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_LEVELS + 1}"
    ).fetchall()
    values = [str(value) for value, _ in counted]
    if len(values) > MOST_LEVELS:
        raise FrameError(
            f"The target {decision.target!r} has more than {MOST_LEVELS} different values; an outcome is a yes or no.",
            hint="Derive one in Prepare, for example amount > 100 AS large.",
        )
    if len(values) < 2:
        raise FrameError(
            f"Every outcome in {decision.target!r} is {values[0]!r}." if values else f"{decision.target!r} is empty.",
            hint="A model needs both classes; check the recipe and the choice of target.",
        )
    if not found:
        raise FrameError(
            f"No outcome in {decision.target!r} is {decision.positive!r}.", hint=f"Choose one of {', '.join(values)}."
        )


def ensure_split(project: Project, author: str) -> Record:
    """Return the split of the current recipe and decision; made, stored and recorded when it is not there yet."""
    recipe = needed(project, "recipe", "Save the recipe on the page Prepare.")
    decision = needed(project, "decision", "Save the decision on the page Frame.")
    head = project.head("split")
    parents = (recipe.digest, decision.digest)
    if head and head.parents == parents and project.has_table(f"split_{head.short}"):
        return head
    found = rows(project)
    assignment = _assign(found, frame(project).decision)
    in_holdout = assignment.holdout
    result = {
        "method": assignment.method,
        "n_folds": assignment.n_folds,
        "n_train": int((~in_holdout).sum()),
        "n_holdout": int(in_holdout.sum()),
        "n_empty": found.n_empty,
        "n_young": found.n_young,
        "positives_train": int(found.y[~in_holdout].sum()),
        "positives_holdout": int(found.y[in_holdout].sum()),
    }
    if not 0 < result["positives_train"] < result["n_train"]:
        raise FrameError("The rows to learn from hold one class only.", hint="Choose another split, or load more rows.")
    stored = pa.table({ROW: found.row_number, "y": found.y, "holdout": in_holdout, "fold": assignment.fold})
    with project.transaction() as cursor:
        record = project.save_with(cursor, "split", {}, author=author, parents=parents, result=result)
        write_table(cursor, f"split_{record.short}", stored)
    return record


def _assign(found: Rows, decision: Decision) -> Assignment:
    return assign(len(found.y), decision.split, keys=found.key, times=found.times, groups=found.groups, y=found.y)


def assignment(project: Project) -> tuple[Rows, Assignment]:
    """Return the rows and where each of them went; computed anew, the same every time."""
    found = rows(project)
    return found, _assign(found, frame(project).decision)


def split(project: Project) -> SplitView | None:
    """Return the split in numbers, or None before it was made."""
    record = project.head("split")
    if record is None:
        return None
    return SplitView(record.digest, **record.result)


def features(
    project: Project, columns: Sequence[str], row_number: np.ndarray | None = None, table: str | None = None
) -> pa.Table:
    """Return columns of the prepared table (or ``table``) for rows by their number, in that order; None: all rows."""
    table = table or prepared_table(project)
    names = ", ".join(f"p.{quoted(name)}" for name in columns or [ROW])
    query = f"SELECT {names} FROM {quoted(table)} AS p"
    cursor = project.cursor()
    if row_number is None:
        return read_table(cursor, f"{query} ORDER BY p.{ROW}")
    wanted = pa.table({ROW: row_number, "place": np.arange(len(row_number))})
    cursor.register("wanted_rows", wanted)
    try:
        return read_table(cursor, f"{query} JOIN wanted_rows AS w ON p.{ROW} = w.{ROW} ORDER BY w.place")
    finally:
        cursor.unregister("wanted_rows")


def todays_acts(
    project: Project, economics: Economics, row_number: np.ndarray, table: str | None = None
) -> np.ndarray | None:
    """Return (n,) bool, what the incumbent does with rows by their number; None when there is no incumbent.

    Raises
    ------
    SqlError, SqlRefusedError
        When its rule does not parse or is more than a condition over the prepared columns.
    FrameError
        When its column does not exist.
    """
    incumbent = economics.incumbent
    if incumbent is None or not (incumbent.sql or incumbent.column):
        return None
    names = [column.name for column in prepared_columns(project)]
    if incumbent.sql:
        rule = f"({check_expression(incumbent.sql, names)}\n)"
    elif incumbent.column in names:
        rule = quoted(incumbent.column)
    else:
        raise FrameError(f"There is no column {incumbent.column!r}.", hint=f"Choose one of {', '.join(names)}.")
    table = quoted(table or prepared_table(project))
    act = f"coalesce(TRY_CAST({rule} AS BOOLEAN), TRY_CAST(TRY_CAST({rule} AS DOUBLE) AS BOOLEAN), false)"
    found = run_select(project.cursor(), f"SELECT {ROW}, {act} AS act FROM {table} ORDER BY {ROW}")
    if len(found) < int(row_number.max(initial=0)):
        raise SqlError("The rule does not give one answer per row.", hint="Write a condition over the columns.")
    return found["act"].to_numpy(zero_copy_only=False).astype(bool)[row_number - 1]
