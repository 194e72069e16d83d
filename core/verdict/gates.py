"""The gates: what has to hold before anybody builds."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.charts.numbers import interval_text, money, money_interval, number
from core.frame.records import METRICS, Criterion
from core.threshold.comparison import MIN_POSITIVES
from core.train.interval import Interval
from core.verdict.evidence import Bar, Evidence, GateResult, Status, judge, rows_needed

LEAST_TO_JUDGE = 10
CHANCE = 0.5
MONEY = ("net_value_per_year", "net_value_over_horizon")
MEASURED = ("latency_ms", "model_size_mb")


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: a stable code, what it is called, what it asks, and the function that answers."""

    code: str
    title: str
    question: str
    function: Callable[["Gate", Evidence], GateResult]


def beats_today(gate: Gate, evidence: Evidence) -> GateResult:
    """Net value per year on the holdout is above 0, with the whole interval."""
    value = evidence.money.net_value_per_year
    label = f"Net value per year against {evidence.money.today_name}"
    return _against(gate, evidence, label, value, Bar(at_least=0.0, strict=True), as_money=True)


def ranks_better_than_chance(gate: Gate, evidence: Evidence) -> GateResult:
    """ROC AUC on the holdout is above one half, with the whole interval."""
    value = evidence.metrics.get("roc_auc")
    return _against(gate, evidence, "ROC AUC", value, Bar(at_least=CHANCE, strict=True))


def holds_out_of_fold(gate: Gate, evidence: Evidence) -> GateResult:
    """Cross-fitted net value per year on the training rows is above 0, with the whole interval.

    A policy that only looks good on one holdout by luck is stopped here: these are other rows, and thresholds that each
    fold did not choose itself.
    """
    found = evidence.out_of_fold
    label = f"Out of fold, at thresholds that other folds chose: net value per year against {found.today_name}"
    bar = Bar(at_least=0.0, strict=True)
    return _against(gate, evidence, label, found.net_value_per_year, bar, as_money=True, n_rows=found.policy.n_rows)


def meets_criterion(metric: str) -> Callable[[Gate, Evidence], GateResult]:
    """Return the function that holds a metric against the frame's criterion on it."""

    def judged(gate: Gate, evidence: Evidence) -> GateResult:
        item = next((item for item in evidence.criteria.items if item.metric == metric), None)
        if item is None:
            text = f"There is no criterion on it: {METRICS[metric]}."
            return GateResult(gate.code, gate.title, "not applicable", text)
        bar = Bar(at_least=item.at_least, at_most=item.at_most)
        return _against(gate, evidence, METRICS[metric], _measured(evidence, item), bar, as_money=metric in MONEY)

    return judged


def data_can_be_trusted(gate: Gate, evidence: Evidence) -> GateResult:
    """No blocking finding of Quality is open."""
    if not evidence.blocking:
        return GateResult(gate.code, gate.title, "pass", "No blocking finding is open.")
    named = "; ".join(evidence.blocking[:3]) + ("; …" if len(evidence.blocking) > 3 else "")
    n = len(evidence.blocking)
    return GateResult(
        gate.code,
        gate.title,
        "cannot judge",
        f"{n} blocking finding{'s are' if n > 1 else ' is'} open, so that no figure is to be trusted: {named}.",
    )


def outcomes_are_unaffected(gate: Gate, evidence: Evidence) -> GateResult:
    """Past outcomes do not depend on today's action, or somebody accepted with a reason that they do."""
    said = {
        "": "Nobody has said whether past outcomes were affected by today's action.",
        "unknown": "It is not known whether past outcomes were affected by today's action.",
        "yes": "Past outcomes were affected by today's action, so that they do not show what acting changes.",
        "no": "Past outcomes were not affected by today's action.",
    }[evidence.affected]
    if evidence.affected == "no":
        return GateResult(gate.code, gate.title, "pass", said)
    reason = evidence.affected_reason.strip()
    if evidence.affected and reason:
        return GateResult(gate.code, gate.title, "pass", f"{said} Accepted because: {reason.rstrip('.')}.")
    hint = "Accept it on Frame with a reason." if evidence.affected else "Say so on Frame."
    return GateResult(gate.code, gate.title, "cannot judge", f"{said} {hint}")


