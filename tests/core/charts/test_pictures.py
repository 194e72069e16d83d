import numpy as np
import pandas as pd
import pytest
import vl_convert

from core import charts
from core.charts.comparison import before_after
from core.charts.contributions import running

RATES = pd.DataFrame({"false_positive_rate": [0.0, 0.2, 1.0], "true_positive_rate": [0.0, 0.7, 1.0]})
BINS = pd.DataFrame(
    {
        "low": [0.0, 0.5, 0.0, 0.5],
        "high": [0.5, 1.0, 0.5, 1.0],
        "share": [0.2, 0.8, 0.9, 0.1],
        "outcome": ["was late", "was late", "was on time", "was on time"],
        "colour": ["model", "model", "today", "today"],
    }
)
STEPS = pd.DataFrame({"label": [f"{name} = 3" for name in "abcdef"], "contribution": np.linspace(1.3, -1, 6)})
BINS_OF = {"n": [5, 4, 3], "mean": [0.1, 0.4, -0.2], "lower": [0, 0.2, -0.5], "upper": [0.2, 0.5, 0.1]}


def picture(chart, dark=False):
    return vl_convert.vegalite_to_svg({**chart.to_dict(), "config": charts.paper(dark)})


def all_charts():
    board = pd.DataFrame(
        {"name": ["boosted trees", "constant"], "value": [0.75, 0.5], "low": [0.74, 0.5], "high": [0.76, 0.5]}
    )
    gates = pd.DataFrame({"title": ["Beats today"], "status": ["pass"], "text": ["€2 k"], "at_most": [False]})
    top = pd.DataFrame({"column": ["origin", "wind"], "value": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]})
    numbers = pd.DataFrame({"label": [1.0, 2.5, None], **BINS_OF})
    levels = pd.DataFrame({"label": ["EWR", "JFK", None], **BINS_OF})
    return {
        "roc": charts.roc_curve(RATES, 0.2),
        "pr": charts.pr_curve(pd.DataFrame({"recall": [0, 1], "precision": [0.9, 0.1]}), 0.1, 0.5),
        "scores": charts.score_distribution(BINS, 0.4),
        "confusion": charts.confusion_matrix(12, 34, 8, 600),
        "leaderboard": charts.leaderboard(board.assign(colour=["model", "today"]), "ROC AUC", chance=0.5),
        "gates": charts.gate_intervals(gates.assign(value=2e3, low=1e3, high=3e3, bar=0.0)),
        "importance": charts.importance(top.assign(direction=[1, -1])),
        "dependence": charts.dependence(numbers, "wind", categorical=False),
        "levels": charts.dependence(levels, "origin", categorical=True),
        "waterfall": charts.waterfall(STEPS, -2.0),
        "before and after": before_after([("up to 3", 0.2, 0.1), ("above 3", 0.8, 0.9)], "age"),
    }


@pytest.mark.parametrize("name", all_charts())
@pytest.mark.parametrize("dark", [False, True])
def test_no_mark_is_left_black_so_none_vanishes_on_dark(name, dark):
    drawn = picture(all_charts()[name], dark)
    for black in ('"black"', '"#000"', '"#000000"'):
        assert f"fill={black}" not in drawn
        assert f"stroke={black}" not in drawn


def test_the_confusion_matrix_says_every_count_and_what_it_means():
    drawn = picture(all_charts()["confusion"]).replace("\u00a0", " ")
    for text in (">12<", ">34<", ">8<", ">600<", ">missed<", "acted on", "was negative"):
        assert text in drawn


def test_a_waterfall_starts_at_the_base_and_ends_at_the_margin():
    bars = running(STEPS, -2.0)
    assert bars["end"].iloc[0] == -2.0
    assert bars["end"].iloc[-1] == pytest.approx(-2.0 + STEPS["contribution"].sum())
    assert bars["start"].iloc[1:-1].tolist() == pytest.approx(bars["end"].iloc[:-2].tolist())
    assert bars["text"].iloc[1] == "+1.3"


def test_missing_values_are_drawn_and_named():
    for name, word in (("dependence", ">missing<"), ("levels", ">(missing)<")):
        assert word in picture(all_charts()[name])


def test_before_and_after_keep_bars_of_their_own_when_long_names_are_cut_alike():
    cells = [(f"{'a long level ' * 3}{n}", 0.5, 0.5) for n in range(2)]
    shown = {row["shown"] for rows in before_after(cells, "x").to_dict()["datasets"].values() for row in rows}
    assert len(shown) == 2


def test_a_gate_that_clears_lies_right_of_its_bar_whichever_way_it_counts():
    rows = pd.DataFrame(
        [("Recall", "pass", 0.3, 0.2, 0.4, 0.1, False, ""), ("Latency", "fail", 80, 70, 90, 50, True, "")],
        columns=["title", "status", "value", "low", "high", "bar", "at_most", "text"],
    )
    specification = charts.gate_intervals(rows).to_dict()
    drawn = next(rows for rows in specification["datasets"].values() if "left" in rows[0])
    assert [row["left"] > 0 for row in drawn] == [True, False]
    assert [row["right"] > 0 for row in drawn] == [True, False]
