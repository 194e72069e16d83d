"""Which POC: create, open, duplicate, download, upload, delete, or start from a sample."""

import streamlit as st

from core import flow
from pages.shared import guard, session, shelf
from pages.shared.figures import literal
from pages.shared.head import head

head(
    "Which project are we working on?",
    "A project is one question, its data, and all that was found out about it, in one file. For tables with one row "
    "per decision and a yes-or-no outcome; images and free text are out of scope.",
)
found = flow.list_projects()
here = next((one for one in found if one.slug == session.slug()), None)

if here and not here.problem and not session.value("shelf.started"):
    with st.container(border=True):
        st.subheader(literal(here.name), anchor=False)
        st.markdown(literal(here.question or "No question yet."))
        shelf.begun()

main, side = st.columns([2, 1], gap="large")
with main:
    st.header("Projects", anchor=False)
    if not found:
        st.caption("None yet. Start from a sample below, create one, or upload one.")
    with st.grid(2):
        for one in found:
            shelf.card(one)
    st.header("Samples", anchor=False)
    st.caption("Real data, framed and ready to walk through. Payoffs and rules are illustrative where it says so.")
    with st.grid(2):
        for sample in flow.samples():
            shelf.sample(sample)

with side:
    with st.container(border=True):
        st.subheader("Create a project", anchor=False)
        name = st.text_input("Name", key="projects.name", placeholder="Bank campaign", persist_state="session")
        st.button(
            "Create",
            key="projects.create",
            type="secondary" if here else "primary",
            icon=":material/add:",
            on_click=guard.action(shelf.create),
            disabled=not name,
        )
    with st.container(border=True):
        st.subheader("Upload a project", anchor=False)
        file = st.file_uploader("Project file", type=["duckdb"], key="projects.upload")
        st.text_input("Name", key="projects.upload_name", placeholder="As the file is called")
        st.button(
            "Upload",
            key="projects.upload_start",
            icon=":material/upload:",
            on_click=guard.action(shelf.upload),
            disabled=file is None,
        )
    with st.container(border=True):
        session.fill("projects.author", session.author())
        st.text_input(
            "Your name",
            key="projects.author",
            on_change=session.author_typed,
            help="It goes into the history beside everything you save.",
        )
