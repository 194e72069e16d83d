"""How a score ranks, whatever the money: ROC and precision–recall curves, and the scores by outcome."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from core import charts, flow
from core.threshold import ValueCurve

N_BINS = 24


def part(view: flow.ThresholdView, threshold: float) -> None:
    """Draw the three pictures side by side, each with the cut in gold."""
    curve = view.curve
    place = curve.at(threshold)
    rates = rates_of(curve)
    at = rates.iloc[place]
    with st.grid(3, min_column_width=260):
        with st.container():
            st.markdown("**Positives against false acts**")
            st.altair_chart(
                charts.roc_curve(rates, float(at["false_positive_rate"])),
                key="threshold.roc",
                alt=f"ROC curve; at the cut {charts.share(at['true_positive_rate'])} of positives and "
                f"{charts.share(at['false_positive_rate'])} of negatives are acted on",
            )
        with st.container():
            st.markdown("**Right when we act, against reach**")
            acted = rates.iloc[1:].rename(columns={"true_positive_rate": "recall"})
            st.altair_chart(
                charts.pr_curve(acted, float(rates["precision"].iloc[-1]), float(at["true_positive_rate"])),
                key="threshold.pr",
                alt=f"Precision by recall; at the cut {charts.share(at['precision'])} of acts are right",
            )
        with st.container():
            st.markdown("**Scores by outcome**")
            st.altair_chart(
                charts.score_distribution(bins_of(curve), None if math.isinf(threshold) else threshold),
                key="threshold.scores",
                alt="Share of positives and of negatives by score, with the cut",
            )


def rates_of(curve: ValueCurve) -> pd.DataFrame:
    """The curve's cuts as rates: ``false_positive_rate``, ``true_positive_rate`` and ``precision`` (nan at no act)."""
    wrong = curve.n_acted - curve.n_right
    return pd.DataFrame(
        {
            "false_positive_rate": wrong / max(float(wrong[-1]), 1e-12),
            "true_positive_rate": curve.n_right / max(float(curve.n_right[-1]), 1e-12),
            "precision": curve.n_right / np.where(curve.n_acted > 0, curve.n_acted, np.nan),
        }
    )


def bins_of(curve: ValueCurve) -> pd.DataFrame:
    """Where each outcome's rows score, exact in bins that end at possible cuts; columns as the chart takes them."""
    wanted = np.linspace(float(curve.threshold[1]), 0.0, N_BINS + 1)[1:]
    places = np.unique([0, *(curve.at(edge) for edge in wanted), len(curve.threshold) - 1])
    ends = np.minimum(curve.threshold[places], 1.0)
    frames = []
    for outcome, colour, counts in (
        ("positive", "model", curve.n_right),
        ("negative", "today", curve.n_acted - curve.n_right),
    ):
        found = np.diff(counts[places])
        rows = {"low": ends[1:], "high": ends[:-1], "share": found / max(float(counts[-1]), 1e-12)}
        frames.append(pd.DataFrame(rows).assign(outcome=outcome, colour=colour))
    return pd.concat(frames, ignore_index=True)
