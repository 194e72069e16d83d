"""Checks of rows and of columns against each other: identifiers, duplicates, keys, copies."""

from collections.abc import Iterator

import numpy as np

from core.quality.finding import Context, Finding, NotApplicableError, share
from core.quality.profile import ColumnProfile, Profile
from core.scoring.prepare import quoted

_FEW_ROWS = 50
_SAMPLE_ROWS = 20_000
_ALIKE = 0.995


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


def duplicates(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q05: rows equal to another in every column but the key and identifiers."""
    compared = [
        column.name
        for column in profile.columns
        if not context.is_key(column.name) and not (is_identifier(column) and not context.is_outcome(column.name))
    ]
    if not compared:
        raise NotApplicableError("Every column is a key or an identifier.")
    hashed = ", ".join(quoted(name) for name in compared)
    n = context.cursor.sql(
        f"SELECT coalesce(sum(n - 1), 0) FROM "
        f"(SELECT count(*) AS n FROM {quoted(context.table)} GROUP BY hash(row({hashed})) HAVING count(*) > 1)"
    ).fetchall()[0][0]
    n = int(n)
    if not n:
        return
    left_out = [
        column.name for column in profile.columns if column.name not in compared and column.name != "row_number"
    ]
    but = f" but {', '.join(left_out)}" if left_out else ""
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
        "step:SELECT DISTINCT * FROM {table}" if not left_out else "",
    )


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


def near_copies(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q12: two columns that say the same, by correlation or value for value, in a sample of 20,000 rows."""
    columns = [
        column
        for column in context.features(profile)
        if column.kind != "other" and column.n_distinct > 1 and not is_identifier(column)
    ]
    if len(columns) < 2:
        raise NotApplicableError("There are fewer than two columns to compare.")
    codes = _codes(profile, columns, context)
    for later in range(1, len(columns)):
        for earlier in range(later):
            alike = _alikeness(codes[earlier], codes[later], columns[earlier], columns[later])
            if alike is None:
                continue
            one, other = columns[earlier].name, columns[later].name
            yield Finding(
                "Q12",
                "Near copies",
                other,
                "note",
                f"It says the same as {one!r}: {alike[1]}.",
                {"alike": alike[0], "other": one},
                "Keep one of the two, so that reasons are not split between them.",
                f"step:SELECT * EXCLUDE ({quoted(other)}) FROM {{table}}",
            )
            break


def _codes(profile: Profile, columns: list[ColumnProfile], context: Context) -> list[np.ndarray]:
    """Return each column of an even sample as floats: values, or codes in order of the text; nan where missing."""
    every = max(1, -(-profile.n_rows // _SAMPLE_ROWS))
    selected = ", ".join(
        {
            "number": f"CAST({quoted(column.name)} AS DOUBLE)",
            "boolean": f"CAST({quoted(column.name)} AS DOUBLE)",
            "time": f"epoch({quoted(column.name)})",
        }.get(column.kind, f"CAST({quoted(column.name)} AS VARCHAR)")
        + f" AS c{index}"
        for index, column in enumerate(columns)
    )
    rows = context.cursor.sql(
        f"SELECT {selected} FROM {quoted(context.table)} WHERE rowid % {every} = 0 ORDER BY rowid"
    ).to_arrow_table()
    codes = []
    for index, column in enumerate(columns):
        array = rows[f"c{index}"].combine_chunks()
        if column.kind == "text":
            array = array.dictionary_encode().indices
        codes.append(np.asarray(array.to_numpy(zero_copy_only=False), dtype=float))
    return codes


def _alikeness(
    first: np.ndarray, second: np.ndarray, one: ColumnProfile, other: ColumnProfile
) -> tuple[float, str] | None:
    """Return how alike two columns are and how to say it, or None."""
    if one.kind == other.kind == "number" and min(one.n_distinct, other.n_distinct) > 20:
        both = np.isfinite(first) & np.isfinite(second)
        # Where one is missing and the other is not, they do not say the same.
        if both.sum() < _FEW_ROWS or (np.isnan(first) != np.isnan(second)).mean() > 1 - _ALIKE:
            return None
        x, y = first[both], second[both]
        if x.std() == 0 or y.std() == 0:
            return None
        correlation = float(np.corrcoef(x, y)[0, 1])
        return (abs(correlation), f"correlation {correlation:.4f}") if abs(correlation) >= 0.999 else None
    if max(one.n_distinct, other.n_distinct) > 1.2 * min(one.n_distinct, other.n_distinct) + 1:
        return None
    a = np.unique(first, return_inverse=True)[1]
    b = np.unique(second, return_inverse=True)[1]
    agreement = min(_determined(a, b), _determined(b, a))
    return (agreement, f"one value for one value in {share(agreement, 1)} of rows") if agreement >= _ALIKE else None


def _determined(a: np.ndarray, b: np.ndarray) -> float:
    """Share of rows in which ``b`` is what it most often is for their ``a``, or of rows off the commonest ``b``.

    Two columns that are nearly constant agree nearly always: only the rows that could disagree count too.
    """
    n_b = int(b.max()) + 1
    pairs, counts = np.unique(a.astype(np.int64) * n_b + b, return_counts=True)
    order = np.lexsort((-counts, pairs // n_b))
    first = np.flatnonzero(np.append(True, np.diff(pairs[order] // n_b) > 0))
    usual, hits = pairs[order][first] % n_b, counts[order][first]
    commonest = int(np.bincount(b).argmax())
    off = (b != commonest).sum()
    off_hits = hits[usual != commonest].sum()
    return float(min(hits.sum() / a.size, off_hits / off if off else 1.0))
