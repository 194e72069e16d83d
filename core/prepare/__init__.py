"""How raw tables become one row per decision: named SQL steps, what they read, and what they change."""

from core.prepare.bounds import Unbounded, window_without_bound
from core.prepare.changes import StepChange, step_changes
from core.prepare.lineage import ColumnEdge, Lineage, lineage
from core.prepare.recipe import Recipe, Step, check_recipe

__all__ = [
    "ColumnEdge",
    "Lineage",
    "Recipe",
    "Step",
    "StepChange",
    "Unbounded",
    "check_recipe",
    "lineage",
    "step_changes",
    "window_without_bound",
]
