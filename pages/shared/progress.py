"""A background job on screen: how far it is, how long it will take, cancel, and what came of it."""

from datetime import timedelta

import streamlit as st

from core import flow
from core.workspace import Project
from pages.shared import guard
from pages.shared.figures import roughly

EVERY = timedelta(seconds=1)


def job(project: Project, kind: str, key: str) -> bool:
    """Draw the newest job of a kind; return whether it is running.

    While it runs, only this part is polled; when it ends, the whole page is drawn again. The user may leave and come
    back. A job that failed or was cancelled says so until the next one starts.

    Parameters
    ----------
    kind : as in ``flow.job``.
    key : the page's name; the cancel button is ``<key>.cancel``.
    """
    view = flow.job(project, kind)
    if view is None or view.state == "done":
        return False
    if view.state == "running":
        st.fragment(_running, run_every=EVERY)(project, kind, key)
        return True
    if view.state == "failed":
        guard.problem(view.problem, view.hint)
    else:
        st.warning(view.hint, title=view.problem, icon=":material/cancel:")
    return False


def _running(project: Project, kind: str, key: str) -> None:
    view = flow.job(project, kind)
    if view is None or view.state != "running":
        st.rerun()
    left = "" if view.seconds_left is None else f" · about {roughly(view.seconds_left)} left"
    st.progress(view.share, text=f"{view.message or 'Starting'}{left}")
    st.button(
        "Cancel",
        key=f"{key}.cancel",
        icon=":material/close:",
        type="tertiary",
        on_click=guard.action(flow.cancel),
        args=(project, view.id),
    )
