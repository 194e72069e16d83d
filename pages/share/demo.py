"""A read-only walk over the project for stakeholders."""

import streamlit as st

from core import flow
from pages.shared import cutoff, empty, session, walk
from pages.shared.head import head

project = session.project()
policy = flow.policy(project)
if policy is None:
    empty.not_yet(
        "demo",
        "Here a stakeholder sees the question, what the answer is worth, a curve to drag, the reasons and the verdict, "
        "and no row of the data. It needs a policy first.",
        "threshold",
        "Choose a threshold",
    )
    st.stop()

said = flow.frame(project)
judged = flow.verdict(project)
explained = flow.explanation(project)
stale = policy.stale or bool(judged and judged.stale)

head(
    said.decision.question or project.name,
    "A proof of concept, in five steps.",
    status="stale" if stale else "done",
    way_out="Figures and verdict are from before.",
)
walk.question(said)
view = cutoff.view_of(project, policy.run, policy.candidate)
st.header("What is it worth?", anchor=False)
walk.money(view, judged, said)
st.header("What if we acted more, or less?", anchor=False)
walk.curve(view, said)
st.header("Why does it say that?", anchor=False)
walk.why(explained)
st.header("So, do we build it?", anchor=False)
walk.verdict(judged, project)
