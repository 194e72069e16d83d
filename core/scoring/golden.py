"""What the golden rows must give: computed once when a bundle is built, and again by whoever verifies it."""

import math
from typing import Any

import numpy as np
import pyarrow as pa

from .contract import surprises
from .folder import BundleFolder
from .period import acted_under
from .policy import acted, expected_gain
from .reasons import reasons

N_REASONS = 3
REASONS = pa.list_(pa.struct([("column", pa.string()), ("contribution", pa.float64())]))


def expected_rows(bundle: BundleFolder, rows: pa.Table) -> pa.Table:
    """Return a row per decision row: ``margin``, ``score``, ``expected_gain`` (currency), ``acted`` (by threshold),
    ``acted_within`` (capacity counted) and ``reasons``.
    """  # noqa: D205
    margin, score = bundle.scorer.margin(rows), bundle.scorer.score(rows)
    told = reasons(bundle.scorer.contributions(rows), rows, N_REASONS)
    return pa.table(
        {
            "margin": margin,
            "score": score,
            "expected_gain": expected_gain(score, bundle.policy),
            "acted": acted(score, bundle.policy.threshold),
            "acted_within": acted_under(bundle.policy, score, rows),
            "reasons": pa.array(
                [[{"column": one.column, "contribution": one.contribution} for one in row] for row in told], REASONS
            ),
        }
    )


def totals(bundle: BundleFolder, rows: pa.Table, expected: pa.Table) -> dict[str, Any]:
    """Return what the golden rows come to: counts, surprises, and the money that acting is expected to win."""
    gain = expected.column("expected_gain").to_numpy()
    mask = expected.column("acted_within").to_numpy().astype(bool)
    return {
        "format": 1,
        "n_rows": rows.num_rows,
        "n_acted": int(np.count_nonzero(mask)),
        "expected_value": math.fsum(gain[mask]),
        "surprises": surprises(rows, bundle.contract),
    }
