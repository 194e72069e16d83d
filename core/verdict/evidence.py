"""What the gates are judged by."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.frame.records import Affected, Criteria
from core.threshold.comparison import Comparison
from core.train.interval import Interval

Status = Literal["pass", "fail", "cannot judge", "not applicable"]
MOST_ROWS = 10**9


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a verdict rests on.

    Attributes
    ----------
    money : the policy on the holdout against today, its intervals at the level of this look (:func:`looks.alpha`).
    out_of_fold : cross-fitted money on the training rows against today.
    metrics : on the holdout, at the level of this look: ``roc_auc``, ``pr_auc``, ``recall``, ``precision``.
    criteria : the bars, fixed before the holdout was opened.
    n_train_positive : positives that the model learnt from.
    latency_ms, model_size_mb : as measured; None when not.
    blocking : titles of the blocking findings that nobody has resolved or accepted with a reason.
    affected, affected_reason : the decision's: were past outcomes affected by today's action, and why that is accepted.
    look : 1 when the holdout of this source and target is opened for the first time.
    """

    money: Comparison
    out_of_fold: Comparison
    metrics: Mapping[str, Interval]
    criteria: Criteria
    n_train_positive: int
    latency_ms: float | None = None
    model_size_mb: float | None = None
    blocking: tuple[str, ...] = ()
    affected: Affected = ""
    affected_reason: str = ""
    look: int = 1
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate says.

    Attributes
    ----------
    code, title : of the gate.
    status : "pass", "fail", "cannot judge", or "not applicable" with the reason in ``sentence``.
    sentence : the evidence in words, with its numbers.
    value : the figure that was judged, with its interval; None where it is not a figure.
    bar : what it was held against; None likewise.
    must : whether a go needs it.
    rows_needed : rows like these with which the gate could be judged, if the figure stays; None when no number would
        help or none is needed.
    """

    code: str
    title: str
    status: Status
    sentence: str
    value: Interval | None = None
    bar: float | None = None
    must: bool = True
    rows_needed: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: ``at_least`` (or more than it, when ``strict``) or ``at_most``."""

    at_least: float | None = None
    at_most: float | None = None
    strict: bool = field(default=False)

    @property
    def value(self) -> float:
        """The number itself."""
        found = self.at_least if self.at_least is not None else self.at_most
        assert found is not None
        return found


def judge(interval: Interval, bar: Bar) -> Status:
    """Hold an interval against a bar.

    Returns
    -------
    "pass" when the worse end clears the bar, "fail" when the better end misses it, else "cannot judge"; the last as
    well when an end is nan.
    """
    if math.isnan(interval.low) or math.isnan(interval.high):
        return "cannot judge"
    if bar.at_least is None:
        mirrored = Interval(-interval.value, -interval.high, -interval.low)
        return judge(mirrored, Bar(at_least=-bar.value, strict=bar.strict))
    if interval.low > bar.value or (interval.low == bar.value and not bar.strict):
        return "pass"
    if interval.high < bar.value or (interval.high == bar.value and bar.strict):
        return "fail"
    return "cannot judge"


def rows_needed(interval: Interval, bar: Bar, n_rows: int) -> int | None:
    """Rows with which the end of the interval that holds the bar would leave it.

    The distance between the figure and that end shrinks with the square root of the rows; the figure is taken to stay.

    Returns
    -------
    None when the figure lies on the bar, when an end is nan, or when more than a billion rows were needed.
    """
    distance = interval.value - bar.value
    end = interval.low if distance > 0 else interval.high
    if distance == 0 or math.isnan(end) or math.isnan(distance):
        return None
    needed = n_rows * ((interval.value - end) / distance) ** 2
    return math.ceil(needed) if needed <= MOST_ROWS else None
