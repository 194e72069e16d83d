"""Go, no-go or not yet: the gates, judged on rows that nothing has seen."""

import streamlit as st

from core import flow
from pages.shared import empty, judgement, session
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
if flow.policy(project) is None:
    empty.not_yet(
        "verdict",
        "Here the holdout is opened, once and counted, and every gate says pass, fail or cannot be judged. "
        "It judges a policy, so choose a threshold first.",
        "threshold",
        "Choose a threshold",
    )
    st.stop()

said = flow.frame(project)
view = flow.verdict(project)
state = "open" if view is None else "stale" if view.stale else "done"
head(judgement.title(said), judgement.rests_on(view), status=state, way_out="Look again.")

if view is None:
    with st.container(border=True):
        judgement.open_part(project, first=True)
    foot(project, "verdict", "criteria")
    st.stop()

judgement.outcome(view)
judgement.figures(view, said)
left, right = st.columns([2, 1], gap="large")
with left:
    judgement.picture(view, said.economics.currency)
    judgement.equal_part(view, said.economics.currency)
    judgement.gates(view)
    judgement.notes(view)
with right:
    with st.container(border=True):
        judgement.report_part(project)
        judgement.sign_part(project, view)
    if view.stale:
        with st.container(border=True):
            judgement.open_part(project, first=False)

next_step(
    "export",
    "Build what engineering gets",
    key="verdict.next",
    primary=not view.stale,
    ready=not view.stale,
    why_not="The verdict is stale: something it rests on has changed.",
)
foot(project, "verdict", "verdict", "criteria")
