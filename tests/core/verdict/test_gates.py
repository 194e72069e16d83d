"""Every gate passes, fails and cannot judge where it should; what follows from all of them."""

import math
from dataclasses import replace

import pytest

from core.frame import Criteria, Criterion
from core.threshold.comparison import Comparison
from core.threshold.outcome import Outcome
from core.train.interval import Interval
from core.verdict import GATES, Evidence, GateResult, alpha, at_level, verdict
from core.verdict.evidence import Bar, judge, rows_needed

LEVEL = 1 - alpha(1)


def comparison(low: float, value: float, high: float, *, level: float = LEVEL, n_positive: int = 100) -> Comparison:
    outcome = Outcome(1000, n_positive, 200.0, 60.0, 140.0, 40.0, 760.0, 0.3, 0.6, 0.2, 500.0, 0.5)
    money = Interval(value, low, high)
    return Comparison(money, money, money, 0.99, outcome, outcome, "acting on none", level, "row", 1000)


def evidence(**changes: object) -> Evidence:
    good = Evidence(
        money=comparison(4000, 9000, 15_000),
        out_of_fold=comparison(5000, 8000, 11_000, level=0.9),
        metrics={
            "roc_auc": Interval(0.75, 0.71, 0.78),
            "pr_auc": Interval(0.4, 0.3, 0.5),
            "recall": Interval(0.6, 0.5, 0.7),
            "precision": Interval(0.3, 0.25, 0.35),
        },
        criteria=Criteria(),
        n_train_positive=400,
        latency_ms=2.0,
        model_size_mb=0.5,
        affected="no",
    )
    return replace(good, **changes)


def gate(code: str, **changes: object) -> GateResult:
    found = next(one for one in GATES if one.code == code)
    return found.function(found, evidence(**changes))


def test_codes_are_stable_and_every_gate_is_asked_once() -> None:
    assert [one.code for one in GATES] == [f"G{i:02d}" for i in range(1, 15)]
    assert all(one.title and one.question.endswith("?") for one in GATES)


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (1, 5, "pass"),
        (0, 5, "cannot judge"),
        (-5, -1, "fail"),
        (0, 0, "fail"),
        (-3, 0, "fail"),
        (-1, 5, "cannot judge"),
    ],
)
def test_money_has_to_be_above_zero_with_its_whole_interval(low: float, high: float, status: str) -> None:
    assert gate("G01", money=comparison(low, (low + high) / 2, high)).status == status
    assert gate("G03", out_of_fold=comparison(low, (low + high) / 2, high)).status == status


def test_ranking_is_held_against_one_half() -> None:
    for interval, status in (((0.5, 0.6), "cannot judge"), ((0.51, 0.6), "pass"), ((0.4, 0.5), "fail")):
        value = Interval(sum(interval) / 2, *interval)
        assert gate("G02", metrics={"roc_auc": value}).status == status
    assert gate("G02", metrics={}).sentence == "ROC AUC was not measured."


@pytest.mark.parametrize(
    ("code", "item", "status"),
    [
        ("G04", Criterion("net_value_per_year", at_least=4000), "pass"),
        ("G04", Criterion("net_value_per_year", at_least=5000), "cannot judge"),
        ("G04", Criterion("net_value_per_year", at_least=20_000), "fail"),
        ("G05", Criterion("net_value_over_horizon", at_least=1000), "pass"),
        ("G06", Criterion("recall", at_least=0.5), "pass"),
        ("G06", Criterion("recall", at_least=0.71), "fail"),
        ("G07", Criterion("precision", at_least=0.3), "cannot judge"),
        ("G08", Criterion("roc_auc", at_least=0.7), "pass"),
        ("G09", Criterion("pr_auc", at_least=0.6), "fail"),
        ("G10", Criterion("latency_ms", at_most=2.0), "pass"),
        ("G10", Criterion("latency_ms", at_most=1.9), "fail"),
        ("G11", Criterion("model_size_mb", at_most=0.4), "fail"),
        ("G07", Criterion("precision", at_most=0.4), "pass"),
    ],
)
def test_criteria_are_held_against_the_worse_end(code: str, item: Criterion, status: str) -> None:
    assert gate(code, criteria=Criteria((item,))).status == status


