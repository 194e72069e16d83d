"""Whether the data can be trusted, and what is known when the decision is made."""

from core.quality.counts import TextFacts
from core.quality.finding import Check, CheckResult, Context, Finding
from core.quality.profile import ColumnProfile, Profile, TargetExpr, profile
from core.quality.registry import CHECKS, check, findings

__all__ = [
    "CHECKS",
    "Check",
    "CheckResult",
    "ColumnProfile",
    "Context",
    "Finding",
    "Profile",
    "TargetExpr",
    "TextFacts",
    "check",
    "findings",
    "profile",
]
