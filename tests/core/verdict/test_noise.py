"""Pure noise never goes, whatever the payoffs; a real effect does."""

import numpy as np
import pytest

from core.frame import Capacity, Criteria, Economics, Incumbent, Payoffs
from core.threshold import Resampling, best_threshold, compare, cross_fitted, scored_rows
from core.train.metrics import metric_intervals
from core.verdict import Evidence, Verdict, alpha, at_level, verdict

EVERYONE, NOBODY = Payoffs(tp=50, fp=-1), Payoffs(tp=50, fp=-20)


def judged(seed: int, payoffs: Payoffs, strength: float = 0.0, capacity: Capacity | None = None) -> Verdict:
    """Walk from scores to a verdict as the pages do: threshold from training rows, gates on the holdout."""
    rng = np.random.default_rng(seed)
    n, n_holdout = 2500, 500
    truth = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(2.2 - strength * truth))).astype(np.int8)
    score = 1 / (1 + np.exp(2.2 - (strength * truth if strength else 0.4 * rng.normal(size=n))))
    rule = rng.random(n) < 0.2
    said = Economics(payoffs=payoffs, rows_per_year=10_000, capacity=capacity, incumbent=Incumbent(sql="x"))
    held = np.arange(n) < n_holdout
    training = scored_rows(score[~held], y[~held], said, today=rule[~held])
    holdout = scored_rows(score[held], y[held], said, today=rule[held], part="holdout")
    chosen = best_threshold(training, said).threshold
    metrics = metric_intervals(holdout.y, holdout.score, n_replicates=200, seed=seed)
    return verdict(
        Evidence(
            money=compare(holdout, said, chosen, Resampling(400, seed, alpha(1))),
            out_of_fold=cross_fitted(training, np.arange(n - n_holdout) % 5, said, Resampling(400, seed)).comparison,
            metrics={name: at_level(one, alpha(1), (0, 1)) for name, one in metrics.items()},
            criteria=Criteria(),
            n_train_positive=int(training.y.sum()),
            affected="no",
        )
    )


@pytest.mark.parametrize("payoffs", [EVERYONE, NOBODY], ids=["acting on everyone pays", "it does not"])
@pytest.mark.parametrize("capacity", [None, Capacity(1000)], ids=["free", "with capacity"])
def test_noise_never_goes_and_no_two_of_its_three_gates_pass_often(payoffs: Payoffs, capacity: Capacity | None) -> None:
    passed = []
    for seed in range(20):
        found = judged(seed, payoffs, capacity=capacity)
        assert found.outcome != "go"
        passed.append(sum(one.status == "pass" for one in found.gates if one.code in ("G01", "G02", "G03")))
    assert max(passed) <= 2 and np.mean(np.array(passed) >= 2) <= 0.1


@pytest.mark.parametrize("payoffs", [Payoffs(50, -4), NOBODY])
def test_a_real_effect_goes(payoffs: Payoffs) -> None:
    outcomes = [judged(seed, payoffs, strength=2.0).outcome for seed in range(10)]
    assert outcomes.count("go") >= 8
