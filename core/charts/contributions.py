"""What moves a score: over all rows, along one column, and in one row."""

import altair as alt
import pandas as pd

from core.charts.meaning import AGAINST, TOWARDS, axis, coloured
from core.charts.numbers import count, number

__all__ = ["dependence", "importance", "waterfall"]

BAR = 30
AROUND = 60
NAMES = {"domain": False, "ticks": False, "labelLimit": 190, "labelOverlap": False, "labelFontSize": 13}


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
        axis=axis(**NAMES),
    )
    x = alt.X(
        "value:Q",
        title="Mean move of a score (log odds)",
        axis=axis(tickCount=5),
        scale=alt.Scale(zero=True),
    )
    base = alt.Chart(top).encode(y=y, tooltip=["column:N", "Mean:N", "Interval:N"])
    bars = coloured(base.mark_bar(size=14, cornerRadiusEnd=3).encode(x=x))
    ends = coloured(base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q"), "today")
    return alt.layer(bars, ends).properties(height=max(len(top), 1) * BAR + AROUND)


def dependence(bins: pd.DataFrame, column: str, *, categorical: bool, height: int = 300) -> alt.LayerChart:
    """What a column's value does to the score: its mean contribution, and the middle 80 % of rows.

    Parameters
    ----------
    bins : columns ``label`` (a number or a level; None where the value is missing), ``n`` (rows), ``mean``, ``lower``
        and ``upper`` (log odds). No row of the data.
    column : its name, for the axis.
    categorical : levels rather than numbers.
    """
    bins = bins.assign(Mean=bins["mean"].map(number), Rows=bins["n"].map(count))
    y = alt.Y("mean:Q", title="Towards acting ↑   ↓ against (log odds)", axis=axis(tickCount=5))
    zero = alt.Chart(pd.DataFrame({"mean": [0.0]})).mark_rule(strokeWidth=1).encode(y=y)
    missing, known = bins[bins["label"].isna()], bins[bins["label"].notna()]
    tip = [alt.Tooltip("label:N", title=column), "Mean:N", "Rows:N"]
    if categorical:
        named = pd.concat([known.sort_values("mean", ascending=False), missing.assign(label="(missing)")])
        tilt = -35 if len(named) > 4 else 0
        x = alt.X("label:N", title=column, sort=list(named["label"]), axis=axis(labelAngle=tilt, labelLimit=110))
        return alt.layer(coloured(zero, "today"), *whiskers(named, x, y, tip)).properties(height=height)
    x = alt.X("label:Q", title=column, scale=alt.Scale(zero=False), axis=axis(grid=False, tickCount=6))
    base = coloured(alt.Chart(known.astype({"label": float})).encode(x=x, tooltip=tip), "model")
    band = base.mark_area(opacity=0.18).encode(y=alt.Y("lower:Q"), y2="upper:Q")
    layers = [coloured(zero, "today"), band, base.mark_line(strokeWidth=2.5, point={"size": 45}).encode(y=y)]
    if len(missing):
        at = coloured(alt.Chart(missing.assign(text="missing")).encode(x=alt.value(10), y=y), "other")
        layers += [
            at.mark_point(size=90, filled=True),
            at.mark_text(align="left", dx=8, fontSize=12).encode(text="text:N"),
        ]
    return alt.layer(*layers).properties(height=height)


def whiskers(rows: pd.DataFrame, x: alt.X, y: alt.Y, tip: list[alt.Tooltip | str]) -> list[alt.Chart]:
    """A point at each mean with a line over the middle 80 % of rows."""
    base = coloured(alt.Chart(rows).encode(x=x, tooltip=tip), "model")
    lines = base.mark_rule(strokeWidth=3, opacity=0.5).encode(y=alt.Y("lower:Q"), y2="upper:Q")
    return [lines, base.mark_point(size=100, filled=True, opacity=1).encode(y=y)]


def waterfall(steps: pd.DataFrame, base_value: float) -> alt.LayerChart:
    """How one row's margin adds up: from the base value, step by step, to the margin.

    Parameters
    ----------
    steps : columns ``label`` ("wind = 32") and ``contribution`` (log odds), in the order in which they are added.
    base_value : the margin before anything is known of the row.
    """
    bars = running(steps, base_value)
    y = alt.Y("label:N", title=None, sort=list(bars["label"]), axis=axis(**NAMES))
    scale = alt.Scale(zero=False, nice=True, padding=36)
    x = alt.X("start:Q", title="Margin (log odds)", scale=scale, axis=axis(tickCount=5))
    tip = [alt.Tooltip("label:N", title="Because"), alt.Tooltip("text:N", title="Log odds")]
    base = coloured(alt.Chart(bars).encode(y=y, tooltip=tip))
    texts = [
        base.transform_filter(test).mark_text(align=align, dx=dx, fontSize=12).encode(x="end:Q", text="text:N")
        for test, align, dx in (
            ("datum.end >= datum.start", "left", 6),
            ("datum.end < datum.start", "right", -6),
        )
    ]
    drawn = base.mark_bar(size=16, cornerRadius=2).encode(x=x, x2="end:Q")
    edge = base.mark_tick(thickness=3, size=18).encode(x="end:Q")
    return alt.layer(drawn, edge, *texts).properties(height=len(bars) * BAR + AROUND)


def running(steps: pd.DataFrame, base_value: float) -> pd.DataFrame:
    """Bars of a waterfall: ``label``, ``start``, ``end``, ``text``, ``colour``; first the base, last the margin."""
    ends = base_value + steps["contribution"].cumsum()
    bars = pd.DataFrame({"label": steps["label"], "start": ends - steps["contribution"], "end": ends})
    bars["text"] = [f"{'+' if part >= 0 else ''}{number(part)}" for part in steps["contribution"]]
    bars["colour"] = [TOWARDS if part >= 0 else AGAINST for part in steps["contribution"]]
    margin = float(ends.iloc[-1]) if len(ends) else base_value
    rims = [("Before anything is known", base_value, "today"), ("This row", margin, "other")]
    first, last = (
        pd.DataFrame([{"label": name, "start": at, "end": at, "text": number(at), "colour": colour}])
        for name, at, colour in rims
    )
    return pd.concat([first, bars, last], ignore_index=True)
