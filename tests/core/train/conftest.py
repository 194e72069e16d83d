"""Simulated tables whose truth is known."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

Table = tuple[pa.Table, np.ndarray]


def simulated(n: int, base: float = -1.0, seed: int = 0) -> Table:
    """A table of every kind of column, with gaps, and an outcome that depends on three of them."""
    rng = np.random.default_rng(seed)
    x, z, colour = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 4, n)
    flag = rng.random(n) < 0.5
    margin = base + 1.2 * x + np.array([-1.0, 0.0, 0.5, 1.0])[colour] + 0.8 * flag
    y = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(np.int8)
    table = pa.table(
        {
            "x": pa.array(np.where(rng.random(n) < 0.1, np.nan, x), from_pandas=True),
            "z": z,
            "colour": pa.array(np.array(["red", "green", "blue", "grey"])[colour]),
            "flag": pa.array(flag),
        }
    )
    return table, y


@pytest.fixture(scope="session")
def table_of() -> Callable[..., Table]:
    """Make a simulated table: ``table_of(n, base=…, seed=…)``."""
    return simulated
