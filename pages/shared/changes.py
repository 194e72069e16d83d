"""What changed in a table when its source was loaded again: columns, rows, and what is in each column."""

from datetime import datetime

import pandas as pd
import streamlit as st

from core import flow
from core.charts import count, number, share
from core.charts.comparison import LITTLE, MUCH, before_after
from core.quality.comparison import ColumnChange, Comparison
from core.workspace import Project
from pages.shared import guard, session
from pages.shared.figures import literal, plural, when


def draw(project: Project, table: flow.TableInfo) -> None:
    """Draw how a table differs from an earlier load of it."""
    known = flow.versions(project, table.name)
    earlier = {version.digest: version for version in known[1:]}
    if not earlier:
        st.caption("It was loaded once. When its source is loaded again under this name, here is what changed.")
        return
    if session.value("load.against") not in earlier:
        session.keep("load.against", next(iter(earlier)))
    against = st.selectbox(
        "Compared with",
        list(earlier),
        format_func=lambda digest: _said(earlier[digest].table),
        key="load.against",
    )
    with guard.shown():
        _drawn(_changes(project, table.name, str(against), known[0].digest), table)


@st.cache_data(max_entries=50, show_spinner="Comparing the two loads")
def _compared(_project: Project, path: str, table: str, before: str, after: str, kept: bool) -> flow.SourceChange:
    return flow.changes(_project, table, before, after)


def _changes(project: Project, table: str, before: str, after: str) -> flow.SourceChange:
    kept = all(project.has_table(version.table.physical) for version in flow.versions(project, table))
    return _compared(project, str(project.path), table, before, after, kept)


def _said(table: flow.TableInfo) -> str:
    moment = when(datetime.fromisoformat(table.loaded_at))
    return f"{moment}, {table.source_name}, {plural(table.n_rows, 'row')}, by {table.author}"


def _drawn(found: flow.SourceChange, table: flow.TableInfo) -> None:
    before, after = found.before.table, found.after.table
    moved = [one for one in found.rows.columns if one.psi is not None and one.psi >= LITTLE] if found.rows else []
    with st.grid(2, min_column_width=130):
        more = after.n_rows - before.n_rows
        st.metric(
            "Rows",
            count(after.n_rows),
            f"{more:+,}" if more else "same",
            delta_color="off",
            border=True,
            height="stretch",
        )
        common = found.rows.n_common if found.rows else None
        rows_share = share(common / max(before.n_rows, 1)) if common is not None else "–"
        st.metric("Rows kept", rows_share, border=True, height="stretch", help=_kept_help(found))
        n_columns = len(found.added) + len(found.removed) + len(found.retyped)
        st.metric(
            "Columns changed",
            count(n_columns),
            border=True,
            height="stretch",
            help="Added, removed, or of another type.",
        )
        st.metric("Moved", count(len(moved)) if found.rows else "–", border=True, height="stretch", help=_moved_help())
    for line in _lines(found):
        st.markdown(f":material/chevron_right: {line}")
    if found.rows is None:
        st.info(literal(found.why_not), icon=":material/info:")
        return
    if found.rows.columns:
        _columns(found.rows)
        one_column(found.rows)


def _lines(found: flow.SourceChange) -> list[str]:
    """Say in words what changed besides the rows."""
    lines = []
    if found.same_bytes:
        lines.append("The bytes are the same; they were read in another way.")
    lines += [
        f"{literal(what.replace('_', ' '))}: {literal(old)} before, {literal(new)} now"
        for what, old, new in found.settings
    ]
    for word, names in (("New columns", found.added), ("Columns that are gone", found.removed)):
        if names:
            lines.append(f"{word}: {literal(', '.join(names))}")
    lines += [f"{literal(name)} is {literal(new)}, was {literal(old)}" for name, old, new in found.retyped]
    return lines


def _columns(found: Comparison) -> None:
    rows = [
        {
            "Column": one.name,
            "Moved": one.psi,
            "Missing before": one.before.missing_share,
            "Missing now": one.after.missing_share,
            "Distinct before": one.before.n_distinct,
            "Distinct now": one.after.n_distinct,
            "Middle before": _middle(one, one.before.quantiles),
            "Middle now": _middle(one, one.after.quantiles),
            "New levels": one.n_new_levels,
            "Levels gone": one.n_gone_levels,
        }
        for one in sorted(found.columns, key=lambda one: -(one.psi or 0))
    ]
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Moved": st.column_config.NumberColumn(format="%.3f", help=_moved_help()),
            "Missing before": percent,
            "Missing now": percent,
        },
        alt="What differs in each column",
    )
    st.caption(_rests_on(found))


@guard.fragment
def one_column(found: Comparison) -> None:
    """One column in both loads; choosing another reruns only this."""
    drawn = {one.name: one for one in sorted(found.columns, key=lambda one: -(one.psi or 0)) if one.cells}
    if not drawn:
        return
    if session.value("load.changed_column") not in drawn:
        session.keep("load.changed_column", next(iter(drawn)))
    name = st.selectbox("Column", list(drawn), key="load.changed_column")
    one = drawn[name]
    st.caption(f":gray-badge[before] :violet-badge[now] Stability index {number(one.psi)}: {_word(one.psi)}.")
    st.altair_chart(
        before_after(one.cells, one.name),
        alt=f"Share of rows by {name}, before and now; stability index {one.psi:.2f}",
    )


def _middle(one: ColumnChange, quantiles: tuple[float, ...]) -> str:
    """Return the median as text, dates as dates."""
    if not quantiles:
        return ""
    median = quantiles[len(quantiles) // 2]
    return f"{pd.Timestamp(median, unit='s'):%Y-%m-%d}" if one.kind == "time" else number(median)


def _rests_on(found: Comparison) -> str:
    pairs = ((found.n_compared_before, found.n_before), (found.n_compared_after, found.n_after))
    if all(seen == whole for seen, whole in pairs):
        return f"Of all {count(found.n_before)} rows before and {count(found.n_after)} now."
    said = [f"{count(seen)} of {count(whole)}" for seen, whole in pairs]
    return f"Of every k-th row: {said[0]} before, {said[1]} now. Counts of rows are of all of them."


def _kept_help(found: flow.SourceChange) -> str:
    if found.rows is None:
        return found.why_not
    if found.rows.n_common is None:
        return "Not counted: there are too many rows, or no column is in both."
    return (
        f"{plural(found.rows.n_common, 'row')} of the earlier load are in this one too, over the columns that both "
        "have. The share is of the earlier load's rows."
    )


def _moved_help() -> str:
    return (
        f"Population stability index between the two loads, over ranges or levels: below {LITTLE} is little, "
        f"from {MUCH} on is much. Counted are those from {LITTLE} on."
    )


def _word(psi: float) -> str:
    return "little moved" if psi < LITTLE else "it moved" if psi < MUCH else "it moved much"
