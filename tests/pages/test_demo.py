"""Demo: a read-only walk for stakeholders."""

import json

from core import charts, flow
from core.frame import Criteria, Criterion
from tests.pages.model_project import SLUG, project


def test_without_a_policy_the_page_leads_to_threshold(visit):
    project("trained")
    at = visit("demo", project=SLUG)
    at.button(key="demo.empty").click().run()
    assert at.title[0].value.startswith("When do we act?")


def test_the_walk_asks_the_question_and_answers_it_in_money(visit, read):
    here = project("judged")
    at = visit("demo", project=SLUG)
    view = flow.verdict(here)
    assert read(at).words.startswith("Offer to rebook this passenger?")
    money = charts.money(view.money.horizon_value.value, "EUR").replace("\u00a0", " ")
    assert read(at).metrics["Net value over 2 years"] == money
    assert "large bookings" in read(at).words
    assert all(gate.title in read(at).words for gate in view.verdict.gates)


def test_before_the_holdout_is_opened_the_money_is_out_of_fold_and_says_so(visit, read):
    here = project("explained")
    at = visit("demo", project=SLUG)
    found = flow.threshold_view(here).cross_fitted.comparison
    money = charts.money(found.net_value_per_year.value, "EUR").replace("\u00a0", " ")
    assert read(at).metrics["Net value per year"] == money
    assert "so there is no verdict" in " ".join(str(box.value) for box in at.info)


def test_the_curve_is_dragged_in_the_browser(visit):
    project("chosen")
    at = visit("demo", project=SLUG)
    [spec] = [json.loads(one.proto.spec) for one in at.get("vega_lite_chart") if "Act on this share" in one.proto.spec]
    [cut] = [param for param in spec["params"] if param["name"] == "cut"]
    assert cut["bind"]["input"] == "range"
    assert cut["value"][0]["position"] > 0


def test_no_row_of_the_data_is_shown_and_nothing_can_be_changed(visit):
    project("judged")
    at = visit("demo", project=SLUG)
    assert not at.dataframe
    assert [button.key for button in at.button if button.key and button.key.startswith("demo.")] == []


def test_a_stale_verdict_is_not_shown_as_if_it_stood(visit, read):
    here = project("judged")
    flow.save_criteria(here, Criteria((Criterion("recall", at_least=0.2),)), "Ada")
    at = visit("demo", project=SLUG)
    assert "Figures and verdict are from before." in read(at).words
    assert at.warning[0].proto.title.startswith("Stale: it was")
    assert not at.success
