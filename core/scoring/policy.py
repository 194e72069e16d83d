"""When to act: one threshold, a capacity, and what each outcome is worth."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from . import jsonfile
from .errors import FormatError

Period = Literal["day", "week", "month", "year"]
Allocation = Literal["ranked", "arrival"]


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many rows can be acted on.

    Attributes
    ----------
    n_actions : at most this many per period, >= 0, in production volume.
    period : "day", "week", "month" or "year".
    allocation : "ranked" (a period's rows are seen together) or "arrival" (first come, first served).
    """

    n_actions: int
    period: Period = "year"
    allocation: Allocation = "ranked"


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Value of each outcome of one row, in the policy's currency, costs negative."""

    tp: float = 0.0
    fp: float = 0.0
    fn: float = 0.0
    tn: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """When to act.

    Attributes
    ----------
    threshold : act where score >= threshold; above 1 (or infinite) means never.
    capacity : how many acts there can be, or None for as many as there are.
    payoffs, currency : what each outcome of a row is worth.
    decision_time : the column of a decision row that says which period it falls in, or "".
    time_zone : in which a day of ``decision_time`` begins.
    rows_per_year : the production volume; a capacity per year becomes the share n_actions / rows_per_year. 0: not said.
    learnt_rate, base_rate : share of positives among the rows that the model learnt from, and in production, where the
        data was resampled; 0 where it was not.
    """

    threshold: float
    capacity: Capacity | None = None
    payoffs: Payoffs = Payoffs()
    currency: str = "EUR"
    decision_time: str = ""
    time_zone: str = "UTC"
    rows_per_year: float = 0.0
    learnt_rate: float = 0.0
    base_rate: float = 0.0
    format: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return plain values; a threshold that is infinite becomes null, since JSON has no word for it."""
        return {**asdict(self), "threshold": self.threshold if np.isfinite(self.threshold) else None}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Policy":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        FormatError
            When it has another format number, or is not a policy.
        """
        if content.get("format") != 1:
            raise FormatError(f"A policy of format {content.get('format')!r}.", hint="This program reads format 1.")
        try:
            values = dict(content)
            values["threshold"] = np.inf if values["threshold"] is None else float(values["threshold"])
            values["capacity"] = Capacity(**values["capacity"]) if values.get("capacity") else None
            values["payoffs"] = Payoffs(**values["payoffs"])
            return cls(**values)
        except (KeyError, TypeError) as error:
            raise FormatError(f"This is not a policy: {error}.", hint="Export the bundle again.") from error

    def to_bytes(self) -> bytes:
        """Return policy.json."""
        return jsonfile.to_bytes(self.to_json())

    @classmethod
    def from_bytes(cls, raw: bytes, path: str = "policy.json") -> "Policy":
        """Read policy.json.

        Raises
        ------
        FormatError
            When it is not JSON, or of another format.
        """
        return cls.from_json(jsonfile.from_bytes(raw, path))


def acted(score: np.ndarray, threshold: float) -> np.ndarray:
    """Return (n,) bool: act where score >= threshold."""
    return score >= threshold


def acted_within(
    score: np.ndarray, threshold: float, k_per_period: float, period: np.ndarray, allocation: Allocation
) -> np.ndarray:
    """Say which rows are acted on when a period has room for so many.

    Parameters
    ----------
    score : (n,) floats in [0, 1], the score for the positive class.
    threshold : a row below it is never acted on.
    k_per_period : room in each period, >= 0; a fraction of an act is none.
    period : (n,) int, rows of one period share a number.
    allocation : "ranked": the best of a period, ties by the order of rows; "arrival": its first rows at or above the
        threshold.

    Returns
    -------
    (n,) bool. O(n log n).
    """
    willing = acted(score, threshold)
    k = np.floor(k_per_period + 1e-9)
    order = np.lexsort((-score, period)) if allocation == "ranked" else np.argsort(period, kind="stable")
    sorted_period = period[order]
    starts = np.flatnonzero(np.r_[True, sorted_period[1:] != sorted_period[:-1]]) if len(order) else order
    taken = np.cumsum(willing[order])
    before = np.repeat(taken[starts] - willing[order][starts], np.diff(np.r_[starts, len(order)]))
    result = np.zeros(len(score), dtype=bool)
    result[order] = willing[order] & (taken - before <= k)
    return result


def expected_gain(score: np.ndarray, policy: Policy) -> np.ndarray:
    """Return (n,) currency: what acting on a row is expected to change, p·(tp − fn) + (1 − p)·(fp − tn).

    p is the score; where the data was resampled, corrected to production's share of positives by the odds ratio.
    """
    p, payoffs = score, policy.payoffs
    if policy.learnt_rate and policy.base_rate:
        positive = score * (policy.base_rate / policy.learnt_rate)
        p = positive / (positive + (1.0 - score) * ((1.0 - policy.base_rate) / (1.0 - policy.learnt_rate)))
    return p * (payoffs.tp - payoffs.fn) + (1.0 - p) * (payoffs.fp - payoffs.tn)
