"""Why the model says what it says: contributions, importances, one column's effect, one row's reasons."""

from core.explain.contributions import (
    Dependence,
    Explanation,
    Importance,
    dependence,
    explain,
    importances,
    shared_credit,
)
from core.explain.local import Step, sentence, steps, summary
from core.explain.notebook import to_shap

__all__ = [
    "Dependence",
    "Explanation",
    "Importance",
    "Step",
    "dependence",
    "explain",
    "importances",
    "sentence",
    "shared_credit",
    "steps",
    "summary",
    "to_shap",
]
