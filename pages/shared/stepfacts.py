"""What a step makes of rows, columns and empty values, and its first rows, under its SQL on Prepare."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count
from core.flow import Dependence, StepChange, StepLook
from core.prepare import Schemas, Step
from core.workspace import Project
from pages.shared import progress, session
from pages.shared.figures import literal, plural

MOST_NAMED = 3
SHOWN, COUNTED = "steps.previewed", "steps.counted"


@dataclass(frozen=True, slots=True)
class Seen:
    """The steps as they are written, and what is known of them.

    Attributes
    ----------
    looks : what can be said of each step without running it.
    schemas : columns and types of every table and step that can be read.
    changes : by step, what it does to rows, for the steps of which that is known.
    hanging : where a decision row depends on other rows; empty while a step has a fault.
    """

    steps: tuple[Step, ...]
    looks: tuple[StepLook, ...]
    schemas: Schemas
    changes: Mapping[str, StepChange]
    hanging: tuple[Dependence, ...] = ()


def seen(project: Project, held: tuple[Step, ...]) -> Seen:
    """Look at the steps without running them, and gather what earlier runs told."""
    dataset, key = flow.dataset(project), flow.frame(project).decision.unit_key
    looks, hanging = _looked(project, dataset.digest if dataset else "", tuple(key), held)
    return Seen(held, looks, flow.schemas_of(project, looks), flow.known_changes(project, held, looks), hanging)


@st.cache_data(max_entries=50, show_spinner=False)
def _looked(
    _project: Project, dataset: str, unit_key: tuple[str, ...], held: tuple[Step, ...]
) -> tuple[tuple[StepLook, ...], tuple[Dependence, ...]]:
    looks = flow.step_looks(_project, held)
    whole = all(look.columns is not None for look in looks)
    return looks, flow.row_dependence(_project, held) if whole else ()


def tables(project: Project) -> pd.DataFrame:
    """Return what the steps may read: each loaded table and its columns."""
    dataset = flow.dataset(project)
    rows = [(table.name, name, kind) for table in (dataset.tables if dataset else ()) for name, kind in table.columns]
    return pd.DataFrame(rows, columns=["Table", "Column", "Type"])


def facts(look: StepLook, change: StepChange | None) -> None:
    """Draw what a step does, as far as it is known: columns at once, rows and empty values once it ran."""
    said = []
    if change:
        said += [_rows(change), _columns(change), *_empty(change)]
    elif look.columns is not None:
        said = [plural(len(look.columns), "column"), "rows not counted yet as written"]
    if said:
        st.caption(" · ".join(said))
    if change and change.warning:
        st.warning(literal(change.warning), icon=":material/warning:")


def columns(number: int, look: StepLook, change: StepChange | None) -> None:
    """Draw a button that lists the columns: what they are of, and what became of each."""
    if look.columns is not None:
        with st.popover("Columns", icon=":material/view_column:", type="tertiary", key=f"prepare.columns_{number}"):
            table = _listed(look, change)
            st.dataframe(table, hide_index=True, alt=f"Columns of the step {look.name}")


def first_rows(project: Project, held: tuple[Step, ...], step: Step) -> None:
    """Draw the first rows of the step that was asked for, or how far they are."""
    if session.value(SHOWN) != step.name:
        return
    found = flow.previewed(project, held, step.name)
    if found is None and progress.job(project, "preview", "prepare.previewing"):
        st.caption("The rows come as soon as they are there.")
        return
    found = found or flow.previewed(project, held, step.name)  # they may have come since
    if found is None:
        return
    said = "computed on all rows" if not found.sampled else literal(found.note)
    st.caption(f"{plural(found.n_rows, 'row')}; the first {count(len(found.rows))}, {said}")
    st.dataframe(found.rows, hide_index=True, height=280, alt=f"First rows of the step {step.name}")


def counting(project: Project, seen: Seen) -> None:
    """Draw how far the counting of steps is that were asked for."""
    job = flow.job(project, "counting")
    if job and (job.state == "running" or session.value(COUNTED) == job.id):
        progress.job(project, "counting", "prepare.counting")
    if job and job.state == "running":
        session.keep(COUNTED, job.id)  # how it ended is told to who saw it run


def _rows(change: StepChange) -> str:
    more = change.n_rows - change.n_source_rows
    said = f"**{plural(change.n_rows, 'row')}**"
    if not change.source:
        return said
    if not more:
        return f"{said}, as many as {literal(change.source)}"
    return f"{said}, {count(abs(more))} {'more' if more > 0 else 'fewer'} than {literal(change.source)}"


def _columns(change: StepChange) -> str:
    parts = [
        f"{count(len(names))} {word}"
        for names, word in ((change.added, "new"), (change.dropped, "dropped"), (change.retyped, "of another type"))
        if names and change.source
    ]
    return plural(len(change.columns), "column") + (f" ({', '.join(parts)})" if parts else "")


def _empty(change: StepChange) -> list[str]:
    """Return how empty values moved: the columns in which they did, those with the most first."""
    moved = {
        name: (change.nulls_before.get(name, 0), after)
        for name, after in change.nulls_after.items()
        if after != change.nulls_before.get(name, 0)
    }
    if not moved:
        return []
    order = sorted(moved, key=lambda name: -abs(moved[name][1] - moved[name][0]))
    named = [
        f"{literal(name)} {f'{count(moved[name][0])} → ' if name in change.nulls_before else ''}{count(moved[name][1])}"
        for name in order[:MOST_NAMED]
    ]
    rest = f" and {plural(len(order) - MOST_NAMED, 'more column')}" if len(order) > MOST_NAMED else ""
    return [f"empty values: {', '.join(named)}{rest}"]


def _listed(look: StepLook, change: StepChange | None) -> pd.DataFrame:
    rows = [{"Column": name, "Type": kind} for name, kind in look.columns or ()]
    if change:
        before = {name: kind for name, kind, _ in change.retyped}
        for row in rows:
            name = row["Column"]
            row["Empty before"] = change.nulls_before.get(name)
            row["Empty after"] = change.nulls_after.get(name)
            row["What changed"] = (
                ("new" if name in change.added else f"was {before[name]}" if name in before else "")
                if change.source
                else ""
            )
        rows += [
            {"Column": name, "Empty before": change.nulls_before.get(name), "What changed": "dropped"}
            for name in change.dropped
        ]
    return pd.DataFrame(rows).astype({"Empty before": "Int64", "Empty after": "Int64"} if change else {})
