"""What is half-written on a page and cannot be a record yet, kept with the project: no tab and no reload loses it."""

import json

from core.workspace import Project


def draft(project: Project, page: str) -> dict | None:
    """Return what was half-written on a page, or None."""
    text = project.meta(f"draft.{page}")
    return json.loads(text) if text else None


def save_draft(project: Project, page: str, value: dict) -> None:
    """Keep what is half-written, in place of what was."""
    project.set_meta(f"draft.{page}", json.dumps(value, sort_keys=True))


def drop_draft(project: Project, page: str) -> None:
    """Forget it: it was recorded, or thrown away."""
    project.set_meta(f"draft.{page}", "")
