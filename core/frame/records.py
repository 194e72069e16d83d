"""The four records of Frame: Decision, Economics, Criteria and People."""

from dataclasses import dataclass, field
from typing import Literal

from core.scoring.policy import Capacity, Payoffs

SplitMethod = Literal["random", "group", "order", "time"]
Availability = Literal["before", "at", "after", "unknown"]
EmptyOutcome = Literal["", "excluded", "negative", "positive"]
Affected = Literal["", "no", "yes", "unknown"]


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """How rows are set aside: ``holdout_share`` of them for the verdict, the rest in ``n_folds`` folds.

    ``gap_days`` is left out between what is learnt from and what is judged, with method "time".
    """

    method: SplitMethod = "random"
    holdout_share: float = 0.2
    n_folds: int = 5
    gap_days: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided, about what, when, and what counts as its outcome.

    Attributes
    ----------
    question : the decision as a question.
    unit : what one row is, in words.
    unit_key : columns that name a row; empty means the row's number in the recipe's result.
    target, positive : the column that holds the outcome, and its value, as text, that counts as positive.
    empty_outcome : what an empty outcome means; "" while nobody has said.
    decision_time : the column that says when the decision is made, or "".
    outcome_window_days : an outcome is known only after so many days; younger rows are left out and counted.
    group : the column whose rows belong together (a customer), or "".
    affected : were past outcomes affected by today's action; ``affected_reason`` is why that is accepted.
    called : how the decision is asked for; ``latency_ms`` within which, for a request.
    """

    question: str = ""
    unit: str = ""
    unit_key: tuple[str, ...] = ()
    target: str = ""
    positive: str = ""
    empty_outcome: EmptyOutcome = ""
    decision_time: str = ""
    outcome_window_days: float = 0.0
    group: str = ""
    time_zone: str = "UTC"
    affected: Affected = ""
    affected_reason: str = ""
    called: Literal["batch", "request", "database"] = "batch"
    latency_ms: float = 0.0
    split: SplitChoice = field(default_factory=SplitChoice)


@dataclass(frozen=True, slots=True)
class Incumbent:
    """What is done today: ``sql`` (a condition over prepared columns) or ``column`` (true or non-zero: acted on)."""

    name: str = "today's rule"
    sql: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Economics:
    """What each outcome is worth, how much there is of it, and what building and running costs."""

    currency: str = "EUR"
    payoffs: Payoffs = field(default_factory=Payoffs)
    capacity: Capacity | None = None
    rows_per_year: float = 0.0
    horizon_years: float = 1.0
    build_cost: float = 0.0
    run_cost_per_year: float = 0.0
    incumbent: Incumbent | None = None
    base_rate: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One bar: exactly one of ``at_least`` and ``at_most`` is set."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Criteria:
    """What success is, fixed before the holdout is opened."""

    items: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Who is behind it; ``decide_by`` is an ISO date, ``rounds`` how many rounds of work were agreed."""

    sponsor: str = ""
    owner: str = ""
    system: str = ""
    labeller: str = ""
    decide_by: str = ""
    rounds: int = 0


METRICS = {
    "net_value_per_year": "Net value per year against today",
    "net_value_over_horizon": "Net value over the horizon against today",
    "recall": "Recall: share of positives acted on",
    "precision": "Precision: share of acts that are right",
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "latency_ms": "Latency of one row, ms",
    "model_size_mb": "Size of the model, MB",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """The four records together, as far as they are filled in."""

    decision: Decision = field(default_factory=Decision)
    economics: Economics = field(default_factory=Economics)
    criteria: Criteria = field(default_factory=Criteria)
    people: People = field(default_factory=People)
