"""What is decided, what it is worth, what success looks like, and who is behind it."""

from core.frame.checks import acting_never_pays, check_criteria, check_decision, check_economics, open_questions
from core.frame.codec import from_body, to_body
from core.frame.records import (
    METRICS,
    Capacity,
    Criteria,
    Criterion,
    Decision,
    Economics,
    Frame,
    Incumbent,
    Payoffs,
    People,
    SplitChoice,
)

__all__ = [
    "METRICS",
    "Capacity",
    "Criteria",
    "Criterion",
    "Decision",
    "Economics",
    "Frame",
    "Incumbent",
    "Payoffs",
    "People",
    "SplitChoice",
    "acting_never_pays",
    "check_criteria",
    "check_decision",
    "check_economics",
    "from_body",
    "open_questions",
    "to_body",
]
