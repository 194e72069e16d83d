"""When to act: money at every cut, and the policy."""

import streamlit as st

from core import flow
from core.workspace import Project
from pages.shared import cutoff, empty, guard, session, value
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
if flow.run(project) is None:
    empty.not_yet(
        "threshold",
        "Here a hand moves the cut along a curve of money, and everything that follows from it moves along. "
        "It needs scores, so train first.",
        "train",
        "Train a model",
    )
    st.stop()

said = flow.frame(project)
view = flow.threshold_view(project, session.run(), session.value("threshold.candidate"))
policy = flow.policy(project)
state = "open" if policy is None else "stale" if policy.stale else "done"
head(cutoff.title(said), cutoff.rests_on(view), status=state)


@guard.fragment
def cut(project: Project, view: flow.ThresholdView, said: flow.Frame) -> None:
    """Everything that moves with the cut; moving it reruns only this."""
    options = value.cuts(value.curve(view, said.economics))
    top = st.container()
    left, right = st.columns([2, 1], gap="large")
    with right, st.container(border=True):
        chosen = cutoff.slider(options, view.start)
        at = flow.at_threshold(project, view.run, view.candidate, chosen)
        cutoff.confusion(at)
        cutoff.save_part(project, view, chosen, flow.policy(project))
    with top:
        cutoff.cards(at, view.currency)
    with left:
        cutoff.picture(view, at, said.economics)
    cutoff.notes(view, at)


cutoff.candidate_part(view)
cut(project, view, said)
with st.grid(2, height="stretch"):
    cutoff.honest(view)
    cutoff.equal_part(view)

next_step(
    "explain", "Explain these decisions", key="threshold.next", ready=policy is not None, why_not="Save a policy first."
)
foot(project, "threshold", "policy")
