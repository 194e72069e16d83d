"""Ready-made steps on Prepare: a form drawn from the registry, what the data says to it, and the step it writes."""

from collections.abc import Mapping

import streamlit as st

from core import flow
from core.errors import TouchstoneError
from core.prepare import READY_MADE, Parameter, ReadyMade, Schemas, ready_made
from core.prepare.readymade_form import type_kind
from core.workspace import Project
from pages.shared import guard, progress, session, stepacts, steps
from pages.shared.figures import literal

OPEN, ADDED = "prepare.ready_open", "steps.added"
LOOK = {
    "fine": (":green[:material/check_circle:]", "Fine"),
    "note": (":gray[:material/info:]", "Note"),
    "warning": (":orange[:material/warning:]", "Look at this"),
}


@guard.fragment
def picker(project: Project, schemas: Schemas) -> None:
    """Draw the choice of a ready-made step, and the form of the one that was chosen.

    Parameters
    ----------
    schemas : columns and types of every table and every step that can be read.
    """
    if session.value(ADDED):
        session.drop(ADDED)
        st.rerun()
    box = st.expander("Add a ready-made step", icon=":material/auto_fix_high:", key=OPEN, on_change="rerun")
    if not box.open:
        return
    with box:
        code = st.selectbox(
            "What should it do?",
            [one.code for one in READY_MADE],
            format_func=lambda code: ready_made(code).title,
            index=None,
            key="prepare.ready",
            placeholder="Choose a step",
        )
        if code:
            with guard.shown():
                _form(project, ready_made(code), schemas)


def _form(project: Project, one: ReadyMade, schemas: Schemas) -> None:
    st.caption(literal(one.question))
    with st.grid(2, min_column_width=260):
        values = {parameter.name: _asked(one, parameter, schemas) for parameter in one.parameters}
    if _suggestible(one, values, schemas):
        st.button(
            "Suggest from the data",
            key="prepare.ready_suggest",
            icon=":material/lightbulb:",
            on_click=guard.action(_suggest),
            args=(project, one, values, schemas),
        )
    try:
        sql = one.sql(values, schemas)
    except TouchstoneError as error:
        st.caption(f":material/edit: {literal(error.problem)} {literal(error.hint)}")
        return
    _told(project, one, values)
    st.code(sql, language="sql", wrap_lines=True)
    st.button(
        "Add this step",
        key="prepare.ready_add",
        icon=":material/add:",
        on_click=guard.action(_add),
        args=(project, one, values, sql),
    )


def _told(project: Project, one: ReadyMade, values: Mapping[str, object]) -> None:
    """Say what the data says to these answers, before the step is added."""
    held = steps.written(project)
    asked = (project, held, one.code, values)
    if flow.form_notes(*asked) is None and session.value("steps.asked") != repr(asked[1:]):
        session.keep("steps.asked", repr(asked[1:]))
        flow.ask_form(*asked, session.author())
    notes = flow.form_notes(*asked)
    if notes is None and not progress.job(project, "form", "prepare.ready_asking"):
        notes = flow.form_notes(*asked)  # they may have come since
    for note in notes or ():
        icon, word = LOOK[note.severity]
        examples = f" For example {literal(', '.join(note.examples))}." if note.examples else ""
        st.markdown(f"{icon} **{word}.** {literal(note.sentence)}{examples}")


def _suggestible(one: ReadyMade, values: Mapping[str, object], schemas: Schemas) -> bool:
    try:
        return one.suggestion(values, schemas) is not None
    except TouchstoneError:
        return False


def _suggest(project: Project, one: ReadyMade, values: Mapping[str, object], schemas: Schemas) -> None:
    for name, value in flow.ready_made_suggestion(project, steps.written(project), one.code, values).items():
        parameter = next(parameter for parameter in one.parameters if parameter.name == name)
        held = [str(item) for item in value] if parameter.kind in ("words", "numbers") else value
        session.keep(_key(one, parameter), list(held) if isinstance(held, tuple) else held)


def _add(project: Project, one: ReadyMade, values: Mapping[str, object], sql: str) -> None:
    stepacts.insert(
        project, f"step {one.title}", one.code, sql, [str(value) for value in values.values() if isinstance(value, str)]
    )
    session.keep(ADDED, True)
    session.drop("prepare.ready", *(_key(one, parameter) for parameter in one.parameters))


def _key(one: ReadyMade, parameter: Parameter) -> str:
    return f"prepare.{one.code}_{parameter.name}"


def _asked(one: ReadyMade, parameter: Parameter, schemas: Schemas) -> object:
    """Draw one question and return its answer."""
    key = _key(one, parameter)
    label = parameter.label + (" (optional)" if parameter.optional else "")
    more = {"key": key, "help": parameter.help or None, "persist_state": "session"}
    default = parameter.default
    if parameter.kind == "table":
        session.fill(key, list(schemas)[-1] if parameter.name == "source" and schemas else None)
        return st.selectbox(label, list(reversed(schemas)), index=None, **more)
    if parameter.kind in ("column", "columns"):
        return _columns(one, parameter, schemas, label, more)
    if parameter.kind == "choice":
        session.fill(key, default)
        return st.radio(label, list(dict(parameter.choices)), format_func=dict(parameter.choices).get, **more)
    if parameter.kind == "choices":
        session.fill(key, list(default or ()))
        choices = dict(parameter.choices)
        return tuple(st.pills(label, list(choices), format_func=choices.get, selection_mode="multi", **more))
    if parameter.kind in ("words", "numbers"):
        session.fill(key, [str(one) for one in default or ()])
        offered = list(dict.fromkeys([*(str(one) for one in default or ()), *(session.value(key) or [])]))
        return tuple(st.multiselect(label, offered, accept_new_options=True, placeholder="Type and Enter", **more))
    if parameter.kind == "number":
        session.fill(key, default)
        return st.number_input(label, value=None, format="%0.10g", **more)
    session.fill(key, default or "")
    return st.text_input(label, **more)


def _columns(one: ReadyMade, parameter: Parameter, schemas: Schemas, label: str, more: dict) -> object:
    of = next(other for other in one.parameters if other.name == parameter.of)
    table = session.value(_key(one, of))
    offered = [
        name
        for name, kind in schemas.get(str(table), {}).items()
        if not parameter.types or type_kind(kind) in (*parameter.types, None)
    ]
    off = {"disabled": not offered, "placeholder": "Choose" if offered else "Choose the table first"}
    if parameter.kind == "column":
        if session.value(more["key"]) not in offered:
            session.keep(more["key"], None)
        return st.selectbox(label, offered, index=None, **off, **more)
    kept = [name for name in session.value(more["key"]) or [] if name in offered]
    session.keep(more["key"], kept)
    return tuple(st.multiselect(label, offered, **off, **more))
