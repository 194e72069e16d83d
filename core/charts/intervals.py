"""Numbers with their error bars in a row: the leaderboard and the gates."""

import altair as alt
import pandas as pd

from core.charts.meaning import axis, coloured
from core.charts.numbers import money, number

__all__ = ["gate_intervals", "leaderboard", "prices"]

ROW = 46
AROUND = 70
NAMES = {"domain": False, "ticks": False, "labelLimit": 190, "labelOverlap": False, "labelFontSize": 13}


def leaderboard(
    rows: pd.DataFrame, metric: str, *, higher_is_better: bool = True, chance: float | None = None
) -> alt.LayerChart:
    """One metric of every candidate with its 90 % interval.

    Parameters
    ----------
    rows : columns ``name``, ``value``, ``low``, ``high`` and ``colour`` ("model" or "today").
    metric : what is measured, for the axis.
    chance : what a score without information reaches, drawn as a dashed rule.
    """
    ranked = rows.sort_values("value", ascending=not higher_is_better)
    ranked = ranked.assign(
        Value=ranked["value"].map(number),
        Interval=[f"{number(a)} to {number(b)}" for a, b in zip(ranked["low"], ranked["high"], strict=True)],
    )
    y = alt.Y("name:N", title=None, sort=list(ranked["name"]), axis=axis(**NAMES))
    x = alt.X(
        "value:Q", title=f"{metric}, 90 % interval", scale=alt.Scale(zero=False, padding=46), axis=axis(tickCount=5)
    )
    base = coloured(alt.Chart(ranked).encode(y=y, tooltip=["name:N", "Value:N", "Interval:N"]))
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=110, filled=True, opacity=1).encode(x=x),
        base.mark_text(align="left", dx=10, fontSize=12).encode(x=alt.X("high:Q"), text="Value:N"),
    ]
    if chance is not None:
        at = alt.Chart(pd.DataFrame({"value": [chance]})).mark_rule(strokeDash=[4, 4], strokeWidth=1.5).encode(x=x)
        layers.insert(0, coloured(at, "today"))
    return alt.layer(*layers).properties(height=max(len(ranked), 1) * ROW + AROUND)


def gate_intervals(rows: pd.DataFrame) -> alt.LayerChart:
    """How far each gate's value lies from its bar, in widths of its own scale, with the 90 % interval.

    Every gate has its own unit, so each is drawn from its bar: right of the dashed rule clears it.

    Parameters
    ----------
    rows : columns ``title``, ``status`` ("pass", "fail", "cannot judge"), ``value``, ``low``, ``high``, ``bar`` and
        ``at_most`` (bool: smaller is better), ``text`` (the value in words). Rows without a value are left out.
    """
    rows = rows.dropna(subset=["value", "low", "high", "bar"])
    sign = rows["at_most"].map({True: -1.0, False: 1.0}).astype(float)
    ends = pd.DataFrame({name: sign * (rows[name] - rows["bar"]) for name in ("value", "low", "high")})
    width = ends.abs().max(axis=1).replace(0.0, 1.0)
    drawn = rows.assign(
        left=ends[["low", "high"]].min(axis=1) / width,
        right=ends[["low", "high"]].max(axis=1) / width,
        middle=ends["value"] / width,
        colour=rows["status"],
    )
    y = alt.Y("title:N", title=None, sort=list(drawn["title"]), axis=axis(**NAMES))
    sides = "datum.value < 0 ? '← misses the bar' : 'clears the bar →'"
    under = axis(values=[-0.6, 0.6], labelExpr=sides, ticks=False, domain=False, grid=False)
    x = alt.X("middle:Q", title=None, scale=alt.Scale(domain=[-1.2, 1.28], nice=False), axis=under)
    tip = [
        alt.Tooltip("title:N", title="Gate"),
        alt.Tooltip("text:N", title="Value"),
        alt.Tooltip("status:N", title="So it"),
    ]
    base = coloured(alt.Chart(drawn).encode(y=y, tooltip=tip))
    bar = alt.Chart(pd.DataFrame({"middle": [0.0]})).mark_rule(strokeDash=[4, 4], strokeWidth=1.5).encode(x=x)
    return alt.layer(
        coloured(bar, "today"),
        base.mark_rule(strokeWidth=4, opacity=0.55).encode(x=alt.X("left:Q"), x2="right:Q"),
        base.mark_point(size=120, filled=True, opacity=1).encode(x=x),
        base.mark_text(dy=-13, fontSize=12).encode(x=x, text="text:N"),
    ).properties(height=max(len(drawn), 1) * ROW + AROUND)


def prices(rows: pd.DataFrame, currency: str) -> alt.LayerChart:
    """What is lost in a year without a column, with its 90 % interval, from nothing on.

    Parameters
    ----------
    rows : columns ``name``, ``value``, ``low``, ``high`` (money per year) and ``colour`` ("model", or "other" for
        several columns taken together), in the order to draw them in.
    """
    drawn = rows.assign(
        Lost=[money(value, currency) for value in rows["value"]],
        Interval=[
            f"{money(low, currency)} to {money(high, currency)}"
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
        zero=0.0,
    )
    y = alt.Y("name:N", title=None, sort=list(drawn["name"]), axis=axis(**NAMES))
    title = f"Lost in a year without it, {currency}, 90 % interval" if currency else "Lost in a year without it"
    x = alt.X("value:Q", title=title, scale=alt.Scale(zero=True, padding=46), axis=axis(tickCount=5, format="~s"))
    base = coloured(alt.Chart(drawn).encode(y=y, tooltip=["name:N", "Lost:N", "Interval:N"]))
    nothing = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(strokeWidth=1.5).encode(x=x)
    return alt.layer(
        coloured(nothing, "today"),
        base.mark_bar(opacity=0.35, height=14).encode(x=x, x2="zero:Q"),
        base.mark_rule(strokeWidth=3, opacity=0.7).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=90, filled=True, opacity=1).encode(x=x),
        base.mark_text(align="left", dx=10, fontSize=12).encode(x=alt.X("high:Q"), text="Lost:N"),
    ).properties(height=max(len(drawn), 1) * ROW + AROUND)
