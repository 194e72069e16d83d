"""Where columns come from, on Prepare: the picture of tables, steps and columns, and the table of one column's path."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import flow
from core.charts.lineage import SELECTED, Place, column_lineage, column_path, lineage, path_in_words
from core.prepare import Lineage, Recipe, Step
from core.prepare import lineage as lineage_of
from core.prepare import origins as origins_of
from core.workspace import Project
from pages.shared import guard, session
from pages.shared.figures import literal

CHOSEN = "prepare.traced"


@guard.fragment
def picture(project: Project, held: tuple[Step, ...], looks: Sequence[flow.StepLook]) -> None:
    """Draw tables and steps, or the columns in them once one is chosen or all are asked for.

    Steps with a fault, and those that wait for them, are left out.
    """
    dataset = flow.dataset(project)
    whole = tuple(step for step, look in zip(held, looks, strict=True) if look.columns is not None)
    if not whole:
        return
    found = _traced(project, dataset.digest if dataset else "", whole, tuple(looks))
    places = _places(found, whole[-1].name)
    drawn, beside = st.columns([2, 1], gap="large")
    with beside:
        name = st.selectbox(
            "Where does this column come from?",
            list(places),
            index=None,
            key=CHOSEN,
            placeholder="Choose a column, or click one in the picture",
        )
        every = st.toggle("Draw every column", key="prepare.every_column", disabled=not found.columns)
        chosen = places.get(name) if name else None
        if chosen and every:
            _table(found, chosen)
        for step in found.unknown_steps:
            st.caption(f"The columns of {literal(step)} could not be traced; its tables are.")
    with drawn:
        if found.columns and (chosen or every):
            _columns(found, chosen, every, places)
        elif found.tables:
            st.altair_chart(lineage(found.tables), alt="Which loaded tables and steps each step reads")
        if chosen and not every:
            _table(found, chosen)


def origins(found: Lineage, chosen: Place) -> pd.DataFrame:
    """Return from which columns a column is made, step by step back to the loaded tables."""
    rows = [
        (
            f"{edge.step}.{edge.column}",
            f"{edge.source_table}.{edge.source_column}",
            "taken over" if edge.same else "computed",
        )
        for edge in origins_of(found, *chosen).edges
    ]
    return pd.DataFrame(rows, columns=["Column", "Is made from", "How"])


def _table(found: Lineage, chosen: Place) -> None:
    st.dataframe(origins(found, chosen), hide_index=True, alt=path_in_words(found.columns, chosen)[:1000])


def _columns(found: Lineage, chosen: Place | None, every: bool, places: dict[str, Place]) -> None:
    edges = found.columns if every or not chosen else column_path(found.columns, chosen)
    if not edges:
        st.caption(f"{literal('.'.join(chosen or ()))} is made from no column.")
        return
    words = path_in_words(found.columns, chosen) if chosen else "Which columns each step's columns are made from"
    st.altair_chart(
        column_lineage(edges, chosen),
        alt=words[:1000],
        key="prepare.lineage",
        on_select=lambda: _clicked(places),
        selection_mode=SELECTED,
    )


def _clicked(places: dict[str, Place]) -> None:
    """Choose the column whose name was clicked."""
    picked = (session.value("prepare.lineage") or {}).get("selection", {}).get(SELECTED) or [{}]
    place = (picked[0].get("relation"), picked[0].get("name"))
    name = next((name for name, one in places.items() if one == place), None)
    if name:
        session.keep(CHOSEN, name)


def _places(found: Lineage, last: str) -> dict[str, Place]:
    """Return every column under the name it has in the list: those of the last step first, by their own."""
    ends = [(edge.step, edge.column) for edge in found.columns]
    ends += [(edge.source_table, edge.source_column) for edge in found.columns]
    ends = list(dict.fromkeys(ends))
    named = {column: (step, column) for step, column in ends if step == last}
    return named | {f"{step}.{column}": (step, column) for step, column in ends if step != last}


@st.cache_data(max_entries=30, show_spinner=False)
def _traced(_project: Project, dataset: str, held: tuple[Step, ...], _looks: tuple[flow.StepLook, ...]) -> Lineage:
    return lineage_of(Recipe(held), flow.schemas_of(_project, _looks))
