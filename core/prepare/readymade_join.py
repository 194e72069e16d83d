"""Ready-made steps about whole rows: columns from another table, and duplicates."""

from collections.abc import Mapping, Sequence

from core.errors import SqlError
from core.prepare.readymade_form import Check, Given, Note, Parameter, ReadyMade, free_name, source_parameter
from core.prepare.sqltext import comment, listed, name_sql


def _keys(given: Given) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of both tables that must be equal, pair by pair."""
    left, right = given.columns("keys"), given.columns("other_keys")
    if not right:
        names = {column.lower(): column for column in given.schema("other")}
        missing = [column for column in left if column.lower() not in names]
        if missing:
            other = given.table("other")
            raise SqlError(
                f"{other!r} has no column {missing[0]!r}.",
                hint=f"Choose from {other} the columns that match, in order.",
            )
        right = tuple(names[column.lower()] for column in left)
    if len(left) != len(right):
        raise SqlError(
            f"{len(left)} columns on one side, {len(right)} on the other.", hint="Choose the same number, in order."
        )
    return left, right


def _taken(given: Given, right: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (column of the other table, name it gets) of every column that is taken over."""
    columns = given.columns("take") or tuple(column for column in given.schema("other") if column not in right)
    if not columns:
        raise SqlError(f"{given.table('other')!r} has no column besides its keys.", hint="Choose columns to take.")
    names = list(given.schema("source"))
    found = []
    for column in columns:
        clash = column.lower() in {name.lower() for name in names}
        made = free_name(f"{given.table('other')}_{column}" if clash else column, names)
        names.append(made)
        found.append((column, made))
    return tuple(found)


def _join(given: Given) -> str:
    left, right = _keys(given)
    taken = _taken(given, right)
    source, other = name_sql(given.table("source")), name_sql(given.table("other"))
    items = [f"r.{name_sql(column)}" + (f" AS {name_sql(made)}" if made != column else "") for column, made in taken]
    condition = " AND ".join(f"r.{name_sql(b)} = l.{name_sql(a)}" for a, b in zip(left, right, strict=True))
    several = given.choice("several")
    if several == "all":
        why = f"A row of {given.table('source')} comes once for every row of {given.table('other')} with its key."
        return (
            f"{comment(why)}\nSELECT\n  l.*,\n  {listed(items)}\nFROM {source} AS l\n"
            f"LEFT JOIN {other} AS r ON {condition}"
        )
    columns = [name_sql(column) for column in dict.fromkeys([*right, *(column for column, _ in taken)])]
    order = _order(given, "order", several == "last", [column for column, _ in taken])
    which = f"the {several} by {given.column('order')}" if given.column("order") else "the first in order of its values"
    why = f"At most one row of {given.table('other')} per key, {which}: no row is lost, and none comes twice."
    keys = ", ".join(name_sql(column) for column in right)
    return (
        f"{comment(why)}\nSELECT\n  l.*,\n  {listed(items)}\nFROM {source} AS l\nLEFT JOIN (\n"
        f"  SELECT {', '.join(columns)}\n  FROM {other}\n"
        f"  QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}) = 1\n) AS r ON {condition}"
    )


def _order(given: Given, parameter: str, last: bool, ties: Sequence[str]) -> str:
    """Return an order in which nothing is left to chance: rows that tie are equal in all that is taken."""
    first = given.column(parameter)
    parts = [f"{name_sql(first)}{' DESC' if last else ''} NULLS LAST"] if first else []
    return ", ".join([*parts, *(name_sql(column) for column in ties if column != first)])


def _join_checks(given: Given) -> tuple[Check, ...]:
    left, right = _keys(given)
    source, other = name_sql(given.table("source")), name_sql(given.table("other"))
    on = " AND ".join(f"r.k{n} = l.{name_sql(a)}" for n, a in enumerate(left))
    keys = ", ".join(f"{name_sql(column)} AS k{n}" for n, column in enumerate(right))
    some = " AND ".join(f"{name_sql(column)} IS NOT NULL" for column in right)
    shown = " || ' / ' || ".join(f"CAST(l.{name_sql(column)} AS VARCHAR)" for column in left)
    shown_key = " || ' / ' || ".join(f"CAST(k{n} AS VARCHAR)" for n in range(len(right)))
    groups = f"SELECT {keys}, count(*) AS n FROM {other} WHERE {some} GROUP BY ALL"
    empty = " OR ".join(f"l.{name_sql(column)} IS NULL" for column in left)
    unmatched = f"coalesce(r.n, 0) = 0 AND NOT ({empty})"
    matched = (
        f"WITH keys AS ({groups})\nSELECT count(*) AS n, count(*) FILTER ({empty}) AS n_empty,"
        f" count(*) FILTER ({unmatched}) AS n_lost, CAST(sum(greatest(coalesce(r.n, 0), 1)) AS BIGINT) AS n_after,"
        f" list_slice(list_sort(list(DISTINCT {shown}) FILTER ({unmatched})), 1, 5) AS lost"
        f" FROM {source} AS l LEFT JOIN keys AS r ON {on}"
    )
    doubled = (
        f"WITH keys AS ({groups})\nSELECT count(*) AS n, count(*) FILTER (n > 1) AS n_doubled,"
        f" list_slice(list({shown_key} ORDER BY n DESC, {shown_key}) FILTER (n > 1), 1, 5) AS doubled FROM keys"
    )
    return Check(matched, lambda row: _told_match(given, row)), Check(doubled, lambda row: _told_doubles(given, row))


