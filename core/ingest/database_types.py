"""Makes Arrow columns of what database drivers return, with no value changed on the way."""

import datetime
import decimal
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import LoadError

EXACT = "exact number"
"""Said of a text column that holds exact numbers of unknown size; its type is found when all of them are there."""

MOMENT = "moment"
"""Said of a text column that may hold dates, where the database has no type for them."""


@dataclass(slots=True)
class ColumnPlan:
    """How one column's values become an Arrow array.

    Attributes
    ----------
    incoming : the Arrow type of the driver's values; ``type`` is what they are cast to.
    later : EXACT, MOMENT or "": what is found out about a text when all of it is there.
    kind : for drivers that do not say types, the kind of value seen so far; "" where the driver says it.
    n_lost, lost : how many values the type cannot hold, and the first of them; they are missing.
    """

    name: str
    incoming: pa.DataType
    type: pa.DataType
    later: str = ""
    kind: str = ""
    n_lost: int = 0
    lost: str = ""

    def array(self, values: Sequence[object]) -> pa.Array:
        """Return the values as an array of ``type``.

        Raises
        ------
        LoadError
            When a list holds lists.
        """
        if self.kind:
            return _of_kind(values, self.kind, self.type)
        try:
            made = pa.array(values, self.incoming)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise LoadError(
                f"Column {self.name!r} holds values that do not fit its type: {str(error).splitlines()[0]}",
                hint="Ask for it as text in a query of your own.",
            ) from error
        if made.type == self.type:
            return made
        try:
            return _cast(made, self.type)
        except pa.ArrowInvalid:
            return pa.array([self._alone(value) for value in values], self.type)

    def _alone(self, value: object) -> object:
        if value is None:
            return None
        try:
            return _cast(pa.array([value], self.incoming), self.type)[0].as_py()
        except (pa.ArrowInvalid, ValueError, OverflowError):
            self.n_lost += 1
            self.lost = self.lost or str(value)
            return None


def _cast(made: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_time(kind) and pa.types.is_string(made.type):
        # Arrow reads no time without a day.
        made = pc.binary_join_element_wise("1970-01-01", made, " ").cast(pa.timestamp("us"))
    return made.cast(kind)


# PostgreSQL's number of a type to the Arrow type of what psycopg returns, and to the one it becomes.
_POSTGRES: dict[int, tuple[pa.DataType, pa.DataType]] = {
    16: (pa.bool_(), pa.bool_()),
    17: (pa.binary(), pa.binary()),
    20: (pa.int64(), pa.int64()),
    21: (pa.int16(), pa.int16()),
    23: (pa.int32(), pa.int32()),
    26: (pa.int64(), pa.int64()),
    700: (pa.float32(), pa.float32()),
    701: (pa.float64(), pa.float64()),
    1082: (pa.string(), pa.date32()),
    1083: (pa.string(), pa.time64("us")),
    1114: (pa.string(), pa.timestamp("us")),
    1184: (pa.string(), pa.timestamp("us", "UTC")),
}
_NUMERIC = 1700
# Arrays: the number of the type of the list to that of its items.
_POSTGRES_ARRAYS = {1000: 16, 1005: 21, 1007: 23, 1016: 20, 1021: 700, 1022: 701, 1009: 25, 1015: 25, 1014: 25}
_POSTGRES_ARRAYS |= {1182: 25, 1115: 25, 1185: 25, 1231: 25, 2951: 25, 199: 25, 3807: 25, 1028: 26}
KEPT_BY_DRIVER = frozenset((16, 17, 20, 21, 23, 26, 700, 701, *_POSTGRES_ARRAYS))


def postgres_plan(name: str, number: int, precision: int | None, scale: int | None) -> ColumnPlan:
    """Return the plan for a column of PostgreSQL's type ``number``, whose other types arrive as the server's text.

    Numeric with a precision becomes a decimal of it, without one an exact number of the size that its values need.
    What is none of the plain types (uuid, json, enum, interval, inet, ranges …) is the text that psql would show.
    """
    if number == _NUMERIC and precision is not None and precision <= 38 and 0 <= (scale or 0) <= precision:
        return ColumnPlan(name, pa.string(), pa.decimal128(precision, scale or 0))
    if number == _NUMERIC:
        return ColumnPlan(name, pa.string(), pa.string(), later=EXACT)
    if number in _POSTGRES_ARRAYS:
        item = _POSTGRES.get(_POSTGRES_ARRAYS[number], (pa.string(), pa.string()))[0]
        return ColumnPlan(name, pa.list_(item), pa.list_(item))
    incoming, kind = _POSTGRES.get(number, (pa.string(), pa.string()))
    return ColumnPlan(name, incoming, kind)


_ARROW = {
    "nothing": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "exact": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    "time": pa.time64("us"),
    "bytes": pa.binary(),
    "text": pa.string(),
}
_OF_CLASS: Mapping[type, str] = {
    bool: "boolean",
    float: "float",
    decimal.Decimal: "exact",
    datetime.date: "date",
    datetime.time: "time",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
}
_WIDER = {
    frozenset(("boolean", "integer")): "integer",
    frozenset(("boolean", "long")): "long",
    frozenset(("integer", "long")): "long",
    frozenset(("integer", "float")): "float",
    frozenset(("integer", "exact")): "exact",
    frozenset(("long", "exact")): "exact",
    frozenset(("date", "timestamp")): "timestamp",
}
_EXACT_IN_FLOAT = 2**53


def plan_of(name: str, kind: str, moments_are_text: bool) -> ColumnPlan:
    """Return the plan for a column of a driver that says no types, from the kind of its first values."""
    later = EXACT if kind == "exact" else MOMENT if kind == "text" and moments_are_text else ""
    return ColumnPlan(name, _ARROW[kind], _ARROW[kind], later, kind)


def kind_of(values: Sequence[object]) -> str:
    """Return the kind that holds all of some Python values: a key of the table above."""
    kind = "nothing"
    for one in {type(value) for value in values if value is not None}:
        found = _OF_CLASS.get(one, "text")
        if one is int:
            largest = max(abs(value) for value in values if type(value) is int)
            found = "integer" if largest <= _EXACT_IN_FLOAT else "long" if largest < 2**63 else "exact"
        elif issubclass(one, datetime.datetime):
            aware = {value.tzinfo is not None for value in values if isinstance(value, datetime.datetime)}
            found = "text" if len(aware) > 1 else "instant" if aware.pop() else "timestamp"
        kind = merged(kind, found)
    return kind


def merged(one: str, other: str) -> str:
    """Return the kind that holds both."""
    if one == other or other == "nothing":
        return one
    return other if one == "nothing" else _WIDER.get(frozenset((one, other)), "text")


def _of_kind(values: Sequence[object], kind: str, arrow: pa.DataType) -> pa.Array:
    if kind == "exact":
        return pa.array([None if value is None else format(value, "f") for value in values], arrow)
    if kind == "text":
        return pa.array([_text(value) for value in values], arrow)
    if kind == "float":
        return pa.array([None if value is None else float(value) for value in values], arrow)
    if kind in ("integer", "long"):
        return pa.array([None if value is None else int(value) for value in values], arrow)
    if kind == "bytes":
        return pa.array([None if value is None else bytes(value) for value in values], arrow)
    return pa.array(values, arrow)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value)
