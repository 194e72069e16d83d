"""Acting when there is room for so many only."""

import numpy as np
import pytest

from core.errors import FrameError
from core.frame import Capacity, Economics, Payoffs
from core.scoring.policy import acted_within
from core.threshold import ScoredRows, Times, outcome, policy_acts, room, room_notes, rule_acts, scored_rows, todays
from core.threshold.capacity import fill

PAYOFFS = Payoffs(60, -10)


def economics(n_actions: int, period: str = "year", allocation: str = "ranked", **more: float) -> Economics:
    return Economics(
        payoffs=PAYOFFS, capacity=Capacity(n_actions, period, allocation), **{"rows_per_year": 3652.5, **more}
    )


def daily(n_days: int = 40, per_day: int = 10, seed: int = 0) -> ScoredRows:
    rng = np.random.default_rng(seed)
    n = n_days * per_day
    score = rng.permutation(np.linspace(0.01, 0.99, n))
    return ScoredRows(
        score=score,
        y=(rng.random(n) < score).astype(np.int8),
        today=rng.random(n) < 0.4,
        period=np.repeat(np.arange(n_days), per_day),
        period_names=tuple(str(day) for day in range(n_days)),
        n_periods=n_days,
        arrival=rng.permutation(n),
    )


@pytest.mark.parametrize("allocation", ["ranked", "arrival"])
def test_acts_are_those_of_the_bundle_where_room_is_a_whole_number(allocation: str) -> None:
    rows, said = daily(), economics(3, "day", allocation)
    order = np.argsort(rows.arrival) if allocation == "arrival" else np.arange(rows.n_rows)
    expected = np.zeros(rows.n_rows, dtype=bool)
    expected[order] = acted_within(rows.score[order], 0.3, 3.0, rows.period[order], allocation)
    share = policy_acts(rows, said, 0.3).share
    assert share.tolist() == expected.astype(float).tolist()
    assert np.bincount(rows.period, weights=share).max() <= 3


@pytest.mark.parametrize("allocation", ["ranked", "arrival"])
@pytest.mark.parametrize("rows_per_year", [3652.5, 9_000.0, 20_000.0])
def test_room_is_never_exceeded_in_any_period(allocation: str, rows_per_year: float) -> None:
    rows, said = daily(), economics(3, "day", allocation, rows_per_year=rows_per_year)
    limit = 3 * 10 / (rows_per_year / 365.25)
    for acts in (policy_acts(rows, said, 0.2), rule_acts(rows, said, rows.today), *todays(rows, said).options):
        used = np.bincount(rows.period, weights=acts.share)
        assert used.max() <= limit + 1e-9
    assert np.bincount(rows.period, weights=policy_acts(rows, said, 0.0).share) == pytest.approx(limit)


def test_a_sample_with_a_tenth_of_productions_volume_has_a_tenth_of_its_room_and_says_so() -> None:
    rows, said = daily(), economics(30, "day", rows_per_year=36_525.0)
    limit = room(rows, said)
    assert limit is not None and limit.acts == pytest.approx(3) and limit.ratio == pytest.approx(0.1)
    assert "0.1 of production's volume per day, so 30 acts count as 3 here" in room_notes(rows, said)[0]
    assert room_notes(rows, economics(3, "day")) == ()


def test_a_capacity_per_year_is_a_share_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    rows = ScoredRows(score=rng.permutation(np.linspace(0, 1, 1000)), y=np.zeros(1000, dtype=np.int8))
    found = outcome(rows, economics(3000, rows_per_year=40_000.0), 0.0)
    assert found.n_acted == pytest.approx(75) and found.share_acted == pytest.approx(0.075)
    weekly = scored_rows(rows.score, rows.y, economics(100, "week"))
    assert weekly.period is None and "whole weeks" in weekly.notes[0]
    assert outcome(weekly, economics(100, "week", rows_per_year=40_000.0), 0.0).share_acted == pytest.approx(
        100 * 365.25 / 7 / 40_000
    )


