"""Sizes, times and plurals as a reader wants them, and text from data made safe for Markdown."""

import re
from datetime import UTC, datetime

from core.charts import count, duration, number

UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))
LENGTHS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def literal(text: object) -> str:
    """Return text that Markdown leaves as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:^-])", r"\\\1", str(text))


def size(n_bytes: float) -> str:
    """Return a size in B, KB, MB or GB (powers of 1,000)."""
    for step, unit in UNITS:
        if n_bytes >= step * 0.9995:
            return f"{number(n_bytes / step)} {unit}"
    return f"{n_bytes:.0f} B"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a time was, in words."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for length, unit in LENGTHS:
        if seconds >= length * 0.75:
            return f"{plural(max(1, round(seconds / length)), unit)} ago"
    return "just now"


def roughly(seconds: float) -> str:
    """Return an estimate of time in words, no finer than it can be: 7 s, 35 s, 1 min 20 s."""
    step = 1 if seconds < 10 else 5 if seconds < 60 else 10
    return duration(max(step, step * round(seconds / step)))


def when(moment: datetime) -> str:
    """Return a time with its zone."""
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M} UTC".lstrip("0")


def plural(n: int, one: str, many: str = "") -> str:
    """Return a count and its noun."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"
