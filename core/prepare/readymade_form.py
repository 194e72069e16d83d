"""What a ready-made step asks for, how its answers are read, and what it says before it is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import SqlError
from core.prepare.sqltext import comment, name_sql

Schemas = Mapping[str, Mapping[str, str]]
"""Table or earlier step to column to type, in DuckDB's words."""

Values = Mapping[str, object]
"""What was answered, by the parameter's name."""

ParameterKind = Literal["table", "column", "columns", "number", "numbers", "text", "words", "choice", "choices"]
ColumnType = Literal["number", "text", "time", "boolean"]

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATS = ("FLOAT", "DOUBLE", "REAL")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One question of a form.

    Attributes
    ----------
    kind : "table" one name, "column" one and "columns" several names of the table that the parameter ``of`` names,
        "number" an int or float, "numbers" several, "text" one word, "words" several, "choice" one and "choices"
        several of ``choices``.
    optional : whether it may be left empty.
    choices : (value, label).
    default : what the form begins with; None for nothing.
    types : the types of columns that make sense here; empty for any.
    help : one sentence.
    """

    name: str
    label: str
    kind: ParameterKind
    of: str = ""
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    default: object = None
    types: tuple[ColumnType, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a check found: "fine", "note" or "warning", a sentence, and examples as text."""

    severity: Literal["fine", "note", "warning"]
    sentence: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A query that answers in one row, and what that row means."""

    query: str
    tell: Callable[[Mapping[str, object]], Note]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that answers in one row, and the answers that this row proposes for the form, by parameter."""

    query: str
    propose: Callable[[Mapping[str, object]], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Given:
    """The answers to a form, read one at a time; a sentence where one is missing or wrong."""

    parameters: Sequence[Parameter]
    values: Values
    schemas: Schemas

    def table(self, name: str) -> str:
        """Return a table's or step's name as it is spelled."""
        said = str(self._said(name) or "")
        found = {known.lower(): known for known in self.schemas}.get(said.lower())
        if found is None:
            raise SqlError(
                f"There is no table {said!r}.", hint=f"Choose one of {', '.join(self.schemas) or 'none yet'}."
            )
        return found

    def schema(self, name: str) -> Mapping[str, str]:
        """Return the columns, with types, of the table that a parameter names."""
        return self.schemas[self.table(name)]

    def column(self, name: str) -> str:
        """Return one column, "" when it was left empty and may be."""
        said = self._said(name)
        return self._columns(name, [str(said)])[0] if said else ""

    def columns(self, name: str) -> tuple[str, ...]:
        """Return several columns, in the order given."""
        return self._columns(name, [str(one) for one in _several(self._said(name))])

    def words(self, name: str) -> tuple[str, ...]:
        """Return several words, each once."""
        return tuple(dict.fromkeys(str(one) for one in _several(self._said(name))))

    def text(self, name: str) -> str:
        """Return one word."""
        return str(self._said(name) or "").strip()

    def number(self, name: str) -> float | None:
        """Return a number, None when it was left empty and may be."""
        said = self._said(name)
        return None if said is None or said == "" else self._number(name, said)

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return several numbers, each once."""
        return tuple(dict.fromkeys(self._number(name, one) for one in _several(self._said(name))))

    def choice(self, name: str) -> str:
        """Return the value of one choice."""
        return self._choices(name, [str(self._said(name) or "")])[0]

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the values of several choices, in the order in which the form lists them."""
        said = self._choices(name, [str(one) for one in _several(self._said(name))])
        return tuple(value for value, _ in self._parameter(name).choices if value in said)

    def type_of(self, name: str, column: str) -> str:
        """Return the DuckDB type of a column of the table that a parameter names."""
        return self.schema(name)[column]

    def _parameter(self, name: str) -> Parameter:
        return next(parameter for parameter in self.parameters if parameter.name == name)

    def _said(self, name: str) -> object:
        parameter = self._parameter(name)
        said = self.values.get(name, parameter.default)
        if said in (None, "", (), []) and not parameter.optional:
            raise SqlError(f"“{parameter.label}” is not answered yet.", hint=parameter.help or "Choose one.")
        return said

    def _columns(self, name: str, said: Sequence[str]) -> tuple[str, ...]:
        parameter = self._parameter(name)
        table = self.table(parameter.of)
        by_lower = {column.lower(): column for column in self.schemas[table]}
        missing = [one for one in said if one.lower() not in by_lower]
        if missing:
            offered = ", ".join(self.schemas[table])
            raise SqlError(f"{table!r} has no column {missing[0]!r}.", hint=f"Choose from {offered}.")
        found = tuple(dict.fromkeys(by_lower[one.lower()] for one in said))
        for column in found:
            kind = type_kind(self.schemas[table][column])
            if parameter.types and kind and kind not in parameter.types:
                wanted = " or ".join(parameter.types)
                raise SqlError(
                    f"{column!r} is of type {self.schemas[table][column]}; “{parameter.label}” needs a {wanted}.",
                    hint="Read it as one first, with the ready-made step “Change a column's type”.",
                )
        return found

    def _choices(self, name: str, said: Sequence[str]) -> tuple[str, ...]:
        parameter = self._parameter(name)
        known = [value for value, _ in parameter.choices]
        for one in said:
            if one not in known:
                raise SqlError(f"“{parameter.label}” cannot be {one!r}.", hint=f"Choose from {', '.join(known)}.")
        return tuple(said)

    def _number(self, name: str, said: object) -> float:
        if isinstance(said, int | float) and not isinstance(said, bool):
            return said
        try:
            return float(str(said))
        except ValueError as error:
            label = self._parameter(name).label
            raise SqlError(f"“{label}” is {said!r}, which is not a number.", hint="Write a number.") from error


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A step that writes its own SQL.

    Attributes
    ----------
    code : names it; also the beginning of the written step's name.
    title, question : for a person.
    parameters : what it asks for, in order; the first, ``source``, is the table or step that goes on.
    write : the answers to SQL that a person can read and edit.
    ask : the checks to run before it is written; each reads only tables and steps in scope.
    suggest : what the data proposes for answers not given yet; None when nothing can be.
    """

    code: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    write: Callable[[Given], str]
    ask: Callable[[Given], tuple[Check, ...]] = lambda _given: ()
    suggest: Callable[[Given], Suggestion | None] = lambda _given: None

    def sql(self, values: Values, schemas: Schemas) -> str:
        """Return the step's SQL.

        Raises
        ------
        SqlError
            When an answer is missing or names what is not there; the sentence says which.
        """
        return self.write(Given(self.parameters, values, schemas))

    def checks(self, values: Values, schemas: Schemas) -> tuple[Check, ...]:
        """Return what to ask the data before the step is written; errors as for ``sql``."""
        return self.ask(Given(self.parameters, values, schemas))

    def suggestion(self, values: Values, schemas: Schemas) -> Suggestion | None:
        """Return how to find answers in the data; errors as for ``sql``."""
        return self.suggest(Given(self.parameters, values, schemas))


def type_kind(duckdb_type: str) -> ColumnType | None:
    """Return what a type is to a form, None for what no form asks for."""
    name = duckdb_type.upper().partition("(")[0].strip()
    if name in _NUMBERS or name in _FLOATS or name in ("DECIMAL", "BIGNUM"):
        return "number"
    if name.startswith(("TIMESTAMP", "DATE")):
        return "time"
    return {"VARCHAR": "text", "ENUM": "text", "UUID": "text", "BOOLEAN": "boolean"}.get(name)


def is_float(duckdb_type: str) -> bool:
    """Return whether sums of a type depend on the order of adding, and whether it can hold not-a-number."""
    return duckdb_type.upper() in _FLOATS


def source_parameter(help_: str = "") -> Parameter:
    """Return the first question of every form."""
    return Parameter("source", "Which table or step goes on?", "table", help=help_)


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a column's name that is not taken: the wanted one, or the same with a number behind it."""
    lower = {name.lower() for name in taken}
    if wanted.lower() not in lower:
        return wanted
    return next(f"{wanted}_{n}" for n in range(2, 10_000) if f"{wanted}_{n}".lower() not in lower)


def replaced(given: Given, expressions: Mapping[str, str], why: str) -> str:
    """Return a SELECT that passes every column on and replaces some, after a comment that says why."""
    items = [f"{expression} AS {name_sql(column)}" for column, expression in expressions.items()]
    source = name_sql(given.table("source"))
    body = ",\n  ".join(items)
    return f"{comment(why)}\nSELECT * REPLACE (\n  {body}\n)\nFROM {source}"


def _several(said: object) -> Sequence[object]:
    if said is None or said == "":
        return ()
    return list(said) if isinstance(said, list | tuple | set | frozenset) else [said]
