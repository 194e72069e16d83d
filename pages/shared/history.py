"""What was recorded before on a page, by whom and when, and the way back to it."""

import streamlit as st

from core import flow
from core.workspace import Project
from pages.shared import guard, session
from pages.shared.figures import literal, when

SHOWN = 20
WORDS = {"contract": "when columns are known", "dataset": "the data", "recipe": "the steps", "run": "training"}


def popover(project: Project, kind: str, page: str) -> None:
    """Draw a button that opens the history of one kind of record; nothing is read until it opens."""
    key = f"{page}.history_{kind}"
    box = st.popover(
        f"History of {WORDS.get(kind, f'the {kind}')}",
        icon=":material/history:",
        type="tertiary",
        key=key,
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        entries = flow.history(project, kind)
        if not entries:
            st.caption("Nothing was recorded yet.")
        for entry in entries[:SHOWN]:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{literal(entry.summary)}**")
                st.caption(f"{literal(entry.author)}, {when(entry.created_at)} · `{entry.digest[:12]}`")
                if entry.current:
                    st.badge("Current", icon=":material/check:", color="green")
                else:
                    st.button(
                        "Use this one again",
                        key=f"{key}_{entry.digest[:12]}",
                        on_click=guard.action(_use_again),
                        args=(project, kind, entry.digest),
                    )
        if len(entries) > SHOWN:
            st.caption(f"The newest {SHOWN} of {len(entries)}.")


def _use_again(project: Project, kind: str, digest: str) -> None:
    flow.use_again(project, kind, digest, session.author())
