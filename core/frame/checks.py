"""What is impossible in a frame, and what is still open in it."""

import math
from collections.abc import Collection
from zoneinfo import ZoneInfo

from core.errors import FrameError
from core.frame.records import METRICS, Criteria, Decision, Economics, Frame


def check_decision(decision: Decision) -> None:
    """Refuse a decision that contradicts itself; an unfinished one is fine.

    Raises
    ------
    FrameError
        Naming the value and what it may be.
    """
    split = decision.split
    if not 0.05 <= split.holdout_share <= 0.5:
        raise FrameError(
            f"A holdout share of {split.holdout_share:g} is not possible.", hint="Choose from 0.05 to 0.5."
        )
    if not 2 <= split.n_folds <= 20:
        raise FrameError(f"{split.n_folds} folds are not possible.", hint="Choose from 2 to 20.")
    if split.method == "time" and not decision.decision_time:
        raise FrameError("A split by time needs the decision time.", hint="Choose the column of the decision time.")
    if split.method == "group" and not decision.group:
        raise FrameError("A split by group needs the group.", hint="Choose the group column.")
    if decision.outcome_window_days < 0:
        raise FrameError(
            f"An outcome window of {decision.outcome_window_days:g} days is negative.", hint="Enter 0 or more days."
        )
    if decision.outcome_window_days and not decision.decision_time:
        raise FrameError("An outcome window needs the decision time.", hint="Choose the column of the decision time.")
    if decision.time_zone:
        _check_time_zone(decision.time_zone)
    if decision.target and decision.target in decision.unit_key:
        raise FrameError(f"{decision.target!r} is both target and unit key.", hint="Choose other columns for the key.")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # what zoneinfo raises for no zone, no name, a folder of zones
        raise FrameError(f"There is no time zone {name!r}.", hint="Enter one such as Europe/Berlin, or UTC.") from error


def check_economics(economics: Economics) -> None:
    """Refuse economics that cannot be.

    Raises
    ------
    FrameError
        Naming the value and what it may be.
    """
    payoffs = economics.payoffs
    for name in ("tp", "fp", "fn", "tn"):
        if not math.isfinite(getattr(payoffs, name)):
            raise FrameError(f"The payoff {name} is {getattr(payoffs, name)}.", hint="Enter a number.")
    for name, least in (("rows_per_year", 0.0), ("build_cost", 0.0), ("run_cost_per_year", 0.0)):
        value = getattr(economics, name)
        if not math.isfinite(value) or value < least:
            raise FrameError(f"{name.replace('_', ' ')} is {value:g}.", hint="Enter 0 or more.")
    if economics.horizon_years <= 0:
        raise FrameError(f"A horizon of {economics.horizon_years:g} years is not possible.", hint="Enter more than 0.")
    if economics.capacity and economics.capacity.n_actions < 0:
        raise FrameError(f"A capacity of {economics.capacity.n_actions} is negative.", hint="Enter 0 or more.")
    if economics.base_rate is not None and not 0 < economics.base_rate < 1:
        raise FrameError(f"A base rate of {economics.base_rate:g} is not possible.", hint="Enter a share in (0, 1).")


def acting_never_pays(economics: Economics) -> bool:
    """Return whether no row, however certain, is worth acting on."""
    payoffs = economics.payoffs
    return payoffs.tp - payoffs.fn <= 0 and payoffs.fp - payoffs.tn <= 0


def check_criteria(criteria: Criteria) -> None:
    """Refuse criteria that nothing could be held against.

    Raises
    ------
    FrameError
        Naming the criterion.
    """
    seen = set()
    for item in criteria.items:
        if item.metric not in METRICS:
            raise FrameError(f"There is no metric {item.metric!r}.", hint=f"Choose one of {', '.join(METRICS)}.")
        if (item.at_least is None) == (item.at_most is None):
            raise FrameError(f"The criterion on {item.metric} needs one bar.", hint="Give either at_least or at_most.")
        if item.metric in seen:
            raise FrameError(f"There are two criteria on {item.metric}.", hint="Keep one of them.")
        seen.add(item.metric)


def open_questions(frame: Frame, columns: Collection[str] | None) -> tuple[str, ...]:
    """Return what has to be said before anything can be trained, a sentence each.

    Parameters
    ----------
    columns : the prepared columns; None before anything is prepared.
    """
    decision, economics = frame.decision, frame.economics
    asked = []
    if not decision.question:
        asked.append("What is decided? Write the decision as a question.")
    if not decision.target:
        asked.append("Which column holds the outcome?")
    elif not decision.positive:
        asked.append(f"Which value of {decision.target} is the positive outcome?")
    if decision.target and not decision.empty_outcome:
        asked.append("What does an empty outcome mean: excluded, negative or positive?")
    if economics.payoffs == type(economics.payoffs)():
        asked.append("What is each outcome worth? All four payoffs are 0.")
    elif acting_never_pays(economics):
        asked.append("Acting never pays with these payoffs, not even when it is right. Is a sign the wrong way round?")
    if not economics.rows_per_year:
        asked.append("How many rows are decided in a year?")
    if not frame.criteria.items:
        asked.append("What is success? Set at least one criterion.")
    if columns is not None:
        named = [*decision.unit_key, decision.target, decision.decision_time, decision.group]
        missing = [name for name in named if name and name not in columns]
        asked += [f"The column {name!r} is named in the frame but not in the prepared table." for name in missing]
    return tuple(asked)
