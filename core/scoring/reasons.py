"""Why a row got its score: the columns that moved it most."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .scorer import Contributions


@dataclass(frozen=True, slots=True)
class Reason:
    """One column's part in a row's margin; ``contribution`` is in log-odds, positive pushes towards acting."""

    column: str
    value: str | float | bool | None
    contribution: float


def reasons(contributions: Contributions, table: pa.Table, k: int = 3) -> list[list[Reason]]:
    """Return for each row its ``k`` largest contributions by size, largest first, without those of exactly 0.

    Parameters
    ----------
    contributions : of the rows of ``table``.
    table : (n rows) has the columns; their values are told as they stand there.
    k : at most so many; ties go to the column that comes first.
    """
    values = contributions.values
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :k]
    told: dict[int, list[object]] = {}
    for position in np.unique(order).tolist():
        told[position] = table.column(contributions.columns[position]).to_pylist()
    return [
        [
            Reason(contributions.columns[position], told[position][row], float(values[row, position]))
            for position in chosen
            if values[row, position] != 0.0
        ]
        for row, chosen in enumerate(order.tolist())
    ]
