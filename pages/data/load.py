"""Which data, from where: add tables, and see what was found in them."""

import streamlit as st

from core import flow
from core.charts import count
from pages.shared import empty, guard, progress, session, sources
from pages.shared.figures import literal, plural, size
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
dataset = flow.dataset(project)
tables = dataset.tables if dataset else ()
n_rows, n_rejected = sources.totals(tables)
names = [table.name for table in tables]

head(
    "Which data do we have, and where is it from?",
    "Files are copied into the project and stay as they are where they came from.",
    status=flow.status(project)["load"],
)
if tables:
    with st.grid(4, min_column_width=150):
        st.metric("Tables", count(len(tables)), border=True)
        st.metric("Rows", count(n_rows), border=True)
        st.metric("Rows rejected", count(n_rejected), border=True)
        st.metric("Disk free", size(flow.free_bytes()), border=True)

main, side = st.columns([2, 1], gap="large")
with side, st.container(border=True):
    st.subheader("Add a table", anchor=False)
    busy = progress.job(project, "load", "load")
    sources.add(project, busy)


@guard.fragment
def one_table() -> None:
    """One table; choosing another reruns only this."""
    if session.value("load.shown") not in names:
        session.keep("load.shown", names[0])
    chosen = st.segmented_control("Table", names, key="load.shown", required=True)
    table = next(table for table in tables if table.name == chosen)
    st.header(literal(table.name), anchor=False)
    st.caption(f"{plural(table.n_rows, 'row')}, {plural(len(table.columns), 'column')}, {size(table.n_bytes)}")
    st.table(sources.facts(table), border="horizontal", alt=f"Where {table.name} is from")
    rows, types, rejected = st.tabs(["First rows", "Types as found", sources.rejected_words(table)], key="load.tabs")
    with rows:
        st.dataframe(flow.head_rows(project, table.name, 50), hide_index=True, alt=f"First rows of {table.name}")
    with types:
        st.dataframe(sources.columns(table), hide_index=True, alt=f"Columns of {table.name} and their types")
    with rejected:
        if table.n_rejected:
            st.caption(f"{plural(table.n_rejected, 'row')} did not fit and are not in the table. The first of them:")
            st.dataframe(sources.rejected(table), hide_index=True, alt=f"Rejected rows of {table.name}")
        else:
            st.caption("None: every row of the file is in the table.")
    st.button(
        "Leave this table out",
        key="load.remove",
        icon=":material/delete:",
        help="The table stays in the history.",
        on_click=guard.action(flow.remove_table),
        args=(project, table.name, session.author()),
    )


with main:
    if tables:
        one_table()
    elif not busy:
        empty.picture(
            "Each table will be here with its columns and types as found, its first rows, "
            "and every row that did not fit, with the reason.",
            "table",
        )

if tables:
    next_step("prepare", "Prepare one row per decision", key="load.next")
foot(project, "load", "dataset")
