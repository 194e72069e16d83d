"""Threshold: when to act, and what that is worth."""

import json
import math

import pandas as pd
import pytest

from core import charts, flow
from pages.shared import value
from tests.pages.model_project import SLUG, project


def test_without_a_run_the_page_leads_to_train(visit):
    project("framed")
    at = visit("threshold", project=SLUG)
    at.button(key="threshold.empty").click().run()
    assert at.title[0].value.startswith("Does anything beat")


def test_the_cards_say_what_the_cut_brings(visit, read):
    here = project("trained")
    at = visit("threshold", project=SLUG)
    view = flow.threshold_view(here)
    cut = at.select_slider(key="threshold.cutoff").value
    found = flow.at_threshold(here, None, None, cut)
    shown = read(at).metrics
    assert cut == view.start == view.best.threshold
    honest = view.cross_fitted.comparison.net_value_per_year
    assert shown["Per year, cross-fitted"] == charts.money(honest.value, "EUR").replace("\u00a0", " ")
    assert shown["Right when we act"] == charts.share(found.metrics["precision"].value).replace("\u00a0", " ")
    assert shown["Positives we reach"] == charts.share(found.metrics["recall"].value).replace("\u00a0", " ")
    assert shown["Acted on"] == charts.share(found.metrics["share_acted"].value).replace("\u00a0", " ")


def test_moving_the_cut_moves_every_figure_together(visit, read):
    here = project("trained")
    at = visit("threshold", project=SLUG)
    before = read(at).metrics
    view = flow.threshold_view(here)
    other = sorted(float(one) for one in view.within.threshold if math.isfinite(one))[-20]
    at.select_slider(key="threshold.cutoff").set_value(other).run()
    after, found = read(at).metrics, flow.at_threshold(here, None, None, other)
    money = charts.money(found.comparison.net_value_per_year.value, "EUR").replace("\u00a0", " ")
    assert after["Net value per year"] == money != before["Per year, cross-fitted"]
    assert after["Acted on"] == charts.share(found.metrics["share_acted"].value).replace("\u00a0", " ")
    assert all(after[name] != before[name] for name in ("Right when we act", "Acted on"))


def test_acting_on_none_is_a_cut_like_any_other(visit, read):
    project("trained")
    at = visit("threshold", project=SLUG)
    at.select_slider(key="threshold.cutoff").set_value(math.inf).run()
    assert not at.exception
    assert read(at).metrics["Acted on"] == "0 %"


def test_the_cut_is_saved_as_the_policy_and_found_again(visit, read):
    here = project("trained")
    at = visit("threshold", project=SLUG)
    assert at.button(key="threshold.next").disabled
    cut = at.select_slider(key="threshold.cutoff").value
    at.button(key="threshold.save").click().run()
    assert flow.policy(here).threshold == cut
    assert not at.button(key="threshold.next").disabled
    assert "This cut is the policy." in read(at).words
    again = visit("threshold", project=SLUG)
    assert again.select_slider(key="threshold.cutoff").value == cut
    assert again.button(key="threshold.save").disabled


def test_another_candidate_brings_its_own_cuts(visit):
    here = project("trained")
    at = visit("threshold", project=SLUG)
    first = at.segmented_control(key="threshold.candidate").value
    other = next(name for name in ("linear", "boosted_trees") if name != first)
    at.segmented_control(key="threshold.candidate").set_value(other).run()
    assert not at.exception
    cut = at.select_slider(key="threshold.cutoff").value
    assert cut in set(flow.threshold_view(here, None, other).within.threshold)


def test_the_best_cut_on_the_data_is_never_large_and_says_that_it_flatters(visit, read):
    here = project("trained")
    at = visit("threshold", project=SLUG)
    view = flow.threshold_view(here)
    honest = charts.money(view.cross_fitted.comparison.net_value_per_year.value, "EUR").replace("\u00a0", " ")
    at_best = flow.at_threshold(here, None, None, view.best.threshold).comparison.net_value_per_year.value
    flattered = charts.money(at_best, "EUR").replace("\u00a0", " ")
    assert honest in read(at).words
    assert f"it looks like {flattered} a year: in-sample" in read(at).words
    assert "in-sample" not in " ".join(read(at).metrics)
    assert flattered not in read(at).metrics.values()


def test_capacity_is_said_and_drawn(visit, read):
    project("trained")
    at = visit("threshold", project=SLUG)
    assert "4,000 acts per year of 10,000 rows per year are 0.4 of rows" in read(at).words
    spec = json.dumps([one.proto.spec for one in at.get("vega_lite_chart")])
    assert "strokeDash" in spec


@pytest.mark.parametrize("script", ["pages/model/threshold.py", "pages/model/train.py"])
def test_a_run_that_is_not_there_gets_a_sentence(visit, read, script):
    project("trained")
    at = visit("projects", project=SLUG)
    at.query_params["run"] = "0123456789ab"
    at.switch_page(script).run()
    assert not at.exception
    assert "There is no run" in read(at).errors


def test_cuts_that_read_alike_are_offered_once_and_the_policys_is_among_them():
    shares = [0.0, 0.02581, 0.02582, 0.02583, 0.5]
    curve = pd.DataFrame({"share_acted": shares, "threshold": [math.inf, 0.4, 0.3, 0.2, 0.1]})
    assert list(value.cuts(curve).values()) == ["act on none", "act on 2.58 %", "act on 50.00 %"]
    assert list(value.cuts(curve)) == [math.inf, 0.4, 0.1]
    assert list(value.cuts(curve, 0.3)) == [math.inf, 0.3, 0.1]
