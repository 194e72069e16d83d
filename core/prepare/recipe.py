"""A recipe: ordered, named SELECTs, each over the loaded tables and the steps before it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import SqlError, SqlRefusedError
from core.workspace.usersql import check_select

_NAME = re.compile(r"[^\W\d]\w{0,62}")


@dataclass(frozen=True, slots=True)
class Step:
    """One named SELECT.

    ``upstream`` declares that it runs before the service, over all rows there are: a request carries its result.
    """

    name: str
    sql: str
    upstream: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """The steps in order; the last one yields one row per decision."""

    steps: tuple[Step, ...]

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return (name, sql) of each step, as core.scoring takes them."""
        return tuple((step.name, step.sql) for step in self.steps)


def check_recipe(recipe: Recipe, tables: Collection[str]) -> Recipe:
    """Check names and SQL of every step.

    Parameters
    ----------
    recipe : at least one step.
    tables : names of the loaded tables.

    Returns
    -------
    The recipe with each step's SQL as ``check_select`` cleans it.

    Raises
    ------
    SqlError, SqlRefusedError
        The sentence names the step; ``line`` is the line within the step where known, ``step`` its name.
    """
    if not recipe.steps:
        raise SqlError("The recipe has no steps.", hint="Add one, for example SELECT * FROM a table.")
    known = list(tables)
    checked = []
    for step in recipe.steps:
        _check_name(step.name, known, tables)
        try:
            checked.append(replace(step, sql=check_select(step.sql, known)))
        except SqlError as error:
            raise in_step(error, step.name) from error
        known.append(step.name)
    return Recipe(tuple(checked))


def recipe_body(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as a record holds it; what is not declared is left out, so that older digests stay."""
    listed = [
        {"name": step.name, "sql": step.sql} | ({"upstream": True} if step.upstream else {}) for step in recipe.steps
    ]
    return {"steps": listed}


def recipe_from_body(body: Mapping[str, Any]) -> Recipe:
    """Return the recipe that a record's body describes."""
    return Recipe(tuple(Step(one["name"], one["sql"], one.get("upstream", False)) for one in body["steps"]))


def _check_name(name: str, known: Collection[str], tables: Collection[str]) -> None:
    if not _NAME.fullmatch(name):
        raise SqlError(
            f"A step cannot be called {name!r}.", hint="Use letters, digits and _, at most 63, not a digit first."
        )
    if name.lower() in {other.lower() for other in known}:
        what = "loaded table" if name.lower() in {table.lower() for table in tables} else "step"
        raise SqlError(f"There is already a {what} called {name!r}.", hint="Give the step another name.")


def in_step(error: SqlError, name: str) -> SqlError:
    """Return the error with the step's name in its sentence, its place kept and ``step`` set."""
    kind = SqlRefusedError if isinstance(error, SqlRefusedError) else SqlError
    named = kind(f"Step {name!r}: {error.problem}", hint=error.hint)
    named.line, named.column = getattr(error, "line", None), getattr(error, "column", None)
    named.token, named.step = getattr(error, "token", ""), name
    return named
