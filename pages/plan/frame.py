"""What is decided, what it is worth, what success looks like, and who is behind it."""

import streamlit as st

from core import flow
from pages.shared import framing, session
from pages.shared.figures import literal
from pages.shared.form import Form
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
frame = flow.frame(project)
columns = [column.name for column in flow.prepared_columns(project)]
still_open = flow.open_questions(project)
status = flow.status(project)

head(
    frame.decision.question or "What will we decide, and what is it worth?",
    "Everything is saved as you fill it in. " + framing.rests_on(columns, frame),
    status=status["frame"],
)
framing.answer(frame, still_open)

main, side = st.columns([2, 1], gap="large")
with side, st.container(border=True):
    st.subheader("Still open", anchor=False)
    for question in still_open:
        st.markdown(f":gray[:material/radio_button_unchecked:] {literal(question)}")
    if not still_open:
        st.markdown(":green[:material/check_circle:] Nothing. The frame is complete.")

with main:
    decision = Form(project, "frame", "decision", frame.decision, flow.save_decision)
    economics = Form(project, "frame", "economics", frame.economics, flow.save_economics)
    criteria = Form(project, "frame", "criteria", frame.criteria, flow.save_criteria)
    people = Form(project, "frame", "people", frame.people, flow.save_people)
    tabs = st.tabs(["Decision", "Money", "Today", "Success", "People", "Split"], key="frame.tabs")
    with tabs[0]:
        framing.decision_part(decision, project, frame.decision, columns)
    with tabs[1]:
        framing.money_part(economics, frame.economics)
    with tabs[2]:
        framing.today_part(economics, decision, frame, columns)
    with tabs[3]:
        framing.success_part(criteria, frame.criteria, frame.economics.currency)
    with tabs[4]:
        framing.people_part(people)
    with tabs[5]:
        framing.split_part(decision, frame.decision)

if status["load"] == "open":
    next_step("load", "Load the data", key="frame.next")
elif status["prepare"] == "open":
    next_step("prepare", "Prepare one row per decision", key="frame.next")
else:
    next_step(
        "quality",
        "Check the data",
        key="frame.next",
        ready=bool(frame.decision.target),
        why_not="Name the outcome first.",
    )
foot(project, "frame", "decision", "economics", "criteria", "people")
