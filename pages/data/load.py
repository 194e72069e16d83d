"""Which data, from where: add tables, and see what was found in them."""

import streamlit as st

from core import flow
from core.charts import count
from pages.shared import empty, glimpse, guard, loaded, progress, session, sources
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
dataset = flow.dataset(project)
tables = dataset.tables if dataset else ()
n_rows, n_repaired, n_rejected = loaded.totals(tables)
names = [table.name for table in tables]

head(
    "Which data do we have, and where is it from?",
    "Sources are copied into the project and stay as they are where they came from.",
    status=flow.status(project)["load"],
)
if tables:
    with st.grid(4, min_column_width=150):
        st.metric("Tables", count(len(tables)), border=True)
        st.metric("Rows", count(n_rows), border=True)
        st.metric("Rows repaired", count(n_repaired), border=True)
        st.metric("Rows rejected", count(n_rejected), border=True)

side, main = st.columns([1, 2], gap="large")
with side, st.container(border=True):
    st.subheader("Add a table", anchor=False)
    busy = progress.job(project, "load", "load")
    said = sources.arrived(project)
    sources.add(project, busy)
    if said:
        st.info(said, icon=":material/check_circle:")


@guard.fragment
def chosen_source() -> None:
    """What was chosen and not loaded yet; saying how to read it reruns only this."""
    path = sources.chosen()
    if path is not None:
        glimpse.draw(path)


@guard.fragment
def one_table() -> None:
    """One table; choosing another reruns only this."""
    if session.value("load.shown") not in names:
        session.keep("load.shown", names[0])
    chosen = st.segmented_control("Table", names, key="load.shown", required=True)
    loaded.draw(project, next(table for table in tables if table.name == chosen))
    st.button(
        "Leave this table out",
        key="load.remove",
        icon=":material/delete:",
        help="The table stays in the history.",
        on_click=guard.action(flow.remove_table),
        args=(project, chosen, session.author()),
    )


with main:
    if not busy and sources.chosen() is not None:
        with st.container(border=True):
            chosen_source()
    if tables:
        one_table()
    elif not busy and sources.chosen() is None:
        empty.picture(
            "Choose a file, and its first rows will be here at once, with everything that was assumed about it. "
            "Once loaded: its columns and types, and every row that did not fit, with the reason.",
            "table",
        )

if tables:
    next_step("prepare", "Prepare one row per decision", key="load.next")
foot(project, "load", "dataset")
