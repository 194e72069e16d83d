"""Which period a row falls in, and what the policy does to a file of rows whose acts are counted."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import ContractError
from .policy import Period, Policy, acted, acted_within


def periods(times: pa.ChunkedArray | pa.Array, period: Period, time_zone: str = "UTC") -> np.ndarray:
    """Number the calendar periods of decision times.

    Parameters
    ----------
    times : (n,) dates or timestamps, told in ``time_zone``; timestamps without a zone are UTC, dates are days there.
    period : "day", "week" (from Monday), "month" or "year".
    time_zone : IANA name.

    Returns
    -------
    (n,) int64, consecutive periods have consecutive numbers; empty times share a number of their own.

    Raises
    ------
    ContractError
        When the values are not dates or times, or the zone is unknown.
    """
    type_ = times.type
    if not (pa.types.is_timestamp(type_) or pa.types.is_date(type_) or pa.types.is_null(type_)):
        raise ContractError(f"The decision time is of type {type_}.", hint="A date or a timestamp is needed.")
    try:
        if pa.types.is_timestamp(type_):
            times = times.cast(pa.timestamp("us", type_.tz or "UTC"), safe=False)
            times = pc.local_timestamp(times.cast(pa.timestamp("us", time_zone)))
        days = times.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[D]")
    except pa.ArrowInvalid as error:
        raise ContractError(f"The decision time cannot be told in {time_zone!r}: {error}.") from error
    if period == "week":
        return (days.astype(np.int64) + 3) // 7
    unit = {"day": "D", "month": "M", "year": "Y"}[period]
    return days.astype(f"datetime64[{unit}]").astype(np.int64)


def acted_under(policy: Policy, score: np.ndarray, table: pa.Table) -> np.ndarray:
    """Say which rows of a file are acted on, capacity counted.

    A capacity per year is a share of the rows where the policy says how many there are in a year. Without a column for
    the decision time the rows are taken as one period.

    Parameters
    ----------
    policy : when to act, and how often that is possible.
    score : (n,) floats in [0, 1].
    table : (n rows) the decision rows; has the policy's ``decision_time``.

    Returns
    -------
    (n,) bool.

    Raises
    ------
    ContractError
        When the decision time is missing or not a time.
    """
    capacity = policy.capacity
    if capacity is None:
        return acted(score, policy.threshold)
    room = float(capacity.n_actions)
    period = np.zeros(len(score), dtype=np.int64)
    if capacity.period == "year" and policy.rows_per_year > 0:
        room = room * len(score) / policy.rows_per_year
    elif policy.decision_time:
        if policy.decision_time not in table.column_names:
            raise ContractError(
                f"Missing: {policy.decision_time!r}, by which the acts of a {capacity.period} are counted."
            )
        period = periods(table.column(policy.decision_time), capacity.period, policy.time_zone)
    return acted_within(score, policy.threshold, room, period, capacity.allocation)
