"""Whether the data can be trusted, and what is known when the decision is made."""

from core.quality.facts import DateFacts, NumberFacts, Rate, Shift, TextFacts
from core.quality.finding import Check, CheckResult, Context, Example, Finding
from core.quality.profile import ColumnProfile, Profile, TargetExpr, profile
from core.quality.registry import CHECKS, VERSION, check, findings

__all__ = [
    "CHECKS",
    "VERSION",
    "Check",
    "CheckResult",
    "ColumnProfile",
    "Context",
    "Example",
    "DateFacts",
    "Finding",
    "NumberFacts",
    "Profile",
    "Rate",
    "Shift",
    "TargetExpr",
    "TextFacts",
    "check",
    "findings",
    "profile",
]
