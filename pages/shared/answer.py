"""The answer in a row of cards: a number, its 90 % interval, and where it comes from."""

import math

import streamlit as st

from core.charts import money, money_interval, share
from core.train.interval import Interval
from pages.shared.figures import literal


def money_card(label: str, amount: Interval, currency: str, *, level: float = 0.9, about: str = "") -> None:
    """Draw an amount of money with its interval."""
    card(label, money(amount.value, currency), _ends(amount, money_interval(amount, currency), level), about)


def share_card(label: str, part: Interval, *, level: float = 0.9, about: str = "") -> None:
    """Draw a share with its interval."""
    card(label, share(part.value), _ends(part, f"{share(part.low)} to {share(part.high)}", level), about)


def card(label: str, value: str, under: str = "", about: str = "") -> None:
    """Draw one card of a row; all texts are plain."""
    st.metric(
        literal(label),
        literal(value),
        literal(under) if under else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=literal(about) if about else None,
    )


def _ends(interval: Interval, text: str, level: float) -> str:
    if math.isnan(interval.low):
        return "too little data for an interval"
    return f"{text} ({level * 100:.3g} % interval)"
