"""Explain: why the model says what it says."""

from core import charts, flow
from tests.pages.model_project import SLUG, project


def test_without_a_run_the_page_leads_to_train(visit):
    project("framed")
    at = visit("explain", project=SLUG)
    at.button(key="explain.empty").click().run()
    assert at.title[0].value.startswith("Does anything beat")


def test_scores_are_explained_in_one_click(visit, read, done):
    here = project("chosen")
    at = visit("explain", project=SLUG)
    at.button(key="explain.start").click().run()
    done(here, "explain")
    at.run()
    assert not at.exception
    view = flow.explanation(here)
    assert read(at).metrics["Matters most"] == view.importances[0].column == "amount"
    assert "1,050 rows out of 1,050" in read(at).words


def test_one_column_can_be_chosen(visit):
    project("explained")
    at = visit("explain", project=SLUG)
    at.selectbox(key="explain.column").set_value("channel").run()
    assert not at.exception
    assert "fee_paid" not in at.selectbox(key="explain.column").options


def test_the_reasons_of_a_row_add_up_to_its_margin(visit, read):
    here = project("explained")
    at = visit("explain", project=SLUG)
    at.number_input(key="explain.row").set_value(17).run()
    found = flow.row_reasons(here, 17)
    assert abs(found.contributions_sum - found.margin) < 1e-5
    assert found.summary.replace("\u00a0", " ") in read(at).words
    assert f"the model's margin is {charts.number(found.margin)}" in read(at).words
    [values] = [one.value for one in at.dataframe if "Value" in one.value.columns]
    assert dict(zip(values["Column"], values["Value"], strict=True))["amount"] == str(found.values["amount"])


def test_a_row_that_is_not_there_gets_a_sentence_and_the_rest_stays(visit, read):
    project("explained")
    at = visit("explain", project=SLUG)
    at.number_input(key="explain.row").set_value(99_999).run()
    assert not at.exception
    assert "There is no row 99999" in read(at).errors
    assert read(at).metrics["Matters most"] == "amount"
