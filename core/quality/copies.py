"""Check for columns that say the same as another."""

from collections.abc import Iterator

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.rows import is_identifier
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_FEW_ROWS = 50
_ALIKE = 0.995


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
    for later in range(1, len(columns)):
        for earlier in range(later):
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


def _alikeness(sample: Sample, one: ColumnProfile, other: ColumnProfile) -> tuple[float, str] | None:
    """Return how alike two columns are and how to say it, or None."""
    if one.kind == other.kind == "number" and min(one.n_distinct, other.n_distinct) > 20:
        first, second = sample.values(one.name), sample.values(other.name)
        both = np.isfinite(first) & np.isfinite(second)
        # Where one is missing and the other is not, they do not say the same.
        if both.sum() < _FEW_ROWS or (np.isnan(first) != np.isnan(second)).mean() > 1 - _ALIKE:
            return None
        x, y = first[both], second[both]
        if x.std() == 0 or y.std() == 0:
            return None
        correlation = float(np.corrcoef(x, y)[0, 1])
        return (abs(correlation), f"correlation {correlation:.4f}") if abs(correlation) >= 0.999 else None
    if max(one.n_distinct, other.n_distinct) > 1.2 * min(one.n_distinct, other.n_distinct) + 1:
        return None
    a, b = sample.codes(one.name) + 1, sample.codes(other.name) + 1
    agreement = min(_determined(a, b), _determined(b, a))
    return (agreement, f"one value for one value in {share(agreement, 1)} of rows") if agreement >= _ALIKE else None


def _determined(a: np.ndarray, b: np.ndarray) -> float:
    """Share of rows in which ``b`` is what it most often is for their ``a``, or of rows off the commonest ``b``.

    Two columns that are nearly constant agree nearly always: only the rows that could disagree count too.
    """
    n_b = int(b.max()) + 1
    pairs, counts = np.unique(a.astype(np.int64) * n_b + b, return_counts=True)
    order = np.lexsort((-counts, pairs // n_b))
    first = np.flatnonzero(np.append(True, np.diff(pairs[order] // n_b) > 0))
    usual, hits = pairs[order][first] % n_b, counts[order][first]
    commonest = int(np.bincount(b).argmax())
    off = (b != commonest).sum()
    off_hits = hits[usual != commonest].sum()
    return float(min(hits.sum() / a.size, off_hits / off if off else 1.0))
