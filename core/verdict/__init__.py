"""What comes of it all: the gates, the verdict and the report."""

from core.verdict.decision import Verdict, verdict
from core.verdict.evidence import Evidence, GateResult
from core.verdict.gates import GATES, Gate
from core.verdict.looks import alpha, at_level

__all__ = ["GATES", "Evidence", "Gate", "GateResult", "Verdict", "alpha", "at_level", "verdict"]
