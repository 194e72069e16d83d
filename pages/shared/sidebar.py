"""The sidebar: the pages with a mark for done, stale or open, the project, and how long ago it was saved."""

from pathlib import Path

import streamlit as st

from core import flow
from pages.shared import session
from pages.shared.figures import ago
from pages.shared.journey import STOPS, Stop

IMAGES = Path(__file__).parent / "images"
UNMARKED = {"projects": ":material/folder_open:", "demo": ":material/slideshow:"}
MARKS = {
    "done": (":material/check_circle:", "Done."),
    "stale": (":material/sync_problem:", "Stale: something it rests on has changed."),
    "open": (":material/radio_button_unchecked:", "Open."),
}


def configure() -> None:
    """Set the title, the icon, the width, and the menu in which a reader picks light or dark."""
    st.set_page_config(
        page_icon=str(IMAGES / "stone.svg"),
        layout="wide",
        menu_items={"About": "**Touchstone** answers whether a machine-learning idea is worth building."},
    )
    st.logo(str(IMAGES / "touchstone.svg"), size="large", icon_image=str(IMAGES / "stone.svg"))


def navigation() -> st.Page:
    """Draw the menu; return the page that was asked for."""
    marks = flow.status(flow.open_project(session.slug())) if session.known(session.slug()) else {}
    sections: dict[str, list[st.Page]] = {}
    for stop in STOPS:
        sections.setdefault(stop.section, []).append(_page(stop, marks.get(stop.name, "open")))
    # A default page answers to "/" and not to its name: Projects is there under both.
    sections["Start"].append(st.Page(STOPS[0].file, url_path="home", default=True, visibility="hidden"))
    return st.navigation(sections, expanded=True)


def draw() -> None:
    """Draw the project picker and how long ago the project was saved."""
    cards = {card.slug: card.name for card in flow.list_projects()}
    with st.sidebar:
        session.keep("sidebar.project", session.slug() if session.slug() in cards else None)
        st.selectbox(
            "Project",
            list(cards),
            format_func=lambda slug: cards.get(slug, slug),
            placeholder="Choose a project" if cards else "No project yet",
            disabled=not cards,
            key="sidebar.project",
            on_change=_chosen,
        )
        saved = flow.saved_at(session.project()) if session.slug() in cards else None
        if saved:
            st.caption(f"Saved {ago(saved)}")


def _chosen() -> None:
    session.choose_project(str(session.value("sidebar.project") or ""))


def _page(stop: Stop, state: str) -> st.Page:
    if stop.name in UNMARKED:
        return st.Page(stop.file, title=stop.title, icon=UNMARKED[stop.name], help=stop.question)
    icon, word = MARKS[state]
    return st.Page(stop.file, title=stop.title, icon=icon, help=f"{stop.question} {word}")
