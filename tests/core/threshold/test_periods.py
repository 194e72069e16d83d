"""Which calendar periods a sample holds whole."""

import numpy as np

from core.threshold import whole_periods

NOWHERE = np.empty(0, dtype="datetime64[us]")


def hours(first: str, last: str, step: int = 1) -> np.ndarray:
    return np.arange(np.datetime64(first, "h"), np.datetime64(last, "h"), np.timedelta64(step, "h")).astype(
        "datetime64[us]"
    )


def test_a_day_that_training_shares_with_the_holdout_is_partial() -> None:
    every = hours("2024-01-01", "2024-01-11")
    training, holdout = every[every < np.datetime64("2024-01-05T14")], every[every >= np.datetime64("2024-01-05T14")]
    found = whole_periods(holdout, training, "day")
    assert found.names == ("2024-01-06", "2024-01-07", "2024-01-08", "2024-01-09", "2024-01-10")
    assert (found.code[:10] == -1).all() and np.bincount(found.code[10:]).tolist() == [24] * 5
    assert found.n_calendar == 5


def test_the_last_day_is_partial_when_the_data_stop_in_its_middle() -> None:
    found = whole_periods(hours("2024-01-01", "2024-01-10T12"), NOWHERE, "day")
    assert found.names[-1] == "2024-01-09"
    assert whole_periods(hours("2024-01-01", "2024-01-10"), NOWHERE, "day").names[-1] == "2024-01-09"


def test_a_last_day_that_ends_as_the_others_do_is_whole() -> None:
    office = hours("2024-01-01", "2024-01-11")
    office = office[
        (office.astype("datetime64[h]").astype(int) % 24 >= 8) & (office.astype("datetime64[h]").astype(int) % 24 < 18)
    ]
    assert len(whole_periods(office, NOWHERE, "day").names) == 10


def test_days_without_a_row_count_in_the_calendar() -> None:
    every = hours("2024-01-01", "2024-01-15")
    weekdays = every[(every.astype("datetime64[D]").astype(int) + 3) % 7 < 5]
    found = whole_periods(weekdays, NOWHERE, "day")
    assert len(found.names) == 10
    assert found.n_calendar == 12


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    every = hours("2023-12-20", "2024-04-03")
    weeks = whole_periods(every, NOWHERE, "week")
    assert weeks.names[0] == "2023-12-25" and weeks.names[-1] == "2024-03-25"
    months = whole_periods(every, NOWHERE, "month")
    assert months.names == ("2024-01", "2024-02", "2024-03")


def test_a_day_begins_at_midnight_of_the_time_zone() -> None:
    at = hours("2024-07-01T04", "2024-07-08T04")
    found = whole_periods(at, NOWHERE, "day", "America/New_York")
    assert found.names[0] == "2024-07-01" and np.bincount(found.code).tolist() == [24] * 7


def test_a_random_part_of_the_rows_holds_no_period_whole() -> None:
    every = hours("2024-01-01", "2024-02-01")
    mine = np.random.default_rng(0).random(every.size) < 0.5
    found = whole_periods(every[mine], every[~mine], "day")
    assert found.names == () and (found.code == -1).all() and found.n_calendar == 0


def test_rows_without_a_time_belong_to_no_period() -> None:
    at = np.append(hours("2024-01-01", "2024-01-06"), np.datetime64("NaT", "us"))
    found = whole_periods(at, NOWHERE, "day")
    assert found.code[-1] == -1 and len(found.names) == 5
