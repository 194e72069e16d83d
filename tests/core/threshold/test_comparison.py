"""A policy against today: the formula, and whether the intervals say how far off it may be."""

import time

import numpy as np
import pytest
from scipy.stats import kstest

from core.errors import FrameError
from core.frame import Capacity, Economics, Incumbent, Payoffs
from core.threshold import Resampling, ScoredRows, compare, equal_terms, outcome, positive_notes, scored_rows, todays

PAYOFFS = Payoffs(60, -10)
RULE = Incumbent(name="the rule", sql="x")


def draw(rng: np.random.Generator, n: int, effect: np.ndarray | float = 0.0) -> ScoredRows:
    x = rng.normal(size=n)
    score = 1 / (1 + np.exp(2.2 - x))
    y = (rng.random(n) < 1 / (1 + np.exp(2.2 - x - effect))).astype(np.int8)
    return ScoredRows(score=score, y=y, today=x + 1.5 * rng.normal(size=n) > 2, part="holdout")


def economics(**more: object) -> Economics:
    return Economics(**{"payoffs": PAYOFFS, "rows_per_year": 10_000, "incumbent": RULE, **more})


def test_money_is_the_formula_written_out() -> None:
    rows = draw(np.random.default_rng(0), 2000)
    said = economics(run_cost_per_year=500, build_cost=3000, horizon_years=3)
    gain = np.where(rows.y == 1, 60, -10)
    by_hand = 10_000 * np.mean(gain * (rows.score >= 0.15) - gain * rows.today) - 500
    found = compare(rows, said, 0.15)
    assert found.today_name == "the rule"
    assert found.net_value_per_year.value == pytest.approx(by_hand)
    assert found.horizon_value.value == pytest.approx(3 * by_hand - 3000)
    assert found.horizon_value.low == pytest.approx(3 * found.net_value_per_year.low - 3000)
    assert found.unit == "row" and found.n_units == 2000 and found.level == pytest.approx(0.9)


def test_a_true_base_rate_reweighs_both_classes() -> None:
    rows = draw(np.random.default_rng(0), 2000)
    found = compare(rows, economics(base_rate=0.02), 0.15)
    difference = (rows.score >= 0.15) - todays(rows, economics(base_rate=0.02)).best.share
    by_hand = 0.02 * 60 * difference[rows.y == 1].mean() - 0.98 * 10 * difference[rows.y == 0].mean()
    assert found.gain_per_row.value == pytest.approx(by_hand)


def test_the_same_seed_gives_the_same_interval_and_rows_may_come_in_any_number_of_kinds() -> None:
    rows = draw(np.random.default_rng(0), 2000)
    first, second = compare(rows, economics(), 0.15), compare(rows, economics(), 0.15)
    assert first == second
    alone = ScoredRows(rows.score, rows.y, rows.today, group=np.arange(2000), part="holdout")
    width = first.net_value_per_year.high - first.net_value_per_year.low
    found = compare(alone, economics(), 0.15).net_value_per_year
    assert found.high - found.low == pytest.approx(width, rel=0.15)


def test_a_policy_that_is_today_wins_nothing_for_certain() -> None:
    rows = draw(np.random.default_rng(0), 500)
    found = compare(ScoredRows(rows.score, rows.y), Economics(payoffs=PAYOFFS, rows_per_year=100), np.inf)
    assert (found.net_value_per_year.low, found.net_value_per_year.value, found.net_value_per_year.high) == (0, 0, 0)
    assert found.win_share == 0.5 and found.today_name == "acting on none"


def test_leaving_three_negatives_alone_is_not_a_certain_gain() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(1000) < 0.3).astype(np.int8)
    y[:3] = 0
    score = np.r_[np.full(3, 0.01), np.full(997, 0.5)]
    found = compare(ScoredRows(score, y), Economics(payoffs=Payoffs(10, -1), rows_per_year=1000), 0.5)
    assert found.today_name == "acting on all"
    assert found.net_value_per_year.value == pytest.approx(3)
    assert found.net_value_per_year.low < 0 < found.net_value_per_year.high
    assert any("one more of each" in note for note in found.notes)


