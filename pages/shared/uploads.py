"""Uploaded files on their way from memory to disk."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import LoadError
from core.workspace.home import cache

DAY_SECONDS = 86_400


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


def kept(file: BinaryIO | None) -> Path:
    """Write an upload where a background job can read it later; return its path. What is older than a day goes.

    Raises
    ------
    LoadError
        When nothing was uploaded.
    """
    if file is None:
        raise LoadError("No file was chosen.", hint="Choose one and press the button again.")
    waiting = cache() / "uploads"
    waiting.mkdir(exist_ok=True)
    for folder in waiting.iterdir():
        if folder.stat().st_mtime < time.time() - DAY_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
    return write(file, Path(tempfile.mkdtemp(dir=waiting)))


def write(file: BinaryIO, folder: Path) -> Path:
    """Write an upload into a folder; return its path there."""
    path = folder / Path(str(file.name)).name
    file.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(file, target, 1 << 20)
    return path
