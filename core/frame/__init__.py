"""What is decided, what it is worth, what success looks like, and who is behind it."""

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
]
