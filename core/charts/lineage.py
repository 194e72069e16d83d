"""Where tables and columns come from: loaded tables on the left, each step to the right of what it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from core.charts.meaning import coloured
from core.prepare import ColumnEdge

__all__ = ["Place", "SELECTED", "column_lineage", "column_path", "lineage", "path_in_words"]

ROW_HEIGHT, LINE_HEIGHT, BOX_GAP = 44, 17, 14
PADDING = 22  # Streamlit takes this off a chart's height, so that all of it fits
BOX = 0.84
MOST_SHOWN = 40
SELECTED = "column"
Place = tuple[str, str]
"""A column: the name of its table or step, and its own."""


@dataclass(frozen=True, slots=True)
class Scales:
    """The axes that all layers of one picture share, and the room there is for a name."""

    depth: int
    height: float

    def x(self, field: str = "x") -> alt.X:
        """Across: one unit for each layer."""
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-0.5, self.depth - 0.5], nice=False), axis=None)

    def y(self, field: str = "y") -> alt.Y:
        """Down, in pixels."""
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[self.height, 0], nice=False), axis=None)

    def room(self) -> alt.ExprRef:
        """How many pixels of a box a name may take, however wide the page is."""
        return alt.ExprRef(f"width * {BOX / self.depth} - 12")


def lineage(edges: Sequence[tuple[str, str]]) -> alt.LayerChart:
    """Boxes for tables and steps, with a line from each to what reads it.

    Parameters
    ----------
    edges : (from, to) names; ``from`` is a loaded table or a step, ``to`` a step.
    """
    layer = _layers(edges)
    steps = {target for _, target in edges}
    tallest = max((list(layer.values()).count(one) for one in layer.values()), default=1)
    boxes = []
    for depth in sorted(set(layer.values())):
        here = [name for name in layer if layer[name] == depth]
        for position, name in enumerate(here):
            middle = (position + (tallest - len(here)) / 2 + 0.5) * ROW_HEIGHT + 6
            boxes.append(_box(name, depth, middle - 0.32 * ROW_HEIGHT, middle + 0.32 * ROW_HEIGHT, name in steps))
    drawn = pd.DataFrame(boxes)
    place = {box["name"]: box for box in boxes}
    lines = [
        {"edge": number, "order": order, "x": x, "y": y, "colour": "today", "opacity": 0.6}
        for number, (source, target) in enumerate(edges)
        for order, (x, y) in enumerate(_bend(place[source], place[target]))
    ]
    scales = Scales(max(layer.values(), default=0) + 1, max(tallest * ROW_HEIGHT + 12, 80))
    words = coloured(
        alt.Chart(drawn)
        .mark_text(fontSize=12, fontWeight="bold", limit=scales.room())
        .encode(x=scales.x("middle"), y=scales.y("centre"), text="name:N", tooltip=_tooltip("name", "kind"))
    )
    return alt.layer(_lines(lines, scales), _shapes(drawn, scales), words).properties(height=scales.height + PADDING)


def column_lineage(edges: Sequence[ColumnEdge], chosen: Place | None = None) -> alt.LayerChart:
    """Every table and step with its columns, and lines from each column to those it is made from.

    A click on a column's name selects it, as ``relation`` and ``name`` of the selection `SELECTED`. With more columns
    in one box than fit a page (40), only the path of the chosen one is drawn.

    Parameters
    ----------
    edges : of a `Lineage`, not empty.
    chosen : the column whose path is told from the others.
    """
    path = set(column_path(edges, chosen)) if chosen else set()
    if path and max(map(len, _columns(edges).values())) > MOST_SHOWN:
        edges = [edge for edge in edges if edge in path]
    columns = _columns(edges)
    layer = _layers(list(dict.fromkeys((edge.source_table, edge.step) for edge in edges)))
    steps = {edge.step for edge in edges}
    on_path = {end for edge in path for end in _ends(edge)} | ({chosen} if chosen else set())
    boxes, rows, tops = [], [], dict.fromkeys(layer.values(), 0.0)
    for relation, depth in layer.items():
        shown, top = columns[relation][:MOST_SHOWN], tops[depth]
        hidden = len(columns[relation]) - len(shown)
        bottom = top + (len(shown) + 1.6 + bool(hidden)) * LINE_HEIGHT
        tops[depth] = bottom + BOX_GAP
        boxes.append(_box(relation, depth, top, bottom, relation in steps))
        rows += [_row(relation, name, at, boxes[-1], on_path) for at, name in enumerate(shown)]
        if hidden:
            rows.append(_row(relation, f"and {hidden} more", len(shown), boxes[-1], set()))
    scales = Scales(max(layer.values(), default=0) + 1, max(tops.values()) - BOX_GAP + 2)
    lines = _column_lines(edges, {(row["relation"], row["name"]): row for row in rows}, path)
    return alt.layer(
        _shapes(pd.DataFrame(boxes), scales),
        _lines(lines, scales),
        _titles(pd.DataFrame(boxes), scales),
        _names(pd.DataFrame(rows), scales),
    ).properties(height=scales.height + PADDING)


def column_path(edges: Sequence[ColumnEdge], chosen: Place) -> tuple[ColumnEdge, ...]:
    """Return the edges that lead to a column and those that lead on from it, in the order given."""
    found = set()
    for start, end in ((0, 1), (1, 0)):
        wanted, seen = [chosen], set()
        while wanted:
            here = wanted.pop()
            if here in seen:
                continue
            seen.add(here)
            for edge in edges:
                ends = _ends(edge)
                if ends[end] == here:
                    found.add(edge)
                    wanted.append(ends[start])
    return tuple(edge for edge in edges if edge in found)


def path_in_words(edges: Sequence[ColumnEdge], chosen: Place) -> str:
    """Return where a column comes from, for those who do not see the picture."""
    said = []
    for edge in reversed(column_path(edges, chosen)):
        words = f"{edge.step}.{edge.column} is made from"
        sources = [
            f"{other.source_table}.{other.source_column}" for other in edges if _ends(other)[1] == _ends(edge)[1]
        ]
        sentence = f"{words} {', '.join(sources)}"
        if sentence not in said:
            said.append(sentence)
    return "; ".join(said) or f"{'.'.join(chosen)} is made from no column"


def _ends(edge: ColumnEdge) -> tuple[Place, Place]:
    return (edge.source_table, edge.source_column), (edge.step, edge.column)


def _columns(edges: Sequence[ColumnEdge]) -> Mapping[str, list[str]]:
    """Return the columns of each relation, those of a step in the order it yields them."""
    found: dict[str, list[str]] = {}
    for place in [_ends(edge)[1] for edge in edges] + [_ends(edge)[0] for edge in edges]:
        names = found.setdefault(place[0], [])
        if place[1] not in names:
            names.append(place[1])
    return found


def _layers(edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Give every name a layer: steps right of all they read, tables just left of their first reader."""
    names = list(dict.fromkeys([name for edge in edges for name in edge]))
    layer = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            layer[target] = max(layer[target], layer[source] + 1)
    steps = {target for _, target in edges}
    for name in names:
        if name not in steps:
            layer[name] = min(layer[target] for source, target in edges if source == name) - 1
    return layer


