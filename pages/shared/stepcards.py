"""The cards of Prepare: one for each step, with its name, its SQL, what it makes of its rows, and what can be done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core import flow
from core.charts import count
from core.flow import StepLook
from core.prepare import Step
from core.prepare.sqltext import name_sql
from core.workspace import Project
from pages.shared import editor, guard, session, stepfacts, steps
from pages.shared.figures import literal, plural

PLAIN = "prepare.plain"
Schemas = Mapping[str, Mapping[str, str]]


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
        st.toggle(
            "Plain text",
            key=PLAIN,
            help="A plain text box instead of the editor, without suggestions.",
            on_change=guard.action(_other_box),
            args=(project,),
            persist_state="session",
        )


def cards(project: Project, held: tuple[Step, ...], looks: Sequence[StepLook], schemas: Schemas) -> None:
    """Draw every step.

    Parameters
    ----------
    looks : what can be said of each step without running it.
    schemas : columns and types of every table and step that can be read.
    """
    _versions(project)
    for number, (step, look) in enumerate(zip(held, looks, strict=True), start=1):
        with st.container(border=True, gap="small", key=f"prepare.step_{number}"):
            _head(project, held, number, step)
            _sql(project, number, step, look, _readable(held[: number - 1], schemas))
            _foot(project, held, number, step, look)


def add(project: Project) -> None:
    """Draw the way to one more step."""
    st.button("Add a step", key="prepare.add", icon=":material/add:", on_click=guard.action(_add), args=(project,))


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
            _button(number, "up", "Move up", "arrow_upward", _move, (project, step.name, -1), number == 1)
            _button(number, "down", "Move down", "arrow_downward", _move, (project, step.name, 1), number == len(held))
            _button(number, "copy", "Duplicate", "content_copy", _duplicate, (project, step.name), False)
            _button(number, "delete", "Remove", "delete", _remove, (project, step.name), len(held) == 1)


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


def _foot(project: Project, held: tuple[Step, ...], number: int, step: Step, look: StepLook) -> None:
    if look.waits_for:
        others = literal(" and ".join(look.waits_for))
        st.caption(f":material/hourglass_empty: Waits for {others}, which cannot run as written.")
    stepfacts.facts(project, held, step, look)
    shown = session.value("steps.previewed") == step.name
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
        if "upstream" in Step.__dataclass_fields__:
            _upstream(project, number, step)
    if shown:
        with guard.shown():
            _preview(project, held, step.name)


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


def _preview(project: Project, held: tuple[Step, ...], name: str) -> None:
    dataset = flow.dataset(project)
    upto = held[: steps.place(held, name) + 1]
    found = _previewed(project, dataset.digest if dataset else "", upto, name)
    st.caption(f"{plural(found.n_rows, 'row')}; the first {count(len(found.rows))}, computed on all rows:")
    st.dataframe(found.rows, hide_index=True, height=280, alt=f"First rows of the step {name}")


@st.cache_data(max_entries=30, show_spinner="Running the steps")
def _previewed(_project: Project, dataset: str, held: tuple[Step, ...], name: str) -> flow.Preview:
    return flow.preview(_project, held, name)


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


def _show_rows(project: Project, name: str) -> None:
    steps.take_typed(project)
    session.keep("steps.previewed", name)


def _hide_rows(project: Project, _name: str) -> None:
    steps.take_typed(project)
    session.drop("steps.previewed")


def _other_box(project: Project) -> None:
    steps.take_typed(project)
    steps.refill(project)


def _rename(project: Project, number: int, name: str) -> None:
    new = str(session.value(f"prepare.name_{number}")).strip()
    session.drop(f"prepare.name_{number}")  # where it cannot be called that, it keeps its name
    steps.change(project, f"rename of {name}", lambda held: steps.renamed(held, name, new))


def _declare(project: Project, number: int, name: str) -> None:
    upstream = bool(session.value(f"prepare.upstream_{number}"))

    def made(held: list[Step]) -> list[Step]:
        at = steps.place(held, name)
        return [*held[:at], replace(held[at], upstream=upstream), *held[at + 1 :]]

    steps.change(project, f"where {name} runs", made)


def _move(project: Project, name: str, by: int) -> None:
    def made(held: list[Step]) -> list[Step]:
        at = steps.place(held, name)
        held.insert(max(at + by, 0), held.pop(at))
        return held

    steps.change(project, f"move of {name}", made)


def _duplicate(project: Project, name: str) -> None:
    def made(held: list[Step]) -> list[Step]:
        at = steps.place(held, name)
        held.insert(at + 1, replace(held[at], name=steps.free_name(name, held)))
        return held

    steps.change(project, f"copy of {name}", made)


def _remove(project: Project, name: str) -> None:
    def made(held: list[Step]) -> list[Step]:
        held.pop(steps.place(held, name))
        return held

    steps.change(project, f"removal of {name}", made)


def _add(project: Project) -> None:
    def made(held: list[Step]) -> list[Step]:
        source = f"\nFROM {name_sql(held[-1].name)}" if held else ""
        return [*held, Step(steps.free_name("step", held), f"SELECT *{source}")]

    steps.change(project, "new step", made)
