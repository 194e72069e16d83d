"""What is in a column, and how often the outcome is positive there."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.meaning import axis, coloured

__all__ = ["bins", "levels"]

PERCENT = ".0%"
SHOWN = 14
# Pixels that the axes and their titles take of a chart's height.
AROUND = 110
NAMES = axis(grid=False, ticks=False, domain=False, labelLimit=180, labelOverlap=False)
LETTERS = 24


def bins(
    histogram: Sequence[tuple[float, float, int, float | None]],
    base_rate: float | None,
    title: str,
    *,
    times: bool = False,
    height: int = 280,
) -> alt.LayerChart:
    """Rows per bin in gray, and over them the share of positives in blue against the overall one.

    Parameters
    ----------
    histogram : (low, high, rows, share of positives in [0, 1] or None), in order; where the last has no width, every
        entry is one value.
    base_rate : the share of positives of all training rows, or None without an outcome.
    title : the column, on the axis.
    times : the ends of bins are seconds since 1970 in UTC.
    """
    drawn = pd.DataFrame(histogram, columns=["low", "high", "n", "positive"])
    drawn["middle"], drawn["zero"] = (drawn["low"] + drawn["high"]) / 2, 0
    drawn["left"], drawn["right"] = drawn["low"], drawn["high"]
    if drawn["low"].iloc[-1] == drawn["high"].iloc[-1]:
        gap = (drawn["low"].max() - drawn["low"].min()) / max(len(drawn) - 1, 1) or 1.0
        drawn["middle"] = drawn["low"]
        drawn["left"], drawn["right"] = drawn["low"] - gap / 4, drawn["low"] + gap / 4
        drawn["high"] = drawn["low"]
    if times:
        for name in ("low", "high", "left", "right", "middle"):
            drawn[name] = pd.to_datetime(drawn[name], unit="s", utc=True)
    kind, scale = ("T", alt.Scale(type="utc")) if times else ("Q", alt.Scale(zero=False, nice=False))
    across = axis(grid=False, labelOverlap=True) if times else axis(grid=False, format="~s")
    x = alt.X(f"left:{kind}", title=title, scale=scale, axis=across)
    rows = alt.Y("n:Q", title="Rows", axis=axis(format="~s", tickCount=4, tickMinStep=1))
    tooltip = [
        alt.Tooltip(f"low:{kind}", title="From", format="%Y-%m-%d %H:%M" if times else ",.4~g"),
        alt.Tooltip(f"high:{kind}", title="To", format="%Y-%m-%d %H:%M" if times else ",.4~g"),
        alt.Tooltip("n:Q", title="Rows", format=","),
        alt.Tooltip("positive:Q", title="Share positive", format=".1%"),
    ]
    bars = coloured(alt.Chart(drawn), "today").mark_rect(opacity=0.35, stroke=None)
    bars = bars.encode(x=x, x2="right:Q", y=rows, y2="zero:Q", tooltip=tooltip)
    if base_rate is None or drawn["positive"].isna().all():
        return alt.layer(bars).properties(height=height)
    middle = alt.X(f"middle:{kind}", scale=scale, title=title, axis=across)
    return _over(bars, drawn.dropna(subset=["positive"]), middle, base_rate, tooltip).properties(height=height)


def levels(
    top: Sequence[tuple[str, int, float | None]], base_rate: float | None, title: str, height_of_one: int = 24
) -> alt.LayerChart:
    """Rows per level in gray, the most frequent first, and beside them the share of positives in blue.

    Parameters
    ----------
    top : (level, rows, share of positives in [0, 1] or None), most frequent first.
    base_rate, title : as for ``bins``.
    """
    drawn = pd.DataFrame(list(top)[:SHOWN], columns=["level", "n", "positive"])
    drawn["shown"] = [_short(level) for level in drawn["level"]]
    drawn["shown"] = _distinct(list(drawn["shown"]))
    y = alt.Y(
        "shown:N",
        title=title,
        sort=None,
        axis=axis(grid=False, ticks=False, domain=False, labelLimit=180, labelOverlap=False),
    )
    tooltip = [
        alt.Tooltip("level:N", title=title),
        alt.Tooltip("n:Q", title="Rows", format=","),
        alt.Tooltip("positive:Q", title="Share positive", format=".1%"),
    ]
    bars = coloured(alt.Chart(drawn), "today").mark_bar(opacity=0.35)
    rows = alt.X("n:Q", title="Rows", axis=axis(format="~s", tickCount=4, tickMinStep=1))
    bars = bars.encode(y=y, x=rows, tooltip=tooltip)
    height = height_of_one * len(drawn) + AROUND
    if base_rate is None or drawn["positive"].isna().all():
        return alt.layer(bars).properties(height=height)
    share = alt.X(
        "positive:Q", title="Share positive", axis=axis(format=PERCENT, orient="top", grid=False, tickCount=4)
    )
    dots = coloured(alt.Chart(drawn.dropna(subset=["positive"])), "model")
    dots = dots.mark_point(filled=True, size=70, opacity=1).encode(y=y, x=share, tooltip=tooltip)
    base = coloured(alt.Chart(pd.DataFrame({"positive": [base_rate]})), "today")
    base = base.mark_rule(strokeDash=[4, 4], strokeWidth=1.5).encode(x=share)
    return alt.layer(bars, alt.layer(base, dots)).resolve_scale(x="independent").properties(height=height)


def _over(
    bars: alt.Chart, drawn: pd.DataFrame, x: alt.X, base_rate: float, tooltip: list[alt.Tooltip]
) -> alt.LayerChart:
    """The share of positives as a line with points over the bars, and the overall one dashed."""
    y = alt.Y(
        "positive:Q",
        title="Share positive",
        axis=axis(format=PERCENT, orient="right", grid=False, tickCount=4),
        scale=alt.Scale(zero=True),
    )
    line = coloured(alt.Chart(drawn), "model").encode(x=x, y=y, tooltip=tooltip)
    base = coloured(alt.Chart(pd.DataFrame({"positive": [base_rate]})), "today")
    base = base.mark_rule(strokeDash=[4, 4], strokeWidth=1.5).encode(y=y)
    shares = alt.layer(base, line.mark_line(strokeWidth=2), line.mark_point(filled=True, size=45, opacity=1))
    return alt.layer(bars, shares).resolve_scale(y="independent")


def _short(level: str) -> str:
    text = level or "(empty)"
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _distinct(names: list[str]) -> list[str]:
    """Names that were cut alike get a number, so that they keep bars of their own."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
