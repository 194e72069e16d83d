"""The cards of Prepare: one for each step, with its name, its SQL, what it makes of its rows, and what can be done."""

from collections.abc import Callable, Sequence

import streamlit as st

from core import flow
from core.flow import Dependence, StepLook
from core.prepare import Schemas, Step
from core.workspace import Project
from pages.shared import editor, guard, session, stepacts, stepfacts, steps
from pages.shared.figures import literal
from pages.shared.stepfacts import Seen

PLAIN = "prepare.plain"


def toolbar(project: Project) -> None:
    """Draw what concerns all steps: undo, redo, how SQL is typed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for which, icon in (("undo", "undo"), ("redo", "redo")):
            what = steps.undoable(project, which)
            st.button(
                f"{which.capitalize()}{': ' if what else ''}{literal(what)}",
                key=f"prepare.{which}_step",
                icon=f":material/{icon}:",
                type="tertiary",
                on_click=guard.action(steps.undo),
                args=(project, which),
                disabled=not what,
            )
        st.button(
            "Count rows",
            key="prepare.count",
            icon=":material/calculate:",
            type="tertiary",
            help="What each step, as written now, does to rows, columns and empty values. Nothing is saved.",
            on_click=guard.action(_count),
            args=(project,),
        )
        st.toggle(
            "Plain text",
            key=PLAIN,
            help="A plain text box instead of the editor, without suggestions.",
            on_change=guard.action(_other_box),
            args=(project,),
            persist_state="session",
        )


def cards(project: Project, seen: Seen) -> None:
    """Draw every step, with what is known of it."""
    _versions(project)
    with st.container():
        stepfacts.counting(project, seen)
    for number, (step, look) in enumerate(zip(seen.steps, seen.looks, strict=True), start=1):
        with st.container(border=True, gap="small", key=f"prepare.step_{number}"):
            _head(project, seen.steps, number, step)
            _sql(project, number, step, look, _readable(seen.steps[: number - 1], seen.schemas))
            _foot(project, seen, number, step, look)


def add(project: Project) -> None:
    """Draw the way to one more step."""
    st.button(
        "Add a step", key="prepare.add", icon=":material/add:", on_click=guard.action(stepacts.add), args=(project,)
    )


def _head(project: Project, held: Sequence[Step], number: int, step: Step) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        session.fill(f"prepare.name_{number}", step.name)
        st.text_input(
            f"Step {number}{' · one row per decision' if number == len(held) else ''}",
            key=f"prepare.name_{number}",
            on_change=guard.action(_rename),
            args=(project, number, step.name),
            persist_state="session",
            width=300,
        )
        with st.container(horizontal=True, gap="small", width="content"):
            _button(number, "up", "Up", "arrow_upward", stepacts.move, (project, step.name, -1), number == 1)
            _button(
                number,
                "down",
                "Down",
                "arrow_downward",
                stepacts.move,
                (project, step.name, 1),
                number == len(held),
            )
            _button(number, "copy", "Copy", "content_copy", stepacts.duplicate, (project, step.name), False)
            _button(number, "delete", "Remove", "delete", stepacts.remove, (project, step.name), len(held) == 1)


def _button(number: int, what: str, label: str, icon: str, does: Callable, args: tuple, off: bool) -> None:
    st.button(
        label,
        key=f"prepare.{what}_{number}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=guard.action(does),
        args=args,
        disabled=off,
    )


def _sql(project: Project, number: int, step: Step, look: StepLook, readable: Sequence[editor.Relation]) -> None:
    label = f"SQL of step {number}"
    edited, run = guard.action(steps.take_typed), guard.action(_show_rows)
    if session.value(PLAIN):
        session.fill(f"prepare.sql_{number}", step.sql)
        st.text_area(
            label,
            key=f"prepare.sql_{number}",
            height=max(76, min(440, 24 * (step.sql.count("\n") + 2))),
            on_change=edited,
            args=(project,),
            label_visibility="collapsed",
            persist_state="session",
        )
        if look.problem:
            place = f"Line {look.line}: " if look.line else ""
            guard.problem(f"{place}{look.problem}", look.hint)
        return
    fault = editor.Fault(look.problem, look.hint, look.line, look.column) if look.problem else None
    editor.sql(
        label,
        step.sql,
        key=f"prepare.editor_{number}",
        epoch=steps.epoch(),
        fault=fault,
        vocabulary=(readable, flow.sql_functions()),
        on_edit=(lambda: edited(project), lambda: run(project, step.name)),
    )


def _readable(earlier: Sequence[Step], schemas: Schemas) -> list[editor.Relation]:
    """Return what a step may read, the nearest step first: the steps before it and the loaded tables."""
    names = [step.name for step in earlier]
    made = [(name, "step") for name in reversed(names) if name in schemas]
    loaded = [(name, "table") for name, at in schemas.items() if name not in names]
    return [editor.Relation(name, kind, tuple(schemas[name].items())) for name, kind in [*made, *loaded]]


def _foot(project: Project, seen: Seen, number: int, step: Step, look: StepLook) -> None:
    if look.waits_for:
        others = literal(" and ".join(look.waits_for))
        st.caption(f":material/hourglass_empty: Waits for {others}, which cannot run as written.")
    change = seen.changes.get(step.name)
    stepfacts.facts(look, change)
    shown = session.value(stepfacts.SHOWN) == step.name
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Hide rows" if shown else "Show rows",
            key=f"prepare.preview_{number}",
            icon=":material/visibility_off:" if shown else ":material/visibility:",
            type="tertiary",
            on_click=guard.action(_hide_rows if shown else _show_rows),
            args=(project, step.name),
            disabled=look.columns is None and not shown,
        )
        stepfacts.columns(number, look, change)
        _upstream(project, number, step)
    for one in seen.hanging:
        if one.step == step.name:
            _dependence(one)
    stepfacts.first_rows(project, seen.steps, step)


def _dependence(one: Dependence) -> None:
    """Say where a decision hangs on other rows: a service that sees one row cannot compute it."""
    said = f"{literal(one.what)}: {literal(one.sentence)}"
    if one.upstream:
        st.caption(f":material/call_split: {said} It runs upstream of the service.")
    else:
        st.warning(
            f"{said} The service sees one row at a time. Declare that the step runs upstream, or look the value up.",
            title="Depends on which other rows are there",
            icon=":material/call_split:",
        )


def _upstream(project: Project, number: int, step: Step) -> None:
    session.fill(f"prepare.upstream_{number}", step.upstream)
    st.checkbox(
        "Runs upstream of the service",
        key=f"prepare.upstream_{number}",
        help="The engineers run this step before the service, over all rows there are; a request carries its result. "
        "A step in which a row depends on other rows needs this.",
        on_change=guard.action(_declare),
        args=(project, number, step.name),
        persist_state="session",
    )


def _versions(project: Project) -> None:
    """Say what another tab did, and show what was put aside because of it."""
    who = steps.told(project)
    with st.container():
        if who:
            st.info(f"{literal(who)} changed the steps in another tab. Here they are as they are now.")
        for at, one in enumerate(steps.set_aside(project)):
            with st.container(border=True):
                st.markdown(
                    f"**Two versions of {literal(one['name'])}.** Below is one; {literal(one['author'])} wrote:"
                )
                st.code(one["sql"], language="sql", wrap_lines=True)
                with st.container(horizontal=True):
                    for use, label in ((True, "Use this version"), (False, "Let it go")):
                        st.button(
                            label,
                            key=f"prepare.{'use' if use else 'drop'}_aside_{at + 1}",
                            on_click=guard.action(steps.settle),
                            args=(project, at, use),
                        )


def _count(project: Project) -> None:
    steps.take_typed(project)
    flow.ask_changes(project, steps.written(project), session.author())


def _show_rows(project: Project, name: str) -> None:
    steps.take_typed(project)
    session.keep(stepfacts.SHOWN, name)
    flow.ask_preview(project, steps.written(project), name, session.author())


def _hide_rows(project: Project, _name: str) -> None:
    steps.take_typed(project)
    session.drop(stepfacts.SHOWN)


def _other_box(project: Project) -> None:
    steps.take_typed(project)
    steps.refill(project)


def _rename(project: Project, number: int, name: str) -> None:
    new = str(session.value(f"prepare.name_{number}")).strip()
    session.drop(f"prepare.name_{number}")  # where it cannot be called that, it keeps its name
    stepacts.rename(project, name, new)


def _declare(project: Project, number: int, name: str) -> None:
    stepacts.declare(project, name, bool(session.value(f"prepare.upstream_{number}")))
