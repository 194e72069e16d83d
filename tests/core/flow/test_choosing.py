"""Threshold, without a screen: what is said beside the curve."""

import dataclasses

import pytest

from core import flow
from core.threshold import bayes_threshold, uncorrected_threshold
from tests.core.flow.conftest import AUTHOR, Make, train


def test_the_score_from_which_acting_pays_is_that_of_these_rows_when_production_has_another_base_rate(
    make: Make,
) -> None:
    project = make()
    train(project)
    economics = flow.frame(project).economics
    from_payoffs = bayes_threshold(economics.payoffs)
    plain = flow.threshold_view(project)
    assert plain.bayes == from_payoffs == pytest.approx(4 / 14)
    flow.save_economics(project, dataclasses.replace(economics, base_rate=0.05), AUTHOR)
    resampled = flow.threshold_view(project)
    seen = plain.n_positive / plain.n_rows
    assert resampled.bayes == uncorrected_threshold(from_payoffs, seen, 0.05)
    assert resampled.bayes > from_payoffs
