"""Checks of the calendar: old data, gaps, rows from the future, outcomes that are not final yet."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.profile import ColumnProfile, Profile
from core.scoring.prepare import quoted

_OLD_DAYS, _VERY_OLD_DAYS = 365, 730
_LEAST_DAYS = 30
_EXPECTED_ROWS = 20
_AROUND_DAYS = 30
_LAST = 0.05
_CASES = 4.0


def timeliness(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q25: the newest row is long ago or yet to come, days are missing, or the last outcomes are not final."""
    column = _calendar(profile, context)
    days, rows = _days(column, context)
    if not days.size:
        raise NotApplicableError(f"The column {column.name!r} holds no time.")
    if context.as_of:
        yield from _freshness(column, days, rows, context)
    yield from _gap(column, days, rows, context)
    if context.target is not None and context.order_column == column.name:
        yield from _unfinished(column, context)


def _calendar(profile: Profile, context: Context) -> ColumnProfile:
    """Return the decision time, or the time with the fewest missing values where there is none."""
    times = [column for column in profile.columns if column.kind == "time" and column.n_present]
    chosen = [column for column in times if column.name == context.order_column]
    if not times:
        raise NotApplicableError("No column is a date or a time.")
    return chosen[0] if chosen else min(times, key=lambda column: column.n_missing)


def _days(column: ColumnProfile, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the days on which there are rows, as days since 1970, ascending, and how many."""
    name = quoted(column.name)
    found = context.cursor.sql(
        f"SELECT CAST(floor(epoch({name}) / 86400) AS BIGINT) AS day, count(*) AS n FROM {quoted(context.table)} "
        f"WHERE {name} IS NOT NULL AND isfinite({name}) GROUP BY 1 ORDER BY 1"
    ).to_arrow_table()
    return found["day"].to_numpy(), found["n"].to_numpy()


def _written(day: float) -> str:
    return str(date(1970, 1, 1) + timedelta(days=int(day)))


def _freshness(column: ColumnProfile, days: np.ndarray, rows: np.ndarray, context: Context) -> Iterator[Finding]:
    today = (date.fromisoformat(context.as_of[:10]) - date(1970, 1, 1)).days
    later = days > today
    name = quoted(column.name)
    if later.any() and context.order_column == column.name:
        n = int(rows[later].sum())
        where = f"coalesce(CAST({name} AS DATE) > DATE '{context.as_of[:10]}', false)"
        evidence = f"{counted(n, 'row')} of days after {context.as_of[:10]}, up to {_written(days[-1])}."
        text = "A decision that is still to come has no outcome: leave these rows out, or ask what the date means."
        fix = f"step:SELECT * FROM {{table}} WHERE NOT {where}"
        numbers = {"n": n, "of": column.n_rows}
        yield Finding("Q25", "Timeliness", column.name, "warning", evidence, numbers, text, fix, where)
    past = days[~later]
    age = today - int(past[-1]) if past.size else 0
    if age <= _OLD_DAYS:
        return
    evidence = f"The newest row is of {_written(past[-1])}, {age:,} days before {context.as_of[:10]}."
    text = "Ask for newer rows: what held then may not hold now, and nothing here can show it."
    severity = "warning" if age > _VERY_OLD_DAYS and column.name == context.order_column else "note"
    yield Finding("Q25", "Timeliness", column.name, severity, evidence, {"days": age}, text)


def _gap(column: ColumnProfile, days: np.ndarray, rows: np.ndarray, context: Context) -> Iterator[Finding]:
    """The longest run of days without rows, where it is not the rhythm and chance would not leave it empty."""
    # Single days far off at either end are values that cannot be, not gaps: Q07 names them.
    total = np.cumsum(rows)
    kept = (total >= 0.001 * total[-1]) & (total - rows <= 0.999 * total[-1])
    days, rows = days[kept], rows[kept]
    steps = np.diff(days)
    if days.size < _LEAST_DAYS:
        return
    usual = float(np.quantile(steps, 0.99))
    longest = int(np.argmax(steps))
    gap = int(steps[longest]) - 1
    # As many rows as on the days around it, on the side that has fewer.
    before = (days <= days[longest]) & (days > days[longest] - _AROUND_DAYS)
    after = (days >= days[longest + 1]) & (days < days[longest + 1] + _AROUND_DAYS)
    per_day = min(rows[before].sum(), rows[after].sum()) / _AROUND_DAYS
    if steps[longest] <= max(3 * usual, 3) or gap * per_day < _EXPECTED_ROWS:
        return
    evidence = (
        f"There is no row between {_written(days[longest])} and {_written(days[longest + 1])}: {gap:,} days, where "
        f"{gap * per_day:,.0f} rows would be usual."
    )
    text = "Ask whether these rows are missing, or whether nothing happened then."
    severity = "warning" if column.name == context.order_column else "note"
    yield Finding("Q25", "Timeliness", column.name, severity, evidence, {"days": gap}, text)


def _unfinished(column: ColumnProfile, context: Context) -> Iterator[Finding]:
    """The last twentieth of the training rows has far fewer positives: their outcomes may not be final."""
    sample = context.drawn()
    at, y = sample.values(column.name), sample.outcome
    known = sample.training & np.isfinite(at) & ~np.isnan(y)
    if not known.any():
        return
    cut = float(np.quantile(at[known], 1 - _LAST, method="lower"))
    late = known & (at > cut)
    n_last, n_before = int(late.sum()), int(known.sum() - late.sum())
    last, before = float(y[late].sum()), float(y[known & ~late].sum())
    rate = before / max(n_before, 1)
    if n_last < 50 or not 0 < rate < 1:
        return
    error = (rate * (1 - rate) / n_last) ** 0.5
    if last > 0.5 * rate * n_last or rate - last / n_last < _CASES * error:
        return
    evidence = (
        f"Of the last {n_last:,} training rows{sample.said()} (after {_written(cut // 86400)}) {share(last, n_last)} "
        f"are positive, of those before {share(before, n_before)}: their outcomes may not be known yet."
    )
    text = "Say on Frame after how many days an outcome is known; younger rows are then left out and counted."
    if context.outcome_window_days:
        text = f"Ask whether {context.outcome_window_days:g} days are enough for an outcome to be known."
    numbers = {"n": n_last, "of": n_last + n_before, "last_share": last / n_last, "earlier_share": round(rate, 4)}
    where = f"coalesce(epoch({quoted(column.name)}) > {cut!r}, false)"
    yield Finding("Q25", "Timeliness", column.name, "warning", evidence, numbers, text, "", where)
