"""Whether the data can be trusted, and whether it will be there when we decide."""

import streamlit as st

from core import flow
from pages.shared import checks, columns, empty, guard, known, progress, session, trust
from pages.shared.figures import plural
from pages.shared.head import foot, head
from pages.shared.next_step import next_step

project = session.project()
prepared = flow.prepared(project)
if prepared is None:
    empty.not_yet(
        "quality",
        "What is wrong with the data will be here, with evidence and a remedy, and when each column is known.",
        "prepare",
        "Prepare one row per decision",
    )
    st.stop()

report = flow.quality(project)
status = flow.status(project)["quality"]
decision = flow.frame(project).decision
rests_on = f"{plural(prepared.n_rows, 'row')} and {plural(len(prepared.columns), 'column')}. "
if decision.target and decision.positive:
    rests_on += "What looks at the outcome looks at training rows only."
else:
    rests_on += "Name the outcome on Frame: then it is also checked whether a column gives it away."

head("Can this data carry the decision?", rests_on, status=status)
if report:
    trust.answer(flow.quality_answer(project, report), stale=report.stale)
    trust.figures(report, len(flow.silent(project)))
overall = columns.base_rate(report.profile) if report else None

with st.container():
    busy = progress.job(project, "quality", "quality")
    if flow.status(project)["prepare"] == "stale":
        with st.container(border=True):
            st.markdown("What the steps read has changed since they ran: run them again, then check.")
            next_step("prepare", "Run the steps again", key="quality.prepare")
    elif status != "done" and not busy:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            stale = "What it rests on has changed since the data was checked."
            st.markdown(stale if report else "Nobody has checked this data yet.", width="stretch")
            st.button(
                "Check again" if report else "Check the data",
                key="quality.start",
                type="primary",
                icon=":material/fact_check:",
                on_click=guard.action(flow.start_quality),
                args=(project, session.author()),
            )


@guard.fragment
def one_column() -> None:
    """One column; choosing another reruns only this."""
    name = st.selectbox("Column", [column.name for column in report.profile.columns], key="quality.column")
    columns.one(project, report.profile.column(name), overall)


if report:
    found, every_column, when, every = st.tabs(["Findings", "Columns", "When known", "All checks"], key="quality.tabs")
    with found:
        checks.cards(project, report)
    with every_column:
        one_column()
    with every:
        st.dataframe(checks.table(report.results), hide_index=True, alt="Every check and what became of it")
else:
    when = st.container()
    with when:
        st.header("When is each column known?", anchor=False)
with when:
    st.caption("What is known only afterwards is barred from the model. What nobody spoke for is allowed, and priced.")
    known.many(project)
    known.editor(project, report.profile if report else None)

if status == "done" and not busy:
    next_step(
        "train",
        "Train and compare with today",
        key="quality.next",
        ready=bool(decision.target and decision.positive),
        why_not="Name the outcome on Frame first.",
    )
foot(project, "quality", "findings", "contract")
