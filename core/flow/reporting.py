"""The report that goes into a stakeholder's mail, and the model card that goes into the bundle."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from core import charts
from core.charts.numbers import count, interval_text, money, money_interval, number, share
from core.errors import NotReadyError
from core.flow.choosing import ThresholdView, threshold_view
from core.flow.curves import beyond_frame, curve_frame, point_frame
from core.flow.deciding import VerdictView, openings, signatures, verdict
from core.flow.explaining import explanation
from core.flow.framing import frame
from core.flow.pricing import price_lines
from core.flow.rows import split
from core.flow.runs import run
from core.frame import Economics
from core.verdict.evidence import GateResult
from core.verdict.report import Figure, GateLine, Picture, Report, report_html
from core.workspace import Project

MONEY_GATES = ("G01", "G03", "G04", "G05")
# The gates in which less is better, with the units of their figures.
UNITS = {"G10": " ms", "G11": " MB"}


def report(project: Project) -> str:
    """Return the verdict as one HTML file that needs nothing else and holds no raw row.

    Raises
    ------
    NotReadyError
        When there is no verdict yet.
    """
    found = verdict(project)
    if found is None:
        raise NotReadyError("There is no verdict to report on.", hint="Open the holdout on the page Verdict.")
    said = frame(project)
    signed = [
        f"{one.name} ({'agreed' if one.agreed else 'did not agree'}), {one.created_at:%Y-%m-%d %H:%M} UTC: {one.note}"
        for one in signatures(project)
        if one.current
    ]
    return report_html(
        Report(
            project=project.name,
            question=said.decision.question,
            outcome=found.verdict.outcome,
            sentence=found.verdict.sentence,
            figures=_figures(found, said.economics),
            gates=[GateLine(gate.title, gate.status, gate.sentence, gate.must) for gate in found.verdict.gates],
            pictures=_pictures(project, found),
            caveats=_caveats(project, found),
            signed=signed,
            rests_on=_rests_on(project, found),
            made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        )
    )


def _figures(found: VerdictView, economics: Economics) -> list[Figure]:
    found_money, currency = found.money, economics.currency
    level = f"{100 * found_money.level:.3g} % interval"
    figures = [
        Figure(
            f"Over {economics.horizon_years:g} years, against {found_money.today_name}",
            money(found_money.horizon_value.value, currency),
            f"{level} {money_interval(found_money.horizon_value, currency)}",
            f"after {money(economics.build_cost, currency)} to build it",
        ),
        Figure(
            "Net value per year",
            money(found_money.net_value_per_year.value, currency),
            f"{level} {money_interval(found_money.net_value_per_year, currency)}",
            f"better than today in {share(found_money.win_share)} of resamples",
        ),
    ]
    for name, label in (("precision", "Of its acts are right"), ("recall", "Of the positives are acted on")):
        item = found.metrics[name]
        ends = f"{share(item.low)} to {share(item.high)}"
        figures.append(Figure(label, share(item.value), f"{level} {ends}"))
    return figures


def _pictures(project: Project, found: VerdictView) -> list[Picture]:
    view = threshold_view(project, found.run, found.candidate)
    economics = frame(project).economics
    drawn = charts.value_curve(
        curve_frame(view, economics),
        point_frame(view, economics),
        economics.currency,
        cut=share_at(view, found),
        beyond=beyond_frame(view, economics),
        title="Net value per year against today",
    )
    pictures = [
        Picture(
            "What acting brings, by how many are acted on",
            drawn,
            f"Out-of-fold scores of {count(view.n_rows)} rows that the model learnt from; the holdout is not in it. "
            f"Zero is {view.today.name}; the best point is in-sample, so it flatters.",
            "Money per year against the share of rows acted on, with today, the best point and the chosen cut.",
        )
    ]
    gates = gate_frame(found.verdict.gates, economics.currency)
    if len(gates):
        pictures.append(
            Picture(
                "How far each gate is from its bar",
                charts.gate_intervals(gates),
                f"Intervals of {100 * found.verdict.level:.3g} %, from the holdout's {count(found.n_holdout)} rows; "
                "out of fold: 90 %.",
                "Each gate's figure with its interval, against its bar.",
            )
        )
    why = explanation(project)
    if why and not why.stale:
        rows = pd.DataFrame(
            [(one.column, one.size.value, one.size.low, one.size.high, one.direction) for one in why.importances],
            columns=["column", "value", "low", "high", "direction"],
        )
        pictures.append(
            Picture(
                "What moves the score",
                charts.importance(rows),
                f"Mean size of each column's contribution over {count(why.n_rows)} of {count(why.n_all)} rows.",
                "Columns by how far they move the score, the largest first.",
            )
        )
    return pictures


def share_at(view: ThresholdView, found: VerdictView) -> float:
    """Return the share of out-of-fold rows that the policy acts on."""
    threshold = np.inf if found.threshold is None else found.threshold
    return float(view.within.n_acted[view.within.at(threshold)]) / view.n_rows


def gate_frame(gates: tuple[GateResult, ...], currency: str) -> pd.DataFrame:
    """Return the gates that are figures with an interval as charts take them."""
    rows = [
        (
            gate.title,
            gate.status,
            gate.value.value,
            gate.value.low,
            gate.value.high,
            gate.bar,
            gate.code in UNITS,
            _told(gate.code, gate.value.value, currency),
        )
        for gate in gates
        if gate.value is not None and gate.bar is not None
    ]
    return pd.DataFrame(rows, columns=["title", "status", "value", "low", "high", "bar", "at_most", "text"])


def _told(code: str, value: float, currency: str) -> str:
    return money(value, currency) if code in MONEY_GATES else f"{number(value)}{UNITS.get(code, '')}"


def _caveats(project: Project, found: VerdictView) -> list[str]:
    said = frame(project)
    caveats = list(found.notes)
    if said.economics.note:
        caveats.append(said.economics.note)
    if said.decision.affected in ("yes", "unknown"):
        caveats.append(f"Past outcomes may have been affected by what was done then. {said.decision.affected_reason}")
    caveats += [f"Accepted: {key}. {why}" for key, why in found.accepted.items()]
    caveats += price_lines(project, found.run)
    looks = openings(project)
    caveats.append(f"The holdout was opened {looks} time{'s' if looks != 1 else ''}.")
    return [text.strip() for text in caveats]


def _rests_on(project: Project, found: VerdictView) -> list[tuple[str, str]]:
    parts = split(project)
    rows = [(kind, digest) for kind, digest in sorted(project.heads().items())]
    held = f"{count(found.n_holdout)} rows, {count(found.n_positive)} positive"
    head = [("model", found.candidate), ("holdout", held)]
    if parts:
        head.append(("split", f"{parts.method}, {count(parts.n_train)} rows to learn from"))
    head.append(("criteria last saved", found.criteria_frozen_at))
    return head + rows


def model_card(project: Project) -> str:
    """Return what the model is for, what it was made from and how good it is, as Markdown."""
    found, said = verdict(project), frame(project)
    if found is None:
        raise NotReadyError("There is no verdict yet.", hint="Open the holdout on the page Verdict.")
    view = run(project, found.run)
    assert view is not None
    one = view.candidate(found.candidate)
    metrics = "\n".join(
        f"| {name} | {number(item.value)} | {interval_text(item)} |" for name, item in sorted(found.metrics.items())
    )
    columns = "\n".join(f"| {c.name} | {c.kind} | {c.availability} |" for c in view.columns)
    unused = "\n".join(f"* {name}: {why}" for name, why in view.unused.items()) or "None."
    caveats = "\n".join(f"* {text}" for text in _caveats(project, found))
    return f"""# Model card: {project.name}

**Decision.** {said.decision.question} One row is {said.decision.unit or "one decision"}.
**Positive outcome.** {said.decision.target} = {said.decision.positive}.
**Model.** {one.title} ({one.family}), {one.n_rounds} rounds, {one.size_bytes:,} bytes.
**Verdict.** {found.verdict.sentence}

## On the holdout ({found.n_holdout:,} rows, {found.n_positive:,} positive)

| metric | value | interval ({100 * found.verdict.level:.3g} %) |
|---|---|---|
{metrics}

## What it reads

| column | kind | known |
|---|---|---|
{columns}

Not read:

{unused}

## What to keep in mind

{caveats}
"""
