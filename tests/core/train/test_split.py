"""The split: nothing that is judged was learnt from, and the same rows always go the same way."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import TrainError
from core.frame.records import SplitChoice
from core.train.hashing import hashed
from core.train.split import assign

ROOT = Path(__file__).parents[3]


def outcomes(n: int, share: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(0).random(n) < share).astype(np.int8)


def test_random_folds_cover_every_row_outside_the_holdout_once_and_keep_the_share_of_positives():
    y = outcomes(2_000)
    found = assign(2_000, SplitChoice(), y=y)
    assert found.holdout.sum() == pytest.approx(400, abs=1)
    assert np.all((found.fold >= 0) == ~found.holdout)
    for fold in range(5):
        own = found.scored_rows(fold)
        assert own.sum() == pytest.approx(320, abs=2)
        assert y[own].sum() == pytest.approx(y[~found.holdout].sum() / 5, abs=1)
        assert not np.any(found.training_rows(fold) & (own | found.holdout))
        assert np.all(found.training_rows(fold) | own | found.holdout)
    assert np.array_equal(found.training_rows(), ~found.holdout)


def test_a_random_split_goes_by_key_and_not_by_the_order_of_rows():
    keys = np.array([f"customer {i}" for i in range(300)])
    y = outcomes(300)
    shuffled = np.random.default_rng(1).permutation(300)
    one, two = (
        assign(300, SplitChoice(), keys=keys, y=y),
        assign(300, SplitChoice(), keys=keys[shuffled], y=y[shuffled]),
    )
    assert np.array_equal(one.holdout[shuffled], two.holdout)
    assert np.array_equal(one.fold[shuffled], two.fold)
    other = assign(300, SplitChoice(seed=1), keys=keys, y=y)
    assert not np.array_equal(one.holdout, other.holdout)


def test_a_random_split_is_the_same_in_another_process():
    code = (
        "import numpy as np; from core.frame.records import SplitChoice; from core.train.split import assign\n"
        "found = assign(200, SplitChoice(), keys=np.array([f'k{i}' for i in range(200)]))\n"
        "print(*np.flatnonzero(found.holdout), *found.fold)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def splitmix64(state: int) -> int:
    z = (state + 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return z ^ (z >> 31)


def test_hashes_are_splitmix64_and_even():
    assert splitmix64(0) == 0xE220A8397B1DCDAF  # the published first number of seed 0
    assert hashed(np.array([0, 5, 2**40]), 3).tolist() == [splitmix64(k ^ splitmix64(3)) for k in (0, 5, 2**40)]
    assert np.mean(hashed(np.arange(100_000), 7) < np.uint64(2**62)) == pytest.approx(0.25, abs=0.01)
    assert np.unique(hashed(np.array([f"{i}" for i in range(10_000)]), 0)).size == 10_000


def test_a_group_never_straddles_and_positives_are_spread():
    rng = np.random.default_rng(0)
    groups = rng.zipf(1.6, size=3_000) % 150
    y = outcomes(3_000)
    found = assign(3_000, SplitChoice(method="group"), groups=groups, y=y)
    home = np.where(found.holdout, -1, found.fold)
    assert all(np.unique(home[groups == group]).size == 1 for group in np.unique(groups))
    assert found.holdout.mean() == pytest.approx(0.2, abs=0.1)
    positives = [int(y[found.fold == fold].sum()) for fold in range(5)]
    assert min(positives) > 0
    for fold in range(5):
        assert not set(groups[found.training_rows(fold)]) & set(groups[found.scored_rows(fold)])


def test_rows_without_a_group_stand_alone():
    groups = np.array([None] * 60 + ["a"] * 20, dtype=object)
    found = assign(80, SplitChoice(method="group"), groups=groups)
    assert np.unique(found.fold[:60]).size > 3


def test_order_learns_only_from_earlier_rows():
    found = assign(1_000, SplitChoice(method="order"))
    assert np.flatnonzero(found.holdout).tolist() == list(range(800, 1_000))
    assert found.n_folds == 5
    assert np.all(found.fold[:133] == -1)
    for fold in range(5):
        judged, learnt = np.flatnonzero(found.scored_rows(fold)), np.flatnonzero(found.training_rows(fold))
        assert learnt.max() + 1 == judged.min()
        assert judged.size == pytest.approx(133, abs=2)
    assert np.array_equal(found.training_rows(), ~found.holdout)


def test_time_keeps_equal_times_together_and_leaves_the_gap_out():
    days = np.repeat(np.arange(100), 10)
    order = np.random.default_rng(0).permutation(1_000)
    times = (np.datetime64("2024-01-01") + days[order].astype("timedelta64[D]")).astype("datetime64[us]")
    found = assign(1_000, SplitChoice(method="time", gap_days=3), times=times)
    day = days[order]
    start = day[found.holdout].min()
    assert start == 80
    assert np.all(day[~found.holdout] < start)
    assert day[found.training_rows()].max() < start - 3
    assert np.all(found.fold[(day >= start - 3) & ~found.holdout] == -1)
    for fold in range(found.n_folds):
        judged, learnt = day[found.scored_rows(fold)], day[found.training_rows(fold)]
        assert learnt.max() < judged.min() - 3
        assert not set(judged) & set(day[found.scored_rows((fold + 1) % found.n_folds)])


def test_few_distinct_times_make_fewer_folds():
    found = assign(400, SplitChoice(method="time", holdout_share=0.25), times=np.repeat(np.arange(4.0), 100))
    assert found.n_folds == 2
    assert set(found.fold[~found.holdout]) == {-1, 0, 1}


@pytest.mark.parametrize(
    ("change", "given", "says"),
    [
        ({"method": "group"}, {"groups": np.zeros(100)}, "1 values"),
        ({"method": "group"}, {}, "no group column"),
        ({"method": "time"}, {}, "no time column"),
        ({"method": "time"}, {"times": np.zeros(100)}, "1 distinct times"),
        ({"method": "time"}, {"times": np.full(100, np.datetime64("NaT", "us"))}, "100 of 100 rows have no time"),
        ({"holdout_share": 1.5}, {}, "holdout share of 1.5"),
        ({"n_folds": 1}, {}, "1 folds"),
        ({"gap_days": -1.0}, {}, "gap of -1.0"),
        ({"method": "magic"}, {}, "no split 'magic'"),
    ],
)
def test_a_split_that_cannot_be_gets_a_sentence(change, given, says):
    with pytest.raises(TrainError, match=says) as caught:
        assign(100, replace(SplitChoice(), **change), **given)
    assert caught.value.hint


def test_too_few_rows_get_a_sentence():
    with pytest.raises(TrainError, match="7 rows"):
        assign(7, SplitChoice())
