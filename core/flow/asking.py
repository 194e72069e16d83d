"""Questions to the data while a recipe is written: asked in the background, their answers kept while the app runs."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from core.flow.loading import dataset
from core.flow.preparing import Preview, prepared, preview, recipe, step_changes
from core.flow.writing import StepLook, ready_made_notes
from core.prepare import Note, Step, StepChange
from core.workspace import Job, Project
from core.workspace.usersql import Running

PATIENCE_SECONDS = 0.7
MOST_KEPT = 40

_kept: "OrderedDict[tuple[str, ...], object]" = OrderedDict()
_lock = threading.Lock()


def ask_preview(project: Project, steps: Sequence[Step], name: str, author: str) -> None:
    """Begin to compute the first rows of a step; see ``previewed``."""
    key = _key(project, "preview", _upto(steps, name), name)
    _ask(project, key, lambda running: preview(project, steps, name, running=running), author)


def previewed(project: Project, steps: Sequence[Step], name: str) -> Preview | None:
    """Return the first rows of a step, None when they were not asked for or are not there yet."""
    return _answer(_key(project, "preview", _upto(steps, name), name))


def ask_changes(project: Project, steps: Sequence[Step], author: str) -> None:
    """Begin to count what each step makes of rows, columns, empty values and units; see ``known_changes``."""
    steps = tuple(steps)

    def count(running: Running) -> tuple[tuple[Step, ...], tuple[StepChange, ...]]:
        return steps, step_changes(project, steps, running)

    _ask(project, _key(project, "counting"), count, author, again=True)


def known_changes(project: Project, steps: Sequence[Step], looks: Sequence[StepLook]) -> dict[str, StepChange]:
    """Return what is known of the steps as they are written, by name.

    It was counted when the recipe ran, or later on request. It holds for a step while nothing that it is made from
    was written anew.
    """
    found: dict[str, StepChange] = {}
    saved, info = recipe(project), prepared(project)
    record = project.head("recipe")
    sources = [_answer(_key(project, "counting"))]
    if saved and info and record and project.is_current(record):
        sources.append((saved.steps, info.changes))
    for source in sources:
        if source:
            then, changes = source
            same = _unchanged(steps, looks, then)
            found = {change.step: change for change in changes if change.step in same} | found
    return found


def ask_form(project: Project, steps: Sequence[Step], code: str, values: Mapping[str, object], author: str) -> None:
    """Begin to ask the data what a ready-made step's form should say; see ``form_notes``."""
    key = _key(project, "form", tuple(steps), code, dict(values))
    _ask(project, key, lambda running: ready_made_notes(project, steps, code, values, running), author)


def form_notes(
    project: Project, steps: Sequence[Step], code: str, values: Mapping[str, object]
) -> tuple[Note, ...] | None:
    """Return what the data says to a form, None when it was not asked or has not answered yet."""
    return _answer(_key(project, "form", tuple(steps), code, dict(values)))


def forget(project: Project) -> None:
    """Let go of every answer about a project's data."""
    with _lock:
        for key in [key for key in _kept if key[1] == str(project.path)]:
            del _kept[key]


def _upto(steps: Sequence[Step], name: str) -> tuple[Step, ...]:
    names = [step.name for step in steps]
    return tuple(steps[: names.index(name) + 1])


def _unchanged(steps: Sequence[Step], looks: Sequence[StepLook], then: Sequence[Step]) -> set[str]:
    """Return the steps that are as they were, with everything that they read."""
    old, names, same = set(then), {step.name for step in steps}, set()
    for step, look in zip(steps, looks, strict=True):
        if step in old and all(name in same for name in look.reads if name in names):
            same.add(step.name)
    return same


def _key(project: Project, kind: str, *what: object) -> tuple[str, ...]:
    found = dataset(project)
    return (kind, str(project.path), project.meta("identity") or "", found.digest if found else "", repr(what))


def _answer(key: tuple[str, ...]) -> object:
    with _lock:
        return _kept.get(key)


def _ask(
    project: Project, key: tuple[str, ...], work: Callable[[Running], object], author: str, *, again: bool = False
) -> None:
    """Start the work, in place of other work of its kind, and wait a moment: most answers come at once."""
    kind = key[0]
    if _answer(key) is not None and not again:
        return

    def ask(job: Job) -> None:
        running = Running()
        job.interruptible(running)
        job.progress(0, 1, "Asking the data")
        answer = work(running)
        job.check()
        with _lock:
            _kept[key] = answer
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)

    going = project.jobs.latest(kind)
    if going and going.state == "running":
        project.jobs.cancel(going.id)
        project.jobs.wait(kind, PATIENCE_SECONDS)
    project.jobs.start(kind, ask, author=author, key=repr(key))
    project.jobs.wait(kind, PATIENCE_SECONDS)
