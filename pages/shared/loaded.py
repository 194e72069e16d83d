"""A table that was loaded: where it is from, how it was read, and what was put right or left out."""

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count, duration
from core.workspace import Project
from pages.shared import changes, glimpse, reading
from pages.shared.figures import literal, plural, size

TABS = ["First rows", "Columns", "How it was read", "Repaired", "Rejected", "What changed"]


def totals(tables: tuple[flow.TableInfo, ...]) -> tuple[int, int, int]:
    """Return the rows of all tables, how many were repaired and how many rejected."""
    return (
        sum(table.n_rows for table in tables),
        sum(table.n_repaired for table in tables),
        sum(table.n_rejected for table in tables),
    )


def draw(project: Project, table: flow.TableInfo) -> None:
    """Draw one table; of the tabs only the open one is computed."""
    st.header(literal(table.name), anchor=False)
    st.caption(
        f"{plural(table.n_rows, 'row')}, {plural(len(table.columns), 'column')}, {size(table.n_bytes)} · "
        f"repaired {count(table.n_repaired)}, rejected {count(table.n_rejected)}"
    )
    tabs = st.tabs(TABS, key="load.tabs", on_change="rerun")
    drawn = (_rows, _columns, _read, _repaired, _rejected, changes.draw)
    for tab, draw_tab in zip(tabs, drawn, strict=True):
        if tab.open:
            with tab:
                draw_tab(project, table)


def facts(table: flow.TableInfo) -> dict[str, str]:
    """Return where a table is from and how it was read, a line each."""
    lines = {
        "Source": f"{table.source_name}, {size(table.n_bytes)}",
        "Read as": reading.sentence(table.settings),
        "Loaded": f"{table.loaded_at.replace('T', ' ').replace('+00:00', ' UTC')} by {table.author}, "
        f"in {duration(table.seconds)}",
    }
    return {name: literal(text) for name, text in lines.items()}


def _rows(project: Project, table: flow.TableInfo) -> None:
    shown = flow.head_rows(project, table.name, 50)
    st.dataframe(shown, hide_index=True, alt=f"First rows of {table.name}")
    st.caption(f"The first {count(len(shown))} of {plural(table.n_rows, 'row')}, in the order of the source.")


def _columns(project: Project, table: flow.TableInfo) -> None:
    shown = pd.DataFrame(table.columns, columns=["Column", "Type"])
    st.dataframe(shown, hide_index=True, alt=f"Columns of {table.name} and their types")


def _read(project: Project, table: flow.TableInfo) -> None:
    st.table(facts(table), border="horizontal", alt=f"Where {table.name} is from")
    st.caption("sha256 of the source")
    st.code(table.sha256, language=None, wrap_lines=True)
    for note in table.notes:
        st.markdown(f":material/info: {literal(note)}")
    glimpse.assumed(table.assumed)


def _repaired(project: Project, table: flow.TableInfo) -> None:
    if not table.n_repaired:
        st.caption("None: every row of the table is as it stands in the source.")
        return
    st.caption(
        f"In the table otherwise than in the source: {plural(table.n_repaired, 'row')}. {_first(table.n_repaired)}"
    )
    rows = [(row.line, row.what, row.before, row.after) for row in table.repaired]
    columns = ["Line", "What was done", "In the source", "As read"]
    st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, alt=f"Repaired rows of {table.name}")


def _rejected(project: Project, table: flow.TableInfo) -> None:
    if not table.n_rejected:
        st.caption("None: every row of the source is in the table.")
        return
    st.caption(f"Not in the table, for they did not fit: {plural(table.n_rejected, 'row')}. {_first(table.n_rejected)}")
    rows = [(row.line, row.column, row.reason, row.text) for row in table.rejected]
    columns = ["Line", "Column", "Why", "The row as it stands in the source"]
    st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, alt=f"Rejected rows of {table.name}")


def _first(n: int) -> str:
    return "The first hundred:" if n > 100 else ""
