"""What is lost if a column that nobody has spoken for is not there when we decide."""

import pandas as pd
import streamlit as st

from core import charts, flow
from core.workspace import Project
from pages.shared import guard, progress, session
from pages.shared.figures import literal, plural
from pages.shared.journey import stop

SHOWN = 12


def label(project: Project, view: flow.RunView) -> str:
    """Return the name of the tab: how many columns there are to price."""
    return f"Timing not said ({len(flow.unspoken(project, view))})"


def part(project: Project, view: flow.RunView) -> None:
    """Draw the prices of a run's columns of which nobody has said when they are known, or how to get them."""
    names = flow.unspoken(project, view)
    if not names:
        st.caption("Of every column that the models read, somebody has said when it is known.")
        return
    st.markdown(
        f"Nobody has said when {plural(len(names), 'column')} of this run {'is' if len(names) == 1 else 'are'} known. "
        "A model may use them, and then they have to be there when we decide. What if one is not?"
    )
    found = flow.prices(project)
    of_this = found is not None and found.run == view.digest
    if of_this and found.together is not None:
        _drawn(found)
    with st.container():
        busy = progress.job(project, "price", "train.price")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Price them again" if of_this else "Price them",
            key="train.price",
            icon=":material/price_check:",
            disabled=busy or view.stale,
            help="Trains the best candidate again without each of them; two minutes at most.",
            on_click=guard.action(flow.start_pricing),
            args=(project, session.author()),
        )
        st.page_link(
            stop("quality").file,
            label="Say when they are known",
            icon=":material/schedule:",
            query_params={"project": project.slug},
        )


def _drawn(found: flow.PricesView) -> None:
    together = found.together
    single = [(one.columns[0], one.price.per_year, "model") for one in found.columns[:SHOWN]]
    whole = [(f"All {len(together.columns)} together", together.price.per_year, "other")]
    listed = [*(whole if len(together.columns) > 1 else []), *single]
    rows = pd.DataFrame(
        [(name, one.value, one.low, one.high, colour) for name, one, colour in listed],
        columns=["name", "value", "low", "high", "colour"],
    )
    words = [f"{name} {charts.money(one.value, found.currency)}" for name, one, _ in listed]
    st.altair_chart(charts.prices(rows, found.currency), alt=f"Lost in a year without: {', '.join(words)}")
    quick = f" Quick models of at most {found.n_rounds} rounds are compared with each other." if found.n_rounds else ""
    st.caption(
        f"Against the same {literal(found.candidate.replace('_', ' '))} with every column, out of fold, each at "
        f"thresholds that other folds chose.{quick}"
    )
    hidden = len(found.columns) - SHOWN
    if hidden > 0:
        st.caption(f"{plural(hidden, 'column')} that cost less are in the table on Quality.")
    if found.unpriced:
        st.caption(f"Not priced, for the time was up: {literal(', '.join(found.unpriced))}.")
