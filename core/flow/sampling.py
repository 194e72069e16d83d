"""Which rows a preview of a very large table is computed on; whatever is saved uses all of them."""

from dataclasses import dataclass, field

from core.flow.framing import frame
from core.flow.loading import TableInfo, dataset
from core.prepare import Recipe, decision_tables
from core.workspace import Project
from core.workspace.tables import quoted

PREVIEW_ROWS = 2_000_000
"""A table that decision rows are made from and that has more rows than this is sampled in previews."""

SAMPLE_ROWS = 1_000_000
LEAST_PER_OUTCOME = 1_000
MOST_OUTCOMES = 20
_PARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class RowSample:
    """The rows that a preview reads: a condition per sampled table, and how many rows that is of how many.

    ``note`` says so in a sentence; it is "" when nothing is sampled.
    """

    only: dict[str, str] = field(default_factory=dict)
    n_used: int = 0
    n_available: int = 0
    note: str = ""


def row_sample(project: Project, recipe: Recipe) -> RowSample:
    """Return which rows a preview of a checked recipe reads.

    A row is in by a hash of its position, so it is always the same rows. Where the table has the decision's target,
    every outcome keeps its share, and a rare one at least a thousand rows. Tables that are only joined stay whole.
    """
    found = dataset(project)
    making = decision_tables(recipe)
    large = [table for table in found.tables if table.name.lower() in making] if found else []
    n_available = sum(table.n_rows for table in large)
    conditions = {table.name: _condition(project, table) for table in large if table.n_rows > PREVIEW_ROWS}
    if not conditions:
        return RowSample(n_used=n_available, n_available=n_available)
    n_used = n_available
    for table in large:
        if table.name in conditions:
            query = f"SELECT count(*) FROM {quoted(table.physical)} WHERE {conditions[table.name]}"
            n_used -= table.n_rows - project.cursor().execute(query).fetchall()[0][0]
    named = ", ".join(conditions)
    note = (
        f"Sampled: {n_used:,} of {n_available:,} rows of {named}, always the same ones. Counts, windows and aggregates"
        " here are those of the sample; what is saved uses every row."
    )
    return RowSample(conditions, n_used, n_available, note)


def _condition(project: Project, table: TableInfo) -> str:
    target = frame(project).decision.target.lower()
    share = SAMPLE_ROWS / table.n_rows
    name = next((column for column, _ in table.columns if column.lower() == target), None)
    if name is None:
        return f"hash(rowid) % {_PARTS} < {round(share * _PARTS)}"
    rows = project.cursor().execute(
        f"SELECT CAST({quoted(name)} AS VARCHAR) AS outcome, count(*) FROM {quoted(table.physical)}"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_OUTCOMES + 1}"
    )
    outcomes = rows.fetchall()
    if len(outcomes) > MOST_OUTCOMES:
        return f"hash(rowid) % {_PARTS} < {round(share * _PARTS)}"
    cases = []
    for outcome, n in outcomes:
        bound = round(min(max(share, LEAST_PER_OUTCOME / n), 1.0) * _PARTS)
        same = "IS NULL" if outcome is None else "= '" + str(outcome).replace("'", "''") + "'"
        cases.append(f"WHEN CAST({quoted(name)} AS VARCHAR) {same} THEN {bound}")
    return f"hash(rowid) % {_PARTS} < CASE {' '.join(cases)} END"