def test_a_split_by_time_simulates_whole_days_and_a_random_one_does_not() -> None:
    at = np.arange(np.datetime64("2024-01-01T00", "h"), np.datetime64("2024-03-01T00", "h"))
    at = at.astype("datetime64[us]")
    score, y = np.full(at.size, 0.5), np.zeros(at.size, dtype=np.int8)
    said = economics(2, "day", rows_per_year=24 * 365.25)
    late = at >= np.datetime64("2024-02-10T05")
    by_time = scored_rows(score[late], y[late], said, times=Times(at[late], at[~late]), part="holdout")
    assert len(by_time.period_names) == by_time.n_periods == 19
    assert by_time.kept is not None and by_time.kept[0] == 19 and by_time.n_rows == 19 * 24
    assert by_time.notes == ("19 rows of partial days are left out.",)
    limit = room(by_time, said)
    assert limit is not None and limit.acts == pytest.approx(2)
    some = np.random.default_rng(0).random(at.size) < 0.2
    at_random = scored_rows(score[some], y[some], said, times=Times(at[some], at[~some]))
    limit = room(at_random, said)
    assert at_random.period is None and limit is not None
    assert limit.acts == pytest.approx(some.sum() * 2 / 24)


def test_rows_that_a_score_cannot_tell_apart_share_the_room_so_that_file_order_earns_nothing() -> None:
    y = np.r_[np.ones(100, dtype=np.int8), np.zeros(900, dtype=np.int8)]
    rows = ScoredRows(score=np.full(1000, 0.1), y=y)
    found = outcome(rows, economics(365, rows_per_year=3650.0), 0.0)
    assert found.n_acted == pytest.approx(100) and found.tp == pytest.approx(10)
    assert found.precision == pytest.approx(0.1)


def test_room_counts_production_rows_when_positives_were_oversampled() -> None:
    rng = np.random.default_rng(0)
    y = np.r_[np.ones(500, dtype=np.int8), np.zeros(500, dtype=np.int8)]
    rows = ScoredRows(score=rng.random(1000), y=y)
    said = economics(365, rows_per_year=3650.0, base_rate=0.05)
    found = outcome(rows, said, 0.0)
    assert found.share_acted == pytest.approx(0.1)
    assert found.precision == pytest.approx(0.05, abs=0.02)


def test_fill_shares_what_is_left_among_equals() -> None:
    key = np.array([2, 1, 2, 1, 3])
    period = np.array([0, 0, 0, 1, 1])
    assert fill(key, period, 2.0, None).tolist() == [0.5, 1.0, 0.5, 1.0, 1.0]
    assert fill(key, period, np.array([0.5, 1.5]), None).tolist() == [0.0, 0.5, 0.0, 1.0, 0.5]
    assert fill(np.empty(0), np.empty(0, dtype=np.int64), 1.0, None).size == 0


def test_a_capacity_without_a_volume_is_refused() -> None:
    rows = daily()
    with pytest.raises(FrameError, match="rows are decided in a year"):
        policy_acts(rows, economics(3, "day", rows_per_year=0.0), 0.5)


def test_scores_must_be_probabilities_and_rows_without_one_are_left_out() -> None:
    rows = scored_rows(np.array([0.2, np.nan, 0.7]), np.array([0, 1, 1]), Economics(), today=np.array([1, 1, 0]))
    assert rows.n_rows == 2 and rows.kept is not None and rows.kept.tolist() == [0, 2]
    assert rows.today is not None and rows.today.tolist() == [True, False]
    with pytest.raises(FrameError, match="1.5 is not a probability"):
        scored_rows(np.array([0.2, 1.5]), np.array([0, 1]), Economics())
    with pytest.raises(FrameError, match="No row has a score"):
        scored_rows(np.array([np.nan]), np.array([0]), Economics())
