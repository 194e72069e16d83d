"""A background job on screen: how far it is, how long it will take, cancel, and what came of it."""

from datetime import timedelta

import streamlit as st

from core import flow
from core.workspace import JobView, Project
from pages.shared import guard, session
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
    running = view is not None and view.state == "running"
    if _is_news(project, kind, view) and not running:
        st.rerun()
    if view is None or view.state == "done":
        return False
    if running:
        st.fragment(_running, run_every=EVERY)(project, kind, key)
        return True
    if view.state == "failed":
        guard.problem(view.problem, view.hint)
    else:
        st.warning(view.hint, title=view.problem, icon=":material/cancel:")
    return False


def _is_news(project: Project, kind: str, view: JobView | None) -> bool:
    """Say whether this tab sees a job for the first time, and keep that it did.

    What ended while the page was being drawn left the parts above it as they were before.
    """
    name, now = f"progress.{project.slug}.{kind}", view.id if view else ""
    before = session.value(name, now)
    session.keep(name, now)
    return before != now


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
