"""The editor of the recipe's steps on Prepare: what is being written is a draft until it is saved and run."""

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count
from core.flow import drafts
from core.prepare import Lineage, Step
from core.workspace import Project
from pages.shared import guard, session
from pages.shared.figures import plural

PAGE = "prepare"


def written(project: Project) -> tuple[Step, ...]:
    """Return the steps as they are being written: the draft, else the saved recipe, else a table as it is."""
    draft, saved = drafts.draft(project, PAGE), flow.recipe(project)
    if draft:
        steps = tuple(Step(step["name"], step["sql"]) for step in draft["steps"])
        if saved is None or saved.steps != steps:
            return steps
        drafts.drop_draft(project, PAGE)
    if saved:
        return saved.steps
    dataset = flow.dataset(project)
    return (Step("prepared", f"SELECT * FROM {dataset.tables[0].name}"),) if dataset and dataset.tables else ()


def changed(project: Project) -> bool:
    """Return whether what is written differs from what was saved."""
    saved = flow.recipe(project)
    return saved is None or saved.steps != written(project)


def editor(project: Project, steps: Sequence[Step], n_rows: dict[str, int]) -> None:
    """Draw every step: its name, its SQL, how many rows it yields, and what can be done with it."""
    if session.value("steps.filled") != _signature(project, steps):
        _refill()
        session.keep("steps.filled", _signature(project, steps))
    for position in range(len(steps)):
        with st.container(border=True, gap="small"):
            _step(project, steps, position, n_rows)
    st.button("Add a step", key="prepare.add", icon=":material/add:", on_click=_add, args=(project,))


def save(project: Project) -> None:
    """Check the steps and run them in the background."""
    flow.start_prepare(project, written(project), session.author())


def append(project: Project, title: str, sql: str) -> None:
    """Add a step that a remedy proposes, over the step that is now the last."""
    steps = written(project)
    base = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:50] or "step"
    taken = {step.name for step in steps}
    name = next(name for name in (base, *(f"{base}_{number}" for number in range(2, 1000))) if name not in taken)
    _keep(project, [*steps, Step(name, sql.replace("{table}", f'"{steps[-1].name}"'))])
    _refill()


def throw_away(project: Project) -> None:
    """Go back to the recipe as it was saved."""
    drafts.drop_draft(project, PAGE)


def tables(project: Project) -> pd.DataFrame:
    """Return what the steps may read: each loaded table and its columns."""
    dataset = flow.dataset(project)
    rows = [(table.name, name, kind) for table in (dataset.tables if dataset else ()) for name, kind in table.columns]
    return pd.DataFrame(rows, columns=["Table", "Column", "Type"])


def origins(found: Lineage, column: str, last: str) -> pd.DataFrame:
    """Return from which columns a column of the last step is made, step by step."""
    wanted, rows, seen = [(last, column)], [], set()
    while wanted:
        step, name = wanted.pop(0)
        for edge in found.columns:
            if (edge.step, edge.column) == (step, name) and edge not in seen:
                seen.add(edge)
                rows.append((f"{edge.step}.{edge.column}", f"{edge.source_table}.{edge.source_column}"))
                wanted.append((edge.source_table, edge.source_column))
    return pd.DataFrame(rows, columns=["Column", "Is made from"])


def _step(project: Project, steps: Sequence[Step], position: int, n_rows: dict[str, int]) -> None:
    step, number = steps[position], position + 1
    rows = f" · {plural(n_rows[step.name], 'row')}" if step.name in n_rows else ""
    last = " · one row per decision" if number == len(steps) else ""
    session.fill(f"prepare.name_{number}", step.name)
    st.text_input(
        f"Step {number}{last}{rows}",
        key=f"prepare.name_{number}",
        on_change=_edited,
        args=(project,),
        persist_state="session",
        width=320,
    )
    session.fill(f"prepare.sql_{number}", step.sql)
    st.text_area(
        f"SQL of step {number}",
        key=f"prepare.sql_{number}",
        height=max(76, min(440, 24 * (step.sql.count("\n") + 2))),
        on_change=_edited,
        args=(project,),
        label_visibility="collapsed",
        persist_state="session",
    )
    with st.container(horizontal=True):
        st.button(
            "Preview",
            key=f"prepare.preview_{number}",
            icon=":material/visibility:",
            on_click=session.keep,
            args=("steps.previewed", step.name),
        )
        _buttons(project, position, len(steps))
    if session.value("steps.previewed") == step.name:
        with guard.shown():
            _preview(project, tuple(steps), step.name)


def _preview(project: Project, steps: tuple[Step, ...], name: str) -> None:
    dataset = flow.dataset(project)
    found = _previewed(project, dataset.digest if dataset else "", steps, name)
    st.caption(f"{count(found.n_rows)} rows; the first {len(found.rows)} of them:")
    st.dataframe(found.rows, hide_index=True, height=280, alt=f"First rows of the step {name}")


@st.cache_data(max_entries=30, show_spinner="Running the steps")
def _previewed(_project: Project, dataset: str, steps: tuple[Step, ...], name: str) -> flow.Preview:
    return flow.preview(_project, steps, name)


def _buttons(project: Project, position: int, n: int) -> None:
    number = position + 1
    for name, icon, by, off in (("up", "arrow_upward", -1, position == 0), ("down", "arrow_downward", 1, number == n)):
        st.button(
            f"Move {name}",
            key=f"prepare.{name}_{number}",
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=_move,
            args=(project, position, by),
            disabled=off,
        )
    st.button(
        "Delete",
        key=f"prepare.delete_{number}",
        icon=":material/delete:",
        type="tertiary",
        on_click=_delete,
        args=(project, position),
        disabled=n == 1,
    )


def _edited(project: Project) -> None:
    """Keep the draft as the widgets hold it now."""
    steps = [
        Step(
            str(session.value(f"prepare.name_{number}", step.name)).strip(),
            str(session.value(f"prepare.sql_{number}", step.sql)),
        )
        for number, step in enumerate(written(project), start=1)
    ]
    _keep(project, steps)


def _add(project: Project) -> None:
    steps = list(written(project))
    names = {step.name for step in steps}
    name = next(name for name in (f"step_{number}" for number in range(1, 1000)) if name not in names)
    source = steps[-1].name if steps else "table"
    _keep(project, [*steps, Step(name, f"SELECT *\nFROM {source}")])
    _refill()


def _move(project: Project, position: int, by: int) -> None:
    steps = list(written(project))
    steps.insert(position + by, steps.pop(position))
    _keep(project, steps)
    _refill()


def _delete(project: Project, position: int) -> None:
    steps = list(written(project))
    steps.pop(position)
    _keep(project, steps)
    _refill()


def _keep(project: Project, steps: Sequence[Step]) -> None:
    drafts.save_draft(project, PAGE, {"steps": [{"name": step.name, "sql": step.sql} for step in steps]})
    session.keep("steps.filled", _signature(project, steps))
    session.drop("steps.previewed")


def _signature(project: Project, steps: Sequence[Step]) -> str:
    """Return what tells one content of the widgets from another: another project, tab or recipe fills them afresh."""
    return f"{project.slug} {tuple(steps)!r}"


def _refill() -> None:
    """Let the widgets be filled from the steps at the next drawing."""
    widgets = [f"prepare.{what}_{number}" for what in ("name", "sql") for number in range(1, 200)]
    session.drop(*widgets, "steps.previewed")
