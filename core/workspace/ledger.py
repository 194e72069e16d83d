"""Counts how often a holdout was opened, per source and target, wherever its project was copied to."""

import hashlib
import json
import uuid
from datetime import UTC, datetime

from core.workspace.home import home
from core.workspace.project import Project


def holdout_of(source_sha256: list[str], target: str) -> str:
    """Return the name of a holdout: the sources' contents and the target, not the split."""
    return hashlib.sha256("\n".join([*sorted(source_sha256), target]).encode()).hexdigest()


def openings(project: Project, holdout: str) -> int:
    """Return how often a holdout was opened, by this project, its copies, and others on this machine."""
    return len(_identities(project, holdout))


def record_opening(project: Project, holdout: str, *, author: str, policy: str, criteria: str) -> int:
    """Count one more opening, in the project and beside it, before anything is looked at; return which look it is."""
    identity = uuid.uuid4().hex
    detail = {"holdout": holdout, "identity": identity, "policy": policy, "criteria": criteria}
    project.log("opened the holdout", author=author, kind="verdict", **detail)
    with (home() / "openings.jsonl").open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(detail | {"at": datetime.now(UTC).isoformat()}, sort_keys=True) + "\n")
    return openings(project, holdout)


def _identities(project: Project, holdout: str) -> set[str]:
    known = {
        str(event.detail["identity"])
        for event in project.events("opened the holdout", n=100_000)
        if event.detail.get("holdout") == holdout
    }
    path = home() / "openings.jsonl"
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry.get("holdout") == holdout:
                known.add(entry["identity"])
    return known
