"""When each column is known: said for one, for several at once, or in a table."""

import pandas as pd
import streamlit as st

from core import charts, flow
from core.quality import Profile
from core.workspace import Project
from pages.shared import guard, session

WHEN = {"before": "Before the decision", "at": "At the decision", "after": "Only afterwards", "unknown": "Not said"}
# The reason that flow.barred gives for a column that is only kept out because of what is said here.
AFTER = "known only after the decision"
KEYS = {word: key for key, word in WHEN.items()}


def of_one(project: Project, column: str) -> None:
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
    never = flow.barred(project)
    found = {column.name: column for column in profile.columns} if profile else {}
    worth = _worth(project)
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
        | ({"Lost in a year without it": worth.get(column.name, "")} if worth else {})
        for column in flow.prepared_columns(project)
        if never.get(column.name) in (None, AFTER)
    ]
    drawn = pd.DataFrame(rows)
    session.keep("quality.columns_shown", [row["Column"] for row in rows])
    st.data_editor(
        drawn,
        key="quality.availability",
        hide_index=True,
        disabled=["Column", "Type", "Alone, ROC AUC", "Missing", "Lost in a year without it"],
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
    silent = flow.silent(project)
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


def _worth(project: Project) -> dict[str, str]:
    """Return what each priced column is worth in words; none when the prices are of another run."""
    found = flow.prices(project)
    if found is None or found.stale:
        return {}
    return {
        one.columns[0]: f"{charts.money(one.price.per_year.value, found.currency)} "
        f"({charts.money_interval(one.price.per_year, found.currency)})"
        for one in found.columns
    }


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
