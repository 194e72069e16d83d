"""Check for columns that are known only after the decision: by their dates, by when they are filled, by their names."""

import re
from collections.abc import Iterator

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.outcome import CERTAIN_AUC
from core.quality.patterns import MISSING_WORDS
from core.quality.profile import ColumnProfile, Profile
from core.quality.sample import Sample
from core.scoring.prepare import quoted

_TITLE = "Known too late"
_AFTER_SHARE, _LEAST_AFTER = 0.01, 5
_FILLED_GAP, _FILLED_AUC = 0.25, 0.70
_NEWEST_AUC = 0.65
_LEAST_ROWS = 200
_NEWEST = re.compile(r"^(last|latest|newest|most_recent|final)_")
_DATE_WORDS = frozenset({"date", "time", "timestamp", "datetime", "at", "on", "day", "dt", "ts", "when"})


def known_too_late(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q17: times that lie after the decision, dates of the outcome, columns that are filled in as it comes about.

    Statistics that use the outcome see training rows only.
    """
    if context.target is None and not context.order_column:
        raise NotApplicableError("Neither an outcome nor a decision time is chosen on Frame.")
    sample = context.drawn()
    certain = {
        column.name
        for column in context.features(profile)
        if (column.auc or 0) >= CERTAIN_AUC and context.known(column.name) == "unknown"
    }
    for column in context.features(profile):
        if column.name == context.order_column:
            continue
        found = None
        if column.kind == "time":
            found = _after(column, profile, sample, context) or _date_of(column, certain, context)
        if found is None and context.target is not None and context.known(column.name) == "unknown":
            found = _filled_later(column, sample) or _newest(column)
        if found is not None:
            yield _finding(column, *found, context)


def _finding(column: ColumnProfile, evidence: str, numbers: dict[str, float], where: str, context: Context) -> Finding:
    known = context.known(column.name)
    if known in ("before", "at"):
        text = f"You said that it is known {known} the decision, as a date that is planned is: nothing to do if so."
        return Finding("Q17", _TITLE, column.name, "note", evidence, numbers, text, "", where)
    text = "Ask when it is written. Only after the decision: set it to after. A date planned beforehand: set it to at."
    return Finding("Q17", _TITLE, column.name, "warning", evidence, numbers, text, "availability:after", where)


Found = tuple[str, dict[str, float], str]


def _after(column: ColumnProfile, profile: Profile, sample: Sample, context: Context) -> Found | None:
    """A time that lies after the decision time."""
    order = context.order_column
    if not order or not sample.has(order) or profile.column(order).kind != "time":
        return None
    at, decided = sample.values(column.name), sample.values(order)
    # A date without a time of day lies after nothing of the same day.
    whole = "DATE" in (column.type.upper(), profile.column(order).type.upper())
    both = np.isfinite(at) & np.isfinite(decided)
    after = both & ((at // 86400 > decided // 86400) if whole else (at > decided))
    n, of = int(after.sum()), int(both.sum())
    if n < max(_LEAST_AFTER, _AFTER_SHARE * of):
        return None
    name, other = quoted(column.name), quoted(order)
    looked = "" if sample.is_all else " of a sample"
    where = f"{name} > {other}" if not whole else f"CAST({name} AS DATE) > CAST({other} AS DATE)"
    evidence = f"It lies after the decision time {order!r} in {n:,} of {of:,} rows{looked} ({share(n, of)})"
    y = sample.outcome
    known = both & sample.training & ~np.isnan(y)
    shares = [float(after[known & (y == k)].mean()) if (known & (y == k)).any() else None for k in (1, 0)]
    numbers: dict[str, float] = {"n": n, "of": of}
    if None not in shares:
        evidence += (
            f": in {share(shares[0] or 0, 1)} of positive and {share(shares[1] or 0, 1)} of negative training rows"
        )
    return f"{evidence}.", numbers, f"coalesce({where}, false)"


def _date_of(column: ColumnProfile, certain: set[str], context: Context) -> Found | None:
    """A date named after a column that knows the outcome, or after the outcome itself."""
    parts = _parts(column.name)
    root = [part for part in parts if part not in _DATE_WORDS]
    if len(root) == len(parts) or not root or context.known(column.name) in ("before", "at"):
        return None
    told = certain | ({context.target.column} if context.target else set())
    for name in sorted(told):
        if [part for part in _parts(name) if part != "is"] == root:
            what = "the outcome" if context.target and name == context.target.column else "which knows the outcome"
            evidence = f"By its name it is the time of {name!r}, {what}: it is written when that is."
            return evidence, {"n": column.n_present}, ""
    return None


def _filled_later(column: ColumnProfile, sample: Sample) -> Found | None:
    """A column that is filled far more often for one outcome: it is written as the outcome comes about."""
    if (column.auc or 0) < _FILLED_AUC or column.kind == "other":
        return None
    codes, y = sample.codes(column.name), sample.outcome
    filled = codes >= 0
    if column.kind == "text":
        values = sample.code_values(column.name)
        words = np.array([str(value).strip().lower() in MISSING_WORDS for value in values] + [True])
        filled &= ~words[codes]
    known = sample.training & ~np.isnan(y)
    n = [int((known & (y == k)).sum()) for k in (1, 0)]
    if min(n) < _LEAST_ROWS:
        return None
    shares = [float(filled[known & (y == k)].mean()) for k in (1, 0)]
    if abs(shares[0] - shares[1]) < _FILLED_GAP:
        return None
    evidence = (
        f"It is filled in {share(shares[0], 1)} of positive and {share(shares[1], 1)} of negative training rows"
        f"{sample.said()}, and alone ranks them with ROC AUC {column.auc:.3f}: it may be written as the outcome comes."
    )
    return evidence, {"positive_share": round(shares[0], 4), "negative_share": round(shares[1], 4)}, ""


def _newest(column: ColumnProfile) -> Found | None:
    """A column named as the last or current state of something, that goes with the outcome."""
    if (column.auc or 0) < _NEWEST_AUC or not _NEWEST.match("_".join(_parts(column.name)) + "_"):
        return None
    evidence = (
        f"By its name it holds the newest state, which later events overwrite, and alone it ranks training rows with "
        f"ROC AUC {column.auc:.3f}."
    )
    return evidence, {"auc": round(column.auc or 0.5, 4)}, ""


def _parts(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [part for part in re.split(r"[^a-z0-9]+", spaced.lower()) if part]
