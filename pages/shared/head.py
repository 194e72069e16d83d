"""The head of every page: the question, what the answer rests on, and badges for how it stands."""

import streamlit as st

from core.workspace import Project
from pages.shared import history
from pages.shared.figures import literal

BADGES = {
    "done": ("Up to date", ":material/check_circle:", "green"),
    "stale": ("Stale", ":material/sync_problem:", "orange"),
    "open": ("Open", ":material/radio_button_unchecked:", "gray"),
}


def head(
    title: str, rests_on: str, *, status: str = "", way_out: str = "", badges: tuple[tuple[str, str, str], ...] = ()
) -> None:
    """Draw the question as title, the caption under it, and the badges on its right.

    Parameters
    ----------
    title : plain text; Markdown in it is not read.
    rests_on : one line on what the answer rests, Markdown.
    status : "done", "stale" or "open"; "" draws no badge for it.
    way_out : what to do when it is stale, a sentence.
    badges : more of them, as (text, icon, colour).
    """
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.title(literal(title), anchor=False)
    with right, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for text, icon, color in (*badges, *([BADGES[status]] if status else [])):
            st.badge(text, icon=icon, color=color)
    if rests_on:
        st.caption(rests_on)
    if status == "stale" and way_out:
        st.markdown(f":orange[:material/sync_problem:] What this page rests on has changed since. {way_out}")


def foot(project: Project, page: str, *kinds: str) -> None:
    """Draw the page's history: what was, who, when, and *use this one again*."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        for kind in kinds:
            history.popover(project, kind, page)
