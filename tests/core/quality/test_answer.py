"""What the findings come to."""

import dataclasses

from core.quality import CHECKS, CheckResult, Finding, Profile
from core.quality.answer import QUESTIONS, answer

ENOUGH = Profile(n_rows=2_000, columns=(), n_training=1_600, n_positive=400)


def result(*findings: Finding) -> CheckResult:
    return CheckResult(findings[0].code, findings[0].title, "finding", "", findings)


def finding(code: str, column: str | None, severity: str) -> Finding:
    return Finding(code, "Title", column, severity, "Evidence.", {}, "Remedy.")


def test_clean_data_of_which_everything_is_said_can_carry_the_decision() -> None:
    found = answer(ENOUGH, [], [], [])
    assert (found.outcome, found.first, found.questions) == ("yes", (), ())
    assert found.sentence == "Nothing that was looked for stands in the way."


def test_a_blocking_finding_says_not_yet_until_it_is_accepted() -> None:
    leak = finding("Q10", "tags", "blocking")
    found = answer(ENOUGH, [result(leak)], [], [])
    assert (found.outcome, found.first) == ("not yet", (leak,))
    assert found.sentence == "1 thing must be fixed or accepted first, in tags."
    assert found.questions == ("When is tags written, and can it be changed after the outcome is known?",)
    assert answer(ENOUGH, [result(leak)], ["Q10 tags"], []).outcome == "yes"


def test_what_must_be_fixed_comes_in_the_order_of_its_weight_and_notes_are_left_out() -> None:
    results = [
        result(finding("Q01", "a", "warning"), finding("Q01", "b", "note")),
        result(finding("Q05", None, "blocking")),
    ]
    assert [one.severity for one in answer(ENOUGH, results, [], []).first] == ["blocking", "warning"]


def test_a_suspected_leak_comes_before_gaps_and_a_constant_column_last() -> None:
    codes = ("Q01", "Q03", "Q05", "Q07", "Q10", "Q17")
    found = answer(ENOUGH, [result(finding(code, "a", "warning")) for code in codes], [], [])
    assert [one.code for one in found.first] == ["Q10", "Q17", "Q05", "Q07", "Q01", "Q03"]
    assert found.questions[0] == QUESTIONS["Q10"].format(columns="a")


def test_too_few_of_the_rarer_outcome_is_a_no_and_few_of_it_a_word_of_warning() -> None:
    rare = dataclasses.replace(ENOUGH, n_positive=7)
    assert answer(rare, [], [], []).outcome == "no"
    assert "Only 7 positive outcomes" in answer(rare, [], [], []).sentence
    common = dataclasses.replace(ENOUGH, n_positive=1_550)
    found = answer(common, [], [], [])
    assert found.outcome == "yes"
    assert "only 50 negative outcomes" in found.sentence


def test_without_an_outcome_the_question_stays_open() -> None:
    assert answer(Profile(n_rows=10, columns=()), [], [], []).outcome == "open"


def test_columns_that_nobody_spoke_for_are_asked_about_by_name() -> None:
    found = answer(ENOUGH, [], [], ["a", "b", "c", "d", "e"])
    assert found.outcome == "yes"
    assert "5 columns of which nobody has said when they are known" in found.sentence
    assert found.questions == ("When are a, b, c, d and 1 more known: before the decision, at it, or only afterwards?",)


def test_every_question_belongs_to_a_check() -> None:
    assert set(QUESTIONS) <= {check.code for check in CHECKS}


def test_a_column_that_tells_much_of_the_outcome_has_to_be_spoken_for_first() -> None:
    tags = finding("Q10", "tags", "warning")
    found = answer(ENOUGH, [result(tags)], [], ["tags", "city"])
    assert found.outcome == "not yet"
    assert found.sentence == "First say when tags is known: it tells so much of the outcome that it matters most."
    assert answer(ENOUGH, [result(tags)], [], ["city"]).outcome == "yes"
    assert answer(ENOUGH, [result(tags)], ["Q10 tags"], ["tags"]).outcome == "yes"
