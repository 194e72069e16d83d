"""The recipe's steps as they are being written on Prepare: a draft that every tab shares until it is saved and run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from itertools import count

from core import flow
from core.errors import ConflictError
from core.flow import drafts
from core.prepare import Step
from core.workspace import Project
from pages.shared import session

PAGE = "prepare"
MOST_UNDONE = 20
HELD = "steps.held"
Steps = tuple[Step, ...]


def written(project: Project) -> Steps:
    """Return the steps as they are being written: the draft, else the saved recipe, else a table as it is."""
    draft, saved = drafts.draft(project, PAGE), flow.recipe(project)
    if draft.value:
        return tuple(_step(one) for one in draft.value["steps"])
    if saved:
        return saved.steps
    dataset = flow.dataset(project)
    return (Step("prepared", f"SELECT * FROM {dataset.tables[0].name}"),) if dataset and dataset.tables else ()


def changed(project: Project) -> bool:
    """Return whether what is written differs from what was saved."""
    saved = flow.recipe(project)
    return saved is None or saved.steps != written(project)


def hold(project: Project) -> Steps:
    """Return the steps, and let this tab's widgets be filled afresh when they show others."""
    draft, saved = drafts.draft(project, PAGE), flow.recipe(project)
    if draft.value and saved and saved.steps == written(project) and not draft.value.get("aside"):
        drafts.save_draft(project, PAGE, None, seen=draft.version, author=session.author())
    steps, before = written(project), _held(project)
    if before != steps:
        session.keep("steps.told", bool(before))
        _fill(project, steps)
    return steps


def told(project: Project) -> str:
    """Return, once, who changed the steps in another tab while this one showed others."""
    if not session.value("steps.told"):
        return ""
    session.drop("steps.told")
    return drafts.draft(project, PAGE).author or "Somebody"


def epoch() -> str:
    """Return which filling of the widgets this tab is at."""
    return str(session.value("steps.epoch", 0))


def take_typed(project: Project) -> None:
    """Keep what was typed into the editors since they were filled.

    What another tab did to other steps in the meantime stays. Where it changed the same step, its version stays and
    this one is put aside, to be chosen from.

    Raises
    ------
    ConflictError
        When something was put aside.
    """
    draft, base, steps = drafts.draft(project, PAGE), _held(project), list(written(project))
    theirs, aside, names = tuple(steps), [], []
    for number, step in enumerate(base, start=1):
        sql = _typed(number)
        if sql is None or sql == step.sql:
            continue
        at = next((at for at, other in enumerate(steps) if other.name == step.name), None)
        if at is None or steps[at].sql not in (step.sql, sql):
            aside.append({"name": step.name, "sql": sql, "author": session.author()})
        elif steps[at].sql != sql:
            steps[at] = replace(steps[at], sql=sql)
            names.append(step.name)
    if names or aside:
        _keep(project, draft, steps, f"edit of {names[0]}" if names else "", aside)
        session.keep(HELD, [project.slug, [asdict(step) for step in steps]])
    if aside or theirs != base:
        _fill(project, tuple(steps))
    if aside:
        others = " and ".join(f"{one['name']!r}" for one in aside)
        raise ConflictError(
            f"Step {others} was changed in another tab as well.",
            hint="Theirs is shown; yours is kept beside it. Choose one.",
        )


def set_aside(project: Project) -> list[dict[str, str]]:
    """Return the versions of steps that lost to another tab's: ``name``, ``sql`` and ``author``."""
    return list((drafts.draft(project, PAGE).value or {}).get("aside", []))


def settle(project: Project, at: int, use: bool) -> None:
    """Take a version that was put aside, or let it go."""
    draft = drafts.draft(project, PAGE)
    aside, steps = set_aside(project), list(written(project))
    if at >= len(aside):
        return
    mine = aside.pop(at)
    names = [step.name for step in steps]
    if use and mine["name"] in names:
        place = names.index(mine["name"])
        steps[place] = replace(steps[place], sql=mine["sql"])
    elif use:
        steps.append(Step(mine["name"], mine["sql"]))
    _keep(project, draft, steps, f"other version of {mine['name']}" if use else "", aside, put_aside=True)


def change(project: Project, what: str, made: Callable[[list[Step]], Sequence[Step]]) -> None:
    """Change the steps as a whole, after what was typed is kept.

    Parameters
    ----------
    what : names the change, for undo.
    made : the steps before to the steps after; finds its step by ``place``, since another tab may have moved it.
    """
    take_typed(project)
    draft, steps = drafts.draft(project, PAGE), written(project)
    after = tuple(made(list(steps)))
    if after != steps:
        _keep(project, draft, after, what)
        _fill(project, after)


