"""Widgets bound to the fields of one record: filled from it, saved on every change, aware of who else saves."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from core import flow
from core.errors import ConflictError
from core.workspace import Project
from pages.shared import guard, session
from pages.shared.figures import literal

R = TypeVar("R")
Apply = Callable[[Any, Any], Any]


class Form:
    """One record on a page.

    A half-filled form is a record as well: each change saves one, so it survives leaving, reloading and another tab.
    When somebody else saved in the meantime, their version is shown and what was typed here is offered beside it.

    Parameters
    ----------
    page : the page's name, with which each widget's key begins.
    kind : the record's kind.
    record : the record as it stands.
    save : as ``flow.save_decision``.
    """

    def __init__(self, project: Project, page: str, kind: str, record: object, save: Callable[..., None]) -> None:
        """Fill the widgets afresh when the record is not the one they were filled from."""
        self._project, self._page, self._kind, self._record, self._save = project, page, kind, record, save
        head = flow.head_digest(project, kind) or ""
        self._refill = session.value(self._seen) != head
        session.keep(self._seen, head)
        with st.container():
            self._offer()

    def text(
        self, field: str, label: str, *, area: bool = False, key: str = "", apply: Apply | None = None, **more: object
    ) -> str:
        """Draw a line or an area of text."""
        draw = st.text_area if area else st.text_input
        return draw(label, **self._bound(field, label, lambda held: held or "", str, key, apply), **more)

    def number(
        self, field: str, label: str, *, key: str = "", apply: Apply | None = None, **more: object
    ) -> float | None:
        """Draw a number; without ``apply`` an emptied one is 0; ``held`` is its value where the field is not it."""
        kind = int if more.pop("whole", False) else float
        more = {"step": kind(1), "format": None if kind is int else "%0.10g"} | more
        found = more.pop("held") if "held" in more else self._held(field)
        bound = self._bound(
            field, label, lambda _: None if found is None else kind(found), _read(kind, apply), key, apply
        )
        return st.number_input(label, value=None, **bound, **more)

    def choice(
        self,
        field: str,
        label: str,
        options: dict[str, str],
        *,
        write: Callable | None = None,
        apply: Apply | None = None,
        **more: object,
    ) -> str:
        """Draw a few options side by side: the value of each and its word."""
        shown = write or (lambda held: held if held in options else None)
        bound = self._bound(field, label, shown, lambda value: value or "", str(more.pop("key", "")), apply)
        return st.segmented_control(label, list(options), format_func=options.get, **bound, **more) or ""

    def column(
        self,
        field: str,
        label: str,
        columns: Sequence[str],
        *,
        key: str = "",
        apply: Apply | None = None,
        **more: object,
    ) -> str:
        """Draw a choice of one column, or of none; a column that is no more stays visible."""
        held = self._held(field)
        options = list(dict.fromkeys([*columns, held] if held else columns))
        bound = self._bound(field, label, lambda held: held or None, lambda value: value or "", key, apply)
        more = {"placeholder": "No column chosen" if options else "Named after Prepare"} | more
        return st.selectbox(label, options, index=None, disabled=not options, **bound, **more) or ""

    def columns(self, field: str, label: str, columns: Sequence[str], **more: object) -> list[str]:
        """Draw a choice of several columns."""
        options = list(dict.fromkeys([*columns, *(self._held(field) or ())]))
        return st.multiselect(label, options, disabled=not options, **self._bound(field, label, list, tuple), **more)

    def day(self, field: str, label: str, **more: object) -> None:
        """Draw a date, kept as ISO text."""
        write, read = (
            (lambda held: date.fromisoformat(held) if held else None),
            (lambda day: day.isoformat() if day else ""),
        )
        st.date_input(label, value=None, format="YYYY-MM-DD", **self._bound(field, label, write, read), **more)

    @property
    def _seen(self) -> str:
        return f"form.{self._project.slug}.{self._kind}"

    def _held(self, field: str) -> object:
        found = self._record
        for part in field.split("."):
            found = getattr(found, part, None)
        return found

    def _bound(
        self, field: str, label: str, write: Callable, read: Callable, key: str = "", apply: Apply | None = None
    ) -> dict:
        key = f"{self._page}.{key or field.split('.')[-1]}"
        held = self._held(field)
        if self._refill:
            session.keep(key, write(held))
        else:
            session.fill(key, write(held))
        change = apply or (lambda record, value: _placed(record, field.split("."), value))
        return {
            "key": key,
            "persist_state": "session",
            "on_change": guard.action(self._changed),
            "args": (key, label, read, change),
        }

    def _changed(self, key: str, label: str, read: Callable, change: Apply) -> None:
        mine = session.value(key)
        record = change(getattr(flow.frame(self._project), self._kind), read(mine))
        try:
            self._save(self._project, record, session.author(), session.value(self._seen) or None)
        except ConflictError:
            session.keep(f"{self._seen}.mine", (key, label, mine))
            raise
        session.drop(f"{self._seen}.mine")
        session.keep(self._seen, flow.head_digest(self._project, self._kind) or "")

    def _offer(self) -> None:
        """Show what was typed here while somebody else saved, beside what they saved."""
        mine = session.value(f"{self._seen}.mine")
        if not mine:
            return
        key, label, value = mine
        with st.container(border=True):
            st.markdown(f"**You typed for “{literal(label)}”:** {literal(value)}")
            st.caption("Below is what they saved. Type yours again to replace it, or keep theirs.")
            st.button("Keep theirs", key=f"{key}_theirs", on_click=session.drop, args=(f"{self._seen}.mine",))


def _read(kind: type, apply: Apply | None) -> Callable:
    """Return how a number is read from its widget: one that was emptied is 0, or None where that means something."""
    return lambda value: (None if apply else kind(0)) if value is None else kind(value)


def _placed(record: R, path: Sequence[str], value: object) -> R:
    """Return the record with one field, however deep, replaced."""
    head, *rest = path
    return replace(record, **{head: _placed(getattr(record, head), rest, value) if rest else value})
