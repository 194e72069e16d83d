"""Numbers as a person reads them: three significant figures, units, intervals."""

import math

from core.train.interval import Interval

__all__ = [
    "count",
    "currency_prefix",
    "duration",
    "interval_text",
    "money",
    "money_axis",
    "money_interval",
    "number",
    "share",
]

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$"}
LONGEST_CODE = 3
STEPS = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
SPACE = "\u00a0"
MINUS = "\u2212"


def currency_prefix(currency: str) -> str:
    """A currency's symbol, or its code and a space that does not break; a longer word goes behind the amount."""
    return SYMBOLS.get(currency, f"{currency}{SPACE}" if currency and len(currency) <= LONGEST_CODE else "")


def currency_suffix(currency: str) -> str:
    """A currency that is a word ("units"), with a space that does not break before it; nothing for a symbol or code."""
    return f"{SPACE}{currency}" if len(currency) > LONGEST_CODE else ""


def number(value: float) -> str:
    """Three significant figures without trailing zeros; a dash when there is no number."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = max(2 - math.floor(math.log10(abs(value))), 0)
    rounded = round(value, digits) if abs(value) < 1000 else round(value)
    text = f"{abs(rounded):,.{min(digits, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS if rounded < 0 else ''}{text}"


def money(value: float, currency: str = "") -> str:
    """An amount shortened to three significant figures: ``€1.2 M``.

    Parameters
    ----------
    value : an amount in ``currency``.
    currency : an ISO code, or any word.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    for step, unit in STEPS:
        if size >= step * 0.9995:
            body = f"{number(size / step)}{SPACE}{unit}"
            break
    else:
        body = number(size)
    return f"{MINUS if value < 0 and body != '0' else ''}{currency_prefix(currency)}{body}{currency_suffix(currency)}"


def money_axis(currency: str) -> str:
    """A Vega expression that labels an axis of money the way `money` writes it."""
    prefix, suffix = (word(currency).replace("\\", "").replace("'", "") for word in (currency_prefix, currency_suffix))
    size = "abs(datum.value)"
    return (
        f"(datum.value < 0 ? '{MINUS}' : '') + '{prefix}' + ("
        + "".join(
            f"{size} >= {step:.0f} ? format({size} / {step:.0f}, '.3~g') + '{SPACE}{unit}' : " for step, unit in STEPS
        )
        + f"format({size}, '.3~g')) + '{suffix}'"
    )


def share(value: float) -> str:
    """A share in [0, 1] as a percentage of three significant figures: ``12.3 %``."""
    return "–" if not math.isfinite(value) else f"{number(value * 100)}{SPACE}%"


def count(value: float) -> str:
    """A whole number with separators."""
    return "–" if not math.isfinite(value) else f"{round(value):,}".replace("-", MINUS)


def duration(seconds: float) -> str:
    """Seconds as a person says them: ``850 ms``, ``12 s``, ``3 min 20 s``."""
    if seconds < 1:
        return f"{number(seconds * 1000)}{SPACE}ms"
    if seconds < 60:
        return f"{number(seconds)}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{SPACE}min" + (f" {rest}{SPACE}s" if rest else "")


def interval_text(interval: Interval) -> str:
    """The two ends of an interval: ``0.71 to 0.78``."""
    return f"{number(interval.low)} to {number(interval.high)}"


def money_interval(interval: Interval, currency: str) -> str:
    """The two ends of an interval of money: ``€380 k to €460 k``."""
    return f"{money(interval.low, currency)} to {money(interval.high, currency)}"
