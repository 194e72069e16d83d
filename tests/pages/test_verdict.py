"""Verdict: the holdout is opened once it is ready, and counted."""

from core import charts, flow
from core.frame import Criteria, Criterion
from tests.pages.model_project import N_HOLDOUT, SLUG, project


def test_without_a_policy_the_page_leads_to_threshold(visit):
    project("trained")
    at = visit("verdict", project=SLUG)
    at.button(key="verdict.empty").click().run()
    assert at.title[0].value.startswith("When do we act?")


def test_the_holdout_stays_closed_until_everything_is_ready_and_says_why(visit, read):
    here = project("chosen")
    at = visit("verdict", project=SLUG)
    assert "The quality of the data was not checked." in read(at).words
    assert at.checkbox(key="verdict.counted").disabled
    assert at.button(key="verdict.open").disabled
    assert flow.openings(here) == 0


def test_opening_is_confirmed_counted_and_judged(visit, read, done):
    here = project("chosen")
    flow.start_quality(here, "Ada")
    done(here, "quality")
    at = visit("verdict", project=SLUG)
    assert "This would be look 1 at this holdout." in read(at).words.replace("**", "")
    assert at.button(key="verdict.open").disabled
    at.checkbox(key="verdict.counted").check().run()
    at.button(key="verdict.open").click().run()
    assert "look 2" not in read(at).words.replace("**", ""), "the look that is under way is not the next one"
    done(here, "verdict")
    at.run()
    assert not at.exception
    assert flow.openings(here) == 1
    view = flow.verdict(here)
    money = charts.money(view.money.net_value_per_year.value, "EUR").replace("\u00a0", " ")
    assert read(at).metrics["Net value per year"] == money
    assert f"{N_HOLDOUT} holdout rows" in read(at).words
    for gate in view.verdict.gates:
        assert gate.title in read(at).words
        assert gate.sentence.replace("\u00a0", " ") in read(at).words


def test_the_verdict_has_its_word_its_icon_and_its_reason(visit):
    here = project("judged")
    at = visit("verdict", project=SLUG)
    outcome = flow.verdict(here).verdict.outcome
    box = {"go": at.success, "no-go": at.error, "not yet": at.warning}[outcome][0]
    assert box.proto.title.lower() == outcome
    assert box.icon.startswith(":material/")


def test_somebody_signs_with_name_and_note(visit, read):
    here = project("judged")
    at = visit("verdict", project=SLUG)
    at.text_input(key="verdict.name").set_value("Grace")
    at.segmented_control(key="verdict.agreed").set_value(False)
    at.text_area(key="verdict.note").set_value("Ask *again* in spring.")
    at.button(key="verdict.sign").click().run()
    assert not at.exception
    [signed] = flow.signatures(here)
    assert (signed.name, signed.agreed, signed.note, signed.author) == ("Grace", False, "Ask *again* in spring.", "Ada")
    assert "does not agree" in read(at).words
    assert "Ask *again* in spring." in read(at).words


def test_a_signature_needs_a_name(visit, read):
    here = project("judged")
    at = visit("verdict", project=SLUG)
    at.button(key="verdict.sign").click().run()
    assert "A sign-off needs a name." in read(at).errors
    assert flow.signatures(here) == []


def test_changed_criteria_make_the_verdict_stale_and_the_next_look_dearer(visit, read):
    here = project("judged")
    flow.save_criteria(here, Criteria((Criterion("recall", at_least=0.2),)), "Ada")
    at = visit("verdict", project=SLUG)
    assert at.button(key="verdict.next").disabled
    assert "This would be look 2" in read(at).words.replace("**", "")
    assert "every interval has to be wider" in read(at).words


def test_the_report_can_be_taken_away(visit):
    here = project("judged")
    at = visit("verdict", project=SLUG)
    assert at.download_button(key="verdict.report").label == "Download the report"
    page = flow.report(here)
    assert flow.frame(here).decision.question in page
    assert len(page.encode()) < 3_000_000


def test_a_missed_criterion_is_a_no_go_and_stands_first(visit, read, done):
    here = project("explained")
    flow.save_criteria(here, Criteria((Criterion("recall", at_least=0.99),)), "Ada")
    for start, kind in ((flow.start_quality, "quality"), (flow.open_holdout, "verdict")):
        start(here, "Ada")
        done(here, kind)
    at = visit("verdict", project=SLUG)
    assert at.error[0].proto.title == "No-go"
    words = read(at).words
    assert words.index("Recall") < words.index("Beats today")
    assert "1 gate fails" in words


def test_gates_are_drawn_with_money_as_money_and_milliseconds_as_such():
    here = project("judged")
    drawn = flow.gate_frame(flow.verdict(here).verdict.gates, "EUR").set_index("title")["text"]
    assert drawn["Beats today"].removeprefix("\u2212").startswith("€")
    assert drawn["Latency"].endswith(" ms")
