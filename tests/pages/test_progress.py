"""Work in the background as a page sees it."""

import os
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import flow
from core.workspace import Job


def _page() -> None:
    """A page that reads what there is, is slow to draw, and asks for the job last."""
    import os
    from pathlib import Path

    import streamlit as st

    from core import flow
    from pages.shared import progress

    project = flow.open_project("quick")
    view = flow.job(project, "quality")
    st.metric("Seen above", view.state if view else "none")
    Path(os.environ["TOUCHSTONE_HOME"], "drawn").touch()
    flow.wait(project, "quality")
    progress.job(project, "quality", "quality")


def test_what_ended_while_the_page_was_drawn_is_drawn_once_more():
    project = flow.create("quick", "Ada")
    page = AppTest.from_function(_page).run()
    assert page.metric[0].value == "none"

    drawn = Path(os.environ["TOUCHSTONE_HOME"], "drawn")
    drawn.unlink()

    def work(job: Job) -> None:
        while not drawn.exists():
            job.check()

    project.jobs.start("quality", work, author="Ada")
    page.run()
    assert page.metric[0].value == "done"
