"""Checks of columns against the outcome: too few positives, leakage, filled only afterwards."""

from collections.abc import Iterator

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile

CERTAIN_AUC = 0.98
HIGH_AUC = 0.80
_APART_AUC = 0.75
_APART_GAP = 0.15
FEW_POSITIVES = 200
_LEAST_ROWS = 20


def imbalance(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q09: too few rows of a class to learn from or to judge."""
    if context.target is None:
        raise NotApplicableError("No outcome is chosen on Frame.")
    n, of = profile.n_positive, profile.n_training
    numbers = {"n": n, "of": of}
    name = context.target.column
    if n in (0, of):
        which = "negative" if n == 0 else "positive"
        evidence = f"All {of:,} training rows with an outcome are {which}."
        text = "Check the positive value on Frame, or load data that has both."
        yield Finding("Q09", "Imbalance", name, "blocking", evidence, numbers, text)
    elif min(n, of - n) < FEW_POSITIVES:
        rare = "positives" if n <= of - n else "negatives"
        evidence = f"{min(n, of - n):,} {rare} in {of:,} training rows; below {FEW_POSITIVES} every figure is loose."
        text = "Load more rows or a longer period, or read every figure with its interval."
        yield Finding("Q09", "Imbalance", name, "warning", evidence, numbers, text)
    elif min(n, of - n) < 0.01 * of:
        evidence = f"{n:,} of {of:,} training rows ({share(n, of)}) are positive."
        text = "Judge by money, precision and PR AUC; ROC AUC flatters here."
        yield Finding("Q09", "Imbalance", name, "note", evidence, numbers, text)


def leakage(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q10: a column that alone ranks the outcome too well to be known beforehand."""
    if context.target is None:
        raise NotApplicableError("No outcome is chosen on Frame.")
    if min(profile.n_positive, profile.n_training - profile.n_positive) < _LEAST_ROWS:
        raise NotApplicableError(
            f"Fewer than {_LEAST_ROWS} training rows of a class: any column may rank them by chance."
        )
    judged = sorted(
        (column for column in context.features(profile) if column.auc is not None),
        key=lambda column: -(column.auc or 0),
    )
    n_flagged = 0
    for place, column in enumerate(judged):
        said = context.known(column.name) in ("before", "at")
        rest = judged[place + 1].auc if place + 1 < len(judged) else None
        auc = column.auc or 0.5
        # Only what stands above all others that are not flagged themselves stands apart.
        apart = n_flagged == place and rest is not None and auc >= _APART_AUC and auc - rest >= _APART_GAP
        if auc >= HIGH_AUC or apart:
            n_flagged += 1
            if said and auc < CERTAIN_AUC:
                continue  # a strong column that is known beforehand is what one hopes for
            yield _leak(column, rest, profile, context)


def _leak(column: ColumnProfile, rest: float | None, profile: Profile, context: Context) -> Finding:
    auc = column.auc or 0.5
    than = f"; the next best reaches {rest:.3f}" if rest is not None else ""
    evidence = f"This column alone ranks {profile.n_training:,} training rows with ROC AUC {auc:.3f}{than}."
    numbers = {"auc": round(auc, 4), "next": round(rest, 4) if rest is not None else 0.5, "n": profile.n_training}
    title = "Leakage"
    known = context.known(column.name)
    if known in ("before", "at"):
        when = "before the decision" if known == "before" else "at the decision"
        text = f"You said that it is known {when}: nothing to do if that is so."
        return Finding("Q10", title, column.name, "note", evidence, numbers, text)
    text = "When is it known? Before or at the decision: say so. Only after it: set it to after, and it is left out."
    severity = "blocking" if auc >= CERTAIN_AUC else "warning"
    return Finding("Q10", title, column.name, severity, evidence, numbers, text, "availability:after")


def filled_with_outcome(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q13: a column that is empty where the outcome is: it is written when the outcome is, or after."""
    if context.target is None:
        raise NotApplicableError("No outcome is chosen on Frame.")
    n_without = profile.n_without_outcome
    n_with = profile.n_rows - n_without
    if n_without < _LEAST_ROWS or not n_with:
        raise NotApplicableError("Nearly every row has an outcome.")
    for column in context.features(profile):
        empty_without = column.n_missing_without_outcome
        empty_with = column.n_missing - empty_without
        share_without, share_with = empty_without / n_without, empty_with / n_with
        if share_without < 0.5 or share_with > 0.05 or share_without < 20 * share_with:
            continue
        evidence = (
            f"It is empty in {empty_without:,} of {n_without:,} rows without an outcome "
            f"({share(empty_without, n_without)}) and in {empty_with:,} of {n_with:,} rows with one "
            f"({share(empty_with, n_with)})."
        )
        numbers = {"empty_without": empty_without, "without": n_without, "empty_with": empty_with, "with": n_with}
        if context.known(column.name) in ("before", "at"):
            text = "You said that it is known by the decision: nothing to do if that is so."
            yield Finding("Q13", "Filled with the outcome", column.name, "note", evidence, numbers, text)
        else:
            text = "It seems to be written together with the outcome. If it is known only after the decision, say so."
            yield Finding(
                "Q13", "Filled with the outcome", column.name, "warning", evidence, numbers, text, "availability:after"
            )
