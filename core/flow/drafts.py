"""What is half-written on a page and cannot be a record yet, kept with the project: no tab and no reload loses it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import ConflictError
from core.workspace import Project


@dataclass(frozen=True, slots=True)
class Draft:
    """What is half-written on a page.

    Attributes
    ----------
    value : JSON; None when nothing is half-written.
    version : rises with every change, also when the draft is dropped; 0 before the first.
    author, saved_at : of the last change; None before the first.
    """

    value: dict[str, Any] | None = None
    version: int = 0
    author: str = ""
    saved_at: datetime | None = None


def draft(project: Project, page: str) -> Draft:
    """Return what is half-written on a page."""
    return _read(project.meta(_key(page)))


def save_draft(project: Project, page: str, value: dict[str, Any] | None, *, seen: int, author: str) -> Draft:
    """Keep what is half-written, in place of what was seen.

    Parameters
    ----------
    value : None forgets the draft: it was recorded, or thrown away.
    seen : the version that the author had before them.

    Raises
    ------
    ConflictError
        When another tab has changed it since; nothing is kept then.
    """
    text = project.meta(_key(page))
    held = _read(text)
    new = Draft(value, held.version + 1, author, datetime.now(UTC))
    body = {"value": value, "version": new.version, "author": author, "saved_at": new.saved_at.isoformat()}
    if held.version != seen or not project.swap_meta(_key(page), text, json.dumps(body, sort_keys=True)):
        who = held.author or "Somebody"
        raise ConflictError(
            f"{who} changed this in another tab while you were at it.", hint="Look at what is there now, then go on."
        )
    return new


def _key(page: str) -> str:
    return f"draft.{page}"


def _read(text: str | None) -> Draft:
    found = json.loads(text) if text else {}
    if "version" not in found:
        return Draft(found or None)  # as it was written before drafts had versions
    return Draft(found["value"], found["version"], found["author"], datetime.fromisoformat(found["saved_at"]))
