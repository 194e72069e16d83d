"""Frozen values as JSON's own types and back, for the results that records hold."""

import math
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def to_plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower name
    """Return a dataclass, or tuples, lists, dicts and numbers in it, as JSON's own types; not-a-number becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def from_plain(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any annotation, any JSON
    """Return what ``to_plain`` was given, by the annotations of its dataclass ``kind``."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: from_plain(hints[name], item) for name, item in value.items()})
    if origin in (typing.Union, types.UnionType):
        some = [item for item in arguments if item is not type(None)]
        return value if value is None or len(some) > 1 else from_plain(some[0], value)
    if kind is float:
        return math.nan if value is None else float(value)
    if origin is tuple:
        inner = arguments[0] if arguments[1:] == (Ellipsis,) else None
        pairs = [(inner or item, part) for item, part in zip(arguments, value, strict=False)] if not inner else None
        return (
            tuple(from_plain(k, v) for k, v in pairs)
            if pairs is not None
            else tuple(from_plain(inner, v) for v in value)
        )
    if origin is list:
        return [from_plain(arguments[0], item) for item in value]
    if origin is dict:
        return {key: from_plain(arguments[1], item) for key, item in value.items()}
    return value
