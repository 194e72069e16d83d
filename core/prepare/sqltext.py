"""Names and values as SQL that reads as a person would write it."""

import math
import re
from collections.abc import Iterable

from core.errors import SqlError
from core.workspace.functions import reserved_words

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def name_sql(name: str) -> str:
    """Return a table's or column's name, in double quotes only where SQL needs them."""
    if _PLAIN.fullmatch(name) and name.lower() not in reserved_words():
        return name
    return '"' + name.replace('"', '""') + '"'


def text_sql(value: str) -> str:
    """Return a text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def number_sql(value: float) -> str:
    """Return a number as a literal, exact.

    Raises
    ------
    SqlError
        When it is not finite.
    """
    if not math.isfinite(value):
        raise SqlError(f"{value} is not a number that a step can hold.", hint="Give a finite number.")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def listed(parts: Iterable[str], indent: str = "  ") -> str:
    """Return the parts of a list in SQL, a line each."""
    return f",\n{indent}".join(parts)


def comment(sentence: str) -> str:
    """Return a sentence as comment lines: what a person typed cannot end the comment."""
    return "\n".join(f"-- {line}" for line in sentence.splitlines())
