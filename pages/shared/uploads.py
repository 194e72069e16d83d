"""Uploaded files on their way from memory to disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import LoadError


@contextmanager
def on_disk(file: BinaryIO | None) -> Iterator[Path]:
    """Hold an upload as a file, under its own name, for as long as it is read.

    Raises
    ------
    LoadError
        When nothing was uploaded.
    """
    if file is None:
        raise LoadError("No file was chosen.", hint="Choose one and press the button again.")
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        yield write(file, Path(folder))


def write(file: BinaryIO, folder: Path) -> Path:
    """Write an upload into a folder; return its path there."""
    path = folder / Path(str(file.name)).name
    file.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(file, target, 1 << 20)
    return path
