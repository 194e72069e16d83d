"""What is assumed about the numbers and dates of a column, with the values that decide it."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from core.ingest.forms import BIGINT, DATE, DOUBLE, PLAIN, TIMESTAMP, Form
from core.ingest.source import Assumption, ReaderSettings
from core.scoring.prepare import quoted

_MARKS = {".": "point", ",": "comma", " ": "blank", "'": "apostrophe"}
_N_MARKED = 20
_N_WORDS = 10
_N_LOOKED_AT = 1_000
_AT_ONCE = 25


def rivals(forms: Sequence[Form]) -> list[Form]:
    """Return the forms that read the same texts as the first of some does, with another meaning."""
    first = forms[0]
    if first.order:
        return [form for form in forms if form.order and form.order != first.order]
    return [form for form in forms if form.decimal and form.decimal != first.decimal and not form.order]


def is_open(connection: duckdb.DuckDBPyConnection, table: str, name: str, forms: Sequence[Form]) -> bool:
    """Say whether the values of a column, all of which have all these forms, leave open what they mean.

    Where a comma may be either mark, it is that of thousands when at least twenty values have it, always before three
    digits, and others below a thousand do without: decimals would have been written there, too.
    """
    column, first = quoted(name), forms[0]
    for rival in rivals(forms):
        differs = f"{first.value(column)} IS DISTINCT FROM {rival.value(column)}"
        marked = f"contains({column}, ',')"
        row = connection.execute(
            f"SELECT count(*) FILTER ({differs}), count(*) FILTER ({marked}), "
            f"count(*) FILTER (NOT {marked} AND abs({first.value(column)}) < 1000) FROM {quoted(table)}"
            if first.decimal
            else f"SELECT count(*) FILTER ({differs}), 0, 0 FROM {quoted(table)}"
        ).fetchall()[0]
        n_different, n_marked, n_below = row
        if n_different and not (first.thousands == "," and n_marked >= _N_MARKED and n_below):
            return True
    return False


def kept_as_text(connection: duckdb.DuckDBPyConnection, table: str, name: str, forms: Sequence[Form]) -> Assumption:
    """Return what is said of a column whose values can be read in two ways and therefore stay text."""
    n, example = _n_and_example(connection, table, name, "true")
    if forms[0].order:
        why = f"None of its {n:,} values, such as {example!r}, tells day and month apart: no number is over 12."
        return Assumption("dates", f"{name}: text", f"{why} Say which comes first.")
    why = f"In its {n:,} values, such as {example!r}, the comma can part thousands or decimals."
    return Assumption("numbers", f"{name}: text", f"{why} Say the decimal mark.")


def assumption(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, form: Form, settings: ReaderSettings
) -> Assumption | None:
    """Return what reading a column in a form assumes, or None where it is plain or was stated."""
    if form.is_plain:
        return None
    what = "dates" if form.order else "numbers"
    column = quoted(name)
    rival = _rival(form)
    only = f"NOT coalesce({rival.fits(column)}, false)" if rival else "true"
    n_only, example = _n_and_example(connection, table, name, only)
    n, first = _n_and_example(connection, table, name, "true")
    if form.order == "year" or (form.order and settings.day_first is not None):
        return None
    if form.order:
        why = f"{n_only:,} of its {n:,} values, such as {example!r}, can be read in no other way."
        return Assumption(what, f"{name}: {form.order} first", why)
    said = [f"without {form.unit}"] if form.unit else []
    if form.decimal and not (settings.decimal or settings.thousands):
        decimal, thousands = _MARKS[form.decimal], _MARKS[form.thousands]
        said.append(f"decimal {decimal}, thousands {thousands}")
    if not said:
        return None
    why = f"All its {n:,} values are such numbers, as {example or first!r} is."
    if form.unit:
        why += (
            f" The number stays as it is written: 12{form.unit} is 12."
            if form.unit == "%"
            else " The sign is left out."
        )
    return Assumption(what, f"{name}: {'; '.join(said)}", why)


def words(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> tuple[Assumption, ...]:
    """Say of which text columns a handful of words keeps all other values from being numbers or dates."""
    found = []
    for start in range(0, len(names), _AT_ONCE):  # a query's planning takes much longer than its columns are more
        found += _some_words(connection, table, names[start : start + _AT_ONCE])
    return tuple(found)


def _some_words(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> list[Assumption]:
    fits = {name: " OR ".join(form.fits(quoted(name)) for form in _ORDINARY) for name in names}
    counted = ", ".join(f"count({quoted(name)}), count(*) FILTER ({fits[name]})" for name in names)
    head = f"(SELECT * FROM {quoted(table)} LIMIT {_N_LOOKED_AT})"
    row = connection.execute(f"SELECT {counted} FROM {head}").fetchall()[0]
    found = []
    for place, name in enumerate(names):
        n_filled, n_fitting = row[2 * place : 2 * place + 2]
        if n_fitting and n_fitting >= 0.5 * n_filled:
            said = _words_of(connection, table, name, fits[name])
            found += [said] if said else []
    return found


_ORDINARY = (DOUBLE, BIGINT, DATE, TIMESTAMP)


def _words_of(connection: duckdb.DuckDBPyConnection, table: str, name: str, fits: str) -> Assumption | None:
    """Return the note of a column, or None where the other values have no form in common or are too many."""
    column = quoted(name)
    rows = connection.execute(
        f"SELECT {column}, count(*) AS n FROM {quoted(table)} WHERE {column} IS NOT NULL AND NOT ({fits}) "
        f"GROUP BY ALL ORDER BY n DESC, {column} LIMIT {_N_WORDS + 1}"
    ).fetchall()
    tests = ", ".join(f"count(*) FILTER ({form.fits(column)})" for form in PLAIN)
    row = connection.execute(f"SELECT count({column}), {tests} FROM {quoted(table)}").fetchall()[0]
    n_words = sum(row[1] for row in rows)
    n_filled, counts = row[0], row[1:]
    whole = [form for form, n in zip(PLAIN, counts, strict=True) if n == n_filled - n_words]
    if not rows or len(rows) > _N_WORDS or n_words > 0.5 * n_filled or not whole:
        return None
    kind = "a date" if whole[0].type in ("DATE", "TIMESTAMP") else "a number"
    listed = ", ".join(f"{word!r} ({n:,})" for word, n in rows)
    why = f"{n_filled - n_words:,} of its {n_filled:,} values are {kind}, the others are {listed}. "
    return Assumption("missing", f"{name}: text", f"{why}Say that these words mean no value, and it becomes {kind}.")


def _rival(form: Form) -> Form | None:
    """Return the form in which day and month, or the two marks, change places."""
    if form.order in ("day", "month"):
        swapped = {"%d": "%m", "%m": "%d"}
        formats = tuple(f"{swapped[one[:2]]}{one[2]}{swapped[one[3:5]]}{one[5:]}" for one in form.formats)
        return replace(form, order="month" if form.order == "day" else "day", formats=formats)
    if form.decimal == "," and form.thousands == ".":
        return DOUBLE
    return None


def _n_and_example(connection: duckdb.DuckDBPyConnection, table: str, name: str, condition: str) -> tuple[int, str]:
    """Return how many values a condition holds for, and the first of them."""
    column = quoted(name)
    row = connection.execute(
        f"SELECT count({column}), arg_min({column}, rowid) FROM {quoted(table)} "
        f"WHERE {column} IS NOT NULL AND ({condition})"
    ).fetchall()[0]
    return int(row[0]), str(row[1] if row[1] is not None else "")[:60]
