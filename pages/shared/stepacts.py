"""What a person does to the steps on Prepare: add, rename, move, duplicate, remove, declare; all can be undone."""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import SqlError
from core.prepare import Step, renamed
from core.prepare.sqltext import name_sql
from core.workspace import Project
from pages.shared.steps import change, free_name, place


def add(project: Project) -> None:
    """Add a step that takes over what the last one yields."""

    def made(held: list[Step]) -> list[Step]:
        source = f"\nFROM {name_sql(held[-1].name)}" if held else ""
        return [*held, Step(free_name("step", held), f"SELECT *{source}")]

    change(project, "new step", made)


def insert(project: Project, title: str, base: str, sql: str, reads: Sequence[str]) -> None:
    """Put a step behind the last of those that it reads: at the end when that is the last step."""

    def made(held: list[Step]) -> list[Step]:
        after = max((at + 1 for at, step in enumerate(held) if step.name in reads), default=0)
        return [*held[:after], Step(free_name(base, held), sql), *held[after:]]

    change(project, title, made)


def rename(project: Project, old: str, new: str) -> None:
    """Call a step otherwise; the steps after it read it by its new name from now on.

    Raises
    ------
    SqlError
        When another step has the name, or it is none.
    """

    def made(held: list[Step]) -> Sequence[Step]:
        place(held, old)
        if not new or new.lower() in {step.name.lower() for step in held if step.name != old}:
            problem = f"There is already a step called {new!r}." if new else "A step needs a name."
            raise SqlError(problem, hint="Give the step another name.")
        return renamed(held, old, new)

    change(project, f"rename of {old}", made)


def declare(project: Project, name: str, upstream: bool) -> None:
    """Say whether a step runs upstream of the service."""

    def made(held: list[Step]) -> list[Step]:
        at = place(held, name)
        return [*held[:at], replace(held[at], upstream=upstream), *held[at + 1 :]]

    change(project, f"where {name} runs", made)


def move(project: Project, name: str, by: int) -> None:
    """Move a step up (-1) or down (1)."""

    def made(held: list[Step]) -> list[Step]:
        at = place(held, name)
        held.insert(max(at + by, 0), held.pop(at))
        return held

    change(project, f"move of {name}", made)


def duplicate(project: Project, name: str) -> None:
    """Put a copy of a step behind it."""

    def made(held: list[Step]) -> list[Step]:
        at = place(held, name)
        held.insert(at + 1, replace(held[at], name=free_name(name, held)))
        return held

    change(project, f"copy of {name}", made)


def remove(project: Project, name: str) -> None:
    """Take a step out."""

    def made(held: list[Step]) -> list[Step]:
        held.pop(place(held, name))
        return held

    change(project, f"removal of {name}", made)
