"""Reads a file's bytes in a thread beside the one that loads it: for its sha256, and for signs of odd numbers."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

_CHUNK = 1 << 18
_BEFORE = 4
"""Bytes of the chunk before that a sign can begin in."""


class Beside:
    """Work over a file's bytes in a thread of its own; numpy and hashlib let the others run.

    Parameters
    ----------
    work : what is done; it is given a function that says whether to stop.
    """

    def __init__(self, work: Callable[[Callable[[], bool]], object]) -> None:
        """Begin at once."""
        self._stop = threading.Event()
        self._work = work
        self._found: object = None
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="beside-load", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = self._work(self._stop.is_set)
        except OSError as error:
            self._failure = error

    def result(self) -> object:
        """Wait until it is done and return what it found.

        Raises
        ------
        OSError
            When the file could not be read.
        """
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._found

    def stop(self) -> None:
        """Let it end soon, and wait for that."""
        self._stop.set()
        self._thread.join()


def digest(path: Path, stopped: Callable[[], bool]) -> str:
    """Return the sha256 of a file's bytes, as hexadecimal digits; "" when it was stopped."""
    found, buffer = hashlib.sha256(), bytearray(1 << 20)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while n := file.readinto(buffer):
            found.update(view[:n])
            if stopped():
                return ""
    return found.hexdigest()


def has_odd_numbers(path: Path, delimiter: str, quote: str, stopped: Callable[[], bool]) -> bool:
    """Say whether a text may hold a number that DuckDB's cast to DOUBLE reads and that is better left a text.

    That is one with a zero before its first digit (007), with underscores between digits (1_000) or with two signs
    (+-5): a value that begins with a zero and a digit, after a minus or not; a value that begins with a plus or a
    blank; an underscore between two digits. Of a text without any of them, no column needs to be looked at value by
    value.

    Parameters
    ----------
    delimiter, quote : one byte each; ``quote`` may be "".
    """
    buffer = bytearray(_CHUNK + _BEFORE)
    buffer[:_BEFORE] = b"\n" * _BEFORE
    view, whole = memoryview(buffer), np.frombuffer(buffer, np.uint8)
    with path.open("rb", buffering=0) as file:
        while n := file.readinto(view[_BEFORE:]):
            if _is_odd(whole[: n + _BEFORE], buffer, ord(delimiter), quote):
                return True
            buffer[:_BEFORE] = bytes(buffer[n : n + _BEFORE])
            if stopped():
                return True
    return False


def _is_odd(text: np.ndarray, buffer: bytearray, delimiter: int, quote: str) -> bool:
    """Look for the signs in one chunk; which signs need no looking is asked of the bytes at once."""
    zero_or_more = text - np.uint8(48)
    digit = zero_or_more < 10
    begins = (text == delimiter) | (text == 10)
    for mark in {13, ord(quote) if quote else 13}:
        if mark in buffer:
            begins |= text == mark
    coded = (zero_or_more[:-1] == 0) & digit[1:]
    if (begins[:-2] & coded[1:]).any():
        return True
    if 45 in buffer and (begins[:-3] & (text[1:-2] == 45) & coded[2:]).any():
        return True
    for sign in (43, 32, 9, 11, 12):
        if sign != delimiter and sign in buffer and (begins[:-1] & (text[1:] == sign)).any():
            return True
    return 95 in buffer and bool(((text[1:-1] == 95) & digit[:-2] & digit[2:]).any())