def enough_cases(gate: Gate, evidence: Evidence) -> GateResult:
    """There are at least ten rows of either outcome to judge by, and ten positives to learn from.

    Below 50 positives in the holdout or 200 in training it passes with a warning.
    """
    seen = evidence.money.policy
    rarer = min(seen.n_positive, seen.n_rows - seen.n_positive)
    counted = f"{seen.n_positive:,} of {seen.n_rows:,} holdout rows are positive"
    counted += f" and {evidence.n_train_positive:,} training rows"
    if rarer < LEAST_TO_JUDGE:
        needed = math.ceil(seen.n_rows * LEAST_TO_JUDGE / rarer) if rarer else None
        text = f"{counted}; fewer than {LEAST_TO_JUDGE} holdout rows of one outcome show nothing."
        text += _more(needed, seen.n_rows)
        return GateResult(gate.code, gate.title, "cannot judge", text, rows_needed=needed)
    if evidence.n_train_positive < LEAST_TO_JUDGE:
        text = f"{counted}; fewer than {LEAST_TO_JUDGE} positives to learn from show nothing."
        return GateResult(gate.code, gate.title, "cannot judge", text)
    few = seen.n_positive < MIN_POSITIVES["holdout"] or evidence.n_train_positive < MIN_POSITIVES["training"]
    least = f"{MIN_POSITIVES['holdout']} and {MIN_POSITIVES['training']}"
    tail = f"; fewer than {least} make every figure uncertain." if few else f"; at least {least} are wanted."
    return GateResult(gate.code, gate.title, "pass", counted + tail)


def _measured(evidence: Evidence, item: Criterion) -> Interval | None:
    if item.metric == "net_value_per_year":
        return evidence.money.net_value_per_year
    if item.metric == "net_value_over_horizon":
        return evidence.money.horizon_value
    if item.metric in MEASURED:
        value = evidence.latency_ms if item.metric == "latency_ms" else evidence.model_size_mb
        return None if value is None else Interval(value, value, value)
    return evidence.metrics.get(item.metric)


def _against(
    gate: Gate,
    evidence: Evidence,
    label: str,
    value: Interval | None,
    bar: Bar,
    *,
    as_money: bool = False,
    n_rows: int | None = None,
) -> GateResult:
    """Hold a figure against a bar and say so."""
    if value is None:
        return GateResult(gate.code, gate.title, "cannot judge", f"{label} was not measured.", bar=bar.value)
    status: Status = judge(value, bar)
    n = n_rows if n_rows is not None else evidence.money.policy.n_rows
    needed = rows_needed(value, bar, n) if status == "cannot judge" else None
    level = evidence.out_of_fold.level if n_rows is not None else evidence.money.level
    told = money(value.value, evidence.currency) if as_money else number(value.value)
    if math.isnan(value.low):
        told += " (no interval can be given)"
    elif value.low != value.high:
        ends = money_interval(value, evidence.currency) if as_money else interval_text(value)
        told += f" ({100 * level:.3g} % interval {ends})"
    word = "more than" if bar.strict else "at least" if bar.at_least is not None else "at most"
    wanted = money(bar.value, evidence.currency) if as_money else number(bar.value)
    text = f"{label}: {told}; wanted: {word} {wanted}."
    if status == "cannot judge":
        text += _more(needed, n)
    return GateResult(gate.code, gate.title, status, text, value, bar.value, True, needed)


def _more(needed: int | None, n: int) -> str:
    if needed is None:
        return " More rows like these would not settle it."
    return f" About {_round_up(needed):,} rows like these would settle it, {n:,} are there."


def _round_up(n: int) -> int:
    """Two significant figures, upwards."""
    step = 10 ** max(0, len(str(n)) - 2)
    return -(-n // step) * step


GATES = (
    Gate("G01", "Beats today", "Is it worth more than what can be done without it?", beats_today),
    Gate("G02", "Ranks better than chance", "Does the score tell positives from negatives?", ranks_better_than_chance),
    Gate("G03", "Money holds out of fold", "Do the training rows say the same?", holds_out_of_fold),
    Gate("G04", "Net value per year", "Is the criterion met?", meets_criterion("net_value_per_year")),
    Gate("G05", "Net value over the horizon", "Is the criterion met?", meets_criterion("net_value_over_horizon")),
    Gate("G06", "Recall", "Is the criterion met?", meets_criterion("recall")),
    Gate("G07", "Precision", "Is the criterion met?", meets_criterion("precision")),
    Gate("G08", "ROC AUC", "Is the criterion met?", meets_criterion("roc_auc")),
    Gate("G09", "PR AUC", "Is the criterion met?", meets_criterion("pr_auc")),
    Gate("G10", "Latency", "Is the criterion met?", meets_criterion("latency_ms")),
    Gate("G11", "Size of the model", "Is the criterion met?", meets_criterion("model_size_mb")),
    Gate("G12", "Data can be trusted", "Is every blocking finding resolved or accepted?", data_can_be_trusted),
    Gate("G13", "Outcomes unaffected", "Do past outcomes show what acting changes?", outcomes_are_unaffected),
    Gate("G14", "Enough cases", "Are there enough rows of either outcome?", enough_cases),
)
