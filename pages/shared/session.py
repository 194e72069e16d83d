"""What this browser tab is looking at: the project and run in the URL, and the values that widgets hold."""

import getpass
import os

import streamlit as st

from core import flow
from core.errors import NotReadyError, TouchstoneError
from core.workspace import Project

IN_URL = ("project", "run")


def restore() -> None:
    """Bring the project and the run back into the URL: a click on the menu drops them."""
    for name in IN_URL:
        said, kept = st.query_params.get(name, ""), st.session_state.get(f"session.{name}", "")
        if said and said != kept:
            if name == "project":
                st.session_state["session.run"] = ""
            st.session_state[f"session.{name}"] = said
        elif kept and not said:
            st.query_params[name] = kept


def slug() -> str:
    """Return the name of the project in the URL, "" when none was chosen."""
    return str(st.session_state.get("session.project", ""))


def project() -> Project:
    """Return the project in the URL.

    Raises
    ------
    NotReadyError
        When none was chosen.
    ProjectError
        When there is none of that name.
    """
    if not slug():
        raise NotReadyError("No project is open.", hint="Choose or create one on Projects.")
    return flow.open_project(slug())


def choose_project(slug: str) -> None:
    """Put a project on screen; "" puts none."""
    st.session_state["shelf.started"] = ""
    for name, value in (("project", slug), ("run", "")):
        st.session_state[f"session.{name}"] = value
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def run() -> str | None:
    """Return the digest of the run in the URL, or None for the newest."""
    return str(st.session_state.get("session.run", "")) or None


def choose_run(digest: str) -> None:
    """Put a run on screen; "" puts the newest."""
    st.session_state["session.run"] = digest[:12]
    if digest:
        st.query_params["run"] = digest[:12]
    elif "run" in st.query_params:
        del st.query_params["run"]


def author() -> str:
    """Return who is at work, for the history: as typed on Projects, as told by the environment, or as logged in."""
    typed = str(st.session_state.get("session.author", "")).strip()
    return typed or os.environ.get("TOUCHSTONE_AUTHOR", "") or getpass.getuser()


def author_typed() -> None:
    """Keep the name that was typed on Projects, for this tab."""
    st.session_state["session.author"] = st.session_state["projects.author"]


def value(key: str, default: object = None) -> object:
    """Return what a widget, or ``keep``, holds."""
    return st.session_state.get(key, default)


def keep(key: str, value: object) -> None:
    """Hold a plain value for this tab; for a widget's key only before the widget is drawn, or in a callback."""
    st.session_state[key] = value


def fill(key: str, value: object) -> None:
    """Give a widget its value when it has none yet: on the first visit, or back from another page."""
    if key not in st.session_state:
        st.session_state[key] = value


def drop(*keys: str) -> None:
    """Forget values; a widget of that key starts afresh."""
    for key in keys:
        if key in st.session_state:
            del st.session_state[key]


def known(slug: str) -> bool:
    """Return whether a project of that name can be opened."""
    try:
        flow.open_project(slug)
    except TouchstoneError:
        return False
    return True