def test_a_criterion_that_was_not_set_does_not_apply_and_one_not_measured_cannot_be_judged() -> None:
    assert gate("G06").status == "not applicable"
    wanted = Criteria((Criterion("latency_ms", at_most=5),))
    assert gate("G10", criteria=wanted, latency_ms=None).status == "cannot judge"


def test_open_blocking_findings_stop_the_judgement_and_are_named() -> None:
    found = gate("G12", blocking=("duration gives the outcome away",))
    assert found.status == "cannot judge" and "duration gives the outcome away" in found.sentence
    assert gate("G12").status == "pass"


def test_affected_outcomes_need_a_reason_to_be_accepted() -> None:
    assert gate("G13").status == "pass"
    for said in ("", "yes", "unknown"):
        assert gate("G13", affected=said).status == "cannot judge"
    assert gate("G13", affected="", affected_reason="because").status == "cannot judge"
    accepted = gate("G13", affected="yes", affected_reason="a tenth was left alone at random")
    assert accepted.status == "pass" and "a tenth was left alone" in accepted.sentence


def test_too_few_cases_cannot_be_judged_and_few_are_said() -> None:
    found = gate("G14", money=comparison(1, 2, 3, n_positive=5))
    assert (found.status, found.rows_needed) == ("cannot judge", 2000)
    assert "fewer than 50 and 200" in gate("G14", money=comparison(1, 2, 3, n_positive=49)).sentence
    assert gate("G14", n_train_positive=3).status == "cannot judge"
    assert "uncertain" not in gate("G14").sentence


def test_an_interval_that_cannot_be_given_cannot_be_judged() -> None:
    found = gate("G01", money=comparison(math.nan, 5000, math.nan))
    assert found.status == "cannot judge" and found.rows_needed is None and "no interval" in found.sentence


def test_rows_needed_is_where_the_shrunken_interval_leaves_the_bar() -> None:
    interval, bar = Interval(10.0, -10.0, 30.0), Bar(at_least=0.0)
    needed = rows_needed(interval, bar, 1000)
    assert needed == 4000
    shrunken = 20.0 / math.sqrt(needed / 1000)
    assert judge(Interval(10.0, 10.0 - shrunken, 10.0 + shrunken), bar) == "pass"
    assert rows_needed(Interval(-10.0, -20.0, 20.0), bar, 1000) == 9000
    assert rows_needed(Interval(0.0, -1.0, 1.0), bar, 1000) is None
    found = gate("G01", money=comparison(-10, 10, 30))
    assert (
        found.rows_needed == 4000 and "About 4,000 rows like these would settle it, 1,000 are there." in found.sentence
    )


def test_all_pass_is_go_one_failed_is_no_go_one_unclear_is_not_yet() -> None:
    assert verdict(evidence()).outcome == "go"
    assert "€9 k" in verdict(evidence()).sentence.replace("\u00a0", " ")
    unclear = verdict(evidence(affected="unknown"))
    assert unclear.outcome == "not yet" and "It is not known whether" in unclear.sentence
    failed = verdict(evidence(affected="unknown", money=comparison(-3, -2, -1)))
    assert failed.outcome == "no-go" and failed.sentence.startswith("No-go: Net value per year")
    assert {one.code for one in failed.skipped} == {f"G{i:02d}" for i in range(4, 12)}
    assert not {one.code for one in failed.gates} & {one.code for one in failed.skipped}


def test_later_looks_are_judged_more_strictly() -> None:
    assert alpha(1) == pytest.approx(0.0608, abs=1e-4)
    assert sum(alpha(k) for k in range(1, 100_000)) == pytest.approx(0.10, abs=1e-5)
    with pytest.raises(ValueError, match="look 2 needs intervals of 0.9848"):
        verdict(evidence(look=2))
    with pytest.raises(ValueError, match="below 1"):
        alpha(0)
    first = at_level(Interval(0.75, 0.7, 0.8), alpha(1), (0, 1))
    assert 0.69 < first.low < 0.7 and 0.8 < first.high < 0.81
    assert at_level(Interval(0.99, 0.95, 1.0), alpha(3), (0, 1)).high == 1.0
