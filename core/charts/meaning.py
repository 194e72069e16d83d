"""What a colour means on every chart: a place in the theme's palette, which follows the reader from light to dark."""

from typing import Any

import altair as alt

__all__ = ["AGAINST", "MEANINGS", "TOWARDS", "axis", "coloured", "paper"]

# The order is that of `theme.chartCategoricalColors`: blue, gray, gold, green, violet, red, teal, brown.
MEANINGS = ("model", "today", "cut", "pass", "other", "fail", "second", "cannot judge")
# The ends of a signed quantity are those of the diverging palette, blue and brown.
TOWARDS, AGAINST = "model", "cannot judge"
LIGHT = ("#1D5FA8", "#6B7280", "#B8860B", "#1A7F4B", "#7A4FA3", "#B42318", "#0E7C86", "#A0522D")
DARK = ("#6FB1F2", "#9AA3AE", "#E0B04A", "#4CC38A", "#B99AE0", "#F2776B", "#56C2CC", "#D99A6C")
# Streamlit writes axes in a gray of its own, too faint to read; this one is the theme's.
INK = alt.ExprRef("scale('color', 'today')")
COLOUR = alt.Color("colour:N", scale=alt.Scale(domain=list(MEANINGS)), legend=None)


def coloured(chart: alt.Chart, meaning: str = "") -> alt.Chart:
    """The chart in the colour of a meaning (one of `MEANINGS`), or of each row's column ``colour``.

    A column rather than a constant: only a scale is drawn from the theme's palette.
    """
    return (chart.transform_calculate(colour=f"'{meaning}'") if meaning else chart).encode(color=COLOUR)


def axis(**said: object) -> alt.Axis:
    """An axis whose words are in the theme's gray; some layer of the chart has to be `coloured`."""
    return alt.Axis(labelColor=INK, titleColor=INK, **said)


def paper(dark: bool) -> dict[str, Any]:
    """Vega-Lite's configuration in the theme's colours, for charts that are read without Streamlit."""
    ink, line = ("#E8E6E1", "#363A40") if dark else ("#1F2328", "#DEDBD3")
    axis = {"labelColor": ink, "titleColor": ink, "domainColor": line, "tickColor": line, "gridColor": line}
    return {
        "background": "#16181B" if dark else "#FFFFFF",
        "font": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
        "range": {"category": list(DARK if dark else LIGHT)},
        "view": {"stroke": None},
        "axis": {**axis, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridOpacity": 0.6},
        "axisX": {"grid": False},
    }
