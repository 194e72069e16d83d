"""How raw becomes one row per decision: named SQL steps, what each makes of its rows, where each column is from."""

import streamlit as st

from core import flow
from core.charts import count, duration
from pages.shared import empty, guard, origins, progress, readymade, session, stepcards, stepfacts, steps
from pages.shared.figures import literal, plural
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
if flow.dataset(project) is None:
    empty.not_yet(
        "prepare",
        "Named SQL steps over the loaded tables will be here, each with its rows, the last with one per decision.",
        "load",
        "Load a table",
    )
    st.stop()

held = steps.hold(project)
prepared = flow.prepared(project)
status = flow.status(project)["prepare"]
unsaved = steps.changed(project)
seen = stepfacts.seen(project, held)
tables = stepfacts.tables(project)

head(
    "How does it become one row per decision?",
    f"{plural(len(held), 'step')} over {literal(', '.join(tables['Table'].unique()))}. "
    "The last step is what every later page sees.",
    status="" if unsaved and prepared else status,
    badges=(("Not saved", ":material/edit:", "orange"),) if unsaved and prepared else (),
)
with st.container():
    if prepared:
        with st.grid(4, min_column_width=150):
            st.metric("Rows, one per decision", count(prepared.n_rows), border=True)
            st.metric("Columns", count(len(prepared.columns)), border=True)
            st.metric("Steps", count(len(prepared.step_rows)), border=True)
            st.metric("Took", duration(prepared.seconds), border=True)
with st.container():
    origins.picture(project, held, seen.looks)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("Steps", anchor=False, width="content")
    stepcards.toolbar(project)
with st.expander("Which tables and columns may they read?", icon=":material/table_view:"):
    st.dataframe(tables, hide_index=True, height=320, alt="Loaded tables and their columns")
stepcards.cards(project, seen)
with st.container():
    stepcards.add(project)
    readymade.picker(project, seen.schemas)

busy = progress.job(project, "prepare", "prepare")
needed = unsaved or status != "done"
with st.container(horizontal=True):
    st.button(
        "Save and run",
        key="prepare.save",
        icon=":material/play_arrow:",
        type="primary" if needed else "secondary",
        on_click=guard.action(steps.save),
        args=(project,),
        disabled=busy,
    )
    if unsaved and prepared:
        st.button(
            "Back to the saved recipe", key="prepare.undo", on_click=guard.action(steps.throw_away), args=(project,)
        )

if not needed and not busy:
    next_step("quality", "Check the data", key="prepare.next")
foot(project, "prepare", "recipe")
