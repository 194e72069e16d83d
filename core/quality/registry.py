"""The checks, in order, and what becomes of each."""

from collections.abc import Iterable
from dataclasses import replace

from core.quality import (
    copies,
    dependencies,
    drift,
    extremes,
    labels,
    outcome,
    personal,
    rows,
    steps,
    text,
    timeliness,
    timing,
    units,
    values,
)
from core.quality.cells import with_examples
from core.quality.finding import Check, CheckResult, Context, Finding, NotApplicableError
from core.quality.profile import Profile
from core.quality.sample import Sample

# Goes up when a check or the profile says something else of the same data: what was found before is stale then.
VERSION = 3
LONGEST_STEP = 8_000

_ORDER = {"blocking": 0, "warning": 1, "note": 2}

CHECKS: tuple[Check, ...] = (
    Check("Q01", "Missing", "completeness", "Which columns have rows without a value?", values.missing),
    Check(
        "Q02",
        "Disguised missing",
        "completeness",
        "Is “no value” written as a word or a number?",
        values.disguised_missing,
    ),
    Check("Q03", "Constant", "learning", "Which columns say the same in every row?", values.constant),
    Check("Q04", "Identifier", "learning", "Which columns name a row instead of describing it?", rows.identifiers),
    Check("Q05", "Duplicates", "uniqueness", "Are there rows twice?", rows.duplicates),
    Check(
        "Q06",
        "Mixed types",
        "validity",
        "Which text columns are numbers or dates but for a few rows?",
        values.mixed_types,
    ),
    Check("Q07", "Impossible range", "validity", "Are there values that cannot be?", values.impossible_ranges),
    Check("Q08", "Rare levels", "learning", "Which levels have too few rows to learn from?", values.rare_levels),
    Check("Q09", "Imbalance", "learning", "Are there enough rows of both outcomes?", outcome.imbalance),
    Check("Q10", "Leakage", "learning", "Does one column alone know the outcome?", outcome.leakage),
    Check("Q11", "Drift", "timeliness", "Do late rows look like early ones?", drift.drift),
    Check("Q12", "Near copies", "uniqueness", "Which columns say the same as another?", copies.near_copies),
    Check(
        "Q13",
        "Filled with the outcome",
        "learning",
        "Which columns are empty where the outcome is?",
        outcome.filled_with_outcome,
    ),
    Check(
        "Q14",
        "Window without a bound",
        "learning",
        "Do steps see rows from after the decision?",
        steps.unbounded_windows,
    ),
    Check("Q15", "Unit key", "uniqueness", "Does the unit key name one row?", rows.unit_key),
    Check("Q16", "Spelling", "consistency", "Are levels spelt in several ways?", text.spelling),
    Check(
        "Q17",
        "Known too late",
        "learning",
        "Which columns are written only after the decision?",
        timing.known_too_late,
    ),
    Check("Q18", "Label noise", "learning", "Do equal rows have different outcomes?", labels.label_noise),
    Check(
        "Q19",
        "Training against holdout",
        "learning",
        "Is the holdout like what the model learns from?",
        drift.train_against_holdout,
    ),
    Check("Q20", "Overlap of parts", "learning", "Is a group or a row both in training and holdout?", labels.overlap),
    Check(
        "Q21",
        "Broken dependency",
        "consistency",
        "Which cells differ from what another column tells everywhere else?",
        dependencies.broken_dependencies,
    ),
    Check("Q22", "Mixed units", "consistency", "Are several units in one column?", units.mixed_units),
    Check("Q23", "Outliers", "accuracy", "Which values are far beyond all others?", extremes.outliers),
    Check("Q24", "Personal data", "validity", "Which columns tell who somebody is?", personal.personal_data),
    Check(
        "Q25",
        "Timeliness",
        "timeliness",
        "Is the data old, has it gaps, are the last outcomes final?",
        timeliness.timeliness,
    ),
    Check(
        "Q26", "Broken pattern", "validity", "Which values are written otherwise than all others?", text.broken_patterns
    ),
    Check("Q27", "Misspelt", "accuracy", "Which rare levels are slips of a frequent one?", text.misspelt),
    Check("Q28", "Capped", "accuracy", "Do many rows stand at the largest or smallest value?", extremes.capped),
    Check(
        "Q29",
        "Two values in one cell",
        "consistency",
        "Which cells hold the value of a column that is empty there?",
        units.misplaced,
    ),
    Check(
        "Q30",
        "Made from the outcome",
        "learning",
        "Which columns does a step compute from the outcome?",
        steps.made_from_outcome,
    ),
)


def check(profile: Profile, context: Context) -> tuple[CheckResult, ...]:
    """Run every check; one result each, in the order of the registry."""
    if context.sample is None and profile.n_rows:
        target = context.target.sql if context.target else None
        sample = Sample(context.cursor, context.table, profile, training=context.training, target=target)
        context = replace(context, sample=sample)
    return tuple(_result(one, profile, context) for one in CHECKS)


def findings(profile: Profile, context: Context) -> tuple[Finding, ...]:
    """Return all findings, blocking ones first, then warnings, then notes, each by code."""
    found = [finding for result in check(profile, context) for finding in result.findings]
    return tuple(sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.code)))


def _result(one: Check, profile: Profile, context: Context) -> CheckResult:
    if not profile.n_rows:
        return CheckResult(one.code, one.title, "not applicable", "The table has no rows.")
    try:
        listed = one_a_column(one.function(profile, context))
        found = tuple(with_examples(handy(finding), profile, context) for finding in listed)
    except NotApplicableError as error:
        return CheckResult(one.code, one.title, "not applicable", str(error))
    if found:
        return CheckResult(one.code, one.title, "finding", "", found)
    return CheckResult(one.code, one.title, "clear", "Nothing found.")


def one_a_column(found: Iterable[Finding]) -> list[Finding]:
    """Join what a check says of one column into one finding: it is accepted, and put right, as a whole."""
    joined: dict[str | None, Finding] = {}
    for one in found:
        first = joined.get(one.column)
        if first is None:
            joined[one.column] = one
            continue
        graver, other = sorted((first, one), key=lambda each: _ORDER[each.severity])
        joined[one.column] = replace(
            graver,
            evidence=f"{graver.evidence} {other.evidence}",
            numbers={**other.numbers, **graver.numbers},
            where=" OR ".join(f"({part})" for part in (graver.where, other.where) if part),
            others=tuple(dict.fromkeys((*graver.others, *other.others))),
        )
    return list(joined.values())


def handy(one: Finding) -> Finding:
    """Leave out a remedy's step that nobody could read or edit."""
    if len(one.remedy_action) <= LONGEST_STEP:
        return one
    told = f"{one.remedy} There are too many for a step to list: put them right at the source, or join a table of them."
    return replace(one, remedy=told, remedy_action="")
