"""Figures as a reader wants them."""

from pages.shared.figures import roughly


def test_an_estimate_is_no_finer_than_it_can_be():
    said = [roughly(seconds).replace("\u00a0", " ") for seconds in (0.2, 2.36, 17.2, 83.1)]
    assert said == ["1 s", "2 s", "15 s", "1 min 20 s"]
