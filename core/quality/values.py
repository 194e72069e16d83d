"""Checks of what stands in a column: missing, disguised, constant, mixed, impossible, rare."""

import re
from collections.abc import Iterator

from core.quality.cells import emptied, left_out, listed
from core.quality.finding import Context, Finding, NotApplicableError, Severity, counted, share
from core.quality.patterns import SOFT_WORDS
from core.quality.profile import RARE_ROWS, ColumnProfile, Profile
from core.scoring.prepare import quoted

_SENTINELS = (-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999, 9999999)
_NEVER_NEGATIVE = re.compile(
    r"(^|[^a-z])(age|price|count|quantity|qty|duration|distance|income|weight|height)([^a-z]|$)"
)
_AGE = re.compile(r"(^|[^a-z])age([^a-z]|$)")
_OLDEST = 120
_SHARE_OF_NUMBERS = 0.8


def missing(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q01: columns with nulls in at least 1 % of rows."""
    for column in profile.columns:
        n, of = column.n_missing, column.n_rows
        if not n or n < 0.01 * of:
            continue
        evidence = f"{n:,} of {of:,} rows ({share(n, of)}) have no value."
        drop = left_out([column.name])
        where = f"{quoted(column.name)} IS NULL"
        if context.is_outcome(column.name):
            said = context.empty_outcome
            text = "Say on Frame what an empty outcome means: left out, negative or positive."
            text = f"Frame says what that means: {said}." if said else text
            severity = "note" if said else "warning"
            yield Finding("Q01", "Missing", column.name, severity, evidence, {"n": n, "of": of}, text, "", where)
        elif n == of:
            yield Finding("Q01", "Missing", column.name, "warning", evidence, {"n": n, "of": of}, "Leave it out.", drop)
        elif n >= 0.5 * of:
            text = "Ask why it is so often empty; leave it out unless being empty means something."
            yield Finding("Q01", "Missing", column.name, "warning", evidence, {"n": n, "of": of}, text, drop, where)
        else:
            text = "The models take missing values as they are; ask why they are missing."
            yield Finding("Q01", "Missing", column.name, "note", evidence, {"n": n, "of": of}, text, "", where)


def disguised_missing(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q02: words such as ? or NULL, and numbers such as 999, that stand for "no value"."""
    for column in profile.columns:
        if column.text is not None and column.text.missing_words:
            yield _disguised_words(column)
        elif column.kind == "number" and not context.is_outcome(column.name):
            yield from _sentinels(column)


def _disguised_words(column: ColumnProfile) -> Finding:
    words = column.text.missing_words if column.text else ()
    n = sum(count for _, count in words)
    told = ", ".join(f"{word!r} in {count:,}" for word, count in words[:4])
    evidence = f"{n:,} of {column.n_rows:,} rows ({share(n, column.n_rows)}) hold a word for “no value”: {told}."
    soft = all(word.strip().lower() in SOFT_WORDS for word, _ in words)
    values = listed(word for word, _ in words)
    name = quoted(column.name)
    fix = f"CASE WHEN {name} NOT IN {values} THEN {name} END"
    return Finding(
        "Q02",
        "Disguised missing",
        column.name,
        "note" if soft else "warning",
        evidence,
        {"n": n, "of": column.n_rows},
        f"If they mean “no value”, make them empty: {fix}.",
        f"step:SELECT * REPLACE ({fix} AS {name}) FROM {{table}}",
        f"coalesce({name} IN {values}, false)",
    )


def _sentinels(column: ColumnProfile) -> Iterator[Finding]:
    """A round number at one end, in at least 0.1 % of rows, far from all others or the only negative."""
    facts = column.number
    if facts is None or facts.next_lowest is None or facts.next_highest is None or column.n_distinct < 3:
        return
    least, most = float(column.minimum or 0), float(column.maximum or 0)
    name = quoted(column.name)
    ends = ((least, facts.n_lowest, facts.next_lowest, most), (most, facts.n_highest, least, facts.next_highest))
    for value, n, low, high in ends:
        if value not in _SENTINELS:
            continue
        apart = low >= 0 if value < 0 else value - high > max(high - low, 1)
        if not apart or n < max(5, 0.001 * column.n_rows):
            continue
        others = f"every other value lies between {low:,g} and {high:,g}"
        evidence = f"{n:,} of {column.n_rows:,} rows ({share(n, column.n_rows)}) hold {value:g}; {others}."
        yield Finding(
            "Q02",
            "Disguised missing",
            column.name,
            "warning",
            evidence,
            {"n": n, "of": column.n_rows, "value": float(value)},
            f"If {value:g} means “none” or “capped”, make it empty: nullif({name}, {value:g}).",
            f"step:SELECT * REPLACE (nullif({name}, {value:g}) AS {name}) FROM {{table}}",
            f"coalesce({name} = {value:g}, false)",
        )


def constant(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q03: one value everywhere, or nearly."""
    for column in context.features(profile):
        if not column.n_present or not column.top:
            continue
        value, n, _ = column.top[0]
        drop = left_out([column.name])
        numbers = {"n": n, "of": column.n_rows}
        if n == column.n_rows:
            evidence = f"All {n:,} rows hold {value!r}."
            yield Finding("Q03", "Constant", column.name, "warning", evidence, numbers, "Leave it out.", drop)
        elif n >= 0.999 * column.n_rows and column.n_rows >= 1000:
            evidence = f"{n:,} of {column.n_rows:,} rows hold {value!r}; only {column.n_rows - n:,} differ."
            yield Finding(
                "Q03", "Constant", column.name, "note", evidence, numbers, "It can say little; leave it out.", drop
            )


def mixed_types(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q06: text in which nearly every value is a number, or a date."""
    columns = [column for column in profile.columns if column.text is not None]
    if not columns:
        raise NotApplicableError("No column is text.")
    for column in columns:
        facts = column.text
        words = sum(n for _, n in facts.missing_words)
        for n, what, kind in ((facts.n_number, "number", "DOUBLE"), (facts.n_time, "date or time", "TIMESTAMP")):
            rest = column.n_present - n
            real = column.n_present - words
            if not rest or not n or n < _SHARE_OF_NUMBERS * real or n < 10:
                continue
            yield _mixed(column, n, what, kind, context)
            break


def _mixed(column: ColumnProfile, n: int, what: str, kind: str, context: Context) -> Finding:
    name, facts = quoted(column.name), column.text
    rest = column.n_present - n
    if facts is not None and rest == facts.n_blank:
        found = f"{rest:,} of {column.n_rows:,} rows are blank text"
    else:
        odd = context.cursor.sql(
            f"SELECT {name}, count(*) AS n FROM {quoted(context.table)} WHERE {name} IS NOT NULL "
            f"AND TRY_CAST(trim({name}) AS {kind}) IS NULL GROUP BY ALL ORDER BY n DESC, 1 LIMIT 3"
        ).fetchall()
        told = ", ".join(f"{value!r} in {count:,}" for value, count in odd)
        found = f"{rest:,} of {column.n_rows:,} rows are something else ({told})"
    fix = f"TRY_CAST({name} AS {kind})"
    return Finding(
        "Q06",
        "Mixed types",
        column.name,
        "warning",
        f"{found}; every other value is a {what}.",
        {"n": rest, "of": column.n_rows},
        f"Make it a {what}, the rest empty: {fix}.",
        f"step:SELECT * REPLACE ({fix} AS {name}) FROM {{table}}",
        f"{name} IS NOT NULL AND TRY_CAST(trim({name}) AS {kind}) IS NULL",
    )


def impossible_ranges(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q07: negatives where there can be none, one value far beyond all others, dates out of this world."""
    for column in profile.columns:
        name = quoted(column.name)
        if column.kind == "number" and isinstance(column.minimum, float) and not context.is_key(column.name):
            yield from _odd_numbers(column)
        elif column.kind == "time" and column.minimum and not "1900" <= str(column.minimum)[:4] <= "2100":
            evidence = f"The earliest time is {column.minimum}."
            yield _range_finding(column, evidence, "warning", 0, f"{name} < '1900-01-01'")
        elif column.kind == "time" and column.maximum and str(column.maximum)[:4] > "2100":
            evidence = f"The latest time is {column.maximum}."
            yield _range_finding(column, evidence, "warning", 0, f"{name} >= '2101-01-01'")


def _odd_numbers(column: ColumnProfile) -> Iterator[Finding]:
    facts, name = column.number, quoted(column.name)
    if facts is None:
        return
    minimum, maximum = float(column.minimum or 0), float(column.maximum or 0)
    few = facts.n_negative <= max(1, 0.001 * column.n_present) and column.n_present >= 200
    said = column.name.lower()
    if facts.n_negative and minimum not in _SENTINELS and (few or _NEVER_NEGATIVE.search(said)):
        evidence = f"{facts.n_negative:,} of {column.n_present:,} values are negative, down to {minimum:,g}."
        yield _range_finding(column, evidence, "warning", facts.n_negative, f"{name} < 0")
    if _AGE.search(said) and maximum > _OLDEST:
        evidence = f"The largest value is {maximum:,g}, too old for a person's age."
        yield _range_finding(column, evidence, "warning", facts.n_highest, f"{name} > {_OLDEST}")
    if facts.n_not_finite:
        evidence = f"{facts.n_not_finite:,} values are not finite."
        where = f"NOT isfinite(CAST({name} AS DOUBLE))"
        yield _range_finding(column, evidence, "warning", facts.n_not_finite, where)
    if facts.n_highest <= 3 and column.n_present >= 200 and len(column.quantiles) == 7 and facts.next_highest:
        nearest, spread = facts.next_highest, column.quantiles[5] - column.quantiles[1]
        if nearest > 0 and maximum > 5 * nearest and maximum - nearest > 5 * spread:
            rows = counted(facts.n_highest, "row")
            evidence = f"The largest value is {maximum:,g} ({rows}); the next is {nearest:,g}."
            yield _range_finding(column, evidence, "note", facts.n_highest, f"{name} = {maximum!r}")


def _range_finding(column: ColumnProfile, evidence: str, severity: Severity, n: int, where: str) -> Finding:
    text = "Ask whether such values can be; if not, make them empty or leave the rows out in Prepare."
    where = f"coalesce({where}, false)"
    numbers = {"n": n, "of": column.n_rows}
    fix = emptied(column.name, where)
    return Finding("Q07", "Impossible range", column.name, severity, evidence, numbers, text, fix, where)


def rare_levels(profile: Profile, context: Context) -> Iterator[Finding]:
    """Q08: text with levels that fewer than 20 rows have."""
    texts = [column for column in context.features(profile) if column.kind == "text"]
    if not texts:
        raise NotApplicableError("No column is text.")
    for column in texts:
        n, of = column.n_rare_levels, column.n_distinct
        if not n or of < 3 or of > 0.5 * column.n_present:
            continue
        evidence = (
            f"{n:,} of {of:,} levels: fewer than {RARE_ROWS} rows each, {counted(column.n_rare_rows, 'row')} in all."
        )
        text = "Nothing can be learnt from them one by one; group them where they belong together."
        yield Finding(
            "Q08", "Rare levels", column.name, "note", evidence, {"n": n, "of": of, "rows": column.n_rare_rows}, text
        )
