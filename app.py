"""Navigation, the project picker and the error box; read before the server starts, it is the server itself."""

import streamlit as st
from streamlit import runtime
from streamlit.runtime.pages_manager import PagesManager

if runtime.exists():
    from pages.shared import empty, guard, session, sidebar

    sidebar.configure()
    session.restore()
    page = sidebar.navigation()
    if page.url_path not in ("", "projects"):
        session.keep("shelf.started", "")  # Back on Projects, the sample can be started once more.
    with guard.shown(), st.container():
        sidebar.draw()
        guard.leftover()
    with guard.shown():
        if session.slug() or page.url_path in ("", "projects"):
            page.run()
        else:
            empty.no_project()
else:
    # `streamlit run app.py` imports this file before it serves. Streamlit's old discovery of a folder named pages/
    # would show "Page not found" over the first deep link; by the first run of the script it is too late to say no.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__)
