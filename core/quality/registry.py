"""The checks, in order, and what becomes of each."""

from core.quality import drift, outcome, rows, values
from core.quality.finding import Check, CheckResult, Context, Finding, NotApplicableError
from core.quality.profile import Profile

_ORDER = {"blocking": 0, "warning": 1, "note": 2}

CHECKS: tuple[Check, ...] = (
    Check("Q01", "Missing", "Which columns have rows without a value?", values.missing),
    Check("Q02", "Disguised missing", "Is “no value” written as a word or a number?", values.disguised_missing),
    Check("Q03", "Constant", "Which columns say the same in every row?", values.constant),
    Check("Q04", "Identifier", "Which columns name a row instead of describing it?", rows.identifiers),
    Check("Q05", "Duplicates", "Are there rows twice?", rows.duplicates),
    Check("Q06", "Mixed types", "Which text columns are numbers or dates but for a few rows?", values.mixed_types),
    Check("Q07", "Impossible range", "Are there values that cannot be?", values.impossible_ranges),
    Check("Q08", "Rare levels", "Which levels have too few rows to learn from?", values.rare_levels),
    Check("Q09", "Imbalance", "Are there enough rows of both outcomes?", outcome.imbalance),
    Check("Q10", "Leakage", "Does one column alone know the outcome?", outcome.leakage),
    Check("Q11", "Drift", "Do late rows look like early ones?", drift.drift),
    Check("Q12", "Near copies", "Which columns say the same as another?", rows.near_copies),
    Check(
        "Q13", "Filled with the outcome", "Which columns are empty where the outcome is?", outcome.filled_with_outcome
    ),
    Check("Q14", "Window without a bound", "Do steps see rows from after the decision?", drift.unbounded_windows),
    Check("Q15", "Unit key", "Does the unit key name one row?", rows.unit_key),
    Check("Q16", "Spelling", "Are levels spelt in several ways?", values.spelling),
)


def check(profile: Profile, context: Context) -> tuple[CheckResult, ...]:
    """Run every check; one result each, in the order of the registry."""
    return tuple(_result(one, profile, context) for one in CHECKS)


def findings(profile: Profile, context: Context) -> tuple[Finding, ...]:
    """Return all findings, blocking ones first, then warnings, then notes, each by code."""
    found = [finding for result in check(profile, context) for finding in result.findings]
    return tuple(sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.code)))


def _result(one: Check, profile: Profile, context: Context) -> CheckResult:
    if not profile.n_rows:
        return CheckResult(one.code, one.title, "not applicable", "The table has no rows.")
    try:
        found = tuple(one.function(profile, context))
    except NotApplicableError as error:
        return CheckResult(one.code, one.title, "not applicable", str(error))
    if found:
        return CheckResult(one.code, one.title, "finding", "", found)
    return CheckResult(one.code, one.title, "clear", "Nothing found.")
