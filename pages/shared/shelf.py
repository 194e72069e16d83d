"""The shelf of projects and samples on Projects: cards, and what their buttons do."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from core import flow
from core.charts import count
from pages.shared import guard, progress, session, uploads
from pages.shared.figures import ago, literal, size
from pages.shared.journey import STOPS
from pages.shared.next_step import next_step

OUTCOMES = {
    "go": ("Go", ":material/check_circle:", "green"),
    "no-go": ("No-go", ":material/cancel:", "red"),
    "not yet": ("Not yet", ":material/help:", "orange"),
}


def card(found: flow.ProjectCard) -> None:
    """Draw one project: its question, how it stands, and what can be done with it."""
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(found.name), anchor=False, width="stretch")
            if found.outcome:
                text, icon, color = OUTCOMES[found.outcome]
                if found.stale:
                    text, icon, color = f"{text}, now stale", ":material/sync_problem:", "orange"
                st.badge(text, icon=icon, color=color)
        saved = f"saved {ago(found.saved_at)}" if found.saved_at else "nothing saved yet"
        st.markdown(literal(found.question or found.problem or "No question yet."))
        st.caption(f"{size(found.n_bytes)}, {saved}")
        st.space("stretch")
        with st.container(horizontal=True):
            st.button(
                "Open" if found.slug != session.slug() else "Already open",
                key=f"projects.open_{found.slug}",
                icon=":material/folder_open:",
                on_click=session.choose_project,
                args=(found.slug,),
                disabled=bool(found.problem) or found.slug == session.slug(),
            )
            with st.popover("More", key=f"projects.more_{found.slug}", on_change="rerun"):
                _more(found)


def sample(found: flow.Sample) -> None:
    """Draw one sample that a project can start from."""
    with st.container(border=True, height="stretch"):
        st.subheader(literal(found.title), anchor=False)
        st.markdown(literal(found.text))
        st.caption(f"{count(found.n_rows)} rows, {literal(found.licence)}. Source: {literal(found.source)}")
        st.space("stretch")
        if session.value("shelf.started") == found.id and begun():
            return
        st.button(
            "Start from this sample",
            key=f"projects.sample_{found.id}",
            icon=":material/play_arrow:",
            on_click=guard.action(_start),
            args=(found.id,),
        )


def begun() -> bool:
    """Draw how far a sample is, then the way on; return whether there is anything to draw."""
    if not session.known(session.slug()):
        return False
    if progress.job(session.project(), "sample", "projects"):
        st.caption("You may leave this page; the work goes on.")
    else:
        next_step(*_way_on(flow.status(session.project())), key="projects.next")
    return True


def _way_on(status: dict[str, str]) -> tuple[str, str]:
    """Return where a project goes on, and what to call that: from its frame before anything is trained."""
    if status["train"] == "open":
        return "frame", "Frame the decision"
    ahead = next((one for one in STOPS if status.get(one.name, "done") != "done"), None)
    return (ahead.name, f"Go on with {ahead.title}") if ahead else ("demo", "Show what came of it")


def create() -> None:
    """Make the project whose name was typed, and open it."""
    project = flow.create(str(session.value("projects.name") or ""), session.author())
    session.keep("projects.name", "")
    session.choose_project(project.slug)


def upload() -> None:
    """Take in the project file that was uploaded, and open it."""
    file = session.value("projects.upload")
    name = str(session.value("projects.upload_name") or "") or Path(file.name).stem
    with uploads.on_disk(file) as path:
        project = flow.upload(path, name, session.author())
    session.keep("projects.upload_name", "")
    session.choose_project(project.slug)


def _more(found: flow.ProjectCard) -> None:
    off = bool(found.problem)
    name = st.text_input("Name of the copy", f"{found.name} copy", key=f"projects.copy_name_{found.slug}")
    st.button(
        "Duplicate",
        key=f"projects.duplicate_{found.slug}",
        icon=":material/content_copy:",
        on_click=guard.action(_duplicate),
        args=(found.slug, name),
        disabled=off,
        width="stretch",
    )
    st.download_button(
        "Download",
        data=_content(found.slug),
        file_name=f"{found.slug}.duckdb",
        mime="application/octet-stream",
        key=f"projects.download_{found.slug}",
        icon=":material/download:",
        on_click="ignore",
        disabled=off,
        width="stretch",
    )
    st.button(
        "Free space",
        key=f"projects.free_{found.slug}",
        icon=":material/cleaning_services:",
        help="Drops big tables that no current record needs. They can be made again; records stay.",
        on_click=guard.action(_free),
        args=(found.slug,),
        disabled=off,
        width="stretch",
    )
    # The menu closes before the question opens: it would lie over it.
    close = {"on_click": session.keep, "args": (f"projects.more_{found.slug}", False)}
    more = {"disabled": off, "width": "stretch", **close}
    if st.button("Erase data", key=f"projects.erase_{found.slug}", icon=":material/ink_eraser:", **more):
        _confirm_erasing(found.slug, found.name)
    if st.button("Delete", key=f"projects.delete_{found.slug}", icon=":material/delete:", **more):
        _confirm(found.slug, found.name)


@st.dialog("Delete this project?")
def _confirm(slug: str, name: str) -> None:
    st.markdown(f"**{literal(name)}** goes with its data, models, records and history. There is no way back.")
    with st.container(horizontal=True):
        gone = st.button(
            "Delete it", key="projects.delete_yes", type="primary", on_click=guard.action(_delete), args=(slug,)
        )
        kept = st.button("Keep it", key="projects.delete_no")
    if gone or kept:
        st.rerun()


@st.dialog("Erase the data of this project?")
def _confirm_erasing(slug: str, name: str) -> None:
    st.markdown(
        f"The data of **{literal(name)}** goes, and everything computed from its rows. "
        "What was decided about it stays. There is no way back."
    )
    with st.container(horizontal=True):
        gone = st.button(
            "Erase it", key="projects.erase_yes", type="primary", on_click=guard.action(_erase), args=(slug,)
        )
        kept = st.button("Keep it", key="projects.erase_no")
    if gone or kept:
        st.rerun()


def _free(slug: str) -> None:
    flow.free_space(flow.open_project(slug), session.author())


def _erase(slug: str) -> None:
    flow.erase_data(flow.open_project(slug), session.author())


def _content(slug: str) -> Callable[[], BinaryIO]:
    return lambda: flow.download(slug).open("rb")


def _start(sample_id: str) -> None:
    session.choose_project(flow.start_sample(sample_id, session.author()).slug)
    session.keep("shelf.started", sample_id)


def _duplicate(slug: str, name: str) -> None:
    session.choose_project(flow.duplicate(slug, name, session.author()).slug)


def _delete(slug: str) -> None:
    flow.delete(slug)
    if slug == session.slug():
        session.choose_project("")