def _box(name: str, depth: int, top: float, bottom: float, is_step: bool) -> dict[str, object]:
    return {
        "name": name,
        "kind": "Step" if is_step else "Loaded table",
        "colour": "model" if is_step else "today",
        "left": depth - BOX / 2,
        "middle": float(depth),
        "right": depth + BOX / 2,
        "top": top,
        "centre": (top + bottom) / 2,
        "bottom": bottom,
    }


def _row(relation: str, name: str, at: int, box: Mapping[str, object], on_path: set[Place]) -> dict[str, object]:
    marked = (relation, name) in on_path
    return {
        "relation": relation,
        "name": name,
        "colour": "model" if marked else "today",
        "weight": "bold" if marked else "normal",
        "left": box["left"],
        "start": box["left"] + 0.03,
        "right": box["right"],
        "y": box["top"] + (at + 1.75) * LINE_HEIGHT,
        "centre": box["top"] + (at + 1.75) * LINE_HEIGHT,
    }


def _column_lines(
    edges: Sequence[ColumnEdge], place: Mapping[Place, Mapping[str, object]], path: set[ColumnEdge]
) -> list[dict[str, object]]:
    lines = []
    for number, edge in enumerate(sorted(edges, key=path.__contains__)):  # the path is drawn over the others
        source, target = (place.get(end) for end in _ends(edge))
        if source and target:
            look = {"colour": "model" if edge in path else "today", "opacity": 1.0 if edge in path else 0.25}
            for order, (x, y) in enumerate(_bend(source, target)):
                lines.append({"edge": number, "order": order, "x": x, "y": y, **look})
    return lines


def _bend(source: Mapping[str, float], target: Mapping[str, float]) -> list[tuple[float, float]]:
    """A line that leaves a box to the right and enters the next from the left."""
    x0, x1 = source["right"], target["left"]
    middle = (x0 + x1) / 2
    return [(x0, source["centre"]), (middle, source["centre"]), (middle, target["centre"]), (x1, target["centre"])]


def _lines(lines: Sequence[Mapping[str, object]], scales: Scales) -> alt.Chart:
    data = pd.DataFrame(lines, columns=["edge", "order", "x", "y", "colour", "opacity"])
    return coloured(
        alt.Chart(data)
        .mark_line(interpolate="basis", strokeWidth=1.5)
        .encode(
            x=scales.x(),
            y=scales.y(),
            detail="edge:N",
            order="order:Q",
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
        )
    )


def _shapes(boxes: pd.DataFrame, scales: Scales) -> alt.Chart:
    return coloured(
        alt.Chart(boxes)
        .mark_rect(cornerRadius=5, fillOpacity=0.1, strokeWidth=1.2)
        .encode(
            x=scales.x("left"),
            x2="right:Q",
            y=scales.y("top"),
            y2="bottom:Q",
            stroke=alt.Stroke("colour:N", scale=alt.Scale(domain=["model", "today"]), legend=None),
            tooltip=_tooltip("name", "kind"),
        )
    )


def _titles(boxes: pd.DataFrame, scales: Scales) -> alt.Chart:
    placed = boxes.assign(y=boxes["top"] + 0.8 * LINE_HEIGHT)
    words = alt.Chart(placed).mark_text(fontSize=12, fontWeight="bold", limit=scales.room())
    return coloured(words.encode(x=scales.x("middle"), y=scales.y(), text="name:N", tooltip=_tooltip("name", "kind")))


def _names(rows: pd.DataFrame, scales: Scales) -> alt.Chart:
    words = alt.Chart(rows).mark_text(
        fontSize=11, align="left", fontWeight=alt.ExprRef("datum.weight"), limit=scales.room(), cursor="pointer"
    )
    drawn = words.encode(
        x=scales.x("start"),
        y=scales.y(),
        text="name:N",
        detail="relation:N",
        tooltip=_tooltip("name", "relation"),
    )
    click = alt.selection_point(name=SELECTED, fields=["relation", "name"], on="click", empty=False, toggle=False)
    return coloured(drawn).add_params(click)


def _tooltip(name: str, kind: str) -> list[alt.Tooltip]:
    words = {"kind": "What it is", "relation": "Of"}
    return [alt.Tooltip(f"{name}:N", title="Name"), alt.Tooltip(f"{kind}:N", title=words[kind])]
