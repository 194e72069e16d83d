"""SQL of the rows at fault: conditions, the step that empties their cells, and the first of them as examples."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.quality.finding import Context, Example, Finding
from core.quality.profile import Profile
from core.scoring.prepare import quoted

N_EXAMPLES = 5
_LONGEST = 200


def literal(value: object) -> str:
    """Return a value as an SQL literal: text quoted, numbers as they are, None as NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return repr(value) if not isinstance(value, float) else f"CAST('{value!r}' AS DOUBLE)"
    return "'" + str(value).replace("'", "''") + "'"


def listed(values: Iterable[object]) -> str:
    """Return values as an SQL list in brackets, for IN."""
    return f"({', '.join(literal(value) for value in values)})"


def emptied(column: str, where: str) -> str:
    """Return the action that makes a column empty in the rows at fault."""
    name = quoted(column)
    return f"step:SELECT * REPLACE (CASE WHEN {where} THEN NULL ELSE {name} END AS {name}) FROM {{table}}"


def left_out(columns: Sequence[str]) -> str:
    """Return the action that leaves columns out."""
    return f"step:SELECT * EXCLUDE ({', '.join(quoted(name) for name in columns)}) FROM {{table}}"


def with_examples(finding: Finding, profile: Profile, context: Context) -> Finding:
    """Return the finding with its first rows at fault, in the order of the table."""
    if not finding.where or finding.examples:
        return finding
    names = [column.name for column in profile.columns]
    shown = [name for name in dict.fromkeys((*context.unit_key, *finding.others, finding.column)) if name in names]
    shown = shown or [name for name in names if not context.is_key(name)][:6]
    cut = ", ".join(f"left(CAST({quoted(name)} AS VARCHAR), {_LONGEST})" for name in shown)
    number = quoted("row_number") if "row_number" in names else "rowid + 1"
    rows = context.cursor.sql(
        f"SELECT {number}, {cut} FROM {quoted(context.table)} WHERE {finding.where} ORDER BY rowid LIMIT {N_EXAMPLES}"
    ).fetchall()
    found = tuple(Example(int(row[0]), dict(zip(shown, row[1:], strict=True))) for row in rows)
    return replace(finding, examples=found)
