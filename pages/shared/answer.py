"""The answer in a row of cards: a number, its 90 % interval, and where it comes from."""

import math

import streamlit as st

from core.charts import interval_text, money, money_interval, number, share
from core.train.interval import Interval
from pages.shared.figures import literal


def row(most: int = 4, *, long: bool = False) -> st.delta_generator.DeltaGenerator:
    """Return the row that cards are drawn in: as tall as the tallest; two beside each other on a phone, unless long."""
    return st.grid(most, min_column_width=190 if long else 150, height="stretch")


def money_card(label: str, amount: Interval, currency: str, *, about: str = "") -> None:
    """Draw an amount of money with its interval."""
    card(label, money(amount.value, currency), _ends(amount, money_interval(amount, currency)), about)


def share_card(label: str, part: Interval, *, about: str = "") -> None:
    """Draw a share with its interval."""
    card(label, share(part.value), _ends(part, f"{share(part.low)} to {share(part.high)}"), about)


def figure_card(label: str, figure: Interval, *, about: str = "") -> None:
    """Draw a plain number with its interval."""
    card(label, number(figure.value), _ends(figure, interval_text(figure)), about)


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


def legend(level: float = 0.9, against: str = "") -> None:
    """Draw the line under a row of cards that says what stands under each figure, and what money is compared with."""
    compared = f" Money is what acting so gains against **{literal(against)}**." if against else ""
    st.caption(f"Under a figure: its {number(100 * level)} % interval.{compared}")


def more(amount: Interval, currency: str) -> str:
    """A difference in money per year as words: more or less, with its interval."""
    word = "less" if amount.value < 0 else "more"
    return f"{money(abs(amount.value), currency)} {word} per year ({money_interval(amount, currency)})"


def _ends(interval: Interval, text: str) -> str:
    return "too little data for an interval" if math.isnan(interval.low) else text
