"""What moves a score: over all rows, along one column, and in one row."""

import altair as alt
import pandas as pd

from core.charts.meaning import AGAINST, TOWARDS, coloured
from core.charts.numbers import number

__all__ = ["dependence", "importance", "waterfall"]

BAR = 30
AROUND = 60
NAMES = {"domain": False, "ticks": False, "labelLimit": 190, "labelOverlap": False, "labelFontSize": 13}
MAX_POINTS = 2000


def importance(rows: pd.DataFrame, n: int = 12) -> alt.LayerChart:
    """Mean absolute contribution of each column with its 90 % interval, the largest first.

    Parameters
    ----------
    rows : columns ``column``, ``value``, ``low``, ``high`` (log odds, >= 0); optional ``direction``: above 0 when
        larger values of the column push towards acting, below 0 when against, 0 when neither.
    n : how many columns are drawn.
    """
    top = rows.sort_values("value", ascending=False).head(n)
    top = top.assign(
        Mean=top["value"].map(number),
        Interval=[f"{number(a)} to {number(b)}" for a, b in zip(top["low"], top["high"], strict=True)],
    )
    sign = top["direction"] if "direction" in top else pd.Series(1.0, index=top.index)
    top = top.assign(colour=sign.map(lambda d: TOWARDS if d > 0 else AGAINST if d < 0 else "today"))
    y = alt.Y(
        "column:N",
        title=None,
        sort=list(top["column"]),
        axis=alt.Axis(**NAMES),
    )
    x = alt.X(
        "value:Q",
        title="How far it moves a score on average (log odds)",
        axis=alt.Axis(tickCount=5),
        scale=alt.Scale(zero=True),
    )
    base = alt.Chart(top).encode(y=y, tooltip=["column:N", "Mean:N", "Interval:N"])
    bars = coloured(base.mark_bar(size=14, cornerRadiusEnd=3).encode(x=x))
    ends = coloured(base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q"), "today")
    return alt.layer(bars, ends).properties(height=max(len(top), 1) * BAR + AROUND)


def dependence(rows: pd.DataFrame, column: str, *, categorical: bool, height: int = 300) -> alt.LayerChart:
    """What a column's value does to the score.

    Parameters
    ----------
    rows : columns ``value`` (a number or a level; missing is allowed) and ``contribution`` (log odds); more than
        `MAX_POINTS` rows are thinned evenly.
    column : its name, for the axis.
    categorical : levels rather than numbers: drawn as mean and middle 80 %.
    """
    zero = alt.Chart(pd.DataFrame({"contribution": [0.0]})).mark_rule(strokeWidth=1).encode(y="contribution:Q")
    zero = coloured(zero, "today")
    y = alt.Y("contribution:Q", title="Towards acting ↑   ↓ against (log odds)", axis=alt.Axis(tickCount=5))
    if categorical:
        levels = rows.assign(value=rows["value"].astype("string").fillna("(missing)")).groupby("value")["contribution"]
        ends = pd.DataFrame(
            {
                "contribution": levels.mean(),
                "low": levels.quantile(0.1),
                "high": levels.quantile(0.9),
                "n": levels.size(),
            }
        )
        ends = (
            ends.sort_values("n", ascending=False).head(20).sort_values("contribution", ascending=False).reset_index()
        )
        x = alt.X(
            "value:N",
            title=column,
            sort=list(ends["value"]),
            axis=alt.Axis(labelAngle=-35 if len(ends) > 4 else 0, labelLimit=110),
        )
        base = coloured(alt.Chart(ends).encode(x=x, tooltip=["value:N", "contribution:Q", "n:Q"]), "model")
        marks = [
            base.mark_rule(strokeWidth=3, opacity=0.5).encode(y="low:Q", y2="high:Q"),
            base.mark_point(size=100, filled=True, opacity=1).encode(y=y),
        ]
        return alt.layer(zero, *marks).properties(height=height)
    known = rows.dropna(subset=["value"])
    known = known.iloc[:: max(1, -(-len(known) // MAX_POINTS))]
    x = alt.X("value:Q", title=column, scale=alt.Scale(zero=False), axis=alt.Axis(grid=False, tickCount=6))
    dots = alt.Chart(known).mark_circle(size=22, opacity=0.3).encode(x=x, y=y, tooltip=["value:Q", "contribution:Q"])
    line = alt.Chart(trend(known)).mark_line(strokeWidth=3).encode(x=x, y=y)
    return alt.layer(zero, coloured(dots, "model"), coloured(line, "model")).properties(height=height)


def trend(rows: pd.DataFrame, n_bins: int = 12) -> pd.DataFrame:
    """The mean contribution in bins of equal counts, columns as in ``rows``."""
    if rows["value"].nunique() < 2:
        return rows.head(0)
    bins = pd.qcut(rows["value"].astype(float), n_bins, duplicates="drop")
    means = rows.astype({"value": float}).groupby(bins, observed=True)[["value", "contribution"]].mean()
    return means.reset_index(drop=True)


def waterfall(steps: pd.DataFrame, base_value: float, n: int = 8) -> alt.LayerChart:
    """How one row's margin adds up: from the base value, column by column, to the margin.

    Parameters
    ----------
    steps : columns ``column``, ``value`` (text) and ``contribution`` (log odds).
    base_value : the margin before anything is known of the row.
    n : how many columns are drawn; the rest is one bar, so that the sum still holds.
    """
    bars = running(steps, base_value, n)
    y = alt.Y(
        "label:N",
        title=None,
        sort=list(bars["label"]),
        axis=alt.Axis(**NAMES),
    )
    scale = alt.Scale(zero=False, nice=True, padding=36)
    base = coloured(alt.Chart(bars).encode(y=y, tooltip=["label:N", alt.Tooltip("text:N", title="log odds")]))
    drawn = base.mark_bar(size=16, cornerRadius=2).encode(
        x=alt.X("start:Q", title="Margin (log odds)", scale=scale, axis=alt.Axis(tickCount=5)), x2="end:Q"
    )
    edge = base.mark_tick(thickness=3, size=18).encode(x="end:Q")
    right = (
        base.transform_filter("datum.end >= datum.start")
        .mark_text(align="left", dx=6, fontSize=12)
        .encode(x="end:Q", text="text:N")
    )
    left = (
        base.transform_filter("datum.end < datum.start")
        .mark_text(align="right", dx=-6, fontSize=12)
        .encode(x="end:Q", text="text:N")
    )
    return alt.layer(drawn, edge, right, left).properties(height=len(bars) * BAR + AROUND)


def running(steps: pd.DataFrame, base_value: float, n: int) -> pd.DataFrame:
    """Bars of a waterfall: ``label``, ``start``, ``end``, ``text``, ``colour``; first the base, last the margin."""
    ranked = steps.reindex(steps["contribution"].abs().sort_values(ascending=False, kind="stable").index)
    shown, rest = ranked.head(n), ranked.iloc[n:]
    rows = [
        {
            "label": "Before anything is known",
            "start": base_value,
            "end": base_value,
            "text": number(base_value),
            "colour": "today",
        }
    ]
    at = base_value
    parts = [(f"{row.column} = {row.value}", row.contribution) for row in shown.itertuples()]
    if len(rest):
        parts.append((f"{len(rest)} other columns", float(rest["contribution"].sum())))
    for label, part in parts:
        sign = "+" if part >= 0 else ""
        rows.append(
            {
                "label": label,
                "start": at,
                "end": at + part,
                "text": f"{sign}{number(part)}",
                "colour": TOWARDS if part >= 0 else AGAINST,
            }
        )
        at += part
    rows.append({"label": "This row's margin", "start": at, "end": at, "text": number(at), "colour": "other"})
    return pd.DataFrame(rows)
