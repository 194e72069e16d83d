"""Why the model says what it says."""

import streamlit as st

from core import flow
from pages.shared import empty, reasons, session
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
if flow.run(project) is None:
    empty.not_yet(
        "explain",
        "Here every score is taken apart: which columns move it, how far, and why one row got the score it got. "
        "It needs a model, so train first.",
        "train",
        "Train a model",
    )
    st.stop()

view = flow.explanation(project)
state = "open" if view is None else "stale" if view.stale else "done"
head(reasons.title(flow.frame(project)), reasons.rests_on(view), status=state, way_out="Explain it again.")

if view is None:
    st.markdown(
        "The scores of a sample of rows are taken apart, exactly: what each column adds, in the model's own terms."
    )
    reasons.start_part(project, first=True)
    st.stop()

reasons.found(view)
left, right = st.columns([2, 1], gap="large")
with left:
    reasons.importance(view.importances)
with right:
    reasons.notes(view)
    reasons.start_part(project, first=False, stale=view.stale)

if view.importances:
    with st.grid(2, min_column_width=360, height="stretch"):
        reasons.effect_part(project, tuple(one.column for one in view.importances))
        reasons.row_part(project, view.row_numbers)

next_step("verdict", "Judge it on the holdout", key="explain.next", primary=not view.stale)
foot(project, "explain", "explanation")
