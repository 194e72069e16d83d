import numpy as np
import pandas as pd
import pytest
import vl_convert

from core.charts import movable_value_curve, value_curve
from core.charts.labels import GAP, LETTER, LINE, PLOT_WIDTH, placed
from core.charts.value import thinned
from core.train.interval import Interval

SHARE = np.linspace(0, 1, 4001)
MONEY = 2.2e6 * np.sqrt(SHARE) * (1 - 1.25 * SHARE)
CURVE = pd.DataFrame({"share_acted": SHARE, "value": MONEY, "low": MONEY - 9e4, "high": MONEY + 9e4})
POINTS = pd.DataFrame(
    [
        ("Best on this data (in-sample)", SHARE[MONEY.argmax()], MONEY.max(), "model"),
        ("Capacity: 300 per day", 0.24, np.interp(0.24, SHARE, MONEY), "model"),
        ("Act on none", 0.0, 0.0, "today"),
        ("Act on all", 1.0, MONEY[-1], "today"),
        ("Departures from EWR after 17:00", 0.22, 3.4e5, "today"),
    ],
    columns=["name", "share_acted", "value", "colour"],
)


def svg(chart):
    return vl_convert.vegalite_to_svg(chart.to_dict())


def test_the_curve_is_thinned_but_keeps_its_ends_and_its_top():
    thin = thinned(CURVE, "EUR")
    assert len(thin) <= 500
    assert thin["value"].max() == MONEY.max()
    assert (thin["share_acted"].iloc[0], thin["share_acted"].iloc[-1]) == (0.0, 1.0)
    assert thin["share_acted"].is_monotonic_increasing


def test_every_point_is_named_on_the_curve():
    picture = svg(value_curve(CURVE, POINTS, "EUR", cut=0.25, beyond=CURVE, spread=Interval(7e5, 6e5, 8e5)))
    for name in POINTS["name"]:
        assert f">{name}<" in picture
    assert ">€400 k<" in picture.replace("\u00a0", " ")


def test_a_movable_curve_reads_out_where_its_hand_is_and_moves_in_even_steps():
    reading = [f"{100 * share:.0f} %" for share in SHARE]
    chart = movable_value_curve(CURVE.assign(reading=reading), POINTS, "EUR", cut=0.25)
    assert ">25 %<" in svg(chart)
    [cut] = [param for param in chart.to_dict()["params"] if param["name"] == "cut"]
    assert (cut["value"], cut["bind"]["max"], cut["bind"]["step"]) == ([{"position": 25.0}], 100.0, 0.5)


def test_a_reading_at_the_best_cut_is_said_to_be_in_sample_and_every_other_out_of_fold():
    best = float(SHARE[MONEY.argmax()])
    reading = [f"{100 * share:.1f} %" for share in SHARE]
    for cut, said in ((best, "In-sample"), (0.25, "Out of fold")):
        picture = svg(movable_value_curve(CURVE.assign(reading=reading), POINTS, "EUR", cut=cut, best=best))
        assert f">{said}" in picture
    assert f">{100 * best:.1f} %<" in svg(
        movable_value_curve(CURVE.assign(reading=reading), POINTS, "EUR", cut=best, best=best)
    )


def test_a_curve_that_a_capacity_ends_early_still_fills_the_picture():
    early, points = CURVE[CURVE["share_acted"] <= 0.1], POINTS.iloc[[2]]
    for chart in (movable_value_curve(early, points, "EUR"), value_curve(early, points, "EUR", beyond=CURVE)):
        assert ">100%<" not in svg(chart)
        assert ">10%<" in svg(chart)


def test_the_gold_rule_stands_at_the_chosen_cut():
    specification = value_curve(CURVE, POINTS, "EUR", cut=0.25).to_dict()
    gold = [
        layer
        for layer in specification["layer"]
        if {"calculate": "'cut'", "as": "colour"} in layer.get("transform", [])
    ]
    [row] = specification["datasets"][gold[0]["data"]["name"]]
    assert row["share_acted"] == pytest.approx(0.25, abs=0.002)


def test_a_curve_that_never_pays_still_has_an_axis():
    flat = pd.DataFrame({"share_acted": [0.0, 1.0], "value": [0.0, 0.0]})
    assert "Act on none" in svg(value_curve(flat, POINTS.iloc[[2]], "EUR"))


@pytest.mark.parametrize("seed", range(20))
def test_names_of_points_do_not_collide(seed):
    rng = np.random.default_rng(seed)
    points = pd.DataFrame({"x": rng.uniform(0, 1, 5), "y": rng.uniform(0, 0.4, 5), "name": ["a point with a name"] * 5})
    points.loc[1, ["x", "y"]] = points.loc[0, ["x", "y"]]
    spots = placed(points, points.head(0), (0.0, 1.0), (0.0, 1.0), 380)
    boxes = []
    for spot in spots.itertuples():
        left = spot.x * PLOT_WIDTH + (GAP if spot.side == "right" else -GAP - len(spot.name) * LETTER)
        boxes.append(
            (left, left + len(spot.name) * LETTER, spot.label_y * 380 - LINE / 2, spot.label_y * 380 + LINE / 2)
        )
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] + 1e-6 or other[3] <= one[2] + 1e-6
            assert apart, (one, other)
