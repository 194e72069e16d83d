"""One column on Quality: what is in it, how the outcome goes along it, and when it is known."""

import altair as alt
import pandas as pd
import streamlit as st

from core.charts import count, number, share
from core.charts.quality import bins, levels
from core.quality import ColumnProfile, Profile
from core.workspace import Project
from pages.shared import known
from pages.shared.figures import literal, plural

DAY = 86_400.0
SHOWN_SHAPES = 8


def base_rate(profile: Profile) -> float | None:
    """Return the share of positives among training rows, or None without an outcome."""
    return profile.n_positive / profile.n_training if profile.n_training else None


def one(project: Project, column: ColumnProfile, overall: float | None) -> None:
    """Draw a column: figures, picture, what else is known about it, and when it is known."""
    _figures(column)
    picture, beside = st.columns([2, 1], gap="large")
    with picture:
        drawn = chart(column, overall)
        if drawn is None:
            st.caption("There is nothing in this column.")
        else:
            alt_text = f"Rows per value of {column.name}, and how often the outcome is positive there"
            st.altair_chart(drawn, alt=alt_text)
            shares = [one[3] for one in column.histogram] + [one[2] for one in column.top]
            along = " Blue: share of positive outcomes on training rows; dashed: the overall share."
            st.caption("Gray: rows." + (along if any(share is not None for share in shares) else ""))
    with beside:
        known.of_one(project, column.name)
        facts = details(column)
        if facts:
            st.table(facts, border="horizontal", alt=f"What else is known about {column.name}")
        _shapes(column)


def chart(column: ColumnProfile, overall: float | None) -> alt.LayerChart | None:
    """Return the picture of a column, or None when all of it is missing."""
    if column.kind in ("number", "time") and column.histogram:
        return bins(column.histogram, overall, column.name, times=column.kind == "time")
    return levels(column.top, overall, column.name) if column.top else None


def details(column: ColumnProfile) -> dict[str, str]:
    """Return what else a profile says of a column, a line each."""
    found: dict[str, str] = {"Type": column.type}
    if column.minimum is not None and column.maximum is not None:
        found["From, to"] = f"{_end(column.minimum)} to {_end(column.maximum)}"
    if column.kind == "number" and column.quantiles:
        low, _, lower, middle, upper, _, high = column.quantiles
        found["Half of the rows"] = f"{number(lower)} to {number(upper)}, median {number(middle)}"
        found["98 % of the rows"] = f"{number(low)} to {number(high)}"
    if column.number is not None and column.kind == "number":
        found["Zero, negative"] = f"{count(column.number.n_zero)}, {count(column.number.n_negative)} rows"
    if column.dates is not None:
        found |= _dates(column)
    if column.text is not None:
        found |= _text(column)
    return {name: literal(text) for name, text in found.items()}


def _figures(column: ColumnProfile) -> None:
    missing = column.n_missing / max(column.n_rows, 1)
    with st.grid(4, min_column_width=150):
        st.metric("Missing", share(missing), border=True)
        st.metric("Different values", count(column.n_distinct), border=True)
        st.metric("Mean", number(column.mean) if column.mean is not None else "–", border=True)
        alone = number(column.auc) if column.auc is not None else "–"
        st.metric("Alone, ROC AUC", alone, border=True, help="How well this column alone ranks: 0.5 is chance.")


def _dates(column: ColumnProfile) -> dict[str, str]:
    dates = column.dates
    found = {"Days without rows": f"{share(dates.empty_days_share)} of {count(dates.n_days)}"}
    if dates.longest_gap_seconds > 0:
        found["Longest gap"] = f"{_span(dates.longest_gap_seconds)}, {dates.gap_from} to {dates.gap_to}"
    if dates.lag_seconds > DAY:
        found["Behind the newest time"] = _span(dates.lag_seconds)
    return found


def _text(column: ColumnProfile) -> dict[str, str]:
    text = column.text
    found = {"Characters": f"{text.shortest} to {text.longest}"} if text.longest else {}
    if text.missing_words:
        words = ", ".join(f"“{word}” {count(n)}" for word, n in text.missing_words[:4])
        found["Written for nothing"] = words
    if text.patterns:
        found["Looks like"] = ", ".join(f"{name} {count(n)}" for name, n in text.patterns)
    return found


def _shapes(column: ColumnProfile) -> None:
    if column.text is None or not column.text.shapes:
        return
    rows = [(shape, n, example) for shape, n, _, example in column.text.shapes[:SHOWN_SHAPES]]
    drawn = pd.DataFrame(rows, columns=["Shape", "Rows", "Example"])
    with st.expander(f"Shapes of the text ({count(column.text.n_shapes)})", key="quality.shapes"):
        st.caption("A is a capital letter, a any other, 9 a digit.")
        st.dataframe(drawn, hide_index=True, alt=f"Shapes of the text in {column.name}")


def _end(value: float | str) -> str:
    return value.replace("T", " ") if isinstance(value, str) else number(value)


def _span(seconds: float) -> str:
    if seconds >= 2 * DAY:
        return plural(round(seconds / DAY), "day")
    return plural(round(seconds / 3600), "hour") if seconds >= 3600 else plural(round(seconds / 60), "minute")
