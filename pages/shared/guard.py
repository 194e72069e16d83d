"""The error box: what a person can put right is shown as a sentence and a way out, and the rest of the page stays."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import streamlit as st

from core.errors import TouchstoneError
from pages.shared import session
from pages.shared.figures import literal

P = ParamSpec("P")
R = TypeVar("R")

LEFTOVER = "guard.leftover"


@contextmanager
def shown() -> Iterator[None]:
    """Show an error that a person can act on in place of what raised it; bugs pass through."""
    try:
        yield
    except TouchstoneError as error:
        problem(error.problem, error.hint)


def problem(text: str, hint: str = "") -> None:
    """Show what is wrong and the way out."""
    st.error(literal(hint) or literal(text), title=literal(text) if hint else None, icon=":material/error:")


def fragment(function: Callable[P, None]) -> Callable[P, None]:
    """Make a part of a page that reruns alone; a fragment reruns without app.py around it, so it brings its own box."""

    @st.fragment
    @functools.wraps(function)
    def boxed(*args: P.args, **kwargs: P.kwargs) -> None:
        with shown():
            function(*args, **kwargs)

    return boxed


def action(function: Callable[P, object]) -> Callable[P, None]:
    """Make a callback for a button or widget; what it raises is shown at the top of the page that follows."""

    @functools.wraps(function)
    def boxed(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except TouchstoneError as error:
            session.keep(LEFTOVER, (error.problem, error.hint))

    return boxed


def leftover() -> None:
    """Show what went wrong in a callback, once."""
    found = session.value(LEFTOVER)
    if found:
        session.drop(LEFTOVER)
        problem(*found)
