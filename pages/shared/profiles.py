"""Columns on Quality: what is in each, and when it is known."""

import altair as alt
import pandas as pd
import streamlit as st

from core import flow
from core.charts import count, number, share
from core.charts.quality import bins, levels
from core.quality import ColumnProfile, Profile
from core.workspace import Project
from pages.shared import guard, session

WHEN = {"before": "Before the decision", "at": "At the decision", "after": "Only afterwards", "unknown": "Not said"}
KEYS = {word: key for key, word in WHEN.items()}


def base_rate(profile: Profile) -> float | None:
    """Return the share of positives among training rows, or None without an outcome."""
    return profile.n_positive / profile.n_training if profile.n_training else None


def missing_share(column: ColumnProfile) -> float:
    """Return the share of rows without a value."""
    return column.n_missing / max(column.n_rows, 1)


def chart(column: ColumnProfile, overall: float | None) -> alt.LayerChart | None:
    """Return the picture of a column, or None when all of it is missing."""
    if column.kind == "number" and column.histogram:
        return bins(column.histogram, overall, column.name)
    return levels(column.top, overall, column.name) if column.top else None


def facts(column: ColumnProfile) -> None:
    """Draw what is in a column in one row of metrics."""
    with st.grid(4, min_column_width=150):
        st.metric("Missing", share(missing_share(column)), border=True)
        st.metric("Different values", count(column.n_distinct), border=True)
        st.metric("Mean", number(column.mean) if column.mean is not None else "–", border=True)
        alone = number(column.auc) if column.auc is not None else "–"
        st.metric("Alone, ROC AUC", alone, border=True, help="How well this column alone ranks: 0.5 is chance.")


def when_known(project: Project, column: str) -> None:
    """Draw when one column is known; a change is saved at once."""
    key = f"quality.known_{column}"
    session.keep(key, flow.availability(project)[column])
    st.segmented_control(
        "When is it known?",
        list(WHEN),
        format_func=WHEN.get,
        key=key,
        required=True,
        wrap=True,
        on_change=guard.action(_said),
        args=(project, column, key),
    )


def editor(project: Project, profile: Profile | None) -> None:
    """Draw the table in which is said when each column is known."""
    known = flow.availability(project)
    found = {column.name: column for column in profile.columns} if profile else {}
    target = flow.frame(project).decision.target
    rows = [
        {
            "Column": column.name,
            "Known": WHEN[known[column.name]],
            "Type": column.type,
            "Alone, ROC AUC": found[column.name].auc if column.name in found else None,
            "Missing": found[column.name].n_missing / max(found[column.name].n_rows, 1)
            if column.name in found
            else None,
        }
        for column in flow.prepared_columns(project)
        if column.name != target
    ]
    drawn = pd.DataFrame(rows)
    session.keep("quality.columns_shown", [row["Column"] for row in rows])
    st.data_editor(
        drawn,
        key="quality.availability",
        hide_index=True,
        disabled=["Column", "Type", "Alone, ROC AUC", "Missing"],
        column_config={
            "Known": st.column_config.SelectboxColumn(options=list(KEYS), required=True, width="medium"),
            "Alone, ROC AUC": st.column_config.NumberColumn(format="%.3f"),
            "Missing": st.column_config.NumberColumn(format="percent"),
        },
        on_change=guard.action(_edited),
        args=(project,),
        alt="When each column is known",
    )


def many(project: Project) -> None:
    """Draw how to say it for several columns at once."""
    known = flow.availability(project)
    silent = [name for name, when in known.items() if when == "unknown" and name != flow.frame(project).decision.target]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Several at once", silent, key="quality.many", placeholder="Columns that nobody has spoken for", width=420
        )
        st.selectbox(
            "Known",
            [when for when in WHEN if when != "unknown"],
            format_func=WHEN.get,
            key="quality.many_when",
            width=220,
        )
        st.button("Say so", key="quality.many_apply", on_click=guard.action(_said_of_many), args=(project,))


def n_silent(project: Project) -> int:
    """Return how many columns nobody has said a time for; the outcome needs none."""
    target = flow.frame(project).decision.target
    return sum(when == "unknown" and name != target for name, when in flow.availability(project).items())


def _said(project: Project, column: str, key: str) -> None:
    flow.set_availability(project, {column: str(session.value(key))}, session.author())


def _said_of_many(project: Project) -> None:
    chosen = session.value("quality.many") or []
    flow.set_availability(project, dict.fromkeys(chosen, str(session.value("quality.many_when"))), session.author())
    session.keep("quality.many", [])


def _edited(project: Project) -> None:
    shown = session.value("quality.columns_shown")
    edits = session.value("quality.availability")["edited_rows"]
    changes = {shown[int(row)]: KEYS[edit["Known"]] for row, edit in edits.items() if "Known" in edit}
    flow.set_availability(project, changes, session.author())
