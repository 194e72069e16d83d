"""One line of README's table of measurements, and how two ways of doing a thing are timed against each other."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, what came out, and the bar it was held against ("" where there is none)."""

    what: str
    found: str
    bar: str = ""
    reached: bool | None = None

    def __str__(self) -> str:
        """Return the line as Markdown."""
        word = {True: "yes", False: "no", None: "–"}[self.reached]
        return f"| {self.what} | {self.found} | {self.bar or '–'} | {word} |"


def interleaved(ways: Mapping[str, Callable[[], object]], n_rounds: int = 5) -> dict[str, tuple[float, float]]:
    """Time each way once per round, in turn, and return the least and the median seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(n_rounds):
        for name, way in ways.items():
            gc.collect()
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return {name: (min(found), statistics.median(found)) for name, found in seconds.items()}
