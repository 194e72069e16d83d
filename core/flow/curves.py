"""The value curve of a run as money per year against today: one table for pages, Demo and report."""

import numpy as np
import pandas as pd

from core.charts.numbers import money, number, share
from core.flow.choosing import Point, ThresholdView
from core.frame import Economics
from core.threshold import ValueCurve

ALWAYS = {"none": "Act on none", "all": "Act on all"}


def curve_frame(view: ThresholdView, economics: Economics) -> pd.DataFrame:
    """Money at every cut within the capacity.

    Returns
    -------
    Columns ``share_acted`` ascending, ``value`` (currency per year against today, after running costs), ``threshold``,
    ``precision`` and ``reading`` (what a cut brings, as a sentence).
    """
    return _framed(view, view.within, economics)


def beyond_frame(view: ThresholdView, economics: Economics) -> pd.DataFrame | None:
    """Money at every cut if there were no capacity; None where there is none."""
    if economics.capacity is None or economics.base_rate is not None:
        return None
    return _framed(view, view.curve, economics)


def point_frame(view: ThresholdView, economics: Economics) -> pd.DataFrame:
    """The ways to act that have a name: columns ``name``, ``share_acted``, ``value`` and ``colour``."""
    rows = []
    for point in view.points:
        mine = point.kind in ("optimum", "capacity")
        cost = economics.run_cost_per_year if mine else 0.0
        worth = _per_year(point.value - view.today.value, view, economics) - cost
        rows.append((_name(point, economics), point.n_acted / view.n_rows, worth, "model" if mine else "today"))
    return pd.DataFrame(rows, columns=["name", "share_acted", "value", "colour"])


def _name(point: Point, economics: Economics) -> str:
    if point.kind == "optimum":
        return "Best on these rows (in-sample)"
    if point.kind == "capacity" and economics.capacity:
        return f"Capacity: {economics.capacity.n_actions:,} per {economics.capacity.period}"
    return ALWAYS.get(point.kind, point.name)


def _framed(view: ThresholdView, found: ValueCurve, economics: Economics) -> pd.DataFrame:
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


def _per_year(value: float, view: ThresholdView, economics: Economics) -> float:
    return value / view.n_rows * economics.rows_per_year
