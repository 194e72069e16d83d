"""Ready-made steps that change or add columns, row by row."""

from collections.abc import Mapping
from math import isfinite

from core.errors import SqlError
from core.prepare.readymade_form import (
    Check,
    Given,
    Note,
    Parameter,
    ReadyMade,
    Suggestion,
    free_name,
    is_float,
    replaced,
    source_parameter,
    type_kind,
)
from core.prepare.sqltext import comment, listed, name_sql, number_sql, text_sql

MOST_LEVELS = 30
_PARTS = {
    "year": "year({})",
    "quarter": "quarter({})",
    "month": "month({})",
    "week": "weekofyear({})",
    "day": "day({})",
    "weekday": "isodow({})",
    "hour": "hour({})",
}


def _date_parts(given: Given) -> str:
    column, until = given.column("column"), given.column("until")
    taken = list(given.schema("source"))
    lines = []
    for part in given.choices("parts"):
        made = free_name(f"{column}_{part}", taken)
        taken.append(made)
        lines.append(f"{_PARTS[part].format(name_sql(column))} AS {name_sql(made)}")
    if until:
        made = free_name(f"days_{column}_to_{until}", taken)
        lines.append(f"date_diff('day', {name_sql(column)}, {name_sql(until)}) AS {name_sql(made)}")
    if not lines:
        raise SqlError("No part of the date is chosen.", hint="Choose a part, or a second date to count days to.")
    why = f"Parts of {column}" + (" (1 is Monday)" if "weekday" in given.choices("parts") else "") + "."
    source = name_sql(given.table("source"))
    return f"{comment(why)}\nSELECT\n  *,\n  {listed(lines)}\nFROM {source}"


DATE_PARTS = ReadyMade(
    "date_parts",
    "Parts of a date",
    "Which month, weekday or hour is it, or how many days lie between two dates?",
    (
        source_parameter(),
        Parameter("column", "Date", "column", of="source", types=("time",)),
        Parameter(
            "parts",
            "Parts",
            "choices",
            optional=True,
            choices=tuple((part, part) for part in _PARTS),
            default=("month", "weekday"),
            help="Weekday 1 is Monday.",
        ),
        Parameter(
            "until",
            "Days from it to",
            "column",
            of="source",
            optional=True,
            types=("time",),
            help="Midnights passed; negative when the second date is the earlier one.",
        ),
    ),
    _date_parts,
)


def _missing_words(given: Given) -> str:
    words, loose = given.words("words"), given.choice("match") == "loose"
    expressions = {}
    for column in given.columns("columns"):
        name, type_ = name_sql(column), given.type_of("source", column)
        tested = name if type_ == "VARCHAR" else f"CAST({name} AS VARCHAR)"
        if type_kind(type_) == "number":
            values, tested = [number_sql(value) for value in map(_number, words) if value is not None], name
        elif loose:
            values = [text_sql(word) for word in dict.fromkeys(word.strip().lower() for word in words)]
            tested = f"lower(trim({tested}))"
        else:
            values = [text_sql(word) for word in words]
        if not values:
            raise SqlError(f"{column!r} is of type {type_} and can hold none of these words.", hint="Give a number.")
        if tested == name and len(values) == 1:
            expressions[column] = f"nullif({name}, {values[0]})"
        else:
            expressions[column] = f"CASE WHEN {tested} IN ({', '.join(values)}) THEN NULL ELSE {name} END"
    return replaced(given, expressions, "These words mean that nothing is known.")


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _missing_words_checks(given: Given) -> tuple[Check, ...]:
    name = given.table("source")
    counts = ", ".join(
        f"count({name_sql(column)}) AS before_{n}" for n, column in enumerate(given.columns("columns"))
    ) + "".join(
        f", (SELECT count({name_sql(column)}) FROM made) AS after_{n}"
        for n, column in enumerate(given.columns("columns"))
    )
    query = f"WITH made AS (\n{_missing_words(given)}\n)\nSELECT {counts} FROM {name_sql(name)}"

    def tell(row: Mapping[str, object]) -> Note:
        found = {
            column: int(str(row[f"before_{n}"])) - int(str(row[f"after_{n}"]))
            for n, column in enumerate(given.columns("columns"))
        }
        said = "; ".join(f"{column}: {n:,}" for column, n in found.items())
        if not any(found.values()):
            return Note("warning", "None of these words stands in any of these columns.")
        return Note("fine", f"Values that become missing: {said}.")

    return (Check(query, tell),)


MISSING_WORDS = ReadyMade(
    "missing_words",
    "Treat words as missing",
    "Which words stand where nothing is known?",
    (
        source_parameter(),
        Parameter("columns", "Columns", "columns", of="source", types=("text", "number")),
        Parameter(
            "words",
            "Words that mean missing",
            "words",
            default=("N/A", "NA", "NULL", "?", "-", "unknown"),
            help="For a column of numbers give the number, such as -999.",
        ),
        Parameter(
            "match",
            "How they are compared",
            "choice",
            choices=(("exact", "exactly as written"), ("loose", "whatever the case and the blanks around them")),
            default="exact",
        ),
    ),
    _missing_words,
    _missing_words_checks,
)


