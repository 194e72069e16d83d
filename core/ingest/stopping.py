"""Lets whoever reads in a thread of its own be stopped where no query runs that could be interrupted.

Reading a row or a chunk after another in Python asks ``check`` now and then; outside of ``until`` it never stops.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _never() -> None:
    return None


_CHECK: ContextVar[Callable[[], None]] = ContextVar("check", default=_never)


@contextmanager
def until(asked: Callable[[], None]) -> Iterator[None]:
    """Let ``check`` ask this, in this thread, which raises when a person asked to stop."""
    token = _CHECK.set(asked)
    try:
        yield
    finally:
        _CHECK.reset(token)


def check() -> None:
    """Raise what ``until`` was given raises when a person asked to stop.

    Raises
    ------
    CancelledError
        When a person asked to stop.
    """
    _CHECK.get()()
