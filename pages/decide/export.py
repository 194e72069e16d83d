"""What engineering builds: the bundle, whether it proves itself, and what leaves the house."""

import streamlit as st

from core import flow
from pages.shared import empty, parcel, session
from pages.shared.head import foot, head
from pages.shared.next_step import leads_to

project = session.project()
if flow.verdict(project) is None:
    empty.not_yet(
        "export",
        "Here everything engineering needs goes into one zip that runs without this program and proves that it scores "
        "as it did here. It carries the verdict, so open the holdout first.",
        "verdict",
        "Go to the verdict",
    )
    st.stop()

view = flow.bundle(project)
state = "open" if view is None else "stale" if view.stale else "done"
head("What does engineering build?", parcel.rests_on(view), status=state, way_out="Build it again.")

if view is None:
    left, right = st.columns([2, 1], gap="large")
    with right, st.container(border=True):
        parcel.build_part(project, first=True)
        parcel.take_away(project, None)
    with left:
        st.markdown(
            "The bundle holds the preparation as SQL, the model as data, the policy, the program that scores, tests, "
            "golden rows and the evidence. It needs nothing of this program."
        )
    st.stop()

parcel.found(view)
left, right = st.columns([2, 1], gap="large")
with left:
    tabs = st.tabs(["What it proves", "Files"])
    with tabs[0]:
        parcel.proof(view)
    with tabs[1]:
        parcel.files(view)
with right:
    with st.container(border=True):
        st.subheader("Take it away", anchor=False)
        parcel.take_away(project, view)
    with st.container(border=True):
        st.subheader("What leaves the house", anchor=False)
        parcel.leaves(view)
    with st.container(border=True):
        parcel.build_part(project, first=False, stale=view.stale or not view.path)

leads_to("demo", "Show it to stakeholders", key="export.next", primary=False)
foot(project, "export", "bundle")
