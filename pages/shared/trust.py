"""The answer of Quality, above everything: can this data carry the decision, what comes first, whom to ask what."""

import streamlit as st

from core.charts import count, share
from core.flow.quality import QualityReport
from core.quality.answer import Answer
from pages.shared import columns
from pages.shared.figures import literal, plural

WORDS = {
    "yes": ("Yes, as far as can be seen", ":material/check_circle:", "green"),
    "not yet": ("Not yet", ":material/pending:", "orange"),
    "no": ("No", ":material/block:", "red"),
    "open": ("We cannot tell yet", ":material/help:", "gray"),
}
SEVERITIES = {"blocking": (":material/block:", "red"), "warning": (":material/warning:", "orange")}
SHOWN = 5


def answer(found: Answer, *, stale: bool) -> None:
    """Draw the answer, what must be fixed first and what to ask the data's owner."""
    word, icon, color = WORDS[found.outcome]
    with st.container(border=True):
        st.subheader(f":{color}[{icon} {word}]", anchor=False)
        before = "As it was when last checked: " if stale else ""
        st.markdown(literal(before + found.sentence))
        if not found.first and not found.questions:
            return
        first, ask = st.columns(2, gap="large")
        with first:
            _first(found)
        with ask:
            _ask(found)


def figures(report: QualityReport, n_silent: int) -> None:
    """Draw the counts under the answer."""
    overall = columns.base_rate(report.profile)
    with st.grid(4, min_column_width=150):
        st.metric("Blocking findings", count(report.n_blocking), border=True)
        st.metric("Warnings", count(report.n_warning), border=True)
        st.metric(
            "Timing not said", count(n_silent), border=True, help="Columns of which nobody said when they are known."
        )
        st.metric("Positive, in training", "–" if overall is None else share(overall), border=True)


def _first(found: Answer) -> None:
    st.markdown("**What to fix first**")
    if not found.first:
        st.caption("Nothing.")
    for one in found.first[:SHOWN]:
        icon, color = SEVERITIES[one.severity]
        about = f": {literal(one.column)}" if one.column else ""
        st.markdown(f":{color}[{icon}] {literal(one.title)}{about} :gray[{one.code}]")
    if len(found.first) > SHOWN:
        st.caption(f"and {plural(len(found.first) - SHOWN, 'more finding')} below.")


def _ask(found: Answer) -> None:
    st.markdown("**What to ask the data's owner**")
    if not found.questions:
        st.caption("Nothing.")
        return
    for text in found.questions[:SHOWN]:
        st.markdown(f"- {literal(text)}")
    with st.popover("All questions as text", icon=":material/content_copy:", type="tertiary", key="quality.questions"):
        st.code("\n".join(f"- {text}" for text in found.questions), language=None, wrap_lines=True)
