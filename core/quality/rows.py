"""Checks of rows and of what names them: identifiers, duplicates, keys."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.quality.finding import Context, Example, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile
from core.quality.repeats import n_repeated
from core.scoring.prepare import quoted

_FEW_ROWS = 50


def is_identifier(column: ColumnProfile) -> bool:
    """Say whether nearly every row has a value of its own: text, or whole numbers all different."""
    if column.n_present < _FEW_ROWS:
        return False
    if column.kind == "text":
        return column.n_distinct >= 0.95 * column.n_present
    whole = column.type.upper().endswith("INT") or column.type.upper() in ("INTEGER", "BIGINT")
    return whole and column.n_distinct == column.n_present


def identifiers(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q04: columns that name a row rather than describe it."""
    for column in context.features(profile):
        if column.name == context.order_column or not is_identifier(column):
            continue
        evidence = f"{column.n_distinct:,} different values in {column.n_present:,} rows."
        text = "It names a row, so nothing learnt from it holds for a new one: make it the unit key, or leave it out."
        yield Finding(
            "Q04",
            "Identifier",
            column.name,
            "warning",
            evidence,
            {"n": column.n_distinct, "of": column.n_present},
            text,
            f"step:SELECT * EXCLUDE ({quoted(column.name)}) FROM {{table}}",
        )


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows that are equal to others.

    Attributes
    ----------
    n : rows that repeat an earlier one in every column compared, the outcome included.
    n_holdout_seen : holdout rows whose features a training row has too.
    n_training, n_against : training rows, with an outcome, whose features another such row has too; how many of them
        have not the outcome that is the more frequent among those.
    n_conflicting : training rows among which there are both outcomes.
    """

    n: int
    n_holdout_seen: int = 0
    n_training: int = 0
    n_against: int = 0
    n_conflicting: int = 0


def compared(profile: Profile, context: Context) -> list[str]:
    """Return the columns in which rows are compared: not the key, nothing that names a row."""
    return [
        column.name
        for column in profile.columns
        if not context.is_key(column.name) and not (is_identifier(column) and not context.is_outcome(column.name))
    ]


def usable(profile: Profile, context: Context) -> list[str]:
    """Return the columns compared that a model could use: not the outcome, nothing that is known only after."""
    return [
        name for name in compared(profile, context) if not context.is_outcome(name) and context.known(name) != "after"
    ]


def repeats(names: list[str], profile: Profile, context: Context) -> Repeats:
    """Count rows equal in all of these columns but the outcome; NotApplicableError when there is none to compare."""
    features = [name for name in names if not context.is_outcome(name)]
    if not features:
        raise NotApplicableError("Every column is a key or an identifier.")
    if any(column.name in features and column.n_distinct == column.n_rows for column in profile.columns):
        return Repeats(0)  # one column alone tells every row from every other
    key = "repeats " + ", ".join(map(quoted, features))
    return context.drawn().kept(key, lambda: _counted(features, profile.n_rows, context))


def _counted(features: list[str], n_rows: int, context: Context) -> Repeats:
    if not n_repeated(context.cursor, context.table, features, n_rows):
        return Repeats(0)
    hashed = f"hash({', '.join(quoted(name) for name in features)})"
    table = quoted(context.table)
    again = f"SELECT {hashed} AS f FROM {table} GROUP BY 1 HAVING count(*) > 1"
    target = context.target
    outcome = f"CAST(({target.sql}) AS BOOLEAN)" if target else "NULL::BOOLEAN"
    level = f"hash({quoted(target.column)})" if target else "0"
    training = f"coalesce(({context.training}), false)" if context.training else "true"
    row = context.cursor.sql(
        f"WITH again AS MATERIALIZED ({again}), groups AS ("
        "SELECT f, o, count(*) AS n, count(*) FILTER (NOT t) AS n_holdout, count(*) FILTER (t) AS n_seen, "
        "count(y) FILTER (t) AS n_known, count(*) FILTER (t AND y) AS n_positive FROM ("
        f"SELECT {hashed} AS f, {level} AS o, {training} AS t, {outcome} AS y FROM {table}) "
        "WHERE f IN (SELECT f FROM again) GROUP BY f, o), features AS ("
        "SELECT sum(n - 1) AS n, sum(n_holdout) AS n_holdout, sum(n_seen) AS n_seen, sum(n_known) AS n_known, "
        "sum(n_positive) AS n_positive FROM groups GROUP BY f) "
        "SELECT sum(n), sum(n_holdout) FILTER (n_seen > 0), sum(n_known) FILTER (n_known > 1), "
        "sum(least(n_positive, n_known - n_positive)) FILTER (n_known > 1), "
        "sum(n_known) FILTER (n_positive > 0 AND n_positive < n_known) FROM features"
    ).fetchall()[0]
    return Repeats(*(int(value or 0) for value in row))


def duplicates(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q05: rows equal to another in every column but the key and identifiers."""
    names = compared(profile, context)
    n = repeats(names, profile, context).n
    if not n:
        return
    other = [column.name for column in profile.columns if column.name not in names and column.name != "row_number"]
    but = f" but {', '.join(other)}" if other else ""
    # Few columns with few values repeat by nature: as many duplicates as chance would make say nothing.
    severity = "warning" if n >= 0.01 * profile.n_rows else "note"
    evidence = (
        f"{n:,} of {profile.n_rows:,} rows ({share(n, profile.n_rows)}) repeat an earlier row in every column{but}."
    )
    text = (
        "If they are one event twice, keep one; if they are like cases, split by group so that none is in both parts."
    )
    yield Finding(
        "Q05",
        "Duplicates",
        None,
        severity,
        evidence,
        {"n": n, "of": profile.n_rows},
        text,
        "step:SELECT DISTINCT * FROM {table}" if not other else "",
        examples=twins(names, "true", profile, context),
    )


