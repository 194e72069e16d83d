"""The value curve: money at every cut, with the points that matter on it."""

import math
from dataclasses import dataclass

import altair as alt
import pandas as pd

from core.charts.labels import placed
from core.charts.meaning import axis, coloured
from core.charts.numbers import money, money_axis, share
from core.train.interval import Interval

__all__ = ["movable_value_curve", "value_curve"]

MAX_POINTS = 500
HEIGHT = 380
# What axes and readings leave of it for the plot, at least.
PLOT_HEIGHT = 270
LONGEST = 36
AGAINST_NONE = "Value per year against acting on none"
# A capacity leaves the curve in a corner: the picture ends this many times as far right as the curve, not at all rows.
BEYOND, BESIDE = 2.5, 1.7
OUT_OF_FOLD, IN_SAMPLE = "Out of fold", "In-sample: the best cut on these very rows"


@dataclass(frozen=True, slots=True)
class Axes:
    """The two axes of a value curve: how they are drawn, and where each of them ends."""

    x: alt.X
    y: alt.Y
    across: float
    ends: tuple[float, float]


def value_curve(
    curve: pd.DataFrame,
    points: pd.DataFrame,
    currency: str,
    *,
    cut: float | None = None,
    spread: Interval | None = None,
    beyond: pd.DataFrame | None = None,
    title: str = AGAINST_NONE,
) -> alt.LayerChart:
    """Money against the share of rows acted on, with one cut.

    Parameters
    ----------
    curve : columns ``share_acted`` [0, 1] ascending and ``value`` (currency); optional ``low`` and ``high`` (the 90 %
        interval). More than `MAX_POINTS` rows are thinned.
    points : columns ``name``, ``share_acted``, ``value`` and ``colour`` (one of `meaning.MEANINGS`).
    cut : the share acted on at the chosen cut; drawn as the gold rule.
    spread : the 90 % interval of the value at the cut, drawn as a bar.
    beyond : the curve without the capacity, columns as ``curve``; drawn dashed.
    title : of the vertical axis.
    """
    thin = thinned(curve, currency)
    across = reach(thin, points, BEYOND if beyond is not None else BESIDE)
    further = thinned(beyond[beyond["share_acted"] <= across], currency) if beyond is not None else thin.head(0)
    axes = axes_of(pd.concat([thin, further, bar_ends(spread)]), points, currency, title, across)
    layers = lines(thin, axes)
    if len(further):
        dashed = alt.Chart(further).mark_line(strokeWidth=1.5, strokeDash=[5, 4], opacity=0.7)
        layers.append(coloured(dashed.encode(x=axes.x, y=axes.y), "model"))
    layers += named(points, pd.concat([thin, further, standing(cut, axes)]), currency, axes)
    layers += chosen(thin, cut, spread, axes) if cut is not None else []
    return alt.layer(*layers).properties(height=HEIGHT)


def movable_value_curve(
    curve: pd.DataFrame,
    points: pd.DataFrame,
    currency: str,
    *,
    cut: float = 0.0,
    best: float | None = None,
    title: str = AGAINST_NONE,
) -> alt.LayerChart:
    """A value curve whose cut follows the pointer and a range input under the chart, without the server.

    Parameters
    ----------
    curve : as for `value_curve`; optional ``reading``, a sentence that is shown when the cut is there.
    points, title : as for `value_curve`.
    cut : the share acted on where the hand starts.
    best : the share acted on at the optimum of this very curve: there a reading is said to be in-sample.
    """
    thin = thinned(curve, currency)
    axes = axes_of(thin, points, currency, title, reach(thin, points, BESIDE))
    layers = [*lines(thin, axes), *named(points, thin, currency, axes)]
    return alt.layer(*layers, *hand(stepped(curve, currency, cut, best), cut, axes)).properties(height=HEIGHT)