def place(steps: Sequence[Step], name: str) -> int:
    """Return where a step is.

    Raises
    ------
    ConflictError
        When it is no more.
    """
    for at, step in enumerate(steps):
        if step.name == name:
            return at
    raise ConflictError(f"There is no step {name!r} any more: another tab removed it.", hint="Look at the steps now.")


def refill(project: Project) -> None:
    """Let the widgets be filled afresh from the steps."""
    _fill(project, written(project))


def undoable(project: Project, which: str = "undo") -> str:
    """Return what the next ``undo`` (or ``redo``) is of, "" when there is nothing."""
    stack = (drafts.draft(project, PAGE).value or {}).get(which, [])
    return str(stack[-1]["what"]) if stack else ""


def undo(project: Project, which: str = "undo") -> None:
    """Take the last change back, or with "redo" make it again."""
    take_typed(project)
    draft = drafts.draft(project, PAGE)
    value = dict(draft.value or {})
    if not value.get(which):
        return
    other = "redo" if which == "undo" else "undo"
    last = value[which][-1]
    now = {"what": last["what"], "steps": [asdict(step) for step in written(project)]}
    value[which], value[other] = value[which][:-1], [*value.get(other, []), now]
    drafts.save_draft(project, PAGE, value | {"steps": last["steps"]}, seen=draft.version, author=session.author())
    _fill(project, written(project))


def save(project: Project) -> None:
    """Check the steps and run them in the background."""
    take_typed(project)
    flow.start_prepare(project, written(project), session.author())


def throw_away(project: Project) -> None:
    """Go back to the recipe as it was saved."""
    draft = drafts.draft(project, PAGE)
    drafts.save_draft(project, PAGE, None, seen=draft.version, author=session.author())


def append(project: Project, title: str, sql: str) -> None:
    """Add a step that a remedy proposes, over the step that is now the last."""
    draft, steps = drafts.draft(project, PAGE), written(project)
    sql = sql.replace("{table}", f'"{steps[-1].name}"')
    _keep(project, draft, (*steps, Step(free_name(title, steps), sql)), f"step {title}")


def free_name(title: str, steps: Sequence[Step]) -> str:
    """Return a name for a step that none has yet, made from a title."""
    base = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:50] or "step"
    base = f"step_{base}" if base[0].isdigit() else base
    taken = {step.name.lower() for step in steps}
    return next(name for n in count(1) if (name := base if n == 1 else f"{base}_{n}") not in taken)


def _step(plain: dict[str, object]) -> Step:
    return Step(**{field.name: plain[field.name] for field in fields(Step) if field.name in plain})


def _held(project: Project) -> Steps:
    slug, steps = session.value(HELD) or ("", [])
    return tuple(_step(one) for one in steps) if slug == project.slug else ()


def _typed(number: int) -> str | None:
    """Return what stands in an editor, None where it was not touched since it was filled."""
    edit = (session.value(f"prepare.editor_{number}") or {}).get("edit") or {}
    if edit.get("epoch") == epoch():
        return str(edit["text"])
    plain = session.value(f"prepare.sql_{number}")
    return None if plain is None else str(plain)


def _fill(project: Project, steps: Steps) -> None:
    """Let the widgets be filled from the steps at the next drawing."""
    widgets = [f"prepare.{what}_{number}" for what in ("name", "sql", "upstream") for number in range(1, 200)]
    session.drop(*widgets)
    session.keep("steps.epoch", int(session.value("steps.epoch", 0)) + 1)
    session.keep(HELD, [project.slug, [asdict(step) for step in steps]])


def _keep(
    project: Project,
    draft: drafts.Draft,
    steps: Sequence[Step],
    what: str,
    aside: Sequence[dict[str, str]] = (),
    *,
    put_aside: bool = False,
) -> None:
    """Write the draft, with what it was before as the next to undo; typing on in one step is one change."""
    value = dict(draft.value or {})
    undone = list(value.get("undo", []))
    if what and not (undone and undone[-1]["what"] == what and what.startswith("edit of ")):
        undone.append({"what": what, "steps": [asdict(step) for step in written(project)]})
    new = {
        "steps": [asdict(step) for step in steps],
        "undo": undone[-MOST_UNDONE:],
        "redo": [] if what else value.get("redo", []),
        "aside": list(aside) if put_aside else [*value.get("aside", []), *aside],
    }
    drafts.save_draft(project, PAGE, new, seen=draft.version, author=session.author())
