"""The first rows of a source that was chosen and not loaded yet: what was assumed, and how to read it otherwise."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count
from core.errors import LoadError
from core.flow.parts import Part, parts
from core.ingest import Assumption
from pages.shared import guard, reading
from pages.shared.figures import literal, plural

N_ROWS = 50


def draw(path: Path) -> None:
    """Draw what loading a source would give; what is said by hand is tried at once."""
    st.header(literal(f"{path.name}, as it would be read"), anchor=False)
    inside = _parts(path)
    if len(inside) > 1:
        reading.part(inside, is_sheet=path.suffix.lower() in (".xlsx", ".xlsm", ".xls"))
    found = None
    with guard.shown():
        found = _found(path)
    if found is None:
        with st.expander("Read it otherwise", icon=":material/tune:", key="load.otherwise"):
            reading.draw("")
        return
    st.caption(_rests_on(found))
    rows, types, hand = st.tabs(["First rows", "Columns and types", "Read it otherwise"], key="load.look")
    with rows:
        st.dataframe(found.rows, hide_index=True, alt=f"First rows of {path.name}")
    with types:
        reading.types(found.columns, found.rows)
    with hand:
        reading.draw(found.settings.kind)
    assumed(found.assumed)


def assumed(found: Sequence[Assumption]) -> None:
    """Draw what nobody stated and reading found out, with the evidence."""
    if not found:
        st.caption("Nothing had to be assumed.")
        return
    st.markdown(f"**Assumed** ({count(len(found))})")
    lines = [
        (literal(one.what.capitalize()), f"**{literal(_visible(one.value))}** {literal(one.why)}") for one in found
    ]
    drawn = pd.DataFrame(lines, columns=["What", "Assumed, and why"])
    st.table(drawn, border="horizontal", hide_index=True, hide_header=True, alt="What reading assumed, and why")


def _visible(value: str) -> str:
    """Return a value so that a reader sees it: a tab or a blank by its name."""
    return {"\t": "tab", " ": "a blank", "": "nothing"}.get(value, value)


def _found(path: Path) -> flow.Glimpse:
    return _look(str(path), _changed_at(path), reading.as_text(reading.said()))


def _changed_at(path: Path) -> int:
    """Return when a file, or anything in a folder, last changed."""
    return (
        max((one.stat().st_mtime_ns for one in path.rglob("*")), default=0)
        if path.is_dir()
        else path.stat().st_mtime_ns
    )


def _rests_on(found: flow.Glimpse) -> str:
    first = f"The first {plural(len(found.rows), 'row')}."
    if found.is_whole:
        return f"{first} All of the source was looked at."
    return f"{first} Types, and what is assumed, rest on a sample from all over it; loading looks at every value."


def _parts(path: Path) -> tuple[Part, ...]:
    """Return what there is to choose from within a source; none where that cannot be told: the glimpse says why."""
    if path.is_dir():
        return ()
    try:
        return _inside(str(path), _changed_at(path))
    except LoadError:
        return ()


@st.cache_data(max_entries=20, show_spinner=False)
def _inside(path: str, _when: int) -> tuple[Part, ...]:
    return parts(Path(path))


@st.cache_data(max_entries=20, show_spinner="Looking at the first rows")
def _look(path: str, _when: int, told: str) -> flow.Glimpse:
    return flow.glimpse(Path(path), reading.settings(reading.from_text(told)), n=N_ROWS)
