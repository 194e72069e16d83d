"""Why the model says what it says: over all rows, along one column, and for one row."""

import pandas as pd
import streamlit as st

from core import charts, flow
from core.explain import Importance
from core.explain.local import percent, sentence, told
from core.frame import Frame
from core.scoring.sigmoid import sigmoid
from core.workspace import Project
from pages.shared import answer, guard, progress, session
from pages.shared.figures import literal, plural

LOG_ODDS = "In log odds, 0 is an even chance; +1 makes the odds 2.7 times as good, −1 as much worse. Contributions add."


def title(said: Frame) -> str:
    """The question of the page, in the project's own words where there are any."""
    return f"Why does it say that? {said.decision.question}".strip()


def rests_on(view: flow.ExplanationView | None) -> str:
    """One line on what the answer rests on."""
    if view is None:
        return "Nothing is explained yet."
    return (
        f"Run `{view.run[:12]}`, {literal(view.candidate.replace('_', ' '))}: exact contributions (SHAP values) of "
        f"{plural(view.n_rows, 'row')} out of {charts.count(view.n_all)} it learnt from."
    )


def start_part(project: Project, *, first: bool, stale: bool = False) -> None:
    """Draw the button that explains, and the progress while it runs."""
    running = progress.job(project, "explain", "explain")
    st.button(
        "Explain the scores" if first else "Explain again",
        key="explain.start",
        icon=":material/play_arrow:",
        type="primary" if first or stale else "secondary",
        disabled=running,
        on_click=guard.action(_start),
        args=(project,),
    )


def found(view: flow.ExplanationView) -> None:
    """Draw the answer: the columns that matter most, and where a score starts."""
    with answer.row(long=True):
        for place, one in zip(("Matters most", "Second", "Third"), view.importances, strict=False):
            answer.card(place, one.column, f"{charts.share(one.share)} of what moves scores", _direction(one.direction))
        answer.card("Where every row starts", percent(float(sigmoid(view.base_value))), "before a row is known")


def importance(importances: tuple[Importance, ...]) -> None:
    """Draw how far each column moves scores."""
    rows = pd.DataFrame(
        [(one.column, one.size.value, one.size.low, one.size.high, one.direction) for one in importances],
        columns=["column", "value", "low", "high", "direction"],
    )
    if rows.empty:
        st.markdown("The model uses no column: every row gets the same score.")
        return
    ranked = ", ".join(f"{row.column} {charts.number(row.value)}" for row in rows.head(5).itertuples())
    st.altair_chart(
        charts.importance(rows), alt=f"How far columns move a score, in log odds, the largest first: {ranked}"
    )
    st.caption(
        "Blue: larger values push towards acting. Brown: against. Gray: neither, or levels. Lines: 90 % interval over "
        "which rows were drawn."
    )


def notes(view: flow.ExplanationView) -> None:
    """Draw what limits the reading of these figures."""
    with st.container(border=True):
        st.subheader("How to read this", anchor=False)
        st.markdown("A contribution says what the *model* does with a column. It does not say that changing it helps.")
        st.caption(LOG_ODDS)
        for text in view.shared_credit[:5]:
            st.caption(f":material/link: {literal(text)}")


@guard.fragment
def effect_part(project: Project, columns: tuple[str, ...]) -> None:
    """One column's effect along its values; choosing another reruns only this."""
    with st.container(border=True):
        st.subheader("One column", anchor=False)
        column = st.selectbox("Column", columns, key="explain.column", persist_state="session")
        found = flow.effect(project, column)
        names = {"label": found.label, "n": found.n, "mean": found.mean, "lower": found.lower, "upper": found.upper}
        drawn = charts.dependence(pd.DataFrame(names), column, categorical=found.kind == "category")
        low, high = min(found.mean), max(found.mean)
        st.altair_chart(
            drawn,
            key="explain.effect",
            alt=f"{column} moves the score by {charts.number(low)} to {charts.number(high)} log odds on average",
        )
        st.caption("Mean contribution and the middle 80 % of rows, in bins of about equally many rows.")


@guard.fragment
def row_part(project: Project, row_numbers: tuple[int, ...]) -> None:
    """One row's reasons; choosing another reruns only this."""
    with st.container(border=True):
        st.subheader("One row", anchor=False)
        session.fill("explain.row", row_numbers[0] if row_numbers else 1)
        number = st.number_input(
            "Row number in the prepared table", min_value=1, step=1, key="explain.row", persist_state="session"
        )
        found = flow.row_reasons(project, int(number))
        st.markdown(literal(found.summary))
        steps = pd.DataFrame(
            {"label": [told(s) for s in found.steps], "contribution": [s.contribution for s in found.steps]}
        )
        st.altair_chart(
            charts.waterfall(steps, found.base_value),
            key="explain.waterfall",
            alt=" ".join(sentence(step) for step in found.steps),
        )
        st.caption(
            f"Base value {charts.number(found.base_value)} and contributions add up to "
            f"{charts.number(found.contributions_sum)}; the model's margin is {charts.number(found.margin)}, "
            f"a score of {percent(found.score)}."
        )
        with st.expander("The row's own values"):
            values = pd.DataFrame({"Column": list(found.values), "Value": [_text(v) for v in found.values.values()]})
            st.dataframe(values, hide_index=True, alt=f"Values of row {number}")


def _direction(direction: int) -> str:
    return {1: "Larger values push towards acting.", -1: "Larger values push against acting."}.get(direction, "")


def _text(value: object) -> str:
    return "(missing)" if value is None else str(value)


def _start(project: Project) -> None:
    flow.start_explaining(project, session.author())
