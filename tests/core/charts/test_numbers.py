import math

import pytest

from core.charts import count, duration, interval_text, money, money_interval, number, share
from core.train.interval import Interval


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (1_234_567, "EUR", "€1.23\u00a0M"),
        (1_200_000, "EUR", "€1.2\u00a0M"),
        (12_345, "USD", "$12.3\u00a0k"),
        (999_960, "EUR", "€1\u00a0M"),
        (-420_000, "EUR", "−€420\u00a0k"),
        (80, "EUR", "€80"),
        (5.255, "EUR", "€5.25"),
        (0, "EUR", "€0"),
        (-0.0, "EUR", "€0"),
        (2_500, "DM", "DM\u00a02.5\u00a0k"),
        (3.2e9, "", "3.2\u00a0bn"),
        (math.nan, "EUR", "–"),
    ],
)
def test_money_is_shortened_to_three_significant_figures(value, currency, text):
    assert money(value, currency) == text


@pytest.mark.parametrize("value", [1.0, 12.0, 123.4, 0.01234, 99.95, 999.4, 0.5, 1e-4])
def test_a_number_is_within_half_a_unit_of_its_third_figure(value):
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=5.1e-3)


def test_shares_counts_durations_and_intervals_read_as_words():
    assert share(0.1234) == "12.3\u00a0%"
    assert share(1.0) == "100\u00a0%"
    assert count(336_776) == "336,776"
    assert (duration(0.85), duration(12.4), duration(200)) == ("850\u00a0ms", "12.4\u00a0s", "3\u00a0min 20\u00a0s")
    assert interval_text(Interval(0.752, 0.741, 0.7649)) == "0.741 to 0.765"
    assert money_interval(Interval(1.0, -2e5, 3e5), "EUR") == "−€200\u00a0k to €300\u00a0k"
    assert interval_text(Interval(0.5, math.nan, math.nan)) == "– to –"
