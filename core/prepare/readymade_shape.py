"""Ready-made steps that change types and names of columns."""

from collections.abc import Mapping

from core.errors import SqlError
from core.prepare.readymade_form import Check, Given, Note, Parameter, ReadyMade, replaced, source_parameter, type_kind
from core.prepare.sqltext import comment, name_sql, text_sql

_TYPES = {"number": "DOUBLE", "whole": "BIGINT", "date": "DATE", "moment": "TIMESTAMP", "yes_no": "BOOLEAN"}


def _cast(given: Given, column: str) -> str:
    name, to, pattern = name_sql(column), given.choice("to"), given.text("pattern")
    if to == "text":
        return f"CAST({name} AS VARCHAR)"
    if to == "number" and type_kind(given.type_of("source", column)) == "number":
        return f"CAST({name} AS DOUBLE)"
    text = f"trim(CAST({name} AS VARCHAR))"
    if to in ("number", "whole"):
        # Only what is written as the form says is read: "1.234,5" is no number with a point.
        group, point = (r"\.", ",") if given.choice("decimal") == "comma" else (",", r"\.")
        decimals = rf"({point}0*)?" if to == "whole" else rf"({point}\d*)?([eE][+-]?\d+)?"
        written = rf"[+-]?(\d+|\d{{1,3}}({group}\d{{3}})+){decimals}"
        plain = f"replace({text}, {text_sql(group.strip(chr(92)))}, '')"
        if point == ",":
            plain = f"replace({plain}, ',', '.')"
        return f"CASE WHEN regexp_full_match({text}, {text_sql(written)}) THEN TRY_CAST({plain} AS {_TYPES[to]}) END"
    if to in ("date", "moment") and pattern:
        return f"CAST(try_strptime({text}, {text_sql(pattern)}) AS {_TYPES[to]})"
    return f"TRY_CAST({text} AS {_TYPES[to]})"


def _casts(given: Given) -> str:
    expressions = {column: _cast(given, column) for column in given.columns("columns")}
    return replaced(given, expressions, "What cannot be read as the new type becomes missing.")


def _casts_checks(given: Given) -> tuple[Check, ...]:
    checks = []
    for column in given.columns("columns"):
        name, made = name_sql(column), _cast(given, column)
        lost = f"{name} IS NOT NULL AND {made} IS NULL"
        query = (
            f"SELECT count({name}) AS n, count(*) FILTER ({lost}) AS n_lost, list_slice(list_sort(list(DISTINCT"
            f" CAST({name} AS VARCHAR)) FILTER ({lost})), 1, 5) AS lost FROM {name_sql(given.table('source'))}"
        )
        checks.append(Check(query, lambda row, column=column: _told(column, row)))
    return tuple(checks)


def _told(column: str, row: Mapping[str, object]) -> Note:
    n, n_lost = int(str(row["n"])), int(str(row["n_lost"]))
    if not n_lost:
        return Note("fine", f"All {n:,} values of {column} can be read.")
    examples = tuple(str(value) for value in row["lost"]) if isinstance(row["lost"], list) else ()
    said = f"{n_lost:,} of {n:,} values of {column} cannot be read and become missing."
    return Note("warning" if n_lost > 0.05 * n else "note", said, examples)


CAST = ReadyMade(
    "cast",
    "Change a column's type",
    "What is this text really?",
    (
        source_parameter(),
        Parameter("columns", "Columns", "columns", of="source"),
        Parameter(
            "to",
            "Read as",
            "choice",
            choices=(
                ("number", "a number"),
                ("whole", "a whole number"),
                ("date", "a date"),
                ("moment", "a date and time"),
                ("yes_no", "yes or no"),
                ("text", "text"),
            ),
            default="number",
        ),
        Parameter(
            "decimal",
            "Decimals stand behind",
            "choice",
            choices=(("point", "a point: 1,234.5"), ("comma", "a comma: 1.234,5")),
            default="point",
            help="For numbers.",
        ),
        Parameter(
            "pattern",
            "How the date is written",
            "text",
            optional=True,
            help="For dates, such as %d.%m.%Y or %Y-%m-%d %H:%M; empty: year-month-day.",
        ),
    ),
    _casts,
    _casts_checks,
)


def _rename(given: Given) -> str:
    columns, names = given.columns("columns"), given.words("names")
    if len(columns) != len(names):
        raise SqlError(
            f"{len(columns)} columns and {len(names)} different names.", hint="Give one new name for each, in order."
        )
    stay = {column.lower() for column in given.schema("source") if column not in columns}
    taken = [name for name in names if not name.strip() or name.lower() in stay]
    if taken or len({name.lower() for name in names}) < len(names):
        raise SqlError(f"{(taken or list(names))[0]!r} is taken, or empty.", hint="Give each column a name of its own.")
    items = ", ".join(f"{name_sql(old)} AS {name_sql(new)}" for old, new in zip(columns, names, strict=True))
    return f"SELECT * RENAME ({items})\nFROM {name_sql(given.table('source'))}"


RENAME = ReadyMade(
    "rename",
    "Rename columns",
    "What should they be called?",
    (
        source_parameter(),
        Parameter("columns", "Columns", "columns", of="source"),
        Parameter("names", "New names", "words", help="In the same order."),
    ),
    _rename,
)


def _drop(given: Given) -> str:
    columns, why = given.columns("columns"), given.text("why")
    if len(columns) == len(given.schema("source")):
        raise SqlError("No column would be left.", hint="Keep at least one.")
    said = f"{comment(why)}\n" if why else ""
    listed = ", ".join(name_sql(column) for column in columns)
    return f"{said}SELECT * EXCLUDE ({listed})\nFROM {name_sql(given.table('source'))}"


DROP = ReadyMade(
    "drop_columns",
    "Leave columns out",
    "Which columns must play no part?",
    (
        source_parameter(),
        Parameter("columns", "Columns", "columns", of="source"),
        Parameter("why", "Why", "text", optional=True, help="Stands above the SQL, for those who read it later."),
    ),
    _drop,
)
