"""The cuts of a value curve, in words."""

import pandas as pd

from core import flow
from core.charts import money, share
from core.frame import Economics


def cuts(curve: pd.DataFrame, *kept: float) -> dict[float, str]:
    """The thresholds that can be chosen, each in words; from acting on none to acting on all there is room for.

    Of cuts that read alike one is offered: a ``kept`` one, else the highest.
    """
    found: dict[str, float] = {}
    for row in curve.itertuples():
        word = f"act on {100 * row.share_acted:.2f} %" if row.share_acted > 0 else "act on none"
        if word not in found or (row.threshold in kept and found[word] not in kept):
            found[word] = row.threshold
    return {cut: word for word, cut in found.items()}


def nearest(options: dict[float, str], threshold: float) -> float:
    """The option that acts as a threshold does, or nearly: the lowest one not below it."""
    above = [cut for cut in options if cut >= threshold]
    return min(above) if above else min(options)


def described(view: flow.ThresholdView, curve: pd.DataFrame, economics: Economics) -> str:
    """What the curve means, for a reader who cannot see it."""
    top = curve.loc[curve["value"].idxmax()]
    return (
        f"Net value per year against {view.today.name}: it rises to {money(top['value'], economics.currency)} when "
        f"acting on {share(top['share_acted'])} of rows and is {money(curve['value'].iloc[-1], economics.currency)} at "
        f"{share(curve['share_acted'].iloc[-1])}."
    )
