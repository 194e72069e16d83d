"""One row's reasons: steps in probability, and words."""

import numpy as np
import pytest

from core.explain import Step, sentence, steps, summary
from core.explain.local import percent, told

COLUMNS = ("age", "income", "city", "debt")
VALUES = (41, None, "Rome", 1234.5)
PARTS = np.array([0.1, -1.5, 0.0, 2.0])


def test_steps_lead_from_the_base_to_the_score_largest_first() -> None:
    found = steps(COLUMNS, PARTS, -1.0, VALUES)
    assert [one.column for one in found] == ["debt", "income", "age", "city"]
    assert found[0].before == pytest.approx(1 / (1 + np.exp(1.0)))
    assert found[-1].after == pytest.approx(1 / (1 + np.exp(1.0 - PARTS.sum())))
    assert all(a.after == b.before for a, b in zip(found, found[1:], strict=False))


def test_what_is_not_shown_is_one_last_step_so_that_the_sum_holds() -> None:
    found = steps(COLUMNS, PARTS, -1.0, VALUES, n=2)
    assert [one.n_columns for one in found] == [1, 1, 2]
    assert sum(one.contribution for one in found) == pytest.approx(PARTS.sum())
    assert found[-1].after == pytest.approx(1 / (1 + np.exp(1.0 - PARTS.sum())))
    assert sentence(found[-1]) == "2 other columns raise the probability from 38 % to 40 %."
    assert [one.column for one in steps(COLUMNS, PARTS, -1.0, VALUES, n=3)] == ["debt", "income", "age", "city"]


def test_a_step_is_said_in_words() -> None:
    found = steps(COLUMNS, PARTS, -1.0, VALUES)
    assert sentence(found[0]) == "debt = 1,234 raises the probability from 27 % to 73 %."
    assert sentence(found[1]) == "income is missing lowers the probability from 73 % to 38 %."
    assert sentence(found[3]) == "city = Rome hardly moves the probability of 40 %."
    assert told(Step("member", True, 0, 0, 0)) == "member is true"
    assert told(Step("x", float("nan"), 0, 0, 0)) == "x is missing"


def test_a_row_is_summed_up_and_says_whether_it_is_acted_on() -> None:
    found = steps(COLUMNS, PARTS, -1.0, VALUES)
    said = summary(found, 0.3)
    assert said.startswith("The score is 40 %, above the starting point of 27 %; that is enough to act.")
    assert said.endswith("For it: debt = 1,234, age = 41. Against it: income is missing.")
    assert "not enough to act" in summary(found, 0.5)
    assert "every row gets the same score" in summary(())
    assert summary([Step("airline", "United Air Lines Inc.", -1.0, 0.3, 0.2)]).endswith(
        "airline = United Air Lines Inc."
    )


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.5, "50 %"),
        (0.034, "3.4 %"),
        (0.0034, "0.34 %"),
        (0.00001, "below 0.05 %"),
        (0.99999, "above 99.95 %"),
        (0.995, "99.50 %"),
    ],
)
def test_a_percentage_never_claims_a_false_certainty(share: float, text: str) -> None:
    assert percent(share) == text
