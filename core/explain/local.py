"""Why one row got its score: step by step in probability, and in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.scoring.sigmoid import sigmoid

Value = str | float | int | bool | None
TINY_STEP = 0.0005


@dataclass(frozen=True, slots=True)
class Step:
    """One column's part in a row's score.

    Attributes
    ----------
    column, value : the column and the row's value; for the last, joint step the value is None and ``n_columns`` > 1.
    contribution : log odds, positive pushes towards the positive class.
    before, after : the probability without and with this column, in the order of the steps.
    n_columns : how many columns the step stands for.
    """

    column: str
    value: Value
    contribution: float
    before: float
    after: float
    n_columns: int = 1


def steps(
    columns: Sequence[str], contributions: np.ndarray, base_value: float, values: Sequence[Value], n: int = 8
) -> tuple[Step, ...]:
    """Go from the base value to a row's score, the largest contribution first.

    Contributions add up in log odds; in probability a step's size depends on where it starts, so the order of the steps
    matters there: it is always by size.

    Parameters
    ----------
    columns : (p,) names.
    contributions : (p,) log odds.
    base_value : log odds before any column.
    values : (p,) the row's own values.
    n : the others become one last step, so that the sum still holds.

    Returns
    -------
    The first starts at sigmoid(base_value), the last ends at the score.
    """
    order = np.argsort(-np.abs(contributions), kind="stable")
    shown, rest = order[:n], order[n:]
    if rest.size == 1:
        shown, rest = order, order[:0]
    parts = np.r_[contributions[shown], contributions[rest].sum()] if rest.size else contributions[shown]
    at = sigmoid(base_value + np.r_[0.0, np.cumsum(parts)])
    found = [
        Step(columns[j], values[j], float(contributions[j]), float(at[i]), float(at[i + 1]))
        for i, j in enumerate(shown)
    ]
    if rest.size:
        last = len(shown)
        found.append(
            Step(f"{rest.size} other columns", None, float(parts[-1]), float(at[last]), float(at[last + 1]), rest.size)
        )
    return tuple(found)


def sentence(step: Step) -> str:
    """Say one step in words, as a sentence: ``income = 1,200 lowers the probability from 34 % to 21 %.``."""
    who = told(step)
    if abs(step.after - step.before) < TINY_STEP:
        return f"{who} hardly moves the probability of {percent(step.after)}."
    verb = "raises" if step.after > step.before else "lowers"
    if step.n_columns > 1:
        verb = verb.removesuffix("s")
    return f"{who} {verb} the probability from {percent(step.before)} to {percent(step.after)}."


def summary(found: Sequence[Step], threshold: float | None = None) -> str:
    """Say why a row got its score in at most three sentences.

    Parameters
    ----------
    found : all steps of the row.
    threshold : when given, the first sentence says whether the row is acted on (capacity not counted).
    """
    if not found:
        return "The model uses no column: every row gets the same score."
    score, base = found[-1].after, found[0].before
    level = "above" if score > base else "below" if score < base else "at"
    first = f"The score is {percent(score)}, {level} the starting point of {percent(base)}"
    if threshold is not None:
        first += "; that is enough to act" if score >= threshold else "; that is not enough to act"
    raising = [told(one) for one in found if one.contribution > 0 and one.n_columns == 1][:3]
    lowering = [told(one) for one in found if one.contribution < 0 and one.n_columns == 1][:3]
    said = [f"{first}."]
    pairs = [("For it", raising), ("Against it", lowering)]
    said += [
        f"{word}: {', '.join(names).removesuffix('.')}."
        for word, names in (pairs if score >= base else pairs[::-1])
        if names
    ]
    return " ".join(said)


def told(step: Step) -> str:
    """Return "column = value" as a person writes it; "column is missing" without a value."""
    if step.n_columns > 1:
        return step.column
    value = step.value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return f"{step.column} is missing"
    if isinstance(value, bool):
        return f"{step.column} is {'true' if value else 'false'}"
    if isinstance(value, int | float):
        return f"{step.column} = {value:,}" if float(value).is_integer() else f"{step.column} = {value:,.4g}"
    return f"{step.column} = {value}"


def percent(share: float) -> str:
    """Return a share in percent: no decimals from 10 to 90 %, more towards both ends, never a false 0 or 100."""
    edge = min(share, 1 - share)
    if edge < 0.0005:
        return "below 0.05 %" if share < 0.5 else "above 99.95 %"
    decimals = 0 if edge >= 0.0995 else 1 if edge >= 0.01 else 2
    return f"{100 * share:.{decimals}f} %"