def twins(names: list[str], having: str, profile: Profile, context: Context) -> tuple[Example, ...]:
    """Return the first rows that are equal in some columns, twin by twin; ``having``: SQL over the rows of one set."""
    number = quoted("row_number") if any(column.name == "row_number" for column in profile.columns) else "rowid + 1"
    hashed = f"hash({', '.join(quoted(name) for name in names)})"
    target = [context.target.column] if context.target else []
    shown = list(dict.fromkeys([*names[:6], *target]))
    cut = ", ".join(f"left(CAST({quoted(name)} AS VARCHAR), 200)" for name in shown)
    table = quoted(context.table)
    rows = context.cursor.sql(
        f"WITH first AS (SELECT {hashed} AS h, min(rowid) AS place FROM {table} GROUP BY 1 "
        f"HAVING count(*) > 1 AND ({having}) ORDER BY place LIMIT 3) SELECT {number}, {cut} FROM {table}, first "
        f"WHERE {hashed} = first.h ORDER BY first.place, rowid LIMIT 6"
    ).fetchall()
    return tuple(Example(int(row[0]), dict(zip(shown, row[1:], strict=True))) for row in rows)


def unit_key(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q15: a unit key that does not name one row."""
    names = [column.name for column in profile.columns]
    if not context.unit_key:
        raise NotApplicableError("No unit key is given; the row's number serves.")
    absent = [name for name in context.unit_key if name not in names]
    if absent:
        evidence = f"The column {absent[0]!r} of the unit key is not in the table."
        yield Finding(
            "Q15", "Unit key", absent[0], "blocking", evidence, {"n": 0}, "Choose the unit key again on Frame."
        )
        return
    if len(context.unit_key) == 1:
        column = profile.column(context.unit_key[0])
        if column.n_distinct == column.n_rows:
            return
    keys = ", ".join(quoted(name) for name in context.unit_key)
    empty = " OR ".join(f"{quoted(name)} IS NULL" for name in context.unit_key)
    row = context.cursor.sql(
        f"SELECT coalesce(sum(n - 1), 0), coalesce(sum(n) FILTER (none), 0) FROM "
        f"(SELECT count(*) AS n, ({empty}) AS none FROM {quoted(context.table)} GROUP BY {keys})"
    ).fetchall()[0]
    n_repeated, n_empty = int(row[0]), int(row[1])
    if n_repeated or n_empty:
        evidence = f"{n_repeated:,} of {profile.n_rows:,} rows repeat the key of another; {n_empty:,} have none."
        text = "Add columns to the key on Frame, or make Prepare yield one row per decision."
        numbers = {"n": n_repeated, "empty": n_empty, "of": profile.n_rows}
        yield Finding("Q15", "Unit key", ", ".join(context.unit_key), "blocking", evidence, numbers, text)