def lines(curve: pd.DataFrame, axes: Axes) -> list[alt.Chart]:
    """The curve with its band, and the line at zero."""
    base = alt.Chart(curve).encode(x=axes.x)
    layers = [coloured(alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(strokeWidth=1).encode(y=axes.y), "today")]
    if {"low", "high"} <= set(curve):
        layers.append(coloured(base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q"), y2="high:Q"), "model"))
    tip = [alt.Tooltip("Acted on:N"), alt.Tooltip("Value:N")]
    layers.append(coloured(base.mark_line(strokeWidth=2.5).encode(y=axes.y, tooltip=tip), "model"))
    return layers


def reach(curve: pd.DataFrame, points: pd.DataFrame, room: float) -> float:
    """How far right the picture goes, as a share of rows: to all of them, unless the curve ends long before."""
    furthest = float(max(curve["share_acted"].max(), points["share_acted"].max() if len(points) else 0.0))
    return min(1.0, furthest * room) or 1.0


def axes_of(curve: pd.DataFrame, points: pd.DataFrame, currency: str, title: str, across: float) -> Axes:
    """Axes that hold the curve, its band and its points, with room above for names."""
    columns = [name for name in ("low", "value", "high") if name in curve]
    marks = [0.0, *points["value"].tolist()]
    low, high = min(*marks, curve[columns].min().min()), max(*marks, curve[columns].max().max())
    pad = (high - low or 1.0) * 0.06
    ends = (float(low - (pad if low < 0 else 0.0)), float(high + pad * 3))
    x_axis = axis(format=".1~%", grid=False, tickCount=6)
    x_scale = alt.Scale(domain=[0, across], nice=False)
    x = alt.X("share_acted:Q", title="Share of rows acted on", axis=x_axis, scale=x_scale)
    y_axis = axis(labelExpr=money_axis(currency), tickCount=6)
    y = alt.Y("value:Q", title=title, axis=y_axis, scale=alt.Scale(domain=list(ends), nice=False))
    return Axes(x, y, across, ends)


def bar_ends(spread: Interval | None) -> pd.DataFrame:
    """The ends of the bar at the cut, for the axis to hold."""
    ends = [spread.low, spread.high] if spread is not None and math.isfinite(spread.low) else []
    return pd.DataFrame({"value": ends}, dtype=float)


def thinned(curve: pd.DataFrame, currency: str) -> pd.DataFrame:
    """At most `MAX_POINTS` rows of a curve, its ends and its top kept, with the words for tooltips."""
    if len(curve) > MAX_POINTS:
        step = (len(curve) - 1) / (MAX_POINTS - 2)
        keep = {round(i * step) for i in range(MAX_POINTS - 1)} | {int(curve["value"].to_numpy().argmax())}
        curve = curve.iloc[sorted(keep)]
    return worded(curve.reset_index(drop=True), currency)


def stepped(curve: pd.DataFrame, currency: str, start: float = 0.0, best: float | None = None) -> pd.DataFrame:
    """The cuts that a hand can choose: steps of even width, named by ``position``, the percentage acted on.

    The step nearest to ``start`` is exactly that cut, the one nearest to ``best`` that one; ``basis`` says whether a
    reading is in-sample.
    """
    top = 100 * float(curve["share_acted"].iloc[-1])
    step = 0.1 if top <= 20 else 0.5
    positions = [round(step * i, 1) for i in range(int(top / step) + 1)]
    places = [nearest(curve, position / 100) for position in positions]
    for exact in (start if best is None else best, start):
        places[min(range(len(positions)), key=lambda i: abs(positions[i] - 100 * exact))] = nearest(curve, exact)
    top = None if best is None else nearest(curve, best)
    basis = [IN_SAMPLE if place == top else OUT_OF_FOLD for place in places]
    rows = curve.iloc[places].assign(position=positions, basis=basis)
    return worded(rows.reset_index(drop=True), currency)


def worded(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The rows with columns ``Acted on`` and ``Value`` in words."""
    values = [money(value, currency) for value in rows["value"]]
    return rows.assign(**{"Acted on": rows["share_acted"].map(share), "Value": values})


def nearest(curve: pd.DataFrame, cut: float) -> int:
    """The position on the curve that is nearest to a share acted on."""
    return int((curve["share_acted"] - cut).abs().to_numpy().argmin())


def chosen(curve: pd.DataFrame, cut: float, spread: Interval | None, axes: Axes) -> list[alt.Chart]:
    """The gold rule, the place where it meets the curve, and the interval there."""
    at = coloured(alt.Chart(curve.iloc[[nearest(curve, cut)]]).encode(x=axes.x), "cut")
    layers = [at.mark_rule(strokeWidth=2.5), at.mark_point(size=110, filled=True, opacity=1).encode(y=axes.y)]
    if spread is not None and math.isfinite(spread.low):
        ends = pd.DataFrame({"share_acted": [cut], "bottom": [spread.low], "top": [spread.high]})
        bar = coloured(alt.Chart(ends).encode(x=axes.x), "model").mark_rule(strokeWidth=9, opacity=0.35)
        layers.insert(0, bar.encode(y=alt.Y("bottom:Q"), y2="top:Q"))
    return layers


def hand(curve: pd.DataFrame, cut: float, axes: Axes) -> list[alt.Chart]:
    """The gold rule that a hand moves: with the pointer over the chart, or with the range input under it."""
    positions = curve["position"]
    step = float(positions.iloc[1] - positions.iloc[0]) if len(positions) > 1 else 1.0
    slider = alt.binding_range(min=0, max=float(positions.iloc[-1]), step=step, name="Act on this share, in % ")
    start = [{"position": float(positions.iloc[nearest(curve, cut)])}]
    cursor = alt.selection_point(
        "cut", fields=["position"], bind=slider, nearest=True, on="pointermove", clear=False, value=start
    )
    base = alt.Chart(curve).encode(x=axes.x)
    at = coloured(base.transform_filter(cursor), "cut")
    targets = base.mark_point(opacity=0, size=1).encode(y=axes.y, tooltip=alt.value(None)).add_params(cursor)
    layers = [targets, at.mark_rule(strokeWidth=2.5), at.mark_point(size=110, filled=True, opacity=1).encode(y=axes.y)]
    if "reading" in curve:
        base = alt.Chart(curve).transform_filter(cursor).encode(x=alt.value(0), y=alt.value(0))
        text = base.mark_text(align="left", baseline="bottom", fontSize=13, fontWeight=600, dy=-22)
        under = base.mark_text(align="left", baseline="bottom", fontSize=12, dy=-6)
        layers.append(coloured(text.encode(text="reading:N"), "model"))
        layers.append(coloured(under.encode(text="basis:N"), "today"))
    return layers


def standing(cut: float | None, axes: Axes) -> pd.DataFrame:
    """Places along the gold rule, which names keep off."""
    if cut is None:
        return pd.DataFrame(columns=["share_acted", "value"], dtype=float)
    low, high = axes.ends
    return pd.DataFrame({"share_acted": cut, "value": [low + (high - low) * i / 60 for i in range(61)]})


def named(points: pd.DataFrame, curve: pd.DataFrame, currency: str, axes: Axes) -> list[alt.Chart]:
    """Points with their names beside them, and lines that lead from one to the other."""
    if points.empty:
        return []
    short = {"share_acted": "x", "value": "y"}
    line = curve.rename(columns=short)[["x", "y"]]
    points = points.assign(full=points["name"], name=points["name"].map(shortened))
    zero = pd.DataFrame({"x": [axes.across * i / 50 for i in range(51)], "y": 0.0})
    spots = placed(points.rename(columns=short), pd.concat([line, zero]), (0.0, axes.across), axes.ends, PLOT_HEIGHT)
    spots = worded(spots.rename(columns={"x": "share_acted", "y": "value"}), currency)
    base = coloured(alt.Chart(spots).encode(x=axes.x))
    label_y = alt.Y("label_y:Q", scale=alt.Scale(domain=list(axes.ends), nice=False))
    leaders = base.transform_filter("datum.led").mark_rule(strokeWidth=1, opacity=0.6).encode(y=axes.y, y2="label_y:Q")
    tip = [alt.Tooltip("full:N", title="Point"), alt.Tooltip("Acted on:N"), alt.Tooltip("Value:N")]
    dots = base.mark_point(size=80, filled=True, opacity=1).encode(y=axes.y, tooltip=tip)
    texts = [
        base.transform_filter(alt.datum.side == side)
        .mark_text(align=align, dx=dx, fontSize=12)
        .encode(y=label_y, text="name:N")
        for side, align, dx in (("right", "left", 8), ("left", "right", -8))
    ]
    return [leaders, dots, *texts]


def shortened(name: str) -> str:
    """A name that fits beside its point on a phone; the tooltip has all of it."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
