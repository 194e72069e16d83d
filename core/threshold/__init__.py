"""When to act, and what that is worth: value curves, capacity, today, money with intervals."""

from core.threshold.capacity import Acts, Room, policy_acts, room, room_notes, rule_acts
from core.threshold.comparison import Comparison, Resampling, compare, positive_notes
from core.threshold.curve import ValueCurve, thin, value_curve
from core.threshold.equal_terms import EqualTerms, EqualValue, EqualVolume, equal_terms
from core.threshold.metrics import decision_metrics, policy_metrics
from core.threshold.optimum import Best, CrossFitted, best_threshold, cross_fitted, policy_curve
from core.threshold.outcome import Option, Outcome, Today, outcome, outcome_of, todays
from core.threshold.payoffs import (
    bayes_threshold,
    check_order,
    corrected_score,
    gains,
    horizon_value,
    net_value_per_year,
    row_weights,
    uncorrected_threshold,
)
from core.threshold.periods import Periods, whole_periods
from core.threshold.price import Price, price
from core.threshold.rows import ScoredRows, Times, scored_rows

__all__ = [
    "Acts",
    "Best",
    "Comparison",
    "CrossFitted",
    "EqualTerms",
    "EqualValue",
    "EqualVolume",
    "Option",
    "Outcome",
    "Periods",
    "Price",
    "Resampling",
    "Room",
    "ScoredRows",
    "Times",
    "Today",
    "ValueCurve",
    "bayes_threshold",
    "best_threshold",
    "check_order",
    "compare",
    "corrected_score",
    "cross_fitted",
    "decision_metrics",
    "equal_terms",
    "gains",
    "horizon_value",
    "net_value_per_year",
    "outcome",
    "outcome_of",
    "policy_acts",
    "policy_curve",
    "policy_metrics",
    "positive_notes",
    "price",
    "room",
    "room_notes",
    "row_weights",
    "rule_acts",
    "scored_rows",
    "thin",
    "todays",
    "uncorrected_threshold",
    "value_curve",
    "whole_periods",
]