def _clip(given: Given) -> str:
    column, low, high = given.column("column"), given.number("low"), given.number("high")
    if low is None and high is None:
        raise SqlError("Neither bound is given.", hint="Give the lowest or the highest value that is believed.")
    if low is not None and high is not None and low > high:
        raise SqlError(f"The lowest value {low:g} is above the highest {high:g}.", hint="Swap them.")
    name = name_sql(column)
    cases = [] if low is None else [f"WHEN {name} < {number_sql(low)} THEN {number_sql(low)}"]
    if high is not None:
        sure = f" AND NOT isnan({name})" if is_float(given.type_of("source", column)) else ""
        cases.append(f"WHEN {name} > {number_sql(high)}{sure} THEN {number_sql(high)}")
    bounds = " and ".join(
        part for part in ("" if low is None else f"below {low:g}", "" if high is None else f"above {high:g}") if part
    )
    why = f"Values of {column} {bounds} are set to that bound; a missing value stays missing."
    return replaced(given, {column: f"CASE {' '.join(cases)} ELSE {name} END"}, why)


def _clip_checks(given: Given) -> tuple[Check, ...]:
    column, low, high = given.column("column"), given.number("low"), given.number("high")
    name = name_sql(column)
    below = "0" if low is None else f"count(*) FILTER ({name} < {number_sql(low)})"
    above = "0" if high is None else f"count(*) FILTER ({name} > {number_sql(high)})"
    query = f"SELECT {below} AS below, {above} AS above, count({name}) AS n FROM {name_sql(given.table('source'))}"

    def tell(row: Mapping[str, object]) -> Note:
        below, above, n = (int(str(row[key])) for key in ("below", "above", "n"))
        many = below + above > 0.05 * n
        return Note(
            "warning" if many else "fine",
            f"{below:,} values are raised and {above:,} lowered, of {n:,}."
            + (" That is more than 5 %." if many else ""),
        )

    return (Check(query, tell),)


def _clip_suggestion(given: Given) -> Suggestion | None:
    name = name_sql(given.column("column"))
    cast = f"CAST({name} AS DOUBLE)"
    query = (
        f"SELECT quantile_cont({cast}, 0.01) AS low, quantile_cont({cast}, 0.99) AS high"
        f" FROM {name_sql(given.table('source'))} WHERE {name} IS NOT NULL AND NOT isnan({cast})"
    )
    return Suggestion(query, lambda row: {key: row[key] for key in ("low", "high") if row[key] is not None})


CLIP = ReadyMade(
    "clip",
    "Clip to bounds",
    "Between which values is a number believed?",
    # A recipe repeats in production what it says, so it holds numbers: a quantile in it would be computed anew from
    # whichever rows are there, holdout included. The suggestion looks at one column and never at the target.
    (
        source_parameter(),
        Parameter("column", "Column", "column", of="source", types=("number",)),
        Parameter("low", "Lowest value", "number", optional=True, help="Values below it are set to it."),
        Parameter("high", "Highest value", "number", optional=True, help="Values above it are set to it."),
    ),
    _clip,
    _clip_checks,
    _clip_suggestion,
)


def _rare_levels(given: Given) -> str:
    column, keep, other = given.column("column"), given.words("keep"), given.text("other")
    name = name_sql(column)
    text = name if given.type_of("source", column) == "VARCHAR" else f"CAST({name} AS VARCHAR)"
    levels = ", ".join(text_sql(level) for level in keep)
    why = f"Every level of {column} but these is one; a missing value stays missing."
    expression = f"CASE WHEN {text} IN ({levels}) THEN {text} WHEN {name} IS NOT NULL THEN {text_sql(other)} END"
    return replaced(given, {column: expression}, why)


def _rare_levels_checks(given: Given) -> tuple[Check, ...]:
    name, keep = name_sql(given.column("column")), given.words("keep")
    levels = ", ".join(text_sql(level) for level in keep)
    rest = f"{name} IS NOT NULL AND CAST({name} AS VARCHAR) NOT IN ({levels})"
    query = (
        f"SELECT count(*) FILTER ({rest}) AS rare, count(DISTINCT {name}) FILTER ({rest}) AS levels, count(*) AS n,"
        f" list_sort(list(DISTINCT CAST({name} AS VARCHAR))) AS found FROM {name_sql(given.table('source'))}"
    )

    def tell(row: Mapping[str, object]) -> Note:
        found = row["found"] if isinstance(row["found"], list) else []
        absent = tuple(level for level in keep if level not in found)
        said = f"{row['levels']:,} levels, {row['rare']:,} of {row['n']:,} rows, become one."
        if absent:
            return Note("warning", f"{said} {len(absent)} of the levels to keep never occur.", absent[:5])
        return Note("fine", said)

    return (Check(query, tell),)


def _rare_levels_suggestion(given: Given) -> Suggestion | None:
    name, source = name_sql(given.column("column")), name_sql(given.table("source"))
    counted = (
        f"SELECT CAST({name} AS VARCHAR) AS level, count(*) AS n FROM {source} WHERE {name} IS NOT NULL GROUP BY 1"
    )
    common = f"SELECT * FROM ({counted}) WHERE n >= 0.01 * (SELECT count(*) FROM {source}) ORDER BY n DESC, level"
    query = f"SELECT list(level ORDER BY n DESC, level) AS keep FROM ({common} LIMIT {MOST_LEVELS})"
    return Suggestion(query, lambda row: {"keep": tuple(row["keep"] or ())})


RARE_LEVELS = ReadyMade(
    "rare_levels",
    "Group rare levels",
    "Which levels are worth telling apart?",
    # The kept levels are written out for the same reason as the bounds of a clip.
    (
        source_parameter(),
        Parameter("column", "Column", "column", of="source"),
        Parameter("keep", "Levels to keep", "words", help="Every other level becomes one."),
        Parameter("other", "What the others are called", "text", default="other"),
    ),
    _rare_levels,
    _rare_levels_checks,
    _rare_levels_suggestion,
)
