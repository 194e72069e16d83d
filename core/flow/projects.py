"""Projects: list, create, open, delete, duplicate, download, upload."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import TouchstoneError
from core.flow.framing import frame
from core.workspace import Project, home
from core.workspace.sandbox import forget


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """One project on the shelf.

    Attributes
    ----------
    outcome : the newest verdict, "" without one. stale : whether something that verdict rests on has changed.
    problem : why the project cannot be opened, "" when it can.
    """

    slug: str
    name: str
    question: str
    saved_at: datetime | None
    n_bytes: int
    outcome: str
    stale: bool
    problem: str


def list_projects() -> list[ProjectCard]:
    """Return the projects there are, the last saved first."""
    return [_card(slug) for slug in home.slugs()]


def create(name: str, author: str) -> Project:
    """Make an empty project; ProjectError when its name is taken or is none."""
    project = home.create(name.strip())
    project.log("created the project", author=author)
    return project


def open_project(slug: str) -> Project:
    """Return a project; ProjectError names the choices, LockedError says who holds it."""
    return home.open_project(slug)


def delete(slug: str) -> None:
    """Delete a project's file; there is no way back but an earlier download."""
    forget(home.open_project(slug))
    home.delete(slug)


def duplicate(slug: str, name: str, author: str) -> Project:
    """Copy a project under a new name."""
    project = home.duplicate(slug, name.strip())
    project.log("duplicated the project", author=author, source=slug)
    return project


def download(slug: str) -> Path:
    """Return the path of a copy of the project's file, everything saved written to it."""
    target = home.cache() / "downloads"
    target.mkdir(exist_ok=True)
    return home.download(slug, target / f"{slug}.duckdb")


def upload(source: Path, name: str, author: str) -> Project:
    """Take in a project's file from outside; every digest is recomputed, views and macros are refused."""
    project = home.upload(source, name.strip())
    project.log("uploaded the project", author=author)
    return project


def _card(slug: str) -> ProjectCard:
    """Look into a project without keeping its file: another program may want to work on it."""
    path = home.path_of(slug)
    known = _cards.get(path)
    if known and known[0] == _state(path):
        return known[1]
    facts = path.stat()
    try:
        card = home.peek(slug, lambda project: _read_card(project, facts.st_size))
    except TouchstoneError as error:
        return ProjectCard(
            slug, slug, "", datetime.fromtimestamp(facts.st_mtime, UTC), facts.st_size, "", False, error.problem
        )
    _cards[path] = (_state(path), card)
    return card


_State = tuple[tuple[int, int], ...]
_cards: dict[Path, tuple[_State, ProjectCard]] = {}


def _state(path: Path) -> _State:
    """Return what changes when a project is written to: time and size of its file and of the log beside it."""
    files = [one for one in (path, Path(f"{path}.wal")) if one.exists()]
    return tuple((one.stat().st_mtime_ns, one.stat().st_size) for one in files)


def _read_card(project: Project, n_bytes: int) -> ProjectCard:
    verdict = project.head("verdict")
    outcome = str(verdict.result["outcome"]) if verdict else ""
    stale = verdict is not None and not project.is_current(verdict)
    question = frame(project).decision.question
    return ProjectCard(project.slug, project.name, question, project.saved_at(), n_bytes, outcome, stale, "")
