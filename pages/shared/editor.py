"""The SQL editor: line numbers, completion and the line at fault, as a component of our own; see DECISIONS.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

FILES = Path(__file__).parent / "sqleditor"


def _text(*names: str) -> str:
    return "\n".join((FILES / name).read_text(encoding="utf-8") for name in names)


_EDITOR = st.components.v2.component(
    "touchstone_sql_editor",
    html=_text("sqleditor.html"),
    css=_text("sqleditor.css"),
    js=_text("words.js", "sqleditor.js"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a statement.

    Attributes
    ----------
    problem, hint : sentences.
    line, column : where, from 1; 0 where the place is not known.
    """

    problem: str
    hint: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or step that a statement may read.

    Attributes
    ----------
    kind : "table" or "step".
    columns : (name, type) of each column.
    """

    name: str
    kind: str
    columns: tuple[tuple[str, str], ...]


def sql(
    label: str,
    text: str,
    *,
    key: str,
    epoch: str,
    fault: Fault | None = None,
    vocabulary: tuple[Sequence[Relation], Mapping[str, str]] = ((), {}),
    on_edit: tuple[Callable[[], None], Callable[[], None]],
) -> None:
    """Draw the editor; what is typed is in ``session.value(key)["edit"]``, a dict of ``text`` and ``epoch``.

    Parameters
    ----------
    label : its name for those who hear it.
    text : shown when ``epoch`` is not the one that the browser has: what is being typed is never overwritten.
    epoch : says which filling of the editor this is; another one puts ``text`` in place of what stands there.
    vocabulary : what may be read, and functions: their names between blanks, by what they are ("aggregate", …).
    on_edit : called when typing paused or the editor was left, and on Control and Enter.
    """
    relations, functions = vocabulary
    said = {"problem": fault.problem, "hint": fault.hint, "line": fault.line, "column": fault.column} if fault else None
    tables = [{"name": one.name, "kind": one.kind, "columns": one.columns} for one in relations]
    edited, run = on_edit
    _EDITOR(
        key=key,
        data={
            "label": label,
            "text": text,
            "epoch": epoch,
            "fault": said,
            "vocabulary": {"tables": tables, "functions": dict(functions)},
        },
        on_edit_change=edited,
        on_run_change=run,
    )
