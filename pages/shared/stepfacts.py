"""What a step makes of its rows and columns, under its SQL on Prepare."""

import streamlit as st

from core import flow
from core.flow import StepLook
from core.prepare import Step
from core.workspace import Project
from pages.shared.figures import plural


def facts(project: Project, held: tuple[Step, ...], step: Step, look: StepLook) -> None:
    """Draw how many rows and columns a step yields, where that is known."""
    said = []
    prepared, saved = flow.prepared(project), flow.recipe(project)
    upto = held[: held.index(step) + 1]
    if prepared and saved and saved.steps[: len(upto)] == upto:
        said.append(plural(prepared.step_rows[step.name], "row"))
    if look.columns is not None:
        said.append(plural(len(look.columns), "column"))
    if said:
        st.caption(" · ".join(said))
