"""The walk for stakeholders: question, money, curve, reasons, verdict; read-only, and no row of the data."""

import streamlit as st

from core import charts, flow
from core.frame import Frame
from core.workspace import Project
from pages.shared import answer, judgement, reasons, value
from pages.shared.figures import literal, plural


def question(said: Frame) -> None:
    """Draw what is decided, about what, and what is done today."""
    decision, incumbent = said.decision, said.economics.incumbent
    today = f"Today: {literal(incumbent.name)}." if incumbent else "Today nobody acts by a rule."
    unit = f"One decision is about {literal(decision.unit)}. " if decision.unit else ""
    st.markdown(f"{unit}{charts.count(said.economics.rows_per_year)} decisions a year. {today}")
    if said.economics.note:
        st.caption(f":material/info: {literal(said.economics.note)}")


def money(view: flow.ThresholdView, judged: flow.VerdictView | None, said: Frame) -> None:
    """Draw the answer in money: from the holdout when it was opened, else from the rows that were learnt from."""
    if judged:
        judgement.figures(judged, said)
        return
    found = view.cross_fitted.comparison
    with answer.row(3):
        about = "From the rows that were learnt from: the holdout is not opened yet."
        answer.money_card("Net value per year", found.net_value_per_year, view.currency, about=about)
        answer.money_card("Over the horizon", found.horizon_value, view.currency)
        answer.card("Better than today", charts.share(found.win_share), "of resamples")
    answer.legend(found.level, found.today_name)


def curve(view: flow.ThresholdView, said: Frame) -> None:
    """Draw the value curve; its cut follows the pointer, in the browser."""
    rows, economics = flow.curve_frame(view, said.economics), said.economics
    start, best = (rows.loc[rows["threshold"] >= cut, "share_acted"].max() for cut in (view.start, view.best.threshold))
    drawn = charts.movable_value_curve(
        rows,
        flow.point_frame(view, economics),
        view.currency,
        cut=start,
        best=best,
        title="Net value per year against today",
    )
    st.altair_chart(drawn, key="demo.curve", alt=value.described(view, rows, economics))
    st.caption(
        f"Move the gold line with the pointer, or the slider with the arrow keys. Out-of-fold scores of "
        f"{plural(view.n_rows, 'row')}. The best point is in-sample, so it flatters."
    )


def why(view: flow.ExplanationView | None) -> None:
    """Draw what moves the scores."""
    if view is None:
        st.caption("Nothing is explained yet.")
        return
    reasons.importance(view.importances)


def verdict(view: flow.VerdictView | None, project: Project) -> None:
    """Draw the verdict, its gates in a line each, and the report."""
    if view is None:
        st.info("The holdout is still locked, so there is no verdict.", icon=":material/lock:")
        return
    judgement.outcome(view)
    for gate in view.verdict.gates:
        word, icon, color = judgement.STATUSES[gate.status]
        st.markdown(f":{color}[{icon} {word}] **{literal(gate.title)}**")
    with st.container(width=260):
        judgement.report_part(project, key="demo.report")