@pytest.mark.parametrize("case", ["rows", "capacity", "groups", "base rate"])
def test_the_interval_covers_the_value_on_a_million_fresh_rows(case: str) -> None:
    said = {
        "rows": economics(),
        "capacity": economics(capacity=Capacity(600)),
        "groups": economics(capacity=Capacity(600)),
        "base rate": economics(base_rate=0.05),
    }[case]

    def sample(seed: int, n: int) -> ScoredRows:
        rng = np.random.default_rng(seed)
        if case != "groups":
            return draw(rng, n)
        group = rng.integers(0, n // 10, n)
        rows = draw(rng, n, rng.normal(size=n // 10)[group] * 1.2)
        return ScoredRows(rows.score, rows.y, rows.today, group=group if n < 10_000 else None, part="holdout")

    big = sample(10**6, 1_000_000)
    truth = 10_000 * (outcome(big, said, 0.143).gain_per_row - todays(big, said).best.outcome.gain_per_row)
    n_runs = 120
    found = [compare(sample(i, 1500), said, 0.143, Resampling(300, i)).net_value_per_year for i in range(n_runs)]
    share = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.9 - 3 * np.sqrt(0.09 / n_runs) <= share <= 0.9 + 3 * np.sqrt(0.09 / n_runs)


def test_whole_days_are_the_units_when_capacity_is_simulated() -> None:
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(60), 27)
    rows = draw(rng, day.size, rng.normal(size=60)[day] * 0.7)
    names = tuple(map(str, range(60)))
    daily = ScoredRows(rows.score, rows.y, rows.today, None, day, names, 60, np.arange(day.size), "holdout")
    found = compare(daily, economics(capacity=Capacity(2, "day")), 0.1)
    assert (found.unit, found.n_units) == ("period", 60)
    few = day < 4
    some = ScoredRows(
        rows.score[few], rows.y[few], rows.today[few], None, day[few], names[:4], 4, np.arange(few.sum()), "holdout"
    )
    short = compare(some, economics(capacity=Capacity(2, "day")), 0.1)
    assert any("Only 4 whole days (fewer than 10)" in note for note in short.notes)
    assert any("positives in the holdout (fewer than 50)" in note for note in short.notes)
    ratio = np.sqrt(day.size / few.sum())
    width, wide = (one.gain_per_row.high - one.gain_per_row.low for one in (found, short))
    assert wide > 0.8 * ratio * width


def test_without_a_true_difference_the_share_won_is_uniform() -> None:
    shares = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        y = (rng.random(1200) < 1 / 7).astype(np.int8)
        today = rng.random(1200) < 0.3
        rows = ScoredRows(rng.random(1200), y, today)
        shares.append(equal_terms(rows, economics(), Resampling(300, seed)).volume.win_share)
    assert kstest(shares, "uniform").pvalue > 0.01


def test_a_model_that_only_acts_more_often_gains_nothing_at_equal_volume() -> None:
    rng = np.random.default_rng(4)
    y = (rng.random(4000) < 0.3).astype(np.int8)
    rows = ScoredRows(rng.random(4000), y, rng.random(4000) < 0.1)
    said = economics(payoffs=Payoffs(60, -10))
    more = compare(rows, said, 0.2)
    assert more.policy.value > 5 * todays(rows, said).options[2].outcome.value
    volume = equal_terms(rows, said).volume
    assert volume.value_per_year.low < 0 < volume.value_per_year.high
    assert volume.n_acted == rows.today.sum()


def test_equal_terms_count_what_a_loop_counts() -> None:
    rows = draw(np.random.default_rng(1), 3000)
    found = equal_terms(rows, economics(), Resampling(100))
    assert found is not None and found.other == "the rule"
    order = np.argsort(-rows.score)
    n = int(rows.today.sum())
    assert found.volume.right == rows.y[order[:n]].sum()
    assert found.volume.other_right == rows.y[rows.today].sum()
    gain = np.where(rows.y == 1, 60, -10)
    by_hand = 10_000 / 3000 * (gain[order[:n]].sum() - gain[rows.today].sum())
    assert found.volume.value_per_year.value == pytest.approx(by_hand)
    running = np.cumsum(gain[order])
    first = int(np.argmax(running >= gain[rows.today].sum())) + 1
    assert found.value.reached and first - 1 <= found.value.n_acted <= first
    assert found.value.saved_share.value == pytest.approx(1 - found.value.n_acted / n)
    assert found.value.saved_share.low < found.value.saved_share.value < found.value.saved_share.high


def test_equal_terms_need_acts_to_compare_with() -> None:
    rows = draw(np.random.default_rng(1), 300)
    assert equal_terms(ScoredRows(rows.score, rows.y), economics(incumbent=None)) is None


def test_a_thousand_replicates_of_a_hundred_thousand_rows_take_less_than_two_seconds() -> None:
    rows = draw(np.random.default_rng(0), 100_000)
    grouped = ScoredRows(rows.score, rows.y, rows.today, group=np.arange(100_000) // 2)
    for one in (rows, grouped):
        begun = time.perf_counter()
        compare(one, economics(capacity=Capacity(1000)), 0.1)
        assert time.perf_counter() - begun < 2


def test_few_positives_are_said() -> None:
    assert positive_notes(200, "training") == () and positive_notes(50, "holdout") == ()
    assert "Only 199 positives" in positive_notes(199, "training")[0]
    assert "fewer than 50" in positive_notes(49, "holdout")[0]


def test_a_year_without_a_volume_is_refused() -> None:
    rows = scored_rows(np.array([0.1, 0.9]), np.array([0, 1]), Economics())
    with pytest.raises(FrameError, match="rows are decided in a year"):
        compare(rows, Economics(payoffs=PAYOFFS), 0.5)
