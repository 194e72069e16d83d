"""The folder of projects: list, create, open, delete, duplicate, download, upload."""

import os
import re
import shutil
import threading
import unicodedata
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import duckdb

from core.errors import NotReadyError, ProjectError
from core.workspace.connection import open_file
from core.workspace.project import Project
from core.workspace.schema import create as create_tables
from core.workspace.schema import distrust, migrate

Value = TypeVar("Value")
_open: dict[Path, Project] = {}
_lock = threading.RLock()


def home() -> Path:
    """Return the folder of projects, made when missing: TOUCHSTONE_HOME, or ``data/projects`` of this program."""
    said = os.environ.get("TOUCHSTONE_HOME", "")
    folder = Path(said) if said else Path(__file__).parents[2] / "data" / "projects"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def cache() -> Path:
    """Return the folder for what can be made again: unpacked models, uploads on their way in, bundles."""
    folder = home() / ".cache"
    folder.mkdir(exist_ok=True)
    return folder


def slug_of(name: str) -> str:
    """Return a name as letters, digits and hyphens, fit for a file and a link.

    Raises
    ------
    ProjectError
        When nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    if not slug:
        raise ProjectError(f"{name!r} cannot name a project.", hint="Use at least one letter or digit.")
    return slug


def path_of(slug: str) -> Path:
    """Return where a project's file is or would be."""
    return home() / f"{slug_of(slug)}.duckdb"


def slugs() -> list[str]:
    """Return the projects there are, the last saved first."""
    files = sorted(home().glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.stem for path in files]


def create(name: str) -> Project:
    """Make an empty project.

    Raises
    ------
    ProjectError
        When a project of that name exists.
    """
    path = path_of(name)
    with _lock:
        if path.exists():
            raise ProjectError(f"There is a project {path.stem!r} already.", hint="Open it, or choose another name.")
        with closing(open_file(path)) as connection:
            create_tables(connection, name, uuid.uuid4().hex)
        return open_project(path.stem)


def open_project(slug: str) -> Project:
    """Return the open project of this process; the first call opens the file.

    Raises
    ------
    ProjectError
        When there is no such project; the choices are named.
    LockedError
        When another process holds the file.
    """
    path = path_of(slug)
    with _lock:
        found = _open.get(path)
        if found:
            return found
        if not path.exists():
            known = ", ".join(slugs()) or "none yet"
            raise ProjectError(f"There is no project {slug!r}.", hint=f"Choose one of: {known}.")
        _open[path] = Project(path)
        return _open[path]


def peek(slug: str, read: Callable[[Project], Value]) -> Value:
    """Read something of a project and let go of its file again, unless this process was holding it anyway.

    Raises what :func:`open_project` raises.
    """
    with _lock:
        held = path_of(slug) in _open
        try:
            return read(open_project(slug))
        finally:
            if not held:
                close_project(slug)


def close_project(slug: str) -> None:
    """Let go of a project's file, when this process holds it."""
    with _lock:
        found = _open.pop(path_of(slug), None)
        if found:
            found.close()


def close_all() -> None:
    """Let go of every file."""
    with _lock:
        for path in list(_open):
            _open.pop(path).close()


def delete(slug: str) -> None:
    """Delete a project's file and what was cached for it."""
    with _lock:
        project = open_project(slug)
        close_project(slug)
        project.path.unlink()
        Path(f"{project.path}.wal").unlink(missing_ok=True)
        for spilled in project.path.parent.glob(f"{project.path.name}*.tmp"):
            shutil.rmtree(spilled, ignore_errors=True)
        shutil.rmtree(cache() / project.slug, ignore_errors=True)


def download(slug: str, target: Path) -> Path:
    """Write everything to disk, then copy the file to ``target`` while nobody else writes.

    Raises
    ------
    NotReadyError
        When a job is running: it would be cut in half.
    """
    with _lock:
        project = open_project(slug)
        busy = project.jobs.running()
        if busy:
            raise NotReadyError(
                f"A {busy[0].kind} is running in {slug!r}.", hint="Wait until it is done, or cancel it."
            )
        try:
            project.cursor().execute("CHECKPOINT")
        except duckdb.TransactionException as error:
            raise NotReadyError(f"Somebody is saving in {slug!r}.", hint="Try again in a moment.") from error
        shutil.copyfile(project.path, target)
    return target


def duplicate(slug: str, name: str) -> Project:
    """Copy a project under a new name, records, models and data alike."""
    path = path_of(name)
    with _lock:
        if path.exists():
            raise ProjectError(f"There is a project {path.stem!r} already.", hint="Choose another name.")
        download(slug, path)
        copied = open_project(path.stem)
        copied.set_meta("name", name)
        copied.set_meta("identity", uuid.uuid4().hex)
        return copied


def upload(source: Path, name: str) -> Project:
    """Take in a project's file from outside, after checking that it is one and that nothing in it was changed.

    Raises
    ------
    ProjectError, FormatError
        When it is not a project, is newer than this program, hides views or macros, or a digest does not fit.
    """
    path = path_of(name)
    with _lock:
        if path.exists():
            raise ProjectError(f"There is a project {path.stem!r} already.", hint="Choose another name.")
        waiting = cache() / f"upload-{uuid.uuid4().hex}.duckdb"
        shutil.copyfile(source, waiting)
        try:
            with closing(open_file(waiting, f"The file for {name!r}")) as connection:
                migrate(connection)
                distrust(connection)
            waiting.rename(path)
        finally:
            waiting.unlink(missing_ok=True)
        project = open_project(path.stem)
        project.set_meta("name", name)
        return project
