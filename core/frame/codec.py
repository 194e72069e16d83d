"""Frame's records as plain JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from core.errors import FrameError
from core.frame.records import (
    Capacity,
    Criteria,
    Criterion,
    Decision,
    Economics,
    Incumbent,
    Payoffs,
    People,
    SplitChoice,
)

T = TypeVar("T")
KINDS = {"decision": Decision, "economics": Economics, "criteria": Criteria, "people": People}


def to_body(record: Decision | Economics | Criteria | People) -> dict[str, Any]:
    """Return a record as JSON's own types."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(record).items()}


def from_body(kind: str, body: Mapping[str, Any]) -> Decision | Economics | Criteria | People:
    """Return the record of a kind ("decision", "economics", "criteria" or "people") that a body describes.

    Raises
    ------
    FrameError
        When a field is not known; the known ones are named.
    """
    values = dict(body)
    if kind == "decision":
        values["unit_key"] = tuple(values.get("unit_key", ()))
        values["split"] = _make(SplitChoice, values.get("split") or {})
    elif kind == "economics":
        values["payoffs"] = _make(Payoffs, values.get("payoffs") or {})
        values["capacity"] = _make(Capacity, values["capacity"]) if values.get("capacity") else None
        values["incumbent"] = _make(Incumbent, values["incumbent"]) if values.get("incumbent") else None
    elif kind == "criteria":
        values["items"] = tuple(_make(Criterion, item) for item in values.get("items", ()))
    return _make(KINDS[kind], values)


def _make(record: type[T], values: Mapping[str, Any]) -> T:
    known = {field.name for field in fields(record)}
    strange = sorted(set(values) - known)
    if strange:
        raise FrameError(
            f"{record.__name__} has no field {strange[0]!r}.", hint=f"Its fields are {', '.join(sorted(known))}."
        )
    return record(**values)
