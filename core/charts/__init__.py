"""Charts: values in, an Altair chart out; colours come from the reader's theme (see `meaning`)."""

from core.charts.contributions import dependence, importance, waterfall
from core.charts.intervals import gate_intervals, leaderboard, prices
from core.charts.meaning import paper
from core.charts.numbers import count, duration, interval_text, money, money_interval, number, share
from core.charts.ranking import confusion_matrix, pr_curve, roc_curve, score_distribution
from core.charts.value import movable_value_curve, value_curve

__all__ = [
    "confusion_matrix",
    "count",
    "dependence",
    "duration",
    "gate_intervals",
    "importance",
    "interval_text",
    "leaderboard",
    "money",
    "money_interval",
    "movable_value_curve",
    "number",
    "paper",
    "pr_curve",
    "prices",
    "roc_curve",
    "score_distribution",
    "share",
    "value_curve",
    "waterfall",
]
