"""Empty pages that teach: what will be here, a gray picture of it, and the button that gets there."""

from pathlib import Path

import streamlit as st

from pages.shared.journey import Picture, stop
from pages.shared.next_step import leads_to

IMAGES = Path(__file__).parent / "images"


def picture(sentence: str, picture: Picture) -> None:
    """Say in one sentence what will be here, under a picture of it in gray."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.image(str(IMAGES / f"{picture}.svg"), width=280, alt="")
        st.markdown(sentence, text_alignment="center", width=560)


def teach(sentence: str, picture: Picture, page: str, label: str, key: str) -> None:
    """Say in one sentence what will be here, show a picture of it in gray, and lead to the page that makes it."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.image(str(IMAGES / f"{picture}.svg"), width=280, alt="")
        st.markdown(sentence, text_alignment="center", width=560)
        leads_to(page, label, key=key)


def no_project() -> None:
    """Show what every page but Projects shows while no project is chosen."""
    st.title("Which project?")
    teach(
        "Every page works on one project: a question, its data, and all that was found out about it. "
        "Create one, or start from a sample that is ready to walk through.",
        "form",
        "projects",
        "Go to Projects",
        "empty.projects",
    )


def not_yet(name: str, sentence: str, needs: str, label: str) -> None:
    """Show an empty page of the journey: its question, what will be here, and the page that has to come first."""
    st.title(stop(name).question)
    teach(sentence, stop(name).picture, needs, label, f"{name}.empty")
