"""Whether anything beats today: the split, the candidates and how they compare."""

import streamlit as st

from core import flow
from pages.shared import empty, prices, session, training
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
if not flow.prepared_columns(project):
    empty.not_yet(
        "train",
        "Here every candidate is compared with what you do today, on rows it has not seen. "
        "First the data has to become one row per decision.",
        "prepare",
        "Prepare one row per decision",
    )
    st.stop()

said = flow.frame(project)
split = flow.split(project)
view = flow.run(project, session.run())
state = "open" if view is None else "stale" if view.stale else "done"
head(training.title(said), training.rests_on(view, split), status=state, way_out="Train again.")

if view is None or split is None:
    left, right = st.columns([2, 1], gap="large")
    with right, st.container(border=True):
        training.start_part(project, first=True)
    with left:
        st.markdown(
            "Training learns from part of the rows, scores each with a model that has not seen it, and compares the "
            "result with today and with a constant. What is only known after the decision is never used:"
        )
        barred = flow.barred(project)
        names = (column.name for column in flow.prepared_columns(project))
        training.columns_part(tuple(name for name in names if name not in barred), barred)
    st.stop()

board = flow.leaderboard(project, view)
training.found(view, board, split)
left, right = st.columns([2, 1], gap="large")
with left:
    training.picture(board)
with right, st.container(border=True):
    training.run_part(view, flow.runs(project))
    training.start_part(project, first=False, stale=view.stale)

tabs = st.tabs(["All figures", "Split", "Columns", prices.label(project, view)], key="train.tabs")
with tabs[0]:
    training.table(board)
with tabs[1]:
    training.split_part(split)
with tabs[2]:
    training.columns_part(tuple(column.name for column in view.columns), view.unused)
with tabs[3]:
    prices.part(project, view)

next_step("threshold", "Decide when to act", key="train.next", primary=not view.stale)
foot(project, "train", "run")
