"""What is stored: immutable records, named by a digest of their choices and their parents."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KINDS = (
    "decision",
    "economics",
    "criteria",
    "people",
    "contract",
    "acceptances",
    "dataset",
    "recipe",
    "split",
    "findings",
    "run",
    "policy",
    "explanation",
    "prices",
    "verdict",
    "signoff",
    "bundle",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One choice, or one result of choices.

    Attributes
    ----------
    kind : one of ``KINDS``.
    digest : sha256 over kind, ``body`` and ``parents``; never over author, clock, host or duration.
    parents : digests of the records it was made from.
    body : what was chosen.
    result : what was computed from that.
    author, created_at : who first recorded it and when (UTC).
    """

    kind: str
    digest: str
    parents: tuple[str, ...]
    body: dict[str, Any]
    result: dict[str, Any]
    author: str
    created_at: datetime

    @property
    def short(self) -> str:
        """The first twelve hexadecimal digits, as tables and links use them."""
        return self.digest[:12]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log of decisions."""

    created_at: datetime
    author: str
    what: str
    kind: str
    digest: str
    detail: dict[str, Any]


def canonical(value: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys and no spaces: one text per value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(kind: str, body: Mapping[str, Any], parents: tuple[str, ...]) -> str:
    """Return the sha256 that names a record."""
    text = canonical({"kind": kind, "body": body, "parents": list(parents)})
    return hashlib.sha256(text.encode()).hexdigest()
