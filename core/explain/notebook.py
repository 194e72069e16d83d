"""An explanation in shap's own words, for notebooks."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.errors import NotReadyError
from core.explain.contributions import Explanation

if TYPE_CHECKING:
    import shap


def to_shap(explanation: Explanation, table: pa.Table) -> "shap.Explanation":
    """Return a ``shap.Explanation`` with values, base values, the rows' own data and the column names.

    Parameters
    ----------
    explanation : of ``table``, or of a sample of its rows.
    table : (n_all rows) the rows that were explained.

    Raises
    ------
    NotReadyError
        When the package shap is not installed.
    """
    try:
        import shap
    except ImportError as error:
        raise NotReadyError("The package shap is not installed.", hint="Run: pip install shap") from error
    taken = table.select(list(explanation.columns)).take(pa.array(explanation.rows))
    data = np.empty((taken.num_rows, len(explanation.columns)), dtype=object)
    for i, column in enumerate(taken.columns):
        data[:, i] = column.to_pylist()
    return shap.Explanation(
        values=explanation.values,
        base_values=np.full(len(explanation.values), explanation.base_value),
        data=data,
        feature_names=list(explanation.columns),
    )
