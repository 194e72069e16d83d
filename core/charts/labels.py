"""Names beside points, placed so that they do not collide."""

import pandas as pd

__all__ = ["placed"]

PLOT_WIDTH = 270.0
WIDER = 3.2
LINE = 15.0
LETTER = 6.4
GAP = 8.0
NUDGES = (12.0, -12.0, *(sign * step * 7.5 for step in range(13) for sign in (1, -1)))


def placed(
    points: pd.DataFrame, curve: pd.DataFrame, x: tuple[float, float], y: tuple[float, float], height: float
) -> pd.DataFrame:
    """Points with a place for the name of each.

    Places are found on a plot as narrow as a phone's; a wider one only moves names apart.

    Parameters
    ----------
    points : columns ``x``, ``y`` and ``name``.
    curve : columns ``x`` and ``y``: a line that names keep off where they can.
    x, y : the ends of the axes.
    height : pixels of the y axis.

    Returns
    -------
    ``points`` with ``label_y`` (where the name is written, on the y axis), ``side`` ("left" or "right" of the point)
    and ``led`` (whether a line leads from the point to its name).
    """
    across, up = PLOT_WIDTH / ((x[1] - x[0]) or 1.0), height / ((y[1] - y[0]) or 1.0)
    dots = [((px - x[0]) * across, (py - y[0]) * up) for px, py in zip(points["x"], points["y"], strict=True)]
    line = [((px - x[0]) * across, (py - y[0]) * up) for px, py in zip(curve["x"], curve["y"], strict=True)]
    boxes: list[tuple[float, float, float, float]] = []
    rows = []
    for (px, py), name in zip(dots, points["name"], strict=True):
        best = min(candidates(px, py, len(name) * LETTER, height), key=lambda c: cost(c, boxes, dots, line))
        boxes.append(best[0])
        rows.append({"label_y": y[0] + best[2] / up, "side": best[1], "led": abs(best[2] - py) > LINE})
    places = pd.DataFrame(rows, columns=["label_y", "side", "led"], index=points.index)
    return points.join(places)


def candidates(
    px: float, py: float, width: float, height: float
) -> list[tuple[tuple[float, float, float, float], str, float, float]]:
    """Boxes (left, bottom, right, top) a name of that width may be written in, with side, centre and distance."""
    found = []
    for nudge in NUDGES:
        middle = py + nudge
        if not LINE / 2 <= middle <= height - LINE / 2:
            continue
        for side in ("right", "left"):
            left = px + GAP if side == "right" else px - GAP - width
            found.append(((left, middle - LINE / 2, left + width, middle + LINE / 2), side, middle, abs(nudge)))
    return found or [((px, py - LINE / 2, px + width, py + LINE / 2), "right", py, 0.0)]


def cost(
    candidate: tuple[tuple[float, float, float, float], str, float, float],
    boxes: list[tuple[float, float, float, float]],
    dots: list[tuple[float, float]],
    line: list[tuple[float, float]],
) -> float:
    """How bad a place is: other names most, then the edge, other points, the line, and distance."""
    (left, bottom, right, top), side, _, distance = candidate
    anchor = left - GAP if side == "right" else right + GAP
    over_names = sum(left < b[2] and b[0] < right and bottom < b[3] and b[1] < top for b in boxes)
    over_edge = max(0.0, -left) + max(0.0, right - PLOT_WIDTH)
    over_dots = sum(left - 5 < dx < right + 5 and bottom - 3 < dy < top + 3 for dx, dy in dots)
    over_line = sum(
        bottom < ly < top and (left < lx < right or left < anchor + (lx - anchor) * WIDER < right) for lx, ly in line
    )
    return 1000 * over_names + 20 * over_edge + 60 * over_dots + min(over_line, 10) * 3 + distance / 4
