"""Quality: what is wrong with the data, and when each column is known."""

import pytest

from core import flow
from core.flow import drafts


@pytest.fixture
def checked_project(prepared_project, done):
    flow.start_quality(prepared_project, "Ada")
    done(prepared_project, "quality")
    return prepared_project


def key_of(report, code, column):
    found = [one for result in report.results for one in result.findings if (one.code, one.column) == (code, column)]
    assert found, f"no {code} on {column}"
    return f"{code} {column}", found[0]


def test_without_a_recipe_the_page_leads_to_prepare(visit, loaded_project):
    at = visit("quality", project="bank-campaign")
    at.button(key="quality.empty").click().run()
    assert at.title[0].value == "How does it become one row per decision?"


def test_while_the_steps_have_to_run_again_the_page_leads_there(visit, done, checked_project, tmp_path):
    changed = tmp_path / "customers.csv"
    changed.write_text("id;age;city;income;called_back;y\n1;30;north;1000;0;no\n2;31;south;1100;1;yes\n")
    flow.start_load(checked_project, [flow.SourceFile(changed, "customers")], "Ada")
    done(checked_project, "load")
    at = visit("quality", project="bank-campaign")
    assert not [one for one in at.button if one.key == "quality.start"]
    at.button(key="quality.prepare").click().run()
    assert at.title[0].value == "How does it become one row per decision?"


def test_the_data_is_checked_in_one_click(visit, read, done, prepared_project):
    at = visit("quality", project="bank-campaign")
    assert "Nobody has checked this data yet" in read(at).words
    at.button(key="quality.start").click().run()
    done(prepared_project, "quality")
    at.run()
    assert not at.exception
    report = flow.quality(prepared_project)
    assert read(at).metrics["Blocking findings"] == str(report.n_blocking)
    assert read(at).metrics["Warnings"] == str(report.n_warning)


def test_a_column_that_knows_the_outcome_is_blocking_with_its_evidence(visit, read, checked_project):
    at = visit("quality", project="bank-campaign")
    report = flow.quality(checked_project)
    key, finding = key_of(report, "Q10", "called_back")
    assert finding.severity == "blocking"
    assert finding.evidence in read(at).words
    assert f"quality.apply_{key}" in {button.key for button in at.button}


def test_a_click_says_that_it_is_known_only_afterwards_and_asks_to_check_again(visit, read, done, checked_project):
    at = visit("quality", project="bank-campaign")
    at.button(key="quality.apply_Q10 called_back").click().run()
    assert not at.exception
    assert flow.availability(checked_project)["called_back"] == "after"
    assert flow.status(checked_project)["quality"] == "stale"
    at.button(key="quality.start").click().run()
    done(checked_project, "quality")
    at.run()
    assert flow.quality(checked_project).n_blocking == 0
    assert read(at).metrics["Blocking findings"] == "0"


def test_a_finding_is_accepted_with_a_reason_and_taken_back(visit, read, checked_project):
    before = flow.quality(checked_project).n_blocking
    at = visit("quality", project="bank-campaign")
    at.text_input(key="quality.reason_Q10 called_back").set_value("Known from an earlier call.").run()
    at.button(key="quality.accept_yes_Q10 called_back").click().run()
    report = flow.quality(checked_project)
    assert report.accepted == {"Q10 called_back": "Known from an earlier call."}
    assert report.n_blocking == before - 1
    assert read(at).metrics["Blocking findings"] == str(before - 1)
    at.button(key="quality.back_Q10 called_back").click().run()
    assert flow.quality(checked_project).accepted == {}


def test_nothing_is_accepted_without_a_reason(visit, checked_project):
    at = visit("quality", project="bank-campaign")
    at.text_input(key="quality.reason_Q10 called_back").set_value("  ").run()
    at.button(key="quality.accept_yes_Q10 called_back").click().run()
    assert flow.quality(checked_project).accepted == {}
    assert "Say why it is all right." in [box.value for box in at.error]


def test_when_a_column_is_known_is_said_in_the_table(visit, read, checked_project):
    at = visit("quality", project="bank-campaign")
    silent = int(read(at).metrics["Timing not said"])
    assert silent == len(flow.prepared_columns(checked_project)) - 1
    shown = list(at.data_editor[0].value["Column"])
    assert "y" not in shown
    at.session_state["quality.availability"] = {
        "edited_rows": {shown.index("age"): {"Known": "Before the decision"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    at.run()
    assert not at.exception


def test_several_columns_are_spoken_for_at_once(visit, read, checked_project):
    at = visit("quality", project="bank-campaign")
    at.multiselect(key="quality.many").set_value(["age", "city"]).run()
    at.button(key="quality.many_apply").click().run()
    known = flow.availability(checked_project)
    assert (known["age"], known["city"], known["income"]) == ("before", "before", "unknown")


def test_the_profile_of_a_column_is_that_of_the_data(visit, read, checked_project):
    at = visit("quality", project="bank-campaign")
    at.selectbox(key="quality.column").select("city").run()
    assert read(at).metrics["Different values"] == "2"
    assert read(at).metrics["Missing"] == "0 %"
    assert len(at.get("vega_lite_chart")) == 1
    at.segmented_control(key="quality.known_city").set_value("at").run()
    assert flow.availability(checked_project)["city"] == "at"


def test_every_check_is_listed_with_what_became_of_it(visit, checked_project):
    at = visit("quality", project="bank-campaign")
    listed = at.dataframe[-1].value
    results = flow.quality(checked_project).results
    assert list(listed["Check"]) == [result.code for result in results]
    assert list(listed["Findings"]) == [len(result.findings) for result in results]
    assert all(listed.loc[listed["Result"] == "Not applicable", "Why"].str.len() > 0)


def test_a_remedy_becomes_a_step_on_prepare_that_is_not_run_yet(visit, checked_project):
    report = flow.quality(checked_project)
    proposed = [one for r in report.results for one in r.findings if one.remedy_action.startswith("step:")]
    if not proposed:
        pytest.skip("No check of this data proposes a step.")
    one = proposed[0]
    at = visit("quality", project="bank-campaign")
    at.session_state["quality.notes"] = True
    at.run()
    at.button(key=f"quality.apply_{one.code} {one.column}" if one.column else f"quality.apply_{one.code}").click().run()
    assert at.title[0].value == "How does it become one row per decision?"
    steps = drafts.draft(checked_project, "prepare").value["steps"]
    assert len(steps) == 3
    assert '"decisions"' in steps[2]["sql"]
    assert flow.prepared(checked_project).n_rows == 500


def test_an_accepted_finding_that_says_something_else_by_now_shows_it(visit, read, done, checked_project):
    flow.accept_finding(checked_project, "Q10", "called_back", "Known from an earlier call.", "Ada")
    flow.start_prepare(
        checked_project,
        [flow.Step("rows", "SELECT *, income / 12 AS monthly FROM customers WHERE age BETWEEN 18 AND 59")],
        "Ada",
    )
    done(checked_project, "prepare")
    flow.start_quality(checked_project, "Ada")
    done(checked_project, "quality")
    report = flow.quality(checked_project)
    now = report.changed_since_accepted("Q10 called_back")
    assert now == key_of(report, "Q10", "called_back")[1].evidence
    assert now in read(visit("quality", project="bank-campaign")).words
