"""How raw tables become one row per decision: named SQL steps, what they read, and what they change."""

from core.prepare.bounds import Unbounded, window_without_bound
from core.prepare.changes import StepChange, UnitChange, step_changes
from core.prepare.dependence import Dependence, decision_tables, depends_on_other_rows
from core.prepare.lineage import ColumnEdge, Lineage, Origins, TargetRead, lineage, origins, target_reads
from core.prepare.readymade import READY_MADE, ready_made
from core.prepare.readymade_form import Check, Note, Parameter, ReadyMade, Schemas, Suggestion
from core.prepare.recipe import Recipe, Step, check_recipe, recipe_body, recipe_from_body
from core.prepare.renaming import renamed

__all__ = [
    "Check",
    "ColumnEdge",
    "Dependence",
    "Lineage",
    "Note",
    "Origins",
    "Parameter",
    "READY_MADE",
    "ReadyMade",
    "Recipe",
    "Schemas",
    "Step",
    "StepChange",
    "Suggestion",
    "TargetRead",
    "Unbounded",
    "UnitChange",
    "check_recipe",
    "decision_tables",
    "depends_on_other_rows",
    "lineage",
    "origins",
    "ready_made",
    "recipe_body",
    "recipe_from_body",
    "renamed",
    "step_changes",
    "target_reads",
    "window_without_bound",
]
