"""Checks of the ends of a number: values far beyond all others, and values piled up at a bound."""

from collections.abc import Iterator

import numpy as np

from core.quality.cells import emptied
from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.profile import ColumnProfile, Profile
from core.scoring.prepare import quoted

_FAR, _FAR_IN_LOGS = 10.0, 1.5
_MATTERS = 0.7
_PILED, _NEIGHBOURS, _LEAST_LEVELS = 8.0, 5, 40
_LEAST_ROWS = 200


def _numbers(profile: Profile, context: Context) -> list[ColumnProfile]:
    found = [
        column
        for column in profile.columns
        if column.kind == "number"
        and not context.is_key(column.name)
        and not context.is_outcome(column.name)
        and len(column.quantiles) == 7
        and column.n_present >= _LEAST_ROWS
    ]
    if not found:
        raise NotApplicableError(f"No number has {_LEAST_ROWS} values.")
    return found


def outliers(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q23: values beyond the 1st or 99th percentile by ten times its distance to the median.

    Of amounts above zero also by half as many orders of magnitude again: no lognormal tail reaches that far. It is a
    warning where the standard deviation without these rows is less than 70 % of what it is with them.
    """
    for column in _numbers(profile, context):
        low, middle, high = column.quantiles[0], column.quantiles[3], column.quantiles[6]
        if low == high:
            continue
        tail = high * (high / middle) ** _FAR_IN_LOGS if middle > 0 else high
        bounds = (low - _FAR * (middle - low), max(high + _FAR * (high - middle), tail))
        # Half of a pile of zeros has no width: nothing is far from it, or everything.
        below = middle > low and float(column.minimum or 0) < bounds[0]
        above = high > middle and float(column.maximum or 0) > bounds[1]
        if below or above:
            yield _far(column, bounds, (below, above), context)


def _far(column: ColumnProfile, bounds: tuple[float, float], sides: tuple[bool, bool], context: Context) -> Finding:
    name = quoted(column.name)
    parts = [f"{name} {sign} {bound!r}" for sign, bound, side in zip("<>", bounds, sides, strict=True) if side]
    where = f"coalesce(isfinite(CAST({name} AS DOUBLE)) AND ({' OR '.join(parts)}), false)"
    n, least, most, spread = context.cursor.sql(
        f"SELECT count(*) FILTER ({where}), min({name}) FILTER ({where}), max({name}) FILTER ({where}), "
        f"stddev_samp(CAST({name} AS DOUBLE)) FILTER (isfinite(CAST({name} AS DOUBLE)) AND NOT {where}) "
        f"FROM {quoted(context.table)}"
    ).fetchall()[0]
    matters = bool(column.std and spread is not None and spread < _MATTERS * column.std)
    spanned = f"{float(least):,.6g}" if least == most else f"{float(least):,.6g} to {float(most):,.6g}"
    evidence = (
        f"{counted(n, 'row')} ({share(n, column.n_present)}) of {spanned}; 98 % lie between {column.quantiles[0]:,.6g} "
        f"and {column.quantiles[6]:,.6g}."
    )
    if matters:
        evidence += f" Without them the standard deviation is {spread:,.4g} instead of {column.std:,.4g}."
    return Finding(
        "Q23",
        "Outliers",
        column.name,
        "warning" if matters else "note",
        evidence,
        {"n": int(n), "of": column.n_present},
        "Ask whether they can be; if not, make them empty, or clip them.",
        emptied(column.name, where),
        where,
    )


def capped(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q28: many rows at the very largest or smallest value, where the values next to it have few."""
    sample = context.drawn()
    for column in _numbers(profile, context):
        if column.n_distinct <= _LEAST_LEVELS:
            continue
        values = sample.values(column.name)
        levels, rows = np.unique(values[np.isfinite(values)], return_counts=True)
        if levels.size <= _LEAST_LEVELS:
            continue
        for end, value, neighbours in (
            ("largest", column.maximum, rows[-_NEIGHBOURS - 1 : -1]),
            ("smallest", column.minimum, rows[1 : _NEIGHBOURS + 1]),
        ):
            at_end = int(rows[-1] if end == "largest" else rows[0])
            reached = value == (levels[-1] if end == "largest" else levels[0])
            # Nothing, or one, is where amounts and counts begin; that is no bound.
            if not reached or value in (0, 1) or at_end < max(10, _PILED * neighbours.mean(), 0.001 * values.size):
                continue
            yield _piled(column, end, float(value or 0), (float(neighbours.mean()), sample.said()), context)


def _piled(column: ColumnProfile, end: str, value: float, told: tuple[float, str], context: Context) -> Finding:
    name = quoted(column.name)
    where = f"coalesce({name} = {value!r}, false)"
    n = context.cursor.sql(f"SELECT count(*) FROM {quoted(context.table)} WHERE {where}").fetchall()[0][0]
    beyond = "more" if end == "largest" else "less"
    evidence = (
        f"{n:,} of {column.n_present:,} rows ({share(n, column.n_present)}) hold the {end} value, {value:,.6g}; the "
        f"{_NEIGHBOURS} values next to it have {told[0]:,.1f} rows each{told[1]}."
    )
    text = f"It seems to mean “{value:g} or {beyond}”: ask, and do not take its size for a measurement."
    numbers = {"n": int(n), "of": column.n_present, "value": value}
    return Finding("Q28", "Capped", column.name, "note", evidence, numbers, text, "", where)