def _told_match(given: Given, row: Mapping[str, object]) -> Note:
    n, lost, empty, after = (int(str(row[key] or 0)) for key in ("n", "n_lost", "n_empty", "n_after"))
    other = given.table("other")
    said = f"{n - lost - empty:,} of {n:,} rows find their key in {other}."
    if lost or empty:
        said += f" {lost:,} have a key that is not there, {empty:,} an empty one: their new columns stay empty."
    if given.choice("several") == "all" and after > n:
        return Note("warning", f"{said} The rows become {after:,}: {after - n:,} more.", _texts(row["lost"]))
    return Note("warning" if lost > 0.5 * n else "note" if lost or empty else "fine", said, _texts(row["lost"]))


def _told_doubles(given: Given, row: Mapping[str, object]) -> Note:
    n, doubled = (int(str(row[key] or 0)) for key in ("n", "n_doubled"))
    other = given.table("other")
    if not doubled:
        return Note("fine", f"Each of the {n:,} keys of {other} comes once.")
    if given.choice("several") == "all":
        return Note("warning", f"{doubled:,} of {n:,} keys of {other} come more than once.", _texts(row["doubled"]))
    which = "last" if given.choice("several") == "last" else "first"
    by = f"{which} by {given.column('order')}" if given.column("order") else "first in order of its values"
    said = f"{doubled:,} of {n:,} keys of {other} come more than once; the {by} is taken."
    return Note("note" if given.column("order") else "warning", said, _texts(row["doubled"]))


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


JOIN = ReadyMade(
    "join",
    "Add columns from another table",
    "Which table knows more about each row, and by which key?",
    (
        source_parameter(),
        Parameter("other", "From which table or step?", "table"),
        Parameter("keys", "Key here", "columns", of="source"),
        Parameter(
            "other_keys",
            "Key there",
            "columns",
            of="other",
            optional=True,
            help="In the same order; empty: same names.",
        ),
        Parameter("take", "Columns to take", "columns", of="other", optional=True, help="Empty: all but the key."),
        Parameter(
            "several",
            "When a key comes there more than once",
            "choice",
            choices=(
                ("first", "take the first row"),
                ("last", "take the last row"),
                ("all", "take every row: rows here multiply"),
            ),
            default="first",
        ),
        Parameter(
            "order", "First and last by", "column", of="other", optional=True, help="Empty: by the values themselves."
        ),
    ),
    _join,
    _join_checks,
)


def _duplicates(given: Given) -> str:
    keys, last = given.columns("keys"), given.choice("which") == "last"
    rest = [column for column in given.schema("source") if column not in keys]
    order = _order(given, "order", last, rest) or name_sql(keys[0])
    by = f"the {given.choice('which')} by {given.column('order')}" if given.column("order") else "the lowest values"
    why = f"One row per {', '.join(keys)}: {by}; ties go by the other columns, so that it is always the same row."
    return (
        f"{comment(why)}\nSELECT *\nFROM {name_sql(given.table('source'))}\n"
        f"QUALIFY row_number() OVER (\n  PARTITION BY {', '.join(name_sql(column) for column in keys)}\n"
        f"  ORDER BY {order}\n) = 1"
    )


def _duplicates_checks(given: Given) -> tuple[Check, ...]:
    keys = given.columns("keys")
    source = name_sql(given.table("source"))
    named = ", ".join(f"{name_sql(column)} AS k{n}" for n, column in enumerate(keys))
    shown = " || ' / ' || ".join(f"coalesce(CAST(k{n} AS VARCHAR), 'empty')" for n in range(len(keys)))
    empty = " OR ".join(f"k{n} IS NULL" for n in range(len(keys)))
    query = (
        f"WITH keys AS (SELECT {named}, count(*) AS n FROM {source} GROUP BY ALL)\nSELECT CAST(sum(n) AS BIGINT) AS n,"
        f" count(*) AS left_over, coalesce(CAST(sum(n) FILTER ({empty}) AS BIGINT), 0) AS n_empty,"
        f" list_slice(list({shown} ORDER BY n DESC, {shown}) FILTER (n > 1), 1, 5) AS doubled FROM keys"
    )

    def tell(row: Mapping[str, object]) -> Note:
        n, left_over, n_empty = (int(str(row[key] or 0)) for key in ("n", "left_over", "n_empty"))
        said = f"{n - left_over:,} of {n:,} rows go."
        if n_empty > 1:
            return Note(
                "warning", f"{said} {n_empty:,} rows have an empty key; they count as one.", _texts(row["doubled"])
            )
        return Note("fine" if n == left_over else "note", said, _texts(row["doubled"]))

    return (Check(query, tell),)


DUPLICATES = ReadyMade(
    "drop_duplicates",
    "Drop duplicates",
    "What makes two rows the same thing, and which of them stays?",
    (
        source_parameter(),
        Parameter("keys", "Same in", "columns", of="source"),
        Parameter("order", "First and last by", "column", of="source", optional=True),
        Parameter(
            "which", "Which one stays", "choice", choices=(("first", "the first"), ("last", "the last")), default="last"
        ),
    ),
    _duplicates,
    _duplicates_checks,
)
