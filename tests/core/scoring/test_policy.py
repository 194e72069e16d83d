from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ContractError, FormatError
from core.scoring.period import acted_under, periods
from core.scoring.policy import Capacity, Payoffs, Policy, acted, acted_within, expected_gain


def plain_acted_within(score, threshold, k, period, allocation):
    """The same by a loop over periods."""
    acts = [False] * len(score)
    for one in set(period.tolist()):
        rows = [row for row in range(len(score)) if period[row] == one]
        if allocation == "ranked":
            rows.sort(key=lambda row: (-score[row], row))
        left = int(k)
        for row in rows:
            if left > 0 and score[row] >= threshold:
                acts[row], left = True, left - 1
    return acts


@pytest.mark.parametrize("allocation", ["ranked", "arrival"])
def test_capacity_is_that_of_a_plain_loop(allocation):
    for seed in range(300):
        random = np.random.default_rng(seed)
        n = int(random.integers(0, 40))
        score, period = random.integers(0, 6, n) / 5, random.integers(-1, 4, n)
        k, threshold = float(random.choice([0, 0.5, 1, 2, 3.2, 100])), float(random.choice([0, 0.4, 0.5, 1.1, np.inf]))
        found = acted_within(score, threshold, k, period, allocation)
        assert found.tolist() == plain_acted_within(score, threshold, k, period, allocation)


def test_a_score_at_the_threshold_is_acted_on():
    assert acted(np.array([0.2, 0.3, 0.4]), 0.3).tolist() == [False, True, True]


def test_expected_gain_weighs_both_outcomes():
    payoffs = Payoffs(tp=80.0, fp=-5.0, fn=-1.0, tn=2.0)
    policy = Policy(0.5, payoffs=payoffs)
    assert expected_gain(np.array([0.0, 0.25, 1.0]), policy).tolist() == [-7.0, 0.25 * 81 - 0.75 * 7, 81.0]


def test_expected_gain_of_resampled_data_is_the_gain_at_the_rate_of_production():
    policy = Policy(0.5, payoffs=Payoffs(10, -4, 0, 0), learnt_rate=0.5, base_rate=0.05)
    # Of 1,000 rows in production 50 are positive; half the positives and a tenth of the negatives score 5 in 6 here.
    right, wrong = 50 * 0.5, 950 * 0.1
    expected = (10 * right - 4 * wrong) / (right + wrong)
    assert expected_gain(np.array([5 / 6]), policy)[0] == pytest.approx(expected)


@pytest.mark.parametrize("threshold", [0.0, 0.1 + 0.2, np.inf])
def test_a_policy_survives_its_file(threshold):
    policy = Policy(threshold, Capacity(3, "week", "arrival"), Payoffs(1, -2, 0.5, 0), "GBP", "at", "Europe/Rome", 5e4)
    assert Policy.from_bytes(policy.to_bytes()) == policy
    assert Policy.from_bytes(Policy(threshold).to_bytes()) == Policy(threshold)


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"format": 1}', b'{"format": 1, "threshold": 0.5, "payoffs": {"x": 1}}'])
def test_a_damaged_policy_is_refused(raw):
    with pytest.raises(FormatError):
        Policy.from_bytes(raw)


def test_periods_are_those_of_the_calendar():
    days = [date(2024, 1, 1), date(2024, 1, 7), date(2024, 1, 8), date(2024, 2, 1), date(2025, 1, 1)]
    found = {unit: periods(pa.array(days), unit).tolist() for unit in ("day", "week", "month", "year")}
    assert [one - found["day"][0] for one in found["day"]] == [0, 6, 7, 31, 366]
    assert [one - found["week"][0] for one in found["week"]] == [0, 0, 1, 4, 52]
    assert [one - found["month"][0] for one in found["month"]] == [0, 0, 0, 1, 12]
    assert [one - found["year"][0] for one in found["year"]] == [0, 0, 0, 0, 1]


def test_a_day_begins_in_the_decisions_zone():
    times = pa.array([datetime(2024, 6, 30, 21, 30), datetime(2024, 6, 30, 22, 30)], pa.timestamp("us", "UTC"))
    assert np.diff(periods(times, "day", "UTC")).tolist() == [0]
    assert np.diff(periods(times, "day", "Europe/Rome")).tolist() == [1]
    assert np.diff(periods(times.cast(pa.timestamp("ns")), "month", "Europe/Rome")).tolist() == [1]  # no zone is UTC


def test_times_that_are_none_are_refused():
    with pytest.raises(ContractError):
        periods(pa.array(["monday"]), "day")
    with pytest.raises(ContractError):
        periods(pa.array([datetime(2024, 1, 1)], pa.timestamp("us", "UTC")), "day", "Nowhere/Else")


SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
TABLE = pa.table({"at": [date(2024, 1, 1)] * 3 + [date(2024, 1, 2)] * 2})


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(0.55), [1, 1, 1, 1, 0]),
        (Policy(0.55, Capacity(1, "day"), decision_time="at"), [1, 0, 0, 1, 0]),
        (Policy(0.55, Capacity(2, "day")), [1, 1, 0, 0, 0]),
        (Policy(0.0, Capacity(40, "year"), rows_per_year=100.0), [1, 1, 0, 0, 0]),
        (Policy(0.0, Capacity(4, "year"), decision_time="at"), [1, 1, 1, 1, 0]),
        (Policy(0.0, Capacity(0, "day"), decision_time="at"), [0, 0, 0, 0, 0]),
    ],
)
def test_the_policy_counts_what_it_says(policy, expected):
    assert acted_under(policy, SCORE, TABLE).astype(int).tolist() == expected


def test_a_missing_decision_time_is_named():
    with pytest.raises(ContractError, match="'when'"):
        acted_under(Policy(0.5, Capacity(1, "day"), decision_time="when"), SCORE, TABLE)
