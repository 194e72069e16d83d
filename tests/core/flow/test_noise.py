"""Where there is nothing to find, nothing is found: the whole journey on pure noise never ends in *go*."""

import pytest

from core import flow
from core.frame import Payoffs
from tests.core.flow.conftest import Make, judge, train

EVERYONE_PAYS = Payoffs(tp=10, fp=-1)
NOBODY_PAYS = Payoffs(tp=10, fp=-10)


@pytest.mark.parametrize("payoffs", [EVERYONE_PAYS, NOBODY_PAYS], ids=["acting on everyone pays", "it does not"])
@pytest.mark.parametrize("seed", range(20))
def test_pure_noise_never_goes(make: Make, seed: int, payoffs: Payoffs) -> None:
    project = make(n=400, seed=seed, effect=0.0, payoffs=payoffs)
    flow.save_people(project, flow.frame(project).people, "ana")
    train(project, 1.0)
    judge(project)
    assert flow.verdict(project).verdict.outcome != "go"


def test_a_real_effect_goes(make: Make) -> None:
    project = make(n=4000, seed=1, effect=1.6)
    train(project)
    judge(project)
    found = flow.verdict(project)
    assert found.verdict.outcome == "go", found.verdict.sentence
    assert found.money.net_value_per_year.low > 0
