"""Frame: read and save the four records, and what is still open in them."""

from dataclasses import dataclass

from core.errors import NotReadyError
from core.frame import (
    Criteria,
    Decision,
    Economics,
    Frame,
    People,
    check_criteria,
    check_decision,
    check_economics,
    from_body,
    to_body,
)
from core.frame import open_questions as questions
from core.workspace import ANY, Project
from core.workspace.tables import quoted
from core.workspace.usersql import check_expression

ROW = "row_number"


@dataclass(frozen=True, slots=True)
class PreparedColumn:
    """One column of the prepared table and its DuckDB type."""

    name: str
    type: str


def frame(project: Project) -> Frame:
    """Return the four records, blank where nothing was saved yet."""
    values = {}
    for kind in ("decision", "economics", "criteria", "people"):
        record = project.head(kind)
        if record:
            values[kind] = from_body(kind, record.body)
    return Frame(**values)


def head_digest(project: Project, kind: str) -> str | None:
    """Return the digest that a form was filled from, to be handed back when it is saved."""
    return project.heads().get(kind)


def save_decision(project: Project, decision: Decision, author: str, seen: str | None = ANY) -> None:
    """Save the decision, finished or not.

    Raises
    ------
    FrameError
        When it contradicts itself.
    ConflictError
        When somebody saved another one since ``seen``.
    """
    check_decision(decision)
    project.save("decision", to_body(decision), author=author, seen=seen)


def save_economics(project: Project, economics: Economics, author: str, seen: str | None = ANY) -> None:
    """Save the economics; errors as for the decision, and SqlError for a rule that does not parse."""
    check_economics(economics)
    columns = [column.name for column in prepared_columns(project)]
    if columns and economics.incumbent and economics.incumbent.sql:
        check_expression(economics.incumbent.sql, columns)
    project.save("economics", to_body(economics), author=author, seen=seen)


def save_criteria(project: Project, criteria: Criteria, author: str, seen: str | None = ANY) -> None:
    """Save the criteria; a change after the holdout was opened leaves a line in the log that cannot be removed."""
    check_criteria(criteria)
    head = project.head("criteria")
    body = to_body(criteria)
    if head and head.body != body and project.events("opened the holdout", n=1):
        project.log(
            "changed the criteria after the holdout was opened", author=author, kind="criteria", before=head.body
        )
    project.save("criteria", body, author=author, seen=seen)


def save_people(project: Project, people: People, author: str, seen: str | None = ANY) -> None:
    """Save who is behind the project."""
    project.save("people", to_body(people), author=author, seen=seen)


def prepared_columns(project: Project) -> list[PreparedColumn]:
    """Return the columns of the prepared table without its row number; none before Prepare."""
    recipe = project.head("recipe")
    if recipe is None:
        return []
    return [PreparedColumn(name, kind) for name, kind in recipe.result["columns"] if name != ROW]


def target_values(project: Project, column: str) -> list[tuple[str, int]]:
    """Return the values of a column as text with how many rows have them, most first, 50 at most; "" is empty.

    Raises
    ------
    NotReadyError
        When there is no such column.
    """
    names = [item.name for item in prepared_columns(project)]
    if column not in names:
        raise NotReadyError(f"There is no column {column!r}.", hint=f"Choose one of {', '.join(names) or 'none yet'}.")
    table = prepared_table(project)
    rows = project.cursor().execute(
        f"SELECT coalesce(CAST({quoted(column)} AS VARCHAR), ''), count(*) FROM {quoted(table)}"
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50"
    )
    return [(str(value), int(n)) for value, n in rows.fetchall()]


def prepared_table(project: Project) -> str:
    """Return the name of the prepared table.

    Raises
    ------
    NotReadyError
        When nothing is prepared, or its table was dropped to free space.
    """
    recipe = project.head("recipe")
    if recipe is None or not project.has_table(f"prepared_{recipe.short}"):
        raise NotReadyError("Nothing is prepared yet.", hint="Save the recipe on the page Prepare.")
    return f"prepared_{recipe.short}"


def open_questions(project: Project) -> tuple[str, ...]:
    """Return what has to be said before anything can be trained, a sentence each."""
    columns = [column.name for column in prepared_columns(project)]
    return questions(frame(project), columns or None)
