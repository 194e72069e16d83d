"""The one primary button at the end of a page, which says where it leads."""

import streamlit as st

from pages.shared import session
from pages.shared.journey import stop


def leads_to(page: str, label: str, *, key: str, primary: bool = True, disabled: bool = False) -> None:
    """Draw a button that opens a page of the journey, on the same project and run.

    Parameters
    ----------
    page : the page's name, as in ``journey.STOPS``.
    """
    kind = "primary" if primary else "secondary"
    if st.button(label, key=key, type=kind, icon=":material/arrow_forward:", disabled=disabled):
        carried = {"project": session.slug(), "run": session.run()}
        st.switch_page(stop(page).file, query_params={name: value for name, value in carried.items() if value})


def next_step(page: str, label: str, *, key: str, primary: bool = True, ready: bool = True, why_not: str = "") -> None:
    """Draw the page's last row: the next step, and what is missing while it cannot be taken."""
    with st.container(horizontal=True, vertical_alignment="center"):
        leads_to(page, label, key=key, primary=primary, disabled=not ready)
        if not ready and why_not:
            st.caption(why_not)
