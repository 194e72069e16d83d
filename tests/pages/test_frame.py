"""Frame: four records, saved as they are filled in."""

from dataclasses import replace

from core import flow


def test_an_empty_frame_says_what_is_open(visit, read, empty_project):
    at = visit("frame", project="bank-campaign")
    still_open = flow.open_questions(empty_project)
    assert read(at).metrics["Still open"] == str(len(still_open))
    assert all(question in read(at).words for question in still_open)
    assert at.selectbox(key="frame.target").disabled


def test_every_change_is_saved_at_once(visit, read, empty_project):
    at = visit("frame", project="bank-campaign")
    at.text_input(key="frame.question").set_value("Call this customer?").run()
    at.number_input(key="frame.tp").set_value(80.0).run()
    at.number_input(key="frame.fp").set_value(-5.0).run()
    at.number_input(key="frame.n_actions").set_value(3000).run()
    at.number_input(key="frame.criterion_recall").set_value(0.1).run()
    at.number_input(key="frame.criterion_latency_ms").set_value(20.0).run()
    at.text_input(key="frame.sponsor").set_value("Marketing").run()
    at.number_input(key="frame.holdout_share").set_value(0.3).run()
    assert not read(at).errors
    found = flow.frame(empty_project)
    assert found.decision.question == at.title[0].value.replace("\\", "") == "Call this customer?"
    assert (found.economics.payoffs.tp, found.economics.payoffs.fp) == (80, -5)
    assert (found.economics.capacity.n_actions, found.economics.capacity.period) == (3000, "year")
    assert [(item.metric, item.at_least, item.at_most) for item in found.criteria.items] == [
        ("recall", 0.1, None),
        ("latency_ms", None, 20.0),
    ]
    assert found.people.sponsor == "Marketing"
    assert found.decision.split.holdout_share == 0.3
    assert read(at).metrics["A right act is worth"] == "€80"
    assert read(at).metrics["Acts we can take"] == "3,000 a year"


def test_a_half_filled_form_survives_leaving_and_another_tab(visit, empty_project):
    at = visit("frame", project="bank-campaign")
    at.text_input(key="frame.unit").set_value("one customer").run()
    at.switch_page("pages/data/load.py").run()
    at.switch_page("pages/plan/frame.py").run()
    assert at.text_input(key="frame.unit").value == "one customer"
    assert visit("frame", project="bank-campaign").text_input(key="frame.unit").value == "one customer"


def test_the_project_stays_in_the_link_when_the_menu_drops_it(visit, empty_project):
    at = visit("frame", project="bank-campaign")
    at.query_params.clear()
    at.switch_page("pages/data/load.py").run()
    assert at.query_params["project"] == "bank-campaign"


def test_an_emptied_capacity_is_no_limit_and_an_emptied_bar_no_criterion(visit, read, prepared_project):
    at = visit("frame", project="bank-campaign")
    at.number_input(key="frame.n_actions").set_value(None).run()
    at.number_input(key="frame.criterion_recall").set_value(None).run()
    found = flow.frame(prepared_project)
    assert found.economics.capacity is None
    assert found.criteria.items == ()
    assert read(at).metrics["Acts we can take"] == "no limit"


def test_target_and_positive_value_are_chosen_from_the_data(visit, read, prepared_project):
    at = visit("frame", project="bank-campaign")
    assert at.selectbox(key="frame.target").value == "y"
    assert at.selectbox(key="frame.positive").value == "yes"
    counted = dict(flow.target_values(prepared_project, "y"))
    assert at.selectbox(key="frame.positive").options == [f"{value} ({n} rows)" for value, n in counted.items()]
    assert sum(counted.values()) == 500
    assert read(at).metrics["Still open"] == "0"


def test_a_rule_that_does_not_parse_gets_a_sentence_and_stays_as_typed(visit, read, prepared_project):
    at = visit("frame", project="bank-campaign")
    at.text_area(key="frame.incumbent_sql").set_value("age >").run()
    assert read(at).errors
    assert at.text_area(key="frame.incumbent_sql").value == "age >"
    assert flow.frame(prepared_project).economics.incumbent.sql == "age > 50"
    at.text_area(key="frame.incumbent_sql").set_value("age > 60").run()
    assert not read(at).errors
    assert flow.frame(prepared_project).economics.incumbent.sql == "age > 60"


def test_who_saves_second_sees_both(visit, read, empty_project):
    at = visit("frame", project="bank-campaign")
    theirs = replace(flow.frame(empty_project).decision, question="Theirs?")
    flow.save_decision(empty_project, theirs, "Grace")
    at.text_input(key="frame.question").set_value("Mine?").run()
    assert flow.frame(empty_project).decision.question == "Theirs?"
    assert at.text_input(key="frame.question").value == "Theirs?"
    assert "Mine?" in read(at).words
    assert read(at).errors
    at.text_input(key="frame.question").set_value("Mine?").run()
    assert flow.frame(empty_project).decision.question == "Mine?"


def test_an_earlier_decision_can_be_used_again(visit, empty_project):
    at = visit("frame", project="bank-campaign")
    at.text_input(key="frame.question").set_value("First?").run()
    first = flow.head_digest(empty_project, "decision")
    at.text_input(key="frame.question").set_value("Second?").run()
    at.session_state["frame.history_decision"] = True
    at.run()
    at.button(key=f"frame.history_decision_{first[:12]}").click().run()
    assert not at.exception
    assert flow.frame(empty_project).decision.question == "First?"
    assert at.text_input(key="frame.question").value == "First?"
