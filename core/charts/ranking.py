"""How well a score ranks: ROC and precision–recall curves, the score by outcome, and the confusion matrix at a cut."""

import altair as alt
import pandas as pd

from core.charts.meaning import axis, coloured
from core.charts.numbers import count, share

__all__ = ["confusion_matrix", "pr_curve", "roc_curve", "score_distribution"]

PERCENT = alt.Scale(domain=[0, 1], nice=False)
PLAIN = {"domain": False, "ticks": False, "labelFontSize": 12, "labelOverlap": False}


def roc_curve(curve: pd.DataFrame, cut: float | None = None, height: int = 280) -> alt.LayerChart:
    """Positives found against negatives acted on wrongly.

    Parameters
    ----------
    curve : columns ``false_positive_rate`` and ``true_positive_rate``, at most 5,000 rows.
    cut : the false positive rate at the chosen cut.
    """
    drawn = curve.rename(columns={"false_positive_rate": "x", "true_positive_rate": "y"})
    chance = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})
    return lines(drawn, chance, ("Share of negatives acted on", "Share of positives acted on"), cut, height)


def pr_curve(curve: pd.DataFrame, base_rate: float, cut: float | None = None, height: int = 280) -> alt.LayerChart:
    """How often an act is right against how many positives are found.

    Parameters
    ----------
    curve : columns ``recall`` and ``precision``, at most 5,000 rows.
    base_rate : the share of positives: precision when acting at random.
    cut : the recall at the chosen cut.
    """
    drawn = curve.rename(columns={"recall": "x", "precision": "y"})
    chance = pd.DataFrame({"x": [0.0, 1.0], "y": [base_rate, base_rate]})
    return lines(drawn, chance, ("Recall: share of positives acted on", "Precision: share of acts right"), cut, height)


def lines(
    curve: pd.DataFrame, chance: pd.DataFrame, titles: tuple[str, str], cut: float | None, height: int
) -> alt.LayerChart:
    """The model in blue, chance in gray and dashed, the cut in gold; columns ``x`` and ``y`` in [0, 1]."""
    x = alt.X("x:Q", title=titles[0], axis=axis(format=".0%", grid=False, tickCount=5), scale=PERCENT)
    y = alt.Y("y:Q", title=titles[1], axis=axis(format=".0%", tickCount=5), scale=PERCENT)
    drawn = [
        coloured(alt.Chart(chance).mark_line(strokeDash=[4, 4], strokeWidth=1.5).encode(x=x, y=y), "today"),
        coloured(alt.Chart(curve).mark_line(strokeWidth=2.5).encode(x=x, y=y), "model"),
    ]
    if cut is not None:
        nearest = curve.iloc[[int((curve["x"] - cut).abs().to_numpy().argmin())]]
        at = coloured(alt.Chart(nearest).encode(x=x), "cut")
        drawn += [at.mark_rule(strokeWidth=2), at.mark_point(size=90, filled=True, opacity=1).encode(y=y)]
    return alt.layer(*drawn).properties(height=height)


def score_distribution(bins: pd.DataFrame, cut: float | None = None, height: int = 240) -> alt.LayerChart:
    """Where positives and negatives score, each as a share of its own rows.

    Parameters
    ----------
    bins : columns ``low``, ``high`` (score), ``outcome`` (words), ``colour`` (a meaning) and ``share`` (of that
        outcome's rows).
    cut : the chosen threshold.
    """
    bins = bins.reset_index(drop=True)
    scores = [f"{low:.3g} to {high:.3g}" for low, high in zip(bins["low"], bins["high"], strict=True)]
    bins = bins.assign(Share=bins["share"].map(share), Score=scores)
    ends = alt.Scale(domain=[0, max(float(bins["high"].max()), cut or 0.0)], nice=False)
    x = alt.X("low:Q", title="Score", scale=ends, axis=axis(grid=False, tickCount=6))
    up = alt.Scale(domain=[0, float(bins["share"].max()) * 1.2 or 1.0], nice=False)
    y = alt.Y(
        "share:Q", stack=None, scale=up, title="Share of each outcome's rows", axis=axis(format=".0%", tickCount=4)
    )
    areas = alt.Chart(bins).mark_area(interpolate="step-after", opacity=0.35, line={"strokeWidth": 2})
    layers = [coloured(areas.encode(x=x, y=y, tooltip=["outcome:N", "Score:N", "Share:N"]))]
    peaks = bins.loc[bins.groupby("outcome", sort=False)["share"].idxmax()]
    layers.append(
        coloured(
            alt.Chart(peaks)
            .mark_text(align="left", dx=4, dy=-9, fontSize=12)
            .encode(x=x, y="share:Q", text="outcome:N")
        )
    )
    if cut is not None:
        at = alt.Chart(pd.DataFrame({"low": [cut]})).mark_rule(strokeWidth=2.5).encode(x=x)
        layers.append(coloured(at, "cut"))
    return alt.layer(*layers).properties(height=height)


def confusion_matrix(tp: float, fp: float, fn: float, tn: float, height: int = 200) -> alt.LayerChart:
    """Four counts: what was done against what was so; right in green, wrong in red, the deeper the more rows."""
    total = max(tp + fp + fn + tn, 1)
    rows = [
        ("acted on", "was positive", tp, "pass", "right"),
        ("acted on", "was negative", fp, "fail", "wrong"),
        ("left", "was positive", fn, "fail", "missed"),
        ("left", "was negative", tn, "pass", "right"),
    ]
    cells = pd.DataFrame(rows, columns=["action", "outcome", "n", "colour", "word"])
    shares = [share(n / total) for n in cells["n"]]
    cells = cells.assign(**{"Rows": cells["n"].map(count), "Of all rows": shares})
    across = alt.X("action:N", title=None, sort=["acted on", "left"], axis=axis(orient="top", labelAngle=0, **PLAIN))
    down = alt.Y("outcome:N", title=None, sort=["was positive", "was negative"], axis=axis(**PLAIN))
    depth = alt.Opacity("n:Q", legend=None, scale=alt.Scale(domain=[0, total], range=[0.06, 0.24]))
    tip = ["action:N", "outcome:N", "Rows:N", "Of all rows:N"]
    base = alt.Chart(cells).encode(x=across, y=down, tooltip=tip)
    tiles = coloured(base.mark_rect(cornerRadius=6).encode(opacity=depth))
    large = coloured(base.mark_text(fontSize=16, fontWeight=600, dy=-9).encode(text="Rows:N"))
    small = coloured(base.mark_text(fontSize=12, dy=12).encode(text="word:N"), "today")
    return alt.layer(tiles, large, small).properties(height=height)
