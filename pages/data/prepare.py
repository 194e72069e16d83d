"""How raw becomes one row per decision: named SQL steps, a preview of each, and where every column comes from."""

import streamlit as st

from core import flow
from core.charts import count, duration
from core.charts.lineage import lineage as lineage_chart
from pages.shared import empty, guard, progress, session, steps
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

written = steps.written(project)
prepared = flow.prepared(project)
status = flow.status(project)["prepare"]
unsaved = steps.changed(project)
tables = steps.tables(project)

head(
    "How does it become one row per decision?",
    f"{plural(len(written), 'step')} over {literal(', '.join(tables['Table'].unique()))}. "
    "The last step is what every later page sees.",
    status=status,
    badges=(("Not saved", ":material/edit:", "orange"),) if unsaved and prepared else (),
)
if prepared:
    with st.grid(4, min_column_width=150):
        st.metric("Rows, one per decision", count(prepared.n_rows), border=True)
        st.metric("Columns", count(len(prepared.columns)), border=True)
        st.metric("Steps", count(len(prepared.step_rows)), border=True)
        st.metric("Took", duration(prepared.seconds), border=True)

with guard.shown():
    lineage = flow.lineage(project, written)
    picture, traced = st.columns([2, 1], gap="large")
    with picture:
        st.altair_chart(lineage_chart(lineage.tables), alt="Which loaded tables and steps each step reads")
        for name in lineage.unknown_steps:
            st.caption(f"The columns of {literal(name)} could not be traced; its tables are.")
    with traced:
        last = written[-1].name
        columns = list(dict.fromkeys(edge.column for edge in lineage.columns if edge.step == last))
        column = st.selectbox("Where does this column come from?", columns, index=None, key="prepare.traced")
        if column:
            st.dataframe(steps.origins(lineage, column, last), hide_index=True, alt=f"Origins of {column}")

main, side = st.columns([2, 1], gap="large")
with main:
    steps.editor(project, written, {} if unsaved or not prepared else prepared.step_rows)
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
            st.button("Back to the saved recipe", key="prepare.undo", on_click=steps.throw_away, args=(project,))
with side:
    st.subheader("What the steps may read", anchor=False)
    st.dataframe(tables, hide_index=True, height=420, alt="Loaded tables and their columns")

if not needed and not busy:
    next_step("quality", "Check the data", key="prepare.next")
foot(project, "prepare", "recipe")
