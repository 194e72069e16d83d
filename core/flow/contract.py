"""The column contract: when each prepared column is known."""

from collections.abc import Mapping

from core.errors import FrameError
from core.flow.framing import prepared_columns
from core.workspace import ANY, Project, Record

AVAILABILITY = ("before", "at", "after", "unknown")


def availability(project: Project) -> dict[str, str]:
    """Return when each prepared column is known: "before", "at", "after" or "unknown"."""
    record = project.head("contract")
    said = record.body["availability"] if record else {}
    return {column.name: said.get(column.name, "unknown") for column in prepared_columns(project)}


def ensure_contract(project: Project, author: str) -> Record:
    """Return the column contract; an empty one is recorded when nobody has said anything yet."""
    return project.head("contract") or project.save("contract", {"availability": {}}, author=author)


def set_availability(project: Project, changes: Mapping[str, str], author: str, seen: str | None = ANY) -> None:
    """Say when columns are known; what was said about others stays.

    Raises
    ------
    FrameError
        When a column or a word is not known; the choices are named.
    """
    columns = [column.name for column in prepared_columns(project)]
    for name, when in changes.items():
        if when not in AVAILABILITY:
            raise FrameError(f"{when!r} is no availability.", hint=f"Choose one of {', '.join(AVAILABILITY)}.")
        if columns and name not in columns:
            raise FrameError(f"There is no column {name!r}.", hint=f"Choose one of {', '.join(columns)}.")
    head = project.head("contract")
    said = (dict(head.body["availability"]) if head else {}) | dict(changes)
    body = {"availability": {name: when for name, when in sorted(said.items()) if when != "unknown"}}
    project.save("contract", body, author=author, seen=seen)
