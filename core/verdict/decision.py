"""The verdict: go, no-go or not yet."""

import math
from dataclasses import dataclass
from typing import Literal

from core.charts.numbers import money, money_interval
from core.verdict.evidence import Evidence, GateResult
from core.verdict.gates import GATES
from core.verdict.looks import alpha


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of it all.

    Attributes
    ----------
    outcome : "go" when all must-gates pass, "no-go" when one fails, "not yet" when none fails and one cannot be judged.
    gates : every gate that applies, in the order of their codes.
    skipped : gates that do not apply, each with its reason in ``sentence``.
    sentence : the outcome and why, in words.
    look : which opening of the holdout this is.
    level : of its intervals, 1 − alpha(look).
    """

    outcome: Literal["go", "no-go", "not yet"]
    gates: tuple[GateResult, ...]
    skipped: tuple[GateResult, ...]
    sentence: str
    look: int
    level: float


def verdict(evidence: Evidence) -> Verdict:
    """Judge every gate and say what follows.

    Raises
    ------
    ValueError
        When the money's interval is not at the level of this look: then a later look would be judged too kindly.
    """
    level = 1 - alpha(evidence.look)
    if not math.isclose(evidence.money.level, level, abs_tol=1e-9):
        raise ValueError(f"look {evidence.look} needs intervals of {level:.4f}, not of {evidence.money.level:.4f}")
    results = [gate.function(gate, evidence) for gate in GATES]
    gates = tuple(one for one in results if one.status != "not applicable")
    skipped = tuple(one for one in results if one.status == "not applicable")
    failed = [one for one in gates if one.must and one.status == "fail"]
    unclear = [one for one in gates if one.must and one.status == "cannot judge"]
    if failed:
        more = f" {len(failed) - 1} more gate{'s' if len(failed) > 2 else ''} fail{'' if len(failed) > 2 else 's'}."
        text = f"No-go: {failed[0].sentence}" + (more if len(failed) > 1 else "")
        return Verdict("no-go", gates, skipped, text, evidence.look, level)
    if unclear:
        more = f" {len(unclear) - 1} more cannot be judged." if len(unclear) > 1 else ""
        text = f"Not yet: nothing fails, but not everything can be judged. {unclear[0].sentence}{more}"
        return Verdict("not yet", gates, skipped, text, evidence.look, level)
    return Verdict("go", gates, skipped, _go(evidence, len(gates)), evidence.look, level)


def _go(evidence: Evidence, n_gates: int) -> str:
    found = evidence.money
    per_year, horizon = found.net_value_per_year, found.horizon_value
    return (
        f"Go: all {n_gates} gates pass. Against {found.today_name} it is worth "
        f"{money(per_year.value, evidence.currency)} a year ({100 * found.level:.3g} % interval "
        f"{money_interval(per_year, evidence.currency)}), and {money(horizon.value, evidence.currency)} over the "
        f"horizon ({money_interval(horizon, evidence.currency)})."
    )
