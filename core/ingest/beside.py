"""Reads a file's bytes in a thread beside the one that loads it: for its sha256, and for signs of odd numbers."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

_CHUNK = 1 << 18
_BEFORE = 4
"""Bytes of the chunk before that a sign can begin in."""


Found = TypeVar("Found")


class Beside(Generic[Found]):
    """Work over a file's bytes in a thread of its own; numpy and hashlib let the others run.

    Parameters
    ----------
    work : what is done; it is given a function that says whether to stop.
    """

    def __init__(self, work: Callable[[Callable[[], bool]], Found]) -> None:
        """Begin at once."""
        self._stop = threading.Event()
        self._work = work
        self._found: Found | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="beside-load", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = self._work(self._stop.is_set)
        except OSError as error:
            self._failure = error

    def result(self) -> Found:
        """Wait until it is done and return what it found.

        Raises
        ------
        OSError
            When the file could not be read.
        """
        self._thread.join()
        if self._failure is not None or self._found is None:
            raise self._failure or OSError("it was stopped")
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


def chunks(path: Path, stopped: Callable[[], bool]) -> Iterator[bytes]:
    """Yield a file's bytes in pieces, until it is stopped."""
    with path.open("rb", buffering=0) as file:
        while not stopped() and (piece := file.read(_CHUNK)):
            yield piece


class Glance:
    """Looks over a text, piece by piece, for what DuckDB's reader does not say.

    Odd numbers are those that its cast to DOUBLE reads and that are better left a text: with a zero before the first
    digit (007), with underscores between digits (1_000) or with two signs (+-5). The signs of them: a value that
    begins with a zero and a digit, after a minus or not; one that begins with a plus or a blank; an underscore between
    two digits. Of a text without any of them, no column needs to be looked at value by value.

    Parameters
    ----------
    delimiter, quote : one byte each; ``quote`` may be "".
    wants_odd : whether numbers are looked at.

    Attributes
    ----------
    is_odd : whether there may be odd numbers.
    n_trailing : the lines that end in a delimiter, or in an empty quoted value after one.
    """

    def __init__(self, delimiter: str, quote: str, wants_odd: bool) -> None:
        """Begin as after a line end."""
        self._delimiter, self._quote = ord(delimiter), ord(quote) if quote else 13
        self._before = b"\n" * _BEFORE
        self._is_looking = wants_odd
        self.is_odd = False
        self.n_trailing = 0

    def add(self, piece: bytes) -> None:
        """Look at the next bytes of the text."""
        joined = self._before + piece
        self._before = joined[-_BEFORE:]
        text = np.frombuffer(joined, np.uint8)
        delimiters, ends = text == self._delimiter, text == 10
        begins = delimiters | ends
        if 13 in joined:
            ends = ends | (text == 13)
            begins |= ends
        new = _BEFORE - 1
        self.n_trailing += int(np.count_nonzero(delimiters[new:-1] & ends[new + 1 :]))
        if self._quote != 13 and self._quote in joined:
            quotes = text == self._quote
            begins |= quotes
            self.n_trailing += int(np.count_nonzero(delimiters[1:-3] & quotes[2:-2] & quotes[3:-1] & ends[4:]))
        if self._is_looking and not self.is_odd:
            self.is_odd = self._is_odd(joined, text, begins)

    def end(self) -> None:
        """Count the last line where it has no end."""
        last = chr(self._delimiter).encode()
        self.n_trailing += self._before.endswith((last, last + chr(self._quote).encode() * 2))

    def _is_odd(self, joined: bytes, text: np.ndarray, begins: np.ndarray) -> bool:
        """Look for the signs; which of them need no looking is asked of the bytes at once."""
        above = text - np.uint8(48)
        digits = above < 10
        coded = (above[:-1] == 0) & digits[1:]
        if (begins[:-2] & coded[1:]).any():
            return True
        if 45 in joined and (begins[:-3] & (text[1:-2] == 45) & coded[2:]).any():
            return True
        for sign in (43, 32, 9, 11, 12):
            if sign != self._delimiter and sign in joined and (begins[:-1] & (text[1:] == sign)).any():
                return True
        return 95 in joined and bool(((text[1:-1] == 95) & digits[:-2] & digits[2:]).any())
