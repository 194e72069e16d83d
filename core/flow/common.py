"""What every page asks: which steps are done, who did what, which work is running."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import NotReadyError
from core.flow.framing import frame, prepared_columns
from core.frame import open_questions
from core.quality import VERSION
from core.workspace import Event, JobView, Project, Record

PAGES = ("projects", "frame", "load", "prepare", "quality", "train", "threshold", "explain", "verdict", "export")
_HEADS = {
    "load": "dataset",
    "prepare": "recipe",
    "quality": "findings",
    "train": "run",
    "threshold": "policy",
    "explain": "explanation",
    "verdict": "verdict",
    "export": "bundle",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a page's history."""

    kind: str
    digest: str
    author: str
    created_at: datetime
    summary: str
    current: bool


def needed(project: Project, kind: str, way: str) -> Record:
    """Return the head of a kind.

    Raises
    ------
    NotReadyError
        When there is none; ``way`` says how to get one.
    """
    found = project.head(kind)
    if found is None:
        raise NotReadyError(f"This project has no {kind} yet.", hint=way)
    return found


def status(project: Project) -> dict[str, str]:
    """Return for every page "done", "stale" or "open"."""
    heads = {kind: project.head(kind) for kind in _HEADS.values()}
    found = {"projects": "done"}
    columns = [column.name for column in prepared_columns(project)] or None
    complete = not open_questions(frame(project), columns)
    found["frame"] = "done" if complete else "open"
    for page, kind in _HEADS.items():
        record = heads[kind]
        found[page] = "open" if record is None else "done" if project.is_current(record) else "stale"
    findings = heads["findings"]
    if findings is not None and findings.body.get("checks") != VERSION:  # by the checks of another version
        found["quality"] = "stale"
    return found


def is_stale(project: Project, kind: str) -> bool:
    """Return whether the head of a kind hangs on something that has changed since."""
    record = project.head(kind)
    return record is not None and not project.is_current(record)


def history(project: Project, kind: str) -> list[Entry]:
    """Return every record of a kind, newest first, each in a few words."""
    head = project.heads().get(kind)
    return [
        Entry(kind, record.digest, record.author, record.created_at, _summary(record), record.digest == head)
        for record in project.history(kind)
    ]


def use_again(project: Project, kind: str, digest: str, author: str) -> None:
    """Make an earlier record the current one; what hangs on another becomes stale."""
    project.use(kind, digest, author=author)


def jobs(project: Project) -> list[JobView]:
    """Return the work that is running."""
    return project.jobs.running()


def job(project: Project, kind: str) -> JobView | None:
    """Return the newest work of a kind: sample, load, prepare, quality, train, price, explain, verdict or export."""
    return project.jobs.latest(kind)


def wait(project: Project, kind: str) -> JobView | None:
    """Wait until the newest work of a kind has ended; for callers without a screen."""
    return project.jobs.wait(kind)


def cancel(project: Project, job_id: str) -> None:
    """Ask work to stop; what it did so far is not recorded."""
    project.jobs.cancel(job_id)


def saved_at(project: Project) -> datetime | None:
    """Return when anything was last saved (UTC)."""
    return project.saved_at()


def log(project: Project, n: int = 100) -> list[Event]:
    """Return the newest lines of the log of decisions."""
    return project.events(n=n)


def _summary(record: Record) -> str:
    body, result = record.body, record.result
    words = {
        "dataset": lambda: ", ".join(table["name"] for table in body["tables"]) or "no tables",
        "recipe": lambda: f"{len(body['steps'])} steps, {result.get('n_rows', 0):,} rows",
        "decision": lambda: body.get("question") or "no question yet",
        "economics": lambda: "payoffs {tp:g} / {fp:g} / {fn:g} / {tn:g}".format(**body["payoffs"]),
        "criteria": lambda: f"{len(body['items'])} criteria",
        "people": lambda: body.get("sponsor") or body.get("owner") or "nobody named yet",
        "contract": lambda: f"{len(body['availability'])} columns with a known time",
        "findings": lambda: f"{result.get('n_blocking', 0)} blocking findings",
        "run": lambda: ", ".join(body["candidates"]),
        "policy": lambda: f"{body['candidate']}, {_cut(body['threshold'])}",
        "verdict": lambda: str(result.get("outcome", "")),
        "prices": lambda: f"{len(result.get('columns', []))} columns priced",
        "bundle": lambda: str(result.get("version", "")),
        "signoff": lambda: f"{body['name']}: {'agreed' if body['agreed'] else 'not agreed'}",
    }
    return words[record.kind]() if record.kind in words else record.short


def _cut(threshold: float | None) -> str:
    return "acts on no row" if threshold is None else f"threshold {threshold:.4g}"
