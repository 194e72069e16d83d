"""How long a score takes, through the code that the bundle runs."""

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.scoring.scorer import Scorer

LARGE = 10_000
WARM_UP = 5
LEAST = 5


@dataclass(frozen=True, slots=True)
class Latency:
    """Medians on one thread, and what they were measured on.

    Attributes
    ----------
    one_row_ms, ten_thousand_rows_ms : milliseconds from table to score.
    machine : processor, cores and Python.
    n_one_row, n_ten_thousand_rows : how many times each was measured.
    """

    one_row_ms: float
    ten_thousand_rows_ms: float
    machine: str
    n_one_row: int
    n_ten_thousand_rows: int


def latency(files: Mapping[str, bytes], features: pa.Table, n: int = 200, budget_seconds: float = 3.0) -> Latency:
    """Measure how long scoring takes.

    Parameters
    ----------
    files : a model.
    features : rows to score, at least one; repeated up to 10,000.
    n : measurements of each; fewer of the large one, but at least five, when they take more than the budget.
    budget_seconds : for the large one.
    """
    scorer = Scorer.from_files(files)
    columns = features.select(list(scorer.columns))
    singles = [columns.slice(i % columns.num_rows, 1).combine_chunks() for i in range(n + WARM_UP)]
    one = [_milliseconds(scorer, table) for table in singles][WARM_UP:]
    large = columns.take(pa.array(np.arange(LARGE) % columns.num_rows)).combine_chunks()
    scorer.score(large)
    many: list[float] = []
    while len(many) < n and (len(many) < LEAST or sum(many) < budget_seconds * 1e3):
        many.append(_milliseconds(scorer, large))
    return Latency(float(np.median(one)), float(np.median(many)), machine(), len(one), len(many))


def machine() -> str:
    """Return the processor, the number of cores and the Python version."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _milliseconds(scorer: Scorer, table: pa.Table) -> float:
    began = time.perf_counter()
    scorer.score(table)
    return (time.perf_counter() - began) * 1e3
