"""The rows that money is computed on, and values that took long, kept by what they were made from."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from core.errors import NotReadyError
from core.flow.common import needed
from core.flow.framing import frame
from core.flow.rows import todays_acts
from core.flow.runs import RunRows, RunView, run, run_rows
from core.threshold import (
    ScoredRows,
    Times,
    scored_rows,
)
from core.workspace import Project

Value = TypeVar("Value")


class Kept:
    """The last few values that took long, by what they were made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], Value]) -> Value:
        """Return the value kept under a key, made now when there is none."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]  # type: ignore[return-value]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


_rows = Kept(4)


def default_candidate(view: RunView) -> str:
    """Return the candidate that ranks best out of fold; the constant only when there is nothing else."""
    able = [one for one in view.candidates if one.family != "constant"] or list(view.candidates)
    return max(able, key=lambda one: one.metrics["roc_auc"].value).name


def needed_run(project: Project, digest: str | None) -> RunView:
    """Return a run, the current one when None; NotReadyError before anything is trained."""
    found = run(project, digest)
    if found is None:
        raise NotReadyError("Nothing is trained yet.", hint="Train a model on the page Train.")
    return found


def scored(project: Project, view: RunView, candidate: str) -> tuple[ScoredRows, RunRows]:
    """Return a candidate's out-of-fold rows as money is computed on them, and the rows of the run they come from."""
    view.candidate(candidate)
    economics = needed(project, "economics", "Say on Frame what each outcome is worth.")
    key = (str(project.path), view.digest, candidate, economics.digest)

    def make() -> tuple[ScoredRows, RunRows]:
        found = run_rows(project, view.digest, candidate)
        return money_rows(project, found, np.isfinite(found.score), found.score, "training"), found

    return _rows.get(key, make)


def money_rows(project: Project, found: RunRows, part: np.ndarray, score: np.ndarray, name: str) -> ScoredRows:
    """Return some rows of a run as money is computed on them.

    Parameters
    ----------
    part : (n,) bool, which rows. score : (n,) floats in [0, 1] there. name : "training" or "holdout".
    """
    said = frame(project)
    economics = said.economics
    acts = todays_acts(project, economics, found.row_number, found.table)
    times = Times(found.at[part], found.at[~part], said.decision.time_zone) if found.at is not None else None
    return scored_rows(
        score[part],
        found.y[part],
        economics,
        times=times,
        group=found.group[part] if found.group is not None else None,
        today=acts[part] if acts is not None else None,
        part=name,
    )
