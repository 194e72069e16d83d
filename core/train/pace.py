"""How far training has come, how much time it has left, and whether somebody stopped it."""

import time
from collections.abc import Callable
from typing import TypedDict, Unpack

from core.errors import CancelledError

UNITS = 100
REPORT_SECONDS = 0.1
LEAST_SHARE = 0.3

Progress = Callable[[int, int, str], None]


class Watch(TypedDict, total=False):
    """Who looks on: ``progress(work done, work in all, what is being done)``; ``cancelled()``."""

    progress: Progress
    cancelled: Callable[[], bool]


class Pace:
    """The clock of one training: units of work done, seconds left, cancellation.

    Parameters
    ----------
    weights : work, one entry per fit, in the order in which they run.
    budget_seconds : for all fits together.
    follow : whether the clock may cut a fit short; a replay does not.
    watch : progress is told at most ten times a second within a fit.
    """

    def __init__(
        self, weights: list[float], budget_seconds: float, follow: bool = True, **watch: Unpack[Watch]
    ) -> None:
        """Start the clock."""
        self._weights = weights
        self._progress: Progress = watch.get("progress", lambda done, total, message: None)
        self._cancelled: Callable[[], bool] = watch.get("cancelled", lambda: False)
        self._budget = budget_seconds
        self._end = time.monotonic() + budget_seconds if follow else None
        self._position = -1
        self._message = ""
        self._reported = 0.0
        self._share = 0.0
        self._fit_end: float | None = None
        self._fit_began = 0.0

    def start(self, message: str) -> None:
        """Begin the next fit: its part, by weight, of the seconds left, and at least 0.3 of what was planned."""
        self.check()
        self._position += 1
        self._message = message
        self._fit_began = time.monotonic()
        if self._end is not None:
            part = self._weights[self._position] / sum(self._weights[self._position :])
            left = (self._end - self._fit_began) * part
            self._fit_end = self._fit_began + max(left, LEAST_SHARE * self.planned_seconds)
        self._share = 0.0
        self._report(self._share)

    @property
    def planned_seconds(self) -> float:
        """The current fit's part of the whole budget, whatever the clock says."""
        return self._budget * self._weights[self._position] / sum(self._weights)

    def step(self, share: float) -> None:
        """Report that so much of the current fit is done, in [0, 1].

        Raises
        ------
        CancelledError
            When somebody stopped the training.
        """
        self.check()
        now = time.monotonic()
        if now - self._reported < REPORT_SECONDS:
            return
        self._reported = now
        if self._fit_end is not None and self._fit_end > self._fit_began:
            share = max(share, (now - self._fit_began) / (self._fit_end - self._fit_began))
        self._share = max(self._share, min(share, 1.0))
        self._report(self._share)

    def finish(self) -> None:
        """Report that everything is done."""
        self._position, self._message = len(self._weights), "done"
        self._report(0.0)

    def _report(self, share: float) -> None:
        whole = sum(self._weights)
        now = self._weights[self._position] if self._position < len(self._weights) else 0.0
        done = sum(self._weights[: self._position]) + now * share
        self._progress(round(done / whole * UNITS * len(self._weights)), UNITS * len(self._weights), self._message)

    def out_of_time(self, share: float = 1.0) -> bool:
        """Whether the current fit has used up so much of its part of the budget."""
        if self._fit_end is None:
            return False
        return time.monotonic() >= self._fit_began + (self._fit_end - self._fit_began) * share

    def check(self) -> None:
        """Stop when somebody asked to.

        Raises
        ------
        CancelledError
            Then.
        """
        if self._cancelled():
            raise CancelledError("Training was stopped.", hint="Nothing of it was recorded; start it again on Train.")
