"""Damaged files through the loader, as a person would load them: a table or a sentence, and a project that holds."""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core import flow
from core.errors import TouchstoneError
from core.workspace import Project, home
from tests.benchmarks.figure import Figure
from tests.core.ingest.test_mutated import WRITERS, mutated

ROOT = Path(__file__).parents[2]
N_FILES = 1_000
MOST_SECONDS = 10.0
MOST_BYTES = 200_000
PROGRAM_AT_FAULT = "This is a fault of the program"


@dataclass
class Found:
    """What became of the files: how many are a table or a sentence, and every one that is neither."""

    tables: int = 0
    sentences: int = 0
    faults: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def figures() -> Iterator[Figure]:
    """Load 1,000 damaged files into one project."""
    with tempfile.TemporaryDirectory(prefix="touchstone-fuzz-") as folder:
        found = loaded(Path(folder), N_FILES)
    for line in (*found.faults, *found.slow, *found.changed):
        print(f"   {line}")
    neither = len(found.faults)
    yield Figure(
        f"damaged files of {len(WRITERS) + 1} kinds through the loader: tables, sentences, neither",
        f"{found.tables:,}, {found.sentences:,}, {neither}",
        "0 neither",
        neither == 0,
    )
    yield Figure("of these, longer than 10 s", str(len(found.slow)), "0", not found.slow)
    yield Figure("of these, a refused file that changed the project", str(len(found.changed)), "0", not found.changed)


def loaded(folder: Path, n_files: int, seed: int = 0) -> Found:
    """Damage files and load each; the home of projects is put into ``folder``."""
    os.environ["TOUCHSTONE_HOME"] = str(folder / "home")
    project = flow.create("Fuzz", "bench")
    found = Found()
    chance = random.Random(seed)
    originals = list(_originals(folder))
    for number in range(n_files):
        name, content = originals[number % len(originals)]
        path = folder / f"{number}-{name}"
        path.write_bytes(mutated(content, chance))
        _load(project, path, found)
        path.unlink(missing_ok=True)
    home.close_all()
    return found


def _originals(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents: texts of the samples and of ../shared/data where that is, and one of every kind."""
    texts = sorted((ROOT.parent / "shared/data").glob("*/csv*/*.csv"))
    texts += sorted((ROOT / "data/samples").glob("*/*.csv"))
    kinds = []
    for ending, write in WRITERS.items():
        path = folder / f"original.{ending}"
        write(path)
        kinds.append((path.name, path.read_bytes()))
    for number, path in enumerate(path for path in texts if path.stat().st_size > 1):
        yield path.name, path.read_bytes()[:MOST_BYTES]
        yield kinds[number % len(kinds)]


def _load(project: Project, path: Path, found: Found) -> None:
    before = _state(project)
    began = time.monotonic()
    try:
        flow.start_load(project, [flow.SourceFile(path, "fuzz")], "bench")
        view = flow.wait(project, "load")
        done, problem, hint = view.state == "done", view.problem, view.hint
    except TouchstoneError as error:
        done, problem, hint = False, error.problem, error.hint
    seconds = time.monotonic() - began
    if seconds > MOST_SECONDS:
        found.slow.append(f"{path.name}: {seconds:.0f} s")
    if done:
        found.tables += 1
    elif problem and hint and not hint.startswith(PROGRAM_AT_FAULT):
        found.sentences += 1
    else:
        found.faults.append(f"{path.name}: {problem}")
    if not done and _state(project) != before:
        found.changed.append(path.name)


def _state(project: Project) -> tuple[object, ...]:
    """What a refused file must not change: the current records, the tables, and what lies beside the project."""
    tables = project.cursor().execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    beside = sorted(path.name for path in project.path.parent.glob(f"{project.path.name}*") if ".wal" not in path.name)
    return dict(project.heads()), tables, beside
