"""The value curve of a run, as money per year against today."""


import numpy as np
import pandas as pd

from core import flow
from core.charts import money, number, share
from core.frame import Economics
from core.threshold import ValueCurve

ALWAYS = {"none": "Act on none", "all": "Act on all"}


def curve(view: flow.ThresholdView, economics: Economics) -> pd.DataFrame:
    """Money at every cut within the capacity.

    Returns
    -------
    Columns ``share_acted`` ascending, ``value`` (currency per year against today, after running costs), ``threshold``,
    ``precision`` and ``reading`` (what a cut brings, as a sentence).
    """
    return _framed(view, view.within, economics)


def beyond(view: flow.ThresholdView, economics: Economics) -> pd.DataFrame | None:
    """Money at every cut if there were no capacity; None where there is none."""
    if economics.capacity is None or economics.base_rate is not None:
        return None
    return _framed(view, view.curve, economics)


def points(view: flow.ThresholdView, economics: Economics) -> pd.DataFrame:
    """The ways to act that have a name: columns ``name``, ``share_acted``, ``value`` and ``colour``."""
    rows = []
    for point in view.points:
        mine = point.kind in ("optimum", "capacity")
        cost = economics.run_cost_per_year if mine else 0.0
        worth = _per_year(point.value - view.today.value, view, economics) - cost
        rows.append((_name(point, economics), point.n_acted / view.n_rows, worth, "model" if mine else "today"))
    return pd.DataFrame(rows, columns=["name", "share_acted", "value", "colour"])


def cuts(curve: pd.DataFrame) -> dict[float, str]:
    """The thresholds that can be chosen, each in words; from acting on none to acting on all there is room for."""
    found: dict[str, float] = {}
    for row in curve.drop_duplicates("share_acted").itertuples():
        word = f"act on {100 * row.share_acted:.2f} %" if row.share_acted > 0 else "act on none"
        found[word if word not in found else f"act on {100 * row.share_acted:.5f} %"] = row.threshold
    return {cut: word for word, cut in found.items()}


def nearest(options: dict[float, str], threshold: float) -> float:
    """The option that acts as a threshold does, or nearly: the lowest one not below it."""
    above = [cut for cut in options if cut >= threshold]
    return min(above) if above else min(options)


def described(view: flow.ThresholdView, curve: pd.DataFrame, economics: Economics) -> str:
    """What the curve means, for a reader who cannot see it."""
    top = curve.loc[curve["value"].idxmax()]
    return (
        f"Net value per year against {view.today.name}: it rises to {money(top['value'], economics.currency)} when "
        f"acting on {share(top['share_acted'])} of rows and is {money(curve['value'].iloc[-1], economics.currency)} at "
        f"{share(curve['share_acted'].iloc[-1])}."
    )


def _name(point: flow.Point, economics: Economics) -> str:
    if point.kind == "optimum":
        return "Best on these rows (in-sample)"
    if point.kind == "capacity" and economics.capacity:
        return f"Capacity: {economics.capacity.n_actions:,} per {economics.capacity.period}"
    return ALWAYS.get(point.kind, point.name)


def _framed(view: flow.ThresholdView, found: ValueCurve, economics: Economics) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "share_acted": found.n_acted / view.n_rows,
            "value": _per_year(found.value - view.today.value, view, economics) - economics.run_cost_per_year,
            "threshold": found.threshold,
            "precision": found.n_right / np.where(found.n_acted > 0, found.n_acted, np.nan),
        }
    )
    frame["reading"] = [
        f"Acting on {share(row.share_acted)}: {money(row.value, economics.currency)} a year, "
        f"{number(100 * row.precision)} % of acts right"
        if row.share_acted > 0
        else f"Acting on none: {money(row.value, economics.currency)} a year"
        for row in frame.itertuples()
    ]
    return frame


def _per_year(value: float, view: flow.ThresholdView, economics: Economics) -> float:
    return value / view.n_rows * economics.rows_per_year
