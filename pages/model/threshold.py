"""When to act: money at every cut, and the policy."""

import streamlit as st

from core import flow
from pages.shared import cutoff, empty, session
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
run = flow.run(project, session.run())
if run is None:
    empty.not_yet(
        "threshold",
        "Here a hand moves the cut along a curve of money, and everything that follows from it moves along. "
        "It needs scores, so train first.",
        "train",
        "Train a model",
    )
    st.stop()

said = flow.frame(project)
policy = flow.policy(project)
state = "open" if policy is None else "stale" if policy.stale else "done"
head(cutoff.title(said), cutoff.rests_on(run), status=state, way_out="Save a cut of a current run.")

view = cutoff.view_of(project, run.digest, session.value("threshold.candidate"))
cutoff.counted(view)
cutoff.candidate_part(view, run)
cutoff.cut_part(project, view, said)
with st.grid(2, height="stretch"):
    cutoff.honest(view)
    cutoff.equal_part(view)

next_step(
    "explain", "Explain these decisions", key="threshold.next", ready=policy is not None, why_not="Save a policy first."
)
foot(project, "threshold", "policy")
