"""What is in a column before and after its source changed, and how far each column moved."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.meaning import axis, coloured

__all__ = ["LITTLE", "MUCH", "before_after"]

LITTLE, MUCH = 0.1, 0.25
LETTERS = 28
AROUND = 60


def before_after(cells: Sequence[tuple[str, float, float]], title: str, height_of_one: int = 34) -> alt.LayerChart:
    """Shares of rows per range or level: before in gray, after in violet below it.

    Parameters
    ----------
    cells : (range or level, share of rows before, share after), shares in [0, 1], in the order they are drawn.
    title : the column, on the axis.
    """
    shown = _distinct([what if len(what) <= LETTERS else f"{what[: LETTERS - 1]}…" for what, _, _ in cells])
    rows = [
        {"what": what, "shown": name, "when": when, "colour": colour, "share": share}
        for (what, before, after), name in zip(cells, shown, strict=True)
        for when, colour, share in (("before", "today", before), ("after", "other", after))
    ]
    y = alt.Y("shown:N", title=title, sort=None, axis=axis(grid=False, ticks=False, labelLimit=190, labelOverlap=False))
    bars = coloured(alt.Chart(pd.DataFrame(rows))).mark_bar(opacity=0.8)
    bars = bars.encode(
        y=y,
        yOffset=alt.YOffset("when:N", sort=["before", "after"]),
        x=alt.X("share:Q", title="Share of rows", axis=axis(format=".0%", tickCount=4)),
        tooltip=[
            alt.Tooltip("what:N", title=title),
            alt.Tooltip("when:N", title="Load"),
            alt.Tooltip("share:Q", title="Share of rows", format=".1%"),
        ],
    )
    return alt.layer(bars).properties(height=height_of_one * len(cells) + AROUND)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that were cut alike get a number, so that they keep bars of their own."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
