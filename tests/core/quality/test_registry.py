"""What the registry makes of what its checks say."""

from core.quality import Finding
from core.quality.registry import LONGEST_STEP, handy, one_a_column


def finding(severity: str, evidence: str, **more: str) -> Finding:
    return Finding("Q07", "Impossible range", "adr", severity, evidence, {}, "Remedy.", **more)


def test_what_a_check_says_twice_of_a_column_becomes_one_finding_of_the_graver_kind() -> None:
    [found] = one_a_column([finding("note", "5,400 is far out.", where="a > 5"), finding("warning", "-6 is negative.")])
    assert (found.severity, found.evidence, found.where) == ("warning", "-6 is negative. 5,400 is far out.", "(a > 5)")


def test_a_step_that_nobody_could_read_is_not_offered() -> None:
    long = finding("warning", "Wrong.", remedy_action="step:" + "x" * LONGEST_STEP)
    assert handy(long).remedy_action == ""
    assert "put them right at the source" in handy(long).remedy
    short = finding("warning", "Wrong.", remedy_action="step:SELECT 1")
    assert handy(short) is short
