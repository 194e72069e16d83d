"""Where tables come from: loaded tables on the left, each step to the right of what it reads."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.meaning import coloured

__all__ = ["lineage"]

ROW_HEIGHT = 44
WIDTH = 24
LETTERS = 18


def lineage(edges: Sequence[tuple[str, str]]) -> alt.LayerChart:
    """Boxes for tables and steps, with a line from each to what reads it.

    Parameters
    ----------
    edges : (from, to) names; ``from`` is a loaded table or a step, ``to`` a step.
    """
    boxes = _placed(edges)
    place = {row.name: row for row in boxes.itertuples()}
    lines = [
        {"edge": number, "x": x, "y": y, "colour": "today", "order": order}
        for number, (source, target) in enumerate(edges)
        for order, (x, y) in enumerate(_bend(place[source], place[target]))
    ]
    depth, height = int(boxes["layer"].max()) + 1, int(boxes["slot"].max() + 1) * ROW_HEIGHT + 12
    x_scale = alt.Scale(domain=[-0.5, depth - 0.5], nice=False)
    y_scale = alt.Scale(domain=[boxes["slot"].max() + 0.6, -0.6], nice=False)
    x = alt.X("x:Q", scale=x_scale, axis=None)
    y = alt.Y("y:Q", scale=y_scale, axis=None)
    links = coloured(
        alt.Chart(pd.DataFrame(lines, columns=["edge", "x", "y", "colour", "order"]))
        .mark_line(interpolate="basis", strokeWidth=1.5, opacity=0.6)
        .encode(x=x, y=y, detail="edge:N", order="order:Q")
    )
    shapes = coloured(
        alt.Chart(boxes)
        .mark_rect(cornerRadius=5, fillOpacity=0.12, strokeWidth=1.2)
        .encode(
            x=alt.X("left:Q", scale=x_scale, axis=None),
            x2="right:Q",
            y=alt.Y("top:Q", scale=y_scale, axis=None),
            y2="bottom:Q",
            stroke=alt.Stroke("colour:N", scale=alt.Scale(domain=["model", "today"]), legend=None),
            tooltip=[alt.Tooltip("name:N", title="Name"), alt.Tooltip("kind:N", title="What it is")],
        )
    )
    words = coloured(
        alt.Chart(boxes).mark_text(fontSize=12, fontWeight="bold").encode(x=x, y=y, text="short:N", tooltip="name:N")
    )
    return alt.layer(links, shapes, words).properties(height=max(height, 120))


def _placed(edges: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Give every name a layer and a slot: steps right of all they read, tables just left of their first reader."""
    names = list(dict.fromkeys([name for edge in edges for name in edge]))
    layer = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            layer[target] = max(layer[target], layer[source] + 1)
    steps = {target for _, target in edges}
    for name in names:
        if name not in steps:
            layer[name] = min(layer[target] for source, target in edges if source == name) - 1
    tallest = max((list(layer.values()).count(one) for one in layer.values()), default=1)
    rows = []
    for depth in sorted(set(layer.values())):
        here = [name for name in names if layer[name] == depth]
        offset = (tallest - len(here)) / 2
        for position, name in enumerate(here):
            rows.append((name, depth, position + offset, name in steps))
    found = pd.DataFrame(rows, columns=["name", "layer", "slot", "step"])
    found["x"], found["y"] = found["layer"].astype(float), found["slot"]
    found["left"], found["right"] = found["x"] - 0.38, found["x"] + 0.38
    found["top"], found["bottom"] = found["y"] - 0.32, found["y"] + 0.32
    found["colour"] = found["step"].map({True: "model", False: "today"})
    found["kind"] = found["step"].map({True: "Step", False: "Loaded table"})
    found["short"] = [name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…" for name in found["name"]]
    return found


def _bend(source: object, target: object) -> list[tuple[float, float]]:
    """A line that leaves a box to the right and enters the next from the left."""
    x0, x1 = source.right, target.left
    middle = (x0 + x1) / 2
    return [(x0, source.y), (middle, source.y), (middle, target.y), (x1, target.y)]
