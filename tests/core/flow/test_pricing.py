"""The price of columns that nobody has spoken for, without a screen."""

import pytest

from core import flow
from core.errors import NotReadyError
from core.flow.pricing import price_lines
from core.flow.reporting import model_card
from tests.core.flow.conftest import AUTHOR, Make, finish, prepare, train


def test_a_column_that_matters_is_dear_and_one_that_somebody_spoke_for_is_not_priced(make: Make) -> None:
    project = make(n=900, effect=1.6)
    flow.set_availability(project, {"c": "before"}, AUTHOR)
    train(project)
    assert flow.unspoken(project) == ("a", "b")
    flow.start_pricing(project, AUTHOR)
    finish(project, "price")
    found = flow.prices(project)
    assert found is not None
    assert not found.stale
    assert found.unpriced == ()
    assert found.together.columns in (("a", "b"), ("b", "a"))
    assert [one.columns for one in found.columns] == [("a",), ("b",)]
    assert found.columns[0].price.per_year.low > 0
    assert found.together.price.per_year.value > found.columns[0].price.per_year.value
    assert found.columns[0].price.roc_auc_without < found.columns[0].price.roc_auc_with - 0.05
    flow.set_availability(project, {"a": "before"}, AUTHOR)
    assert flow.prices(project).stale


def test_without_any_column_left_the_price_is_all_that_the_model_is_worth(make: Make) -> None:
    project = make(n=600, effect=1.6)
    train(project)
    assert set(flow.unspoken(project)) == {"a", "b", "c"}
    flow.start_pricing(project, AUTHOR, budget_seconds=0.001)
    finish(project, "price")
    found = flow.prices(project)
    assert found.together.price.roc_auc_without == pytest.approx(0.5)
    assert found.together.price.per_year.low > 0
    assert found.columns == ()
    assert set(found.unpriced) == {"a", "b", "c"}


def test_there_is_nothing_to_price_when_somebody_spoke_for_every_column(make: Make) -> None:
    project = make()
    flow.set_availability(project, dict.fromkeys("abc", "before"), AUTHOR)
    train(project)
    with pytest.raises(NotReadyError, match="of every column"):
        flow.start_pricing(project, AUTHOR)


def test_a_stale_run_is_not_priced_for_its_rows_may_be_others(make: Make) -> None:
    project = make()
    train(project)
    prepare(project, "SELECT * FROM cases WHERE id % 2 = 0")
    with pytest.raises(NotReadyError, match="has changed since"):
        flow.start_pricing(project, AUTHOR)


def test_the_report_and_the_model_card_price_what_nobody_spoke_for(make: Make) -> None:
    project = make(n=900, effect=1.6)
    train(project)
    flow.start_pricing(project, AUTHOR)
    finish(project, "price")
    flow.start_quality(project, AUTHOR)
    finish(project, "quality")
    flow.save_policy(project, None, None, flow.threshold_view(project).best.threshold, AUTHOR)
    flow.open_holdout(project, AUTHOR)
    finish(project, "verdict")
    for text in (flow.report(project), model_card(project)):
        assert "Nobody has said when a is known" in text
        assert "together" in text


def test_the_report_says_that_nobody_priced_them(make: Make) -> None:
    project = make(n=600, effect=1.6)
    flow.set_availability(project, {"c": "before"}, AUTHOR)
    train(project)
    told = price_lines(project, flow.run(project).digest)
    assert told == ["Nobody has said when a and b are known, and what that may cost was not computed."]
