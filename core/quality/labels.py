"""Checks of the outcome's labels and of what training and holdout have in common."""

import re
from collections.abc import Iterator

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, counted, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.rows import repeats, twins, usable
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_NOISY = 0.01
_SEEN = 0.01
_TOGETHER = 6.0
_NAMES = re.compile(r"(^|[ _.-]|[a-z])(id|no|nr|number|key|code)$")


def label_noise(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q18: training rows that are equal in every feature and differ in the outcome: no model can tell them apart."""
    if context.target is None:
        raise NotApplicableError("No outcome is chosen on Frame.")
    features = usable(profile, context)
    found = repeats(features, profile, context)
    if not found.n_training or not found.n_against:
        return
    evidence = (
        f"{found.n_training:,} of {profile.n_training:,} training rows have a twin with the same features; "
        f"{found.n_conflicting:,} of them have twins of both outcomes, and {found.n_against:,} "
        f"({share(found.n_against, profile.n_training)} of training rows) go against their own majority."
    )
    text = "No model can get both right: ask whether the labels are sure, or for a column that tells these rows apart."
    severity = "warning" if found.n_against >= max(10, _NOISY * profile.n_training) else "note"
    numbers = {"n": found.n_against, "of": profile.n_training, "conflicting": found.n_conflicting}
    outcome = f"CAST(({context.target.sql}) AS BOOLEAN)"
    trained = f"FILTER ({context.training})" if context.training else ""
    both = f"bool_or({outcome}) {trained} AND NOT bool_and({outcome}) {trained}"
    shown = twins(features, both, profile, context)
    yield Finding("Q18", "Label noise", context.target.column, severity, evidence, numbers, text, examples=shown)


def overlap(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q20: the same group, the same entity or the same row both in training and in the holdout."""
    if context.training is None:
        raise NotApplicableError("No part is set aside as a holdout yet.")
    if context.group_column:
        yield from _same_group(context)
    yield from _same_rows(profile, context)
    if context.target is not None:
        for column in context.features(profile):
            if column.name not in (context.group_column, context.order_column):
                yield from _same_entity(column, context.drawn())


def _same_group(context: Context) -> Iterator[Finding]:
    group = quoted(context.group_column)
    n_groups, n_shared, n_rows, n_holdout = context.cursor.sql(
        "SELECT count(*), count(*) FILTER (n_training > 0 AND n_holdout > 0), "
        "coalesce(sum(n_holdout) FILTER (n_training > 0), 0), sum(n_holdout) FROM ("
        f"SELECT count(*) FILTER (({context.training})) AS n_training, "
        f"count(*) FILTER (NOT coalesce(({context.training}), false)) AS n_holdout "
        f"FROM {quoted(context.table)} WHERE {group} IS NOT NULL GROUP BY {group})"
    ).fetchall()[0]
    if not n_shared:
        return
    evidence = (
        f"{n_shared:,} of {n_groups:,} groups are both in training and in the holdout; "
        f"{n_rows:,} of {n_holdout:,} holdout rows ({share(n_rows, n_holdout)}) are of such a group."
    )
    text = "The holdout then flatters what remembers a group: choose the split by group on Frame."
    numbers = {"n": int(n_shared), "of": int(n_groups), "rows": int(n_rows)}
    yield Finding("Q20", "Overlap of parts", context.group_column, "warning", evidence, numbers, text)


def _same_rows(profile: Profile, context: Context) -> Iterator[Finding]:
    features = usable(profile, context)
    n = repeats(features, profile, context).n_holdout_seen
    sample = context.drawn()
    n_holdout = profile.n_rows * float((~sample.training).mean())
    if not n:
        return
    evidence = (
        f"{counted(n, 'holdout row')} ({share(n, max(n_holdout, n))} of the holdout) have the same features as a "
        "training row."
    )
    text = "If they are one case twice, keep one in Prepare; else split by what they share, so that none is remembered."
    severity = "warning" if n >= _SEEN * n_holdout else "note"
    both = f"bool_or(({context.training})) AND NOT bool_and(coalesce(({context.training}), false))"
    shown = twins(features, both, profile, context)
    numbers = {"n": n, "of": round(n_holdout)}
    yield Finding("Q20", "Overlap of parts", None, severity, evidence, numbers, text, examples=shown)


def _same_entity(column: ColumnProfile, sample: Sample) -> Iterator[Finding]:
    """Something that names an entity of a few rows each, whose outcomes go together, on both sides."""
    per_value = column.n_present / max(column.n_distinct, 1)
    if column.kind not in ("text", "number") or column.n_distinct < 50 or not 1.5 <= per_value <= 100:
        return
    # A number is a measure unless its name says that it names something.
    if column.kind == "number" and not _NAMES.search(column.name.lower()) or not sample.is_all:
        return
    codes = sample.codes(column.name)
    known = (codes >= 0) & ~np.isnan(sample.outcome)
    shared = np.isin(codes, codes[sample.training & known]) & ~sample.training & (codes >= 0)
    n_holdout = int((~sample.training & (codes >= 0)).sum())
    rows = sample.training & known
    z = _togetherness(codes[rows], sample.outcome[rows])
    if shared.sum() < 0.2 * max(n_holdout, 1) or z < _TOGETHER:
        return
    n = int(shared.sum())
    evidence = (
        f"{n:,} of {n_holdout:,} holdout rows ({share(n, n_holdout)}) have a value that training rows have too, and "
        f"rows of one value have like outcomes ({z:.0f} standard errors above chance)."
    )
    text = "If a value is one customer or one case, choose it as the group on Frame and split by group."
    yield Finding("Q20", "Overlap of parts", column.name, "note", evidence, {"n": n, "of": n_holdout}, text)


def _togetherness(codes: np.ndarray, outcome: np.ndarray) -> float:
    """Standard errors by which pairs of rows of one value agree in the outcome more often than chance has it."""
    codes = np.unique(codes, return_inverse=True)[1]
    n, positive = np.bincount(codes), np.bincount(codes, weights=outcome)
    rate = outcome.mean() if outcome.size else 0.0
    spread = rate * (1 - rate)
    if not spread:
        return 0.0
    # Sum over values of (Σ(y − rate))² − Σ(y − rate)², which is 0 on average where rows are independent.
    deviation = positive - n * rate
    squares = positive * (1 - rate) ** 2 + (n - positive) * rate**2
    error = (2 * (n * (n - 1)).sum()) ** 0.5 * spread
    return float((deviation**2 - squares).sum() / error) if error else 0.0
