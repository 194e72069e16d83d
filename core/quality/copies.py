"""Check for columns that say the same as another."""

from collections.abc import Iterator

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.pairs import correlation, determined
from core.quality.profile import ColumnProfile, Profile
from core.quality.rows import is_identifier
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_MANY = 20
# Copies with rows missing, or one far value, correlate less in a thousand rows; what is below this is none.
_GLANCE_ROWS, _GLANCE = 1000, 0.3
_ALIKE, _CORRELATED = 0.995, 0.999


def near_copies(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q12: two columns that say the same, by correlation or value for value, in a sample of 20,000 rows."""
    columns = [
        column
        for column in context.features(profile)
        if column.kind != "other" and column.n_distinct > 1 and not is_identifier(column)
    ]
    if len(columns) < 2:
        raise NotApplicableError("There are fewer than two columns to compare.")
    sample = context.drawn()
    apart = _apart(sample, columns)
    for later in range(1, len(columns)):
        for earlier in range(later):
            if apart[earlier, later]:
                continue
            alike = _alikeness(sample, columns[earlier], columns[later])
            if alike is None:
                continue
            one, other = columns[earlier].name, columns[later].name
            yield Finding(
                "Q12",
                "Near copies",
                other,
                "note",
                f"It says the same as {one!r}: {alike[1]}.",
                {"alike": alike[0], "other": one},
                "Keep one of the two, so that reasons are not split between them.",
                f"step:SELECT * EXCLUDE ({quoted(other)}) FROM {{table}}",
            )
            break


def _apart(sample: Sample, columns: list[ColumnProfile]) -> np.ndarray:
    """Say for every pair of columns whether a glance at a thousand rows shows that they cannot be copies."""
    step = max(1, sample.n // _GLANCE_ROWS)
    measured = np.array([column.kind in ("number", "time") and column.n_distinct > _MANY for column in columns])
    distinct = np.array([column.n_distinct for column in columns], dtype=float)
    few, many = np.minimum.outer(distinct, distinct), np.maximum.outer(distinct, distinct)
    apart = many > 1.2 * few + 1
    both = np.outer(measured, measured)
    apart[both] = False
    places = np.flatnonzero(measured)
    if places.size > 1:
        rows = np.array([_standard(sample.values(columns[place].name)[::step]) for place in places])
        apart[np.ix_(places, places)] = np.abs(rows @ rows.T) < _GLANCE * rows.shape[1]
    return apart


def _standard(values: np.ndarray) -> np.ndarray:
    """Return values less their mean over their deviation, 0 where missing."""
    finite = np.isfinite(values)
    known = values[finite]
    spread = known.std() if known.size else 0.0
    made = np.zeros(values.size)
    if spread > 0 and np.isfinite(spread):
        made[finite] = (known - known.mean()) / spread
    return made


def _alikeness(sample: Sample, one: ColumnProfile, other: ColumnProfile) -> tuple[float, str] | None:
    """Return how alike two columns are and how to say it, or None."""
    if {one.kind, other.kind} <= {"number", "time"} and min(one.n_distinct, other.n_distinct) > _MANY:
        r = correlation(sample.values(one.name), sample.values(other.name))
        return (abs(r), f"correlation {r:.4f}") if r is not None and abs(r) >= _CORRELATED else None
    more, fewer = max(one.n_distinct, other.n_distinct), min(one.n_distinct, other.n_distinct)
    # Values that hardly come twice are one for one with anything.
    if more > 1.2 * fewer + 1 or fewer > 0.5 * min(one.n_present, other.n_present):
        return None
    a, b = sample.codes(one.name) + 1, sample.codes(other.name) + 1
    agreement = min(determined(a, b), determined(b, a))
    return (agreement, f"one value for one value in {share(agreement, 1)} of rows") if agreement >= _ALIKE else None
